#pragma once

#include <string_view>

namespace nines::experiments {

std::string_view version();

}  // namespace nines::experiments
