// A cluster of pure machines on a network that does nothing by itself: whose clock ticks and what arrives is commanded.
//
//   members 3 leader=n1 [term=1] [log=1] [election=10] [spare=1] [no-pre-vote] [no-check-quorum]   begins; all is well
//   timeout n2 13                          n2 campaigns after 13 ticks (as if drawn)
//   tick n2 [5]                            so many ticks of its clock
//   crash n1 | start n1                    the process; its disk stays
//   propose n1 [3]                         a client of n1 writes so many entries
//   learner n1 n4 | promote n1 n4 | remove n1 n2   n1 is asked for a change of members
//   transfer n1 n3                         n1 is asked to hand its leadership over
//   compact n1                             what n1 has committed goes into a snapshot
//   slow-disk n2 | written n2              writes of n2 end when it is said; the write on its way has ended
//   cut n1 | heal n1                       packets from and to n1 are lost, from now on; they arrive again
//   deliver [all | n2 n3] | drop [all | n2 n3]   the oldest message, of all or between two
//   state
//
// After each command it is checked that no term has two leaders and that no member lacks or contradicts what is
// committed.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "models/etcd/raft/node.hpp"
#include "tests/transcripts/packets.hpp"
#include "tests/transcripts/transcript.hpp"

namespace etcd_raft_handler {

namespace {

using namespace nines::models::etcd::raft;
using namespace nines::tests::transcripts;

std::string name(MemberId member) { return member == nobody ? "nobody" : fmt::format("n{}", member + 1); }

std::string names(MemberSet set) {
  std::string text;
  for (MemberId member = 0; member < most_members; ++member) {
    if (contains(set, member)) text += (text.empty() ? "" : " ") + name(member);
  }
  return text;
}

/// "3/7": term and index.
std::string entry(EntryId id) { return fmt::format("{}/{}", id.term, id.index); }

std::string_view role_name(Role role) {
  switch (role) {
    case Role::down: return "down";
    case Role::follower: return "follower";
    case Role::pre_candidate: return "pre-candidate";
    case Role::candidate: return "candidate";
    case Role::leader: return "leader";
  }
  return "";
}

std::string describe(const Node& node) {
  std::string text(role_name(node.role));
  if (node.role == Role::follower) text += node.lead == nobody ? " without leader" : " of " + name(node.lead);
  text += fmt::format(", term {}", node.term);
  if (node.vote != nobody && node.vote != node.lead) text += ", vote " + name(node.vote);
  return text + fmt::format(", log {}, committed {}", entry(node.log.last()), node.log.committed());
}

std::string_view describe(Note note) {
  switch (note) {
    case Note::campaigns: return "begins a campaign";
    case Note::stands: return "stands for election";
    case Note::elected: return "is elected";
    case Note::steps_down: return "leads no more";
    case Note::lease_ignores: return "ignores it: it has heard of its leader within an election time-out";
    case Note::refuses_vote: return "refuses its vote";
    case Note::dropped: return "drops the proposal";
  }
  return "";
}

struct Describe {
  std::string operator()(const VoteRequest& m) const {
    return fmt::format("{}{}, log {}", m.pre ? "PreVote" : "Vote", m.transfer ? " by transfer" : "", entry(m.last));
  }
  std::string operator()(const VoteResponse& m) const {
    return fmt::format("{} {}", m.pre ? "pre-vote" : "vote", m.granted ? "granted" : "refused");
  }
  std::string operator()(const Append& m) const {
    std::string text = fmt::format("App after {}", entry(m.entries.before));
    for (std::size_t i = 0; i < m.entries.runs.size(); ++i) {
      const Index first = m.entries.runs[i].first;
      const Index last = i + 1 < m.entries.runs.size() ? m.entries.runs[i + 1].first - 1 : m.entries.last;
      text += fmt::format(", {}/{}", m.entries.runs[i].term, first);
      if (last > first) text += fmt::format(" to {}", last);
    }
    return text + fmt::format(", commit {}", m.commit);
  }
  std::string operator()(const AppendResponse& m) const {
    if (m.accepted) return fmt::format("App accepted up to {}", m.index);
    return fmt::format("App refused at {}, try {}", m.index, entry(m.hint));
  }
  std::string operator()(const Heartbeat& m) const { return fmt::format("Heartbeat, commit {}", m.commit); }
  std::string operator()(const HeartbeatResponse&) const { return "Heartbeat answered"; }
  std::string operator()(const InstallSnapshot& m) const { return fmt::format("Snapshot up to {}", entry(m.last)); }
  std::string operator()(const TimeoutNow&) const { return "TimeoutNow"; }
};

std::string describe(const Message& message) {
  return fmt::format("{} to {}: {} (term {})", name(message.from), name(message.to),
                     std::visit(Describe{}, message.body), message.term);
}

class Cluster : public Handler {
 public:
  Cluster() {
    command("members", [this](Arguments& a) { return begin(a); });
    command("state", [this](Arguments&) { return state(); });
    command("timeout", [this](Arguments& a) { return set_timeout(a); });
    command("tick", [this](Arguments& a) { return tick(a); });
    command("crash", [this](Arguments& a) { return crash(member(a)); });
    command("start", [this](Arguments& a) { return start(member(a)); });
    command("propose", [this](Arguments& a) { return propose(a); });
    command("learner", [this](Arguments& a) { return change(a, &Cluster::with_learner); });
    command("promote", [this](Arguments& a) { return change(a, &Cluster::with_voter); });
    command("remove", [this](Arguments& a) { return change(a, &Cluster::without); });
    command("transfer", [this](Arguments& a) {
      const MemberId leader = member(a);
      return tell(leader, TransferTo{member(a)});
    });
    command("compact", [this](Arguments& a) { return compact(member(a)); });
    command("slow-disk", [this](Arguments& a) {
      place(member(a)).slow_disk = true;
      return std::string();
    });
    command("written", [this](Arguments& a) { return written(member(a)); });
    command("cut", [this](Arguments& a) { return cut(member(a), true); });
    command("heal", [this](Arguments& a) { return cut(member(a), false); });
    command("deliver", [this](Arguments& a) { return packets_.deliver(a); });
    command("drop", [this](Arguments& a) { return packets_.drop(a); });
  }

