// The points of a sweep: which combinations of its parameters' values are tried, in which order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiments/loader/sweep_file.hpp"

namespace nines::experiments {

struct SweepPoint {
  std::size_t index = 0;
  std::string topology;  ///< as the sweep file names it
  std::vector<loader::Override> sets;
  std::vector<std::string> labels;             ///< the value of each parameter
  std::vector<std::optional<double>> numbers;  ///< the same as numbers in the parameter's unit; absent of text
};

/// All points that satisfy the sweep's conditions. Grids vary the last parameter fastest. Samples are a function of
/// sweep and seed: Latin hypercubes take every slice of every parameter once; Sobol points (Joe and Kuo's directions)
/// are shifted at random, modulo 1.
std::vector<SweepPoint> enumerate_points(const loader::Sweep& sweep, std::uint64_t seed);

/// "a=1, b=2" of all parameters.
std::string settings_text(const loader::Sweep& sweep, const SweepPoint& point, std::string_view separator = ", ");

/// The same of the parameters that are given; empty if none is. Points that share it compete with each other.
std::string given_of(const loader::Sweep& sweep, const SweepPoint& point);

}  // namespace nines::experiments
