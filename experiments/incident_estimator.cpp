#include "experiments/incident_estimator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "experiments/parallel.hpp"
#include "sim/math.hpp"
#include "sim/special_functions.hpp"

namespace nines::experiments {

namespace {

constexpr double two_sided = 0.975;
/// Samples that a thread draws at a time.
constexpr std::uint64_t chunk = 64;
/// Part of the usual choice of further faults that stays when a better one has been learnt.
constexpr double usual_share = 0.25;
/// No stratum rests on fewer samples, however little its pilot sample varied.
constexpr std::uint64_t fewest_samples = 24;

// Alarms (rare-event sheet, section 1.6).
constexpr std::uint64_t fewest_hits = 100;
constexpr double largest_share = 0.05;
constexpr double smallest_sample_size = 100;
constexpr double largest_variance_of_variance = 0.1;

double real(std::uint64_t count) { return static_cast<double>(count); }

const FigureSums& sums_of(const StratumBooks& books, std::size_t sli, Figure figure) {
  return books.slis[sli].figure[static_cast<std::size_t>(figure)];
}

}  // namespace

IncidentEstimator::IncidentEstimator(const models::Plan& plan, const Families& families, std::size_t target, int depth,
                                     bool natural, std::uint64_t keep_apart)
    : plan_(plan), families_(families), target_(target) {
  for (int d = 0; d <= depth; ++d) {
    for (std::size_t family = 0; family < families.all().size(); ++family) {
      const std::uint64_t key = stratum_key(families.all()[family], d) + keep_apart;
      strata_.push_back({family, d, natural && d == depth, key * 0x9E3779B97F4A7C15ULL, {}});
    }
  }
  books_.resize(strata_.size());
}

IncidentEstimator::IncidentEstimator(const models::Plan& plan, const Families& families, std::size_t target,
                                     std::vector<Stratum> strata, std::vector<StratumBooks> books)
    : plan_(plan), families_(families), target_(target), strata_(std::move(strata)), books_(std::move(books)) {
  assert(strata_.size() == books_.size());
}

double IncidentEstimator::rate(std::size_t stratum) const {
  return families_.all()[strata_[stratum].family].rate_per_hour();
}

std::uint64_t IncidentEstimator::runs() const {
  std::uint64_t sum = 0;
  for (const StratumBooks& books : books_) sum += books.runs;
  return sum;
}

std::uint64_t IncidentEstimator::events() const {
  std::uint64_t sum = 0;
  for (const StratumBooks& books : books_) sum += books.events;
  return sum;
}

void IncidentEstimator::learn_from(const IncidentEstimator& other) {
  const std::vector<double>& usual = families_.usual_choice();
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const auto& useful = other.books_[i].useful;
    if (useful.empty()) continue;  // nothing was learnt
    strata_[i].choices.assign(static_cast<std::size_t>(strata_[i].depth), usual);
    for (std::size_t step = 0; step < useful.size(); ++step) {
      double sum = 0;
      for (const double square : useful[step]) sum += std::sqrt(square);
      std::vector<double>& choice = strata_[i].choices[step];
      for (std::size_t family = 0; family < choice.size(); ++family) {
        const double learnt = family < useful[step].size() ? std::sqrt(useful[step][family]) / sum : 0;
        choice[family] = usual_share * usual[family] + (1 - usual_share) * learnt;
      }
    }
  }
}

void IncidentEstimator::choose_like(const std::vector<Stratum>& strata) {
  assert(strata.size() == strata_.size());
  for (std::size_t i = 0; i < strata.size(); ++i) strata_[i].choices = strata[i].choices;
}

