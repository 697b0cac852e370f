#include "models/rabbitmq/classic.hpp"

#include <algorithm>
#include <utility>

#include "models/infrastructure/conditions.hpp"
#include "models/rabbitmq/consumers.hpp"
#include "models/rabbitmq/load.hpp"

namespace nines::models::rabbitmq {

namespace {

constexpr std::string_view rule_transient = "a transient message, or a queue that is not durable, ends with its node";
constexpr std::string_view rule_unsynced =
    "unsynchronised promotion: the mirror lacked what its master had confirmed (ha-promote-on-failure=always)";
constexpr std::string_view rule_two_masters =
    "partition: what the side confirmed whose queue was given up (ignore, autoheal)";
constexpr std::string_view rule_disk = "the disk of a queue's only node was lost";

Copy& copy_of(const Context& c, Number queue, Number node) { return c.queue(queue).copies[node]; }

bool is_master(const Context& c, Number queue, Number node) {
  const Copy& copy = copy_of(c, queue, node);
  return copy.runs && copy.master == node;
}

/// Messages less than this are none.
constexpr double a_message = 1;

template <class Act>
void each_copy_on(Context& c, Number node, Act&& act) {
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (!c.is_classic(queue)) continue;
    const std::vector<Number>& nodes = c.plan.queues[queue].replicas;
    if (std::find(nodes.begin(), nodes.end(), node) != nodes.end()) act(queue, copy_of(c, queue, node));
  }
}

/// A master that the node's broker can reach; nobody if there is none.
Number master_from(const Context& c, Number queue, Number node) {
  for (const Number other : c.plan.queues[queue].replicas) {
    if (is_master(c, queue, other) && serves(c, other) && (other == node || reaches(c, node, other))) return other;
  }
  return nobody;
}

bool other_master(const Context& c, Number queue, Number node) {
  for (const Number other : c.plan.queues[queue].replicas) {
    if (other != node && is_master(c, queue, other)) return true;
  }
  return false;
}

bool another_runs(const Context& c, Number queue, Number node) {
  for (const Number other : c.plan.queues[queue].replicas) {
    if (other != node && copy_of(c, queue, other).runs) return true;
  }
  return false;
}

/// The oldest mirror of `master` that may be promoted, as one of them sees it; nobody if there is none.
Number candidate(const Context& c, Number queue, Number master, Number seen_by, Promote rule) {
  Number best = nobody;
  for (const Number node : c.plan.queues[queue].replicas) {
    const Copy& copy = copy_of(c, queue, node);
    if (node == master || !copy.runs || copy.master != master || !serves(c, node)) continue;
    if (seen_by != nobody && node != seen_by && !reaches(c, seen_by, node)) continue;
    if (rule == Promote::when_synced && copy.missing >= a_message) continue;
    if (best == nobody) {
      best = node;
      continue;
    }
    const Copy& other = copy_of(c, queue, best);
    const bool synced = copy.missing < a_message;
    const bool other_synced = other.missing < a_message;
    if (synced != other_synced ? synced : copy.joined < other.joined) best = node;
  }
  return best;
}

void promote(Context& c, Number queue, Number node, Number from) {
  Queue& its = c.queue(queue);
  Copy& copy = copy_of(c, queue, node);
  const CauseScope because(c.world, c.world.note(MirrorPromoted{c.service.value, queue, node}));
  ++c.world.measurement.failovers;
  const double lacks = std::min(copy.missing, content(c, queue));
  if (lacks >= a_message) {
    lose(c, queue, lacks, rule_unsynced, true);
    its.backlog = std::max(its.backlog - lacks, 0.0);
  }
  requeue_all(c, queue);
  ++its.process;
  copy.master = node;
  copy.missing = copy.fresh = 0;
  copy.copies = false;
  if (is_master(c, queue, from)) copy_of(c, queue, from).fresh = 0;
  for (const Number other : c.plan.queues[queue].replicas) {
    Copy& mirror = copy_of(c, queue, other);
    if (other != node && other != from && mirror.runs && mirror.master == from && reaches(c, node, other))
      mirror.master = node;
  }
  its.home = node;
}

/// Nobody may be promoted: the queue waits for its node.
void stop_mirrors(Context& c, Number queue, Number master) {
  bool any = false;
  for (const Number node : c.plan.queues[queue].replicas) {
    Copy& copy = copy_of(c, queue, node);
    if (node == master || !copy.runs || copy.master != master) continue;
    copy.runs = copy.copies = false;
    any = true;
  }
  if (any) c.world.note(QueueDown{c.service.value, queue});
}

void become_master(Context& c, Number queue, Number node) {
  Copy& copy = copy_of(c, queue, node);
  copy = {.runs = true, .master = node, .joined = ++c.queue(queue).joins};
  c.queue(queue).home = node;
  ++c.queue(queue).process;
}

void join_as_mirror(Context& c, Number queue, Number node, Number master) {
  Copy& copy = copy_of(c, queue, node);
  copy = {.runs = true, .master = master, .joined = ++c.queue(queue).joins};
  copy.missing = content(c, queue);
  copy.copies = copy.missing >= a_message && c.queue_spec(queue).sync == SyncMode::automatic;
}

}  // namespace

