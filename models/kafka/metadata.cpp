#include "models/kafka/metadata.hpp"

#include "models/kafka/attention.hpp"
#include "models/kafka/client.hpp"
#include "models/kafka/partition.hpp"
#include "models/kafka/preferred_leader.hpp"
#include "models/kafka/quorum.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/session.hpp"

namespace nines::models::kafka {

namespace {

/// Observers replay the log as soon as they have caught up once; before that the start sequence does it.
bool replays_metadata(const Context& c, Position position) {
  const BrokerPhase phase = c.state.brokers[position].phase;
  const bool up = phase == BrokerPhase::recovering || phase == BrokerPhase::unfencing ||
                  phase == BrokerPhase::running || phase == BrokerPhase::stopping;
  return up && reaches_controller(c, position);
}

/// When a broker out of contact sends its next fetch: a refused one is repeated after the back-off, an unanswered one
/// after its time-out.
sim::Time next_metadata_fetch(const Context& c, Position position) {
  const BrokerState& broker = c.state.brokers[position];
  Duration round = c.parameters.quorum_retry_backoff;
  if (broker.lost_in_silence) round += c.parameters.quorum_request_timeout;
  return sim::Grid{broker.contact_lost, round}.at_or_after(c.now());
}

}  // namespace

Duration commit_delay(Context& c) {
  const Duration fsync = c.world.draw(c.voter_component(c.state.active), Purpose::quorum_fsync, c.parameters.fsync);
  return c.parameters.quorum_append_linger + fsync + c.world.plan->infra().rtt_inter_zone;
}

void publish(Context& c) {
  bool changed = false;
  for (const GroupState& group : c.state.groups) changed = changed || group.record.version > c.state.version;
  if (!changed) return;
  ++c.state.version;
  record_on_voters(c);
  const sim::Time committed = c.now() + commit_delay(c);
  const Duration travel = c.world.plan->infra().rtt_inter_zone / 2;
  const sim::Time visible = c.parameters.watermark_waits_for_fetch ? c.state.noops.after(committed) : committed;
  c.state.newest_apply = visible + travel;
  c.world.schedule(c.state.newest_apply, MetadataApplied{c.service, nobody, c.state.version}, sim::Priority::message);
  schedule_preferred_leader_check(c);
}

void metadata_contacts_changed(Context& c) {
  // What is still on its way reaches everybody; only what was missed is fetched again.
  if (c.state.newest_apply > c.now()) return;
  for (Position position = 0; position < c.state.brokers.size(); ++position) {
    BrokerState& broker = c.state.brokers[position];
    if (broker.applied_version >= c.state.version || !replays_metadata(c, position)) continue;
    if (c.world.queue.pending(broker.metadata_timer)) continue;
    broker.metadata_timer =
        c.world.schedule(next_metadata_fetch(c, position) + c.world.plan->infra().rtt_inter_zone,
                         MetadataApplied{c.service, position, c.state.version}, sim::Priority::message);
  }
}

void apply_metadata(Context& c, Position position, std::uint32_t version) {
  BrokerState& broker = c.state.brokers[position];
  broker.applied_version = std::max(broker.applied_version, version);
  broker.applied_at = c.now();
  for (const auto& [id, slot] : c.plan.hosted[position]) {
    GroupState& group = c.state.groups[id];
    const PartitionRecord& record = record_at(group, broker.applied_version);
    ReplicaState& replica = group.replicas[slot];
    if (record.epoch > replica.known_epoch) {
      learn_leader(c, id, slot, record);
    } else if (replica.known_leader == slot && record.epoch == replica.known_epoch) {
      group_changed(c, id);
      group.leader_isr = record.isr;
    }
  }
}

void on(World& world, const MetadataApplied& event) {
  Context c = context(world, event.service);
  bool any = false;
  for (Position position = 0; position < c.state.brokers.size(); ++position) {
    if (event.broker != nobody && event.broker != position) continue;
    if (!replays_metadata(c, position) || c.state.brokers[position].applied_version >= event.version) continue;
    apply_metadata(c, position, event.version);
    any = true;
  }
  if (!any) {
    world.stale = true;
    return;
  }
  replication_changed(c);
  clients_changed(c);
}

}  // namespace nines::models::kafka