void IncidentEstimator::extend(std::span<const std::uint64_t> samples, std::size_t threads) {
  struct Task {
    std::size_t stratum;
    std::uint64_t first;
    std::uint64_t end;
  };
  std::vector<Task> tasks;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    for (std::uint64_t at = books_[i].samples; at < samples[i]; at += chunk) {
      tasks.push_back({i, at, std::min(samples[i], at + chunk)});
    }
  }
  std::vector<StratumBooks> drawn(tasks.size());
  parallel_for(
      threads, tasks.size(), [&] { return IncidentSampler(plan_, families_); },
      [&](IncidentSampler& sampler, std::size_t index) {
        const Task& task = tasks[index];
        for (std::uint64_t at = task.first; at < task.end; ++at) {
          drawn[index].add(plan_, sampler.draw(strata_[task.stratum], at), target_);
        }
      });
  for (std::size_t i = 0; i < tasks.size(); ++i) books_[tasks[i].stratum].merge(std::move(drawn[i]));
}

double IncidentEstimator::incident_load() const {
  double sum = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) sum += rate(i) * books_[i].mean(books_[i].length_h.x);
  return sum;
}

double IncidentEstimator::value(std::size_t sli, Figure figure) const {
  double sum = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) sum += rate(i) * books_[i].mean(sums_of(books_[i], sli, figure).x);
  return sum / (1 + incident_load());
}

double IncidentEstimator::usual_square(std::size_t sli, Figure figure) const {
  FigureSums all;
  FigureSums lengths;
  for (const StratumBooks& books : books_) {
    all.add(sums_of(books, sli, figure));
    lengths.add(books.length_h);
  }
  if (all.hits > 0) return all.square / real(all.hits);
  return lengths.hits > 0 ? lengths.square / real(lengths.hits) : 0;
}

std::vector<double> IncidentEstimator::unseen_squares(std::size_t sli, Figure figure) const {
  const double usual = usual_square(sli, figure);
  int first_hit = -1;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    if (sums_of(books_[i], sli, figure).hits == 0) continue;
    first_hit = first_hit < 0 ? strata_[i].depth : std::min(first_hit, strata_[i].depth);
  }
  std::vector<double> squares;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const double weight_squared = books_[i].weight_squared / real(books_[i].samples);
    squares.push_back(strata_[i].depth < first_hit ? 0 : usual * weight_squared);
  }
  return squares;
}

IncidentEstimator::Ratio IncidentEstimator::ratio(std::size_t sli, Figure figure) const {
  Ratio result;
  const double cycle = 1 + incident_load();
  result.value = value(sli, figure);
  const std::vector<double> unseen = unseen_squares(sli, figure);
  double satterthwaite = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const StratumBooks& books = books_[i];
    if (books.samples < 2) continue;
    const double scale = rate(i) / cycle;
    const double n = real(books.samples);
    const double part =
        scale * scale * (books.variance(sums_of(books, sli, figure), result.value) + unseen[i] / (n + 2)) / n;
    result.variance += part;
    satterthwaite += part * part / real(books.samples - 1);
  }
  result.degrees_of_freedom = satterthwaite > 0 ? result.variance * result.variance / satterthwaite : 0;
  return result;
}

sim::Estimate IncidentEstimator::estimate(std::size_t sli, Figure figure) const {
  const Ratio found = ratio(sli, figure);
  sim::Estimate result;
  for (const StratumBooks& books : books_) result.observations += books.slis[sli].contributions.size();
  if (found.value <= 0) return result;
  result.value = found.value;
  if (result.observations < fewest_hits) return result;  // too few for an interval
  const double t = found.degrees_of_freedom > 0 ? sim::student_t_quantile(found.degrees_of_freedom, two_sided) : 0;
  const double step = t * std::sqrt(found.variance) / found.value;
  result.ci95 = sim::Interval{found.value * sim::exp(-step), found.value * sim::exp(step)};
  return result;
}

namespace {

/// What a stratum adds to the variance of the estimate, seen / n + unseen / n^2, and what a sample of it costs.
struct Effort {
  double seen = 0;
  double unseen = 0;
  double cost = 1;
  double runs = 1;  ///< incidents played for a sample

