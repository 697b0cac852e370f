#include "models/redis/addresses.hpp"

#include <algorithm>
#include <utility>

#include "models/kubernetes/address.hpp"
#include "models/redis/sentinels.hpp"

namespace nines::models::redis {

namespace {

void somebody_will_see_to_it(Context& c) {
  const Duration takes =
      c.world.draw(c.world.plan->services[c.service].component, Purpose::relabel, c.parameters.readmit);
  c.world.schedule(c.now() + takes, Readmitted{c.service.value});
}

std::uint32_t address_of(const Context& c, ProcessId process) {
  return c.spec.announces == Announces::addresses ? kubernetes::address_of(c.world, process) : 0;
}

/// Its volume goes with it to wherever its pod runs next.
bool has_claim(const Context& c, ProcessId process) {
  const bool any = c.world.plan->processes[process].volume.exists();
  return any && rules_of(c.world.plan->pool_of(process).storage.kind).home != VolumeHome::machine;
}

/// Some live server is where nobody looks for it.
bool astray(const Context& c, Number number) {
  const Number chief = c.state.chief[shard_of(c, number)];
  const Server& server = c.server(number);
  if (!answers(c, number) || number == chief) return false;
  return server.master != chief || !finds_master(c, number);
}

/// A Sentinel looks for somebody where he is no more, or for another master.
bool misled(const Context& c, Number sentinel) {
  bool knows_all = true;
  for (Number i = 0; i < c.servers(); ++i) knows_all = knows_all && sentinel_knows(c, sentinel, i);
  return !knows_all || c.watch(sentinel).machine.master != c.state.chief[0];
}

/// Its start script had it follow an address that nobody has.
bool follows_nobody(const Context& c, Number number) {
  const Number master = c.server(number).master;
  return answers(c, number) && master != nobody && !(finds_master(c, number) && c.server(master).master == nobody);
}

}  // namespace

bool sentinel_knows(const Context& c, Number sentinel, Number server) {
  return c.watch(sentinel).known[server] == c.server(server).address;
}
bool node_knows(const Context& c, Number node, Number other) {
  return c.state.known[node][other] == c.server(other).address;
}
bool finds_master(const Context& c, Number number) {
  const Number master = c.server(number).master;
  if (c.clustered()) return node_knows(c, number, master);
  return c.server(number).master_address == c.server(master).address;
}

bool server_moves(Context& c, Number number) {
  const std::uint32_t address = address_of(c, c.server_process(number));
  if (std::exchange(c.server(number).address, address) == address) return false;
  c.state.known[number][number] = address;
  somebody_will_see_to_it(c);
  return true;
}

bool sentinel_moves(Context& c, Number number) {
  const ProcessId process = c.sentinel_process(number);
  Watch& watch = c.watch(number);
  const std::uint32_t pod = kubernetes::address_of(c.world, process);
  const bool another_pod = std::exchange(watch.pod, pod) != pod;
  const std::uint32_t address = address_of(c, process);
  const bool moves = std::exchange(watch.address, address) != address;
  // With its own volume, or a server's, it is who it was.
  if (!another_pod || has_claim(c, process)) return false;
  if (plays(c.world.plan->processes[process].roles, server_role)) return false;
  if (!moves) return true;
  for (Number i = 0; i < c.sentinels(); ++i) {
    if (i != number) ++c.watch(i).machine.strangers;
  }
  somebody_will_see_to_it(c);
  return true;
}

void learn_replicas(Context& c, Number self) {
  Watch& watch = c.watch(self);
  for (Number i = 0; i < c.servers(); ++i) {
    const Server& server = c.server(i);
    if (sentinel_knows(c, self, i) || server.master != watch.machine.master) continue;
    if (server.connection != Connection::up) continue;
    watch.known[i] = server.address;
    sentinel::entry_anew(watch.machine, i, c.now());
  }
}

void exchange_addresses(Context& c, Number self) {
  for (Number other = 0; other < c.servers(); ++other) {
    if (other == self || !node_knows(c, self, other) || !reaches(c, self, other)) continue;
    c.state.known[other][self] = c.server(self).address;
    for (Number third = 0; third < c.servers(); ++third) {
      if (node_knows(c, other, third)) c.state.known[self][third] = c.server(third).address;
    }
  }
}

void on(World& world, const Readmitted& event) {
  Context c = context(world, ServiceId{event.service});
  grow(c);
  bool in_vain = true;
  if (!c.clustered() && follows_nobody(c, c.state.chief[0])) {
    in_vain = false;
    replicate(c, c.state.chief[0], nobody);
  }
  for (Number i = 0; i < c.sentinels(); ++i) {
    sentinel::Sentinel& machine = c.watch(i).machine;
    in_vain = in_vain && machine.strangers == 0 && !misled(c, i);
    machine.strangers = 0;
    if (misled(c, i)) monitor_anew(c, i, c.state.chief[0]);
  }
  for (Number i = 0; i < c.servers(); ++i) {
    for (Number j = 0; c.clustered() && j < c.servers(); ++j) {
      in_vain = in_vain && node_knows(c, i, j);
      c.state.known[i][j] = c.server(j).address;
    }
    if (c.clustered() || !astray(c, i)) continue;
    in_vain = false;
    follow(c, i, c.state.chief[0]);
    c.server(i).master_address = c.server(c.state.chief[0]).address;
  }
  world.stale = in_vain;
  settle(c);
}

}  // namespace nines::models::redis
