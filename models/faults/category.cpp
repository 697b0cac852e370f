#include "models/faults/category.hpp"

#include <algorithm>

#include "models/world.hpp"

namespace nines::models::faults {

namespace {

/// Whether `event` is "fault." and the verb's name with '_' for '-'.
bool is_event_of(std::string_view event, std::string_view verb) {
  constexpr std::string_view prefix = "fault.";
  if (!event.starts_with(prefix)) return false;
  event.remove_prefix(prefix.size());
  return std::equal(event.begin(), event.end(), verb.begin(), verb.end(),
                    [](char a, char b) { return a == b || (a == '_' && b == '-'); });
}

Category looked_up(sim::EventKind kind) {
  for (const VerbInfo& verb : verbs) {
    if (is_event_of(event_info(kind).name, verb.name)) return verb.category;
  }
  return Category::component;
}

}  // namespace

Category category_of(sim::EventKind kind) {
  static const std::vector<Category> categories = [] {
    std::vector<Category> all;
    for (std::size_t i = 0; i < event_kinds; ++i) all.push_back(looked_up(static_cast<sim::EventKind>(i)));
    return all;
  }();
  return categories[kind];
}

}  // namespace nines::models::faults
