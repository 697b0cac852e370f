#include "models/redis/strain.hpp"

#include <algorithm>
#include <utility>

#include "models/infrastructure/conditions.hpp"

namespace nines::models::redis {

namespace {

bool writes_aof(const Context& c) {
  return c.spec.persistence == Persistence::aof_everysec || c.spec.persistence == Persistence::aof_always;
}

/// Bytes per second of the stream that it writes down.
double stream_rate(const Context& c, Number number) {
  const Server& server = c.server(number);
  if (server.master == nobody) return c.state.rates[number];
  return server.connection == Connection::up ? c.state.rates[server.master] : 0;
}

bool disk_hangs(const Context& c, Number number) {
  return !c.world.infrastructure.degradations.empty() &&
         infrastructure::volume_stalled(c.world, c.server_process(number));
}

void look_at_disk(Context& c, Number number) {
  Server& server = c.server(number);
  if (!disk_hangs(c, number)) {
    c.world.queue.cancel(server.still_timer);
    server.hangs = false;
    if (!std::exchange(server.waits_for_disk, false)) return;
    const Duration takes = Duration::from_seconds(data_of(c, number) / c.parameters.load_rate.bytes_per_s);
    server.start_timer = c.world.schedule(c.now() + takes, ServerLoaded{c.service.value, number, server.life});
    return;
  }
  if (!server.started || server.loading || server.hangs || c.world.queue.pending(server.still_timer)) return;
  if (!writes_aof(c) || stream_rate(c, number) <= 0) return;
  Duration until;
  if (c.spec.persistence == Persistence::aof_everysec) {
    // The next fsync is due within its interval and does not end.
    const ComponentId component = c.component(c.server_process(number));
    until = c.world.phase(component, Purpose::snapshot_age, c.parameters.fsync_interval) + c.parameters.postpone;
  }
  server.still_timer = c.world.schedule(c.now() + until, DiskWaited{c.service.value, number, server.life});
}

/// The shortest wait that anybody notices: of clients, Sentinels, cluster nodes.
Duration least_patience(const Context& c) {
  Duration least = c.clustered() ? c.parameters.node_timeout : c.parameters.down_after;
  for (const SliPlan& sli : c.plan.slis) {
    const Duration deadline = c.world.plan->slis[sli.index].deadline;
    least = std::min(least, deadline > Duration() ? deadline : c.spec.clients[sli.client].parameters.attempt_timeout);
  }
  return least;
}

/// What a master takes at a time, and how fast that grows then.
struct Memory {
  double used = 0;
  double grows = 0;        ///< per second, copies of pages included
  double copies_left = 0;  ///< until every page has been copied
  double copies_grow = 0;
};
Memory memory_of(const Context& c, Number master) {
  Memory memory;
  const double data = data_of(c, master);
  memory.used = data + c.parameters.backlog.count;
  const double rate = c.state.rates[master];
  sim::Time child = sim::Time::never();
  for (const Server& replica : c.state.servers) {
    const bool takes = replica.connection == Connection::copies || replica.connection == Connection::loads;
    if (replica.master != master || !takes) continue;
    memory.used += rate * (c.now() - replica.copy_since).to_seconds();
    memory.grows += rate;
    if (replica.connection == Connection::copies) child = std::min(child, replica.copy_since);
  }
  if (child == sim::Time::never() || c.spec.write_size.count <= 0) return memory;
  memory.copies_grow = rate / c.spec.write_size.count * c.parameters.copied_per_write.count;
  const double copied = std::min(data, memory.copies_grow * (c.now() - child).to_seconds());
  memory.used += copied;
  memory.copies_left = data - copied;
  if (memory.copies_left <= 0) memory.copies_grow = 0;
  memory.grows += memory.copies_grow;
  return memory;
}

/// Seconds until it takes so much; negative: never.
double seconds_until(const Memory& memory, double limit) {
  const double room = limit - memory.used;
  if (room <= 0) return 0;
  if (memory.grows <= 0) return -1;
  if (memory.copies_grow <= 0) return room / memory.grows;
  const double all_copied = memory.copies_left / memory.copies_grow;
  if (room <= memory.grows * all_copied) return room / memory.grows;
  const double slower = memory.grows - memory.copies_grow;
  return slower > 0 ? all_copied + (room - memory.grows * all_copied) / slower : -1;
}

}  // namespace

Duration disk_adds(const Context& c, Number number) {
  if (c.spec.persistence != Persistence::aof_always || c.world.infrastructure.degradations.empty()) return {};
  const VolumeId volume = c.world.plan->processes[c.server_process(number)].volume;
  return volume.exists() ? infrastructure::disk_condition(c.world, volume).latency : Duration();
}

void look_at_disks(Context& c) {
  for (Number i = 0; i < c.servers(); ++i) look_at_disk(c, i);
}

bool waits_for_disk(Context& c, Number number) {
  Server& server = c.server(number);
  server.waits_for_disk = c.spec.persistence != Persistence::none && server.has_data && disk_hangs(c, number);
  return server.waits_for_disk;
}

void fork_stands_still(Context& c, Number number) {
  Server& server = c.server(number);
  const Duration takes = sim::scaled(c.parameters.fork_pause, Bytes{data_of(c, number)}.gib());
  if (server.forking || takes <= least_patience(c)) return;
  server.forking = true;
  c.world.schedule(c.now() + takes, Forked{c.service.value, number, server.life});
  settle(c);
}

void look_at_memory(Context& c, Number master) {
  Server& server = c.server(master);
  c.world.queue.cancel(server.memory_timer);
  if (c.parameters.memory_limit.count <= 0 || !server.started) return;
  const double seconds = seconds_until(memory_of(c, master), c.parameters.memory_limit.count);
  if (seconds < 0) return;
  server.memory_timer =
      c.world.schedule(c.now() + Duration::from_seconds(seconds), MemoryExceeded{c.service.value, master, server.life});
}

// ---- events ----

void on(World& world, const DiskWaited& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  world.stale = server.life != event.life;
  if (world.stale) return;
  grow(c);
  server.hangs = true;
  settle(c);
}

void on(World& world, const Forked& event) {
  Context c = context(world, ServiceId{event.service});
  Server& server = c.server(event.server);
  world.stale = server.life != event.life;
  if (world.stale) return;
  grow(c);
  server.forking = false;
  settle(c);
}

void on(World& world, const MemoryExceeded& event) {
  Context c = context(world, ServiceId{event.service});
  world.stale = c.server(event.server).life != event.life;
  if (world.stale) return;
  kubernetes::process_exited(world, c.server_process(event.server), Ending::crash);
}

}  // namespace nines::models::redis
