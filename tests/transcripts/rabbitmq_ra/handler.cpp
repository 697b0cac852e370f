// Ra servers as pure machines on a network that does nothing by itself: whose timer fires, whose monitor goes down and
// what arrives is commanded.
//
//   members 3 leader=n1 [term=1] [log=1] [spare=1]   begins; all is well
//   timer n2                               the timer that n2 has armed runs out
//   down n2 n1 [noconnection]              the monitor that n2 has on n1 fires: its process is gone, or its connection
//   suspect n2 n1 | trust n2 n1            aten on the node of n2 hears nothing of that of n1; hears it again
//   tick n1                                n1's tick of 5 s
//   crash n1 | start n1                    the server; its disk stays
//   lose-disk n1                           of a server that is down: it starts next as a new one
//   propose n1 [3]                         a client of n1 writes so many entries
//   add n1 n4 | remove n1 n2               n1 is asked for a change of members
//   transfer n1 n3                         n1 is asked to hand its leadership over
//   elect n1                               n1 is asked to stand (a queue was declared)
//   compact n1                             what n1 has applied goes into a snapshot
//   slow-disk n2 | written n2              writes of n2 end when it is said; the oldest write on its way has ended
//   cut n1 | heal n1                       messages from and to n1 are lost, from now on; they arrive again
//   deliver [all | n2 n3] | drop [all | n2 n3]   the oldest message, of all or between two
//   state
//
// After each command it is checked that no term has two leaders and that no member lacks or contradicts what is
// committed.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "models/rabbitmq/ra/machine.hpp"
#include "tests/transcripts/packets.hpp"
#include "tests/transcripts/transcript.hpp"