  /// Samples at which one more unit of cost is worth 1 / price: the derivative of the variance equals cost / price.
  [[nodiscard]] double samples(double price) const {
    double n = real(fewest_samples);
    constexpr int steps = 40;
    for (int i = 0; i < steps; ++i) {
      n = std::max(real(fewest_samples), std::sqrt(price / cost * (seen + 2 * unseen / n)));
    }
    return n;
  }
  [[nodiscard]] double variance(double n) const { return seen / n + unseen / (n * n); }
};

/// The price at which the strata together have the wanted variance or cost `most_runs`, whichever is less.
double price_of(const std::vector<Effort>& efforts, double wanted, double most_runs) {
  double low = -200;  // natural logarithms
  double high = 200;
  constexpr int halvings = 60;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    double variance = 0;
    double runs = 0;
    for (const Effort& effort : efforts) {
      const double n = effort.samples(sim::exp(middle));
      variance += effort.variance(n);
      runs += n * effort.runs;
    }
    (variance > wanted && runs < most_runs ? low : high) = middle;
  }
  return sim::exp(low);
}

}  // namespace

std::vector<std::uint64_t> IncidentEstimator::allocate(std::size_t sli, double wanted, std::uint64_t most_runs) const {
  const double cycle = 1 + incident_load();
  const double ratio = value(sli, Figure::downtime_h);
  const std::vector<double> unseen = unseen_squares(sli, Figure::downtime_h);
  std::vector<Effort> efforts;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const StratumBooks& books = books_[i];
    const double n = real(books.samples);
    const double scale = rate(i) / cycle * (rate(i) / cycle);
    Effort effort;
    effort.seen = scale * books.variance(sums_of(books, sli, Figure::downtime_h), ratio);
    effort.unseen = scale * unseen[i];
    // Playing an incident costs its events and a fixed part.
    constexpr double fixed_events = 10;
    effort.cost = (real(books.events) + fixed_events * real(books.runs)) / n;
    effort.runs = real(books.runs) / n;
    efforts.push_back(effort);
  }
  const double price = price_of(efforts, wanted, real(most_runs));
  std::vector<std::uint64_t> samples;
  for (const Effort& effort : efforts) {
    samples.push_back(std::min(most_samples, static_cast<std::uint64_t>(std::ceil(effort.samples(price)))));
  }
  return samples;
}

std::vector<std::string> IncidentEstimator::alarms(std::size_t sli) const {
  std::uint64_t hits = 0;
  double sum = 0;
  double squares = 0;
  double largest = 0;
  double variance = 0;
  double variance_of_variance = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const StratumBooks& books = books_[i];
    const double n = real(books.samples);
    const double scale = rate(i) / n;
    double fourth = 0;
    const double mean = books.mean(sums_of(books, sli, Figure::downtime_h).x);
    for (const Contribution& part : books.slis[sli].contributions) {
      const double z = scale * part.difference();
      ++hits;
      sum += z;
      squares += z * z;
      largest = std::max(largest, std::abs(z));
      const double distance = scale * (part.difference() - mean);
      fourth += distance * distance * distance * distance;
    }
    const double spread = scale * scale * books.variance(sums_of(books, sli, Figure::downtime_h), 0) * n;
    variance += spread;
    variance_of_variance += std::max(0.0, fourth - spread * spread / n);
  }
  std::vector<std::string> alarms;
  if (hits == 0) return alarms;
  if (hits < fewest_hits) alarms.push_back(fmt::format("only {} incidents with downtime were sampled", hits));
  if (largest > largest_share * std::abs(sum)) {
    alarms.push_back(
        fmt::format("one sampled incident makes up {:.0f} % of the estimate", 100 * largest / std::abs(sum)));
  }
  if (sum * sum < smallest_sample_size * squares) {
    alarms.push_back(fmt::format("the samples are worth {:.0f} equally weighted ones", sum * sum / squares));
  }
  if (variance > 0 && variance_of_variance > largest_variance_of_variance * variance * variance) {
    alarms.push_back(fmt::format("a few samples make up the variance (relative variance of it {:.2f})",
                                 variance_of_variance / (variance * variance)));
  }
  return alarms;
}

std::optional<double> relative_half_width(const sim::Estimate& estimate) {
  if (!estimate.value || !estimate.ci95) return std::nullopt;
  return (estimate.ci95->upper - estimate.ci95->lower) / 2 / *estimate.value;
}

}  // namespace nines::experiments
