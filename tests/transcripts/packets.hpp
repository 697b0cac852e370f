// Messages on their way between the members of a machine's cluster, and the commands of transcripts about them.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "tests/transcripts/transcript.hpp"

namespace nines::tests::transcripts {

/// In the order sent. A packet has members `from` and `to`.
template <class Packet>
class Packets {
 public:
  using Member = decltype(Packet::from);

  struct Handling {
    std::function<Member(const std::string&)> id;  ///< of a member's name; throws Refused
    std::function<Member(Arguments&)> next;        ///< the member that is named next
    std::function<std::string(const Packet&)> describe;
    std::function<std::string(const Packet&)> take;  ///< what the receiver does with it, in lines
  };
  explicit Packets(Handling handling) : handling_(std::move(handling)) {}

  void clear() { packets_.clear(); }
  void push_back(Packet packet) { packets_.push_back(std::move(packet)); }
  [[nodiscard]] auto begin() const { return packets_.begin(); }
  [[nodiscard]] auto end() const { return packets_.end(); }

  /// deliver | deliver n1 n2 | deliver all, with what is sent meanwhile
  std::string deliver(Arguments& arguments) {
    Arguments copy = arguments;
    const bool all = copy.next() == "all";
    const auto found = oldest(arguments);
    if (found == packets_.end()) return nothing;
    Packet packet = *found;
    packets_.erase(found);
    std::string text = hand_over(packet);
    while (all && !packets_.empty()) {
      packet = packets_.front();
      packets_.pop_front();
      text += hand_over(packet);
    }
    return text;
  }

  /// drop | drop n1 n2 | drop all
  std::string drop(Arguments& arguments) {
    Arguments copy = arguments;
    const bool all = copy.next() == "all";
    std::string text;
    for (auto found = oldest(arguments); found != packets_.end(); found = packets_.begin()) {
      text += "lost, " + handling_.describe(*found) + "\n";
      packets_.erase(found);
      if (!all) break;
    }
    return text.empty() ? nothing : text;
  }

  /// repeat n1 n2: the oldest packet between them will arrive twice.
  std::string repeat(Arguments& arguments) {
    const auto found = oldest(arguments);
    if (found == packets_.end()) return nothing;
    const Packet packet = *found;
    packets_.insert(found, packet);
    return "twice, " + handling_.describe(packet);
  }

 private:
  static constexpr const char* nothing = "nothing is on its way";

  typename std::deque<Packet>::iterator oldest(Arguments& arguments) {
    const std::optional<std::string> from = arguments.next();
    if (!from || *from == "all") return packets_.begin();
    const Member sender = handling_.id(*from);
    const Member receiver = handling_.next(arguments);
    return std::find_if(packets_.begin(), packets_.end(),
                        [&](const Packet& packet) { return packet.from == sender && packet.to == receiver; });
  }
  std::string hand_over(const Packet& packet) { return handling_.describe(packet) + "\n" + handling_.take(packet); }

  Handling handling_;
  std::deque<Packet> packets_;
};

}  // namespace nines::tests::transcripts
