#include <cassert>
#include <cmath>

#include "experiments/command/commands.hpp"
#include "experiments/command/inputs.hpp"
#include "experiments/replay/simgrid_platform.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/report/output.hpp"

namespace nines::experiments {

int run_export(const ExportCommand& command) {
  assert(command.as == "simgrid");
  const std::string path = topology_path(command.topology);
  const Input input = load_input(path, command.common.sets, command.common);
  show_warnings(input.loaded.warnings);
  if (input.plan.nodes.empty()) {
    throw loader::InputError(
        {loader::Problem{path, 0, 0, "", "the topology has no machines, so there is no platform to write."}});
  }
  for (const models::NodeGroupSpec& group : input.plan.topology.node_groups) {
    const models::InstanceType& host = group.instance;
    if (std::isfinite(host.vcpu + host.network.bytes_per_s + host.local_disk.count + host.local_disk_rate.bytes_per_s))
      continue;
    throw loader::InputError(
        {loader::Problem{path, 0, 0, "",
                         "hosts of '" + group.name +
                             "' have no limits, and SimGrid wants numbers: give a node group with 'cpu', "
                             "'network', 'disk' and 'disk_rate'."}});
  }
  write_output(command.common.output, simgrid_platform(input.plan));
  return exit_code::done;
}

}  // namespace nines::experiments
