#include "sim/markov.hpp"

#include <Eigen/Core>
#include <Eigen/SparseCore>
#include <algorithm>
#include <cassert>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>

#include "sim/math.hpp"
#include "sim/poisson.hpp"
#include "sim/state_reduction.hpp"

namespace nines::sim {

namespace {

using SparseMatrix = Eigen::SparseMatrix<double, Eigen::RowMajor>;

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

[[noreturn]] void fail(const std::string& text) { throw std::invalid_argument("Markov chain: " + text); }

void check(const Transition& t, std::size_t states) {
  if (t.from >= states || t.to >= states)
    fail("transition " + std::to_string(t.from) + " -> " + std::to_string(t.to) + " names a state beyond the last, " +
         std::to_string(states - 1));
  if (!(t.rate > 0 && t.rate <= std::numeric_limits<double>::max()))
    fail("rate of transition " + std::to_string(t.from) + " -> " + std::to_string(t.to) +
         " is not positive and finite: " + std::to_string(t.rate));
}

/// The states each state leads to (or comes from, if `backward`), not counting what leaves `stop`.
std::vector<std::vector<std::size_t>> neighbours(const MarkovChain& chain, bool backward, const StateSet& stop) {
  std::vector<std::vector<std::size_t>> next(chain.size());
  for (const Transition& t : chain.transitions()) {
    if (stop[t.from]) continue;
    if (backward) {
      next[t.to].push_back(t.from);
    } else {
      next[t.from].push_back(t.to);
    }
  }
  return next;
}

/// Adds to `found` all that can be reached from `start`.
void search(const std::vector<std::vector<std::size_t>>& next, std::size_t start, StateSet& found) {
  if (found[start]) return;
  found[start] = 1;
  std::vector<std::size_t> open{start};
  while (!open.empty()) {
    const std::size_t state = open.back();
    open.pop_back();
    for (const std::size_t to : next[state]) {
      if (found[to]) continue;
      found[to] = 1;
      open.push_back(to);
    }
  }
}

/// The states in which the chain ends up. THROWS if there is more than one closed set.
StateSet recurrent_states(const MarkovChain& chain) {
  const StateSet nowhere(chain.size(), 0);
  const auto from = neighbours(chain, true, nowhere);
  // Searching backwards and starting anew whenever the search runs dry, only the last start can be led to by all: any
  // other would have found it.
  StateSet seen(chain.size(), 0);
  std::size_t last = 0;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!seen[i]) last = i;
    search(from, i, seen);
  }
  StateSet leads_to_last(chain.size(), 0);
  search(from, last, leads_to_last);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!leads_to_last[i])
      fail("no single steady state: state " + std::to_string(last) +
           " belongs to a set that is never left, and state " + std::to_string(i) + " never leads to it");
  }
  StateSet recurrent(chain.size(), 0);
  search(neighbours(chain, false, nowhere), last, recurrent);
  return recurrent;
}

/// Some of the states, numbered anew, with the transitions among them and the rates out of them.
struct Part {
  std::vector<std::size_t> states;
  std::vector<Transition> transitions;
  std::vector<double> leaving;
};

Part part_of(const MarkovChain& chain, const StateSet& set) {
  Part part;
  std::vector<std::size_t> number(chain.size(), 0);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!set[i]) continue;
    number[i] = part.states.size();
    part.states.push_back(i);
  }
  part.leaving.assign(part.states.size(), 0);
  for (const Transition& t : chain.transitions()) {
    if (!set[t.from]) continue;
    if (set[t.to]) {
      part.transitions.push_back({number[t.from], number[t.to], t.rate});
    } else {
      part.leaving[number[t.from]] += t.rate;
    }
  }
  return part;
}

/// The states passed on the way from `initial` to `target`. THROWS if one of them has no way to it.
StateSet passed_before(const MarkovChain& chain, const StateVector& initial, const StateSet& target) {
  StateSet ahead(chain.size(), 0);
  const auto next = neighbours(chain, false, target);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (initial[i] > 0) search(next, i, ahead);
  }
  StateSet back(chain.size(), 0);
  const auto from = neighbours(chain, true, target);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (target[i]) search(from, i, back);
  }
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (ahead[i] && !back[i])
      fail("the time to the target is infinite, because state " + std::to_string(i) + " never leads to it");
    if (target[i]) ahead[i] = 0;
  }
  return ahead;
}

