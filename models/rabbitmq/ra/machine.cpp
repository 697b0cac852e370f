#include "models/rabbitmq/ra/machine.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>

namespace nines::models::rabbitmq::ra {

namespace {

/// One step: the server and what comes out. Functions of the source are named where they are played.
struct Server {
  const Rules& rules;
  const MemberId self;
  Node& node;
  Output output{};

  // ---- helpers ----

  void ignore() { output.ignored = true; }
  void note(Note what) { output.notes.push_back(what); }
  void send(MemberId to, Body body) {
    Message& message = output.messages.emplace_back();
    message.from = self;
    message.to = to;
    message.term = node.term;
    message.body = std::move(body);
  }
  [[nodiscard]] MemberSet members() const { return node.log.members(); }
  template <class F>
  void for_others(F&& call) {
    for (MemberId member = 0; member < most_members; ++member) {
      if (member != self && contains(members(), member)) call(member);
    }
  }

  void set_timer(Timer timer) {
    if (node.timer == Timer::none && timer == Timer::none) return;
    node.timer = timer;
    output.timer_changed = true;
  }
  /// maybe_set_election_timeout
  void arm(Timer timer) {
    if (node.timer == Timer::none) set_timer(timer);
  }
  /// next_state: gen_statem cancels the timer of the state that is left.
  void enter(Role role) {
    if (node.role == Role::leader) node.peers.clear();
    node.role = role;
    node.condition = Condition::none;
    set_timer(Timer::none);
  }
  /// A replica that was never written to waits until somebody calls it.
  [[nodiscard]] bool is_new() const { return node.log.last().index == 0; }
  void become_follower() {
    enter(Role::follower);
    if (!is_new()) arm(Timer::long_timer);
  }
  void await(Condition condition) {
    enter(Role::await_condition);
    node.condition = condition;
    arm(Timer::condition);
  }

  /// update_term_and_voted_for
  void update_term_and_vote(Term term, MemberId vote) {
    if (node.term == term && node.vote == vote) return;
    node.term = term;
    node.vote = vote;
    output.sync_vote = true;
  }
  void update_term(Term term) {
    if (term > node.term) update_term_and_vote(term, nobody);
  }

  /// apply_to; a follower applies what it has, written or not.
  void apply() { node.applied = std::max(node.applied, std::min(node.commit, node.log.last().index)); }

  // ---- elections ----

  /// call_for_election(pre_vote)
  void call_pre_vote() {
    note(Note::asks);
    node.lead = nobody;
    ++node.token;
    update_term_and_vote(node.term, self);
    for_others([&](MemberId to) { send(to, PreVote{node.log.last(), node.token}); });
    if (node.role != Role::pre_vote) {
      node.monitored = nobody;
      enter(Role::pre_vote);
    }
    arm(Timer::long_timer);
    node.granted = 0;
    count_vote(self);
  }

  /// call_for_election(candidate)
  void stand() {
    note(Note::stands);
    node.lead = nobody;
    update_term_and_vote(node.term + 1, self);
    for_others([&](MemberId to) { send(to, RequestVote{node.log.last()}); });
    if (node.role != Role::candidate) {
      enter(Role::candidate);
      arm(Timer::short_timer);
    }
    arm(Timer::medium);  // of a candidate that stands again
    node.granted = 0;
    count_vote(self);
  }

  void count_vote(MemberId from) {
    node.granted = static_cast<MemberSet>(node.granted | only(from));
    // Ra counts the vote of one that is no member any more, too; RabbitMQ deletes such servers.
    if (size(static_cast<MemberSet>(node.granted & members())) < majority(members())) return;
    node.role == Role::pre_vote ? stand() : lead();
  }

  void lead() {
    enter(Role::leader);
    node.lead = self;
    note(Note::elected);
    node.peers.assign(most_members, {});
    for (Peer& peer : node.peers) peer.next = node.log.last().index + 1;
    append_to_all();
    node.log.append(node.term);
    node.noop = node.log.last().index;
    output.write = true;
    pipeline();
  }

