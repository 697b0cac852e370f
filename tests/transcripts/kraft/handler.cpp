// A quorum of pure machines on a network that does nothing by itself: who speaks and whose timer runs out is commanded.
//
//   quorum 3 leader=n1 [epoch=1] [log=0] [pre-vote] [leader-never-resigns]   begins; all is well
//   crash n1 | stop n1 | start n1 [empty-disk]        the process
//   fetch-fails n2 | finds n3 n2                      n2's leader does not answer; a fetch tells n3 that n2 leads
//   expire n2                                         n2's timer runs out
//   majority n1 lost | majority n1 back | expire-second n1   no majority fetches from n1; it does again; not in time
//   commit n2 | never-commits n2 | append n2          the first record of n2's epoch; a further record
//   deliver [all | n2 n3] | drop [all | n2 n3] | repeat n2 n3   the oldest message, of all or between two
//   state
//
// After each command it is checked that no epoch has two leaders, no vote was taken back, and no leader misses what is
// committed.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "models/kafka/raft/voter.hpp"
#include "tests/transcripts/packets.hpp"
#include "tests/transcripts/transcript.hpp"

namespace kraft_handler {

namespace {

using namespace nines::models::kafka;
using namespace nines::tests::transcripts;
using nines::sim::Duration;
using raft::VoterId;

// Kafka's defaults, for what is printed beside a timer.
constexpr Duration fetch_timeout = Duration::seconds(2), election_timeout = Duration::seconds(1),
                   longest_backoff = Duration::seconds(1);

std::string name(VoterId voter) { return voter == raft::nobody ? "nobody" : fmt::format("n{}", voter + 1); }

std::int64_t ms(Duration duration) { return duration / Duration::milliseconds(1); }

std::string_view role_name(raft::Role role) {
  switch (role) {
    case raft::Role::down: return "down";
    case raft::Role::follower: return "follower";
    case raft::Role::prospective: return "prospective";
    case raft::Role::candidate: return "candidate";
    case raft::Role::leader: return "leader";
    case raft::Role::resigned: return "resigned";
    case raft::Role::unattached: return "unattached";
    case raft::Role::backing_off: return "backing off";
  }
  return "";
}

std::string describe(const raft::Voter& voter) {
  std::string text(role_name(voter.role));
  if (voter.role == raft::Role::follower) text += " of " + name(voter.leader);
  if (voter.role == raft::Role::follower && !voter.attached) text += " that does not answer";
  if (voter.acts) text += " that acts";
  text += fmt::format(", epoch {}", voter.epoch);
  if (voter.voted_for != raft::nobody) text += ", vote " + name(voter.voted_for);
  return text + fmt::format(", log {}", voter.log_version);
}

struct Describe {
  VoterId voters;

  std::string operator()(const raft::VoteRequest& m) const {
    return fmt::format("{} epoch {}, log {}", m.pre ? "PreVote" : "Vote", m.epoch, m.log_version);
  }
  std::string operator()(const raft::VoteResponse& m) const {
    return fmt::format("{} {} for epoch {}", m.pre ? "pre-vote" : "vote", m.granted ? "granted" : "refused", m.epoch);
  }
  std::string operator()(const raft::BeginQuorumEpoch& m) const {
    return fmt::format("BeginQuorumEpoch epoch {}, log {}", m.epoch, m.log_version);
  }
  std::string operator()(const raft::EndQuorumEpoch& m) const {
    return fmt::format("EndQuorumEpoch epoch {}", m.epoch);
  }

