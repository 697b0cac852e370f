// Nodes' parts in autoheal as pure machines (models/rabbitmq/autoheal.hpp). Messages arrive in the order in which they
// were sent, when `deliver` says so.
//
//   nodes 3 [connections=10,5,4]   begins
//   partitioned n1 n2              each of the two learns that they were partitioned
//   request n2                     a node that sees a partition, and all nodes, asks the first
//   deliver [2]                    so many messages that are on their way arrive; without a number all do
//   stopped n3                     its broker has stopped: the others see that, and those that see no broker any more
//   that
//                                  they were partitioned from forget it
//   started n3                     it is told that it may start, or has waited for too long, and its broker runs again
//   lost n1 n2                     the first of the two finds the other down
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <deque>

#include "models/rabbitmq/autoheal.hpp"
#include "tests/transcripts/transcript.hpp"

namespace rabbitmq_autoheal_handler {

namespace {

using namespace nines::models::rabbitmq::autoheal;
using namespace nines::tests::transcripts;

std::string name(Number node) { return node == nobody ? "nobody" : fmt::format("n{}", node + 1); }
std::string names(NodeSet set) {
  std::string text;
  for (Number node = 0; set >> node != 0; ++node) {
    if ((set >> node & 1U) != 0) text += (text.empty() ? "" : " ") + name(node);
  }
  return text.empty() ? "nobody" : text;
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::request: return "request";
    case Kind::become_winner: return "become_winner";
    case Kind::winner_is: return "winner_is";
    case Kind::safe_to_start: return "safe_to_start";
    case Kind::report: return "report";
    case Kind::finished: return "finished";
  }
  return "";
}

class Autoheal : public Handler {
 public:
  Autoheal() {
    command("nodes", [this](Arguments& a) { return begin(a); });
    command("partitioned", [this](Arguments& a) {
      const Number one = node(a);
      const Number other = node(a);
      survey_.cannot_see[one] = static_cast<NodeSet>(survey_.cannot_see[one] | 1U << other);
      survey_.cannot_see[other] = static_cast<NodeSet>(survey_.cannot_see[other] | 1U << one);
      return state();
    });
    command("request", [this](Arguments& a) {
      const Number from = node(a);
      return take(from, partition_seen(healers_[from])) + state();
    });
    command("deliver", [this](Arguments& a) { return deliver(a); });
    command("stopped", [this](Arguments& a) { return stopped(a); });
    command("started", [this](Arguments& a) {
      const Number one = node(a);
      runs_ = static_cast<NodeSet>(runs_ | 1U << one);
      survey_.cannot_see[one] = 0;
      return take(one, started(healers_[one])) + state();
    });
    command("lost", [this](Arguments& a) {
      const Number one = node(a);
      return take(one, node_lost(healers_[one], one, node(a))) + state();
    });
  }

 private:
  std::string begin(Arguments& a) {
    const auto count = static_cast<std::size_t>(std::stoi(a.word("number of nodes")));
    healers_.assign(count, {});
    survey_.complete = true;
    survey_.cannot_see.assign(count, 0);
    survey_.connections.assign(count, 0);
    runs_ = static_cast<NodeSet>((1U << count) - 1);
    std::string given = a.option("connections").value_or("");
    for (std::size_t i = 0; i < count && !given.empty(); ++i) {
      survey_.connections[i] = std::stoi(given);
      const std::size_t comma = given.find(',');
      given = comma == std::string::npos ? "" : given.substr(comma + 1);
    }
    return "";
  }

  Number node(Arguments& a) {
    const std::string named = a.word("node");
    const auto number = static_cast<std::size_t>(std::stoi(named.substr(1)) - 1);
    if (number >= healers_.size()) throw Refused("there is no '" + named + "'");
    return static_cast<Number>(number);
  }

  std::string take(Number from, const Output& output) {
    std::string text;
    if (output.decided.winner != nobody)
      text += fmt::format("  {} decides: {} wins, {} restart\n", name(from), name(output.decided.winner),
                          names(output.decided.losers));
    if (output.restart) text += fmt::format("  {} stops its broker\n", name(from));
    if (output.start) text += fmt::format("  {} may start\n", name(from));
    for (const Message& message : output.messages) {
      text += fmt::format("  {} -> {}: {}{}\n", name(from), name(message.to), kind_name(message.kind),
                          message.losers == 0 ? "" : " " + names(message.losers));
      packets_.push_back({from, message});
    }
    return text;
  }

  std::string deliver(Arguments& a) {
    std::string text;
    const std::optional<std::string> count = a.next();
    for (int left = count ? std::stoi(*count) : 100; left > 0 && !packets_.empty(); --left) {
      const auto [from, message] = packets_.front();
      packets_.pop_front();
      Healer& healer = healers_[message.to];
      survey_.complete = runs_ == static_cast<NodeSet>((1U << healers_.size()) - 1);
      text += take(message.to, message.kind == Kind::request
                                   ? requested(healer, message.to, survey_.cannot_see[message.to], survey_)
                                   : heard(healer, message.to, from, message, runs_));
    }
    return text + state();
  }

  std::string stopped(Arguments& a) {
    const Number gone = node(a);
    runs_ = static_cast<NodeSet>(runs_ & ~(1U << gone));
    std::string text;
    for (Number other = 0; other < healers_.size(); ++other) {
      if (other == gone) continue;
      if ((survey_.cannot_see[other] & runs_) == 0) survey_.cannot_see[other] = 0;
      text += take(other, broker_ended(healers_[other], other, gone));
    }
    return text + state();
  }

  std::string state() const {
    std::string text;
    for (Number one = 0; one < healers_.size(); ++one) {
      const Healer& healer = healers_[one];
      std::string line;
      switch (healer.state) {
        case State::not_healing: break;
        case State::winner_waiting: line = "waits for " + names(healer.waits_for) + " to stop"; break;
        case State::leader_waiting: line = "waits for " + name(healer.winner) + " to finish"; break;
        case State::restarting: line = "restarts"; break;
      }
      if (survey_.cannot_see[one] != 0)
        line += (line.empty() ? "" : ", ") + ("partitioned from " + names(survey_.cannot_see[one]));
      if (!line.empty()) text += name(one) + ": " + line + "\n";
    }
    return text;
  }

  std::vector<Healer> healers_;
  Survey survey_;
  NodeSet runs_ = 0;
  struct Packet {
    Number from;
    Message message;
  };
  std::deque<Packet> packets_;
};

NINES_TRANSCRIPTS("rabbitmq_autoheal", Autoheal);

}  // namespace

}  // namespace rabbitmq_autoheal_handler
