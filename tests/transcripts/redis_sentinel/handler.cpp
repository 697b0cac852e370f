// Sentinels that are pure machines (models/redis/machine.hpp) on a network that takes no time, with servers that do
// what they are told. Ticks come each 100 ms, of the n-th Sentinel 10 n ms later; nothing is drawn: desynchronisation
// is 0.
//
//   sentinels 3 servers=3 [quorum=2] [down-after=1] [failover-timeout=10] [parallel-syncs=1]   all is well; server-0
//   leads set server-1 [priority=0] [offset=5] [link-down=20] [run=7]   what its INFO says kill server-0 | start
//   server-0 [master]   resets from now on; as a replica of whom it followed, or as a master stop server-0 | continue
//   server-0         silence; it answers again kill s1 | start s1 | stop s1 | continue s1   the same of a Sentinel cut
//   s1 s2 | heal s1 s2                    silence between two, servers or Sentinels run 3 so many seconds; prints what
//   Sentinels log and servers are told state                                     what each Sentinel believes
//
//   failover s1           SENTINEL FAILOVER
//
// At each step it is checked that no epoch has two leaders.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "models/redis/machine.hpp"
#include "tests/transcripts/transcript.hpp"

namespace redis_sentinel_handler {

namespace {

using namespace nines::models::redis::sentinel;
using namespace nines::tests::transcripts;
using nines::models::Duration;
using nines::sim::Time;

constexpr Duration tick_period = Duration::milliseconds(100);

std::string server_name(Number number) { return fmt::format("server-{}", number); }
std::string sentinel_name(Number number) { return fmt::format("s{}", number + 1); }

class Sentinels : public Handler {
 public:
  Sentinels() {
    command("sentinels", [this](Arguments& a) { return begin(a); });
    command("set", [this](Arguments& a) { return set(a); });
    command("kill", [this](Arguments& a) { return kill(a.word("a process")); });
    command("start", [this](Arguments& a) { return start(a); });
    command("stop", [this](Arguments& a) { return stop(a.word("a process"), true); });
    command("continue", [this](Arguments& a) { return stop(a.word("a process"), false); });
    command("cut", [this](Arguments& a) { return cut(a, true); });
    command("heal", [this](Arguments& a) { return cut(a, false); });
    command("run", [this](Arguments& a) { return run(Duration::from_seconds(seconds(a.word("a time") + "s"))); });
    command("failover", [this](Arguments& a) {
      tell(number(a.word("a Sentinel")), FailoverByHand{});
      return take();
    });
    command("state", [this](Arguments&) { return state(); });
  }

 private:
  enum class Answers { yes, reset, silence };
  struct Process {
    Answers answers = Answers::yes;
    std::set<std::string> cut;  ///< from whom it is cut off
  };
  struct Place : Process {
    Info info;
    Time link_lost = Time::never();  ///< when it lost its master
    std::optional<Duration> link_down;
  };
  struct Watcher : Process {
    Sentinel machine;
  };

  Process& process(const std::string& name) {
    for (Number i = 0; i < servers_.size(); ++i) {
      if (server_name(i) == name) return servers_[i];
    }
    for (Number i = 0; i < watchers_.size(); ++i) {
      if (sentinel_name(i) == name) return watchers_[i];
    }
    throw Refused("there is no '" + name + "'");
  }
  bool is_server(const std::string& name) { return name.starts_with("server-"); }
  Number number(const std::string& name) {
    for (Number i = 0; i < servers_.size(); ++i) {
      if (server_name(i) == name) return i;
    }
    for (Number i = 0; i < watchers_.size(); ++i) {
      if (sentinel_name(i) == name) return i;
    }
    throw Refused("there is no '" + name + "'");
  }
  Answers between(const std::string& from, const std::string& to) {
    if (process(from).cut.contains(to) || process(to).cut.contains(from)) return Answers::silence;
    return process(to).answers;
  }

