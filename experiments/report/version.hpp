#pragma once

#include <string>
#include <string_view>

namespace nines::experiments {

std::string_view version();
/// What tells this build of the program from others: the linker's hash of it; "" where the linker makes none.
std::string build();

}  // namespace nines::experiments
