#include "models/zookeeper/zab/peer.hpp"

#include <algorithm>
#include <utility>

namespace nines::models::zookeeper::zab {

bool better(const Vote& one, const Vote& other) {
  if (one.epoch != other.epoch) return one.epoch > other.epoch;
  if (one.zxid != other.zxid) return one.zxid > other.zxid;
  return one.leader > other.leader;
}

namespace {

class Machine {
 public:
  Machine(const Rules& rules, ServerId self, Peer& peer) : rules_(rules), self_(self), peer_(peer) {}

  Output take(const Input& input) {
    std::visit([&](const auto& its) { on(its); }, input);
    return std::move(output_);
  }

 private:
  void send(ServerId to, Body body) { output_.messages.push_back({self_, to, std::move(body)}); }
  void wait(Wait what) {
    peer_.wait = what;
    output_.timer = true;
  }
  void note(Note what) { output_.notes.push_back(what); }
  [[nodiscard]] bool quorum(Servers set) const { return size(set) >= rules_.quorum(); }
  [[nodiscard]] bool leads() const { return peer_.role == Role::leading && peer_.step != Step::closing; }
  [[nodiscard]] bool follows(ServerId whom) const {
    return peer_.role == Role::following && peer_.step != Step::closing && peer_.leader == whom;
  }
  [[nodiscard]] Vote own_vote() const { return {self_, peer_.log.last(), peer_.current_epoch}; }

  // ---- election ----

  void look() {
    peer_.role = Role::looking;
    peer_.step = Step::discovery;
    peer_.leader = nobody;
    peer_.learners = {};
    peer_.received = {};
    peer_.outside = {};
    peer_.doublings = 0;
    ++peer_.round;
    peer_.vote = own_vote();
    note(Note::looks);
    if (rules_.servers == 1) return alone();
    tell_all();
    wait(Wait::notification);
  }
  /// A single server serves at once: there is nobody to agree with (standalone mode).
  void alone() {
    peer_.role = Role::leading;
    peer_.step = Step::broadcast;
    peer_.accepted_epoch = peer_.current_epoch = peer_.epoch = peer_.current_epoch + 1;
    peer_.committed = peer_.persisted = peer_.log.last();
    peer_.loaded = peer_.epoch_known = peer_.epoch_acked = peer_.opened = true;
    output_.must_sync = true;
    wait(Wait::none);
    note(Note::leads);
    note(Note::serves);
  }
  [[nodiscard]] Notification my_notification() const { return {{peer_.vote, peer_.role}, peer_.round}; }
  void tell_all() {
    for (ServerId other = 0; other < rules_.servers; ++other) send(other, my_notification());
  }
  [[nodiscard]] bool agreed(const std::array<Heard, most_servers>& votes, const Vote& vote, bool settled) const {
    Servers set = 0;
    for (ServerId other = 0; other < rules_.servers; ++other) {
      const Heard& heard = votes[other];
      if (heard.state == Role::down) continue;
      // Of those who lead or follow only leader and epoch are compared (Vote.equals).
      const bool same = settled && heard.state != Role::looking
                            ? heard.vote.leader == vote.leader && heard.vote.epoch == vote.epoch
                            : heard.vote == vote;
      if (same) set = static_cast<Servers>(set | only(other));
    }
    return quorum(set);
  }

