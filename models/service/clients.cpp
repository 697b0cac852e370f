#include "models/service/clients.hpp"

#include <stdexcept>

#include "models/namer.hpp"
#include "models/topology.hpp"

namespace nines::models::service {

infrastructure::Endpoint client_place(const Plan& plan, std::string_view place, std::string_view service) {
  if (place == "region") return plan.network.backbone;
  for (const ZoneId zone : plan.zones.ids()) {
    if (plan.name(plan.zones[zone].component) == place) return plan.network.zone_fabric[zone.value];
  }
  throw std::invalid_argument(fmt::format("a client of '{}' is placed in '{}', which is no zone", service, place));
}

ClientPlan add_client(const Plan& plan, Namer& namer, ServiceId service, std::string_view name,
                      std::string_view place) {
  const std::string& of = plan.services[service].name;
  const ComponentId component = namer.add(fmt::format("{}/client/{}", of, name), "client");
  return {component, client_place(plan, place, of)};
}

void check_place(Report& report, const Topology& topology, std::size_t number, const std::string& place) {
  std::vector<std::string> places = topology.zones;
  places.emplace_back("region");
  report.check_known(fmt::format("{}/clients/{}/place", report.at(), number), place, places, "place");
}

}  // namespace nines::models::service
