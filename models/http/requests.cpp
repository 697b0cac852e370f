#include "models/http/requests.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace nines::models::http {

double failing_share(const std::vector<End>& ends, const Patience& patience) {
  std::map<sim::Duration, double> spent{{sim::Duration(), 1}};  // by what the failed attempts so far have taken
  double served = 0;
  for (std::int64_t attempt = 0; attempt <= patience.retries; ++attempt) {
    std::map<sim::Duration, double> next;
    for (const auto& [before, probability] : spent) {
      for (const End& end : ends) {
        const sim::Duration at = before + end.takes;
        if (at > patience.deadline) continue;
        if (end.answered)
          served += probability * end.probability;
        else
          next[at + patience.retry_wait] += probability * end.probability;
      }
    }
    spent = std::move(next);
  }
  return std::clamp(1 - served, 0.0, 1.0);
}

double failing_share(const Odds& odds, const Patience& patience, sim::Duration answer) {
  // Probability of `silent` silent attempts among the failed ones so far, row by row.
  std::vector<double> failed{1};
  double served = 0;
  for (std::int64_t attempt = 0; attempt <= patience.retries; ++attempt) {
    const sim::Duration waited = patience.retry_wait * attempt;
    if (waited + answer > patience.deadline) break;
    std::vector<double> next(failed.size() + 1, 0);
    for (std::size_t silent = 0; silent < failed.size(); ++silent) {
      const sim::Duration spent = waited + patience.attempt_timeout * static_cast<std::int64_t>(silent);
      if (spent + answer > patience.deadline) break;
      served += failed[silent] * odds.answered;
      next[silent] += failed[silent] * odds.refused;
      next[silent + 1] += failed[silent] * odds.silent;
    }
    failed = std::move(next);
  }
  return std::clamp(1 - served, 0.0, 1.0);
}

}  // namespace nines::models::http
