// Random schedules of what happens to the processes of a service: kills, stops, partitions and orderly ends.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"

namespace nines::models::testing {

/// Faults begin within the share `begin` of a schedule's length and last up to the share `last` of it. Of them `kills`
/// and `stops` are shares; a tenth are orderly ends, the others partitions of two.
struct ProcessFaults {
  double begin;
  double last;
  double kills;
  double stops;
};

inline std::vector<Action> random_faults(Dice& dice, const std::vector<std::string>& processes, Duration length,
                                         int faults, const ProcessFaults& of) {
  constexpr double ends = 0.1;
  std::vector<Action> script;
  for (int i = 0; i < faults; ++i) {
    const Duration at = sim::scaled(length, of.begin * dice.uniform());
    const Duration lasts = sim::scaled(length, of.last * dice.uniform());
    const std::string target = dice.pick(processes);
    const double which = dice.uniform();
    if (which < of.kills) {
      script.push_back(action(at, Verb::process_kill, target));
    } else if (which < of.kills + of.stops) {
      script.push_back(action(at, Verb::process_stop, target));
      script.push_back(action(at + lasts, Verb::process_continue, target));
    } else if (which < 1 - ends) {
      const std::string other = dice.pick(processes);
      if (other != target) script.push_back(action(at, Verb::partition, target, lasts, other));
    } else {
      script.push_back(action(at, Verb::process_terminate, target));
    }
  }
  std::sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
  return script;
}

/// No two components are the subjects of events of that name with one `detail`, such as a term.
inline void check_one_subject_each(const World& world, std::string_view event) {
  std::map<std::int64_t, std::uint32_t> subjects;
  for (const sim::TraceRecord& record : world.trace.records()) {
    if (event_info(record.kind).name != event) continue;
    const auto [found, first] = subjects.emplace(record.detail, record.component);
    CHECK((first || found->second == record.component));
  }
}

}  // namespace nines::models::testing
