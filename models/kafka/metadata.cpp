#include "models/kafka/metadata.hpp"

#include <algorithm>

#include "models/kafka/client.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/control.hpp"
#include "models/kafka/dirty_groups.hpp"
#include "models/kafka/inputs.hpp"
#include "models/kafka/partition.hpp"
#include "models/kafka/preferred_leader.hpp"
#include "models/kafka/quorum.hpp"
#include "models/kafka/reassignment.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/session.hpp"
#include "models/mutation.hpp"

namespace nines::models::kafka {

namespace {

/// A running broker acts on each decision as it comes. One that loads its logs does so within the publication of its
/// first image, so it acts on nothing until it has (K39 BrokerMetadataPublisher.initializeManagers).
bool replays_metadata(const Context& c, Position position) {
  const BrokerPhase phase = c.state.brokers[position].phase;
  const bool up = (phase == BrokerPhase::recovering && NINES_MUTATED(image_of_the_past)) ||
                  phase == BrokerPhase::unfencing || phase == BrokerPhase::running || phase == BrokerPhase::stopping;
  // What it fetches goes into its own metadata log first.
  return up && !stalled(c, c.broker_process(position)) && reaches_controller(c, position);
}

bool beside_active_controller(const Context& c, Position position) {
  return c.state.active != nobody && c.broker_process(position) == c.voter_process(c.state.active);
}

/// When a broker out of contact sends its next fetch: a refused one is repeated after the back-off, an unanswered one
/// after its time-out.
sim::Time next_metadata_fetch(const Context& c, Position position) {
  const BrokerState& broker = c.state.brokers[position];
  Duration round = c.parameters.quorum_retry_backoff;
  if (broker.lost_in_silence) round += c.parameters.quorum_request_timeout;
  return sim::Grid{broker.contact_lost, round}.at_or_after(c.now());
}

/// Newest version that a majority holds.
std::uint32_t committed_version(const Context& c) {
  std::uint32_t version = c.state.version;
  for (const Publication& publication : c.state.publications) {
    if (publication.committed > c.now()) version = std::min(version, publication.version - 1);
  }
  return version;
}

/// By the newest decisions the broker leads for the first time since its start.
bool leads_first(const Context& c, Position position) {
  if (c.state.brokers[position].has_led) return false;
  return std::any_of(c.hosted(position).begin(), c.hosted(position).end(),
                     [&](const auto& hosted) { return c.state.groups[hosted.first].record.leader == hosted.second; });
}

void expect_to_apply(Context& c, Position position, std::uint32_t version, sim::Time seen) {
  const BrokerState& broker = c.state.brokers[position];
  MetadataProgress& metadata = c.state.metadata.edit(position);
  const Duration own = apply_time(c, position);
  metadata.expected_version = version;
  metadata.expected_apply = std::max(metadata.expected_apply, seen + own);  // in the order of the log
  c.world.schedule(metadata.expected_apply, MetadataApplied{c.service, position, broker.incarnation, version},
                   sim::Priority::message);
}

/// Replicas of the broker that decisions up to `version` may concern, in their order.
std::vector<std::pair<GroupId, Slot>> concerned(Context& c, Position position, std::uint32_t version) {
  const bool acts_on_all = c.state.brokers[position].phase != BrokerPhase::running || NINES_MUTATED(image_of_the_past);
  if (!acts_on_all && c.state.undone[position].empty()) return {};
  std::vector<Undone>& undone = c.state.undone.edit(position);
  const auto end = std::find_if(undone.begin(), undone.end(), [&](const Undone& it) { return it.version > version; });
  // One that has just come up has missed what it never had to do; one that stops looks at all it has.
  if (acts_on_all) {
    undone.erase(undone.begin(), end);
    return c.hosted(position);
  }
  std::vector<GroupId> groups;
  for (auto it = undone.begin(); it != end; ++it) groups.push_back(it->group);
  undone.erase(undone.begin(), end);
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  std::vector<std::pair<GroupId, Slot>> result;
  for (const GroupId group : groups) {
    // One that it had to do with may be none of its own any more.
    const Slot slot = c.slot_of(group, position);
    if (slot != no_slot) result.emplace_back(group, slot);
  }
  return result;
}

/// Whether the broker has applied the newest decisions, before and after it applies some: keeps count of those that
/// have.
void set_applied(Context& c, Position position, std::uint32_t version) {
  MetadataProgress& metadata = c.state.metadata.edit(position);
  if (metadata.applied_version == c.state.version) --c.state.up_to_date;
  metadata.applied_version = version;
  metadata.applied_at = c.now();
  if (metadata.applied_version == c.state.version) ++c.state.up_to_date;
}

}  // namespace

Duration apply_time(Context& c, Position position) {
  const ComponentId component = c.broker_component(position);
  Duration own = c.world.draw(component, Purpose::metadata_apply, c.parameters.metadata_apply);
  if (leads_first(c, position)) own += c.world.draw(component, Purpose::metadata_apply, c.parameters.first_leadership);
  return at_cpu(c, c.broker_process(position), own);
}

bool apply_metadata(Context& c, Position position, std::uint32_t version) {
  const BrokerState& broker = c.state.brokers[position];
  set_applied(c, position, std::max(c.state.metadata[position].applied_version, version));
  const std::uint32_t applied_version = c.state.metadata[position].applied_version;
  const bool stops = broker.phase == BrokerPhase::stopping;
  bool changed = false;
  bool fetchers_change = false;
  const auto begin_fetcher_change = [&] {
    if (!fetchers_change) change_fetchers(c, position);
    fetchers_change = true;
  };
  for (const auto& [id, slot] : concerned(c, position, applied_version)) {
    GroupState& group = c.state.groups.edit(id);
    const PartitionRecord& record = record_at(group, applied_version);
    ReplicaState& replica = group.replicas[slot];
    if (record.epoch > replica.known_epoch) {
      begin_fetcher_change();
      learn_leader(c, id, slot, record);
      changed = true;
    } else if (slot == group.owner && replica.known_leader == slot && record.epoch == replica.known_epoch &&
               record.version > group.leader_isr_version) {
      // What it knows already from the answer to its own AlterPartition is newer (its partition epoch tells).
      group_changed(c, id);
      group.leader_isr = record.isr;
      group.leader_isr_version = record.version;
      changed = true;
    }
    // A stopping broker no longer fetches where it is out of the ISR (K39 ReplicaManager.applyLocalFollowersDelta).
    if (stops && !has(record.isr, slot) && replica.known_leader != no_slot) {
      begin_fetcher_change();
      end_fetcher(c, id, slot);
      changed = true;
    }
    if (c.state.moves.has_left(id, slot, applied_version)) {
      drop_replica(c, id, slot);
      changed = true;
    }
  }
  return changed;
}

void begin_version(Context& c) {
  c.state.decided = false;
  ++c.state.version;
  c.state.up_to_date = 0;
}

Duration commit_delay(Context& c) {
  const ComponentId controller = c.voter_component(c.state.active);
  const ProcessId process = c.voter_process(c.state.active);
  const Duration fsync = at_disk(c, process, c.world.draw(controller, Purpose::quorum_fsync, c.parameters.fsync));
  // The log's thread writes, a follower handles the records, the leader its next fetch, the controller the commit.
  constexpr int steps = 4;
  const Duration handling = c.world.draw(controller, Purpose::quorum_handling, c.parameters.quorum_handling) * steps;
  return c.parameters.quorum_append_linger + fsync + c.world.plan->infra().rtt_inter_zone +
         at_cpu(c, process, handling);
}

void publish(Context& c) {
  if (!c.state.decided) return;
  begin_version(c);
  record_on_voters(c);
  const sim::Time committed = c.now() + commit_delay(c);
  std::erase_if(c.state.publications, [&](const Publication& past) { return past.committed <= c.now(); });
  c.state.publications.push_back({c.state.version, committed});
  const Duration travel = c.world.plan->infra().rtt_inter_zone / 2;
  const sim::Time visible = c.parameters.watermark_waits_for_fetch ? c.state.noops.after(committed) : committed;
  for (Position position = 0; position < c.state.brokers.size(); ++position) {
    if (!replays_metadata(c, position) && !NINES_MUTATED(image_of_the_past)) continue;
    const sim::Time seen = beside_active_controller(c, position) ? committed : visible + travel;
    expect_to_apply(c, position, c.state.version, seen);
  }
  schedule_preferred_leader_check(c);
}

void metadata_contacts_changed(Context& c) {
  if (c.state.up_to_date == c.state.brokers.size()) return;
  for (Position position = 0; position < c.state.brokers.size(); ++position) {
    const MetadataProgress& metadata = c.state.metadata[position];
    if (metadata.applied_version >= c.state.version || !replays_metadata(c, position)) continue;
    // What is still on its way reaches it; only what was missed is fetched again.
    if (metadata.expected_version == c.state.version && metadata.expected_apply > c.now()) continue;
    sim::Time fetched = next_metadata_fetch(c, position) + c.world.plan->infra().rtt_inter_zone;
    if (!c.state.publications.empty()) fetched = std::max(fetched, c.state.publications.back().committed);
    expect_to_apply(c, position, c.state.version, fetched);
  }
}

void image_loaded(Context& c, Position position) {
  if (NINES_MUTATED(image_of_the_past)) return;
  set_applied(c, position, std::max(c.state.brokers[position].registered_version, committed_version(c)));
  c.state.metadata.edit(position).expected_apply = c.now();
}

void act_on_image(Context& c, Position position) {
  apply_metadata(c, position, std::max(c.state.metadata[position].applied_version, committed_version(c)));
}

void on(World& world, const MetadataApplied& event) {
  Context c = context(world, event.service);
  const BrokerState& broker = c.state.brokers[event.broker];
  const bool same = broker.incarnation == event.incarnation || NINES_MUTATED(image_of_the_past);
  world.stale =
      !same || c.state.metadata[event.broker].applied_version >= event.version || !replays_metadata(c, event.broker);
  const bool had_led = broker.has_led;
  if (world.stale || !apply_metadata(c, event.broker, event.version)) return;
  // A slot may be free now that the next replica needs.
  if (!c.state.moves.waiting.empty()) tell_brokers(c);
  if (!c.parameters.watermark_waits_for_fetch || beside_active_controller(c, event.broker))
    world.set_by(broker.has_led && !had_led ? inputs::first_leadership : inputs::append_linger);
  replication_changed(c);
  clients_changed(c);
}

}  // namespace nines::models::kafka