 private:
  struct Place {
    Node node;
    Stable disk;
    bool slow_disk = false;
    bool cut = false;
    bool writing = false;
    bool must_sync = false;
    Stable being_written;
    std::vector<Message> held;
    std::vector<Message> outbox;
  };

  Place& place(MemberId member) { return places_[member]; }

  MemberId id(const std::string& text) const {
    for (MemberId member = 0; member < places_.size(); ++member) {
      if (name(member) == text) return member;
    }
    throw Refused("there is no member '" + text + "'");
  }
  MemberId member(Arguments& arguments) {
    if (places_.empty()) throw Refused("there is no cluster yet");
    return id(arguments.word("a member"));
  }

  std::string begin(Arguments& arguments) {
    const auto number = [&](const char* key, int otherwise) {
      const std::optional<std::string> text = arguments.option(key);
      return text ? std::stoi(*text) : otherwise;
    };
    const int count = std::stoi(arguments.word("how many members there are"));
    rules_ = {};
    rules_.election_ticks = static_cast<Ticks>(number("election", 10));
    while (const std::optional<std::string> word = arguments.next()) {
      if (*word != "no-pre-vote" && *word != "no-check-quorum") throw Refused("'" + *word + "' means nothing here");
      (*word == "no-pre-vote" ? rules_.pre_vote : rules_.check_quorum) = false;
    }
    const auto term = static_cast<Term>(number("term", 1));
    const auto log = static_cast<Index>(number("log", 1));
    Members founders;
    for (MemberId i = 0; i < count; ++i) founders.voters = static_cast<MemberSet>(founders.voters | only(i));
    packets_.clear();
    leaders_.clear();
    committed_.clear();
    places_.assign(static_cast<std::size_t>(count + number("spare", 0)), {});
    const MemberId leader = id(arguments.option("leader").value_or("n1"));
    for (MemberId i = 0; i < places_.size(); ++i) {
      Node& node = place(i).node;
      node.timeout = 2 * rules_.election_ticks - 1;
      if (i >= count) continue;  // not a member yet: an empty disk
      node.log = Log(founders);
      node.log.append(term, log);
      node.log.commit(log);
      node.term = term;
      node.vote = node.lead = leader;
      place(i).disk = stable(node);
    }
    Node& leads = place(leader).node;
    leads.role = Role::leader;
    leads.progress.assign(most_members, {});
    for (Progress& progress : leads.progress) progress = {Progress::State::replicate, false, true, log, log + 1};
    return state();
  }

