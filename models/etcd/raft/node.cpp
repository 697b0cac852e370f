#include "models/etcd/raft/node.hpp"

#include <algorithm>
#include <utility>

namespace nines::models::etcd::raft {

namespace {

struct Machine {
  const Rules& rules;
  const MemberId self;
  Node& node;
  Output output{};

  // ---- helpers ----

  void ignore() { output.ignored = true; }
  void note(Note what) { output.notes.push_back(what); }
  void send(MemberId to, Term term, Body body) {
    Message& message = output.messages.emplace_back();
    message.from = self;
    message.to = to;
    message.term = term;
    message.body = std::move(body);
  }
  void send(MemberId to, Body body) { send(to, node.term, std::move(body)); }

  [[nodiscard]] bool votes() const { return contains(node.log.members().voters, self); }

  template <class F>
  void for_others(MemberSet set, F&& call) {
    for (MemberId member = 0; member < most_members; ++member) {
      if (member != self && contains(set, member)) call(member);
    }
  }

  void reset(Term term) {
    if (node.term != term) {
      node.term = term;
      node.vote = nobody;
      output.must_sync = true;
    }
    node.lead = nobody;
    node.elapsed = 0;
    node.heartbeat = 0;
    node.granted = node.refused = 0;
    node.transferee = nobody;
    node.pending_change = 0;
    node.progress.clear();
    output.draw_timeout = true;
  }

  void become_follower(Term term, MemberId lead) {
    if (node.role == Role::leader) note(Note::steps_down);
    reset(term);
    node.role = Role::follower;
    node.lead = lead;
  }

  void become_leader() {
    reset(node.term);
    node.role = Role::leader;
    node.lead = self;
    note(Note::elected);
    node.progress.assign(most_members, {});
    for (Progress& progress : node.progress) progress.next = node.log.last().index + 1;
    Progress& own = node.progress[self];
    own.state = Progress::State::replicate;
    own.active = true;
    // Changes of members may stand in what it has not committed yet.
    node.pending_change = node.log.last().index;
    node.log.append(node.term);
    output.must_sync = true;
    broadcast_appends();
  }

  // ---- campaigns ----

  [[nodiscard]] bool majority(MemberSet set) const {
    const Members& members = node.log.members();
    return size(static_cast<MemberSet>(set & members.voters)) >= members.majority();
  }

  void ask(bool pre, bool transfer) {
    node.granted = only(self);
    node.refused = 0;
    if (majority(node.granted)) return pre ? stand(false) : become_leader();
    const Term term = pre ? node.term + 1 : node.term;
    for_others(node.log.members().voters, [&](MemberId to) {
      send(to, term, VoteRequest{pre, transfer, node.log.last()});
    });
  }

  void ask_before_standing() {
    // Neither term nor vote nor timer change.
    node.role = Role::pre_candidate;
    node.lead = nobody;
    ask(true, false);
  }

  void stand(bool transfer) {
    note(Note::stands);
    reset(node.term + 1);
    node.role = Role::candidate;
    node.vote = self;
    output.must_sync = true;
    ask(false, transfer);
  }

  /// A change of members that is not committed yet forbids to stand: only committed ones are in force here, and a
  /// committed one that the member has not applied would (raft.go hup). Nothing to check.
  void campaign() {
    note(Note::campaigns);
    if (rules.pre_vote) return ask_before_standing();
    stand(false);
  }

  void count_votes() {
    if (majority(node.granted)) return node.role == Role::pre_candidate ? stand(false) : become_leader();
    if (majority(node.refused)) become_follower(node.term, nobody);
  }

  // ---- a leader's log ----

  void send_append(MemberId to) {
    Progress& progress = node.progress[to];
    if (progress.state == Progress::State::snapshot) return;
    if (progress.state == Progress::State::probe && progress.probing) return;
    if (!node.log.term(progress.next - 1)) return send_snapshot(to);
    Append append{node.log.after(progress.next - 1), node.log.committed()};
    if (progress.state == Progress::State::probe) progress.probing = true;
    if (progress.state == Progress::State::replicate) progress.next = append.entries.last + 1;
    send(to, std::move(append));
  }

  void send_snapshot(MemberId to) {
    Progress& progress = node.progress[to];
    if (!progress.active) return;
    progress.state = Progress::State::snapshot;
    progress.next = node.log.snapshot().index + 1;
    send(to, InstallSnapshot{node.log.snapshot(), node.log.members_at(node.log.snapshot().index)});
  }

