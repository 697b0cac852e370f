// The style sheet of pages, and the few lines of script that let a table be sorted.
#pragma once

#include <string_view>

namespace nines::experiments::review {

std::string_view style_sheet();
std::string_view sort_script();

}  // namespace nines::experiments::review