  std::string state() {
    std::string text;
    for (MemberId i = 0; i < places_.size(); ++i) {
      const Place& its = place(i);
      text += fmt::format("{}: {}{}\n", name(i), describe(its.node), its.writing ? "; writes" : "");
    }
    for (const Message& packet : packets_) text += "on its way, " + describe(packet) + "\n";
    return text;
  }

  std::string set_timeout(Arguments& arguments) {
    const MemberId who = member(arguments);
    place(who).node.timeout = static_cast<Ticks>(std::stoi(arguments.word("a number of ticks")));
    return "";
  }

  std::string tick(Arguments& arguments) {
    const MemberId who = member(arguments);
    const std::optional<std::string> count = arguments.next();
    std::string text;
    std::string last;
    int times = 0;
    const auto say = [&] {
      if (!last.empty()) text += times > 1 ? fmt::format("{} times:\n{}", times, last) : last;
    };
    for (int i = count ? std::stoi(*count) : 1; i > 0; --i) {
      std::string said = tell(who, Tick{});
      // Ticks that do nothing are not worth a line.
      if (said.find('\n') + 1 == said.size() && said.find("->") == std::string::npos) continue;
      if (said != last) {
        say();
        times = 0;
      }
      last = std::move(said);
      ++times;
    }
    say();
    return text;
  }

  std::string cut(MemberId who, bool lost) {
    place(who).cut = lost;
    return "";
  }

  std::string crash(MemberId who) {
    Place& its = place(who);
    std::string text = tell(who, Died{});
    if (its.writing) text += "  its write is lost\n";
    its.writing = its.must_sync = false;
    its.held.clear();
    its.outbox.clear();
    return text;
  }

  std::string start(MemberId who) {
    if (place(who).node.role != Role::down) throw Refused(name(who) + " is up");
    return tell(who, Started{place(who).disk});
  }

  std::string propose(Arguments& arguments) {
    const MemberId who = member(arguments);
    const std::optional<std::string> count = arguments.next();
    return tell(who, Propose{count ? std::stoul(*count) : 1});
  }

  static Members with_learner(Members members, MemberId who) {
    members.learners = static_cast<MemberSet>(members.learners | only(who));
    return members;
  }
  static Members with_voter(Members members, MemberId who) {
    members.voters = static_cast<MemberSet>(members.voters | only(who));
    members.learners = static_cast<MemberSet>(members.learners & ~only(who));
    return members;
  }
  static Members without(Members members, MemberId who) {
    members.voters = static_cast<MemberSet>(members.voters & ~only(who));
    members.learners = static_cast<MemberSet>(members.learners & ~only(who));
    return members;
  }
  std::string change(Arguments& arguments, Members (*how)(Members, MemberId)) {
    const MemberId leader = member(arguments);
    const MemberId who = member(arguments);
    return tell(leader, ProposeMembers{how(place(leader).node.log.members(), who)});
  }

  std::string compact(MemberId who) {
    Place& its = place(who);
    const Index index = std::min(its.node.log.committed(), its.disk.log.last().index);
    its.node.log.compact(index);
    its.disk.log.commit(std::max(index, its.disk.log.committed()));
    its.disk.log.compact(index);
    return fmt::format("{}: snapshot up to {}\n", name(who), entry(its.node.log.snapshot()));
  }