  void abdicate(Term term) {
    note(Note::abdicates);
    update_term(term);
    node.lead = nobody;
    become_follower();
  }

  // ---- a leader's log ----

  /// make_rpc_effect: what `to` needs next; says what that will be after it.
  Index send_append(MemberId to) {
    Peer& peer = node.peers[to];
    const Index before = peer.next - 1;
    if (!node.log.term(before)) {
      // An entry that is missing here is in the snapshot.
      peer.gets_snapshot = true;
      send(to, InstallSnapshot{node.log.snapshot(), node.log.snapshot_members()});
      return node.log.snapshot().index;
    }
    // Without entries only if there are none: the receiver drops what it has beyond.
    const Index last = std::min(node.log.last().index, std::max(peer.match + rules.max_pipeline, before + rules.batch));
    send(to, Append{node.log.slice(before, last), node.commit});
    return last + 1;
  }
  /// make_all_rpcs: that everybody hears of the leader.
  void append_to_all() {
    for_others([&](MemberId to) {
      if (!node.peers[to].gets_snapshot) send_append(to);
    });
  }
  /// make_pipelined_rpc_effects
  void pipeline() {
    for_others([&](MemberId to) {
      Peer& peer = node.peers[to];
      if (peer.gets_snapshot || peer.next >= peer.match + rules.max_pipeline) return;
      if (peer.next > node.log.last().index && peer.commit_sent >= node.commit) return;
      const Index next = send_append(to);
      peer.next = next;
      peer.commit_sent = node.commit;
    });
  }
  /// stale_peers
  [[nodiscard]] bool is_stale(MemberId member) const {
    const Peer& peer = node.peers[member];
    return !peer.gets_snapshot && (peer.match + 1 < peer.next || peer.commit_sent < node.commit);
  }

  /// evaluate_quorum: entries of its own term that a majority has on its disks are committed, and all before them.
  void evaluate_quorum() {
    std::array<Index, most_members> written{};
    std::size_t count = 0;
    for (MemberId member = 0; member < most_members; ++member) {
      if (!contains(members(), member)) continue;
      written[count++] = member == self ? node.log.written().index : node.peers[member].match;
    }
    if (count == 0) return;
    const auto nth = written.begin() + (majority(members()) - 1);
    std::nth_element(written.begin(), nth, written.begin() + static_cast<std::ptrdiff_t>(count), std::greater<>());
    if (*nth <= node.commit || node.log.term(*nth) != node.term) return;
    node.commit = *nth;
    apply();
  }
  /// After its majority may have grown: the leader sends on, unless it has committed that it is a member no more.
  void go_on() {
    evaluate_quorum();
    pipeline();
    if (contains(members(), self) || node.commit < node.log.last_change()) return;
    note(Note::removed);
    on(Died{});
  }

  // ---- inputs without a sender ----

  void on(const Started& start) {
    const std::uint32_t token = node.token;  // so that no answer to another life is taken for one to this
    node = {};
    node.token = token;
    node.term = start.disk.term;
    node.vote = start.disk.vote;
    node.log = start.disk.log;
    node.applied = std::clamp(start.disk.applied, node.log.snapshot().index, node.log.last().index);
    node.commit = node.agreed = node.applied;
    node.role = Role::follower;
    output.timer_changed = true;
    if (!is_new()) arm(Timer::short_timer);
  }
  void on(const Died&) {
    enter(Role::down);
    node.lead = node.monitored = nobody;
  }

  void on(const TimerFired&) {
    const Timer fired = std::exchange(node.timer, Timer::none);
    if (fired == Timer::none) return ignore();
    switch (node.role) {
      case Role::follower:
      case Role::pre_vote: return call_pre_vote();
      case Role::candidate: return stand();
      case Role::await_condition: return give_up_waiting();
      case Role::leader:
      case Role::down: return ignore();
    }
  }
  void give_up_waiting() {
    const Condition condition = node.condition;
    if (condition == Condition::transfer) {
      // It never ceased to lead: what it knows of the others stays.
      node.role = Role::leader;
      node.condition = Condition::none;
      return;
    }
    if (node.lead != nobody) refuse(condition);
    become_follower();
  }

