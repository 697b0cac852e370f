#include "models/redis/machine.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace nines::models::redis::sentinel {

namespace {

using Reconf = Server::Reconf;

/// Answers to pings that have arrived meanwhile (sentinelPingReplyCallback).
void take_answers(Sentinel& sentinel, Time now) {
  const auto take = [now](Link& link) {
    if (link.answer_due > now) return;
    link.answered_at = link.answer_due;
    link.waiting_since = link.answer_due = Time::never();
  };
  for (Server& server : sentinel.servers) take(server.link);
  for (Peer& peer : sentinel.peers) take(peer.link);
}

Duration ping_period_of(const Rules& rules) { return std::min(rules.down_after, rules.ping_period); }
/// INFO is asked for so often.
Duration info_period_of(const Rules& rules, const Sentinel& sentinel, Number number) {
  const bool watched = number != sentinel.master && (sentinel.objectively_down || sentinel.state != Failover::none ||
                                                     sentinel.servers[number].info.link_down != Duration());
  return watched ? rules.watch_period : rules.info_period;
}
bool most_agree(const Rules& rules, const Sentinel& sentinel) {
  if (!sentinel.servers[sentinel.master].down) return false;
  std::int64_t say_so = 1;
  for (const Peer& peer : sentinel.peers) say_so += peer.says_down ? 1 : 0;
  return say_so >= rules.quorum;
}

/// One step: the Sentinel, what time it is, and what comes out.
class Play {
 public:
  Play(const Rules& rules, Number self, Sentinel& sentinel, Time now)
      : rules_(rules), self_(self), s_(sentinel), now_(now) {}

  Output take(const Input& input) {
    take_answers(s_, now_);
    std::visit([this](const auto& what) { on(what); }, input);
    return std::move(out_);
  }

 private:
  Server& master() { return s_.servers[s_.master]; }
  [[nodiscard]] Duration since(Time time) const { return now_ - time; }
  void note(Note note, Number server = nobody) { out_.notes.push_back({note, server}); }

  // ---- inputs ----

  void on(const Tick&) {
    // sentinelCheckTiltCondition
    if (since(s_.ticked_at) > rules_.tilt_trigger) {
      if (!s_.tilt) note(Note::tilt);
      s_.tilt = true;
      s_.tilt_since = now_;
    }
    s_.ticked_at = now_;
    // sentinelHandleDictOfRedisInstances
    handle_master();
    for (Number i = 0; i < s_.servers.size(); ++i) {
      if (i != s_.master) handle_replica(i);
    }
    for (Number i = 0; i < s_.peers.size(); ++i) {
      if (i != self_) handle_peer(i);
    }
    if (s_.state == Failover::update_config) switch_to(s_.promoted == nobody ? s_.master : s_.promoted);
  }
  void on(const LinkLost& lost) {
    Link& link = lost.server ? s_.servers[lost.number].link : s_.peers[lost.number].link;
    link.connected = false;
    link.answer_due = Time::never();
  }
  void on(const InfoReply& reply) { refresh_info(reply.server, reply.info); }
  /// SENTINEL is-master-down-by-addr (sentinelCommand): in TILT everybody is up.
  void on(const DownQuestion& question) {
    DownAnswer answer;
    answer.from = self_;
    answer.down = question.master == s_.master && master().down && !s_.tilt;
    if (question.master == s_.master && question.candidate != nobody) {
      vote(question.epoch, question.candidate);
      answer.vote = s_.vote;
      answer.vote_epoch = s_.vote_epoch;
    }
    out_.commands.push_back(Answer{question.from, answer});
  }
  void on(const DownAnswer& answer) {
    Peer& peer = s_.peers[answer.from];
    peer.replied_at = now_;
    peer.says_down = answer.down;
    if (answer.vote == nobody) return;
    peer.vote = answer.vote;
    peer.vote_epoch = answer.vote_epoch;
  }
  /// sentinelProcessHelloMessage
  void on(const Hello& hello) {
    s_.current_epoch = std::max(s_.current_epoch, hello.current_epoch);
    if (s_.config_epoch >= hello.config_epoch) return;
    s_.config_epoch = hello.config_epoch;
    if (hello.master != s_.master) switch_to(hello.master);
  }