void check_distribution(const StateVector& initial, std::size_t states) {
  if (initial.size() != states)
    fail("the initial distribution has " + std::to_string(initial.size()) + " states, the chain " +
         std::to_string(states));
  constexpr double tolerance = 1e-9;
  double total = 0;
  for (std::size_t i = 0; i < states; ++i) {
    if (!(initial[i] >= 0)) fail("the initial probability of state " + std::to_string(i) + " is negative");
    total += initial[i];
  }
  if (!(total > 1 - tolerance && total < 1 + tolerance))
    fail("the initial probabilities add up to " + std::to_string(total));
}

void check_set(const StateSet& set, std::size_t states) {
  if (set.size() != states)
    fail("a set has flags for " + std::to_string(set.size()) + " states, the chain has " + std::to_string(states));
}

/// The chain seen at the events of a Poisson process faster than any state's exits: row j holds the probabilities of a
/// step into j.
struct Uniformized {
  double rate = 0;  ///< events per hour
  SparseMatrix into;
};

Uniformized uniformized(const MarkovChain& chain) {
  // Faster than the fastest exit, so that every state keeps some mass and the chain does not alternate.
  constexpr double margin = 1.02;
  Uniformized result;
  for (std::size_t i = 0; i < chain.size(); ++i) result.rate = std::max(result.rate, margin * chain.exit_rate(i));
  const auto n = static_cast<Eigen::Index>(chain.size());
  std::vector<Eigen::Triplet<double>> entries;
  entries.reserve(chain.transitions().size() + chain.size());
  const auto add = [&entries](std::size_t row, std::size_t column, double value) {
    entries.emplace_back(static_cast<int>(row), static_cast<int>(column), value);
  };
  for (const Transition& t : chain.transitions()) add(t.to, t.from, t.rate / result.rate);
  for (std::size_t i = 0; i < chain.size(); ++i)
    add(i, i, result.rate > 0 ? (result.rate - chain.exit_rate(i)) / result.rate : 1);
  result.into.resize(n, n);
  result.into.setFromTriplets(entries.begin(), entries.end());
  return result;
}

Eigen::Map<const Eigen::VectorXd> as_vector(const StateVector& values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

StateVector to_states(const Eigen::VectorXd& values) { return {values.data(), values.data() + values.size()}; }

/// Rows: states. Column k: probability of the state after k visits to down states so far.
using Visits = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Moves the mass in down states one visit on; the last column stands for "that many or more".
void count_visits(Visits& visits, const StateSet& down) {
  const Eigen::Index last = visits.cols() - 1;
  for (std::size_t i = 0; i < down.size(); ++i) {
    if (!down[i]) continue;
    auto row = visits.row(static_cast<Eigen::Index>(i));
    row(last) += row(last - 1);
    for (Eigen::Index k = last - 1; k > 0; --k) row(k) = row(k - 1);
    row(0) = 0;
  }
}

/// P(Bin(n, share) < k) for k = 0, 1, ..., made for n + 1 from n by adding positive terms.
void next_binomial(std::vector<double>& below, double share) {
  for (std::size_t k = below.size() - 1; k > 0; --k) below[k] = (1 - share) * below[k] + share * below[k - 1];
}

/// Number of visits from which on the budget is surely used up whatever the number of events: the share of windows
/// that this rounds up is below 1e-17 for up to `events` events. At most events + 1.
std::size_t visits_beyond(std::size_t events, double share) {
  constexpr double negligible = 1e-17;
  // Each point falls into the budget no more often than a Poisson count of mean -log(1 - share) is above 0.
  const PoissonWeights dominating = poisson_weights(-static_cast<double>(events) * log1p(-share));
  const std::vector<double> tails = dominating.upper_tails();
  std::size_t k = 0;
  while (k < tails.size() && tails[k] > negligible) ++k;
  return std::min(k + 2, events + 1);
}

}  // namespace

