// Raft's promises (paper, figure 3) over random schedules of Ra servers: connections that break and lose a tail of what
// was sent, votes that come late and out of order, processes that die with writes on their way, members that come and
// go, disks that are lost and replaced, logs that are compacted.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "models/rabbitmq/ra/machine.hpp"
#include "tests/models/dice.hpp"

namespace rabbitmq_ra_random_test {

namespace {

using namespace nines::models::rabbitmq::ra;
using nines::models::testing::Dice;

/// Ways to break a server on purpose: the promises must be seen to fail.
enum class Flaw { none, forgets_votes, confirms_before_the_write, votes_for_shorter_logs, disks_come_back_empty };

bool is_vote(const Message& message) {
  return std::holds_alternative<PreVote>(message.body) || std::holds_alternative<PreVoteResult>(message.body) ||
         std::holds_alternative<RequestVote>(message.body) || std::holds_alternative<VoteResult>(message.body);
}

class Chaos {
 public:
  Chaos(std::uint64_t schedule, int members, Flaw flaw) : dice_(schedule), flaw_(flaw) {
    if (dice_.uniform() < 0.5) rules_ = {4, 2};
    stormy_ = dice_.uniform() < 0.5;
    places_.resize(static_cast<std::size_t>(members) + 2);  // two more may be added
    for (MemberId id = 0; id < members; ++id) founders_ = static_cast<MemberSet>(founders_ | only(id));
    for (MemberId id = 0; id < places_.size(); ++id) {
      places_[id].disk = empty_disk(founders_);
      tell(id, Started{places_[id].disk});
    }
    tell(0, TriggerElection{});
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
  [[nodiscard]] int lost_disks() const { return lost_disks_; }
  [[nodiscard]] int waits() const { return waits_; }

 private:
  struct Place {
    Node node;
    Stable disk;                  ///< as of the last fsync
    std::deque<EntryId> writing;  ///< ends of writes that have begun
    EntryId safe;                 ///< the end of the last write that has reached the disk
    MemberId watches = nobody;
  };
  struct Committed {
    Term term;
    Term committed_in;  ///< of the member that knew first, which is the leader
  };

  MemberId any() { return static_cast<MemberId>(dice_.below(places_.size())); }
  Node& node(MemberId id) { return places_[id].node; }
  bool up(MemberId id) { return node(id).role != Role::down; }

  void act() {
    const double what = dice_.uniform();
    const MemberId id = any();
    // Some schedules are full of elections.
    if (stormy_ && dice_.uniform() < 0.3) return what < 0.4 ? fire(id) : what < 0.6 ? crash(id) : start(id);
    if (what < 0.45) return deliver();
    if (what < 0.62) return finish_write(id);
    if (what < 0.70) return tell(id, Propose{1 + dice_.below(3)});
    if (what < 0.78) return fire(id);
    if (what < 0.84) return tell(id, Tick{});
    if (what < 0.86) return crash(id);
    if (what < 0.89) return start(id);
    if (what < 0.91) return disconnect(id, any());
    if (what < 0.93) return tell(id, Suspected{any()});
    if (what < 0.94) return tell(id, Trusted{any()});
    if (what < 0.96) return compact(id);
    if (what < 0.98) return change_members(id);
    if (what < 0.985) return tell(id, TransferTo{any()});
    if (what < 0.99) return tell(id, TriggerElection{});
    lose_disk(id);
  }

  /// Messages of one member to another arrive in order, votes when they like.
  void deliver() {
    if (packets_.empty()) return;
    std::size_t which = dice_.below(packets_.size());
    if (!is_vote(packets_[which])) {
      for (std::size_t i = 0; i < which; ++i) {
        const bool before = packets_[i].from == packets_[which].from && packets_[i].to == packets_[which].to;
        if (before && !is_vote(packets_[i])) which = i;
      }
    }
    const Message message = packets_[which];
    packets_.erase(packets_.begin() + static_cast<std::ptrdiff_t>(which));
    tell(message.to, message);
  }

  void disconnect(MemberId one, MemberId other) {
    if (one == other) return;
    lose(one, other);
    lose(other, one);
    down(one, other, true);
    down(other, one, true);
  }
  /// The tail of what is on its way is lost.
  void lose(MemberId from, MemberId to) {
    std::size_t kept = dice_.below(4);
    std::erase_if(packets_, [&](const Message& packet) {
      if (packet.from != from || packet.to != to) return false;
      return kept == 0 || kept-- == 0;
    });
  }
  void down(MemberId id, MemberId gone, bool noconnection) {
    if (places_[id].watches != gone) return;
    places_[id].watches = nobody;
    tell(id, Down{gone, noconnection});
  }

  void fire(MemberId id) {
    if (node(id).timer != Timer::none) tell(id, TimerFired{});
  }

  void crash(MemberId id) {
    if (!up(id)) return;
    tell(id, Died{});
    leave(id);
  }
  void leave(MemberId id) {
    Place& place = places_[id];
    keep_disk(place);
    place.writing.clear();
    place.watches = nobody;
    // What it had not sent for good is lost with its connections.
    const bool noconnection = dice_.uniform() < 0.5;
    for (MemberId other = 0; other < places_.size(); ++other) {
      if (other == id) continue;
      lose(other, id);
      lose(id, other);
      down(other, id, noconnection);
    }
  }
  /// Some of the writes that have begun may have reached the disk.
  void keep_disk(Place& place) {
    for (std::size_t count = dice_.below(place.writing.size() + 1); count > 0; --count) {
      place.node.log.mark_written(place.writing.front());
      place.safe = place.writing.front();
      place.writing.pop_front();
    }
    place.disk = stable(place.node);
    Log& log = place.disk.log;
    if (flaw_ == Flaw::confirms_before_the_write && log.has(place.safe)) log.cut_after(place.safe.index);
    if (flaw_ == Flaw::forgets_votes) place.disk.vote = nobody;
  }
  void start(MemberId id) {
    if (!up(id)) tell(id, Started{places_[id].disk});
  }

  /// A lost disk comes back as a new member: the old one is removed, and the disk is empty from then on. The flaw: it
  /// is back under its name at once.
  void lose_disk(MemberId id) {
    if (up(id) || places_[id].disk.log.last().index == 0) return;
    if (flaw_ != Flaw::disks_come_back_empty) {
      // Only who is no member any more, as all know that count.
      for (MemberId other = 0; other < places_.size(); ++other) {
        if (other == id) continue;
        const Log on_disk = up(other) ? stable(node(other)).log : places_[other].disk.log;
        if (contains(node(other).log.members(), id) || contains(on_disk.members(), id)) return;
      }
    }
    places_[id].disk = empty_disk(founders_);
    ++lost_disks_;
  }

  void compact(MemberId id) {
    const Index index = std::min(node(id).applied, node(id).log.written().index);
    if (!up(id) || index <= node(id).log.snapshot().index) return;
    node(id).log.compact(index);
    ++snapshots_;
  }

  void change_members(MemberId id) {
    if (node(id).role != Role::leader) return;
    const MemberId which = any();
    if (!contains(node(id).log.members(), which)) return tell(id, AddMember{which});
    if (size(node(id).log.members()) > 2) tell(id, RemoveMember{which});
  }

  void tell(MemberId id, const Input& input) {
    Place& place = places_[id];
    const Term before = place.node.term;
    const Index applied = place.node.applied;
    Output output = step(rules_, id, place.node, input);
    const bool started = std::holds_alternative<Started>(input);
    if (!started && place.node.term < before) broken_ = "a term went back";
    if (!started && place.node.applied < applied) broken_ = "what was applied was taken back";
    if (place.node.applied > place.node.log.last().index) broken_ = "an applied entry is not there";
    if (place.node.condition != Condition::none) ++waits_;
    if (output.write) place.writing.push_back(place.node.log.last());
    for (Message& message : output.messages) {
      auto* reply = std::get_if<VoteResult>(&message.body);
      if (flaw_ == Flaw::votes_for_shorter_logs && reply != nullptr && place.node.vote == nobody) {
        reply->granted = true;
        place.node.vote = message.to;
      }
      if (packets_.size() < 200) packets_.push_back(std::move(message));
    }
    if (output.monitor != nobody) {
      place.watches = output.monitor;
      if (!up(output.monitor) && output.monitor != id) down(id, output.monitor, dice_.uniform() < 0.5);
    }
    if (output.ignored) snapshot_failed(id, input);
    check(id);
    const bool removed = std::find(output.notes.begin(), output.notes.end(), Note::removed) != output.notes.end();
    if (removed) leave(id);
    if (flaw_ == Flaw::confirms_before_the_write && output.write && up(id)) tell(id, Persisted{place.node.log.last()});
  }

  /// Whoever has no use for a snapshot: its sender gives up.
  void snapshot_failed(MemberId id, const Input& input) {
    const auto* message = std::get_if<Message>(&input);
    if (message == nullptr || !std::holds_alternative<InstallSnapshot>(message->body)) return;
    tell(message->from, SnapshotFailed{id});
  }

  void finish_write(MemberId id) {
    Place& place = places_[id];
    if (place.writing.empty() || !up(id)) return;
    place.safe = place.writing.front();
    place.writing.pop_front();
    tell(id, Persisted{place.safe});
  }

  void check(MemberId id) {
    const Node& its = node(id);
    const Log& log = its.log;
    if (its.role == Role::leader) {
      const auto [first, fresh] = leaders_.emplace(its.term, id);
      if (first->second != id) broken_ = "two leaders in one term";
      for (const auto& [index, entry] : committed_) {
        const bool before = entry.committed_in < its.term && index > log.snapshot().index;
        if (before && log.term(index) != entry.term) broken_ = "a leader misses what is committed";
      }
    }
    for (Index index = std::max(log.snapshot().index, Index{1}); index <= its.applied; ++index) {
      const auto [first, fresh] = committed_.try_emplace(index, Committed{*log.term(index), its.term});
      if (first->second.term != log.term(index)) broken_ = "two entries are committed at one index";
    }
    for (const Place& other : places_) {
      // Log Matching: the same term at an index means the same entries before it.
      const Index low = std::max(log.snapshot().index, other.node.log.snapshot().index);
      bool same = false;
      for (Index index = std::min(log.last().index, other.node.log.last().index); index > low; --index) {
        const bool equal = log.term(index) == other.node.log.term(index);
        if (same && !equal) broken_ = "two logs agree at an entry and differ before it";
        same = same || equal;
      }
    }
    const int voters = size(log.members());
    if (voters != voters_[id]) ++changes_;
    voters_[id] = voters;
  }

  Dice dice_;
  Flaw flaw_;
  bool stormy_ = false;
  Rules rules_;
  MemberSet founders_ = 0;
  std::vector<Place> places_;
  std::deque<Message> packets_;
  std::map<Term, MemberId> leaders_;
  std::map<Index, Committed> committed_;
  std::map<MemberId, int> voters_;
  int changes_ = 0;
  int snapshots_ = 0;
  int lost_disks_ = 0;
  int waits_ = 0;
  std::optional<std::string> broken_;
};

struct Sums {
  std::size_t leaders = 0;
  Index committed = 0;
  int changes = 0, snapshots = 0, lost_disks = 0, waits = 0;
};

Sums play_all(std::uint64_t first, std::uint64_t count, int steps) {
  Sums sums;
  for (std::uint64_t schedule = first; schedule < first + count; ++schedule) {
    Chaos chaos(schedule, 3 + 2 * static_cast<int>(schedule % 2), Flaw::none);
    const std::optional<std::string> broken = chaos.play(steps);
    INFO("schedule " << schedule << ": " << broken.value_or(""));
    REQUIRE_FALSE(broken);
    sums.leaders += chaos.leaders();
    sums.committed += chaos.committed();
    sums.changes += chaos.changes();
    sums.snapshots += chaos.snapshots();
    sums.lost_disks += chaos.lost_disks();
    sums.waits += chaos.waits();
  }
  return sums;
}

}  // namespace

TEST_CASE("ra: no promise is broken by any schedule", "[rabbitmq]") {
  const Sums sums = play_all(0, 400, 3'000);
  // The schedules do something.
  CHECK(sums.leaders > 400 * 3);
  CHECK(sums.committed > 400 * 10);
  CHECK(sums.changes > 400);
  CHECK(sums.snapshots > 400);
  CHECK(sums.waits > 400);
  CHECK(sums.lost_disks > 0);
}

TEST_CASE("ra: timers are drawn from the ranges of the source", "[rabbitmq]") {
  // ra_server_proc:election_timeout_action with rand:uniform(n) of 1 .. n ms and RabbitMQ's defaults.
  using nines::models::Duration;
  const Timing timing{Duration::milliseconds(100), 5, Duration::milliseconds(5000), Duration::seconds(30)};
  struct Range {
    Timer timer;
    int least, most;
  };
  for (const auto [timer, least, most] : {Range{Timer::really_short, 1, 100}, Range{Timer::short_timer, 101, 600},
                                          Range{Timer::medium, 101, 5100}, Range{Timer::long_timer, 5001, 6000}}) {
    const Delay law = delay(timing, timer);
    CHECK(law.base + Duration::milliseconds(1) == Duration::milliseconds(least));
    CHECK(law.base + law.spread == Duration::milliseconds(most));
  }
  CHECK(delay(timing, Timer::condition).base == Duration::seconds(30));
  CHECK(delay(timing, Timer::condition).spread == Duration());
}

TEST_CASE("ra: no promise is broken by 100,000 schedules", "[rabbitmq][slow]") { play_all(1'000, 100'000, 1'000); }

TEST_CASE("ra: schedules find each flaw", "[rabbitmq]") {
  for (const Flaw flaw : {Flaw::forgets_votes, Flaw::confirms_before_the_write, Flaw::votes_for_shorter_logs,
                          Flaw::disks_come_back_empty}) {
    std::optional<std::string> broken;
    for (std::uint64_t schedule = 0; schedule < 4'000 && !broken; ++schedule) {
      broken = Chaos(schedule, 3 + 2 * static_cast<int>(schedule % 2), flaw).play(3'000);
    }
    INFO("flaw " << static_cast<int>(flaw));
    CHECK(broken);
  }
}

}  // namespace rabbitmq_ra_random_test