  // ---- the timer ----

  /// sentinelHandleRedisInstance: whether it acts, not only looks.
  bool acts() {
    if (!s_.tilt) return true;
    if (since(s_.tilt_since) < rules_.tilt_period) return false;
    s_.tilt = false;
    note(Note::tilt_end);
    return true;
  }
  void handle_master() {
    reconnect(true, s_.master, master().link);
    send_to_server(s_.master);
    if (!acts()) return;
    look_whether_down(master(), true);
    look_whether_objectively_down();
    if (start_failover_if_needed()) ask(true);
    continue_failover();
    ask(false);
  }
  void handle_replica(Number number) {
    reconnect(true, number, s_.servers[number].link);
    send_to_server(number);
    if (acts()) look_whether_down(s_.servers[number], false);
  }
  void handle_peer(Number number) {
    Peer& peer = s_.peers[number];
    reconnect(false, number, peer.link);
    if (peer.link.connected) {
      ping_if_due(false, number, peer.link);
      say_hello_if_due(false, number, peer.hello_at);
    }
    if (!acts()) return;
    recycle(peer.link);
    peer.down = silent_for(peer.link) > rules_.down_after;
  }

  // ---- links ----

  [[nodiscard]] Duration ping_period() const { return ping_period_of(rules_); }

  /// sentinelReconnectInstance: at most once a ping period, with a ping.
  void reconnect(bool server, Number number, Link& link) {
    if (link.connected || since(link.tried_at) < rules_.ping_period) return;
    link.tried_at = link.connected_at = now_;
    link.connected = true;
    sent_ping(link);
    out_.commands.push_back(Connect{server, number});
  }
  void sent_ping(Link& link) {
    link.pinged_at = now_;
    if (link.waiting_since == Time::never()) link.waiting_since = now_;
  }
  /// sentinelSendPeriodicCommands
  void ping_if_due(bool server, Number number, Link& link) {
    if (since(link.answered_at) <= ping_period() || since(link.pinged_at) <= ping_period() / 2) return;
    sent_ping(link);
    out_.commands.push_back(Ping{server, number});
  }
  void say_hello_if_due(bool server, Number number, Time& last) {
    if (since(last) <= rules_.hello_period) return;
    last = now_;
    out_.commands.push_back(Say{server, number, {self_, s_.current_epoch, current_master(s_), s_.config_epoch}});
  }
  void send_to_server(Number number) {
    Server& server = s_.servers[number];
    if (!server.link.connected) return;
    const Duration period = info_period_of(rules_, s_, number);
    if (server.info_at == Time::never() || since(server.info_at) > period) out_.commands.push_back(AskInfo{number});
    ping_if_due(true, number, server.link);
    say_hello_if_due(true, number, server.hello_at);
  }
  /// sentinelCheckSubjectivelyDown, first half: an old link over which a ping has waited long is closed.
  void recycle(Link& link) {
    if (!link.connected || since(link.connected_at) <= rules_.min_link_age) return;
    if (link.waiting_since == Time::never() || since(link.waiting_since) <= rules_.down_after / 2) return;
    if (since(link.answered_at) <= rules_.down_after / 2) return;
    link.connected = false;
    link.answer_due = Time::never();
  }
  [[nodiscard]] Duration silent_for(const Link& link) const {
    if (link.waiting_since != Time::never()) return since(link.waiting_since);
    return link.connected ? Duration() : since(link.answered_at);
  }

  // ---- down ----

