#include "models/http/requests.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace nines::models::http {

sim::Duration wait_before(const Patience& patience, std::int64_t retry) {
  double factor = 1;
  for (std::int64_t before = 1; before < retry; ++before) factor *= patience.retry_backoff;
  const sim::Duration wait = factor == 1 ? patience.retry_wait : sim::scaled(patience.retry_wait, factor);
  return std::min(wait, patience.deadline + sim::Duration::nanoseconds(1));
}

double failing_share(const std::vector<End>& ends, const Patience& patience) {
  std::map<sim::Duration, double> spent{{sim::Duration(), 1}};  // by what the failed attempts so far have taken
  double served = 0;
  for (std::int64_t attempt = 0; attempt <= patience.retries; ++attempt) {
    const sim::Duration wait = wait_before(patience, attempt + 1);
    std::map<sim::Duration, double> next;
    for (const auto& [before, probability] : spent) {
      for (const End& end : ends) {
        const sim::Duration at = before + end.takes;
        if (at > patience.deadline) continue;
        if (end.answered)
          served += probability * end.probability;
        else
          next[at + wait] += probability * end.probability * patience.granted;
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
  sim::Duration waited;
  for (std::int64_t attempt = 0; attempt <= patience.retries; ++attempt) {
    if (attempt > 0) waited += wait_before(patience, attempt);
    if (waited + answer > patience.deadline) break;
    std::vector<double> next(failed.size() + 1, 0);
    for (std::size_t silent = 0; silent < failed.size(); ++silent) {
      const sim::Duration spent = waited + patience.attempt_timeout * static_cast<std::int64_t>(silent);
      if (spent + answer > patience.deadline) break;
      served += failed[silent] * odds.answered;
      next[silent] += failed[silent] * odds.refused * patience.granted;
      next[silent + 1] += failed[silent] * odds.silent * patience.granted;
    }
    failed = std::move(next);
  }
  return std::clamp(1 - served, 0.0, 1.0);
}

}  // namespace nines::models::http
