#include "models/redis/sentinels.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "models/free_slots.hpp"
#include "models/infrastructure/conditions.hpp"
#include "models/infrastructure/retransmission.hpp"
#include "models/literal_walks.hpp"
#include "models/redis/addresses.hpp"
#include "models/redis/client.hpp"
#include "models/redis/strain.hpp"

namespace nines::models::redis {

namespace {

using sentinel::Failover;
using sentinel::Link;
using sentinel::Sentinel;
using sim::Time;

struct Other {
  bool server = true;
  Number number = 0;
};

Link& link_to(Context& c, Number self, Other other) {
  Sentinel& machine = c.watch(self).machine;
  return other.server ? machine.servers[other.number].link : machine.peers[other.number].link;
}

template <class F>
void each_other(Context& c, Number self, F&& visit) {
  for (Number i = 0; i < c.servers(); ++i) visit(Other{true, i});
  for (Number i = 0; i < c.sentinels(); ++i) {
    if (i != self) visit(Other{false, i});
  }
}

ProcessId process_of(const Context& c, Other other) {
  return other.server ? c.server_process(other.number) : c.sentinel_process(other.number);
}

Contact contact_from(const Context& c, Number self, Other other) {
  if (other.server) {
    if (!sentinel_knows(c, self, other.number)) return Contact::silence;
    return contact_of(c, c.sentinel_process(self), other.number);
  }
  const Contact found = contact(c.world, c.sentinel_process(self), c.sentinel_process(other.number));
  return found == Contact::ok && !c.watch(other.number).started ? Contact::reset : found;
}

Duration round_trip(const Context& c, Number self, Other other) {
  return one_way(c, c.sentinel_process(self), process_of(c, other)) * 2;
}

void deliver(Context& c, Duration after, Packet packet, std::uint32_t life) {
  const std::uint16_t slot = take_slot(c.state.packets, c.state.free_packets);
  packet.life = life;
  c.state.packets[slot] = packet;
  c.world.schedule(c.now() + after, PacketArrived{c.service.value, slot}, sim::Priority::message);
}

// ---- ticks ----

// Ticks that do nothing are no events, nor are those that do only what is calm (sentinel::Calm): a Sentinel's tick is
// called at the first moment at which it may do something else (sentinel::next_deed). Where ticks are is drawn as if
// each were called, so that nothing else depends on it.

Duration tick_length(const Context& c, double number) {
  return c.plan.tick_lengths[static_cast<std::size_t>(number * static_cast<double>(c.parameters.sentinel_hz))];
}

/// Draws numbers from which ticks follow, some at a time: all of a Sentinel's are used in their order.
void draw_numbers(Context& c, Number self) {
  constexpr int at_a_time = 16;
  constexpr std::size_t most_used = 64;
  Watch& watch = c.watch(self);
  if (watch.numbers_used >= most_used && watch.ticks.size() >= watch.numbers_used) {
    const auto used = static_cast<std::ptrdiff_t>(std::exchange(watch.numbers_used, 0));
    watch.numbers.erase(watch.numbers.begin(), watch.numbers.begin() + used);
    watch.ticks.erase(watch.ticks.begin(), watch.ticks.begin() + used);
  }
  const models::Plan& plan = *c.world.plan;
  const std::size_t stream = plan.stream(c.component(c.sentinel_process(self)), Purpose::watch_tick);
  const std::uint64_t key = plan.stream_keys[stream];
  auto& drawn = c.world.draws.edit(stream);
  for (int i = 0; i < at_a_time; ++i)
    watch.numbers.push_back(sim::to_unit(sim::random_bits(key, c.world.run, drawn++)));
}
double next_number(Context& c, Number self) {
  Watch& watch = c.watch(self);
  if (watch.numbers_used == watch.numbers.size()) draw_numbers(c, self);
  const double number = watch.numbers[watch.numbers_used++];
  if (watch.numbers_used == watch.numbers.size()) {
    watch.numbers.clear();
    watch.ticks.clear();
    watch.numbers_used = 0;
  }
  return number;
}

/// It ticks next then, whatever was to follow.
void tick_next(Watch& watch, Time at) {
  watch.tick_at = at;
  watch.ticks.resize(watch.numbers_used);
}
/// Reckons one more of the ticks that will follow.
void add_tick(Context& c, Number self) {
  Watch& watch = c.watch(self);
  if (watch.ticks.size() == watch.numbers.size()) draw_numbers(c, self);
  const std::size_t number = watch.ticks.size();
  const Time before = number == watch.numbers_used ? watch.tick_at : watch.ticks.back();
  watch.ticks.push_back(before + tick_length(c, watch.numbers[number]));
}
/// The tick after the next one comes next.
void tick_passes(Context& c, Number self) {
  Watch& watch = c.watch(self);
  if (watch.ticks.size() == watch.numbers_used) add_tick(c, self);
  watch.tick_at = watch.ticks[watch.numbers_used];
  next_number(c, self);
}
/// Its first tick that is no earlier.
Time first_tick(Context& c, Number self, Time from) {
  Watch& watch = c.watch(self);
  if (watch.tick_at >= from) return watch.tick_at;
  while (watch.ticks.size() == watch.numbers_used || watch.ticks.back() < from) add_tick(c, self);
  return *std::lower_bound(watch.ticks.begin() + static_cast<std::ptrdiff_t>(watch.numbers_used), watch.ticks.end(),
                           from);
}

/// What a server of which nothing new is to be told says in an INFO at that time.
sentinel::Info calm_info(const Context& c, Number number, sentinel::Info known, Time at) {
  const double seconds = (at - c.state.rates_since).to_seconds();
  const auto own = [&](Number server) {
    const Shown& its = c.state.shown[server];
    return its.rate > 0 ? its.offset + its.rate * seconds : its.offset;
  };
  const Shown& its = c.state.shown[number];
  known.offset = its.master == nobody ? own(number) : std::max(its.offset, own(its.master) - its.lacks);
  known.link_up = its.link_up;
  known.link_down = Duration();
  if (!its.link_up)
    known.link_down =
        its.was_up ? Duration::seconds((at - its.connection_since) / Duration::seconds(1)) : Duration::seconds(-1);
  known.priority = c.plan.priorities[number];
  known.run = c.server(number).run;
  return known;
}

/// INFO that nobody had to be told of and that has arrived by then.
void take_infos(const Context& c, Watch& watch, Time until) {
  for (Number i = 0; i < watch.calm.servers.size(); ++i) {
    Time& informed = watch.calm.servers[i].informed_at;
    if (informed >= until) continue;
    sentinel::Server& known = watch.machine.servers[i];
    known.info = calm_info(c, i, known.info, informed);
    known.info_at = std::exchange(informed, Time::never());
  }
}

void calm_tick(const Context& c, Number self, Time at) {
  Watch& watch = c.watch(self);
  if (at < watch.calm.next) return;
  take_infos(c, watch, at);
  sentinel::calm_tick(c.plan.sentinel_rules, self, watch.machine, watch.calm, at);
}

/// Its ticks have passed until now, but for one that is due at this moment; so has what is calm.
void advance(Context& c, Number self) {
  Watch& watch = c.watch(self);
  if (!c.state.awake || !watch.started || watch.frozen) return;
  if (watch.tick_at < c.now()) {
    Time last;
    while (watch.tick_at < c.now()) {
      last = watch.tick_at;
      calm_tick(c, self, last);
      tick_passes(c, self);
    }
    sentinel::pass(watch.machine, last);
  }
  take_infos(c, watch, c.now());
}

/// The same before anything changes: INFO that is on its way goes on as a message.
void pass_ticks(Context& c, Number self) {
  advance(c, self);
  Watch& watch = c.watch(self);
  std::optional<CauseScope> because;
  for (Number i = 0; i < watch.calm.servers.size(); ++i) {
    const Time informed = std::exchange(watch.calm.servers[i].informed_at, Time::never());
    if (informed == Time::never()) continue;
    if (!because) {
      // It was asked for at a tick that nobody was told of.
      const sim::CauseId cause = c.world.trace.holds(watch.cause) ? watch.cause : sim::no_cause;
      const SentinelTick tick{c.service.value, self};
      const Time asked = informed - watch.calm.servers[i].trip;
      because.emplace(c.world,
                      c.world.trace.append({asked, cause, kind_of<SentinelTick>, subject(*c.world.plan, tick), 0}));
    }
    Packet packet{InfoRequest{i}};
    packet.to = self;
    deliver(c, informed - c.now(), packet, watch.life);
  }
}

constexpr Duration sentinels_look_after = Duration::seconds(1);

bool ticks(const Context& c, Number self) { return c.watch(self).started && !c.watch(self).frozen; }

/// From a random moment to the next tick: a tick is met in proportion to its length.
Duration draw_residual_tick(Context& c, Number self) {
  const auto least = static_cast<double>(c.parameters.sentinel_hz);
  double total = 0;
  for (double hz = least; hz < 2 * least; ++hz) total += 1 / hz;
  double u = next_number(c, self) * total;
  double hz = least;
  while (hz + 1 < 2 * least && u > 1 / hz) u -= 1 / hz++;
  return sim::scaled(Duration::from_seconds(1 / hz), next_number(c, self));
}

/// Whom a Sentinel's questions reach.
class Now final : public sentinel::Reached {
 public:
  Now(const Context& c, Number self) : c_(c), self_(self) {}
  [[nodiscard]] bool server(Number number) const override {
    return contact_from(c_, self_, {true, number}) == Contact::ok;
  }
  [[nodiscard]] bool peer(Number number) const override {
    return contact_from(c_, self_, {false, number}) == Contact::ok;
  }
  [[nodiscard]] Time asked(Number number) const override {
    const Watch& watch = c_.watch(self_);
    const Time due = watch.machine.servers[number].link.answer_due;
    if (due == Time::never() || watch.informed_at[number] != due) return Time::never();
    return due - round_trip(c_, self_, {true, number}) + Duration::nanoseconds(1);
  }