  void on(const Notification& its, ServerId from) {
    if (peer_.role == Role::down) return;
    if (peer_.role != Role::looking) {
      // Who does not look tells who does whom it has for leader.
      if (its.heard.state == Role::looking && from != self_) send(from, my_notification());
      return;
    }
    if (its.heard.state == Role::looking && its.round < peer_.round && from != self_) send(from, my_notification());
    if (peer_.wait == Wait::finalize && !better(its.heard.vote, peer_.vote)) return wait(Wait::finalize);
    wait(Wait::notification);
    if (its.heard.state == Role::looking) {
      hear_looking(its, from);
    } else {
      hear_settled(its, from);
    }
  }
  void hear_looking(const Notification& its, ServerId from) {
    if (its.round < peer_.round) return;
    if (its.round > peer_.round) {
      peer_.round = its.round;
      peer_.received = {};
      peer_.vote = better(its.heard.vote, own_vote()) ? its.heard.vote : own_vote();
      tell_all();
    } else if (better(its.heard.vote, peer_.vote)) {
      peer_.vote = its.heard.vote;
      tell_all();
    }
    peer_.received[from] = its.heard;
    if (agreed(peer_.received, peer_.vote, false)) wait(Wait::finalize);
  }
  void hear_settled(const Notification& its, ServerId from) {
    const Vote& vote = its.heard.vote;
    const auto leader_says_so = [&](const std::array<Heard, most_servers>& votes) {
      if (vote.leader == self_) return its.round == peer_.round;
      return vote.leader < rules_.servers && votes[vote.leader].state == Role::leading;
    };
    if (its.round == peer_.round) {
      peer_.received[from] = its.heard;
      if (agreed(peer_.received, vote, true) && leader_says_so(peer_.received)) return decide(vote);
    }
    peer_.outside[from] = its.heard;
    if (agreed(peer_.outside, vote, true) && leader_says_so(peer_.outside)) {
      peer_.round = its.round;
      decide(vote);
    }
  }
  void decide(const Vote& vote) {
    peer_.vote = vote;
    peer_.learners = {};
    if (vote.leader != self_) {
      peer_.role = Role::following;
      peer_.step = Step::discovery;
      peer_.leader = vote.leader;
      peer_.tries = 0;
      note(Note::follows);
      return connect();
    }
    peer_.role = Role::leading;
    peer_.step = Step::discovery;
    peer_.loaded = peer_.epoch_known = peer_.epoch_acked = peer_.opened = false;
    peer_.epoch = 0;
    peer_.told = peer_.acked_epoch = peer_.acked_history = 0;
    peer_.persisted = peer_.log.last();
    output_.loads = true;
    wait(Wait::none);
    note(Note::leads);
  }

  // ---- a follower ----

  void connect() {
    send(peer_.leader, FollowerInfo{peer_.accepted_epoch});
    wait(Wait::init);
  }
  void on(const Refused&, ServerId from) {
    if (!follows(from) || peer_.step != Step::discovery) return;
    if (++peer_.tries >= rules_.connect_tries) return close();
    wait(Wait::retry);
  }
  void on(const LeaderInfo& its, ServerId from) {
    if (!follows(from) || peer_.step != Step::discovery) return;
    if (its.epoch < peer_.accepted_epoch) {
      send(from, Goodbye{});
      return close();
    }
    AckEpoch ack{std::nullopt, peer_.log.last()};
    if (its.epoch > peer_.accepted_epoch) {
      ack.current = peer_.current_epoch;
      peer_.accepted_epoch = its.epoch;
      output_.must_sync = true;
    }
    send(from, ack);
    peer_.step = Step::sync;
    wait(Wait::init);
  }
  void on(const History& its, ServerId from) {
    if (!follows(from) || peer_.step != Step::sync || peer_.wait != Wait::init) return;
    peer_.log = its.log;
    peer_.current_epoch = its.epoch;
    output_.must_sync = true;
    send(from, AckHistory{its.epoch, peer_.log.last()});
    wait(Wait::sync);
  }
  void on(const UpToDate& its, ServerId from) {
    if (!follows(from) || peer_.step != Step::sync || peer_.wait != Wait::sync) return;
    peer_.step = Step::broadcast;
    peer_.vote.epoch = peer_.current_epoch;
    peer_.committed = std::max(peer_.committed, its.committed);
    wait(Wait::none);
    note(Note::joins);
  }
  void on(const Proposal& its, ServerId from) {
    const bool takes = follows(from) && (peer_.step == Step::broadcast || peer_.wait == Wait::sync);
    if (!takes || its.epoch != peer_.current_epoch || its.before != peer_.log.last()) return;
    peer_.log.append(its.epoch, its.count);
    output_.must_sync = true;
    send(from, Ack{peer_.log.last()});
  }
  void on(const Commit& its, ServerId from) {
    if (follows(from) && peer_.step == Step::broadcast) peer_.committed = std::max(peer_.committed, its.zxid);
  }
  /// Clients' connections are closed and the pipeline stops, before it looks for a leader.
  void close() {
    if (peer_.role == Role::leading) {
      for (ServerId other = 0; other < rules_.servers; ++other) {
        if (peer_.learners[other].state != Learner::State::none) send(other, Goodbye{});
      }
      peer_.learners = {};
      note(Note::steps_down);
    }
    peer_.step = Step::closing;
    output_.closes = true;
    wait(Wait::none);
  }

  // ---- a leader ----

