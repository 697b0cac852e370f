#include "models/components/markov_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>

#include "models/components/cluster_law.hpp"
#include "models/components/clusters.hpp"
#include "models/components/joint_chain.hpp"
#include "models/components/phase_law.hpp"
#include "models/components/spec_of.hpp"
#include "models/measurement/sli_names.hpp"
#include "models/structure/independent_parts.hpp"

namespace nines::models::components {

namespace {

JointOptions joint_options(const ExactOptions& options) {
  JointOptions joint;
  joint.most_cluster_states = options.most_states;
  joint.most_states = options.most_joint_states;
  return joint;
}

/// Once failed, a unit stays failed, and nothing comes back by itself: then a requirement that fails has failed for
/// good.
bool nothing_recovers(const Plan& plan, const Clusters& clusters) {
  for (const Cluster& cluster : clusters.clusters) {
    for (const BoxId box : cluster.boxes) {
      const ComponentSpec& spec = spec_of(plan, box);
      if (spec.repair || (spec.standby && spec.standby->switchover)) return false;
    }
  }
  return true;
}

void refuse_deadline(const Plan& plan, measurement::SliIndex sli) {
  if (plan.slis[sli].deadline <= Duration()) return;
  throw std::invalid_argument(
      fmt::format("SLI '{}' forgives interruptions of up to {:g} s, for which only unavailability and frequency of "
                  "outages are solved exactly; use --method incidents",
                  measurement::sli_name(plan, sli), plan.slis[sli].deadline.to_seconds()));
}

double mean_time(const Plan& plan, const Clusters& clusters, measurement::SliIndex sli, const ExactOptions& options) {
  refuse_deadline(plan, sli);
  JointOptions joint = joint_options(options);
  joint.stop_when_down = true;
  const JointChain from = joint_chain(plan, clusters, joint);
  const auto into_down = [&](const sim::Transition& t) { return from.down[t.to] != 0; };
  const auto& transitions = from.chain.transitions();
  if (std::none_of(transitions.begin(), transitions.end(), into_down) && sim::sum_over(from.whole, from.down) <= 0)
    throw std::invalid_argument(fmt::format("SLI '{}' never fails", measurement::sli_name(plan, sli)));
  const sim::FirstPassage passage = sim::first_passage(from.chain, from.whole, from.down);
  return sim::sum_over(passage.hours, sim::complement(from.down));
}

double fastest_exit(const sim::MarkovChain& chain) {
  double fastest = 0;
  for (std::size_t state = 0; state < chain.size(); ++state) fastest = std::max(fastest, chain.exit_rate(state));
  return fastest;
}

/// Steps of uniformization that a Poisson count of this mean takes: some deviations beyond it.
double most_steps(double mean) {
  constexpr double deviations = 10;
  return mean + deviations * std::sqrt(mean) + deviations;
}

/// Uniformization over `window` hours with `columns` vectors at a time.
void check_work(const sim::MarkovChain& chain, double window, double columns, double most) {
  const double work = most_steps(fastest_exit(chain) * window) * columns *
                      static_cast<double>(chain.transitions().size() + chain.size());
  if (work <= most) return;
  throw TooLarge(
      fmt::format("a window of {:g} h takes about {:.0e} multiplications over {} states, more than the limit "
                  "of {:.0e}",
                  window, work, chain.size(), most));
}

/// P(more downtime than each of `budgets` in a window), from each of the starts in turn.
std::vector<double> exceeds(const Plan& plan, measurement::SliIndex sli, double window,
                            const std::vector<double>& budgets, const std::vector<Start>& starts,
                            const ExactOptions& options) {
  refuse_deadline(plan, sli);
  JointOptions joint = joint_options(options);
  joint.steady = std::find(starts.begin(), starts.end(), Start::steady) != starts.end();
  const JointChain from = joint_chain(plan, divide(plan, sli), joint);
  std::vector<double> result;
  for (const Start start : starts) {
    for (const double budget : budgets) {
      // The whole window down is more downtime than any.
      assert(budget >= 0);
      if (budget >= window) {
        result.push_back(0);
        continue;
      }
      check_work(from.chain, window, most_steps(fastest_exit(from.chain) * budget), options.most_breach_work);
      const sim::StateVector& initial = start == Start::steady ? from.steady : from.whole;
      result.push_back(sim::downtime_exceeds(from.chain, initial, from.down, window, budget));
    }
  }
  return result;
}

/// What outages begin with: the law of the state entered.
sim::StateVector entered_down(const JointChain& from, double per_hour) {
  sim::StateVector entered(from.chain.size(), 0);
  for (const sim::Transition& t : from.chain.transitions()) {
    if (!from.down[t.from] && from.down[t.to]) entered[t.to] += from.steady[t.from] * t.rate / per_hour;
  }
  return entered;
}

/// Of outages longer than the SLI's deadline: how often they come, and the share of time they last.
structure::Failing beyond_deadline(const Plan& plan, const Clusters& clusters, double deadline,
                                   const ExactOptions& options) {
  JointOptions joint = joint_options(options);
  joint.steady = true;
  const JointChain from = joint_chain(plan, clusters, joint);
  const double per_hour = sim::entry_frequency(from.chain, from.steady, from.down);
  if (per_hour <= 0) return {};
  const sim::StateVector entered = entered_down(from, per_hour);
  const sim::StateSet up = sim::complement(from.down);
  check_work(from.chain, deadline, 1, options.most_transient_work);
  sim::StateVector lasting = sim::transient(from.chain.stopped_in(up), entered, deadline).probability;
  const double beyond = sim::sum_over(lasting, from.down);
  if (beyond <= 0) return {};
  for (std::size_t state = 0; state < lasting.size(); ++state)
    lasting[state] = from.down[state] ? lasting[state] / beyond : 0;
  const sim::FirstPassage rest = sim::first_passage(from.chain, lasting, up);
  const double length = deadline + sim::sum_over(rest.hours, from.down);
  return {per_hour * beyond * length, per_hour * beyond};
}

const std::vector<double>& length_probabilities() {
  static const std::vector<double> probabilities{0.5, 0.95, 0.99};
  return probabilities;
}

/// The repair of the one unit that is everything the SLI rests on, if it is.
const Law* only_repair(const Plan& plan, const Clusters& clusters) {
  if (clusters.relevant.size() != 1 || clusters.clusters.size() != 1) return nullptr;
  const BoxId box = clusters.relevant.front();
  const ComponentSpec& spec = spec_of(plan, box);
  const bool alone = units_independent(plan, clusters.clusters.front()) && plan.black_boxes.boxes[box].count == 1;
  return alone && spec.stages.empty() && spec.repair ? &*spec.repair : nullptr;
}

std::vector<double> outage_lengths(const Plan& plan, measurement::SliIndex sli, const ExactOptions& options) {
  refuse_deadline(plan, sli);
  const Clusters clusters = divide(plan, sli);
  JointOptions joint = joint_options(options);
  joint.steady = true;
  const JointChain from = joint_chain(plan, clusters, joint);
  const double per_hour = sim::entry_frequency(from.chain, from.steady, from.down);
  if (per_hour <= 0) throw std::invalid_argument(fmt::format("SLI '{}' never fails", measurement::sli_name(plan, sli)));
  const auto steps = static_cast<std::size_t>(options.most_transient_work /
                                              static_cast<double>(from.chain.transitions().size() + from.chain.size()));
  constexpr std::size_t most_kept = 5'000'000;
  const auto quantiles = sim::passage_quantiles(from.chain, entered_down(from, per_hour), sim::complement(from.down),
                                                length_probabilities(), std::min(steps, most_kept));
  if (quantiles) return *quantiles;
  throw TooLarge(fmt::format("outages last longer than {} steps of the fastest clock", std::min(steps, most_kept)));
}

// ---- fits ----

/// A plan in which fits stand for the laws without phases that an SLI rests on.
class Fitter {
 public:
  Fitter(const Plan& plan, const Clusters& clusters) : plan_(plan) {
    for (const Cluster& cluster : clusters.clusters) {
      for (const BoxId box : cluster.boxes) {
        boxes_.push_back(plan.black_boxes.boxes[box].spec);
        for_each_law(plan, boxes_.back(), [&](const Law& law, const std::string& what) { note(law, what); });
      }
      for (const CrewId crew : cluster.crews) {
        crews_.push_back(plan.black_boxes.crews[crew].spec);
        const CrewSpec& spec = plan.topology.crews[crews_.back()];
        if (spec.policy == CrewPolicy::inspection)
          note(spec.inspection, fmt::format("crew '{}': its inspection", spec.name));
      }
    }
  }

