#include <algorithm>
#include <vector>

#include "models/service/kind.hpp"

#define NINES_KIND(folder)          \
  namespace nines::models::folder { \
  extern const service::Kind kind;  \
  }
#include "models/service/kinds.def"
#undef NINES_KIND

namespace nines::models::service {

namespace {

std::vector<const Kind*>& all() {
  static std::vector<const Kind*> list{
#define NINES_KIND(folder) &folder::kind,
#include "models/service/kinds.def"
#undef NINES_KIND
  };
  return list;
}

}  // namespace

std::span<const Kind* const> kinds() { return all(); }

const Kind* find_kind(std::string_view name) {
  const auto found = std::find_if(all().begin(), all().end(), [&](const Kind* kind) { return kind->name == name; });
  return found == all().end() ? nullptr : *found;
}

void add_kind(const Kind& kind) {
  if (find_kind(kind.name) != nullptr) return;
  all().push_back(&kind);
  add_rows(kind.events());
}

}  // namespace nines::models::service