  std::string operator()(const raft::SetTimer& timer) const {
    switch (timer.rule) {
      case raft::Timer::election:
        return fmt::format("timer: election time-out, {} to {} ms", ms(raft::election_timeout(election_timeout, 0)),
                           ms(raft::election_timeout(election_timeout, 1)));
      case raft::Timer::fetch: return fmt::format("timer: {} ms after the last fetch", ms(fetch_timeout));
      case raft::Timer::backoff: {
        constexpr double nearly_one = 1 - 0x1p-40;
        return fmt::format("timer: back-off, {} to {} ms",
                           ms(raft::election_backoff(longest_backoff, timer.retries, 0)),
                           ms(raft::election_backoff(longest_backoff, timer.retries, nearly_one)));
      }
      case raft::Timer::succession: {
        const auto successors = static_cast<VoterId>(voters - 1);
        return fmt::format("timer: successor {} of {}, {} ms", timer.position + 1, successors,
                           ms(raft::succession_wait(longest_backoff, timer.position, successors)));
      }
    }
    return "";
  }
  std::string operator()(const raft::CancelTimer&) const { return "timer: none"; }
  std::string operator()(const raft::WatchMajority&) const {
    return fmt::format("second timer: {} ms after the last fetch of a majority",
                       ms(raft::majority_patience(fetch_timeout)));
  }
  std::string operator()(const raft::UnwatchMajority&) const { return "second timer: none"; }
  std::string operator()(const raft::Persist&) const { return "writes its epoch and vote"; }
  std::string operator()(const raft::Send& send) const {
    return fmt::format("sends {}{}: {}", send.to == raft::nobody ? "the others" : name(send.to),
                       send.after_persist ? " after the write" : "", std::visit(*this, send.message));
  }
  std::string operator()(raft::Note note) const {
    if (note == raft::Note::elected) return "is elected";
    return note == raft::Note::acts ? "is the active controller" : "leads no more";
  }
};

class Cluster : public Handler {
 public:
  Cluster() {
    command("quorum", [this](Arguments& a) { return begin(a); });
    command("state", [this](Arguments&) { return state(); });
    const auto told = [this](const std::string& verb, const raft::Input& input) {
      command(verb, [this, input](Arguments& a) { return tell(voter(a), input); });
    };
    told("crash", raft::Died{});
    told("stop", raft::Stopping{});
    told("fetch-fails", raft::FetchFailed{});
    command("start", [this](Arguments& a) { return start(a); });
    command("expire", [this](Arguments& a) { return expire(voter(a)); });
    command("majority", [this](Arguments& a) { return majority(a); });
    command("expire-second", [this](Arguments& a) { return expire_second(voter(a)); });
    command("finds", [this](Arguments& a) { return finds(a); });
    command("append", [this](Arguments& a) { return append(voter(a)); });
    command("commit", [this](Arguments& a) { return commit(voter(a)); });
    command("deliver", [this](Arguments& a) { return packets_.deliver(a); });
    command("never-commits", [this](Arguments& a) { return never_commits(voter(a)); });
    command("repeat", [this](Arguments& a) { return packets_.repeat(a); });
    command("drop", [this](Arguments& a) { return packets_.drop(a); });
  }

 private:
  struct Packet {
    VoterId from;
    VoterId to;
    raft::Message message;
  };

  VoterId id(const std::string& text) const {
    for (VoterId voter = 0; voter < quorum_.voters; ++voter) {
      if (name(voter) == text) return voter;
    }
    throw Refused("there is no voter '" + text + "'");
  }
  VoterId voter(Arguments& arguments) {
    if (voters_.empty()) throw Refused("there is no quorum yet");
    return id(arguments.word("a voter"));
  }