  void broadcast_appends() {
    for_others(node.log.members().all(), [&](MemberId to) { send_append(to); });
  }

  /// Entries of its own term that a majority has are committed, and all before them.
  bool advance_commit() {
    std::array<Index, most_members> matches{};
    std::size_t count = 0;
    const Members& members = node.log.members();
    for (MemberId member = 0; member < most_members; ++member) {
      if (contains(members.voters, member)) matches[count++] = node.progress[member].match;
    }
    if (count == 0) return false;
    const auto nth = matches.begin() + (members.majority() - 1);
    std::nth_element(matches.begin(), nth, matches.begin() + static_cast<std::ptrdiff_t>(count), std::greater<>());
    if (*nth <= node.log.committed() || node.log.term(*nth) != node.term) return false;
    const Members before = members;
    node.log.commit(*nth);
    if (node.log.members() != before) members_changed(before);
    return true;
  }

  /// Who is new is probed, and counts as heard: the next check of the quorum may come before its first answer. A leader
  /// that is no voter any more goes (raft.go switchToConfig, confchange.go initProgress; etcd ends the process).
  void members_changed(const Members& before) {
    if (!votes()) return become_follower(node.term, nobody);
    for_others(node.log.members().all(), [&](MemberId member) {
      if (contains(before.all(), member)) return;
      node.progress[member] = {};
      node.progress[member].active = true;
      node.progress[member].next = node.log.last().index + 1;
    });
    advance_commit();  // the majority may be smaller now
  }

  void append_entries(Index count) {
    node.log.append(node.term, count);
    output.must_sync = true;
    broadcast_appends();
  }

  // ---- inputs ----

  void on(const Started& start) {
    node.term = start.disk.term;
    node.vote = start.disk.vote;
    node.log = start.disk.log;
    node.role = Role::follower;
    reset(node.term);
  }

  void on(const Died&) {
    if (node.role == Role::leader) note(Note::steps_down);
    node.role = Role::down;
    node.lead = nobody;
    node.progress.clear();
  }

  void on(const Tick& tick) {
    if (node.role == Role::down) return ignore();
    if (node.role == Role::leader) return tick_leader(tick.count);
    node.elapsed += tick.count;
    if (!votes() || node.elapsed < node.timeout) return;
    node.elapsed = 0;
    campaign();
  }

  void tick_leader(Ticks count) {
    node.elapsed += count;
    node.heartbeat += count;
    if (node.elapsed >= rules.election_ticks) {
      node.elapsed = 0;
      if (rules.check_quorum) check_quorum();
      node.transferee = nobody;  // it was given one election time-out
    }
    if (node.role != Role::leader || node.heartbeat < rules.heartbeat_ticks) return;
    node.heartbeat = 0;
    for_others(node.log.members().all(),
               [&](MemberId to) { send(to, Heartbeat{std::min(node.progress[to].match, node.log.committed())}); });
  }

  void check_quorum() {
    MemberSet active = only(self);
    for_others(node.log.members().all(), [&](MemberId member) {
      if (node.progress[member].active) active = static_cast<MemberSet>(active | only(member));
      node.progress[member].active = false;
    });
    if (!majority(active)) become_follower(node.term, nobody);
  }

  void on(const Propose& proposal) {
    if (node.role != Role::leader || node.transferee != nobody) return note(Note::dropped);
    append_entries(proposal.count);
  }

  void on(const ProposeMembers& proposal) {
    const bool pending = node.pending_change > node.log.committed();
    if (node.role != Role::leader || node.transferee != nobody || pending) return note(Note::dropped);
    node.log.append(node.term, proposal.members);
    node.pending_change = node.log.last().index;
    output.must_sync = true;
    broadcast_appends();
  }

  void on(const TransferTo& transfer) {
    const bool can = node.role == Role::leader && transfer.member != self && transfer.member != node.transferee &&
                     contains(node.log.members().voters, transfer.member);
    if (!can) return ignore();
    node.elapsed = 0;
    node.transferee = transfer.member;
    if (node.progress[transfer.member].match == node.log.last().index) return send(transfer.member, TimeoutNow{});
    send_append(transfer.member);
  }