  void on(const Tick&) {
    if (node.role != Role::leader) return ignore();
    for_others([&](MemberId to) {
      if (is_stale(to)) send_append(to);
    });
  }

  void on(const Down& down) {
    if (node.monitored != down.member) return ignore();
    node.monitored = nobody;
    if (node.role == Role::await_condition) return become_follower();
    if (node.role != Role::follower) return;
    if (!down.noconnection) node.lead = nobody;
    arm(down.noconnection ? Timer::short_timer : Timer::really_short);
  }
  void on(const Suspected& suspected) {
    if (node.lead != suspected.member) return ignore();
    if (node.role == Role::follower) return arm(Timer::long_timer);
    // A leader that hands over is its own leader.
    if (node.role != Role::await_condition) return ignore();
    become_follower();
  }
  void on(const Trusted& trusted) {
    if (node.role != Role::follower || node.lead != trusted.member || node.timer == Timer::none) return ignore();
    set_timer(Timer::none);
  }

  void on(const Propose& proposal) {
    if (node.role != Role::leader) return note(Note::dropped);
    node.log.append(node.term, proposal.count);
    output.write = true;
    pipeline();
  }
  /// cluster_change_permitted: one change at a time, and none before an entry of this term is committed (Raft paper's
  /// erratum on single-server changes).
  [[nodiscard]] bool may_change() const {
    return node.role == Role::leader && node.applied >= std::max(node.noop, node.log.last_change());
  }
  void on(const AddMember& add) {
    if (!may_change() || contains(members(), add.member)) return note(Note::dropped);
    node.peers[add.member] = {};
    change(static_cast<MemberSet>(members() | only(add.member)));
  }
  void on(const RemoveMember& remove) {
    if (!may_change() || !contains(members(), remove.member)) return note(Note::dropped);
    change(static_cast<MemberSet>(members() & ~only(remove.member)));
  }
  void change(MemberSet to) {
    node.log.append(node.term, to);
    output.write = true;
    pipeline();
  }

  void on(const TransferTo& transfer) {
    if (node.role != Role::leader || transfer.member == self || !contains(members(), transfer.member)) return ignore();
    send(transfer.member, TryBecomeLeader{});
    node.role = Role::await_condition;
    node.condition = Condition::transfer;
    arm(Timer::condition);
  }
  void on(const TriggerElection&) {
    if (node.role != Role::follower && node.condition != Condition::missing &&
        node.condition != Condition::term_mismatch)
      return ignore();
    call_pre_vote();
  }

  void on(const Persisted& write) {
    if (node.role == Role::down || !node.log.mark_written(write.entry)) return ignore();
    if (node.role == Role::leader) return go_on();
    // What the same leader sent in a former term may have been replaced since (Ra confirms it all the same).
    if (node.role == Role::follower && node.lead != nobody && node.agreed_term == node.term)
      send(node.lead, confirmation());
  }
  void on(const SnapshotFailed& failed) {
    if (node.peers.empty() || !node.peers[failed.member].gets_snapshot) return ignore();
    node.peers[failed.member].gets_snapshot = false;
  }

  // ---- messages ----

  void on(const Message& message) {
    switch (node.role) {
      case Role::down: return ignore();
      case Role::follower: {
        const MemberId before = node.lead;
        std::visit([&](const auto& body) { follower(message, body); }, message.body);
        if (node.role == Role::follower || node.role == Role::await_condition) watch_leader(before);
        return;
      }
      case Role::pre_vote: return std::visit([&](const auto& body) { pre_vote(message, body); }, message.body);
      case Role::candidate: return std::visit([&](const auto& body) { candidate(message, body); }, message.body);
      case Role::leader: return std::visit([&](const auto& body) { leader(message, body); }, message.body);
      case Role::await_condition: return std::visit([&](const auto& body) { waiting(message, body); }, message.body);
    }
  }
  void as_follower(const Message& message) {
    become_follower();
    on(message);
  }

