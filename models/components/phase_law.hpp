// Laws of durations as phases of a Markov chain.
#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/units.hpp"

namespace nines::models::components {

/// Exponential phases gone through one after the other from the first, each of which may be the last one (Cox 1955).
/// None at all: the duration is zero.
struct Phases {
  std::size_t count = 0;
  std::vector<double> rate;    ///< of each, per hour
  std::vector<double> onward;  ///< probability that the next phase follows; 0 of the last one
};

/// Thrown where a law has no phases: what is asked could be solved with others in its place.
struct NoPhases : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Phases whose law is the law itself: exponential (one phase), Erlang (its stages), Weibull of shape 1 without
/// location (one phase), mixtures of these (as many as all together; Cumani 1982), constant or uniform of length zero
/// (none); nothing for every other law.
std::optional<Phases> phases_of(const Law& law);

/// Squared coefficient of variation below which a law would take too many phases.
inline constexpr double least_spread = 1.0 / 16;

/// How a law without phases gets some, always with its mean. The law of least spread gets `added` to its squared
/// coefficient of variation, so that what it would be without can be extrapolated; others keep two or three moments,
/// by one of two families: Erlang laws of neighbouring orders or two exponential laws of three moments, and Erlang laws
/// of one and several stages or two exponential laws of balanced means.
struct PhaseFit {
  double added = least_spread;  ///< from least_spread to 1 - least_spread
  bool other = false;           ///< the second family
};
/// Whether `added` counts.
bool has_little_spread(const Law& law);
/// A law that has phases: `law` itself if it has. REQUIRES: a mean > 0.
Law fitted(const Law& law, const PhaseFit& fit);

/// "constant of 4 h" and the like: a law as error messages name it.
std::string describe(const Law& law);

}  // namespace nines::models::components
