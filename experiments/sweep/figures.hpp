// The figures of a point: estimates with intervals, and the batches by which two points are compared.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiments/estimate/joint_sampling.hpp"
#include "experiments/loader/sweep_file.hpp"
#include "sim/batched_ratio.hpp"

namespace nines::experiments {

struct FigureResult {
  std::optional<double> value;  ///< absent if nothing was seen that could tell
  std::optional<sim::Interval> ci95;
  std::optional<double> upper95;    ///< bound where nothing was seen
  std::vector<sim::Batch> batches;  ///< ratio of rewards to lengths: the figure; empty where it is no such ratio
  /// What is certainly, with 95 %, not exceeded.
  [[nodiscard]] std::optional<double> upper() const { return ci95 ? std::optional(ci95->upper) : upper95; }
};

/// What one point showed at one rung.
struct PointResult {
  std::size_t point = 0;
  int rung = 0;
  std::uint64_t blocks = 0;
  std::uint64_t incidents = 0;
  std::uint64_t events = 0;
  double wall_s = 0;
  std::vector<FigureResult> figures;  ///< by index into Sweep::figures
};

/// Why a design cannot have the figure; nothing if it can.
std::optional<std::string> check_figure(const models::Plan& plan, const loader::FigureSpec& figure);

/// All figures of a design, batches of blocks being gathered into `batches` of equal size.
/// REQUIRES: check_figure passed; the number of blocks is a multiple of `batches`.
std::vector<FigureResult> measure(const models::Plan& plan, const DesignSampling& sampling, const PlayedBlocks& played,
                                  const std::vector<loader::FigureSpec>& specs, std::size_t batches);

}  // namespace nines::experiments
