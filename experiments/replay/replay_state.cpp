#include "experiments/replay/replay_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace nines::experiments {

using models::service::Shown;

namespace {

// ---- what a zone, machine, pod and volume are told to be in ----

std::uint8_t zone_state(const models::World& world, models::ZoneId zone) {
  for (const models::infrastructure::Outage& outage : world.infrastructure.outages) {
    if (outage.zone == zone) return outage.dark ? 2 : 1;
  }
  return 0;
}
constexpr std::string_view zone_words[] = {"up", "power partly lost", "without power"};

std::uint8_t machine_state(const models::World& world, models::NodeId node) {
  return static_cast<std::uint8_t>(world.infrastructure.nodes[node].life);
}
constexpr std::string_view machine_words[] = {"up",        "hangs",   "shutting down", "rebooting",
                                              "powerless", "booting", "lost",          "no machine"};

std::uint8_t pod_state(const models::World& world, models::ProcessId process) {
  return static_cast<std::uint8_t>(world.processes[process].status);
}
constexpr std::string_view pod_words[] = {"not running", "running", "stands still"};

std::uint8_t volume_state(const models::World& world, models::VolumeId volume) {
  return world.infrastructure.volumes[volume].lost ? 1 : 0;
}
constexpr std::string_view volume_words[] = {"whole", "lost"};

/// States of all of them, zones first; nothing where they are too many to be read after each event.
std::vector<std::uint8_t> platform_of(const models::World& world, std::size_t most) {
  const models::Plan& plan = *world.plan;
  std::vector<std::uint8_t> states;
  if (plan.nodes.size() + plan.processes.size() + plan.volumes.size() > most) return states;
  for (const models::ZoneId zone : plan.zones.ids()) states.push_back(zone_state(world, zone));
  for (const models::NodeId node : plan.nodes.ids()) states.push_back(machine_state(world, node));
  for (const models::ProcessId process : plan.processes.ids()) states.push_back(pod_state(world, process));
  for (const models::VolumeId volume : plan.volumes.ids()) states.push_back(volume_state(world, volume));
  return states;
}

/// What stands at a place of `platform_of`.
struct Place {
  std::string_view kind;
  models::ComponentId component = 0;
  models::ZoneId zone;
  std::span<const std::string_view> words;
};

Place place_of(const models::Plan& plan, std::size_t at) {
  if (at < plan.zones.size()) {
    const models::ZoneId zone{static_cast<decltype(models::ZoneId::value)>(at)};
    return {"zone", plan.zones[zone].component, zone, zone_words};
  }
  at -= plan.zones.size();
  if (at < plan.nodes.size()) {
    const models::NodeId node{static_cast<decltype(models::NodeId::value)>(at)};
    return {"machine", plan.nodes[node].component, plan.nodes[node].zone, machine_words};
  }
  at -= plan.nodes.size();
  if (at < plan.processes.size()) {
    const models::ProcessId process{static_cast<decltype(models::ProcessId::value)>(at)};
    return {"pod", plan.processes[process].component, plan.nodes[plan.processes[process].node].zone, pod_words};
  }
  at -= plan.processes.size();
  const models::VolumeId volume{static_cast<decltype(models::VolumeId::value)>(at)};
  return {"volume", plan.volumes[volume].component, plan.volumes[volume].zone, volume_words};
}

}  // namespace

StateWatch::StateWatch(const models::World& world)
    : platform_(platform_of(world, most_watched)),
      last_(read(world)),
      seen_(world.trace.first_id() + static_cast<sim::CauseId>(world.trace.records().size())) {}

std::vector<std::vector<Shown>> StateWatch::read(const models::World& world) {
  std::vector<std::vector<Shown>> services;
  for (const models::ServiceId service : world.plan->services.ids()) {
    world.plan->services[service].kind->show(world, service, services.emplace_back());
  }
  return services;
}