MarkovChain::MarkovChain(std::size_t states, std::vector<Transition> transitions) : exit_rate_(states, 0) {
  if (states == 0) fail("there are no states");
  if (states > static_cast<std::size_t>(std::numeric_limits<int>::max())) fail("too many states");
  std::sort(transitions.begin(), transitions.end(), [](const Transition& a, const Transition& b) {
    return std::tie(a.from, a.to, a.rate) < std::tie(b.from, b.to, b.rate);
  });
  for (const Transition& t : transitions) {
    check(t, states);
    if (t.from == t.to) continue;
    exit_rate_[t.from] += t.rate;
    if (!transitions_.empty() && transitions_.back().from == t.from && transitions_.back().to == t.to) {
      transitions_.back().rate += t.rate;
    } else {
      transitions_.push_back(t);
    }
  }
}

MarkovChain MarkovChain::stopped_in(const StateSet& set) const {
  check_set(set, size());
  std::vector<Transition> kept;
  for (const Transition& t : transitions_) {
    if (!set[t.from]) kept.push_back(t);
  }
  return {size(), std::move(kept)};
}

StateVector certain_state(std::size_t states, std::size_t state) {
  assert(state < states);
  StateVector distribution(states, 0);
  distribution[state] = 1;
  return distribution;
}

double sum_over(const StateVector& values, const StateSet& set) {
  assert(values.size() == set.size());
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += set[i] ? values[i] : 0;
  return sum;
}

double weighted_sum(const StateVector& values, const StateVector& rewards) {
  assert(values.size() == rewards.size());
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += values[i] * rewards[i];
  return sum;
}

StateSet complement(const StateSet& set) {
  StateSet others(set.size());
  for (std::size_t i = 0; i < set.size(); ++i) others[i] = set[i] ? 0 : 1;
  return others;
}

StateVector steady_state(const MarkovChain& chain) {
  const Part part = part_of(chain, recurrent_states(chain));
  const std::vector<double> share = StateReduction(part.transitions, part.leaving).stationary();
  StateVector probability(chain.size(), 0);
  for (std::size_t i = 0; i < share.size(); ++i) probability[part.states[i]] = share[i];
  return probability;
}

double entry_frequency(const MarkovChain& chain, const StateVector& probability, const StateSet& set) {
  check_set(set, chain.size());
  assert(probability.size() == chain.size());
  double frequency = 0;
  for (const Transition& t : chain.transitions()) {
    if (!set[t.from] && set[t.to]) frequency += probability[t.from] * t.rate;
  }
  return frequency;
}

FirstPassage first_passage(const MarkovChain& chain, const StateVector& initial, const StateSet& target) {
  check_distribution(initial, chain.size());
  check_set(target, chain.size());
  const Part part = part_of(chain, passed_before(chain, initial, target));
  FirstPassage result{StateVector(chain.size(), 0), StateVector(chain.size(), 0)};
  for (std::size_t i = 0; i < chain.size(); ++i) result.entered[i] = target[i] ? initial[i] : 0;
  if (part.states.empty()) return result;

  std::vector<double> start;
  start.reserve(part.states.size());
  for (const std::size_t state : part.states) start.push_back(initial[state]);
  const std::vector<double> hours = StateReduction(part.transitions, part.leaving).hours(start);
  for (std::size_t i = 0; i < hours.size(); ++i) result.hours[part.states[i]] = hours[i];
  for (const Transition& t : chain.transitions()) {
    if (target[t.to]) result.entered[t.to] += result.hours[t.from] * t.rate;
  }
  return result;
}

