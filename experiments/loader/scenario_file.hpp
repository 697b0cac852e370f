// Scenario files: what is done to a topology, and what is expected to come of it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "experiments/loader/document.hpp"
#include "models/scenario.hpp"

namespace nines::loader {

/// Closed interval; a missing end is open. At least one is given.
struct Bounds {
  std::optional<double> min;
  std::optional<double> max;
  [[nodiscard]] bool holds(double value) const { return !(min && value < *min) && !(max && value > *max); }
};

/// An SLI by "service/sli", as results name it.
struct SliName {
  std::string service;
  std::string sli;
};

/// Total downtime of an SLI in a run.
struct OutageExpectation {
  SliName sli;
  Bounds outage_s;
};
/// Number of outages of an SLI in a run.
struct CountExpectation {
  SliName sli;
  Bounds count;
};
/// Time of the first occurrence of a milestone, from the first action. A run without it does not satisfy this.
struct MilestoneExpectation {
  std::string milestone;
  Bounds at_s;
};
/// The milestone does not occur.
struct AbsentExpectation {
  std::string milestone;
};
/// First occurrences come in this order, and all occur.
struct OrderExpectation {
  std::vector<std::string> milestones;
};
/// Acknowledged records of a service that were lost.
struct DataLossExpectation {
  std::string service;
  Bounds records;
};

struct Expectation {
  std::string text;     ///< in words, as results print it
  double fraction = 1;  ///< share of runs that must satisfy it
  std::variant<OutageExpectation, CountExpectation, MilestoneExpectation, AbsentExpectation, OrderExpectation,
               DataLossExpectation>
      check;
};

struct Scenario {
  std::string name;
  std::string title;
  std::vector<models::Action> actions;  ///< sorted by time; the first at 0
  std::optional<models::Duration> until;
  std::vector<Expectation> expectations;
  std::string hash;  ///< of the document
};

/// Reads and checks a scenario file. Whether targets exist depends on the topology and is not checked here.
/// Throws InputError with all problems found.
Scenario load_scenario(const std::string& path, std::span<const Override> sets = {});
Scenario load_scenario_text(const std::string& file, std::string_view text, std::span<const Override> sets = {});

}  // namespace nines::loader