  [[nodiscard]] const std::vector<std::string>& laws() const { return laws_; }
  [[nodiscard]] bool little_spread() const { return little_spread_; }
  [[nodiscard]] bool families() const { return families_; }

  [[nodiscard]] Plan plan(const PhaseFit& fit) const {
    Plan result = plan_;
    const auto change = [&](Law& law) {
      if (law.mean() > Duration()) law = fitted(law, fit);
    };
    for (const std::size_t box : boxes_) {
      ComponentSpec& spec = result.topology.components[box];
      if (spec.failure) change(*spec.failure);
      if (spec.repair) change(*spec.repair);
      for (StageSpec& stage : spec.stages) change(stage.duration);
      if (!spec.standby || !spec.standby->switchover) continue;
      change(spec.standby->switchover->duration);
      change(spec.standby->switchover->uncovered_duration);
    }
    for (const std::size_t crew : crews_) change(result.topology.crews[crew].inspection);
    return result;
  }

 private:
  template <class Use>
  static void for_each_law(const Plan& plan, std::size_t box, Use use) {
    const ComponentSpec& spec = plan.topology.components[box];
    const auto named = [&](std::string_view which) { return fmt::format("component '{}': its {}", spec.name, which); };
    if (spec.failure) use(*spec.failure, named("failure"));
    if (spec.repair) use(*spec.repair, named("repair"));
    for (const StageSpec& stage : spec.stages) use(stage.duration, named(fmt::format("stage '{}'", stage.name)));
    if (!spec.standby || !spec.standby->switchover) return;
    const SwitchoverSpec& switchover = *spec.standby->switchover;
    if (switchover.coverage > 0) use(switchover.duration, named("switchover"));
    if (switchover.coverage < 1) use(switchover.uncovered_duration, named("uncovered switchover"));
  }

