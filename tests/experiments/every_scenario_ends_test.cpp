// Whatever is done to a shipped design, in the end all is well again: scripts of any verbs on any targets, at random
// times. What stays broken with nobody at work on it is a mechanism that forgot somebody.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "experiments/loader/topology_file.hpp"
#include "models/faults/scenario.hpp"
#include "models/health.hpp"
#include "models/selector.hpp"
#include "models/world.hpp"
#include "tests/experiments/ends.hpp"
#include "tests/models/dice.hpp"

namespace every_scenario_ends_test {

using namespace nines;
using experiments::testing::for_designs;
using experiments::testing::that_ends;
using models::Action;
using models::Option;
using models::Verb;
using models::testing::Dice;

namespace {

constexpr sim::Time origin = sim::Time::from_count(600'000'000'000);
/// After the last action, and what it began, nothing has ended anything for so long.
constexpr sim::Duration patience = sim::Duration::seconds(60LL * 24 * 3600);
constexpr std::uint64_t most_events = 3'000'000;

/// Some names for each verb that can do something to them.
std::map<Verb, std::vector<std::string>> targets_of(const models::Plan& plan) {
  std::vector<std::string> names{"region", "control-plane"};
  for (const std::string& name : plan.components) names.push_back(name);
  std::map<Verb, std::vector<std::string>> targets;
  Dice dice(0);
  for (const models::VerbInfo& info : models::verbs) {
    constexpr int tries = 400;
    constexpr std::size_t enough = 40;
    std::set<std::string> found;
    for (int i = 0; i < tries && found.size() < enough; ++i) {
      Action action;
      action.verb = info.verb;
      action.target = dice.pick(names);
      if (info.takes.has(Option::from)) action.from = dice.pick(names);
      if (!models::check_target(plan, action)) found.insert(action.target);
    }
    if (!found.empty()) targets[info.verb].assign(found.begin(), found.end());
  }
  return targets;
}

/// A second, a minute, an hour, some hours, or between.
sim::Duration some_time(Dice& dice) { return sim::Duration::from_seconds(std::pow(10.0, 4.3 * dice.uniform())); }

void draw_options(const models::Plan& plan, const std::vector<std::string>& others, Action& action, Dice& dice) {
  const models::VerbInfo& info = models::verb_info(action.verb);
  if (info.takes.has(Option::duration)) action.duration = some_time(dice);
  if (info.takes.has(Option::from)) action.from = dice.pick(others);
  if (info.takes.has(Option::one_way)) action.one_way = dice.uniform() < 0.3;
  if (info.takes.has(Option::extent) && dice.uniform() < 0.5) action.extent = 0.5;
  if (info.takes.has(Option::factor)) action.factor = 0.3 + 2 * dice.uniform();
  if (info.takes.has(Option::share) && dice.uniform() < 0.5) action.share = 0.3;
  if (info.takes.has(Option::loss) && dice.uniform() < 0.5) action.loss = 0.1;
  if (!info.takes.has(Option::variant) || dice.uniform() < 0.3) return;
  std::vector<models::Variant> variants;
  for (const models::VariantInfo& variant : models::verb_variants) {
    if (variant.verb == action.verb) variants.push_back(variant.variant);
  }
  action.variant = dice.pick(variants);
  if (models::check_target(plan, action) || models::check_options(action)) action.variant = models::Variant::drawn;
}

std::vector<Action> script(const models::Plan& plan, const std::map<Verb, std::vector<std::string>>& targets,
                           Dice& dice) {
  std::vector<Verb> verbs;
  for (const auto& [verb, names] : targets) {
    if (verb != Verb::process_continue && verb != Verb::heal) verbs.push_back(verb);
  }
  std::vector<Action> actions;
  sim::Duration at;
  for (std::size_t steps = 2 + dice.below(3); steps > 0; --steps) {
    Action action;
    action.verb = dice.pick(verbs);
    action.target = dice.pick(targets.at(action.verb));
    action.at = at;
    draw_options(plan, targets.at(action.verb), action, dice);
    at = at + some_time(dice);
    if (models::check_options(action) || models::check_target(plan, action)) continue;
    actions.push_back(action);
    if (action.verb != Verb::process_stop) continue;
    Action go_on;
    go_on.verb = Verb::process_continue;
    go_on.target = action.target;
    go_on.at = action.at + some_time(dice);
    actions.push_back(go_on);
  }
  std::stable_sort(actions.begin(), actions.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
  return actions;
}

std::string text(const std::vector<Action>& actions) {
  std::string text;
  for (const Action& action : actions) {
    text += fmt::format(R"({}{{"at_s": {}, "do": "{}", "target": "{}")", text.empty() ? "" : ", ",
                        action.at.to_seconds(), models::verb_info(action.verb).name, action.target);
    if (!action.from.empty()) text += fmt::format(R"(, "from": "{}")", action.from);
    if (action.one_way) text += R"(, "one_way": true)";
    if (action.duration) text += fmt::format(R"(, "duration_s": {})", action.duration->to_seconds());
    if (action.extent) text += fmt::format(R"(, "extent": {})", *action.extent);
    if (action.factor) text += fmt::format(R"(, "factor": {})", *action.factor);
    if (action.variant != models::Variant::drawn) {
      text += fmt::format(R"(, "variant": "{}")", models::variant_name(action.variant));
    }
    text += "}";
  }
  return "{\"actions\": [" + text + "]}";
}

/// Plays it until all is well; false if it never is.
bool ends(const models::World& resting, models::World& world, const std::vector<Action>& actions, std::uint64_t run) {
  models::reset_world(world, resting, run);
  models::faults::schedule_actions(world, actions, origin);
  sim::Time limit = origin + (actions.empty() ? sim::Duration() : actions.back().at) + patience;
  while (world.events < most_events) {
    const bool settled = world.faults.actions_left == 0 && world.queue.next_time() != world.now;
    if (settled && healthy(world)) return true;
    if (!models::step(world, limit)) return false;
  }
  return false;
}

int unended(const std::filesystem::path& file, std::uint64_t scripts) {
  const loader::LoadedTopology loaded = that_ends(file);
  const models::Plan plan = models::build_plan(loaded.topology, 1);
  const auto targets = targets_of(plan);
  if (targets.empty()) return 0;
  const models::World resting = models::resting_world(plan);
  models::World world;
  int found = 0;
  const char* first = std::getenv("NINES_ENDS_FROM");
  const std::uint64_t from = first != nullptr ? std::stoul(first) : 0;
  for (std::uint64_t run = from; run < from + scripts; ++run) {
    Dice dice(run + 1);
    const std::vector<Action> actions = script(plan, targets, dice);
    if (models::check_together(plan, actions) || ends(resting, world, actions, run)) continue;
    ++found;
    WARN(file.stem() << " --run " << run << ": " << text(actions));
  }
  return found;
}

void check_all(std::uint64_t scripts) {
  // Scripts among hundreds of machines take seconds each.
  const auto small = [](const std::string& design) { return !design.starts_with("fleet-"); };
  for_designs(scripts, small,
              [](const std::filesystem::path& file, std::uint64_t count) { CHECK(unended(file, count) == 0); });
}

}  // namespace

TEST_CASE("whatever is done to a shipped design, all is well in the end", "[replay][ends]") { check_all(10); }

TEST_CASE("the same of hundreds of scripts a design", "[replay][ends][slow]") { check_all(400); }

}  // namespace every_scenario_ends_test
