// How the figures of a sweep are called and shown, in text and in pictures.
#pragma once

#include <optional>
#include <string>

#include "experiments/sweep/sweep_output.hpp"

namespace nines::experiments {

bool is_unavailability(loader::FigureKind kind);
/// "availability kafka/write", "a month"
std::string heading(const loader::FigureSpec& figure);
std::string value_text(const loader::FigureSpec& figure, double value);
/// The value, or the bound of what was never seen.
std::string cell_text(const loader::FigureSpec& figure, const FigureResult& result);
/// Acknowledged records that a design was seen to lose: "0.31/yr, kafka/write"; empty if none was.
std::string losses_text(const loader::Sweep& sweep, const PointResult& result);
/// Higher is more important: best, front, close, unknown, out.
int importance(const std::string& status);

/// One objective over the other.
struct Spot {
  double x = 0;
  double y = 0;
  std::optional<sim::Interval> x_ci95, y_ci95;  ///< on the scale of the axis
  const SweepReport::Row* row = nullptr;
};

struct Axes {
  const loader::FigureSpec* x = nullptr;
  const loader::FigureSpec* y = nullptr;
  std::vector<Spot> spots;
  double x_low = 0, x_high = 1, y_low = 0, y_high = 1;
  bool x_log = false, y_log = false;       ///< spots are at logarithms: values lie too far apart for a linear axis
  std::optional<double> x_limit, y_limit;  ///< of requirements, where the axis reaches them
};
/// Nothing without two objectives and a design that has a value of both.
std::optional<Axes> axes_of(const SweepReport& report);
/// An end or a mark of an axis, with as many decimals as steps of that size need; of a logarithmic one two digits.
std::string tick_text(const loader::FigureSpec& figure, bool log, double at, double step);
/// What an axis shows.
std::string axis_text(const loader::FigureSpec& figure, bool log);

}  // namespace nines::experiments