namespace rabbitmq_ra_handler {

namespace {

using namespace nines::models::rabbitmq::ra;
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

std::string_view role_name(const Node& node) {
  switch (node.role) {
    case Role::down: return "down";
    case Role::follower: return "follower";
    case Role::pre_vote: return "pre-vote";
    case Role::candidate: return "candidate";
    case Role::leader: return "leader";
    case Role::await_condition:
      return node.condition == Condition::transfer  ? "handing over"
             : node.condition == Condition::missing ? "waiting for entries"
                                                    : "waiting for entries that fit";
  }
  return "";
}

std::string_view timer_name(Timer timer) {
  switch (timer) {
    case Timer::none: return "none";
    case Timer::really_short: return "really short, 1 to 100 ms";
    case Timer::short_timer: return "short, 101 to 600 ms";
    case Timer::medium: return "medium, 101 to 5100 ms";
    case Timer::long_timer: return "long, 5001 to 6000 ms";
    case Timer::condition: return "30 s";
  }
  return "";
}

std::string describe(const Node& node) {
  std::string text(role_name(node));
  if (node.role == Role::follower) text += node.lead == nobody ? " without leader" : " of " + name(node.lead);
  text += fmt::format(", term {}, log {}", node.term, entry(node.log.last()));
  if (node.log.written() != node.log.last()) text += fmt::format(", written {}", node.log.written().index);
  return text + fmt::format(", committed {}", node.applied);
}

std::string_view describe(Note note) {
  switch (note) {
    case Note::asks: return "begins a pre-vote";
    case Note::stands: return "stands for election";
    case Note::elected: return "is elected";
    case Note::abdicates: return "leads no more";
    case Note::leader_change: return "has a new leader";
    case Note::removed: return "is no member any more, and stops";
    case Note::dropped: return "drops the command";
  }
  return "";
}

struct Describe {
  std::string operator()(const PreVote& m) const { return fmt::format("PreVote, log {}", entry(m.last)); }
  std::string operator()(const PreVoteResult& m) const { return m.granted ? "pre-vote granted" : "pre-vote refused"; }
  std::string operator()(const RequestVote& m) const { return fmt::format("Vote, log {}", entry(m.last)); }
  std::string operator()(const VoteResult& m) const { return m.granted ? "vote granted" : "vote refused"; }
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
  std::string operator()(const AppendReply& m) const {
    return fmt::format("{}, written {}, next {}", m.success ? "App taken" : "App refused", entry(m.last), m.next);
  }
  std::string operator()(const InstallSnapshot& m) const { return fmt::format("Snapshot up to {}", entry(m.last)); }
  std::string operator()(const SnapshotResult& m) const { return fmt::format("has snapshot up to {}", entry(m.last)); }
  std::string operator()(const TryBecomeLeader&) const { return "stand now"; }
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
    command("timer", [this](Arguments& a) { return fire(member(a)); });
    command("down", [this](Arguments& a) { return down(a); });
    command("suspect", [this](Arguments& a) {
      const MemberId who = member(a);
      return tell(who, Suspected{member(a)});
    });
    command("trust", [this](Arguments& a) {
      const MemberId who = member(a);
      return tell(who, Trusted{member(a)});
    });
    command("tick", [this](Arguments& a) { return tell(member(a), Tick{}); });
    command("crash", [this](Arguments& a) { return crash(member(a)); });
    command("start", [this](Arguments& a) { return start(member(a)); });
    command("lose-disk", [this](Arguments& a) { return lose_disk(member(a)); });
    command("propose", [this](Arguments& a) { return propose(a); });
    command("add", [this](Arguments& a) {
      const MemberId leader = member(a);
      return tell(leader, AddMember{member(a)});
    });
    command("remove", [this](Arguments& a) {
      const MemberId leader = member(a);
      return tell(leader, RemoveMember{member(a)});
    });
    command("transfer", [this](Arguments& a) {
      const MemberId leader = member(a);
      return tell(leader, TransferTo{member(a)});
    });
    command("elect", [this](Arguments& a) { return tell(member(a), TriggerElection{}); });
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
    std::deque<EntryId> writing;
    bool slow_disk = false;
    bool cut = false;
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
    const EntryId last{static_cast<Term>(number("term", 1)), static_cast<Index>(number("log", 1))};
    founders_ = 0;
    for (MemberId i = 0; i < count; ++i) founders_ = static_cast<MemberSet>(founders_ | only(i));
    packets_.clear();
    leaders_.clear();
    committed_.clear();
    places_.assign(static_cast<std::size_t>(count + number("spare", 0)), {});
    const MemberId leader = id(arguments.option("leader").value_or("n1"));
    for (MemberId i = 0; i < places_.size(); ++i) {
      if (i < count) {
        place(i).node = healthy(founders_, i, leader, last);
      } else {
        place(i).node.role = Role::down;
        place(i).disk = empty_disk(founders_);
      }
    }
    return state();
  }

  std::string state() {
    std::string text;
    for (MemberId i = 0; i < places_.size(); ++i) {
      text += fmt::format("{}: {}\n", name(i), describe(place(i).node));
      if (place(i).node.timer != Timer::none) text += fmt::format("  timer: {}\n", timer_name(place(i).node.timer));
    }
    for (const Message& packet : packets_) text += "on its way, " + describe(packet) + "\n";
    return text;
  }

  std::string fire(MemberId who) {
    if (place(who).node.timer == Timer::none) throw Refused(name(who) + " has armed no timer");
    return tell(who, TimerFired{});
  }

  std::string down(Arguments& arguments) {
    const MemberId who = member(arguments);
    const MemberId gone = member(arguments);
    const std::optional<std::string> why = arguments.next();
    if (why && *why != "noconnection") throw Refused("'" + *why + "' means nothing here");
    return tell(who, Down{gone, why.has_value()});
  }

  std::string cut(MemberId who, bool lost) {
    place(who).cut = lost;
    return "";
  }

  std::string crash(MemberId who) {
    Place& its = place(who);
    its.disk = stable(its.node);
    std::string text = tell(who, Died{});
    if (!its.writing.empty()) text += "  its write is lost\n";
    its.writing.clear();
    return text;
  }

  std::string start(MemberId who) {
    if (place(who).node.role != Role::down) throw Refused(name(who) + " is up");
    return tell(who, Started{place(who).disk});
  }

