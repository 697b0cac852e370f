// Nodes of RabbitMQ in a world: both detectors, partitions by mode, boot; node 0 leads the queue `orders`.
//
//   world [nodes=3] [handling=pause_minority] [type=mirrored] [store=khepri] [restart=2] [seed=1] [run=0]   begins
//
// Clients: `app` at node 1, `publish-N` at node N. `at` and `run` as in tests/transcripts/world_handler.hpp.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/models/rabbitmq_topology.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/transcripts/world_handler.hpp"

namespace rabbitmq_handler {

namespace {

using namespace nines::models;
using namespace nines::tests::transcripts;

template <class Enum, std::size_t Count>
Enum one_of(const std::array<std::string_view, Count>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw Refused("there is no '" + name + "'");
  return static_cast<Enum>(found - names.begin());
}

class RabbitWorld : public WorldHandler {
 public:
  RabbitWorld() {
    command("world", [this](Arguments& a) { return begin(a); });
  }

 private:
  std::string begin(Arguments& a) {
    testing::RabbitSettings settings;
    settings.publishers_everywhere = true;
    settings.nodes = std::stoi(a.option("nodes").value_or("3"));
    settings.handling = one_of<rabbitmq::Handling>(rabbitmq::handling_names, a.option("handling").value_or("ignore"));
    settings.type = one_of<rabbitmq::QueueType>(rabbitmq::queue_type_names, a.option("type").value_or("quorum"));
    settings.khepri = a.option("store").value_or("mnesia") == "khepri";
    settings.restart = Duration::seconds(std::stoi(a.option("restart").value_or("2")));
    Topology design = testing::rabbitmq_topology(settings);
    testing::without_changes(design);
    design.people.on_call = 0;
    const auto number = [&](const char* key, const char* otherwise) {
      return static_cast<std::uint64_t>(std::stoul(a.option(key).value_or(otherwise)));
    };
    const std::uint64_t seed = number("seed", "1");
    begin_with(std::move(design), seed, number("run", "0"));
    return "";
  }
};

NINES_TRANSCRIPTS("rabbitmq", RabbitWorld);

}  // namespace

}  // namespace rabbitmq_handler