  /// quorum 3 leader=n1 [epoch=1] [log=0] [pre-vote] [leader-never-resigns]
  std::string begin(Arguments& arguments) {
    const auto number = [&](const char* key, int otherwise) {
      const std::optional<std::string> text = arguments.option(key);
      return text ? std::stoi(*text) : otherwise;
    };
    quorum_ = {};
    packets_.clear();
    quorum_.voters = static_cast<VoterId>(std::stoi(arguments.word("how many voters there are")));
    quorum_.majority = static_cast<VoterId>(quorum_.voters / 2 + 1);
    quorum_.resign_without_quorum = true;
    while (const std::optional<std::string> word = arguments.next()) {
      if (*word != "pre-vote" && *word != "leader-never-resigns") throw Refused("'" + *word + "' means nothing here");
      (*word == "pre-vote" ? quorum_.pre_vote : quorum_.resign_without_quorum) = *word == "pre-vote";
    }
    raft::Voter healthy;
    healthy.epoch = static_cast<std::uint32_t>(number("epoch", 1));
    healthy.log_version = static_cast<std::uint32_t>(number("log", 0));
    voters_.assign(quorum_.voters, healthy);
    timers_.assign(quorum_.voters, false);
    second_timers_.assign(quorum_.voters, false);
    committed_ = healthy.log_version;
    const VoterId leader = id(arguments.option("leader").value_or("n1"));
    for (raft::Voter& voter : voters_) voter.leader = leader;
    voters_[leader].role = raft::Role::leader;
    voters_[leader].acts = true;
    leaders_ = {{healthy.epoch, leader}};
    return state();
  }

  std::string state() const {
    std::string text;
    for (VoterId voter = 0; voter < quorum_.voters; ++voter) {
      text += fmt::format("{}: {}{}\n", name(voter), describe(voters_[voter]), timers_[voter] ? "; timer runs" : "");
    }
    for (const Packet& packet : packets_) text += "on its way, " + describe_packet(packet) + "\n";
    return text;
  }

  std::string describe_packet(const Packet& packet) const {
    return fmt::format("{} to {}: {}", name(packet.from), name(packet.to),
                       std::visit(Describe{quorum_.voters}, packet.message));
  }

  std::string tell(VoterId voter, const raft::Input& input) {
    const raft::Voter before = voters_[voter];
    const raft::Effects effects = raft::step(quorum_, voter, voters_[voter], input);
    const raft::Voter& after = voters_[voter];
    std::string text = name(voter) + ": ";
    if (effects.ignored && after == before) return text + "ignores it\n";
    text += describe(before) == describe(after) ? describe(after) : describe(before) + " -> " + describe(after);
    text += "\n";
    for (const raft::Effect& effect : effects) {
      text += "  " + std::visit(Describe{quorum_.voters}, effect) + "\n";
      carry_out(voter, effect);
    }
    check_safety(voter, before);
    return text;
  }

  void carry_out(VoterId voter, const raft::Effect& effect) {
    if (std::holds_alternative<raft::SetTimer>(effect)) timers_[voter] = true;
    if (std::holds_alternative<raft::CancelTimer>(effect)) timers_[voter] = false;
    if (std::holds_alternative<raft::WatchMajority>(effect)) second_timers_[voter] = true;
    if (std::holds_alternative<raft::UnwatchMajority>(effect)) second_timers_[voter] = false;
    const auto* send = std::get_if<raft::Send>(&effect);
    if (send == nullptr) return;
    for (VoterId to = 0; to < quorum_.voters; ++to) {
      const bool meant = send->to == raft::nobody ? to != voter : to == send->to;
      if (meant) packets_.push_back({voter, to, send->message});
    }
  }

  /// What no order of events may break.
  void check_safety(VoterId voter, const raft::Voter& before) {
    const raft::Voter& after = voters_[voter];
    if (after.epoch < before.epoch) throw Refused("the epoch of " + name(voter) + " went back");
    const bool changed_mind =
        after.epoch == before.epoch && before.voted_for != raft::nobody && after.voted_for != before.voted_for;
    if (changed_mind) throw Refused(name(voter) + " took its vote back");
    if (after.role != raft::Role::leader) return;
    const auto [first, fresh] = leaders_.emplace(after.epoch, voter);
    if (first->second != voter) throw Refused("two leaders in one epoch");
    if (after.log_version < committed_) throw Refused("a leader without a committed record");
  }

