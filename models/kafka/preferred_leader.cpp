#include "models/kafka/preferred_leader.hpp"

#include <algorithm>
#include <vector>

#include "models/kafka/control.hpp"
#include "models/kafka/partition.hpp"
#include "models/kafka/zk/control.hpp"

namespace nines::models::kafka {

bool leaders_preferred(const Context& c) {
  for (const GroupId id : c.state.groups.touched()) {  // in a resting world all are
    if (c.state.groups[id].record.leader != c.in_order(id, 0)) return false;
  }
  return true;
}

bool leaders_due(const Context& c) { return c.world.queue.pending(c.state.rebalance_timer) && !leaders_preferred(c); }

void schedule_preferred_leader_check(Context& c) {
  if (!c.parameters.auto_leader_rebalance || c.state.active == nobody) return;
  if (c.world.queue.pending(c.state.rebalance_timer) || leaders_preferred(c)) return;
  if (c.plan.has_store() && !zk::imbalanced(c)) return;
  const bool periodic = c.parameters.rebalance_periodic || c.plan.has_store();
  const sim::Time at =
      periodic ? c.state.rebalance_checks.after(c.now()) : c.now() + c.parameters.leader_imbalance_interval;
  c.state.rebalance_timer = c.world.schedule(at, PreferredLeaderCheck{c.service, c.state.active_epoch});
}

void on(World& world, const PreferredLeaderCheck& event) {
  Context c = context(world, event.service);
  if (c.state.active == nobody || event.epoch != c.state.active_epoch || !decides(c)) {
    world.stale = true;
    return;
  }
  if (c.plan.has_store()) return zk::rebalance(c);
  // In a resting world all leaders are preferred ones. In their order, as it is written down.
  const auto touched = c.state.groups.touched();
  std::vector<GroupId> groups(touched.begin(), touched.end());
  std::sort(groups.begin(), groups.end());
  bool moved = false;
  for (const GroupId id : groups) moved = elect_preferred(c, id) || moved;
  if (moved) {
    const CauseScope scope(world, world.note(PreferredLeadersElected{event.service}));
    tell_brokers(c);
  }
  schedule_preferred_leader_check(c);
}

}  // namespace nines::models::kafka
