#include "experiments/report/version.hpp"

namespace nines::experiments {

std::string_view version() { return NINES_VERSION; }

}  // namespace nines::experiments