  std::string begin(Arguments& a) {
    const auto option = [&](const char* key, double otherwise) {
      const std::optional<std::string> text = a.option(key);
      return text ? std::stod(*text) : otherwise;
    };
    const auto count = static_cast<std::size_t>(std::stoi(a.word("how many there are")));
    const auto servers = static_cast<std::size_t>(option("servers", 3));
    rules_.down_after = Duration::from_seconds(option("down-after", 1));
    rules_.failover_timeout = Duration::from_seconds(option("failover-timeout", 10));
    rules_.parallel_syncs = static_cast<std::int64_t>(option("parallel-syncs", 1));
    rules_.quorum = static_cast<std::int64_t>(option("quorum", 2));
    rules_.ping_period = rules_.watch_period = rules_.ask_period = Duration::seconds(1);
    rules_.info_period = rules_.election_timeout = rules_.reconf_timeout = Duration::seconds(10);
    rules_.hello_period = rules_.tilt_trigger = Duration::seconds(2);
    rules_.min_link_age = Duration::seconds(15);
    rules_.tilt_period = Duration::seconds(30);
    servers_.assign(servers, {});
    for (Number i = 0; i < servers; ++i) {
      servers_[i].info.role = i == 0 ? Role::master : Role::replica;
      servers_[i].info.master = i == 0 ? nobody : Number{0};
      servers_[i].info.run = i;
    }
    watchers_.assign(count, {});
    for (Watcher& watcher : watchers_) watcher.machine = beginning(servers, count, 0, now_);
    return {};
  }

  std::string set(Arguments& a) {
    const std::string name = a.word("a server");
    Place& place = servers_.at(number(name));
    if (const auto text = a.option("priority")) place.info.priority = std::stoi(*text);
    if (const auto text = a.option("offset")) place.info.offset = std::stod(*text);
    if (const auto text = a.option("run")) place.info.run = static_cast<std::uint32_t>(std::stoi(*text));
    if (const auto text = a.option("link-down")) place.link_down = Duration::from_seconds(std::stod(*text));
    return {};
  }

  std::string kill(const std::string& name) {
    process(name).answers = Answers::reset;
    for (Number i = 0; i < watchers_.size(); ++i) {
      if (sentinel_name(i) == name || between(sentinel_name(i), name) != Answers::reset) continue;
      tell(i, LinkLost{is_server(name), number(name)});
    }
    return take();
  }
  std::string start(Arguments& a) {
    const std::string name = a.word("a process");
    process(name).answers = Answers::yes;
    if (!is_server(name)) {
      restart(watchers_[number(name)].machine, now_);
      return {};
    }
    if (const auto word = a.next()) {
      if (*word != "master") throw Refused("'" + *word + "' means nothing here");
      servers_[number(name)].info.role = Role::master;
      servers_[number(name)].info.master = nobody;
    }
    return {};
  }
  std::string stop(const std::string& name, bool stops) {
    process(name).answers = stops ? Answers::silence : Answers::yes;
    if (!stops) answer_pending();
    return {};
  }
  std::string cut(Arguments& a, bool cuts) {
    const std::string one = a.word("a process");
    const std::string other = a.word("another");
    if (cuts)
      process(one).cut.insert(other);
    else
      process(one).cut.erase(other);
    if (!cuts) answer_pending();
    return {};
  }
  /// Pings that wait are answered by who answers again.
  void answer_pending() {
    for (Number i = 0; i < watchers_.size(); ++i) {
      Sentinel& machine = watchers_[i].machine;
      const auto answer = [&](Link& link, const std::string& name) {
        if (link.connected && link.waiting_since != Time::never() && between(sentinel_name(i), name) == Answers::yes)
          link.answer_due = now_;
      };
      for (Number to = 0; to < servers_.size(); ++to) answer(machine.servers[to].link, server_name(to));
      for (Number to = 0; to < watchers_.size(); ++to) {
        if (to != i) answer(machine.peers[to].link, sentinel_name(to));
      }
    }
  }

  std::string run(Duration length) {
    const Time until = now_ + length;
    while (true) {
      Time next = Time::never();
      Number who = nobody;
      for (Number i = 0; i < watchers_.size(); ++i) {
        const nines::sim::Grid grid{Time::zero() + Duration::milliseconds(10 * (i + 1)), tick_period};
        const Time at = std::max(grid.after(now_), ticked_.contains(i) ? grid.after(ticked_[i]) : now_);
        if (watchers_[i].answers != Answers::yes || at >= next) continue;
        next = at;
        who = i;
      }
      if (next > until) break;
      now_ = next;
      ticked_[who] = now_;
      tell(who, Tick{});
    }
    now_ = until;
    return take();
  }

  Info info_of(Number server) {
    Info info = servers_[server].info;
    info.link_up = info.role == Role::master;
    if (info.role == Role::replica) {
      const Place& master = servers_[info.master];
      info.link_up = master.answers == Answers::yes && !master.cut.contains(server_name(server));
    }
    Place& place = servers_[server];
    if (info.link_up) place.link_lost = Time::never();
    if (!info.link_up && place.link_lost == Time::never()) place.link_lost = now_;
    if (!info.link_up) info.link_down = place.link_down.value_or(now_ - place.link_lost);
    return info;
  }

