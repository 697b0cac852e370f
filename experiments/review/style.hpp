// The style sheet of pages, and the few lines of script that let a table be sorted and a replay be gone through.
#pragma once

#include <string_view>

namespace nines::experiments::review {

std::string_view style_sheet();
std::string_view sort_script();
/// Lets a reader go through the lines of events by keyboard and mouse.
std::string_view events_script();

}  // namespace nines::experiments::review