  void on(const Persisted& write) {
    if (node.role != Role::leader || !node.log.has(write.entry)) return ignore();
    Progress& own = node.progress[self];
    if (write.entry.index <= own.match) return ignore();
    own.match = write.entry.index;
    own.next = own.match + 1;
    if (advance_commit() && node.role == Role::leader) broadcast_appends();
  }

  void on(const Unreachable& peer) {
    if (node.role != Role::leader) return ignore();
    Progress& progress = node.progress[peer.member];
    if (progress.state != Progress::State::replicate) return ignore();
    probe_from(progress, progress.match + 1);
  }

  void on(const SnapshotSent& sent) {
    if (node.role != Role::leader) return ignore();
    Progress& progress = node.progress[sent.member];
    if (progress.state != Progress::State::snapshot) return ignore();
    probe_from(progress, sent.arrived ? std::max(progress.match + 1, progress.next) : progress.match + 1);
    progress.probing = true;  // until the next answer
  }

  static void probe_from(Progress& progress, Index next) {
    progress.state = Progress::State::probe;
    progress.probing = false;
    progress.next = next;
  }

  // ---- messages ----

  void on(const Message& message) {
    if (node.role == Role::down) return ignore();
    if (!meet_term(message)) return;
    std::visit([&](const auto& body) { take(message, body); }, message.body);
  }

  /// What the terms of message and member decide by themselves. Returns whether the message is still to be taken.
  bool meet_term(const Message& message) {
    if (message.term > node.term) return meet_higher_term(message);
    if (message.term < node.term) {
      meet_lower_term(message);
      return false;
    }
    return true;
  }

  bool meet_higher_term(const Message& message) {
    const auto* request = std::get_if<VoteRequest>(&message.body);
    if (request != nullptr && !request->transfer && in_lease(rules, node)) {
      note(Note::lease_ignores);
      return false;
    }
    if (request != nullptr && request->pre) return true;
    const auto* response = std::get_if<VoteResponse>(&message.body);
    if (response != nullptr && response->pre && response->granted) return true;
    const bool leads = std::holds_alternative<Append>(message.body) ||
                       std::holds_alternative<Heartbeat>(message.body) ||
                       std::holds_alternative<InstallSnapshot>(message.body);
    become_follower(message.term, leads ? message.from : nobody);
    return true;
  }

  /// A leader of the past is told of the new term: it would never hear of it otherwise, since members in a lease ignore
  /// what would raise their term.
  void meet_lower_term(const Message& message) {
    const bool leads = std::holds_alternative<Append>(message.body) || std::holds_alternative<Heartbeat>(message.body);
    if ((rules.check_quorum || rules.pre_vote) && leads) {
      return send(message.from, AppendResponse{true, 0, {}});
    }
    const auto* request = std::get_if<VoteRequest>(&message.body);
    if (request != nullptr && request->pre) return send(message.from, VoteResponse{true, false});
    ignore();
  }

  void take(const Message& message, const VoteRequest& request) {
    const bool free = node.vote == message.from || (node.vote == nobody && node.lead == nobody) ||
                      (request.pre && message.term > node.term);
    const bool granted = free && node.log.is_up_to_date(request.last);
    if (!granted) {
      note(Note::refuses_vote);
      return send(message.from, VoteResponse{request.pre, false});
    }
    // The request's term: a pre-vote is about the term to come.
    send(message.from, message.term, VoteResponse{request.pre, true});
    if (request.pre) return;
    node.elapsed = 0;
    if (node.vote != message.from) output.must_sync = true;
    node.vote = message.from;
  }

  void take(const Message& message, const VoteResponse& response) {
    const Role awaited = response.pre ? Role::pre_candidate : Role::candidate;
    const MemberSet answered = node.granted | node.refused;
    if (node.role != awaited || contains(answered, message.from)) return ignore();
    MemberSet& answers = response.granted ? node.granted : node.refused;
    answers = static_cast<MemberSet>(answers | only(message.from));
    count_votes();
  }

  /// Appends, heartbeats and snapshots of this term are a leader's: there is one.
  bool hear_leader(MemberId leader) {
    if (node.role == Role::leader) {
      assert(leader == self);
      return false;
    }
    if (node.role != Role::follower) become_follower(node.term, leader);
    node.elapsed = 0;
    node.lead = leader;
    return true;
  }