void begin_classic(Context& c, Number queue) {
  const std::vector<Number>& nodes = c.plan.queues[queue].replicas;
  for (const Number node : nodes) {
    Copy& copy = copy_of(c, queue, node);
    copy.runs = true;
    copy.master = nodes[0];
    copy.joined = ++c.queue(queue).joins;
  }
  c.queue(queue).home = nodes[0];
}

void copies_started(Context& c, Number node) {
  each_copy_on(c, node, [&](Number queue, Copy& copy) {
    if (copy.runs) return;
    const Number master = master_from(c, queue, node);
    if (master != nobody) return join_as_mirror(c, queue, node, master);
    if (c.queue(queue).home != node) return;
    if (c.node(node).blank && c.queue_spec(queue).persistent) {
      lose(c, queue, content(c, queue), rule_disk, true);
      forget_held(c, queue);
      c.queue(queue).backlog = 0;
    }
    become_master(c, queue, node);
  });
}

void copies_ended(Context& c, Number node, bool clean) {
  each_copy_on(c, node, [&](Number queue, Copy& copy) {
    if (!std::exchange(copy.runs, false)) return;
    copy.copies = false;
    if (copy.master != node) return;
    Queue& its = c.queue(queue);
    const QueueSpec& spec = c.queue_spec(queue);
    if (other_master(c, queue, node)) {
      lose(c, queue, copy.fresh, rule_two_masters, true);
      copy.fresh = 0;
      return;
    }
    its.home = node;
    if (!another_runs(c, queue, node)) {
      c.world.note(QueueDown{c.service.value, queue});
      if (spec.persistent) return;
      lose(c, queue, content(c, queue), rule_transient, true);
      forget_held(c, queue);
      its.backlog = 0;
      return;
    }
    if (!clean) return;  // its mirrors find out
    const Number next = candidate(c, queue, node, nobody, spec.on_shutdown);
    if (next != nobody && reaches(c, next, node)) return promote(c, queue, next, node);
    if (next == nobody) stop_mirrors(c, queue, node);
  });
}

void copies_lost_node(Context& c, Number node, Number peer) {
  each_copy_on(c, node, [&](Number queue, Copy& copy) {
    if (!copy.runs) return;
    const std::vector<Number>& nodes = c.plan.queues[queue].replicas;
    const bool mirrors = std::find(nodes.begin(), nodes.end(), peer) != nodes.end();
    if (copy.master == node && mirrors) {
      c.world.note(MirrorWaitedFor{c.service.value, queue, node}, peer);
      return;
    }
    if (copy.master != peer) return;
    const Number next = candidate(c, queue, peer, node, c.queue_spec(queue).on_failure);
    if (next == node) return promote(c, queue, node, peer);
    if (next == nobody && !is_master(c, queue, peer)) stop_mirrors(c, queue, peer);
  });
}

void look_at_classic(Context& c, Number queue) {
  Queue& its = c.queue(queue);
  const std::vector<Number>& nodes = c.plan.queues[queue].replicas;
  for (const Number node : nodes) {
    Copy& copy = copy_of(c, queue, node);
    if (!serves(c, node)) continue;
    const Number master = copy.runs ? copy.master : master_from(c, queue, node);
    // One whose master dropped it, or was given up, joins anew.
    const bool gone = copy.runs && master != node && !is_master(c, queue, master);
    const bool orphan = gone && (!c.link(node, master).up || reaches(c, node, master));
    if (orphan) copy.runs = copy.copies = false;
    if (copy.runs) continue;
    const Number found = master_from(c, queue, node);
    if (found != nobody) {
      join_as_mirror(c, queue, node, found);
    } else if (its.home == node && !another_runs(c, queue, node)) {
      become_master(c, queue, node);
    }
  }
  // Where the queue is when the last but one master has been given up.
  if (!is_master(c, queue, its.home)) {
    for (const Number node : nodes) {
      if (is_master(c, queue, node)) its.home = node;
    }
  }
  // A master that is none by the tables that all share gives up what it alone has.
  for (const Number node : nodes) {
    const bool second = node != its.home && is_master(c, queue, node) && is_master(c, queue, its.home);
    if (!second || !reaches(c, node, its.home) || c.link(node, its.home).partitioned || !serves(c, node)) continue;
    lose(c, queue, copy_of(c, queue, node).fresh, rule_two_masters, true);
    join_as_mirror(c, queue, node, its.home);
    for (const Number other : nodes) {
      Copy& mirror = copy_of(c, queue, other);
      if (mirror.runs && mirror.master == node) mirror.runs = mirror.copies = false;
    }
  }
}