  void look_whether_down(Server& server, bool is_master) {
    recycle(server.link);
    const bool silent = silent_for(server.link) > rules_.down_after;
    // A master that has said for long that it is none.
    const bool denies = is_master && server.role == Role::replica &&
                        since(server.role_since) > rules_.down_after + rules_.info_period * 2;
    const bool down = silent || denies;
    if (down == server.down) return;
    server.down = down;
    if (down) server.down_since = now_;
    if (is_master) note(down ? Note::master_down : Note::master_up, s_.master);
  }
  /// sentinelCheckObjectivelyDown
  void look_whether_objectively_down() {
    const bool down = most_agree(rules_, s_);
    if (down && !s_.objectively_down) note(Note::objectively_down, s_.master);
    s_.objectively_down = down;
  }
  /// sentinelAskMasterStateToOtherSentinels
  void ask(bool forced) {
    for (Number i = 0; i < s_.peers.size(); ++i) {
      if (i == self_) continue;
      Peer& peer = s_.peers[i];
      if (since(peer.replied_at) > rules_.ask_period * 5) {
        peer.says_down = false;
        peer.vote = nobody;
      }
      if (!master().down || !peer.link.connected) continue;
      if (!forced && since(peer.replied_at) < rules_.ask_period) continue;
      const Number candidate = s_.state == Failover::none ? nobody : self_;
      out_.commands.push_back(Ask{i, {self_, s_.master, s_.current_epoch, candidate}});
    }
  }

  // ---- election ----

  /// sentinelVoteLeader: one vote an epoch, and who has voted for another does not begin a failover for twice the
  /// failover time-out.
  void vote(Epoch epoch, Number candidate) {
    s_.current_epoch = std::max(s_.current_epoch, epoch);
    if (s_.vote_epoch >= epoch || s_.current_epoch > epoch) return;
    s_.vote = candidate;
    s_.vote_epoch = s_.current_epoch;
    note(Note::votes, candidate);
    if (candidate == self_) return;
    s_.failover_start = now_;
    out_.draw_desync = true;
  }
  /// sentinelStartFailoverIfNeeded
  bool start_failover_if_needed() {
    if (!s_.objectively_down || s_.state != Failover::none) return false;
    const bool before = s_.failover_start >= Time::zero();
    if (before && since(s_.failover_start) < rules_.failover_timeout * 2) return false;
    start_failover();
    return true;
  }
  /// sentinelStartFailover
  void start_failover() {
    enter(Failover::wait_start);
    s_.failover_epoch = ++s_.current_epoch;
    s_.failover_start = now_;
    out_.draw_desync = true;
    note(Note::try_failover);
  }
  /// sentinelCommand, FAILOVER
  void on(const FailoverByHand&) {
    if (s_.state != Failover::none || select_replica(rules_, s_, now_) == nobody) return;
    start_failover();
    s_.forced = true;
  }
  /// sentinelGetLeader: it votes for who has most votes, or for itself.
  Number leader(Epoch epoch) {
    std::vector<std::int64_t> votes(s_.peers.size());
    for (Number i = 0; i < s_.peers.size(); ++i) {
      const Peer& peer = s_.peers[i];
      if (i != self_ && peer.vote != nobody && peer.vote_epoch == s_.current_epoch) ++votes[peer.vote];
    }
    const auto most = [&] { return static_cast<Number>(std::max_element(votes.begin(), votes.end()) - votes.begin()); };
    vote(epoch, votes[most()] > 0 ? most() : self_);
    if (s_.vote != nobody && s_.vote_epoch == epoch) ++votes[s_.vote];
    const Number winner = most();
    return votes[winner] >= votes_needed(rules_, s_.peers.size() + s_.strangers) ? winner : nobody;
  }

  // ---- failover ----

