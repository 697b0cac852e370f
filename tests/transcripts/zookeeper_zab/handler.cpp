// Servers of a ZooKeeper ensemble as pure machines, on a network that does nothing by itself: whose time is up and what
// arrives is commanded.
//
//   servers 3 [leader=s3] [epoch=1] [log=5] [diff=500]   begins; with a leader all is well, without everybody is down
//   log s1 1/5 2/3                    the history on the disk of a server that is down: epoch/number of its
//   transactions epochs s1 2 [3]                   the current and the accepted epoch there start s1 | crash s1 the
//   process; others see its connections closed time s2                           the timer of s2 has run out closed s2
//   s2 has closed its clients' connections, and looks for a leader loaded s2                         a new leader has
//   written its snapshot lost s1 s2                        s1 sees its connection to the leader's port of s2 closed
//   no-quorum s2                      a tick of the leader finds too few followers
//   propose s3 [2]                    clients of the leader write
//   deliver [all | s1 s2] | drop [all | s1 s2]   the oldest message, of all or between two
//   state
//
// Writes take no time, a leader's pipeline starts at once, and a server hears its own votes at once. After each command
// it is checked that no epoch has two leaders that serve.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "models/zookeeper/zab/peer.hpp"
#include "tests/transcripts/packets.hpp"
#include "tests/transcripts/transcript.hpp"

namespace zookeeper_zab_handler {

namespace {

using namespace nines::models::zookeeper::zab;
using namespace nines::tests::transcripts;

std::string name(ServerId server) { return server == nobody ? "nobody" : fmt::format("s{}", server + 1); }
std::string text(Zxid zxid) { return fmt::format("{}/{}", zxid.epoch, zxid.count); }
std::string text(const Vote& vote) {
  return fmt::format("{} (epoch {}, zxid {})", name(vote.leader), vote.epoch, text(vote.zxid));
}

std::string_view waits(Wait wait) {
  switch (wait) {
    case Wait::none: return "";
    case Wait::notification: return "waits for votes";
    case Wait::finalize: return "waits for a better vote";
    case Wait::retry: return "waits to connect again";
    case Wait::init: return "waits at most initLimit";
    case Wait::sync: return "waits at most syncLimit";
  }
  return "";
}

std::string describe(const Peer& peer) {
  std::string said;
  switch (peer.role) {
    case Role::down: return "down, zxid " + text(peer.log.last());
    case Role::looking: said = fmt::format("looking, round {}, votes for {}", peer.round, text(peer.vote)); break;
    case Role::following: said = "follows " + name(peer.leader); break;
    case Role::leading: said = "leads"; break;
  }
  if (peer.role != Role::looking) {
    constexpr std::string_view steps[] = {", discovery", ", synchronisation", ", broadcast", ", closing"};
    said += steps[static_cast<std::size_t>(peer.step)];
    said += fmt::format(", epoch {}, zxid {}, committed {}", peer.current_epoch, text(peer.log.last()),
                        text(peer.committed));
  }
  if (peer.wait != Wait::none) said += fmt::format("; {}", waits(peer.wait));
  return said;
}

std::string_view describe(Note note) {
  switch (note) {
    case Note::looks: return "looks for a leader";
    case Note::leads: return "is elected";
    case Note::follows: return "has found its leader";
    case Note::serves: return "serves: a quorum has its history";
    case Note::joins: return "serves as follower";
    case Note::steps_down: return "leads no more";
  }
  return "";
}

struct Describe {
  std::string operator()(const Notification& m) const {
    constexpr std::string_view states[] = {"down", "looking", "following", "leading"};
    return fmt::format("vote for {}, round {}, {}", text(m.heard.vote), m.round,
                       states[static_cast<std::size_t>(m.heard.state)]);
  }
  std::string operator()(const FollowerInfo& m) const {
    return fmt::format("FOLLOWERINFO, accepted epoch {}", m.accepted);
  }
  std::string operator()(const nines::models::zookeeper::zab::Refused&) const { return "connection refused"; }
  std::string operator()(const LeaderInfo& m) const { return fmt::format("LEADERINFO, epoch {}", m.epoch); }
  std::string operator()(const AckEpoch& m) const {
    return fmt::format("ACKEPOCH, {}, zxid {}",
                       m.current ? fmt::format("current epoch {}", *m.current) : "for the second time", text(m.last));
  }
  std::string operator()(const History& m) const {
    constexpr std::string_view modes[] = {"DIFF", "TRUNC", "SNAP"};
    return fmt::format("{} of {} to {}, NEWLEADER {}", modes[static_cast<std::size_t>(m.mode)], m.count,
                       text(m.log.last()), m.epoch);
  }
  std::string operator()(const AckHistory& m) const { return fmt::format("ACK of NEWLEADER {}", m.epoch); }
  std::string operator()(const UpToDate&) const { return "UPTODATE"; }
  std::string operator()(const Proposal& m) const {
    return fmt::format("PROPOSAL of {} after {}", m.count, text(m.before));
  }
  std::string operator()(const Ack& m) const { return "ACK " + text(m.last); }
  std::string operator()(const Commit& m) const { return "COMMIT " + text(m.zxid); }
  std::string operator()(const Goodbye&) const { return "connection closed"; }
};

std::string describe(const Message& message) {
  return fmt::format("{} to {}: {}", name(message.from), name(message.to), std::visit(Describe{}, message.body));
}

class Ensemble : public Handler {
 public:
  Ensemble() {
    command("servers", [this](Arguments& a) { return begin(a); });
    command("log", [this](Arguments& a) { return set_log(a); });
    command("epochs", [this](Arguments& a) { return set_epochs(a); });
    command("state", [this](Arguments&) { return state(); });
    command("start", [this](Arguments& a) {
      const ServerId who = server(a);
      if (peer(who).role != Role::down) throw Refused_(name(who) + " is up");
      return tell(who, Started{disks_[who]});
    });
    command("crash", [this](Arguments& a) { return crash(server(a)); });
    command("time", [this](Arguments& a) { return tell(server(a), TimeIsUp{}); });
    command("closed", [this](Arguments& a) { return tell(server(a), Closed{}); });
    command("loaded", [this](Arguments& a) { return tell(server(a), Loaded{}); });
    command("no-quorum", [this](Arguments& a) { return tell(server(a), QuorumLost{}); });
    command("lost", [this](Arguments& a) {
      const ServerId who = server(a);
      return tell(who, Lost{server(a)});
    });
    command("propose", [this](Arguments& a) {
      const ServerId who = server(a);
      const std::optional<std::string> count = a.next();
      return tell(who, Propose{count ? std::stoul(*count) : 1});
    });
    command("deliver", [this](Arguments& a) { return packets_.deliver(a); });
    command("drop", [this](Arguments& a) { return packets_.drop(a); });
  }

