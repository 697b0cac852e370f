#include "experiments/replay/simgrid_platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "experiments/report/escape.hpp"

namespace nines::experiments {
namespace {

using models::NodeId;
using models::VolumeId;

/// Doubles in the fewest digits that read back as the same.
std::string number(double value) { return fmt::format("{}", value); }

}  // namespace

std::string simgrid_platform(const models::Plan& plan) {
  std::string xml;
  const auto line = [&](std::string_view text) {
    xml += text;
    xml += '\n';
  };
  const auto name_of = [&](models::ComponentId component) { return escape::markup(plan.name(component)); };
  const auto instance_of = [&](NodeId node) -> const models::InstanceType& {
    return plan.topology.node_groups[plan.nodes[node].group].instance;
  };
  // One way between two machines of a zone is up + down; of two zones up + out + in + down.
  const double machine_latency_s = plan.infra().rtt_intra_zone.to_seconds() / 4;
  const double zone_latency_s = std::max(0.0, plan.infra().rtt_inter_zone.to_seconds() / 4 - machine_latency_s);

  line("<?xml version='1.0'?>");
  line("<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">");
  line("<platform version=\"4.1\">");
  const std::string region = escape::markup(plan.topology.region.empty() ? plan.topology.name : plan.topology.region);
  line(fmt::format("  <zone id=\"region {}\" routing=\"Floyd\">", region));
  for (const NodeId node : plan.nodes.ids()) {
    const models::InstanceType& type = instance_of(node);
    const std::string name = name_of(plan.nodes[node].component);
    line(fmt::format("    <host id=\"{}\" speed=\"1Gf\" core=\"{}\">", name,
                     std::max<std::int64_t>(1, static_cast<std::int64_t>(type.vcpu))));
    line(fmt::format("      <prop id=\"instance_type\" value=\"{}\"/>", escape::markup(type.name)));
    line(fmt::format("      <prop id=\"ebs_bytes_per_s\" value=\"{}\"/>", number(type.ebs.bytes_per_s)));
    for (const VolumeId volume : plan.volumes.ids()) {
      const models::VolumePlan& disk = plan.volumes[volume];
      const NodeId home = disk.node.exists() ? disk.node : plan.processes[disk.owner].node;
      if (home != node) continue;
      const std::string rate = number(disk.throughput.bytes_per_s);
      line(fmt::format("      <disk id=\"{}\" read_bw=\"{}Bps\" write_bw=\"{}Bps\">", name_of(disk.component), rate,
                       rate));
      line(fmt::format("        <prop id=\"size\" value=\"{}B\"/>", number(disk.size.count)));
      line("      </disk>");
    }
    line("    </host>");
  }
  const auto zone_name = [&](models::ZoneId zone) { return name_of(plan.zones[zone].component); };
  line("    <router id=\"backbone\"/>");
  for (const models::ZoneId zone : plan.zones.ids()) line(fmt::format("    <router id=\"zone {}\"/>", zone_name(zone)));

  const auto link = [&](const std::string& id, double bytes_per_s, double latency_s, std::string_view policy) {
    line(fmt::format("    <link id=\"{}\" bandwidth=\"{}Bps\" latency=\"{}s\" sharing_policy=\"{}\"/>", id,
                     number(bytes_per_s), number(latency_s), policy));
  };
  for (const NodeId node : plan.nodes.ids()) {
    const std::string name = name_of(plan.nodes[node].component);
    const double bandwidth = instance_of(node).network.bytes_per_s;
    link(name + "/up", bandwidth, machine_latency_s, "SHARED");
    link(name + "/down", bandwidth, machine_latency_s, "SHARED");
  }
  for (const models::ZoneId zone : plan.zones.ids()) {
    double all = 0;
    for (const NodeId node : plan.zones[zone].nodes) all += instance_of(node).network.bytes_per_s;
    if (!(all > 0)) all = 1;  // an empty zone: SimGrid wants a number
    link(zone_name(zone) + "/out", all, zone_latency_s, "FATPIPE");
    link(zone_name(zone) + "/in", all, zone_latency_s, "FATPIPE");
  }

  const auto route = [&](const std::string& from, const std::string& to, const std::string& over) {
    line(fmt::format("    <route src=\"{}\" dst=\"{}\" symmetrical=\"NO\"><link_ctn id=\"{}\"/></route>", from, to,
                     over));
  };
  for (const NodeId node : plan.nodes.ids()) {
    const std::string name = name_of(plan.nodes[node].component);
    const std::string zone = "zone " + zone_name(plan.nodes[node].zone);
    route(name, zone, name + "/up");
    route(zone, name, name + "/down");
  }
  for (const models::ZoneId zone : plan.zones.ids()) {
    route("zone " + zone_name(zone), "backbone", zone_name(zone) + "/out");
    route("backbone", "zone " + zone_name(zone), zone_name(zone) + "/in");
  }
  line("  </zone>");
  line("</platform>");
  return xml;
}

}  // namespace nines::experiments