  /// follower_leader_change: a monitor that has fired is set again by whatever comes next.
  void watch_leader(MemberId before) {
    if (node.lead == nobody || (node.lead == before && node.monitored != nobody)) return;
    node.monitored = output.monitor = node.lead;
    if (node.lead != before) note(Note::leader_change);
  }

  template <class Other>
  void follower(const Message&, const Other&) {
    ignore();
  }
  template <class Other>
  void pre_vote(const Message&, const Other&) {
    ignore();
  }
  template <class Other>
  void candidate(const Message&, const Other&) {
    ignore();
  }
  template <class Other>
  void leader(const Message&, const Other&) {
    ignore();
  }
  template <class Other>
  void waiting(const Message&, const Other&) {
    ignore();
  }

  // ---- appends ----

  /// append_entries_reply: written here, and the same as the leader's.
  [[nodiscard]] AppendReply confirmation() const {
    const Index index = std::min(node.log.written().index, node.agreed);
    return {true, node.agreed + 1, {node.log.term(index).value_or(0), index}};
  }
  void refuse(Condition condition) {
    if (condition == Condition::missing)
      return send(node.lead, AppendReply{false, node.log.last().index + 1, node.log.written()});
    // mismatch_append_entries_reply: back to what it has applied.
    send(node.lead, AppendReply{false, node.applied + 1, {node.log.term(node.applied).value_or(0), node.applied}});
  }

  void follower(const Message& message, const Append& append) {
    // Of a former term: the sender is told of this one.
    if (message.term < node.term)
      return send(message.from, AppendReply{false, node.log.last().index + 1, node.log.written()});
    update_term(message.term);
    node.lead = message.from;
    set_timer(Timer::none);  // record_leader_msg
    if (node.agreed_term != node.term) {
      node.agreed_term = node.term;
      node.agreed = node.applied;
    }
    const EntryId before = append.entries.before;
    if (!node.log.has(before)) {
      const bool missing = !node.log.term(before.index) && before.index > node.log.snapshot().index;
      const Condition why = missing ? Condition::missing : Condition::term_mismatch;
      refuse(why);
      return await(why);
    }
    const Index last = append.entries.last;
    if (append.entries.empty() && node.log.last().index > last) node.log.cut_after(last);
    const bool added = node.log.take(append.entries);
    node.agreed = std::min(std::max(node.agreed, last), node.log.last().index);
    output.write = added;
    if (added || node.log.last().index <= node.agreed) {
      node.commit = std::max(node.commit, append.commit);
      apply();
    }
    if (!added) send(node.lead, confirmation());  // else when it is written
  }
  void pre_vote(const Message& message, const Append&) {
    if (message.term < node.term) return ignore();
    update_term(message.term);
    as_follower(message);
  }
  void candidate(const Message& message, const Append&) {
    if (message.term < node.term)
      return send(message.from, AppendReply{false, node.log.last().index + 1, node.log.written()});
    update_term_and_vote(message.term, nobody);
    as_follower(message);
  }
  void leader(const Message& message, const Append&) {
    if (message.term < node.term)
      return send(message.from, AppendReply{false, node.log.last().index + 1, node.log.written()});
    assert(message.term > node.term);  // two leaders in one term
    abdicate(message.term);
    on(message);
  }
  /// follower_catchup_cond, transfer_leadership_condition
  void waiting(const Message& message, const Append& append) {
    if (node.condition == Condition::transfer) {
      if (message.term <= node.term) return ignore();
      return abandon(message);
    }
    const EntryId before = append.entries.before;
    const bool known = node.log.term(before.index).has_value();
    const bool mismatch = known && !node.log.has(before);
    if (message.term < node.term || !known || (mismatch && node.condition != Condition::missing)) return ignore();
    as_follower(message);
  }
  /// A leader that handed over has a successor.
  void abandon(const Message& message) {
    node.peers.clear();
    abdicate(message.term);
    on(message);
  }

  // ---- replies to appends ----

  /// Of a higher term: whoever it was before is a follower now.
  bool outdated(const Message& message) const { return message.term > node.term; }