  void enter(Failover state) {
    s_.state = state;
    s_.state_since = now_;
  }
  void abort() {
    enter(Failover::none);
    s_.forced = false;
    if (s_.promoted != nobody) s_.servers[s_.promoted].promoted = false;
    s_.promoted = nobody;
  }
  /// sentinelFailoverStateMachine
  void continue_failover() {
    switch (s_.state) {
      case Failover::none:
      case Failover::update_config: break;
      case Failover::wait_start: wait_start(); break;
      case Failover::select_replica: select(); break;
      case Failover::send_replicaof_no_one: send_replicaof_no_one(); break;
      case Failover::wait_promotion:
        if (since(s_.state_since) > rules_.failover_timeout) {
          note(Note::abort_timeout);
          abort();
        }
        break;
      case Failover::reconfigure_replicas: reconfigure_next(); break;
    }
  }
  void wait_start() {
    if (leader(s_.failover_epoch) == self_ || s_.forced) {
      note(Note::elected);
      return enter(Failover::select_replica);
    }
    if (since(s_.failover_start) <= std::min(rules_.election_timeout, rules_.failover_timeout)) return;
    note(Note::not_elected);
    abort();
  }
  void select() {
    const Number replica = select_replica(rules_, s_, now_);
    if (replica == nobody) {
      note(Note::no_good_replica);
      return abort();
    }
    note(Note::selected, replica);
    s_.servers[replica].promoted = true;
    s_.promoted = replica;
    enter(Failover::send_replicaof_no_one);
  }
  void send_replicaof_no_one() {
    if (!s_.servers[s_.promoted].link.connected) {
      if (since(s_.state_since) <= rules_.failover_timeout) return;
      note(Note::abort_timeout);
      return abort();
    }
    out_.commands.push_back(ReplicaOf{s_.promoted, nobody});
    note(Note::replicaof_sent, s_.promoted);
    enter(Failover::wait_promotion);
  }
  /// sentinelFailoverReconfNextSlave
  void reconfigure_next() {
    std::int64_t under_way = 0;
    for (const Server& server : s_.servers)
      under_way += server.reconf == Reconf::sent || server.reconf == Reconf::in_progress ? 1 : 0;
    for (Number i = 0; i < s_.servers.size() && under_way < rules_.parallel_syncs; ++i) {
      Server& server = s_.servers[i];
      if (i == s_.master || server.promoted || server.reconf == Reconf::done) continue;
      if (server.reconf == Reconf::sent && since(server.reconf_sent_at) > rules_.reconf_timeout) {
        server.reconf = Reconf::done;
        continue;
      }
      if (server.reconf != Reconf::none || !server.link.connected) continue;
      out_.commands.push_back(ReplicaOf{i, s_.promoted});
      server.reconf = Reconf::sent;
      server.reconf_sent_at = now_;
      ++under_way;
    }
    detect_end();
  }
  /// sentinelFailoverDetectEnd
  void detect_end() {
    if (s_.promoted == nobody || s_.servers[s_.promoted].down) return;
    bool all = true;
    for (Number i = 0; i < s_.servers.size(); ++i) {
      const Server& server = s_.servers[i];
      if (i == s_.master || server.promoted || server.reconf == Reconf::done || server.down) continue;
      all = false;
    }
    const bool timeout = since(s_.state_since) > rules_.failover_timeout;
    if (timeout) note(Note::failover_end_timeout);
    if (!all && !timeout) return;
    note(Note::failover_end);
    enter(Failover::update_config);
    if (!timeout) return;
    for (Number i = 0; i < s_.servers.size(); ++i) {
      Server& server = s_.servers[i];
      if (i == s_.master || server.promoted || server.reconf == Reconf::done || server.reconf == Reconf::sent) continue;
      if (server.link.connected) out_.commands.push_back(ReplicaOf{i, s_.promoted});
    }
  }
  /// sentinelResetMasterAndChangeAddress: replicas begin afresh, the former master is one of them.
  void switch_to(Number to) {
    note(Note::switched, to);
    // The entry of the master stays, with its age; only its links are closed.
    const Time tried_at = master().link.tried_at;
    const Time info_at = master().info_at;
    for (Server& server : s_.servers) {
      server = {};
      server.link.connected = false;
      server.link.tried_at = Time::from_count(-rules_.ping_period.count());
      server.link.waiting_since = server.link.answered_at = server.link.pinged_at = now_;
      server.role_since = server.master_since = server.hello_at = now_;
    }
    s_.master = to;
    master().link.tried_at = tried_at;
    master().info_at = info_at;
    master().role = master().info.role = Role::master;
    s_.objectively_down = s_.forced = false;
    s_.vote = nobody;
    s_.promoted = nobody;
    s_.failover_start = Time::from_count(-1);
    enter(Failover::none);
  }

  // ---- INFO ----

