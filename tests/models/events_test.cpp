// The table of events: numbered by room, each described once.
#include "models/faults/events.hpp"

#include <set>
#include <string_view>

#include "models/event_table.hpp"
#include "models/kafka/events.hpp"
#include "models/kubernetes/events.hpp"
#include "models/world.hpp"

namespace events_test {

using namespace nines;
using namespace nines::models;

TEST_CASE("events: every number in use has a description, names are unique and numbers lie in their room", "[events]") {
  std::set<std::string_view> names;
  std::size_t used = 0;
  for (std::size_t kind = 0; kind < event_kinds; ++kind) {
    const EventRow& row = event_row(static_cast<sim::EventKind>(kind));
    if (row.info.name.empty()) {
      CHECK(row.subject == nullptr);
      continue;
    }
    ++used;
    CHECK(row.kind == kind);
    CHECK(row.subject != nullptr);
    INFO(row.info.name);
    CHECK(names.insert(row.info.name).second);
  }
  CHECK(used > 120);
  CHECK(kind_of<kafka::BrokerFenced> / room_capacity == static_cast<std::size_t>(EventRoom::kafka));
  CHECK(kind_of<kubernetes::PodRemoved> / room_capacity == static_cast<std::size_t>(EventRoom::kubernetes));
  CHECK(event_info(kind_of<kafka::BrokerFenced>).name == "kafka.fenced");
}

TEST_CASE("events: what is scheduled has a handler, what is only noted has none", "[events]") {
  CHECK(event_row(kind_of<kubernetes::PodCreated>).handle != nullptr);
  CHECK(event_row(kind_of<faults::NodeCrashed>).handle == nullptr);
}

}  // namespace events_test