  void follower(const Message& message, const AppendReply&) { update_term(message.term); }
  void candidate(const Message& message, const AppendReply&) {
    if (!outdated(message)) return ignore();
    update_term(message.term);
    become_follower();
  }
  void leader(const Message& message, const AppendReply& reply) {
    if (!contains(members(), message.from)) return ignore();
    if (outdated(message)) return abdicate(message.term);
    if (message.term != node.term) return ignore();  // 2.2.0 takes refusals of former terms, too
    Peer& peer = node.peers[message.from];
    if (reply.success) {
      peer.match = std::max(peer.match, reply.last.index);
      peer.next = std::max(peer.next, reply.next);
      return go_on();
    }
    const std::optional<Term> term = node.log.term(reply.last.index);
    if (!term || (*term == reply.last.term && reply.last.index >= peer.match)) {
      // Nothing is here to compare it with, or they agree there.
      if (term) peer.match = reply.last.index;
      peer.next = reply.next;
    } else if (reply.last.index < peer.match) {
      // It has lost what it had.
      peer.match = reply.last.index;
      peer.next = reply.last.index + 1;
    } else {
      peer.next = std::max(std::min(peer.next - 1, reply.last.index), std::max<Index>(peer.match, 1));
    }
    peer.next = std::min(peer.next, node.log.last().index + 1);
    pipeline();
  }

  // ---- snapshots ----

  void install(const Message& message, const InstallSnapshot& snapshot) {
    const MemberId before = node.lead;
    update_term(message.term);
    node.lead = message.from;
    node.log.install(snapshot.last, snapshot.members);
    node.commit = node.applied = node.agreed = snapshot.last.index;
    node.agreed_term = node.term;
    send(message.from, SnapshotResult{snapshot.last});
    become_follower();
    watch_leader(before);
  }
  void follower(const Message& message, const InstallSnapshot& snapshot) {
    if (message.term < node.term) return send(message.from, SnapshotResult{snapshot.last});
    if (snapshot.last.index <= node.applied) return ignore();
    install(message, snapshot);
  }
  void pre_vote(const Message& message, const InstallSnapshot&) {
    if (message.term < node.term) return ignore();
    as_follower(message);
  }
  void leader(const Message& message, const InstallSnapshot&) {
    if (!outdated(message)) return ignore();
    abdicate(message.term);
    on(message);
  }
  void waiting(const Message& message, const InstallSnapshot& snapshot) {
    if (node.condition == Condition::transfer) return outdated(message) ? abandon(message) : ignore();
    if (message.term < node.term || snapshot.last.index <= node.log.last().index) return ignore();
    as_follower(message);
  }
  void leader(const Message& message, const SnapshotResult& result) {
    if (!contains(members(), message.from)) return ignore();
    if (outdated(message)) return abdicate(message.term);
    if (message.term != node.term) return ignore();
    Peer& peer = node.peers[message.from];
    peer = {result.last.index + 1, result.last.index, result.last.index, false};
    pipeline();
  }

  // ---- pre-votes ----

  /// process_pre_vote. Whether a leader is alive is not asked.
  void process_pre_vote(const Message& message, const PreVote& request) {
    if (message.term < node.term) return send(message.from, PreVoteResult{request.token, false});
    update_term(message.term);
    const bool granted = node.log.is_up_to_date(request.last);
    if (!granted && node.role == Role::follower) return arm(Timer::long_timer);  // and no answer
    send(message.from, PreVoteResult{request.token, granted});
  }
  void follower(const Message& message, const PreVote& request) { process_pre_vote(message, request); }
  void pre_vote(const Message& message, const PreVote& request) { process_pre_vote(message, request); }
  void waiting(const Message& message, const PreVote& request) {
    // Ra takes the term and may lead again when its wait ends, in a term that nobody elected it for.
    if (node.condition == Condition::transfer && outdated(message)) return abandon(message);
    process_pre_vote(message, request);
  }
  void candidate(const Message& message, const PreVote&) {
    if (!outdated(message)) return ignore();
    update_term(message.term);
    as_follower(message);
  }
  void leader(const Message& message, const PreVote&) {
    if (!outdated(message)) return append_to_all();  // enforces its leadership
    if (!contains(members(), message.from)) return ignore();
    abdicate(message.term);
    on(message);
  }
  void pre_vote(const Message& message, const PreVoteResult& result) {
    if (outdated(message)) {
      update_term(message.term);
      return become_follower();
    }
    if (!result.granted || result.token != node.token || message.term != node.term) return ignore();
    count_vote(message.from);
  }

