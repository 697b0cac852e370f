// Numbers of one unit of time in another, for figures that are plain numbers: hours of a life, minutes a year.
//
// Durations and rates have types of their own, which need none of these (time.hpp, models/units.hpp). A year has
// 365 days and a month is a twelfth of it.
#pragma once

namespace nines::sim {

inline constexpr double seconds_per_hour = 3600;
inline constexpr double minutes_per_hour = 60;
inline constexpr double hours_per_month = 730;
inline constexpr double hours_per_year = 8760;
inline constexpr double minutes_per_year = hours_per_year * minutes_per_hour;
inline constexpr double months_per_year = 12;

}  // namespace nines::sim
