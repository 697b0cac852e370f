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
#include "models/structure/independent_parts.hpp"

namespace nines::models::components {

namespace {

const ComponentSpec& spec_of(const Plan& plan, BoxId box) {
  return plan.topology.components[plan.black_boxes.boxes[box].spec];
}

std::string name_of(const Plan& plan, measurement::SliIndex sli) {
  return fmt::format("{}/{}", plan.services[plan.slis[sli].service].name, plan.slis[sli].name);
}

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
                  name_of(plan, sli), plan.slis[sli].deadline.to_seconds()));
}

double mean_time(const Plan& plan, const Clusters& clusters, measurement::SliIndex sli, const ExactOptions& options) {
  refuse_deadline(plan, sli);
  JointOptions joint = joint_options(options);
  joint.stop_when_down = true;
  const JointChain from = joint_chain(plan, clusters, joint);
  const auto into_down = [&](const sim::Transition& t) { return from.down[t.to] != 0; };
  const auto& transitions = from.chain.transitions();
  if (std::none_of(transitions.begin(), transitions.end(), into_down) && sim::sum_over(from.whole, from.down) <= 0)
    throw std::invalid_argument(fmt::format("SLI '{}' never fails", name_of(plan, sli)));
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

double exceeds(const Plan& plan, const Clusters& clusters, measurement::SliIndex sli, double window, double budget,
               Start start, const ExactOptions& options) {
  assert(budget >= 0 && budget < window);
  refuse_deadline(plan, sli);
  JointOptions joint = joint_options(options);
  joint.steady = start == Start::steady;
  const JointChain from = joint_chain(plan, clusters, joint);
  check_work(from.chain, window, most_steps(fastest_exit(from.chain) * budget), options.most_breach_work);
  const sim::StateVector& initial = start == Start::steady ? from.steady : from.whole;
  return sim::downtime_exceeds(from.chain, initial, from.down, window, budget);
}

/// Of outages longer than the SLI's deadline: how often they come, and the share of time they last.
structure::Failing beyond_deadline(const Plan& plan, const Clusters& clusters, double deadline,
                                   const ExactOptions& options) {
  JointOptions joint = joint_options(options);
  joint.steady = true;
  const JointChain from = joint_chain(plan, clusters, joint);
  const double per_hour = sim::entry_frequency(from.chain, from.steady, from.down);
  if (per_hour <= 0) return {};
  sim::StateVector entered(from.chain.size(), 0);
  for (const sim::Transition& t : from.chain.transitions()) {
    if (!from.down[t.from] && from.down[t.to]) entered[t.to] += from.steady[t.from] * t.rate / per_hour;
  }
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

/// What `solve` gives, or nothing and the reason.
std::optional<double> if_possible(std::string& limits, std::string_view what, const std::function<double()>& solve) {
  try {
    return solve();
  } catch (const std::invalid_argument& reason) {
    limits += fmt::format("{}{} is not solved: {}.", limits.empty() ? "" : " ", what, reason.what());
    return std::nullopt;
  }
}

}  // namespace

ExactSli solve_exactly(const Plan& plan, measurement::SliIndex sli, const ExactOptions& options) {
  const Clusters clusters = divide(plan, sli);
  const ClusterLaws laws = steady_laws(plan, clusters, options.most_states, options.most_cases);
  ExactSli result;
  result.states = laws.states;
  const double deadline = hours(plan.slis[sli].deadline);
  const structure::Failing failing = deadline > 0
                                         ? beyond_deadline(plan, clusters, deadline, options)
                                         : structure::failing(clusters.requirement, laws.parts, options.most_cases);
  result.unavailability = failing.probability;
  result.outages_per_hour = failing.per_hour;
  result.mttf_h = if_possible(result.limits, "The mean time to the first outage",
                              [&] { return mean_time(plan, clusters, sli, options); });
  const auto& sla = plan.slis[sli].sla;
  if (!sla) return result;
  result.breach_probability = if_possible(result.limits, "The probability of a breach", [&] {
    const double window = hours(sla->window);
    return exceeds(plan, clusters, sli, window, window * (1 - sla->target), Start::all_whole, options);
  });
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
  return exceeds(plan, divide(plan, sli), sli, window, budget, start, options);
}

}  // namespace nines::models::components
