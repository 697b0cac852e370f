// Finite Markov chains in continuous time, solved without loss of digits.
//
// Every result is made of sums, products and quotients of positive numbers only (state reduction of Grassmann, Taksar
// and Heyman 1985; uniformization of Jensen 1953), so a probability of 1e-30 has as many right digits as one of 0.5.
// What an LU factorisation gives in stiff chains, even negative times to failure, cannot happen.
// Units: rates per hour, times in hours. Same input, same bytes, on every x86-64 machine.
// Errors: std::invalid_argument, naming the state, wherever the question has no finite answer.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace nines::sim {

struct Transition {
  std::size_t from = 0;
  std::size_t to = 0;
  double rate = 0;  ///< per hour, > 0
};

/// One number for each state: probabilities, hours or rewards.
using StateVector = std::vector<double>;
/// One flag for each state: 1 if it belongs to the set, 0 if not.
using StateSet = std::vector<char>;

class MarkovChain {
 public:
  /// Rates of transitions named twice are added; a transition to itself changes nothing and is left out.
  /// THROWS std::invalid_argument: no states, a state out of range, a rate that is not positive and finite.
  MarkovChain(std::size_t states, std::vector<Transition> transitions);

  [[nodiscard]] std::size_t size() const { return exit_rate_.size(); }
  /// Ordered by state of departure, then by state of arrival; no pair twice.
  [[nodiscard]] const std::vector<Transition>& transitions() const { return transitions_; }
  /// Sum of the rates out of `state`, per hour.
  [[nodiscard]] double exit_rate(std::size_t state) const { return exit_rate_[state]; }

  /// The same chain without the transitions out of `set`: what enters it stays. REQUIRES: set.size() == size().
  [[nodiscard]] MarkovChain stopped_in(const StateSet& set) const;

 private:
  std::vector<Transition> transitions_;
  StateVector exit_rate_;
};

/// The distribution that is certainly in `state`.
StateVector certain_state(std::size_t states, std::size_t state);
/// Sum of `values` over `set`.
double sum_over(const StateVector& values, const StateSet& set);
/// Sum of values x rewards: the expected reward if `values` are probabilities, the accumulated one if they are hours.
double weighted_sum(const StateVector& values, const StateVector& rewards);
/// The states that are not in `set`.
StateSet complement(const StateSet& set);

/// Long-run share of time in each state, with about 14 right digits however small (the error grows with the number of
/// steps of elimination, not with the stiffness), down to 1e-300; states that are left for good have 0. Cost is that of
/// a sparse factorisation in minimum degree order (some seconds for 40,000 states on a plane). THROWS if the chain can
/// end in more than one closed set of states.
StateVector steady_state(const MarkovChain& chain);

/// How often the chain enters `set`, per hour, when its states have the probabilities `probability`.
double entry_frequency(const MarkovChain& chain, const StateVector& probability, const StateSet& set);

/// What happens until a set is entered.
struct FirstPassage {
  StateVector hours;    ///< expected time in each state before; their sum is the mean time to the set (MTTF)
  StateVector entered;  ///< probability, for each state of the set, that it is the first one entered
};
/// From the distribution `initial` until `target` is first entered; mass that starts in it is there at once.
/// THROWS if the target may never be reached: then the time is infinite.
FirstPassage first_passage(const MarkovChain& chain, const StateVector& initial, const StateSet& target);

/// Hours by which `target` has been entered with each of the `probabilities`, from the distribution `initial`; by
/// uniformization, relative error of what is left about 1e-5. Nothing if that takes more than `most_steps` steps.
/// REQUIRES: probabilities > 0 and < 1. THROWS if the target may never be reached.
std::optional<StateVector> passage_quantiles(const MarkovChain& chain, const StateVector& initial,
                                             const StateSet& target, const std::vector<double>& probabilities,
                                             std::size_t most_steps);

/// What happens in a window that starts with the distribution `initial`.
struct Transient {
  StateVector probability;  ///< of each state at the end of the window
  StateVector hours;        ///< expected time in each state within it
};
/// By uniformization; relative error about 1e-15 times the largest exit rate times `window`, also of rare states. Cost:
/// that many products with the matrix (and some 30 times its square root). For the probability of having entered a set
/// by then, use the chain stopped in it. REQUIRES: window >= 0.
Transient transient(const MarkovChain& chain, const StateVector& initial, double window);

/// P(time in `down` within the window > budget), by uniformization (de Souza e Silva and Gail 1986): an exact law
/// for chains of up to some hundreds of states. Cost: the products of transient() times the number of visits that fit
/// into the budget. REQUIRES: 0 <= budget < window.
double downtime_exceeds(const MarkovChain& chain, const StateVector& initial, const StateSet& down, double window,
                        double budget);

}  // namespace nines::sim
