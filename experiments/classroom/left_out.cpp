// What the program has and the classroom has not.
#include <stdexcept>

#include "experiments/command/commands.hpp"
#include "experiments/report/version.hpp"

namespace nines::experiments {

int run_sweep(const SweepCommand&) {
  throw std::invalid_argument(
      "sweeps are not played in the browser: they keep their results in a database, and take hours of several "
      "processors. Install nines to play them");
}

/// A module of WebAssembly has no such hash.
std::string build() { return ""; }

}  // namespace nines::experiments
