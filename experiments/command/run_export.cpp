#include <cassert>

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
  write_output(command.common.output, simgrid_platform(input.plan));
  return exit_code::done;
}

}  // namespace nines::experiments