 private:
  using Refused_ = nines::tests::transcripts::Refused;

  Peer& peer(ServerId server) { return peers_[server]; }
  ServerId id(const std::string& said) const {
    for (ServerId server = 0; server < peers_.size(); ++server) {
      if (name(server) == said) return server;
    }
    throw Refused_("there is no server '" + said + "'");
  }
  ServerId server(Arguments& arguments) {
    if (peers_.empty()) throw Refused_("there is no ensemble yet");
    return id(arguments.word("a server"));
  }

  std::string begin(Arguments& arguments) {
    const auto number = [&](const char* key, int otherwise) {
      const std::optional<std::string> said = arguments.option(key);
      return said ? std::stoi(*said) : otherwise;
    };
    rules_ = {};
    rules_.servers = std::stoul(arguments.word("how many servers there are"));
    rules_.diff_most = static_cast<std::uint64_t>(number("diff", 500));
    const auto epoch = static_cast<Epoch>(number("epoch", 1));
    const auto log = static_cast<std::uint64_t>(number("log", 5));
    const std::optional<std::string> leads = arguments.option("leader");
    packets_.clear();
    serving_.clear();
    peers_.assign(rules_.servers, {});
    disks_.assign(rules_.servers, {});
    for (ServerId i = 0; i < peers_.size(); ++i) {
      Peer& its = peer(i);
      its.accepted_epoch = its.current_epoch = epoch;
      its.log.append(epoch, log);
      disks_[i] = stable(its);
      if (!leads) continue;
      const ServerId leader = id(*leads);
      its.role = i == leader ? Role::leading : Role::following;
      its.step = nines::models::zookeeper::zab::Step::broadcast;
      its.round = 1;
      its.vote = {leader, its.log.last(), epoch};
      its.leader = i == leader ? nobody : leader;
      its.committed = its.persisted = its.log.last();
      if (i != leader) continue;
      its.loaded = its.epoch_known = its.epoch_acked = its.opened = true;
      its.epoch = epoch;
      for (ServerId other = 0; other < peers_.size(); ++other) {
        if (other != i) its.learners[other] = {Learner::State::synced, its.log.last(), its.log.last(), epoch};
      }
    }
    return state();
  }