  void on(const Loaded&) {
    if (!leads() || peer_.loaded) return;
    peer_.loaded = true;
    peer_.epoch = std::max(peer_.epoch, peer_.accepted_epoch + 1);
    peer_.told = static_cast<Servers>(peer_.told | only(self_));
    wait(Wait::init);
    for (ServerId other = 0; other < rules_.servers; ++other) {
      if (peer_.learners[other].state == Learner::State::connected) hear_epoch(other);
    }
    agree_on_epoch();
  }
  void on(const FollowerInfo& its, ServerId from) {
    if (peer_.role == Role::down) return;
    if (!leads()) return send(from, Refused{});
    peer_.learners[from] = {Learner::State::connected, {}, {}, its.accepted};
    if (!peer_.loaded) return;  // the kernel has taken the connection; it is served when the snapshot is written
    hear_epoch(from);
    agree_on_epoch();
  }
  void hear_epoch(ServerId from) {
    if (!peer_.epoch_known) peer_.epoch = std::max(peer_.epoch, peer_.learners[from].accepted + 1);
    peer_.told = static_cast<Servers>(peer_.told | only(from));
    if (peer_.epoch_known) tell_epoch(from);
  }
  void tell_epoch(ServerId to) {
    peer_.learners[to].state = Learner::State::told_epoch;
    send(to, LeaderInfo{peer_.epoch});
  }
  void agree_on_epoch() {
    if (peer_.epoch_known || !quorum(peer_.told)) return;
    peer_.epoch_known = true;
    peer_.accepted_epoch = peer_.epoch;
    output_.must_sync = true;
    peer_.acked_epoch = only(self_);
    for (ServerId other = 0; other < rules_.servers; ++other) {
      if (peer_.learners[other].state == Learner::State::connected) tell_epoch(other);
    }
    wait(Wait::init);
  }
  void on(const AckEpoch& its, ServerId from) {
    Learner& learner = peer_.learners[from];
    if (!leads() || learner.state != Learner::State::told_epoch) return;
    learner.last = its.last;
    if (!peer_.epoch_acked && its.current) {
      // Who has more than its leader is turned away (waitForEpochAck).
      const bool ahead =
          *its.current > peer_.current_epoch || (*its.current == peer_.current_epoch && its.last > peer_.log.last());
      if (ahead) {
        learner = {};
        return send(from, Goodbye{});
      }
      peer_.acked_epoch = static_cast<Servers>(peer_.acked_epoch | only(from));
    }
    learner.state = Learner::State::waiting;
    if (!peer_.epoch_acked && quorum(peer_.acked_epoch)) {
      peer_.epoch_acked = true;
      peer_.current_epoch = peer_.epoch;
      output_.must_sync = true;
      peer_.acked_history = only(self_);
      peer_.step = Step::sync;
      wait(Wait::init);
    }
    if (!peer_.epoch_acked) return;
    for (ServerId other = 0; other < rules_.servers; ++other) {
      if (peer_.learners[other].state == Learner::State::waiting) send_history(other);
    }
  }
  void send_history(ServerId to) {
    Learner& learner = peer_.learners[to];
    learner.state = Learner::State::syncing;
    // What the follower has beyond the last transaction that both have is truncated.
    const Zxid shared = peer_.log.at_most(learner.last);
    History history{shared == learner.last ? Sync::diff : Sync::trunc, peer_.log.after(shared), peer_.epoch, peer_.log};
    // Who has nothing is behind whatever logs the leader has kept.
    if (history.count > rules_.diff_most || (learner.last == Zxid{} && history.count > 0)) {
      history.mode = Sync::snap;
      history.count = peer_.log.size();
    }
    send(to, std::move(history));
  }
  void on(const AckHistory& its, ServerId from) {
    Learner& learner = peer_.learners[from];
    if (!leads() || learner.state != Learner::State::syncing || its.epoch != peer_.epoch) return;
    learner.state = Learner::State::synced;
    learner.acked = its.last;
    peer_.acked_history = static_cast<Servers>(peer_.acked_history | only(from));
    if (peer_.step == Step::broadcast) {
      if (peer_.opened) send(from, UpToDate{peer_.committed});
      return commit();
    }
    if (!quorum(peer_.acked_history)) return;
    peer_.step = Step::broadcast;
    peer_.vote.epoch = peer_.epoch;
    // Zab: the history of a leader that a quorum has taken over is committed.
    peer_.committed = std::max(peer_.committed, peer_.log.last());
    wait(Wait::none);
    note(Note::serves);
  }
  void on(const Opened&) {
    if (!leads() || peer_.step != Step::broadcast || peer_.opened) return;
    peer_.opened = true;
    for (ServerId other = 0; other < rules_.servers; ++other) {
      if (peer_.learners[other].state == Learner::State::synced) send(other, UpToDate{peer_.committed});
    }
  }
  void on(const Propose& its) {
    if (!leads() || peer_.step != Step::broadcast) return;
    const Proposal proposal{peer_.epoch, peer_.log.last(), its.count};
    peer_.log.append(peer_.epoch, its.count);
    output_.must_sync = true;
    for (ServerId other = 0; other < rules_.servers; ++other) {
      const Learner::State state = peer_.learners[other].state;
      if (state == Learner::State::syncing || state == Learner::State::synced) send(other, proposal);
    }
  }
  void on(const Ack& its, ServerId from) {
    if (!leads() || peer_.learners[from].state != Learner::State::synced) return;
    peer_.learners[from].acked = std::max(peer_.learners[from].acked, its.last);
    commit();
  }
  void on(const Persisted& its) {
    if (!leads()) return;
    peer_.persisted = std::max(peer_.persisted, its.zxid);
    commit();
  }
  /// What a quorum has on its disks is committed; the leader's own disk is one of them.
  void commit() {
    if (peer_.step != Step::broadcast) return;
    std::vector<Zxid> reached{peer_.persisted};
    for (ServerId other = 0; other < rules_.servers; ++other) {
      if (peer_.learners[other].state == Learner::State::synced) reached.push_back(peer_.learners[other].acked);
    }
    if (reached.size() < rules_.quorum()) return;
    std::sort(reached.begin(), reached.end(), [](const Zxid& a, const Zxid& b) { return a > b; });
    const Zxid agreed = reached[rules_.quorum() - 1];
    if (agreed <= peer_.committed) return;
    peer_.committed = agreed;
    for (ServerId other = 0; other < rules_.servers; ++other) {
      if (peer_.learners[other].state == Learner::State::synced) send(other, Commit{agreed});
    }
  }

