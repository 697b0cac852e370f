#include <cassert>

#include "experiments/boundary.hpp"
#include "experiments/commands.hpp"
#include "experiments/inputs.hpp"
#include "experiments/output.hpp"
#include "experiments/simgrid_platform.hpp"

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
