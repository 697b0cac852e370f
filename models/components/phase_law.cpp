#include "models/components/phase_law.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace nines::models::components {

namespace {

/// Phases of a mixture beyond which no chain would be small.
constexpr std::size_t most_phases = 400;

/// An Erlang law with its share in a mixture.
struct Row {
  double share;
  std::size_t stages;
  double rate;  ///< per hour
};

std::optional<Row> row_of(const Law& law) {
  const double mean = hours(law.mean());
  if (mean <= 0) return std::nullopt;
  switch (law.law) {
    case Law::Law::exponential: return Row{1, 1, 1 / mean};
    case Law::Law::erlang: return Row{1, static_cast<std::size_t>(law.shape), law.shape / mean};
    case Law::Law::weibull:
      if (law.shape == 1 && law.b == Duration()) return Row{1, 1, 1 / mean};
      break;
    default: break;
  }
  return std::nullopt;
}

bool no_length(const Law& law) {
  switch (law.law) {
    case Law::Law::constant:
    case Law::Law::exponential:
    case Law::Law::erlang: return law.a == Duration();
    case Law::Law::uniform: return law.b == Duration();
    default: return false;
  }
}

/// Every stage of rate r lies hidden in those of a faster rate R: a stage of R ends it with probability r / R, and else
/// leaves it as it was. So all rows pass through common phases, the fastest first.
Phases common_phases(std::vector<Row> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.rate > b.rate; });
  /// By row: probability that so many of its stages are left (index; those of 0 have ended).
  std::vector<std::vector<double>> left;
  for (const Row& row : rows) {
    left.emplace_back(row.stages + 1, 0.0);
    left.back()[row.stages] = row.share;
  }
  Phases result;
  for (const Row& fastest : rows) {
    for (std::size_t stage = 0; stage < fastest.stages; ++stage) {
      double here = 0;
      double ended = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const double step = std::min(1.0, rows[i].rate / fastest.rate);
        for (std::size_t n = 1; n < left[i].size(); ++n) {
          here += left[i][n];
          if (n == 1) {
            ended += left[i][n] * step;
          } else {
            left[i][n - 1] += left[i][n] * step;
          }
          left[i][n] *= 1 - step;
        }
      }
      if (here <= 0) break;
      result.rate.push_back(fastest.rate);
      result.onward.push_back(1 - std::min(1.0, ended / here));
    }
  }
  result.onward.back() = 0;
  result.count = result.rate.size();
  return result;
}

// ---- fits ----

/// Squared coefficient of variation.
double spread_of(const std::array<double, 3>& moments) { return moments[1] / (moments[0] * moments[0]) - 1; }

Law mix(double share, const Law& one, const Law& other) {
  if (share >= 1) return one;
  if (share <= 0) return other;
  return Law::mixture({{share, one}, {1 - share, other}});
}

/// k - 1 or k stages of one rate (Tijms 1994, section B.5). REQUIRES: 1 / k <= spread <= 1 / (k - 1).
Law near_stages(double mean, double spread) {
  const auto k = std::max(2.0, std::ceil(1 / spread - 1e-9));
  const double root = std::sqrt(std::max(0.0, k * (1 + spread) - k * k * spread));
  const double share = std::clamp((k * spread - root) / (1 + spread), 0.0, 1.0);
  const double stage = mean / (k - share);
  return mix(share, Law::erlang(Duration::from_seconds(stage * (k - 1)), static_cast<int>(k) - 1),
             Law::erlang(Duration::from_seconds(stage * k), static_cast<int>(k)));
}

/// One or k stages of one rate: the same two moments, another third one. REQUIRES: spread >= 1 / k.
Law one_or_stages(double mean, double spread) {
  const double k = std::max(3.0, std::ceil(1 / spread) + 1);
  const double root = std::sqrt(std::max(0.0, k * k + 4 - 4 * k * spread));
  const double share = std::clamp((2 * k * spread + k - 2 - root) / (2 * (k - 1) * (1 + spread)), 0.0, 1.0);
  const double stage = mean / (k - share * (k - 1));
  return mix(share, Law::exponential(Duration::from_seconds(stage)),
             Law::erlang(Duration::from_seconds(stage * k), static_cast<int>(k)));
}

/// Two exponential laws with the same part of the mean each. REQUIRES: spread >= 1.
Law balanced(double mean, double spread) {
  const double share = (1 + std::sqrt(std::max(0.0, (spread - 1) / (spread + 1)))) / 2;
  return mix(share, Law::exponential(Duration::from_seconds(mean / (2 * share))),
             Law::exponential(Duration::from_seconds(mean / (2 * (1 - share)))));
}

