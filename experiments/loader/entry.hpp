// One sourced value of a parameter: an entry of a profile, or what a topology or `--set` puts in its place.
#pragma once

#include <string>

#include "experiments/loader/parameters.hpp"
#include "experiments/loader/reader.hpp"

namespace nines::loader {

struct Entry {
  ParameterValue value;
  std::string law;    ///< name, of distributions
  double number = 0;  ///< in `unit`; of a law its median or mean
  double sigma = 0;   ///< of a lognormal law
  double low = 0;     ///< plausible range of `number`
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

/// The same value with `number` moved; a law keeps its shape.
ParameterValue with_number(const ParameterInfo& info, const Entry& entry, double number);

/// "lognormal median 50 min sigma 1", "9000 ms", "true"
std::string entry_text(const ParameterInfo& info, const Entry& entry);

}  // namespace nines::loader
