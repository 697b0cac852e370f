// A bench for protocol tests: a topology, a script, many runs, and what the trace says.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/plan.hpp"
#include "models/scenario.hpp"
#include "models/world.hpp"

namespace nines::models::testing {

/// Actions of a lab begin here, so that every phase is drawn and the cluster is healthy.
inline constexpr sim::Time origin = sim::Time::from_count(600'000'000'000);

Action action(Duration at, Verb verb, std::string target, std::optional<Duration> duration = {}, std::string from = {});
Action action(Duration at, Verb verb, std::string target, Variant variant);

class Lab {
 public:
  explicit Lab(Topology topology, std::uint64_t seed = 1);
  Lab(const Lab&) = delete;

  [[nodiscard]] const Plan& plan() const { return plan_; }
  /// A healthy world with the script armed, stopped just before its first action.
  [[nodiscard]] World prepare(const std::vector<Action>& script, std::uint64_t run) const;
  /// The same, played until `length` after the first action.
  [[nodiscard]] World play(const std::vector<Action>& script, std::uint64_t run, Duration length) const;

 private:
  Plan plan_;
};

/// Seconds after `origin` of the first record named `event` at or after `from` (about `component`, if given).
std::optional<double> first(const World& world, std::string_view event, std::string_view component = {},
                            double from = 0);
/// Number of records named `event`.
std::size_t count(const World& world, std::string_view event);
/// Finished and open outages of SLI `name` of service 0: (start, length) in seconds after `origin`; open ones end now.
std::vector<std::pair<double, double>> outages(const World& world, std::string_view sli);
/// Total length of `outages`.
double downtime(const World& world, std::string_view sli);

/// Mean of `sample(run)` over runs 0 .. n-1 with its standard error.
struct Sampled {
  double mean = 0;
  double error = 0;  ///< standard error of the mean
  double lowest = 0;
  double highest = 0;
  std::size_t size = 0;
};
Sampled sample(std::size_t runs, const std::function<std::optional<double>(std::uint64_t)>& observe);

/// |mean - expected| within 5.5 standard errors: false-alarm rate 4e-8 under the normal law. `error` must be small
/// enough that 10 % of `expected` would be noticed; that is checked too.
bool agrees(const Sampled& sampled, double expected);

}  // namespace nines::models::testing