void StateWatch::look(const models::World& world) {
  const models::Plan& plan = *world.plan;
  std::vector<std::vector<Shown>> now = read(world);
  for (const models::ServiceId service : plan.services.ids()) {
    const std::vector<Shown>& before = last_[service.value];
    const std::vector<Shown>& after = now[service.value];
    for (std::size_t at = 0; at < after.size(); ++at) {
      if (before[at].value == after[at].value) continue;
      const auto text = [&](const Shown& shown) {
        return plan.services[service].kind->shown_text(plan, service, shown);
      };
      put(world, after[at].about,
          {std::string(plan.name(after[at].name)), std::string(after[at].what), text(before[at]), text(after[at]),
           after[at].internal});
    }
  }
  last_ = std::move(now);
  look_at_platform(world);
  seen_ = world.trace.first_id() + static_cast<sim::CauseId>(world.trace.records().size());
}

sim::CauseId StateWatch::record_about(const models::World& world, models::ComponentId component) const {
  const auto& records = world.trace.records();
  if (records.empty()) return sim::no_cause;
  const sim::CauseId first = world.trace.first_id();
  const sim::CauseId newest = first + static_cast<sim::CauseId>(records.size() - 1);
  // The event of this look comes first among its records.
  sim::CauseId about = std::clamp(seen_, first, newest);
  for (sim::CauseId id = about; id <= newest; ++id) {
    if (world.trace.at(id).component == component) about = id;
  }
  return about;
}

void StateWatch::put(const models::World& world, models::ComponentId component, StateChange change) {
  const sim::CauseId about = record_about(world, component);
  if (about != sim::no_cause) changes_[about].push_back(std::move(change));
}

void StateWatch::look_at_platform(const models::World& world) {
  if (platform_.empty()) return;
  const std::vector<std::uint8_t> now = platform_of(world, most_watched);
  for (std::size_t at = 0; at < now.size(); ++at) {
    if (now[at] == platform_[at]) continue;
    const Place place = place_of(*world.plan, at);
    platform_turns_[at].push_back({world.now, record_about(world, place.component),
                                   std::string(place.words[platform_[at]]), std::string(place.words[now[at]])});
  }
  platform_ = now;
}

StateWatch::ServiceTurns StateWatch::service_turns(const models::World& world) const {
  std::vector<sim::CauseId> records;
  for (const auto& [record, changes] : changes_) records.push_back(record);
  std::sort(records.begin(), records.end());
  ServiceTurns turns;
  for (const sim::CauseId record : records) {
    for (const StateChange& change : changes_.at(record)) {
      if (change.internal) continue;
      turns[{change.what, change.component}].push_back(
          {world.trace.at(record).at, record, change.before, change.after});
    }
  }
  return turns;
}

std::vector<Lane> StateWatch::lanes(const models::World& world, sim::Time end) const {
  const auto spans_of = [&](const std::vector<Turn>& turns) {
    std::vector<LaneSpan> spans{{sim::Time::zero(), end, turns.front().before, sim::no_cause}};
    for (const Turn& turn : turns) {
      spans.back().to = turn.at;
      spans.push_back({turn.at, end, turn.after, turn.record});
    }
    return spans;
  };
  std::vector<Lane> lanes;
  for (const auto& [at, turns] : platform_turns_) {
    const Place place = place_of(*world.plan, at);
    const bool has_zone = place.zone.exists() && place.kind != "zone";
    lanes.push_back({std::string(place.kind), std::string(world.plan->name(place.component)),
                     has_zone ? std::string(world.plan->name(world.plan->zones[place.zone].component)) : "",
                     spans_of(turns)});
  }
  for (const auto& [key, turns] : service_turns(world)) lanes.push_back({key.first, key.second, "", spans_of(turns)});
  return lanes;
}

const std::vector<StateChange>& StateWatch::changes(sim::CauseId record) const {
  static const std::vector<StateChange> none;
  const auto found = changes_.find(record);
  return found == changes_.end() ? none : found->second;
}

}  // namespace nines::experiments