  // ---- votes ----

  void follower(const Message& message, const RequestVote& request) {
    const bool voted = message.term == node.term && node.vote != nobody && node.vote != message.from;
    if (voted || message.term < node.term) return send(message.from, VoteResult{false});
    update_term(message.term);
    const bool granted = node.log.is_up_to_date(request.last);
    if (granted) update_term_and_vote(message.term, message.from);
    send(message.from, VoteResult{granted});
  }
  void pre_vote(const Message& message, const RequestVote&) {
    if (!outdated(message)) return ignore();
    update_term(message.term);
    as_follower(message);
  }
  void candidate(const Message& message, const RequestVote&) {
    if (!outdated(message)) return send(message.from, VoteResult{false});
    update_term(message.term);
    as_follower(message);
  }
  void leader(const Message& message, const RequestVote&) {
    if (!outdated(message)) return send(message.from, VoteResult{false});
    if (!contains(members(), message.from)) return ignore();
    abdicate(message.term);
    on(message);
  }
  void waiting(const Message& message, const RequestVote&) {
    if (node.condition == Condition::transfer) return abandon(message);
    as_follower(message);
  }
  void candidate(const Message& message, const VoteResult& result) {
    if (outdated(message)) {
      update_term(message.term);
      return become_follower();
    }
    if (!result.granted || message.term != node.term) return ignore();
    count_vote(message.from);
  }

  void follower(const Message&, const TryBecomeLeader&) { call_pre_vote(); }
};

}  // namespace

Delay delay(const Timing& timing, Timer timer) {
  switch (timer) {
    case Timer::none: return {};
    case Timer::really_short: return {Duration(), timing.broadcast};
    case Timer::short_timer: return {timing.broadcast, timing.broadcast * timing.multiplier};
    case Timer::medium: return {timing.broadcast, timing.poll};
    case Timer::long_timer: return {timing.poll, timing.broadcast * timing.multiplier * 2};
    case Timer::condition: return {timing.condition, Duration()};
  }
  return {};
}

Stable stable(const Node& node) {
  Stable disk{node.term, node.vote, node.applied, node.log};
  disk.log.cut_after(node.log.written().index);
  return disk;
}

Stable empty_disk(MemberSet members) { return {0, nobody, 0, Log(members)}; }

Node healthy(MemberSet members, MemberId self, MemberId leader, EntryId last) {
  Node node;
  node.log = Log(members);
  if (last.index > 0) node.log.append(last.term, last.index);
  node.log.mark_written(last);
  node.term = last.term;
  node.vote = node.lead = leader;
  node.commit = node.applied = node.agreed = last.index;
  node.agreed_term = last.term;
  if (self != leader) {
    node.monitored = leader;
    return node;
  }
  node.role = Role::leader;
  node.noop = std::min<Index>(last.index, 1);
  node.peers.assign(most_members, Peer{last.index + 1, last.index, last.index, false});
  return node;
}

Output step(const Rules& rules, MemberId self, Node& node, const Input& input) {
  Server server{rules, self, node};
  std::visit([&](const auto& what) { server.on(what); }, input);
  return std::move(server.output);
}

bool needs_tick(MemberId self, const Node& node) {
  if (node.role != Role::leader) return false;
  for (MemberId member = 0; member < most_members; ++member) {
    if (member == self || !contains(node.log.members(), member)) continue;
    const Peer& peer = node.peers[member];
    if (!peer.gets_snapshot && (peer.match + 1 < peer.next || peer.commit_sent < node.commit)) return true;
  }
  return false;
}

}  // namespace nines::models::rabbitmq::ra
