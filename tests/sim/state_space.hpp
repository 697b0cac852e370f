// Builds a Markov chain from a first state and a function that lists what can happen in a state.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "sim/markov.hpp"

namespace nines::test {

template <class State>
struct StateSpace {
  std::vector<State> states;  ///< in the order of discovery, the first state first
  std::vector<sim::Transition> transitions;

  [[nodiscard]] std::size_t size() const { return states.size(); }
  [[nodiscard]] sim::MarkovChain chain() const { return {states.size(), transitions}; }
  [[nodiscard]] sim::StateVector start() const { return sim::certain_state(states.size(), 0); }
  template <class Predicate>
  [[nodiscard]] sim::StateSet where(Predicate predicate) const {
    sim::StateSet set;
    for (const State& state : states) set.push_back(predicate(state) ? 1 : 0);
    return set;
  }
};

/// `list(state, go)` calls go(next state, rate) for each event that is possible in `state`. State needs operator<.
template <class State, class List>
StateSpace<State> explore(const State& first, List list) {
  StateSpace<State> space;
  std::map<State, std::size_t> number{{first, 0}};
  space.states.push_back(first);
  for (std::size_t i = 0; i < space.states.size(); ++i) {
    const State state = space.states[i];
    list(state, [&](const State& next, double rate) {
      const auto [at, is_new] = number.emplace(next, space.states.size());
      if (is_new) space.states.push_back(next);
      space.transitions.push_back({i, at->second, rate});
    });
  }
  return space;
}

}  // namespace nines::test
