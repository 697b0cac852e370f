// Laws of durations as phases of a Markov chain.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "models/units.hpp"

namespace nines::models::components {

/// Exponential phases gone through one after the other. None at all: the duration is zero.
struct Phases {
  std::size_t count = 0;
  double rate = 0;  ///< of each, per hour
};

/// A mean or rate whose law is exponential (one phase), Erlang (its stages), Weibull of shape 1 without location (one
/// phase), or constant or uniform of length zero (none); nothing for every other law.
std::optional<Phases> phases_of(const Law& law);

/// "constant of 4 h" and the like: a law as error messages name it.
std::string describe(const Law& law);

/// Length of a duration in hours.
double hours(Duration duration);

}  // namespace nines::models::components
