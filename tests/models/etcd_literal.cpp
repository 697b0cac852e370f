#include "tests/models/etcd_literal.hpp"

#include <algorithm>
#include <utility>

namespace nines::models::testing {

using namespace etcd::raft;

LiteralEtcd::LiteralEtcd(const LiteralSettings& settings, std::uint64_t seed) : settings_(settings), dice_(seed) {
  const auto count = at(settings.members);
  Members all;
  for (MemberId member = 0; member < settings.members; ++member) {
    all.voters = static_cast<MemberSet>(all.voters | only(member));
  }
  members_.resize(count);
  cuts_.assign(count * count, false);
  for (int i = 0; i < settings.members; ++i) {
    Member& member = members_[at(i)];
    member.node.log = Log(all);
    member.node.log.append(1);
    member.node.log.commit(1);
    member.node.term = 1;
    member.node.vote = member.node.lead = 0;
    member.node.timeout = draw_timeout();
    member.disk = stable(member.node);
    plan(now_ + sim::scaled(settings.tick, dice_.uniform()), Kind::tick, i);
  }
  Node& leader = members_[0].node;
  leader.role = Role::leader;
  leader.elapsed = static_cast<Ticks>(dice_.below(settings.rules.election_ticks));
  leader.progress.assign(most_members, {});
  for (Progress& progress : leader.progress) progress = {Progress::State::replicate, false, true, 1, 2};
}

Ticks LiteralEtcd::draw_timeout() {
  const Ticks least = settings_.rules.election_ticks;
  return least + static_cast<Ticks>(dice_.below(settings_.spread == 0 ? least : settings_.spread));
}

void LiteralEtcd::plan(sim::Time when, Kind kind, int member, Parcel parcel) {
  std::size_t slot = 0;
  if (kind != Kind::tick) {
    if (free_parcels_.empty()) {
      free_parcels_.push_back(parcels_.size());
      parcels_.emplace_back();
    }
    slot = free_parcels_.back();
    free_parcels_.pop_back();
    parcels_[slot] = std::move(parcel);
  }
  queue_.push({when, events_++, kind, member, members_[at(member)].life, slot});
}

bool LiteralEtcd::next(sim::Time until) {
  if (queue_.empty() || queue_.top().when > until) return false;
  const Event event = queue_.top();
  queue_.pop();
  now_ = event.when;
  if (event.kind == Kind::tick) {
    // The grid of a clock goes on while the process is down; a process begins with a phase of its own, which is as
    // good.
    plan(now_ + settings_.tick, Kind::tick, event.member);
    tick(event.member);
    return true;
  }
  Parcel parcel = std::move(parcels_[event.parcel]);
  free_parcels_.push_back(event.parcel);
  if (event.life != members_[at(event.member)].life) return true;
  if (event.kind == Kind::written) {
    written(event.member, std::move(parcel));
  } else {
    arrive(event.member, parcel.messages.front());
  }
  return true;
}

void LiteralEtcd::run_until(sim::Time until) {
  while (next(until)) {
  }
  now_ = until;
}

std::optional<sim::Time> LiteralEtcd::next_election(sim::Time until) {
  elected_ = false;
  while (!elected_) {
    if (!next(until)) return std::nullopt;
  }
  return now_;
}

void LiteralEtcd::kill(int member) {
  Member& killed = members_[at(member)];
  input(member, Died{});
  ++killed.life;
  killed.writing = killed.tick_waits = killed.must_sync = killed.stopped = false;
  killed.outbox.clear();
  killed.inbox.clear();
}

void LiteralEtcd::start(int member) { input(member, Started{members_[at(member)].disk}); }

void LiteralEtcd::stop(int member) { members_[at(member)].stopped = true; }

void LiteralEtcd::carry_on(int member) {
  Member& stopped = members_[at(member)];
  stopped.stopped = false;
  const std::vector<Message> waiting = std::exchange(stopped.inbox, {});
  for (const Message& message : waiting) arrive(member, message);
  if (std::exchange(stopped.tick_waits, false)) tick(member);
}

void LiteralEtcd::cut(int a, int b, bool lost) {
  cuts_[at(a) * members_.size() + at(b)] = cuts_[at(b) * members_.size() + at(a)] = lost;
}

void LiteralEtcd::had_received(int member) {
  members_[at(member)].node.log.append(node(member).term);
  members_[at(member)].disk = stable(node(member));
}

void LiteralEtcd::transfer(int from, int to) { input(from, TransferTo{static_cast<MemberId>(to)}); }

int LiteralEtcd::leader() const {
  int best = -1;
  for (int i = 0; i < settings_.members; ++i) {
    if (node(i).role == Role::leader && (best < 0 || node(i).term > node(best).term)) best = i;
  }
  return best;
}

void LiteralEtcd::tick(int index) {
  Member& member = members_[at(index)];
  if (member.node.role == Role::down) return;
  if (member.writing || member.stopped) {
    member.tick_waits = true;
    return;
  }
  input(index, Tick{});
}

void LiteralEtcd::arrive(int index, const Message& message) {
  Member& member = members_[at(index)];
  if (member.node.role == Role::down) return;
  if (member.stopped) {
    member.inbox.push_back(message);
    return;
  }
  input(index, message);
}

namespace {

/// A vote that is refused, or a round that is lost.
bool keeps_timer(const Input& what, const Node& after, const Output& output) {
  const auto* message = std::get_if<Message>(&what);
  if (message == nullptr || after.role != Role::follower) return false;
  if (std::holds_alternative<VoteResponse>(message->body)) return true;
  return std::holds_alternative<VoteRequest>(message->body) &&
         std::any_of(output.notes.begin(), output.notes.end(), [](Note note) { return note == Note::refuses_vote; });
}

}  // namespace

void LiteralEtcd::input(int index, const Input& what) {
  Member& member = members_[at(index)];
  const Ticks elapsed = member.node.elapsed;
  Output output = step(settings_.rules, static_cast<MemberId>(index), member.node, what);
  if (settings_.paper_timers && keeps_timer(what, member.node, output)) {
    member.node.elapsed = elapsed;
  } else if (output.draw_timeout) {
    member.node.timeout = draw_timeout();
  }
  member.must_sync = member.must_sync || output.must_sync;
  for (Message& message : output.messages) member.outbox.push_back(std::move(message));
  for (const Note note : output.notes) {
    if (note == Note::campaigns) ++campaigns_;
    if (note == Note::campaigns && !first_campaign_) first_campaign_ = now_;
    if (note == Note::lease_ignores) ++leases_ignored_;
    if (note == Note::steps_down) ++step_downs_;
    if (note == Note::elected) elected_ = true;
  }
  if (member.node.role != Role::down) ready(index);
}

void LiteralEtcd::ready(int index) {
  Member& member = members_[at(index)];
  if (member.writing || (member.outbox.empty() && !member.must_sync)) return;
  std::vector<Message> messages = std::exchange(member.outbox, {});
  const bool leads = member.node.role == Role::leader;
  if (leads) send(messages);
  if (!std::exchange(member.must_sync, false)) {
    if (!leads) send(messages);
    return;
  }
  member.writing = true;
  sim::Duration takes = settings_.write + std::exchange(member.stall, {});
  if (settings_.write_spread > sim::Duration{}) takes += sim::scaled(settings_.write_spread, dice_.uniform());
  plan(now_ + takes, Kind::written, index, {stable(member.node), leads ? std::vector<Message>() : std::move(messages)});
}

void LiteralEtcd::written(int index, Parcel parcel) {
  Member& member = members_[at(index)];
  member.writing = false;
  send(parcel.messages);
  member.disk = std::move(parcel.disk);
  input(index, Persisted{member.disk.log.last()});
  if (std::exchange(member.tick_waits, false)) tick(index);
}

void LiteralEtcd::send(const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    if (cuts_[message.from * members_.size() + message.to]) continue;
    plan(now_ + settings_.one_way, Kind::arrival, message.to, {{}, {message}});
  }
}

}  // namespace nines::models::testing
