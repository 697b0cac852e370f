// Raft's promises (paper, figure 3) over random schedules: messages late, twice, out of order or lost, processes that
// die with writes on their way, members that come and go, logs that are compacted.
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "models/etcd/raft/node.hpp"
#include "tests/models/dice.hpp"

namespace etcd_raft_random_test {

namespace {

using namespace nines::models::etcd::raft;
using nines::models::testing::Dice;

/// Ways to break a member on purpose: the promises must be seen to fail.
enum class Flaw { none, forgets_votes, answers_before_the_write, votes_for_shorter_logs };

class Chaos {
 public:
  Chaos(std::uint64_t schedule, int members, Flaw flaw) : dice_(schedule), flaw_(flaw) {
    rules_.pre_vote = dice_.uniform() < 0.5;
    rules_.check_quorum = dice_.uniform() < 0.8;
    rules_.election_ticks = 3;
    nodes_.resize(static_cast<std::size_t>(members) + 2);  // two more may be added
    Members founders;
    for (MemberId id = 0; id < members; ++id) founders.voters = static_cast<MemberSet>(founders.voters | only(id));
    for (MemberId id = 0; id < nodes_.size(); ++id) {
      Place& place = nodes_[id];
      // One that is added later begins with an empty log and knows nobody: it hears of the cluster from its leader.
      if (id < members) place.node.log = Log(founders);
      place.disk = stable(place.node);
      tell(id, Started{place.disk});
    }
  }

  /// Plays so many steps; what promise was broken, if any.
  std::optional<std::string> play(int steps) {
    for (int i = 0; i < steps && !broken_; ++i) act();
    return broken_;
  }
  [[nodiscard]] Index committed() const { return committed_.empty() ? 0 : committed_.rbegin()->first; }
  [[nodiscard]] std::size_t leaders() const { return leaders_.size(); }
  [[nodiscard]] int changes() const { return changes_; }
  [[nodiscard]] int snapshots() const { return snapshots_; }

 private:
  struct Place {
    Node node;
    Stable disk;
    bool writing = false;
    Stable being_written;
    std::vector<Message> held;
    bool must_sync = false;
    std::vector<Message> outbox;
  };

  struct Committed {
    Term term;
    Term committed_in;  ///< of the member that knew first, which is the leader
  };

  MemberId any() { return static_cast<MemberId>(dice_.below(nodes_.size())); }

  void act() {
    const double what = dice_.uniform();
    const MemberId id = any();
    if (what < 0.30) return deliver();
    if (what < 0.62) return tick(id);
    if (what < 0.80) return finish_write(id);
    if (what < 0.88) return tell(id, Propose{1 + dice_.below(3)});
    if (what < 0.90) return crash(id);
    if (what < 0.93) return start(id);
    if (what < 0.95) return lose_or_repeat();
    if (what < 0.96) return compact(id);
    if (what < 0.97) return change_members(id);
    if (what < 0.98) return tell(id, TransferTo{any()});
    if (what < 0.99) return tell(id, Unreachable{any()});
    tell(id, SnapshotSent{any(), dice_.uniform() < 0.5});
  }

  void tick(MemberId id) {
    if (nodes_[id].writing || ticks_to_action(rules_, id, nodes_[id].node) == 0) return;
    tell(id, Tick{});
  }

  void deliver() {
    if (packets_.empty()) return;
    // Mostly in order, so that something gets done.
    const std::size_t which = dice_.uniform() < 0.8 ? 0 : dice_.below(packets_.size());
    const Message message = packets_[which];
    packets_.erase(packets_.begin() + static_cast<std::ptrdiff_t>(which));
    if (undoes_a_commit(message)) {
      broken_ = "a leader takes back what is committed";
      return;
    }
    tell(message.to, message);
  }

  /// A leader's entries contradict committed ones of the receiver: it could only stop.
  [[nodiscard]] bool undoes_a_commit(const Message& message) const {
    const Node& node = nodes_[message.to].node;
    if (message.term < node.term || node.role == Role::down) return false;
    const auto* heartbeat = std::get_if<Heartbeat>(&message.body);
    if (heartbeat != nullptr) return heartbeat->commit > node.log.last().index;  // it had said that it had them
    const auto* append = std::get_if<Append>(&message.body);
    if (append == nullptr) return false;
    if (!node.log.has(append->entries.before)) return false;
    for (const Run& run : append->entries.runs) {
      if (run.first <= node.log.committed() && node.log.term(run.first) != run.term) return true;
    }
    return false;
  }