  void take(const Message& message, const Append& append) {
    if (!hear_leader(message.from)) return;
    const Index committed = node.log.committed();
    if (append.entries.before.index < committed) return send(message.from, AppendResponse{true, committed, {}});
    const EntryId last = node.log.last();
    if (!node.log.accept(append.entries, append.commit)) {
      const Index index = append.entries.before.index;
      const EntryId hint = node.log.hint(std::min(index, node.log.last().index), append.entries.before.term);
      return send(message.from, AppendResponse{false, index, hint});
    }
    if (last != node.log.last()) output.must_sync = true;
    send(message.from, AppendResponse{true, append.entries.last, {}});
  }

  void take(const Message& message, const Heartbeat& heartbeat) {
    if (!hear_leader(message.from)) return;
    if (heartbeat.commit > node.log.committed()) node.log.commit(heartbeat.commit);
    send(message.from, HeartbeatResponse{});
  }

  void take(const Message& message, const InstallSnapshot& snapshot) {
    if (!hear_leader(message.from)) return;
    if (snapshot.last.index > node.log.committed()) {
      if (node.log.has(snapshot.last)) {
        node.log.commit(snapshot.last.index);
      } else {
        node.log.restore(snapshot.last, snapshot.members);
        output.must_sync = true;
        return send(message.from, AppendResponse{true, node.log.last().index, {}});
      }
    }
    send(message.from, AppendResponse{true, node.log.committed(), {}});
  }

  void take(const Message& message, const AppendResponse& response) {
    if (node.role != Role::leader) return ignore();
    Progress& progress = node.progress[message.from];
    progress.active = true;
    response.accepted ? accepted(message.from, progress, response.index) : refused(message.from, progress, response);
  }

  void refused(MemberId from, Progress& progress, const AppendResponse& response) {
    // An answer to something that was settled since is of no use (tracker Progress.MaybeDecrTo).
    const bool replicating = progress.state == Progress::State::replicate;
    if (replicating ? response.index <= progress.match : progress.next - 1 != response.index) return;
    Index agree = response.hint.index;
    if (response.hint.term > 0) agree = node.log.hint(agree, response.hint.term).index;
    const Index next = std::max(std::min(response.index, agree + 1), progress.match + 1);
    if (replicating) {
      probe_from(progress, progress.match + 1);
    } else {
      progress.next = next;
      progress.probing = false;
    }
    send_append(from);
  }

  void accepted(MemberId from, Progress& progress, Index index) {
    const bool further = index > progress.match;
    progress.match = std::max(progress.match, index);
    progress.next = std::max(progress.next, index + 1);
    const bool probed = progress.state == Progress::State::probe;
    if (further) progress.probing = false;
    if (!further && !(probed && progress.match == index)) return;
    if (probed || (progress.state == Progress::State::snapshot && progress.match >= node.log.snapshot().index)) {
      progress.state = Progress::State::replicate;
      progress.probing = false;
      progress.next = progress.match + 1;
    }
    if (advance_commit()) {
      if (node.role != Role::leader) return;
      broadcast_appends();
    } else if (progress.next <= node.log.last().index) {
      send_append(from);
    }
    if (from == node.transferee && progress.match == node.log.last().index) send(from, TimeoutNow{});
  }

  void take(const Message& message, const HeartbeatResponse&) {
    if (node.role != Role::leader) return ignore();
    Progress& progress = node.progress[message.from];
    progress.active = true;
    progress.probing = false;
    if (progress.match < node.log.last().index || progress.state == Progress::State::probe) send_append(message.from);
  }

  void take(const Message&, const TimeoutNow&) {
    if (node.role == Role::leader || !votes()) return ignore();
    note(Note::campaigns);
    stand(true);
  }
};

}  // namespace

bool in_lease(const Rules& rules, const Node& node) {
  return rules.check_quorum && node.lead != nobody && node.elapsed < rules.election_ticks;
}

Ticks ticks_to_action(const Rules& rules, MemberId self, const Node& node) {
  if (node.role == Role::down) return 0;
  if (node.role == Role::leader) {
    return std::min(rules.heartbeat_ticks - node.heartbeat, rules.election_ticks - node.elapsed);
  }
  if (!contains(node.log.members().voters, self)) return 0;
  return node.elapsed < node.timeout ? node.timeout - node.elapsed : 1;
}

Output step(const Rules& rules, MemberId self, Node& node, const Input& input) {
  Machine machine{rules, self, node};
  std::visit([&](const auto& what) { machine.on(what); }, input);
  return std::move(machine.output);
}

}  // namespace nines::models::etcd::raft