  void note(const Law& law, const std::string& what) {
    if (phases_of(law) || law.mean() <= Duration()) return;
    laws_.push_back(fmt::format("{} ({})", what, describe(law)));
    (has_little_spread(law) ? little_spread_ : families_) = true;
  }

  const Plan& plan_;
  std::vector<std::size_t> boxes_;
  std::vector<std::size_t> crews_;
  std::vector<std::string> laws_;
  bool little_spread_ = false;  ///< of some law: what it is without any more is extrapolated
  bool families_ = false;       ///< some law is fitted by two families
};

/// Figures solved with the laws as they are or, where these have no phases, with several fits.
class Solver {
 public:
  using Figures = std::vector<double>;
  using Question = std::function<Figures(const Plan&)>;

  Solver(const Plan& plan, const Clusters& clusters, const ExactOptions& options)
      : plan_(plan), clusters_(clusters), options_(options) {}

  /// THROWS std::invalid_argument if there is no answer, or fits lie too far apart.
  Figures solve(const Question& question) {
    try {
      return question(plan_);
    } catch (const NoPhases&) {
      if (!options_.fit) throw;
    }
    const Fitter fitter(plan_, clusters_);
    const Figures figures = by_fits(fitter, question);
    fitted_ = fitter.laws();
    return figures;
  }