Number master_for(const Context& c, Number queue, Number node) {
  const std::vector<Copy>& copies = c.queue(queue).copies;
  const Copy& own = copies[node];
  if (own.runs) return is_master(c, queue, own.master) ? own.master : nobody;
  return master_from(c, queue, node);
}

bool is_master_of(const Context& c, Number queue, Number node) { return is_master(c, queue, node); }

bool classic_delivers(const Context& c, Number queue, Number node) {
  const Number master = master_for(c, queue, node);
  if (master == nobody || !serves(c, master) || (node != master && !reaches(c, node, master))) return false;
  if (infrastructure::volume_stalled(c.world, c.process(master))) return false;
  const std::vector<Copy>& copies = c.queue(queue).copies;
  return std::none_of(copies.begin(), copies.end(),
                      [&](const Copy& copy) { return copy.runs && copy.master == master && copy.copies; });
}

bool classic_confirms(const Context& c, Number queue, Number node) {
  if (!classic_delivers(c, queue, node)) return false;
  const Number master = master_for(c, queue, node);
  for (const Number other : c.plan.queues[queue].replicas) {
    const Copy& copy = copy_of(c, queue, other);
    if (other == master || !copy.runs || copy.master != master || !c.link(master, other).up) continue;
    if (!reaches(c, master, other) || !serves(c, other)) return false;
  }
  return true;
}

bool classic_drops(const Context& c, Number queue, Number node) {
  const std::vector<Number>& nodes = c.plan.queues[queue].replicas;
  return std::none_of(nodes.begin(), nodes.end(), [&](Number other) {
    const bool runs = copy_of(c, queue, other).runs;
    if (other == node) return runs;
    const Link& link = c.link(node, other);
    return link.up && (runs || link.silent_since != sim::Time::never());
  });
}

bool classic_at_rest(const Context& c, Number queue) {
  const Queue& its = c.queue(queue);
  const std::vector<Number>& nodes = c.plan.queues[queue].replicas;
  if (!is_master(c, queue, its.home)) return false;
  for (const Number node : nodes) {
    const Copy& copy = copy_of(c, queue, node);
    if (!copy.runs || copy.master != its.home || copy.copies) return false;
    if (copy.missing >= a_message && its.consumed > 0) return false;
  }
  return true;
}

bool copies_synced(const Context& c, Number node) {
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (!c.is_classic(queue)) continue;
    const std::vector<Number>& nodes = c.plan.queues[queue].replicas;
    if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) continue;
    const Copy& copy = copy_of(c, queue, node);
    if (!copy.runs || (copy.missing >= a_message && (copy.copies || c.queue(queue).consumed > 0))) return false;
  }
  return true;
}

bool has_unsynced_master(const Context& c, Number node) {
  for (Number queue = 0; queue < c.queues(); ++queue) {
    if (c.queue_spec(queue).type != QueueType::mirrored || !is_master(c, queue, node)) continue;
    if (c.plan.queues[queue].replicas.size() > 1 && candidate(c, queue, node, nobody, Promote::when_synced) == nobody)
      return true;
  }
  return false;
}

void look_at_sync(Context& c, Number queue) {
  Queue& its = c.queue(queue);
  c.world.queue.cancel(its.sync_timer);
  sim::Time at = sim::Time::never();
  Number who = nobody;
  for (const Number node : c.plan.queues[queue].replicas) {
    const Copy& copy = copy_of(c, queue, node);
    // One that has everything by now still blocks the queue until it has said so.
    const bool synced = copy.missing <= 0 && !copy.copies;
    if (!copy.runs || synced || copy.master == node) continue;
    const double size = c.queue_spec(queue).message_size.count;
    const double rate = copy.copies ? c.parameters.sync_rate.bytes_per_s / size : its.consumed;
    if (rate <= 0) continue;
    const sim::Time done = c.now() + Duration::from_seconds(copy.missing / rate);
    if (done >= at) continue;
    at = done;
    who = node;
  }
  if (who != nobody) its.sync_timer = c.world.schedule(at, MirrorSynced{c.service.value, queue, who});
}

void on(World& world, const MirrorSynced& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  Copy& copy = copy_of(c, event.queue, event.node);
  if (!copy.runs) {
    world.stale = true;
    return;
  }
  copy.missing = 0;
  copy.copies = false;
  settle(c);
}

}  // namespace nines::models::rabbitmq