std::optional<StateVector> passage_quantiles(const MarkovChain& chain, const StateVector& initial,
                                             const StateSet& target, const std::vector<double>& probabilities,
                                             std::size_t most_steps) {
  check_distribution(initial, chain.size());
  check_set(target, chain.size());
  const Part part = part_of(chain, passed_before(chain, initial, target));
  double least_left = 1;
  for (const double p : probabilities) least_left = std::min(least_left, 1 - p);
  constexpr double beyond = 1e-5;
  // How likely the target is still ahead after so many events of a Poisson process faster than any exit.
  double rate = 0;
  std::vector<double> exits = part.leaving;
  for (const Transition& t : part.transitions) exits[t.from] += t.rate;
  constexpr double margin = 1.02;
  for (const double exit : exits) rate = std::max(rate, margin * exit);
  std::vector<double> now;
  for (const std::size_t state : part.states) now.push_back(initial[state]);
  std::vector<double> next(now.size());
  std::vector<double> ahead;
  while (true) {
    double left = 0;
    for (const double mass : now) left += mass;
    ahead.push_back(left);
    if (left <= least_left * beyond) break;
    if (ahead.size() > most_steps) return std::nullopt;
    for (std::size_t i = 0; i < now.size(); ++i) next[i] = now[i] * ((rate - exits[i]) / rate);
    for (const Transition& t : part.transitions) next[t.to] += now[t.from] * (t.rate / rate);
    now.swap(next);
  }
  const auto left_after = [&](double events) {
    const PoissonWeights weights = poisson_weights(events);
    double left = 0;
    for (std::size_t n = weights.first; n < std::min(weights.end(), ahead.size()); ++n)
      left += weights.at(n) * ahead[n];
    return left;
  };
  StateVector quantiles;
  for (const double p : probabilities) {
    if (ahead.front() <= 1 - p) {
      quantiles.push_back(0);
      continue;
    }
    double low = 0;
    double high = static_cast<double>(ahead.size());
    // Forty halvings: the number of events to a millionth of one, or to a relative 1e-12.
    constexpr int halvings = 40;
    for (int i = 0; i < halvings; ++i) {
      const double middle = (low + high) / 2;
      (left_after(middle) > 1 - p ? low : high) = middle;
    }
    quantiles.push_back(high / rate);
  }
  return quantiles;
}

Transient transient(const MarkovChain& chain, const StateVector& initial, double window) {
  check_distribution(initial, chain.size());
  assert(window >= 0);
  const Uniformized steps = uniformized(chain);
  const PoissonWeights weights = poisson_weights(steps.rate * window);
  const std::vector<double> more = weights.upper_tails();

  Eigen::VectorXd now = as_vector(initial);
  Eigen::VectorXd next(now.size());
  Eigen::VectorXd probability = Eigen::VectorXd::Zero(now.size());
  Eigen::VectorXd visits = Eigen::VectorXd::Zero(now.size());
  for (std::size_t n = 0; n < weights.end(); ++n) {
    // Between event n and the next one the chain is in its n-th state for 1 / rate hours, if that event comes in time.
    visits += more[n] * now;
    if (n >= weights.first) probability += weights.at(n) * now;
    next.noalias() = steps.into * now;
    now.swap(next);
  }
  if (steps.rate > 0) {
    visits /= steps.rate;
  } else {
    visits = window * as_vector(initial);
  }
  return {to_states(probability), to_states(visits)};
}

double downtime_exceeds(const MarkovChain& chain, const StateVector& initial, const StateSet& down, double window,
                        double budget) {
  check_distribution(initial, chain.size());
  check_set(down, chain.size());
  assert(budget >= 0 && budget < window);
  const Uniformized steps = uniformized(chain);
  const PoissonWeights weights = poisson_weights(steps.rate * window);
  const double share = budget / window;
  const std::size_t columns = visits_beyond(weights.end(), share) + 1;

  // n events cut the window into n + 1 exchangeable pieces; k of them last longer together than the budget if fewer
  // than k of n uniform points fall into it.
  std::vector<double> fewer_than(columns, 1);
  fewer_than[0] = 0;
  Visits visits = Visits::Zero(static_cast<Eigen::Index>(chain.size()), static_cast<Eigen::Index>(columns));
  visits.col(0) = as_vector(initial);
  count_visits(visits, down);
  Visits next(visits.rows(), visits.cols());
  double exceeds = 0;
  for (std::size_t n = 0; n < weights.end(); ++n) {
    if (n >= weights.first) {
      const Eigen::VectorXd by_count = visits.colwise().sum();
      double given_n = 0;
      for (std::size_t k = 1; k < columns; ++k) given_n += by_count(static_cast<Eigen::Index>(k)) * fewer_than[k];
      exceeds += weights.at(n) * given_n;
    }
    next.noalias() = steps.into * visits;
    visits.swap(next);
    count_visits(visits, down);
    next_binomial(fewer_than, share);
  }
  return exceeds;
}

}  // namespace nines::sim