  void ping(Number self, bool server, Number to) {
    Sentinel& machine = watchers_[self].machine;
    const Answers answers = between(sentinel_name(self), server ? server_name(to) : sentinel_name(to));
    Link& link = server ? machine.servers[to].link : machine.peers[to].link;
    if (answers == Answers::yes) link.answer_due = now_;
    if (answers == Answers::reset) tell(self, LinkLost{server, to});
  }

  struct Carry {
    Sentinels& all;
    Number self;
    void operator()(const Connect& what) const { all.ping(self, what.server, what.number); }
    void operator()(const Ping& what) const { all.ping(self, what.server, what.number); }
    void operator()(const AskInfo& what) const {
      if (all.between(sentinel_name(self), server_name(what.server)) != Answers::yes) return;
      all.tell(self, InfoReply{what.server, all.info_of(what.server)});
    }
    void operator()(const Say& what) const {
      if (!what.server) return all.to_sentinel(self, what.number, what.hello);
      if (all.between(sentinel_name(self), server_name(what.number)) != Answers::yes) return;
      for (Number to = 0; to < all.watchers_.size(); ++to) {
        const bool hears = all.between(sentinel_name(to), server_name(what.number)) == Answers::yes;
        if (to != self && hears && all.watchers_[to].answers == Answers::yes) all.tell(to, what.hello);
      }
    }
    void operator()(const Ask& what) const { all.to_sentinel(self, what.to, what.question); }
    void operator()(const Answer& what) const { all.to_sentinel(self, what.to, what.answer); }
    void operator()(const ReplicaOf& what) const {
      if (all.between(sentinel_name(self), server_name(what.server)) != Answers::yes) return;
      all.say(fmt::format("{} is told REPLICAOF {}", server_name(what.server),
                          what.master == nobody ? "NO ONE" : server_name(what.master)));
      Info& info = all.servers_[what.server].info;
      info.role = what.master == nobody ? Role::master : Role::replica;
      info.master = what.master;
    }
  };
  void to_sentinel(Number from, Number to, const Input& input) {
    if (between(sentinel_name(from), sentinel_name(to)) == Answers::yes) tell(to, input);
  }

  void tell(Number self, const Input& input) {
    Sentinel& machine = watchers_[self].machine;
    const Output output = step(rules_, self, machine, now_, input);
    for (const Noted& noted : output.notes) {
      std::string line = fmt::format("{} {}", sentinel_name(self), text(noted.note));
      if (noted.note == Note::votes) line += " " + sentinel_name(noted.server);
      if (noted.note != Note::votes && noted.server != nobody) line += " " + server_name(noted.server);
      const bool epoch = noted.note == Note::votes || noted.note == Note::try_failover || noted.note == Note::elected;
      if (epoch) line += fmt::format(", epoch {}", machine.current_epoch);
      say(line);
      if (noted.note != Note::elected) continue;
      const auto [found, first] = leaders_.emplace(machine.failover_epoch, self);
      INFO("epoch " << machine.failover_epoch);
      CHECK((first || found->second == self));
    }
    for (const nines::models::redis::sentinel::Command& what : output.commands) std::visit(Carry{*this, self}, what);
  }

  void say(const std::string& line) {
    said_ += fmt::format("{:.3f}  {}\n", static_cast<double>((now_ - Time::zero()).count()) * 1e-9, line);
  }
  std::string take() { return std::exchange(said_, {}); }

  std::string state() {
    std::string text;
    for (Number i = 0; i < watchers_.size(); ++i) {
      const Sentinel& m = watchers_[i].machine;
      text += fmt::format("{}: master {}, epoch {}, configuration {}", sentinel_name(i), server_name(current_master(m)),
                          m.current_epoch, m.config_epoch);
      if (m.tilt) text += ", tilt";
      for (Number server = 0; server < servers_.size(); ++server) {
        if (m.servers[server].down) text += ", " + server_name(server) + " down";
      }
      for (Number peer = 0; peer < watchers_.size(); ++peer) {
        if (peer != i && m.peers[peer].down) text += ", " + sentinel_name(peer) + " down";
      }
      text += "\n";
    }
    return text;
  }

  Rules rules_;
  Time now_;
  std::vector<Place> servers_;
  std::vector<Watcher> watchers_;
  std::map<Number, Time> ticked_;
  std::map<Epoch, Number> leaders_;
  std::string said_;
};

NINES_TRANSCRIPTS("redis_sentinel", Sentinels);

}  // namespace

}  // namespace redis_sentinel_handler
