#include "models/kubernetes/replica_calculator.hpp"

#include <algorithm>
#include <cmath>

namespace nines::models::kubernetes {

namespace {

constexpr double percent = 100;
/// Quotients of decimals that are whole numbers stay whole.
constexpr double rounding = 1e-9;

std::int64_t whole_percent(double part) { return static_cast<std::int64_t>(std::floor(part * percent + rounding)); }

bool within(double ratio, Ratio tolerance) { return std::abs(1 - ratio) <= tolerance + rounding; }

std::int64_t ceiling(double pods) { return static_cast<std::int64_t>(std::ceil(pods - rounding)); }

}  // namespace

std::optional<std::int64_t> replicas_by_cpu(std::span<const PodSample> pods, double request, double target,
                                            Ratio tolerance, std::int64_t now) {
  const auto wanted = static_cast<double>(whole_percent(target));
  double use = 0;
  double known = 0;
  double unready = 0;
  double missing = 0;
  for (const PodSample& pod : pods) {
    if (pod.standing == Standing::unready) unready += 1;
    if (pod.standing == Standing::missing) missing += 1;
    if (pod.standing != Standing::counts) continue;
    known += 1;
    use += pod.use;
  }
  if (known == 0) return std::nullopt;
  const auto ratio = [&](double counted) {
    return static_cast<double>(whole_percent(use / (request * counted))) / wanted;
  };
  const double first = ratio(known);
  const bool up = first > 1;
  if ((unready == 0 || !up) && missing == 0) return within(first, tolerance) ? now : ceiling(first * known);
  double counted = known;
  if (missing > 0 && first != 1) {
    counted += missing;
    if (!up) use += missing * request * std::max(1.0, target);
  }
  if (up) counted += unready;
  const double second = ratio(counted);
  const bool turned = (first < 1 && second > 1) || (first > 1 && second < 1);
  if (within(second, tolerance) || turned) return now;
  const std::int64_t pods_wanted = ceiling(second * counted);
  if ((second < 1 && pods_wanted > now) || (second > 1 && pods_wanted < now)) return now;
  return pods_wanted;
}

std::int64_t replicas_by_requests(double requests_per_s, double target, Ratio tolerance, std::int64_t now) {
  if (within(requests_per_s / (target * static_cast<double>(now)), tolerance)) return now;
  return ceiling(requests_per_s / target);
}

std::int64_t most_without_behavior(std::int64_t now, Ratio factor, std::int64_t minimum) {
  return std::max(static_cast<std::int64_t>(factor * static_cast<double>(now) + rounding), minimum);
}

std::int64_t most_with_behavior(std::int64_t now, std::int64_t added, std::int64_t removed, Ratio share,
                                std::int64_t pods) {
  const std::int64_t before = now - added + removed;
  return std::max(now, std::max(before + pods, ceiling(static_cast<double>(before) * (1 + share))));
}

std::int64_t fewest_with_behavior(std::int64_t now, std::int64_t added, std::int64_t removed, Ratio share) {
  const std::int64_t before = now - added + removed;
  const auto left = static_cast<std::int64_t>(static_cast<double>(before) * (1 - share) + rounding);
  return std::min(now, left);
}

}  // namespace nines::models::kubernetes