  void lose_or_repeat() {
    if (packets_.empty()) return;
    const std::size_t which = dice_.below(packets_.size());
    if (dice_.uniform() < 0.5) {
      packets_.push_back(packets_[which]);
    } else {
      packets_.erase(packets_.begin() + static_cast<std::ptrdiff_t>(which));
    }
  }

  void crash(MemberId id) {
    Place& place = nodes_[id];
    if (place.node.role == Role::down) return;
    tell(id, Died{});
    // A write on its way may have reached the disk, or not.
    if (place.writing && dice_.uniform() < 0.5) place.disk = place.being_written;
    if (flaw_ == Flaw::forgets_votes) place.disk.vote = nobody;
    place.writing = place.must_sync = false;
    place.held.clear();
    place.outbox.clear();
  }

  void start(MemberId id) {
    if (nodes_[id].node.role == Role::down) tell(id, Started{nodes_[id].disk});
  }

  void compact(MemberId id) {
    Place& place = nodes_[id];
    // What is compacted is on the disk.
    const Index most = std::min(place.node.log.committed(), place.disk.log.committed());
    if (place.node.role == Role::down || place.writing || most == 0) return;
    place.node.log.compact(most);
    place.disk.log.compact(most);
    ++snapshots_;
  }

  void change_members(MemberId id) {
    if (nodes_[id].node.role != Role::leader) return;
    Members members = nodes_[id].node.log.members();
    const MemberId which = any();
    if (contains(members.voters, which)) {
      if (size(members.voters) <= 2 || which == id) return;
      members.voters = static_cast<MemberSet>(members.voters & ~only(which));
    } else if (contains(members.learners, which)) {
      members.learners = static_cast<MemberSet>(members.learners & ~only(which));
      members.voters = static_cast<MemberSet>(members.voters | only(which));
    } else {
      members.learners = static_cast<MemberSet>(members.learners | only(which));
    }
    tell(id, ProposeMembers{members});
  }

  void tell(MemberId id, const Input& input) {
    Place& place = nodes_[id];
    const Term before = place.node.term;
    Output output = step(rules_, id, place.node, input);
    if (output.draw_timeout) {
      place.node.timeout = rules_.election_ticks + static_cast<Ticks>(dice_.below(rules_.election_ticks));
    }
    if (place.node.term < before && !std::holds_alternative<Started>(input)) broken_ = "a term went back";
    place.must_sync = place.must_sync || output.must_sync;
    for (Message& message : output.messages) {
      auto* vote = std::get_if<VoteResponse>(&message.body);
      if (flaw_ == Flaw::votes_for_shorter_logs && vote != nullptr && place.node.vote == nobody) vote->granted = true;
      place.outbox.push_back(std::move(message));
    }
    check(id);
    ready(id);
  }

  void ready(MemberId id) {
    Place& place = nodes_[id];
    if (place.writing || place.node.role == Role::down) return;
    std::vector<Message> messages = std::move(place.outbox);
    place.outbox.clear();
    const bool at_once = place.node.role == Role::leader || !place.must_sync || flaw_ == Flaw::answers_before_the_write;
    if (at_once) send(messages);
    if (!place.must_sync) return;
    place.must_sync = false;
    place.writing = true;
    place.being_written = stable(place.node);
    place.held = at_once ? std::vector<Message>() : std::move(messages);
  }

  void finish_write(MemberId id) {
    Place& place = nodes_[id];
    if (!place.writing) return;
    place.writing = false;
    place.disk = place.being_written;
    send(place.held);
    place.held.clear();
    tell(id, Persisted{place.disk.log.last()});
  }

  void send(const std::vector<Message>& messages) {
    for (const Message& message : messages) {
      if (message.to < nodes_.size() && packets_.size() < 200) packets_.push_back(message);
    }
  }

