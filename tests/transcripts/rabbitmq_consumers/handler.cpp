// What a queue's consumers hold, message by message in number: models/rabbitmq/delivery.hpp. Nothing takes time.
//
//   queue [classic] [limit=20] [version=4.2]   begins; without a limit deliveries may fail for ever
//   publish 10                                 so many messages come, and go to consumers with room
//   consumer c1 [automatic] [prefetch=5]       subscribes
//   ack c1 3                                   it acknowledges the oldest that it holds
//   lose c1 channel|node|released              its channel ends; the queue loses its node; it held one for too long
//   requeue                                    the queue begins anew (classic)
//
// Each command prints what is sent, and what is left: batches as "messages x failures".
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "models/rabbitmq/delivery.hpp"
#include "tests/transcripts/transcript.hpp"

namespace rabbitmq_consumers_handler {

namespace {

using namespace nines::models::rabbitmq;
using namespace nines::tests::transcripts;
using delivery::Batches;

std::string text(const Batches& batches) {
  std::string all;
  for (const delivery::Batch& batch : batches) {
    all += all.empty() ? "" : ", ";
    all += batch.failed == 0 ? fmt::format("{:g}", batch.messages)
                             : fmt::format("{:g} that failed {} times", batch.messages, batch.failed);
  }
  return all.empty() ? "nothing" : all;
}

struct Consumer {
  std::string name;
  delivery::Terms terms;
  Batches held;
};

class Consumers : public Handler {
 public:
  Consumers() {
    command("queue", [this](Arguments& a) { return begin(a); });
    command("publish", [this](Arguments& a) {
      fresh_ += std::stod(a.word("number of messages"));
      return checkout();
    });
    command("consumer", [this](Arguments& a) {
      Consumer& added = consumers_.emplace_back();
      added.name = a.word("name");
      const std::optional<std::string> mode = a.next();
      if (mode && *mode != "automatic") throw Refused("no mode '" + *mode + "'");
      added.terms = {mode.has_value(), std::stoi(a.option("prefetch").value_or("0"))};
      return checkout();
    });
    command("ack", [this](Arguments& a) {
      Consumer& consumer = named(a.word("consumer"));
      delivery::Line line{consumer.held};
      delivery::send(line, std::stod(a.word("number of messages")));
      consumer.held = line.returned;
      return checkout();
    });
    command("lose", [this](Arguments& a) { return lose(a); });
    command("requeue", [this](Arguments&) {
      std::string out;
      for (Consumer& consumer : consumers_) {
        out += give_back(consumer.held, delivery::End::requeued);
        consumer.held.clear();
      }
      return out + checkout();
    });
  }

 private:
  std::string begin(Arguments& a) {
    const std::optional<std::string> type = a.next();
    if (type && *type != "classic") throw Refused("no type '" + *type + "'");
    rules_ = {std::stoi(a.option("limit").value_or("-1")), !type, a.option("version").value_or("4.2") < "4.3"};
    return "";
  }

  Consumer& named(const std::string& name) {
    const auto found =
        std::find_if(consumers_.begin(), consumers_.end(), [&](const Consumer& one) { return one.name == name; });
    if (found == consumers_.end()) throw Refused("there is no consumer '" + name + "'");
    return *found;
  }

  std::string give_back(const Batches& held, delivery::End end) {
    const delivery::Returned returned = delivery::give_back(rules_, line_, held, end);
    return fmt::format("  comes back: {:g}{}\n", returned.again,
                       returned.dropped > 0 ? fmt::format(", over the limit: {:g}", returned.dropped) : "");
  }

  std::string lose(Arguments& a) {
    Consumer lost = named(a.word("consumer"));
    const std::string how = a.word("how");
    const delivery::End end = how == "channel" ? delivery::End::channel
                              : how == "node"  ? delivery::End::node
                                               : delivery::End::released;
    consumers_.erase(std::remove_if(consumers_.begin(), consumers_.end(),
                                    [&](const Consumer& one) { return one.name == lost.name; }),
                     consumers_.end());
    if (lost.terms.automatic) return fmt::format("  lost with {}: {}\n", lost.name, text(lost.held)) + checkout();
    return give_back(lost.held, end) + checkout();
  }

  /// Consumers in the order of their names get what they have room for.
  std::string checkout() {
    std::string out;
    for (Consumer& consumer : consumers_) {
      const double holds = delivery::total(consumer.held);
      const double ready = delivery::total(line_.returned) + fresh_;
      const double room = delivery::outstanding(consumer.terms, 0, {}, holds + ready) - holds;
      if (room <= 0) continue;
      const double before = delivery::total(line_.returned);
      const Batches sent = delivery::send(line_, room);
      fresh_ -= room - (before - delivery::total(line_.returned));
      delivery::Line whole{consumer.held};
      for (const delivery::Batch& batch : sent) whole.returned.push_back(batch);
      consumer.held = delivery::send(whole, delivery::total(whole.returned));
      out += fmt::format("  sent to {}: {}\n", consumer.name, text(sent));
    }
    for (const Consumer& consumer : consumers_) out += fmt::format("{} holds {}\n", consumer.name, text(consumer.held));
    Batches ready = line_.returned;
    if (fresh_ > 0) ready.push_back({fresh_, 0});
    return out + fmt::format("ready: {}\n", text(ready));
  }

  delivery::Rules rules_;
  delivery::Line line_;
  double fresh_ = 0;
  std::vector<Consumer> consumers_;
};

NINES_TRANSCRIPTS("rabbitmq_consumers", Consumers);

}  // namespace

}  // namespace rabbitmq_consumers_handler