/// Two exponential laws of which one hardly lasts: nearly the least third moment that these two moments allow.
/// REQUIRES: spread >= 1.
Law one_short(double mean, double spread) {
  constexpr double brief = 1e-3;  // of the mean
  const double f2 = (1 + spread) / 2;
  const double large = (f2 - brief * brief) / (1 - brief) - brief;
  const double share = (1 - brief) / (large - brief);
  return mix(share, Law::exponential(Duration::from_seconds(large * mean)),
             Law::exponential(Duration::from_seconds(brief * mean)));
}

/// Two exponential laws with three given moments (Whitt 1982); nothing if there are none such.
std::optional<Law> three_moments(const std::array<double, 3>& moments) {
  // In units of the mean. With reduced moments f_n = E X^n / n! the means are the roots of a quadratic.
  const double mean = moments[0];
  const double f2 = moments[1] / (mean * mean) / 2;
  const double f3 = moments[2] / (mean * mean * mean) / 6;
  if (!(f2 > 1) || !(f3 <= std::numeric_limits<double>::max())) return std::nullopt;
  // x^2 - s x + p with f2 = s - p and f3 = s f2 - p.
  const double sum = (f3 - f2) / (f2 - 1);
  const double product = sum - f2;
  const double inside = sum * sum - 4 * product;
  if (product <= 0 || inside <= 0) return std::nullopt;
  const double large = (sum + std::sqrt(inside)) / 2;
  const double small = product / large;
  const double share = (1 - small) / (large - small);
  if (!(share > 0 && share < 1)) return std::nullopt;
  const Duration slow = Duration::from_seconds(large * mean);
  const Duration fast = Duration::from_seconds(small * mean);
  if (fast <= Duration() || slow == Duration::infinite()) return std::nullopt;
  return mix(share, Law::exponential(slow), Law::exponential(fast));
}

}  // namespace

std::optional<Phases> phases_of(const Law& law) {
  if (no_length(law)) return Phases{};
  if (law.law != Law::Law::mixture) {
    const std::optional<Row> row = row_of(law);
    if (!row) return std::nullopt;
    Phases result{row->stages, std::vector<double>(row->stages, row->rate), std::vector<double>(row->stages, 1.0)};
    result.onward.back() = 0;
    return result;
  }
  std::vector<Row> rows;
  std::size_t count = 0;
  for (const sim::MixturePart& part : law.mixed->parts) {
    std::optional<Row> row = row_of(part.law);
    if (!row) return std::nullopt;
    row->share = part.share;
    count += row->stages;
    rows.push_back(*row);
  }
  if (count > most_phases) return std::nullopt;
  return common_phases(std::move(rows));
}

bool has_little_spread(const Law& law) { return spread_of(law.moments()) < least_spread; }

Law fitted(const Law& law, const PhaseFit& fit) {
  if (phases_of(law)) return law;
  const std::array<double, 3> moments = law.moments();
  const double mean = moments[0];
  const double spread = std::max(0.0, spread_of(moments));
  if (has_little_spread(law)) return near_stages(mean, spread + fit.added);
  if (spread < 1) return fit.other ? one_or_stages(mean, spread) : near_stages(mean, spread);
  if (fit.other) return balanced(mean, spread);
  const std::optional<Law> best = three_moments(moments);
  return best ? *best : one_short(mean, spread);
}

std::string describe(const Law& law) {
  const double a = law.a.to_seconds();
  switch (law.law) {
    case Law::Law::constant: return fmt::format("constant, {:g} s", a);
    case Law::Law::uniform: return fmt::format("uniform, {:g} to {:g} s", a, law.b.to_seconds());
    case Law::Law::exponential: return fmt::format("exponential, mean {:g} s", a);
    case Law::Law::lognormal: return fmt::format("lognormal, median {:g} s, sigma {:g}", a, law.shape);
    case Law::Law::erlang: return fmt::format("Erlang, mean {:g} s, {:g} stages", a, law.shape);
    case Law::Law::weibull: return fmt::format("Weibull, scale {:g} s, shape {:g}", a, law.shape);
    case Law::Law::mixture: return fmt::format("mixture of {} laws, mean {:g} s", law.mixed->parts.size(), a);
  }
  return "unknown";
}

}  // namespace nines::models::components
