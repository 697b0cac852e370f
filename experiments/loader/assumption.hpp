// A number that an answer rests on, as people read it and as uncertainty moves it.
#pragma once

#include <string>

namespace nines::loader {

struct Entry;
struct ParameterInfo;

/// One sourced number that the simulation uses, with its value in effect.
struct Assumption {
  /// "process.crash.rate"; of instance types "instance-type/r8g.4xlarge/spot_reclaim", of black boxes
  /// "component/broker/failure", "crew/ops/inspection", "shock/all/rate"
  std::string key;
  std::string service;  ///< service of a broker or client parameter, "" of shared ones
  std::string client;   ///< client of a client parameter, else ""
  std::string
      law;  ///< "" for a number; "constant", "uniform", "exponential", "lognormal", "erlang", "weibull" or "mixture"
  std::string center;  ///< of a law: which of its numbers `value` is: "value", "mean", "median", "rate" or "scale"
  double value = 0;    ///< in `unit`; booleans 0 or 1
  double low = 0;      ///< plausible range of `value`; both equal `value` where the user fixed it
  double high = 0;
  std::string text;  ///< value and law for people: "lognormal median 50 min sigma 1"
  std::string unit;  ///< "s", "ms", "/yr", "1", "B", "MiB/s", "USD", ...; "" of a boolean
  bool boolean = false;
  bool whole = false;  ///< a count
  bool share = false;  ///< a part or probability: at most 1
  std::string meaning;
  std::string source;
  std::string origin;  ///< "profile kafka", "profile kafka (3.9)", "topology", "--set"
};

/// The entry as an assumption of its own: of no service, client or black box.
Assumption assumption_of(const ParameterInfo& info, const Entry& entry);

}  // namespace nines::loader