  [[nodiscard]] const std::vector<std::string>& fitted() const { return fitted_; }
  /// Of the last question.
  [[nodiscard]] double within() const { return within_; }

 private:
  Figures by_fits(const Fitter& fitter, const Question& question) {
    constexpr double least = least_spread;
    Figures best = question(fitter.plan({least, false}));
    Figures apart(best.size(), 0);
    if (fitter.families()) {
      const Figures other = question(fitter.plan({least, true}));
      for (std::size_t i = 0; i < best.size(); ++i) apart[i] += std::abs(other[i] - best[i]);
    }
    if (fitter.little_spread()) {
      // Figures are smooth in the spread that is added, d, 2d and 4d: a parabola through the three gives the figure
      // without, and the two straight lines are further from each other than it is from the nearer one.
      const Figures two = question(fitter.plan({2 * least, false}));
      const Figures four = question(fitter.plan({4 * least, false}));
      for (std::size_t i = 0; i < best.size(); ++i) {
        const double near = 2 * best[i] - two[i];
        const double far = 2 * two[i] - four[i];
        best[i] = near + (near - far) / 3;
        apart[i] += std::abs(near - far);
      }
    }
    within_ = 0;
    for (std::size_t i = 0; i < best.size(); ++i) {
      if (apart[i] <= 0) continue;
      if (!(apart[i] <= options_.most_fit_effect * best[i])) refuse(fitter, best[i] > 0 ? apart[i] / best[i] : 1);
      within_ = std::max(within_, apart[i] / best[i]);
    }
    return best;
  }

  [[noreturn]] void refuse(const Fitter& fitter, double apart) const {
    throw NoPhases(
        fmt::format("{}: neither exponential nor Erlang, and phases fitted to it in several ways give figures {:.2g} % "
                    "apart, more than the {:g} % allowed; use --method incidents",
                    fmt::join(fitter.laws(), "; "), apart * 100, options_.most_fit_effect * 100));
  }