  // ---- what happens to it ----

  void on(const Goodbye&, ServerId from) { lose(from); }
  void lose(ServerId other) {
    if (follows(other)) return close();
    if (peer_.role == Role::leading && other < rules_.servers) peer_.learners[other] = {};
  }
  void on(const Lost& its) {
    const bool tells = follows(its.peer) || (peer_.role == Role::leading && its.peer < rules_.servers &&
                                             peer_.learners[its.peer].state != Learner::State::none);
    if (tells) send(its.peer, Goodbye{});
    lose(its.peer);
  }
  void on(const Closed&) {
    if (peer_.role != Role::down && peer_.step == Step::closing) look();
  }
  void on(const QuorumLost&) {
    if (leads()) close();
  }
  void on(const TimeIsUp&) {
    switch (peer_.wait) {
      case Wait::none: return;
      case Wait::notification: {
        constexpr std::uint8_t most = 30;
        if (peer_.doublings < most) ++peer_.doublings;
        tell_all();
        return wait(Wait::notification);
      }
      case Wait::finalize: return decide(peer_.vote);
      case Wait::retry: return connect();
      case Wait::init:
      case Wait::sync:
        if (peer_.role == Role::following) send(peer_.leader, Goodbye{});
        return close();
    }
  }
  void on(const Started& its) {
    peer_ = Peer{};
    peer_.accepted_epoch = its.disk.accepted_epoch;
    peer_.current_epoch = its.disk.current_epoch;
    peer_.log = its.disk.log;
    look();
  }
  void on(const Died&) {
    peer_.role = Role::down;
    peer_.step = Step::discovery;
    peer_.learners = {};
    wait(Wait::none);
  }
  void on(const Message& message) {
    if (message.from >= rules_.servers || peer_.role == Role::down) return;
    std::visit([&](const auto& body) { on(body, message.from); }, message.body);
  }

  const Rules& rules_;
  ServerId self_;
  Peer& peer_;
  Output output_;
};

}  // namespace

Output step(const Rules& rules, ServerId self, Peer& peer, const Input& input) {
  return Machine(rules, self, peer).take(input);
}

}  // namespace nines::models::zookeeper::zab