 private:
  const Context& c_;
  Number self_;
};

/// Nothing passes uncalled where every tick may be late enough for TILT.
bool ticks_matter(const Context& c) {
  return literal_walks ||
         c.parameters.tilt_trigger < Duration::from_seconds(1 / static_cast<double>(c.parameters.sentinel_hz));
}

/// A hello that says nothing new to whoever gets it is no event.
bool is_news(const Context& c, Number to, const sentinel::Hello& hello) {
  const Sentinel& machine = c.watch(to).machine;
  return machine.current_epoch < hello.current_epoch || machine.config_epoch < hello.config_epoch;
}

/// How a link does, as things are, as far as it needs no events.
sentinel::Calm::Way way_of(const Context& c, Number self, Other other, const Link& link, bool down, Duration trip) {
  using enum sentinel::Calm::Way;
  const Contact found = contact_from(c, self, other);
  const bool waits = link.waiting_since != Time::never() && link.answer_due == Time::never();
  if (found == Contact::silence) return link.connected && waits ? silent : unknown;
  if (found == Contact::reset) return !link.connected && waits ? refused : unknown;
  // It answers before the next tick, and has nothing to answer that will come later.
  if (!link.connected || waits || down || trip >= c.plan.tick_lengths.back()) return unknown;
  return link.answer_due == Time::never() || link.answer_due < c.watch(self).tick_at ? answers : unknown;
}

/// Its INFO says of it what is known.
bool says_nothing_new(const Context& c, const Sentinel& machine, Number number) {
  const sentinel::Server& known = machine.servers[number];
  const Server& server = c.server(number);
  const bool is_master = server.master == nobody;
  const bool link_up = is_master || server.connection == Connection::up;
  if (known.info_at == Time::never() || known.info.master != server.master || known.info.link_up != link_up)
    return false;
  const sentinel::Role role = is_master ? sentinel::Role::master : sentinel::Role::replica;
  if (known.info.role != role || known.role != role) return false;
  // How long without its master decides how often it is asked.
  const bool counted = known.info.link_down != Duration();
  if (link_up == counted) return false;
  if (!link_up && server.was_up && c.now() - server.connection_since < Duration::seconds(1)) return false;
  if (number == machine.master) return is_master;
  const bool settled = known.reconf == sentinel::Server::Reconf::none || known.reconf == sentinel::Server::Reconf::done;
  return server.master == machine.master && settled;
}

/// In its master's INFO it will read of a replica that it does not know where it is.
bool learns_of_replicas(const Context& c, Number self) {
  for (Number i = 0; i < c.servers(); ++i) {
    const bool shown = c.server(i).master == c.watch(self).machine.master && c.server(i).connection == Connection::up;
    if (shown && !sentinel_knows(c, self, i)) return true;
  }
  return false;
}

bool tells_nobody(const Context& c, Number self) {
  const Sentinel& machine = c.watch(self).machine;
  const sentinel::Hello hello{self, machine.current_epoch, sentinel::current_master(machine), machine.config_epoch};
  for (Number to = 0; to < c.sentinels(); ++to) {
    if (to != self && runs_sentinel(c, to) && is_news(c, to, hello)) return false;
  }
  return true;
}

/// What of its links needs no events, as things are.
void look_what_is_calm(Context& c, Number self) {
  Watch& watch = c.watch(self);
  const Sentinel& machine = watch.machine;
  sentinel::Calm& calm = watch.calm;
  calm.servers.assign(c.servers(), {});
  calm.peers.assign(c.sentinels(), {});
  calm.next = Time::never();
  const bool acts = machine.state != Failover::none || machine.objectively_down || machine.promoted != nobody ||
                    machine.servers[machine.master].down;
  if (acts || ticks_matter(c)) return;
  calm.greets = tells_nobody(c, self);
  for (Number i = 0; i < c.servers(); ++i) {
    const sentinel::Server& known = machine.servers[i];
    sentinel::Calm::Link& its = calm.servers[i];
    its.trip = round_trip(c, self, {true, i});
    const bool denies = i == machine.master && known.role == sentinel::Role::replica;
    if (!denies) its.way = way_of(c, self, {true, i}, known.link, known.down, its.trip);
    its.informs = its.way == sentinel::Calm::Way::answers && says_nothing_new(c, machine, i) &&
                  (i != machine.master || !learns_of_replicas(c, self));
  }
  for (Number i = 0; i < c.sentinels(); ++i) {
    if (i == self) continue;
    const sentinel::Peer& known = machine.peers[i];
    sentinel::Calm::Link& its = calm.peers[i];
    its.trip = round_trip(c, self, {false, i});
    its.way = way_of(c, self, {false, i}, known.link, known.down, its.trip);
  }
  calm.next = sentinel::next_calm(c.plan.sentinel_rules, self, machine, calm);
}

/// Its next tick that does anything, or looks whether all may sleep: whoever does so first puts the others' looks off.
/// What it may do is as when somebody last asked.
void arm_tick(Context& c, Number self) {
  Watch& watch = c.watch(self);
  if (!c.state.awake || !ticks(c, self)) return c.world.queue.cancel(watch.tick_timer), void();
  const Time at = first_tick(c, self, std::min(watch.deed_at, watch.look_at));
  if (c.world.queue.pending(watch.tick_timer)) {
    if (c.world.queue.when(watch.tick_timer) == at) return;
    c.world.queue.cancel(watch.tick_timer);
  }
  std::optional<CauseScope> because;
  if (c.world.trace.holds(watch.cause)) because.emplace(c.world, watch.cause);
  watch.tick_timer = watch.machine.objectively_down ? c.world.schedule(at, FailoverTick{c.service.value, self})
                                                    : c.world.schedule(at, SentinelTick{c.service.value, self});
}

void schedule_tick(Context& c, Number self) {
  Watch& watch = c.watch(self);
  if (!c.state.awake || !ticks(c, self)) return c.world.queue.cancel(watch.tick_timer), void();
  pass_ticks(c, self);
  look_what_is_calm(c, self);
  watch.deed_at = ticks_matter(c) ? watch.tick_at
                                  : sentinel::next_deed(c.plan.sentinel_rules, self, watch.machine, watch.tick_at,
                                                        Now(c, self), watch.calm);
  arm_tick(c, self);
}

void schedule_ticks(Context& c) {
  for (Number i = 0; i < c.sentinels(); ++i) schedule_tick(c, i);
}

/// It begins to tick, or a look is over.
void set_look(Context& c, Number self) {
  if (ticks(c, self)) c.watch(self).look_at = first_tick(c, self, c.state.looked_at + sentinels_look_after);
}
void set_looks(Context& c) {
  for (Number i = 0; i < c.sentinels(); ++i) set_look(c, i);
}

// ---- what machines say ----

std::optional<sim::CauseId> note(Context& c, Number self, sentinel::Noted noted) {
  World& world = c.world;
  const auto id = c.service.value;
  Told& told = c.state.told;
  switch (noted.note) {
    case sentinel::Note::master_down: {
      const std::uint32_t bit = 1U << self;
      if ((told.down_by & bit) != 0) return std::nullopt;
      told.down_by |= bit;
      const int number = __builtin_popcount(told.down_by);
      if (number == 1) return world.note(FirstDown{id, self});
      if (number == 2) return world.note(SecondDown{id, self});
      if (number == 3) return world.note(ThirdDown{id, self});
      return std::nullopt;
    }
    case sentinel::Note::objectively_down:
      if (std::exchange(told.objectively_down, true)) return std::nullopt;
      return world.note(ObjectivelyDown{id, self});
    case sentinel::Note::try_failover: return world.note(FailoverTried{id, self}, c.watch(self).machine.failover_epoch);
    case sentinel::Note::elected: return world.note(Elected{id, self}, c.watch(self).machine.failover_epoch);
    case sentinel::Note::not_elected: return world.note(NotElected{id, self});
    case sentinel::Note::selected: return world.note(Selected{id, self}, noted.server);
    case sentinel::Note::no_good_replica: return world.note(NoGoodReplica{id, self});
    case sentinel::Note::abort_timeout: return world.note(FailoverAborted{id, self});
    case sentinel::Note::promoted: return world.note(Promoted{id, self}, noted.server);
    case sentinel::Note::failover_end: return world.note(FailoverEnded{id, self});
    case sentinel::Note::switched: {
      told.down_by = 0;
      told.objectively_down = false;
      if (!std::exchange(told.switched, true)) return world.note(Switched{id, self}, noted.server);
      return std::nullopt;
    }
    case sentinel::Note::tilt: return world.note(Tilted{id, self});
    case sentinel::Note::tilt_end: return world.note(TiltEnded{id, self});
    case sentinel::Note::master_up:
    case sentinel::Note::votes:
    case sentinel::Note::replicaof_sent:
    case sentinel::Note::reconfigured:
    case sentinel::Note::failover_end_timeout:
    case sentinel::Note::convert_to_replica:
    case sentinel::Note::fix_config: return std::nullopt;
  }
  return std::nullopt;
}

void look_whether_all_switched(Context& c, Number self) {
  Told& told = c.state.told;
  if (!told.switched) return;
  const Number master = c.watch(self).machine.master;
  for (Number i = 0; i < c.sentinels(); ++i) {
    if (runs_sentinel(c, i) && c.watch(i).machine.master != master) return;
  }
  told = {};
  c.world.note(AllSwitched{c.service.value, self});
}

void to_sentinel(Context& c, Number from, Number to, Packet packet) {
  packet.to = to;
  if (contact_from(c, from, {false, to}) != Contact::ok) return;
  deliver(c, one_way(c, c.sentinel_process(from), c.sentinel_process(to)), packet, c.watch(to).life);
}

/// Over a server it reaches all that have subscribed there.
void publish(Context& c, Number from, const sentinel::Say& say) {
  if (!say.server) {
    if (is_news(c, say.number, say.hello)) to_sentinel(c, from, say.number, {say.hello});
    return;
  }
  if (contact_from(c, from, {true, say.number}) != Contact::ok) return;
  for (Number to = 0; to < c.sentinels(); ++to) {
    if (to == from || !is_news(c, to, say.hello) || !runs_sentinel(c, to)) continue;
    if (contact_from(c, to, {true, say.number}) != Contact::ok) continue;
    Packet packet{say.hello};
    packet.to = to;
    const ProcessId server = c.server_process(say.number);
    const Duration takes = one_way(c, c.sentinel_process(from), server) + one_way(c, server, c.sentinel_process(to));
    deliver(c, takes, packet, c.watch(to).life);
  }
}

void tell(Context& c, Number self, const sentinel::Input& input);

/// A partner that stands still has a kernel that takes what comes, and answers all of it when it goes on.
bool stands_still(const Context& c, Other other) {
  if (other.server && redis::stands_still(c, other.number)) return true;
  return c.world.processes[process_of(c, other)].status == ProcessState::Status::stopped;
}

/// Until an answer to what is sent now: behind what has not got through yet.
Duration next_answer(Context& c, Number self, Other other) {
  const Link& link = link_to(c, self, other);
  const Duration trip = round_trip(c, self, other);
  return link.answer_due == Time::never() ? trip : std::max(trip, link.answer_due - c.now());
}

/// A ping is answered, refused, or nothing comes back.
void ping(Context& c, Number self, Other other) {
  const Contact found = contact_from(c, self, other);
  if (found == Contact::ok) {
    Link& link = link_to(c, self, other);
    // What has not got through yet goes first.
    if (link.answer_due == Time::never()) link.answer_due = c.now() + round_trip(c, self, other);
  } else if (found == Contact::silence) {
    link_to(c, self, other).unacknowledged = !stands_still(c, other);
  } else {
    tell(c, self, sentinel::LinkLost{other.server, other.number});
  }
}

struct Send {
  Context& c;
  Number self;
  void operator()(const sentinel::Connect& what) const { ping(c, self, {what.server, what.number}); }
  void operator()(const sentinel::Ping& what) const { ping(c, self, {what.server, what.number}); }
  void operator()(const sentinel::AskInfo& what) const {
    if (contact_from(c, self, {true, what.server}) != Contact::ok) return;
    const Duration takes = next_answer(c, self, {true, what.server});
    // What is answered together with what it was asked for before says the same.
    Time& informed = c.watch(self).informed_at[what.server];
    if (!literal_walks && informed == c.now() + takes && takes > Duration()) return;
    informed = c.now() + takes;
    Packet packet{InfoRequest{what.server}};
    packet.to = self;
    deliver(c, takes, packet, c.watch(self).life);
  }
  void operator()(const sentinel::Say& what) const { publish(c, self, what); }
  void operator()(const sentinel::Ask& what) const { to_sentinel(c, self, what.to, {what.question}); }
  void operator()(const sentinel::Answer& what) const { to_sentinel(c, self, what.to, {what.answer}); }
  void operator()(const sentinel::ReplicaOf& what) const {
    if (contact_from(c, self, {true, what.server}) != Contact::ok) return;
    Packet packet{what};
    packet.to = what.server;
    const Duration takes = one_way(c, c.sentinel_process(self), c.server_process(what.server));
    deliver(c, takes, packet, c.server(what.server).life);
  }
};

void tell(Context& c, Number self, const sentinel::Input& input) {
  pass_ticks(c, self);
  Watch& watch = c.watch(self);
  const Number master_before = watch.machine.master;
  sentinel::Output output = sentinel::step(c.plan.sentinel_rules, self, watch.machine, c.now(), input);
  if (output.draw_desync) {
    const ComponentId component = c.component(c.sentinel_process(self));
    watch.machine.failover_start =
        watch.machine.failover_start + c.world.phase(component, Purpose::watch_desync, c.parameters.desync);
  }
  if (watch.machine.master != master_before) watch.known[watch.machine.master] = c.server(watch.machine.master).address;
  bool switched = false;
  bool says_other = false;
  std::optional<CauseScope> because;
  for (const sentinel::Noted& noted : output.notes) {
    const std::optional<sim::CauseId> record = note(c, self, noted);
    switched = switched || noted.note == sentinel::Note::switched;
    says_other = says_other || switched || noted.note == sentinel::Note::promoted;
    if (!record) continue;
    watch.cause = *record;
    because.reset();
    because.emplace(c.world, *record);
  }
  if (switched) look_whether_all_switched(c, self);
  for (const sentinel::Command& command : output.commands) std::visit(Send{c, self}, command);
  // Who asks it where the master is gets another answer.
  if (says_other) look_at_accesses(c);
}

// ---- rest ----

sentinel::Info info_of(const Context& c, Number number) {
  const Server& server = c.server(number);
  sentinel::Info info;
  info.role = server.master == nobody ? sentinel::Role::master : sentinel::Role::replica;
  info.master = server.master;
  info.link_up = server.master == nobody || server.connection == Connection::up;
  if (!info.link_up) {
    info.link_down = server.was_up ? Duration::seconds((c.now() - server.connection_since) / Duration::seconds(1))
                                   : Duration::seconds(-1);
  }
  info.priority = c.plan.priorities[number];
  info.offset = offset(c, number);
  info.run = server.run;
  return info;
}

/// Its answers come before a connection over which a ping waits is made anew, half of down-after later (recycle), and
/// so before anybody misses it.
bool answers_in_time(const Context& c, Number self, Other other) {
  return c.world.infrastructure.degradations.empty() || round_trip(c, self, other) <= c.parameters.down_after / 2;
}

/// What it believes of a server is so, and stays so.
bool knows_server(const Context& c, Number self, Number number) {
  const Sentinel& machine = c.watch(self).machine;
  const sentinel::Server& known = machine.servers[number];
  // It will read in its master's INFO where the replica is now.
  const bool shown = c.server(number).master == machine.master && c.server(number).connection == Connection::up;
  if (shown && !sentinel_knows(c, self, number)) return false;
  if (contact_from(c, self, {true, number}) != Contact::ok) return known.down;
  if (!answers_in_time(c, self, {true, number})) return false;
  if (known.down || !known.link.connected || known.info_at == Time::never()) return false;
  if (known.link.waiting_since != Time::never() && known.link.answer_due == Time::never()) return false;
  const Server& server = c.server(number);
  const bool is_master = server.master == nobody;
  const bool link_up = is_master || server.connection == Connection::up;
  if ((known.info.role == sentinel::Role::master) != is_master) return false;
  if (known.info.master != server.master || known.info.link_up != link_up) return false;
  if (number == machine.master) return is_master;
  if (server.master != machine.master) return false;
  // Without its master it waits, and the Sentinel with it.
  return link_up ? server.silent_since == Time::never() || machine.servers[machine.master].down
                 : !serves(c, machine.master) || !reaches(c, number, machine.master);
}

bool knows_peer(const Context& c, Number self, Number number) {
  const sentinel::Peer& known = c.watch(self).machine.peers[number];
  const Sentinel& other = c.watch(number).machine;
  const Sentinel& machine = c.watch(self).machine;
  if (contact_from(c, self, {false, number}) != Contact::ok) return known.down;
  if (!answers_in_time(c, self, {false, number})) return false;
  if (known.down || !known.link.connected) return false;
  if (known.link.waiting_since != Time::never() && known.link.answer_due == Time::never()) return false;
  return other.master == machine.master && other.config_epoch == machine.config_epoch;
}

/// Its master is down for it, and it can do nothing about it.
bool hopeless(const Context& c, Number self) {
  const Sentinel& machine = c.watch(self).machine;
  if (machine.state != Failover::none) return false;
  std::int64_t votes = 0;
  std::int64_t agree = 0;
  for (Number i = 0; i < c.sentinels(); ++i) {
    if (i != self && (!runs_sentinel(c, i) || contact_from(c, self, {false, i}) != Contact::ok)) continue;
    ++votes;
    agree += c.watch(i).machine.servers[machine.master].down ? 1 : 0;
  }
  const std::size_t known = std::size_t{c.sentinels()} + machine.strangers;
  if (votes < sentinel::votes_needed(c.plan.sentinel_rules, known)) return true;
  if (agree < c.plan.sentinel_rules.quorum) return true;
  // It tries, or votes for who does, before it waits.
  if (machine.failover_start < machine.servers[machine.master].down_since) return false;
  // With the INFO that it would get by now: that only gets worse.
  Sentinel informed = machine;
  for (Number i = 0; i < c.servers(); ++i) {
    if (contact_from(c, self, {true, i}) != Contact::ok) continue;
    informed.servers[i].info = info_of(c, i);
    informed.servers[i].info_at = informed.servers[i].link.answered_at = c.now();
  }
  return sentinel::select_replica(c.plan.sentinel_rules, informed, c.now()) == nobody;
}

bool at_rest(const Context& c, Number self) {
  if (!runs_sentinel(c, self)) return true;
  const Sentinel& machine = c.watch(self).machine;
  if (machine.tilt || machine.state != Failover::none) return false;
  for (Number i = 0; i < c.servers(); ++i) {
    if (!knows_server(c, self, i)) return false;
  }
  for (Number i = 0; i < c.sentinels(); ++i) {
    if (i != self && !knows_peer(c, self, i)) return false;
  }
  return !machine.servers[machine.master].down || hopeless(c, self);
}

/// Who could not rest last time is asked first.
bool all_at_rest(Context& c) {
  for (Number i = 0; i < c.sentinels(); ++i) {
    const auto asked = static_cast<Number>((c.state.restless + i) % c.sentinels());
    advance(c, asked);
    if (at_rest(c, asked)) continue;
    c.state.restless = asked;
    return false;
  }
  return true;
}

void sleep(Context& c) {
  c.state.awake = false;
  c.state.told = {};
  for (Watch& watch : c.state.sentinels) {
    c.world.queue.cancel(watch.tick_timer);
    watch.calm = {};
  }
}

/// Ages of what a sleeper would have sent, at a random moment: a period and the wait for a tick after it. What has the
/// same period goes out at the same tick to all whom it came to know at the same time.
void draw_ages(Context& c, Number self) {
  Watch& watch = c.watch(self);
  Sentinel& machine = watch.machine;
  const sentinel::Rules& rules = c.plan.sentinel_rules;
  const ComponentId component = c.component(c.sentinel_process(self));
  const Time now = c.now();
  const auto age = [&](Purpose purpose, Duration period) {
    const Duration whole = period + draw_residual_tick(c, self);
    return c.world.phase(component, purpose, whole);
  };
  const Duration pinged = age(Purpose::ping_age, std::min(rules.down_after, rules.ping_period));
  const Duration informed = age(Purpose::info_age, rules.info_period);
  const Duration greeted = age(Purpose::stream_phase, rules.hello_period);
  each_other(c, self, [&](Other other) {
    Link& link = link_to(c, self, other);
    const bool answered = link.waiting_since == Time::never() || link.answer_due != Time::never();
    if (answered && link.connected) {
      link.answered_at = link.pinged_at = now - pinged;
      link.waiting_since = link.answer_due = Time::never();
      return;
    }
    link.tried_at = now - c.world.phase(component, Purpose::ping_age, rules.ping_period);
    if (link.connected) link.connected_at = now - c.world.phase(component, Purpose::ping_age, rules.min_link_age);
  });
  for (Number i = 0; i < c.servers(); ++i) {
    sentinel::Server& server = machine.servers[i];
    server.hello_at = now - greeted;
    if (server.down || server.info_at == Time::never()) continue;
    const bool watched = i != machine.master && server.info.link_down != Duration();
    const Duration since = watched ? age(Purpose::info_age, rules.watch_period) : informed;
    server.info_at = now - since;
    server.info.run = c.server(i).run;
    const Number source = c.server(i).master == nobody ? i : c.server(i).master;
    server.info.offset = offset(c, i) - c.state.rates[source] * since.to_seconds();
  }
  for (sentinel::Peer& peer : machine.peers) peer.hello_at = now - greeted;
  // Who stands still finds at its next tick for how long it did.
  if (!watch.frozen) machine.ticked_at = now;
  // Attempts that came to nothing have gone on.
  if (machine.failover_start >= Time::zero()) {
    const Duration turn = rules.failover_timeout * 2;
    const Duration since = now - machine.failover_start;
    if (since > turn) machine.failover_start = machine.failover_start + turn * (since / turn);
  }
}

void look_what_is_shown(Context& c) {
  c.state.shown.resize(c.servers());
  for (Number i = 0; i < c.servers(); ++i) {
    const Server& server = c.server(i);
    Shown& its = c.state.shown[i];
    its = {};
    its.link_up = server.master == nobody || server.connection == Connection::up;
    its.was_up = server.was_up;
    its.connection_since = server.connection_since;
    its.offset = server.offset;
    if (server.master == nobody && c.state.rates[i] > 0) {
      its.offset = c.state.offsets[i];
      its.rate = c.state.rates[i];
    }
    const bool follows = server.master != nobody && server.connection == Connection::up;
    if (!follows || server.silent_since != Time::never()) continue;
    its.master = server.master;
    its.lacks = c.state.rates[server.master] * behind(c, i).to_seconds();
  }
}

void wake(Context& c) {
  look_what_is_shown(c);
  c.state.awake = true;
  c.state.looked_at = c.now();
  for (Number i = 0; i < c.sentinels(); ++i) {
    Watch& watch = c.watch(i);
    watch.cause = c.world.trace.current();
    if (!watch.started) continue;
    draw_ages(c, i);
    if (!watch.frozen) tick_next(watch, c.now() + draw_residual_tick(c, i));
  }
  set_looks(c);
}

// ---- links that change under way ----

void look_at_link(Context& c, Number self, Other other) {
  Link& link = link_to(c, self, other);
  if (!link.connected) return;
  const Contact found = contact_from(c, self, other);
  if (found == Contact::reset) return tell(c, self, sentinel::LinkLost{other.server, other.number});
  if (found == Contact::silence) {
    link.answer_due = Time::never();
    link.unacknowledged = !stands_still(c, other);
    return;
  }
  if (link.waiting_since == Time::never() || link.answer_due != Time::never()) return;
  // A connection that was opened meanwhile asks again after a second; one that stood, after the shortest time-out.
  const bool opened = link.connected_at >= link.waiting_since;
  const Duration timeout = opened ? Duration::seconds(1) : c.world.plan->infra().tcp_rto_min;
  const Time first = opened ? link.connected_at : link.waiting_since;
  const bool just_sent = c.now() - link.pinged_at < round_trip(c, self, other);
  const Time again = just_sent || !link.unacknowledged ? c.now() : infrastructure::sent_again(first, timeout, c.now());
  link.answer_due = again + round_trip(c, self, other);
}

}  // namespace

void sentinels_read(Context& c) {
  if (!c.state.awake || c.clustered()) return;
  for (Number i = 0; i < c.sentinels(); ++i) advance(c, i);
}
void sentinels_will_read(Context& c) {
  if (c.state.awake && !c.clustered()) look_what_is_shown(c);
}

bool runs_sentinel(const Context& c, Number sentinel) {
  return c.watch(sentinel).started &&
         c.world.processes[c.sentinel_process(sentinel)].status == ProcessState::Status::running;
}

void look_at_sentinels(Context& c) {
  if (!c.state.awake) {
    if (all_at_rest(c)) return;
    wake(c);
  }
  for (Number i = 0; i < c.sentinels(); ++i) {
    if (!c.watch(i).started) continue;
    pass_ticks(c, i);
    each_other(c, i, [&](Other other) { look_at_link(c, i, other); });
  }
  schedule_ticks(c);
}

void sentinel_started(Context& c, Number sentinel) {
  Watch& watch = c.watch(sentinel);
  const Duration takes =
      c.world.draw(c.component(c.sentinel_process(sentinel)), Purpose::process_start, c.parameters.start);
  watch.start_timer = c.world.schedule(c.now() + takes, SentinelUp{c.service.value, sentinel, watch.life});
}

void sentinel_died(Context& c, Number sentinel) {
  Watch& watch = c.watch(sentinel);
  pass_ticks(c, sentinel);
  watch.calm = {};
  watch.started = watch.frozen = false;
  ++watch.life;
  c.world.queue.cancel(watch.start_timer);
  schedule_ticks(c);
}

void stand_still(Context& c, Number sentinel) {
  Watch& watch = c.watch(sentinel);
  if (watch.frozen || !watch.started) return;
  pass_ticks(c, sentinel);
  watch.calm = {};
  watch.frozen = true;
  if (!c.state.awake) watch.machine.ticked_at = c.now();
  schedule_ticks(c);
}

void go_on(Context& c, Number sentinel) {
  Watch& watch = c.watch(sentinel);
  if (!std::exchange(watch.frozen, false) || !watch.started) return;
  if (!c.state.awake) {
    const Time stopped = watch.machine.ticked_at;
    wake(c);
    watch.machine.ticked_at = stopped;
  }
  watch.cause = c.world.trace.current();
  tick_next(watch, c.now());
  set_look(c, sentinel);
}

void monitor_anew(Context& c, Number sentinel, Number master) {
  Watch& watch = c.watch(sentinel);
  pass_ticks(c, sentinel);
  watch.calm = {};
  sentinel::monitor_anew(watch.machine, master, c.now());
  for (Number i = 0; i < c.servers(); ++i) watch.known[i] = c.server(i).address;
  watch.cause = c.world.trace.current();
}

bool fail_over_by_hand(Context& c, Number asked) {
  if (!runs_sentinel(c, asked)) return false;
  if (!c.state.awake) {
    wake(c);
    c.watch(asked).cause = c.world.trace.current();
  }
  tell(c, asked, sentinel::FailoverByHand{});
  schedule_ticks(c);
  return c.watch(asked).machine.forced;
}

// ---- events ----

namespace {

void tick(World& world, ServiceId service, Number self) {
  Context c = context(world, service);
  grow(c);
  Watch& watch = c.watch(self);
  const bool acts = watch.deed_at <= c.now();
  if (acts) {
    tell(c, self, sentinel::Tick{});
  } else {
    advance(c, self);
    calm_tick(c, self, c.now());
    sentinel::pass(watch.machine, c.now());
  }
  const bool looks = c.now() - c.state.looked_at >= sentinels_look_after;
  if (looks) {
    c.state.looked_at = c.now();
    if (all_at_rest(c)) return sleep(c);
  }
  tick_passes(c, self);
  if (looks) set_looks(c);
  if (acts) schedule_tick(c, self);
  for (Number i = 0; i < c.sentinels(); ++i) {
    if (i == self ? !acts : looks) arm_tick(c, i);
  }
}

struct Arrive {
  Context& c;
  const Packet& packet;
  void operator()(const InfoRequest& request) const {
    if (contact_from(c, packet.to, {true, request.server}) != Contact::ok) return;
    if (!c.watch(packet.to).machine.servers[request.server].link.connected) return;
    tell(c, packet.to, sentinel::InfoReply{request.server, info_of(c, request.server)});
    if (request.server == c.watch(packet.to).machine.master) learn_replicas(c, packet.to);
  }
  template <class Message>
  void operator()(const Message& message) const {
    tell(c, packet.to, message);
  }
  void operator()(const sentinel::ReplicaOf& command) const { replicate(c, command.server, command.master); }
};

}  // namespace

void on(World& world, const SentinelTick& event) { tick(world, ServiceId{event.service}, event.sentinel); }
void on(World& world, const FailoverTick& event) { tick(world, ServiceId{event.service}, event.sentinel); }

void on(World& world, const PacketArrived& event) {
  Context c = context(world, ServiceId{event.service});
  const Packet packet = c.state.packets[event.packet];
  c.state.free_packets.push_back(event.packet);
  const bool to_server = std::holds_alternative<sentinel::ReplicaOf>(packet.body);
  const std::uint32_t life = to_server ? c.server(packet.to).life : c.watch(packet.to).life;
  const bool there = to_server ? answers(c, packet.to) : runs_sentinel(c, packet.to) && c.state.awake;
  if (life != packet.life || !there) {
    world.stale = true;
    return;
  }
  grow(c);
  std::visit(Arrive{c, packet}, packet.body);
  if (!to_server) schedule_tick(c, packet.to);
}

void on(World& world, const SentinelUp& event) {
  Context c = context(world, ServiceId{event.service});
  Watch& watch = c.watch(event.sentinel);
  if (watch.life != event.life || watch.started) {
    world.stale = true;
    return;
  }
  watch.started = true;
  const bool forgets = sentinel_moves(c, event.sentinel);
  const auto restart = [&] {
    forgets ? sentinel::restart_without_configuration(watch.machine, c.now())
            : sentinel::restart(watch.machine, c.now());
  };
  restart();
  if (forgets) {
    for (Number i = 0; i < c.servers(); ++i) watch.known[i] = c.server(i).address;
  }
  watch.cause = world.trace.current();
  if (!c.state.awake) wake(c);
  restart();
  tick_next(watch, c.now());
  set_look(c, event.sentinel);
  settle(c);
}

}  // namespace nines::models::redis
