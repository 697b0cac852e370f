// Scripts that experiments/browser/build has bundled, with the licences of what they hold at their top. The build puts
// them into the program (cmake/embed.cmake).
#pragma once

#include <string_view>

namespace nines::experiments::review {

/// Lets a reader go through a replay: experiments/browser/replay. The page says the same without it.
std::string_view replay_script();

}  // namespace nines::experiments::review