  [[nodiscard]] bool no_down_for(const Server& server, Duration length) const {
    return server.down_since == Time::never() || since(server.down_since) > length;
  }
  /// sentinelMasterLooksSane
  bool master_looks_sane() {
    return master().role == Role::master && !master().down && master().info_at != Time::never() &&
           since(master().info_at) < rules_.info_period * 2 && !s_.objectively_down;
  }
  /// sentinelRefreshInstanceInfo
  void refresh_info(Number number, const Info& info) {
    Server& server = s_.servers[number];
    const bool other_master = server.info.master != info.master || server.info_at == Time::never();
    if (info.role == Role::replica && other_master) server.master_since = now_;
    server.info = info;
    server.info_at = now_;
    if (info.role != server.role) {
      server.role = info.role;
      server.role_since = now_;
      if (info.role == Role::replica) server.master_since = now_;
    }
    if (s_.tilt || number == s_.master) return;
    if (info.role == Role::master) {
      if (server.promoted && s_.state == Failover::wait_promotion) return see_promotion(number);
      const Duration wait = rules_.hello_period * 4;
      if (server.promoted || !master_looks_sane() || !no_down_for(server, wait) || since(server.role_since) <= wait)
        return;
      note(Note::convert_to_replica, number);
      out_.commands.push_back(ReplicaOf{number, s_.master});
      return;
    }
    if (info.master != s_.master) {
      const Duration wait = rules_.failover_timeout;
      if (master_looks_sane() && no_down_for(server, wait) && since(server.master_since) > wait) {
        note(Note::fix_config, number);
        out_.commands.push_back(ReplicaOf{number, s_.master});
      }
    }
    if (server.reconf == Reconf::sent && info.master == s_.promoted) server.reconf = Reconf::in_progress;
    if (server.reconf == Reconf::in_progress && info.link_up) {
      server.reconf = Reconf::done;
      note(Note::reconfigured, number);
    }
  }
  void see_promotion(Number number) {
    s_.config_epoch = s_.failover_epoch;
    enter(Failover::reconfigure_replicas);
    note(Note::promoted, number);
    // sentinelForceHelloUpdateForMaster: at the next tick everybody hears of it.
    const auto force = [this](Time& last) { last = last - (rules_.hello_period + Duration::milliseconds(1)); };
    for (Server& server : s_.servers) force(server.hello_at);
    for (Peer& peer : s_.peers) force(peer.hello_at);
  }

  const Rules& rules_;
  Number self_;
  Sentinel& s_;
  Time now_;
  Output out_;
};

}  // namespace

std::string_view text(Note note) {
  static constexpr std::array<std::string_view, 20> texts{"+sdown",
                                                          "-sdown",
                                                          "+odown",
                                                          "+try-failover",
                                                          "+vote-for-leader",
                                                          "+elected-leader",
                                                          "-failover-abort-not-elected",
                                                          "+selected-slave",
                                                          "-failover-abort-no-good-slave",
                                                          "+failover-state-wait-promotion",
                                                          "-failover-abort-slave-timeout",
                                                          "+promoted-slave",
                                                          "+slave-reconf-done",
                                                          "+failover-end",
                                                          "+failover-end-for-timeout",
                                                          "+switch-master",
                                                          "+convert-to-slave",
                                                          "+fix-slave-config",
                                                          "+tilt",
                                                          "-tilt"};
  return texts[static_cast<std::size_t>(note)];
}

Sentinel beginning(std::size_t servers, std::size_t sentinels, Number master, Time now) {
  Sentinel s;
  s.servers.resize(servers);
  s.peers.resize(sentinels);
  s.master = master;
  const auto healthy = [&](Link& link) { link.answered_at = link.pinged_at = now; };
  for (Number i = 0; i < servers; ++i) {
    Server& server = s.servers[i];
    healthy(server.link);
    server.info_at = server.hello_at = now;
    server.role = server.info.role = i == master ? Role::master : Role::replica;
    server.info.master = i == master ? nobody : master;
    server.role_since = server.master_since = Time::zero();
  }
  for (Peer& peer : s.peers) {
    healthy(peer.link);
    peer.hello_at = now;
  }
  s.ticked_at = now;
  return s;
}