  std::string tell(MemberId who, const Input& input) {
    Place& its = place(who);
    const std::string before = describe(its.node);
    const Members members = its.node.log.members();
    Output output = step(rules_, who, its.node, input);
    if (output.draw_timeout) its.node.timeout = 2 * rules_.election_ticks - 1;  // unless the transcript says otherwise
    const std::string after = describe(its.node);
    std::string text = name(who) + ": " +
                       (output.ignored && before == after ? "ignores it"
                        : before == after                 ? after
                                                          : before + " -> " + after);
    text += "\n";
    for (const Note note : output.notes) text += fmt::format("  {}\n", describe(note));
    if (its.node.log.members() != members) {
      const Members& now = its.node.log.members();
      text += fmt::format("  members: {}{}\n", names(now.voters),
                          now.learners == 0 ? "" : ", learning: " + names(now.learners));
    }
    its.must_sync = its.must_sync || output.must_sync;
    for (const Message& message : output.messages) {
      text +=
          fmt::format("  for {}: {} (term {})\n", name(message.to), std::visit(Describe{}, message.body), message.term);
      its.outbox.push_back(message);
    }
    check(who);
    return text + ready(who);
  }

  /// What etcd does with the machine's outputs: a leader's messages leave at once, others' after the write.
  std::string ready(MemberId who) {
    Place& its = place(who);
    if (its.writing || its.node.role == Role::down) return "";
    std::vector<Message> messages = std::move(its.outbox);
    its.outbox.clear();
    const bool at_once = its.node.role == Role::leader || !its.must_sync;
    if (at_once) send(messages);
    if (!its.must_sync) return "";
    its.must_sync = false;
    its.being_written = stable(its.node);
    its.held = at_once ? std::vector<Message>() : std::move(messages);
    its.writing = true;
    if (!its.slow_disk) return written(who);
    return its.held.empty() ? "  writes\n" : "  writes, and sends only then\n";
  }

  std::string written(MemberId who) {
    Place& its = place(who);
    if (!its.writing) throw Refused(name(who) + " writes nothing");
    its.writing = false;
    its.disk = its.being_written;
    send(its.held);
    its.held.clear();
    const std::string before = describe(its.node);
    std::string text = tell(who, Persisted{its.disk.log.last()});
    // Of no interest unless it changes something.
    return before == describe(its.node) ? "" : text;
  }

  void send(const std::vector<Message>& messages) {
    for (const Message& message : messages) {
      if (!place(message.from).cut && !place(message.to).cut) packets_.push_back(message);
    }
  }

  void check(MemberId who) {
    const Node& node = place(who).node;
    const Log& log = node.log;
    if (node.role == Role::leader) {
      const auto [first, fresh] = leaders_.emplace(node.term, who);
      if (first->second != who) throw Refused("two leaders in one term");
    }
    for (Index index = std::max(log.snapshot().index, Index{1}); index <= log.committed(); ++index) {
      const auto [first, fresh] = committed_.emplace(index, *log.term(index));
      if (first->second != log.term(index)) throw Refused("two entries are committed at one index");
    }
  }

  std::string take(const Message& packet) {
    if (place(packet.to).node.role == Role::down) return "  lost: " + name(packet.to) + " is down\n";
    return tell(packet.to, packet);
  }

  Rules rules_;
  std::vector<Place> places_;
  Packets<Message> packets_{
      {[this](const std::string& text) { return id(text); }, [this](Arguments& a) { return member(a); },
       [](const Message& packet) { return describe(packet); }, [this](const Message& packet) { return take(packet); }}};
  std::map<Term, MemberId> leaders_;
  std::map<Index, Term> committed_;
};

NINES_TRANSCRIPTS("etcd_raft", Cluster);

}  // namespace

}  // namespace etcd_raft_handler