  std::string start(Arguments& arguments) {
    const VoterId which = voter(arguments);
    const std::optional<std::string> how = arguments.next();
    if (how && *how != "empty-disk") throw Refused("expected 'empty-disk', got '" + *how + "'");
    if (voters_[which].role != raft::Role::down) throw Refused(name(which) + " is up");
    return tell(which, raft::Started{how.has_value()});
  }

  std::string expire(VoterId voter) {
    if (!timers_[voter]) throw Refused("no timer of " + name(voter) + " runs");
    timers_[voter] = false;
    return tell(voter, raft::TimerExpired{});
  }

  std::string expire_second(VoterId voter) {
    if (!second_timers_[voter]) throw Refused("the second timer of " + name(voter) + " does not run");
    second_timers_[voter] = false;
    return tell(voter, raft::MajoritySilent{voters_[voter].epoch});
  }

  std::string majority(Arguments& arguments) {
    const VoterId leader = voter(arguments);
    const std::string what = arguments.word("'lost' or 'back'");
    if (what != "lost" && what != "back") throw Refused("expected 'lost' or 'back', got '" + what + "'");
    return tell(leader, raft::MajorityFetches{what == "back"});
  }

  /// finds n3 n2: an answered fetch tells n3 that n2 leads.
  std::string finds(Arguments& arguments) {
    const VoterId who = voter(arguments);
    const VoterId leader = voter(arguments);
    if (voters_[leader].role != raft::Role::leader) throw Refused(name(leader) + " does not lead");
    return tell(who, raft::BeginQuorumEpoch{leader, voters_[leader].epoch, voters_[leader].log_version});
  }

  std::vector<VoterId> fetching_from(VoterId leader) const {
    std::vector<VoterId> found;
    for (VoterId voter = 0; voter < quorum_.voters; ++voter) {
      const raft::Voter& its = voters_[voter];
      const bool follows = its.role == raft::Role::follower && its.leader == leader && its.attached;
      if (voter == leader || (follows && its.epoch == voters_[leader].epoch)) found.push_back(voter);
    }
    return found;
  }

  std::string append(VoterId leader) {
    if (!voters_[leader].acts) throw Refused(name(leader) + " is not the active controller");
    const std::vector<VoterId> holders = fetching_from(leader);
    if (holders.size() < quorum_.majority) return "no majority fetches from " + name(leader) + ": nothing is committed";
    committed_ = voters_[leader].log_version + 1;
    std::string text = fmt::format("record {} on", committed_);
    for (const VoterId holder : holders) {
      raft::append(voters_[holder], committed_);
      text += " " + name(holder);
    }
    return text;
  }

  std::string commit(VoterId leader) {
    if (fetching_from(leader).size() < quorum_.majority) return "no majority fetches from " + name(leader);
    return tell(leader, raft::Committed{voters_[leader].epoch});
  }

  /// An elected leader finds that its first record will not be committed.
  std::string never_commits(VoterId leader) {
    if (voters_[leader].role != raft::Role::leader || voters_[leader].acts) {
      throw Refused(name(leader) + " does not wait for its first record");
    }
    return tell(leader, raft::MajoritySilent{voters_[leader].epoch});
  }

  std::string take(const Packet& packet) {
    if (voters_[packet.to].role == raft::Role::down) return "  lost: " + name(packet.to) + " is down\n";
    return std::visit([&](const auto& message) { return tell(packet.to, message); }, packet.message);
  }

  raft::Quorum quorum_;
  std::vector<raft::Voter> voters_;
  std::vector<bool> timers_;
  std::vector<bool> second_timers_;
  Packets<Packet> packets_{{[this](const std::string& text) { return id(text); },
                            [this](Arguments& a) { return voter(a); },
                            [this](const Packet& packet) { return describe_packet(packet); },
                            [this](const Packet& packet) { return take(packet); }}};
  std::map<std::uint32_t, VoterId> leaders_;
  std::uint32_t committed_ = 0;
};

NINES_TRANSCRIPTS("kraft", Cluster);

}  // namespace

}  // namespace kraft_handler
