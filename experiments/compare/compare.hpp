// Designs compared under the same faults: what differs, by how much, how surely, and which faults make the difference.
//
// Every design plays the same blocks of incidents (joint_sampling.hpp). A difference is estimated block by block, so
// what designs have in common cancels; samples go where the difference comes from.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiments/estimate/assess.hpp"
#include "sim/batched_ratio.hpp"

namespace nines::experiments {

struct CompareOptions {
  /// Done when the 95 % half-width of every difference of the target SLI's unavailability is below this share of it ...
  double precision = 0.1;
  /// ... or below this share of the first design's unavailability: then nothing is left to tell.
  double resolution = 0.01;
  std::string target;  ///< "service/sli"; all designs have it
  Forcing forcing = Forcing::balanced;
  std::uint64_t max_incidents = 2'000'000;  ///< played at most, all designs together, planning included
  double risk = 0.05;
  std::size_t threads = 1;
  bool independent = false;  ///< other faults for every design: to show what pairing is worth
  std::function<void(std::uint64_t incidents, double half_width)> progress;
};

/// A figure of a design minus that of the first.
struct Delta {
  double value = 0;
  sim::Interval ci95;
  /// Which side of 0 the truth is on, as far as the interval tells.
  [[nodiscard]] bool told() const { return ci95.lower > 0 || ci95.upper < 0; }
};

struct SliDelta {
  std::string service;
  std::string sli;
  Delta downtime_minutes_per_year;
  Delta outages_per_year;
  std::optional<Delta> mean_outage_s;  ///< absent where one of the two had no outage
  Delta losses_per_year;               ///< incidents that lose acknowledged records
  Delta records_lost_per_year;
};

/// What one kind of fault does to the target SLI, as the fault that begins an incident.
struct FaultDelta {
  std::string fault;
  double rate_first = 0;  ///< a year
  double rate_this = 0;
  double minutes_first = 0;  ///< of downtime a year
  double minutes_this = 0;
  Delta minutes;
};

/// A design against the first.
struct Difference {
  std::vector<SliDelta> slis;      ///< of SLIs that both have
  Delta cost_usd_per_month;        ///< operators' hours on incidents included
  std::vector<FaultDelta> faults;  ///< by falling size
  double half_width = 0;           ///< of the target's unavailability, 95 %
  bool precise = false;
  /// How many times the incidents independent runs would take for the same interval.
  double saving = 1;
};

struct Comparison {
  std::vector<Assessment> designs;
  std::vector<Difference> differences;  ///< of the second design, the third, ... to the first
  std::uint64_t blocks = 0;
  std::uint64_t incidents = 0;  ///< planning aside
  std::uint64_t planning = 0;   ///< incidents played to plan them
  std::uint64_t events = 0;
};

/// REQUIRES: two designs or more, each with the target SLI; precision, resolution > 0. Throws std::invalid_argument
/// before anything is played if nothing can fail in a design, or if `max_incidents` are too few to tell anything.
Comparison compare(const std::vector<const models::Plan*>& designs, const CompareOptions& options);

}  // namespace nines::experiments