  const Plan& plan_;
  const Clusters& clusters_;
  const ExactOptions& options_;
  std::vector<std::string> fitted_;
  double within_ = 0;
};

/// What `solve` gives, or nothing and the reason.
std::optional<std::vector<double>> if_possible(std::string& limits, std::string_view what,
                                               const std::function<std::vector<double>()>& solve) {
  try {
    return solve();
  } catch (const std::invalid_argument& reason) {
    limits += fmt::format("{}{} not solved: {}.", limits.empty() ? "" : " ", what, reason.what());
    return std::nullopt;
  }
}

void add_lengths(const Plan& plan, const Clusters& clusters, measurement::SliIndex sli, const ExactOptions& options,
                 Solver& solver, ExactSli& result) {
  if (const Law* repair = only_repair(plan, clusters)) {
    const auto at = [&](std::size_t i) { return hours(repair->quantile(length_probabilities()[i])); };
    if (plan.slis[sli].deadline <= Duration()) {
      result.lengths = OutageLengths{at(0), at(1), at(2)};
      return;
    }
  }
  const auto found = if_possible(result.limits, "Quantiles of the length of outages are", [&] {
    return solver.solve([&](const Plan& p) { return outage_lengths(p, sli, options); });
  });
  if (found) result.lengths = OutageLengths{(*found)[0], (*found)[1], (*found)[2]};
}

void add_windows(const Plan& plan, measurement::SliIndex sli, const ExactOptions& options, Solver& solver,
                 ExactSli& result) {
  const SlaSpec& sla = *plan.slis[sli].sla;
  const double window = hours(sla.window);
  std::vector<double> budgets{window * (1 - sla.target)};
  if (options.history) {
    for (const CreditTier& tier : sla.credits) budgets.push_back(window * (1 - tier.below));
  }
  const auto found = if_possible(result.limits, "The probability of a breach is", [&] {
    return solver.solve([&](const Plan& p) { return exceeds(p, sli, window, budgets, {Start::steady}, options); });
  });
  if (!found) return;
  result.breach_probability = found->front();
  result.below_tier.assign(found->begin() + 1, found->end());
  if (!options.history) return;
  const auto whole = if_possible(result.limits, "The probability of a breach of a window that starts whole is", [&] {
    return solver.solve(
        [&](const Plan& p) { return exceeds(p, sli, window, {budgets.front()}, {Start::all_whole}, options); });
  });
  if (whole) result.breach_from_whole = whole->front();
}

}  // namespace

ExactSli solve_exactly(const Plan& plan, measurement::SliIndex sli, const ExactOptions& options) {
  const Clusters clusters = divide(plan, sli);
  Solver solver(plan, clusters, options);
  ExactSli result;
  const double deadline = hours(plan.slis[sli].deadline);
  const std::vector<double> steady = solver.solve([&](const Plan& p) {
    const Clusters divided = divide(p, sli);
    const ClusterLaws laws = steady_laws(p, divided, options.most_states, options.most_cases);
    result.states = std::max(result.states, laws.states);
    const structure::Failing failing = deadline > 0
                                           ? beyond_deadline(p, divided, deadline, options)
                                           : structure::failing(divided.requirement, laws.parts, options.most_cases);
    return std::vector<double>{failing.probability, failing.per_hour};
  });
  result.unavailability = steady[0];
  result.outages_per_hour = steady[1];
  result.unavailability_within = solver.within();
  if (options.history) {
    const auto mttf = if_possible(result.limits, "The mean time to the first outage is", [&] {
      return solver.solve(
          [&](const Plan& p) { return std::vector<double>{mean_time(p, divide(p, sli), sli, options)}; });
    });
    if (mttf) result.mttf_h = mttf->front();
    if (result.outages_per_hour > 0) add_lengths(plan, clusters, sli, options, solver, result);
  }
  if (plan.slis[sli].sla) add_windows(plan, sli, options, solver, result);
  result.fitted = solver.fitted();
  return result;
}

double mean_time_to_outage(const Plan& plan, measurement::SliIndex sli, const ExactOptions& options) {
  return mean_time(plan, divide(plan, sli), sli, options);
}

double down_by(const Plan& plan, measurement::SliIndex sli, double hours, const ExactOptions& options) {
  assert(hours >= 0);
  refuse_deadline(plan, sli);
  const Clusters clusters = divide(plan, sli);
  if (nothing_recovers(plan, clusters)) {
    const ClusterLaws laws = laws_after(plan, clusters, hours, options.most_states, options.most_cases);
    return structure::failing(clusters.requirement, laws.parts, options.most_cases).probability;
  }
  JointOptions joint = joint_options(options);
  joint.stop_when_down = true;
  const JointChain from = joint_chain(plan, clusters, joint);
  check_work(from.chain, hours, 1, options.most_transient_work);
  return sim::sum_over(sim::transient(from.chain, from.whole, hours).probability, from.down);
}

double expected_downtime(const Plan& plan, measurement::SliIndex sli, double hours, Start start,
                         const ExactOptions& options) {
  assert(hours >= 0);
  refuse_deadline(plan, sli);
  JointOptions joint = joint_options(options);
  joint.steady = start == Start::steady;
  const JointChain from = joint_chain(plan, divide(plan, sli), joint);
  const sim::StateVector& initial = start == Start::steady ? from.steady : from.whole;
  check_work(from.chain, hours, 1, options.most_transient_work);
  return sim::sum_over(sim::transient(from.chain, initial, hours).hours, from.down);
}

double downtime_exceeds(const Plan& plan, measurement::SliIndex sli, double window, double budget, Start start,
                        const ExactOptions& options) {
  assert(budget >= 0 && budget < window);
  return exceeds(plan, sli, window, {budget}, {start}, options).front();
}

}  // namespace nines::models::components