namespace {

/// All entries begin afresh, with nothing under way.
void begin_anew(Sentinel& sentinel, Number master, Time now) {
  sentinel.master = master;
  const auto fresh = [&](Link& link) {
    link = {};
    link.connected = false;
    link.tried_at = Time::from_count(-Duration::seconds(3600).count());
    link.waiting_since = link.answered_at = link.pinged_at = now;
  };
  for (Number i = 0; i < sentinel.servers.size(); ++i) {
    Server& server = sentinel.servers[i];
    server = {};
    fresh(server.link);
    server.role = i == sentinel.master ? Role::master : Role::replica;
    server.role_since = server.master_since = server.hello_at = now;
  }
  for (Peer& peer : sentinel.peers) {
    peer = {};
    fresh(peer.link);
    peer.hello_at = now;
  }
  sentinel.objectively_down = sentinel.forced = false;
  sentinel.state = Failover::none;
  sentinel.promoted = nobody;
  sentinel.failover_start = Time::from_count(-1);
}

}  // namespace

void restart(Sentinel& sentinel, Time now) {
  // The file names as master whom clients were told of: rewriteConfigSentinelOption asks
  // sentinelGetCurrentMasterAddress.
  begin_anew(sentinel, current_master(sentinel), now);
  sentinel.tilt = false;
  sentinel.ticked_at = now;
}

void monitor_anew(Sentinel& sentinel, Number master, Time now) {
  begin_anew(sentinel, master, now);
  sentinel.strangers = 0;
}

void restart_without_configuration(Sentinel& sentinel, Time now) {
  restart(sentinel, now);
  sentinel.current_epoch = sentinel.config_epoch = sentinel.vote_epoch = 0;
  sentinel.vote = nobody;
  sentinel.strangers = 0;
}

void entry_anew(Sentinel& sentinel, Number number, Time now) {
  Server& server = sentinel.servers[number];
  server = {};
  server.link.connected = false;
  server.link.tried_at = Time::from_count(-Duration::seconds(3600).count());
  server.link.waiting_since = server.link.answered_at = server.link.pinged_at = now;
  server.role_since = server.master_since = server.hello_at = now;
}

namespace {

/// Just after.
Time past(Time time) { return time + Duration::nanoseconds(1); }

/// Looks at everything that a tick looks at, for when it will find it other than now.
class Deeds {
 public:
  Deeds(const Rules& rules, Number self, const Sentinel& sentinel, Time next, const Reached& reached, const Calm& calm)
      : rules_(rules), self_(self), s_(sentinel), next_(next), reached_(reached), calm_(calm) {}

  Time first() {
    const Server& master = s_.servers[s_.master];
    for (Number i = 0; i < s_.servers.size(); ++i) look_at_server(i);
    for (Number i = 0; i < s_.peers.size(); ++i) {
      if (i != self_) look_at_peer(i, master.down);
    }
    if (next_ - s_.ticked_at > rules_.tilt_trigger) at(next_);
    // sentinelHandleRedisInstance: in TILT it does no more.
    if (s_.tilt) {
      at(s_.tilt_since + rules_.tilt_period);
      return first_;
    }
    if (most_agree(rules_, s_) != s_.objectively_down) at(next_);
    switch (s_.state) {
      case Failover::none:
        if (s_.objectively_down)
          at(s_.failover_start < Time::zero() ? next_ : s_.failover_start + rules_.failover_timeout * 2);
        break;
      case Failover::wait_promotion: at(past(s_.state_since + rules_.failover_timeout)); break;
      case Failover::wait_start:
      case Failover::select_replica:
      case Failover::send_replicaof_no_one:
      case Failover::reconfigure_replicas:
      case Failover::update_config: at(next_); break;
    }
    return first_;
  }

 private:
  void at(Time time) { first_ = std::min(first_, time); }