  void check(MemberId id) {
    const Node& node = nodes_[id].node;
    const Log& log = node.log;
    if (node.role == Role::leader) {
      const auto [first, fresh] = leaders_.emplace(node.term, id);
      if (first->second != id) broken_ = "two leaders in one term";
      // A leader of the past may not have heard of it yet.
      for (const auto& [index, entry] : committed_) {
        const bool before = entry.committed_in < node.term && index > log.snapshot().index;
        if (before && log.term(index) != entry.term) broken_ = "a leader misses what is committed";
      }
    }
    for (Index index = std::max(log.snapshot().index, Index{1}); index <= log.committed(); ++index) {
      const auto [first, fresh] = committed_.try_emplace(index, Committed{*log.term(index), node.term});
      if (first->second.term != log.term(index)) broken_ = "two entries are committed at one index";
    }
    for (const Place& other : nodes_) {
      // Log Matching: the same term at an index means the same entries before it.
      const Index low = std::max(log.snapshot().index, other.node.log.snapshot().index);
      bool same = false;
      for (Index index = std::min(log.last().index, other.node.log.last().index); index > low; --index) {
        const bool equal = log.term(index) == other.node.log.term(index);
        if (same && !equal) broken_ = "two logs agree at an entry and differ before it";
        same = same || equal;
      }
    }
    const int voters = size(log.members().voters);
    if (voters != voters_[id]) ++changes_;
    voters_[id] = voters;
  }

  Dice dice_;
  Flaw flaw_;
  Rules rules_;
  std::vector<Place> nodes_;
  std::deque<Message> packets_;
  std::map<Term, MemberId> leaders_;
  std::map<Index, Committed> committed_;
  std::map<MemberId, int> voters_;
  int changes_ = 0;
  int snapshots_ = 0;
  std::optional<std::string> broken_;
};

}  // namespace

TEST_CASE("etcd raft: no promise is broken by any schedule", "[etcd]") {
  std::size_t leaders = 0;
  Index committed = 0;
  int changes = 0;
  int snapshots = 0;
  for (std::uint64_t schedule = 0; schedule < 400; ++schedule) {
    Chaos chaos(schedule, 3 + 2 * static_cast<int>(schedule % 2), Flaw::none);
    const std::optional<std::string> broken = chaos.play(3'000);
    INFO("schedule " << schedule << ": " << broken.value_or(""));
    REQUIRE_FALSE(broken);
    leaders += chaos.leaders();
    committed += chaos.committed();
    changes += chaos.changes();
    snapshots += chaos.snapshots();
  }
  // The schedules do something.
  CHECK(leaders > 400 * 3);
  CHECK(committed > 400 * 10);
  CHECK(changes > 400);
  CHECK(snapshots > 400);
}

TEST_CASE("etcd raft: entries of former terms are committed by an entry of the leader's own term only", "[etcd]") {
  // Paper, figure 8: a majority has the entry of term 2, and yet another leader might still overwrite it.
  Rules rules;
  rules.pre_vote = false;
  Node node;
  node.log = Log(Members{0b11111, 0});
  node.log.append(1);
  node.log.append(2);
  node.term = 3;
  step(rules, 0, node, Tick{1});
  node.timeout = 10;
  step(rules, 0, node, Tick{9});
  REQUIRE(node.role == Role::candidate);
  for (const MemberId voter : {MemberId{1}, MemberId{2}})
    step(rules, 0, node, Message{voter, 0, node.term, VoteResponse{false, true}});
  REQUIRE(node.role == Role::leader);
  const Index own = node.log.last().index;
  step(rules, 0, node, Persisted{node.log.last()});
  for (const MemberId follower : {MemberId{1}, MemberId{2}, MemberId{3}}) {
    step(rules, 0, node, Message{follower, 0, node.term, AppendResponse{true, own - 1, {}}});
    CHECK(node.log.committed() == 0);
  }
  step(rules, 0, node, Message{1, 0, node.term, AppendResponse{true, own, {}}});
  CHECK(node.log.committed() == 0);
  step(rules, 0, node, Message{2, 0, node.term, AppendResponse{true, own, {}}});
  CHECK(node.log.committed() == own);
}

TEST_CASE("etcd raft: schedules find each flaw", "[etcd]") {
  for (const Flaw flaw : {Flaw::forgets_votes, Flaw::answers_before_the_write, Flaw::votes_for_shorter_logs}) {
    std::optional<std::string> broken;
    for (std::uint64_t schedule = 0; schedule < 4'000 && !broken; ++schedule) {
      broken = Chaos(schedule, 3 + 2 * static_cast<int>(schedule % 2), flaw).play(3'000);
    }
    INFO("flaw " << static_cast<int>(flaw));
    CHECK(broken);
  }
}

}  // namespace etcd_raft_random_test
