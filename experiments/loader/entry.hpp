// One sourced value of a parameter: an entry of a profile, or what a topology or `--set` puts in its place.
#pragma once

#include <string>

#include "experiments/loader/parameters.hpp"
#include "experiments/loader/reader.hpp"

namespace nines::loader {

/// Shapes of laws that are taken.
inline constexpr double largest_sigma = 5;  ///< lognormal
inline constexpr double least_shape = 0.1;  ///< Weibull
inline constexpr double largest_shape = 100;
inline constexpr std::int64_t most_stages = 100;  ///< Erlang
inline constexpr std::size_t most_parts = 4;      ///< mixture
/// Events and component-years of a failure record.
inline constexpr double most_record = 1e9;

struct Entry {
  ParameterValue value;
  std::string law;     ///< name, of distributions
  std::string center;  ///< of a law: which of its numbers `number` is: "median", "mean", "rate", "scale", ...
  double number = 0;   ///< in `unit`
  double low = 0;      ///< plausible range of `number`
  double high = 0;
  std::string unit;
  std::string source;
  std::string origin;
};

/// `{"value": 9000, "unit": "ms", "range": [..], "source": ".."}` as a profile holds it: all four, and the value inside
/// its range. Booleans have no unit and no range.
bool read_profile_entry(const Value& value, const ParameterInfo& info, Entry& out);

/// The same from a topology: a plain quantity, or such an object in which only the value is required. What a profile's
/// range excludes by kind is an error: 0 where the range does not begin at 0, a share above 1.
bool read_override_entry(const Value& value, const ParameterInfo& info, const Entry& profile, Entry& out);

/// A number or law of a black box: like an override, but without a profile that says what makes sense. Of a `life` the
/// value is the Rate of an exponential law, and the Law of another. 0 is taken only if `zero_is_meant`; a ratio is at
/// most 1.
bool read_component_entry(const Value& value, const ParameterInfo& info, bool zero_is_meant, Entry& out);

/// A number in base units as a value of the dimension; of a law a constant.
ParameterValue number_of(Dimension dimension, double base);

/// What `center` of a law is now, in seconds; of "rate" the events per hour.
double center_of(const models::Law& law, std::string_view center);
/// The law with its center moved there, shape kept.
models::Law with_center(const models::Law& law, std::string_view center, double base);

/// "lognormal median 50 min sigma 1", "9000 ms", "true"
std::string entry_text(const ParameterInfo& info, const Entry& entry);

}  // namespace nines::loader