  std::string set_log(Arguments& arguments) {
    const ServerId who = server(arguments);
    if (peer(who).role != Role::down) throw Refused_(name(who) + " is up");
    Log log;
    while (const std::optional<std::string> said = arguments.next()) {
      const std::size_t slash = said->find('/');
      if (slash == std::string::npos) throw Refused_("'" + *said + "' is no epoch/number");
      log.append(static_cast<Epoch>(std::stoul(said->substr(0, slash))), std::stoul(said->substr(slash + 1)));
    }
    disks_[who].log = peer(who).log = log;
    return "";
  }
  std::string set_epochs(Arguments& arguments) {
    const ServerId who = server(arguments);
    disks_[who].current_epoch = static_cast<Epoch>(std::stoul(arguments.word("an epoch")));
    const std::optional<std::string> accepted = arguments.next();
    disks_[who].accepted_epoch = accepted ? static_cast<Epoch>(std::stoul(*accepted)) : disks_[who].current_epoch;
    return "";
  }

  std::string state() {
    std::string said;
    for (ServerId i = 0; i < peers_.size(); ++i) said += fmt::format("{}: {}\n", name(i), describe(peer(i)));
    for (const Message& packet : packets_) said += "on its way, " + describe(packet) + "\n";
    return said;
  }

  std::string crash(ServerId who) {
    std::string said = tell(who, Died{});
    for (ServerId other = 0; other < peers_.size(); ++other) {
      const bool tied =
          other != who && (peer(other).leader == who || (peer(other).role == Role::leading &&
                                                         peer(other).learners[who].state != Learner::State::none));
      if (tied) said += tell(other, Lost{who});
    }
    return said;
  }

  std::string tell(ServerId who, const Input& input) {
    const std::string before = describe(peer(who));
    Output output = step(rules_, who, peer(who), input);
    for (std::size_t i = 0; i < output.messages.size();) {
      if (output.messages[i].to != who) {
        ++i;
        continue;
      }
      const Message own = output.messages[i];
      output.messages.erase(output.messages.begin() + static_cast<std::ptrdiff_t>(i));
      Output more = step(rules_, who, peer(who), own);
      for (Message& message : more.messages) output.messages.push_back(std::move(message));
    }
    if (output.must_sync) {
      disks_[who] = stable(peer(who));
      Output more = step(rules_, who, peer(who), Persisted{peer(who).log.last()});
      for (Message& message : more.messages) output.messages.push_back(std::move(message));
    }
    if (std::find(output.notes.begin(), output.notes.end(), Note::serves) != output.notes.end()) {
      Output more = step(rules_, who, peer(who), Opened{});
      for (Message& message : more.messages) output.messages.push_back(std::move(message));
    }
    const std::string after = describe(peer(who));
    std::string said = name(who) + ": " + (before == after ? after : before + " -> " + after) + "\n";
    for (const Note note : output.notes) {
      said += fmt::format("  {}\n", describe(note));
      if (note != Note::serves) continue;
      const auto [first, fresh] = serving_.emplace(peer(who).epoch, who);
      if (!fresh) throw Refused_("two leaders serve in one epoch");
    }
    if (output.closes) said += "  closes its clients' connections\n";
    if (output.loads) said += "  writes a snapshot\n";
    for (const Message& message : output.messages) {
      said += fmt::format("  for {}: {}\n", name(message.to), std::visit(Describe{}, message.body));
      if (peer(message.to).role != Role::down) {
        packets_.push_back(message);
      } else if (std::holds_alternative<FollowerInfo>(message.body)) {
        packets_.push_back({message.to, message.from, nines::models::zookeeper::zab::Refused{}});
      }
    }
    return said;
  }

  std::string take(const Message& packet) {
    if (peer(packet.to).role == Role::down) return "  lost: " + name(packet.to) + " is down\n";
    return tell(packet.to, packet);
  }

  Rules rules_;
  std::vector<Peer> peers_;
  std::vector<Stable> disks_;
  Packets<Message> packets_{
      {[this](const std::string& said) { return id(said); }, [this](Arguments& a) { return server(a); },
       [](const Message& packet) { return describe(packet); }, [this](const Message& packet) { return take(packet); }}};
  std::map<Epoch, ServerId> serving_;
};

NINES_TRANSCRIPTS("zookeeper_zab", Ensemble);

}  // namespace

}  // namespace zookeeper_zab_handler