  std::string lose_disk(MemberId who) {
    if (place(who).node.role != Role::down) throw Refused(name(who) + " is up");
    place(who).disk = empty_disk(static_cast<MemberSet>(founders_ | only(who)));
    return "";
  }

  std::string propose(Arguments& arguments) {
    const MemberId who = member(arguments);
    const std::optional<std::string> count = arguments.next();
    return tell(who, Propose{count ? std::stoul(*count) : 1});
  }

  std::string compact(MemberId who) {
    Log& log = place(who).node.log;
    log.compact(std::min(place(who).node.applied, log.written().index));
    return fmt::format("{}: snapshot up to {}\n", name(who), entry(log.snapshot()));
  }

  std::string tell(MemberId who, const Input& input) {
    Place& its = place(who);
    const std::string before = describe(its.node);
    const MemberSet members = its.node.log.members();
    const MemberId lead = its.node.lead;
    Output output = step(rules_, who, its.node, input);
    const std::string after = describe(its.node);
    const bool quiet = before == after && output.messages.empty() && output.notes.empty() && !output.timer_changed &&
                       !output.sync_vote && output.monitor == nobody;
    std::string text = name(who) + ": " +
                       (quiet && output.ignored ? "ignores it"
                        : before == after       ? after
                                                : before + " -> " + after);
    text += "\n";
    for (const Note note : output.notes) text += fmt::format("  {}\n", describe(note));
    if (output.monitor != nobody && output.monitor == lead)
      text += fmt::format("  watches {} again\n", name(output.monitor));
    if (output.timer_changed) text += fmt::format("  timer: {}\n", timer_name(its.node.timer));
    if (its.node.log.members() != members) text += fmt::format("  members: {}\n", names(its.node.log.members()));
    if (output.sync_vote) text += fmt::format("  writes term {}, vote {}\n", its.node.term, name(its.node.vote));
    for (const Message& message : output.messages) {
      text +=
          fmt::format("  for {}: {} (term {})\n", name(message.to), std::visit(Describe{}, message.body), message.term);
      if (!place(message.from).cut && !place(message.to).cut) packets_.push_back(message);
    }
    check(who);
    const auto* message = std::get_if<Message>(&input);
    if (output.ignored && message != nullptr && std::holds_alternative<InstallSnapshot>(message->body))
      text += tell(message->from, SnapshotFailed{who});
    if (!output.write) return text;
    its.writing.push_back(its.node.log.last());
    if (its.slow_disk) return text + fmt::format("  writes up to {}\n", its.node.log.last().index);
    return text + written(who);
  }

  std::string written(MemberId who) {
    Place& its = place(who);
    if (its.writing.empty()) throw Refused(name(who) + " writes nothing");
    const EntryId end = its.writing.front();
    its.writing.pop_front();
    return tell(who, Persisted{end});
  }

  void check(MemberId who) {
    const Node& node = place(who).node;
    const Log& log = node.log;
    if (node.role == Role::leader) {
      const auto [first, fresh] = leaders_.emplace(node.term, who);
      if (first->second != who) throw Refused("two leaders in one term");
    }
    for (Index index = std::max(log.snapshot().index, Index{1}); index <= node.applied; ++index) {
      const auto [first, fresh] = committed_.emplace(index, *log.term(index));
      if (first->second != log.term(index)) throw Refused("two entries are committed at one index");
    }
  }

  std::string take(const Message& packet) {
    if (place(packet.to).node.role == Role::down) return "  lost: " + name(packet.to) + " is down\n";
    return tell(packet.to, packet);
  }

  Rules rules_;
  MemberSet founders_ = 0;
  std::vector<Place> places_;
  Packets<Message> packets_{
      {[this](const std::string& text) { return id(text); }, [this](Arguments& a) { return member(a); },
       [](const Message& packet) { return describe(packet); }, [this](const Message& packet) { return take(packet); }}};
  std::map<Term, MemberId> leaders_;
  std::map<Index, Term> committed_;
};

NINES_TRANSCRIPTS("rabbitmq_ra", Cluster);

}  // namespace

}  // namespace rabbitmq_ra_handler