  void look_at_link(const Link& link, bool down, Time denies_at, Calm::Way way) {
    if (way == Calm::Way::answers) return;
    if (!link.connected && way != Calm::Way::refused) at(link.tried_at + rules_.ping_period);
    const Time answer = link.answer_due;
    // Until an answer comes it waits; what is later than that does not happen.
    const auto unless_answered = [&](Time time) {
      if (time < answer) at(time);
    };
    const Duration period = ping_period_of(rules_);
    if (link.connected && way != Calm::Way::silent) {
      const Time pinged = link.pinged_at + period / 2;
      unless_answered(past(std::max(link.answered_at + period, pinged)));
      if (answer != Time::never()) at(past(std::max(answer + period, pinged)));
    }
    if (s_.tilt) return;
    const Duration half = rules_.down_after / 2;
    if (link.connected && link.waiting_since != Time::never()) {
      const Time idle = std::max(link.waiting_since + half, link.answered_at + half);
      unless_answered(past(std::max(idle, link.connected_at + rules_.min_link_age)));
    }
    Time silent = Time::never();
    if (link.waiting_since != Time::never())
      silent = past(link.waiting_since + rules_.down_after);
    else if (!link.connected)
      silent = past(link.answered_at + rules_.down_after);
    if (!down) {
      unless_answered(silent);
      at(denies_at);
    } else {
      if (silent > next_ && denies_at > next_) at(next_);
      if (answer != Time::never()) at(answer);
    }
  }

  void look_at_server(Number number) {
    const Server& server = s_.servers[number];
    const Calm::Link& calm = calm_.servers[number];
    const bool denies = number == s_.master && server.role == Role::replica;
    look_at_link(server.link, server.down,
                 denies ? past(server.role_since + rules_.down_after + rules_.info_period * 2) : Time::never(),
                 calm.way);
    if (!server.link.connected || calm.way == Calm::Way::silent) return;
    if (calm.way == Calm::Way::unknown || !calm_.greets) at(past(server.hello_at + rules_.hello_period));
    if (calm.informs) return;
    const Time ask =
        server.info_at == Time::never() ? next_ : past(server.info_at + info_period_of(rules_, s_, number));
    const Time again = reached_.asked(number);
    if (ask <= next_ && again != Time::never()) return at(again);
    if (ask > next_ || reached_.server(number)) at(ask);
  }

  void look_at_peer(Number number, bool master_down) {
    const Peer& peer = s_.peers[number];
    const Calm::Way way = calm_.peers[number].way;
    look_at_link(peer.link, peer.down, Time::never(), way);
    const bool greeted = way == Calm::Way::silent || (way == Calm::Way::answers && calm_.greets);
    if (peer.link.connected && !greeted) at(past(peer.hello_at + rules_.hello_period));
    if (s_.tilt) return;
    if (peer.says_down || peer.vote != nobody) at(past(peer.replied_at + rules_.ask_period * 5));
    if (!master_down || !peer.link.connected) return;
    const Time ask = peer.replied_at + rules_.ask_period;
    if (ask > next_ || reached_.peer(number)) at(ask);
  }

  const Rules& rules_;
  Number self_;
  const Sentinel& s_;
  Time next_;
  const Reached& reached_;
  const Calm& calm_;
  Time first_ = Time::never();
};

/// When the next ping or attempt to connect is due.
Time next_ping(const Rules& rules, Calm::Way way, const Link& link) {
  if (way == Calm::Way::refused) return link.tried_at + rules.ping_period;
  const Duration period = ping_period_of(rules);
  const Time answered = link.answer_due == Time::never() ? link.answered_at : link.answer_due;
  return past(std::max(answered + period, link.pinged_at + period / 2));
}
/// Whether the link is there for a hello of this tick.
bool calm_ping(const Rules& rules, const Calm::Link& calm, Link& link, Time now) {
  if (link.answer_due <= now) {
    link.answered_at = link.answer_due;
    link.waiting_since = link.answer_due = Time::never();
  }
  if (now < next_ping(rules, calm.way, link)) return calm.way != Calm::Way::refused;
  link.pinged_at = now;
  if (calm.way == Calm::Way::refused) link.tried_at = link.connected_at = now;
  if (calm.way != Calm::Way::answers) return true;
  if (link.waiting_since == Time::never()) link.waiting_since = now;
  if (link.answer_due == Time::never()) link.answer_due = now + calm.trip;
  return true;
}

/// A hello to who does not get it tells nobody anything.
bool greets(const Calm& calm, Calm::Way way) { return calm.greets || way != Calm::Way::answers; }

}  // namespace

