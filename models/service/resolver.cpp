#include "models/service/resolver.hpp"

namespace nines::models::service {

std::vector<LookUpEnd> ends_of(const LookUp& look_up) {
  std::vector<LookUpEnd> ends;
  std::vector<double> waiting{1};  // by the number of silent tries so far
  for (std::int64_t attempt = 0; attempt < look_up.attempts; ++attempt) {
    std::vector<double> next(waiting.size() + 1, 0);
    for (std::size_t silent = 0; silent < waiting.size(); ++silent) {
      const Duration waited = look_up.timeout * static_cast<std::int64_t>(silent);
      ends.push_back({waiting[silent] * look_up.answered, waited, true});
      next[silent] += waiting[silent] * look_up.refused;
      next[silent + 1] += waiting[silent] * look_up.silent;
    }
    waiting = std::move(next);
  }
  for (std::size_t silent = 0; silent < waiting.size(); ++silent)
    ends.push_back({waiting[silent], look_up.timeout * static_cast<std::int64_t>(silent), false});
  std::erase_if(ends, [](const LookUpEnd& end) { return end.probability <= 0; });
  return ends;
}

double fails(const LookUp& look_up) {
  double all = 1;
  for (std::int64_t attempt = 0; attempt < look_up.attempts; ++attempt) all *= look_up.refused + look_up.silent;
  return all;
}

}  // namespace nines::models::service