Time next_deed(const Rules& rules, Number self, const Sentinel& sentinel, Time next, const Reached& reached,
               const Calm& calm) {
  return Deeds(rules, self, sentinel, next, reached, calm).first();
}

void calm_tick(const Rules& rules, Number self, Sentinel& sentinel, Calm& calm, Time now) {
  const auto exchange = [&](const Calm::Link& its, Link& link, Time& hello_at) {
    const bool there = calm_ping(rules, its, link, now);
    if (there && greets(calm, its.way) && now - hello_at > rules.hello_period) hello_at = now;
  };
  for (Number i = 0; i < calm.servers.size(); ++i) {
    Calm::Link& its = calm.servers[i];
    if (its.way == Calm::Way::unknown) continue;
    Server& server = sentinel.servers[i];
    if (its.informs && now - server.info_at > info_period_of(rules, sentinel, i)) its.informed_at = now + its.trip;
    exchange(its, server.link, server.hello_at);
  }
  for (Number i = 0; i < calm.peers.size(); ++i) {
    Peer& peer = sentinel.peers[i];
    if (calm.peers[i].way != Calm::Way::unknown) exchange(calm.peers[i], peer.link, peer.hello_at);
  }
  calm.next = next_calm(rules, self, sentinel, calm);
}

Time next_calm(const Rules& rules, Number self, const Sentinel& sentinel, const Calm& calm) {
  Time next = Time::never();
  const auto look = [&](const Calm::Link& its, const Link& link, Time hello_at) {
    next = std::min(next, next_ping(rules, its.way, link));
    // To whom every attempt is refused hellos go with the attempts.
    if (its.way != Calm::Way::refused && greets(calm, its.way))
      next = std::min(next, past(hello_at + rules.hello_period));
  };
  for (Number i = 0; i < calm.servers.size(); ++i) {
    const Calm::Link& its = calm.servers[i];
    if (its.way == Calm::Way::unknown) continue;
    const Server& server = sentinel.servers[i];
    look(its, server.link, server.hello_at);
    if (!its.informs) continue;
    const Time informed = its.informed_at == Time::never() ? server.info_at : its.informed_at;
    next = std::min(next, past(informed + info_period_of(rules, sentinel, i)));
  }
  for (Number i = 0; i < calm.peers.size(); ++i) {
    if (i != self && calm.peers[i].way != Calm::Way::unknown)
      look(calm.peers[i], sentinel.peers[i].link, sentinel.peers[i].hello_at);
  }
  return next;
}

void pass(Sentinel& sentinel, Time last) {
  take_answers(sentinel, last);
  sentinel.ticked_at = last;
}

Output step(const Rules& rules, Number self, Sentinel& sentinel, Time now, const Input& input) {
  return Play(rules, self, sentinel, now).take(input);
}

Number current_master(const Sentinel& sentinel) {
  const bool seen = sentinel.state >= Failover::reconfigure_replicas && sentinel.promoted != nobody;
  return seen ? sentinel.promoted : sentinel.master;
}

Number select_replica(const Rules& rules, const Sentinel& sentinel, Time now) {
  const Server& master = sentinel.servers[sentinel.master];
  Duration most_down = rules.down_after * 10;
  if (master.down) most_down += now - master.down_since;
  Number best = nobody;
  for (Number i = 0; i < sentinel.servers.size(); ++i) {
    const Server& server = sentinel.servers[i];
    if (i == sentinel.master || server.down || !server.link.connected || server.info_at == Time::never()) continue;
    if (now - server.link.answered_at > rules.ping_period * 5 || server.info.priority == 0) continue;
    if (now - server.info_at > (master.down ? rules.ping_period * 5 : rules.info_period * 3)) continue;
    if (server.info.link_down > most_down) continue;
    const auto key = [&](Number number) {
      const Info& info = sentinel.servers[number].info;
      return std::tuple(info.priority, -info.offset, info.run);
    };
    if (best == nobody || key(i) < key(best)) best = i;
  }
  return best;
}

std::int64_t votes_needed(const Rules& rules, std::size_t known) {
  return std::max(static_cast<std::int64_t>(known / 2 + 1), rules.quorum);
}

}  // namespace nines::models::redis::sentinel
