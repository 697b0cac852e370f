#include "experiments/estimate/incident_estimator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "experiments/estimate/parallel.hpp"
#include "experiments/estimate/work_limit.hpp"
#include "models/faults/lengths.hpp"
#include "models/selector.hpp"
#include "sim/math.hpp"
#include "sim/special_functions.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

/// Samples that a thread draws at a time.
constexpr std::uint64_t chunk = 64;
/// Part of the usual choice of further faults that stays when a better one has been learnt.
constexpr double usual_share = 0.25;
/// No stratum rests on fewer samples, however little its pilot sample varied.
constexpr std::uint64_t fewest_samples = 24;
/// A stratum that adds this part, or half of the interval's half-width if that is more, is to rest on samples that are
/// worth so many equally weighted ones; with fewer than the least of them not even its variance is known.
constexpr double part_to_resolve = 0.01;
constexpr double part_of_half_width = 0.5;
constexpr double enough_resolved = 100;
constexpr double fewest_resolved = 40;
/// Below this no interval is to be trusted.
constexpr double fewest_trusted = 15;
constexpr double most_to_resolve = 200'000;
/// Of a stratum that cannot show an outage only the length of its incidents matters; of one that would add next to
/// nothing even if each of its samples were a hit of the usual size not even that.
constexpr std::uint64_t fewest_where_nothing_shows = 8;
constexpr double next_to_nothing = 0.001;

// Alarms (rare-event sheet, section 1.6).
constexpr std::uint64_t fewest_hits = 100;
/// A stratum with so many hits tells by itself how large one is.
constexpr std::uint64_t enough_hits = 30;
constexpr double largest_share = 0.05;
constexpr double smallest_sample_size = 100;
constexpr double largest_variance_of_variance = 0.15;
/// The laws of faults may leave so many times the standard error that the samples show.
constexpr double tamest_error = 1.5;
/// An outage lasts as long as its fault if the mean lengths of the two differ by no more than this factor.
constexpr double same_length = 2;
/// Probability that in a month an incident comes of a kind that so large a sample need not have shown.
constexpr double unseen_in_a_month = 0.005;
/// Hours of incident per hour of health beyond which their arrivals are no longer nearly random.
constexpr double busy_enough_for_windows = 0.15;
/// Share of the outages that may begin with a single unit of an age.
constexpr double most_with_memory = 0.1;
/// Cuts of a size that was never sampled matter if they may add this share.
constexpr double smallest_part_unvisited = 0.02;

double real(std::uint64_t count) { return static_cast<double>(count); }

const FigureSums& sums_of(const StratumTally& tally, std::size_t sli, Figure figure) {
  return tally.slis[sli].figure[static_cast<std::size_t>(figure)];
}

}  // namespace

IncidentEstimator::IncidentEstimator(const models::Plan& plan, const FaultClasses& fault_classes, const Reach& reach,
                                     std::size_t target, int depth, std::uint64_t keep_apart)
    : plan_(plan), classes_(fault_classes), reach_(reach), target_(target) {
  if (fault_classes.nothing_forced()) depth = 0;
  for (int d = 0; d <= depth; ++d) {
    for (std::size_t fault_class = 0; fault_class < fault_classes.all().size(); ++fault_class) {
      const bool open = d == depth && !fault_classes.nothing_forced();
      strata_.push_back(
          {fault_class, d, open, stratum_randomness(fault_classes.all()[fault_class], d, keep_apart), {}});
    }
  }
  tallies_.resize(strata_.size());
}

IncidentEstimator::IncidentEstimator(const models::Plan& plan, const FaultClasses& fault_classes, const Reach& reach,
                                     std::size_t target, std::vector<Stratum> strata, std::vector<StratumTally> tally)
    : plan_(plan),
      classes_(fault_classes),
      reach_(reach),
      target_(target),
      strata_(std::move(strata)),
      tallies_(std::move(tally)) {
  assert(strata_.size() == tallies_.size());
}

double IncidentEstimator::rate(std::size_t stratum) const {
  return classes_.all()[strata_[stratum].fault_class].rate_per_hour();
}

std::uint64_t IncidentEstimator::runs() const {
  std::uint64_t sum = 0;
  for (const StratumTally& tally : tallies_) sum += tally.runs;
  return sum;
}

std::uint64_t IncidentEstimator::events() const {
  std::uint64_t sum = 0;
  for (const StratumTally& tally : tallies_) sum += tally.events;
  return sum;
}

void IncidentEstimator::learn_from(const IncidentEstimator& other) {
  const std::vector<double>& usual = classes_.usual_choice();
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const auto& useful = other.tallies_[i].useful;
    if (useful.empty()) continue;  // nothing was learnt
    strata_[i].choices.assign(static_cast<std::size_t>(strata_[i].depth), usual);
    // What lies beyond the depth of the stratum is too rare to learn from.
    for (std::size_t step = 0; step < std::min(useful.size(), strata_[i].choices.size()); ++step) {
      double sum = 0;
      for (const double square : useful[step]) sum += std::sqrt(square);
      if (sum <= 0) continue;
      std::vector<double>& choice = strata_[i].choices[step];
      for (std::size_t fault_class = 0; fault_class < choice.size(); ++fault_class) {
        const double learnt = fault_class < useful[step].size() ? std::sqrt(useful[step][fault_class]) / sum : 0;
        choice[fault_class] = usual_share * usual[fault_class] + (1 - usual_share) * learnt;
      }
    }
  }
}

void IncidentEstimator::forget(std::span<const std::size_t> strata, std::uint64_t keep_apart) {
  for (const std::size_t i : strata) {
    strata_[i].key = stratum_randomness(classes_.all()[strata_[i].fault_class], strata_[i].depth, keep_apart);
    tallies_[i] = {};
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
    for (std::uint64_t at = tallies_[i].samples; at < samples[i]; at += chunk) {
      tasks.push_back({i, at, std::min(samples[i], at + chunk)});
    }
  }
  std::uint64_t incidents = 0;
  for (const Task& task : tasks) {
    incidents += (task.end - task.first) * static_cast<std::uint64_t>(strata_[task.stratum].depth + 1);
  }
  EventBudget budget(plan_, incidents);
  std::vector<StratumTally> drawn(tasks.size());
  parallel_for(
      threads, tasks.size(), [&] { return IncidentSampler(plan_, classes_, reach_, target_); },
      [&](IncidentSampler& sampler, std::size_t index) {
        const Task& task = tasks[index];
        for (std::uint64_t at = task.first; at < task.end; ++at) {
          const std::uint64_t before = drawn[index].events;
          drawn[index].draw(sampler, plan_, strata_[task.stratum], at, target_);
          budget.spend(drawn[index].events - before);
        }
      });
  for (std::size_t i = 0; i < tasks.size(); ++i) tallies_[tasks[i].stratum].merge(std::move(drawn[i]));
}

double IncidentEstimator::incident_load() const {
  double sum = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) sum += rate(i) * tallies_[i].mean(tallies_[i].length_h.x);
  return sum;
}

double IncidentEstimator::value(std::size_t sli, Figure figure) const {
  double sum = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i)
    sum += rate(i) * tallies_[i].mean(sums_of(tallies_[i], sli, figure).x);
  return sum / (1 + incident_load());
}

double IncidentEstimator::usual_square(std::size_t sli, Figure figure) const {
  double squares = 0;
  double expected = 0;  // were every hit of weight 1 within its stratum
  FigureSums lengths;
  for (const StratumTally& tally : tallies_) {
    if (tally.samples == 0) continue;
    const FigureSums& sums = sums_of(tally, sli, figure);
    squares += sums.xx;
    expected += real(sums.hits) * tally.weight_squared / real(tally.samples);
    lengths.add(tally.length_h);
  }
  if (expected > 0) return squares / expected;
  return lengths.hits > 0 ? lengths.xx / real(lengths.hits) : 0;
}

std::vector<IncidentEstimator::Unseen> IncidentEstimator::unseen_by_hits(std::size_t sli, Figure figure) const {
  const double usual = usual_square(sli, figure);
  // Where nobody knows the structure: if no fault class was hit at a depth, but at a greater one, so few faults are
  // taken not to suffice. No sample could prove that to ten nines.
  int first_hit = -1;
  for (std::size_t i = 0; i < strata_.size() && !reach_.known(sli); ++i) {
    if (sums_of(tallies_[i], sli, figure).hits == 0) continue;
    first_hit = first_hit < 0 ? strata_[i].depth : std::min(first_hit, strata_[i].depth);
  }
  std::vector<Unseen> squares;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const FigureSums& sums = sums_of(tallies_[i], sli, figure);
    const double weight = usual_weight(i, sli);
    squares.push_back({strata_[i].depth < first_hit ? 0 : usual * weight * weight,
                       sums.hits > 0 ? sums.xx / real(sums.hits) : 0, sums.hits});
  }
  return squares;
}

std::vector<double> IncidentEstimator::unseen_squares(std::size_t sli, Figure figure) const {
  std::vector<double> squares;
  for (const Unseen& unseen : unseen_by_hits(sli, figure))
    squares.push_back(unseen.hits >= enough_hits ? unseen.of_itself : unseen.usual);
  return squares;
}

IncidentEstimator::Small IncidentEstimator::small(std::size_t sli) const {
  const double usual_h = std::sqrt(usual_square(sli, Figure::downtime_h));
  return {usual_h, next_to_nothing * value(sli, Figure::downtime_h) * (1 + incident_load())};
}

std::uint64_t IncidentEstimator::fewest(std::size_t stratum, std::size_t sli, const Small& small) const {
  if (!reaches(stratum, sli)) return fewest_where_nothing_shows;
  const bool open = strata_[stratum].open && reach_.known(sli);
  const double most = rate(stratum) * usual_weight(stratum, sli) * small.usual_h;
  const bool nothing = !open && most < small.hours_per_hour;
  return nothing ? fewest_where_nothing_shows : fewest_samples;
}

std::vector<std::uint64_t> IncidentEstimator::where_it_matters(std::size_t sli, std::uint64_t samples) const {
  const Small nothing = small(sli);
  std::vector<std::uint64_t> wanted;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const bool matters = strata_[i].depth == 0 || fewest(i, sli, nothing) > fewest_where_nothing_shows;
    wanted.push_back(matters ? samples : std::min(samples, fewest_where_nothing_shows));
  }
  return wanted;
}

template <class Variance, class Sums>
IncidentEstimator::Ratio IncidentEstimator::scattered(double value, double per, const std::vector<double>& unseen,
                                                      Variance variance, Sums sums) const {
  Ratio result;
  result.value = value;
  double satterthwaite = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const StratumTally& tally = tallies_[i];
    if (tally.samples < 2) continue;
    const double scale = rate(i) / per;
    const double n = real(tally.samples);
    const double part = scale * scale * (variance(tally) + unseen[i] / (n + 2)) / n;
    result.variance += part;
    result.third += scale * scale * scale * tally.third_moment(sums(tally)) / (n * n);
    satterthwaite += part * part / (n - 1);
  }
  result.degrees_of_freedom = satterthwaite > 0 ? result.variance * result.variance / satterthwaite : 0;
  return result;
}

IncidentEstimator::Ratio IncidentEstimator::ratio(std::size_t sli, Figure figure) const {
  const double found = value(sli, figure);
  const auto sums = [&](const StratumTally& tally) -> const FigureSums& { return sums_of(tally, sli, figure); };
  return scattered(
      found, 1 + incident_load(), unseen_squares(sli, figure),
      [&](const StratumTally& tally) { return tally.variance(sums(tally), found); }, sums);
}

namespace {

/// A sample shows less skewness than there is: what is rare and large is mostly missing from it.
constexpr double skewness_known = 1.5;

/// The interval of a positive figure; see the head of incident_estimator.hpp.
sim::Interval interval_of(const IncidentEstimator::Ratio& found) {
  const double t = found.degrees_of_freedom > 0 ? sim::student_t_quantile(found.degrees_of_freedom, sim::two_sided) : 0;
  const double error = std::sqrt(found.variance) / found.value;
  const double skewness = found.variance > 0 ? found.third / (found.variance * std::sqrt(found.variance)) : 0;
  const double hall = error * sim::skewed_step(t, skewness_known * std::max(0.0, skewness));
  return {found.value * sim::exp(-t * error), found.value * std::max(sim::exp(t * error), 1 + hall)};
}

}  // namespace

sim::Estimate IncidentEstimator::estimate(std::size_t sli, Figure figure) const {
  const Ratio found = ratio(sli, figure);
  sim::Estimate result;
  for (const StratumTally& tally : tallies_) result.observations += sums_of(tally, sli, figure).hits;
  if (found.value <= 0) return result;
  result.value = found.value;
  if (result.observations < fewest_hits) return result;  // too few for an interval
  result.ci95 = interval_of(found);
  return result;
}

sim::Estimate IncidentEstimator::of_design(const std::function<const FigureSums&(const StratumTally&)>& sums) const {
  double sum = 0;
  sim::Estimate result;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    sum += rate(i) * tallies_[i].mean(sums(tallies_[i]).x);
    result.observations += sums(tallies_[i]).hits;
  }
  if (sum <= 0) return result;
  const double value = sum / (1 + incident_load());
  result.value = value;
  if (result.observations < fewest_hits) return result;
  // Nearly every fault that can has some: strata without any say that they have none.
  const std::vector<double> unseen(strata_.size(), 0.0);
  result.ci95 = interval_of(scattered(
      value, 1 + incident_load(), unseen, [&](const StratumTally& tally) { return tally.variance(sums(tally), value); },
      sums));
  return result;
}

sim::Estimate IncidentEstimator::time_to_outage_h(std::size_t sli) const {
  double until = 1;  // hours of health
  double out = 0;
  std::uint64_t hits = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    until += rate(i) * tallies_[i].mean(sums_of(tallies_[i], sli, Figure::until_out_h).x);
    out += rate(i) * tallies_[i].mean(sums_of(tallies_[i], sli, Figure::out).x);
    hits += sums_of(tallies_[i], sli, Figure::out).hits;
  }
  sim::Estimate result;
  result.observations = hits;
  if (out <= 0) {
    result.lower95 = 1 / unseen_rate(sli);
    return result;
  }
  result.value = until / out;
  if (hits < fewest_hits) return result;
  // Of its reciprocal, outages per hour before the first one.
  const double before_first = out / until;
  const auto outs = [&](const StratumTally& tally) -> const FigureSums& { return sums_of(tally, sli, Figure::out); };
  const Ratio found = scattered(
      before_first, until, unseen_squares(sli, Figure::out),
      [&](const StratumTally& tally) {
        return tally.variance_by_first(outs(tally), sums_of(tally, sli, Figure::until_out_h), before_first);
      },
      outs);
  const sim::Interval rate95 = interval_of(found);
  result.ci95 = sim::Interval{1 / rate95.upper, 1 / rate95.lower};
  return result;
}

double IncidentEstimator::usual_weight(std::size_t stratum, std::size_t sli) const {
  const StratumTally& tally = tallies_[stratum];
  return reaches(stratum, sli) && tally.samples > 0 ? std::sqrt(tally.weight_squared / real(tally.samples)) : 0;
}

std::optional<double> IncidentEstimator::resolution(std::size_t stratum, std::size_t sli, double precision) const {
  const StratumTally& tally = tallies_[stratum];
  const FigureSums& sums = sums_of(tally, sli, Figure::downtime_h);
  if (sums.hits == 0) return std::nullopt;
  // It may add as much more as two of its samples like these would.
  const double most = tally.mean(std::abs(sums.x) + 2 * std::sqrt(sums.xx));
  const double part = rate(stratum) / (1 + incident_load()) * most;
  const double matters = std::max(part_to_resolve, part_of_half_width * precision);
  if (part < matters * value(sli, Figure::downtime_h)) return std::nullopt;
  return sums.x * sums.x / sums.xx;
}

std::vector<std::size_t> IncidentEstimator::resting_on_fewer(std::size_t sli, double precision, double samples) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    if (const auto worth = resolution(i, sli, precision); worth && *worth < samples) found.push_back(i);
  }
  return found;
}

std::vector<std::size_t> IncidentEstimator::unresolved(std::size_t sli, double precision) const {
  return resting_on_fewer(sli, precision, fewest_resolved);
}

double IncidentEstimator::enough_for_windows(std::size_t stratum, std::size_t sli) const {
  constexpr double rule_of_three = 3;
  constexpr double most = 20'000;
  return std::min(
      most, rule_of_three * rate(stratum) * usual_weight(stratum, sli) * sim::hours_per_month / unseen_in_a_month);
}

double IncidentEstimator::unseen_rate(std::size_t sli) const {
  constexpr double rule_of_three = 3;
  double most = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    if (tallies_[i].samples == 0) continue;
    most = std::max(most, rate(i) * usual_weight(i, sli) / real(tallies_[i].samples));
  }
  return rule_of_three * most / (1 + incident_load());
}

double IncidentEstimator::unseen_downtime(std::size_t sli) const {
  double longest = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const FigureSums& length = tallies_[i].length_h;
    if (strata_[i].depth == 0 && length.hits > 0) {
      longest = std::max(longest, std::sqrt(length.xx / real(length.hits)));
    }
  }
  constexpr double a_second_h = 1.0 / 3600;
  return std::min(1.0, unseen_rate(sli) * std::max(a_second_h, longest));
}

namespace {

/// What a stratum adds to the variance of the estimate, seen / n + unseen / n^2, and what a sample of it costs. With
/// enough hits a stratum tells by itself what one more of them is like; with fewer it may be any of the usual ones.
struct Effort {
  double seen = 0;
  double unseen = 0;            ///< with fewer hits
  double unseen_of_itself = 0;  ///< with enough of them
  double tells_from = 0;        ///< samples that most likely have enough hits; infinite if no number has
  double cost = 1;
  double runs = 1;    ///< incidents played for a sample
  double fewest = 1;  ///< samples

  /// Samples at which one more unit of cost is worth 1 / price: least price * variance + cost.
  [[nodiscard]] double samples(double price) const {
    const double few = best(price, fewest, unseen);
    const double many = best(price, std::max(fewest, tells_from), unseen_of_itself);
    const auto loss = [&](double n) { return price * variance(n) + cost * n; };
    return few < tells_from && loss(few) < loss(many) ? few : many;
  }
  [[nodiscard]] double variance(double n) const {
    return seen / n + (n < tells_from ? unseen : unseen_of_itself) / (n * n);
  }

 private:
  /// At which the derivative of the variance equals cost / price.
  [[nodiscard]] double best(double price, double least, double with) const {
    double n = least;
    constexpr int steps = 40;
    for (int i = 0; i < steps; ++i) n = std::max(least, std::sqrt(price / cost * (seen + 2 * with / n)));
    return std::min(n, real(most_samples));
  }
};

/// Samples of which enough hit, nearly surely, where so many of n did.
double samples_for_hits(double n, std::uint64_t hits) {
  constexpr double wanted = 1.5 * enough_hits;
  const double at_least = real(hits) - std::sqrt(real(hits));
  return hits > 1 ? wanted * n / at_least : std::numeric_limits<double>::infinity();
}

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

std::vector<std::uint64_t> IncidentEstimator::allocate(std::size_t sli, double wanted, double precision,
                                                       std::uint64_t most_runs) const {
  const double cycle = 1 + incident_load();
  const double ratio = value(sli, Figure::downtime_h);
  const std::vector<Unseen> unseen = unseen_by_hits(sli, Figure::downtime_h);
  const Small nothing = small(sli);
  std::vector<Effort> efforts;
  double least = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const StratumTally& tally = tallies_[i];
    const double n = real(tally.samples);
    const double scale = rate(i) / cycle * (rate(i) / cycle);
    Effort effort;
    effort.seen = scale * tally.variance(sums_of(tally, sli, Figure::downtime_h), ratio);
    // A stratum that can be hit may vary by more than so few samples show.
    const bool tells = unseen[i].hits >= enough_hits;
    if (reach_.known(sli)) effort.seen += scale * (tells ? unseen[i].of_itself : unseen[i].usual) / (n + 2);
    effort.unseen = scale * unseen[i].usual;
    effort.unseen_of_itself = scale * unseen[i].of_itself;
    effort.tells_from = samples_for_hits(n, unseen[i].hits);
    // Playing an incident costs its events and a fixed part.
    constexpr double fixed_events = 10;
    effort.cost = (real(tally.events) + fixed_events * real(tally.runs)) / n;
    effort.runs = strata_[i].depth + 1;
    effort.fewest = real(fewest(i, sli, nothing));
    if (const auto worth = resolution(i, sli, precision)) {
      const double needed = n / *worth * enough_resolved;
      effort.fewest = std::max(effort.fewest, std::min(needed, most_to_resolve));
    }
    if (plan_.slis[sli].sla) effort.fewest = std::max(effort.fewest, enough_for_windows(i, sli));
    least += effort.fewest * effort.runs;
    efforts.push_back(effort);
  }
  const double share = least > real(most_runs) ? real(most_runs) / least : 1;
  for (Effort& effort : efforts) effort.fewest = std::max(2.0, std::floor(effort.fewest * share));
  const double price = price_of(efforts, wanted, real(most_runs));
  std::vector<std::uint64_t> samples;
  for (const Effort& effort : efforts) samples.push_back(static_cast<std::uint64_t>(effort.samples(price)));
  return samples;
}

double IncidentEstimator::memory_share(std::size_t sli) const {
  double all = 0;
  double ageing = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    if (tallies_[i].samples == 0) continue;
    const double out = rate(i) * tallies_[i].mean(sums_of(tallies_[i], sli, Figure::out).x);
    all += out;
    const std::uint32_t source = classes_.all()[strata_[i].fault_class].sources.front();
    if (strata_[i].depth == 0 && plan_.faults[source].ageing) ageing += out;
  }
  return all > 0 ? ageing / all : 0;
}

std::vector<std::string> IncidentEstimator::alarms(std::size_t sli) const {
  std::vector<std::string> alarms = this->alarms(sli, Figure::downtime_h);
  for (std::string& more : this->alarms(sli, Figure::outages)) {
    if (alarms.empty()) alarms.push_back(std::move(more));
  }
  const double half_width = relative_half_width(estimate(sli, Figure::downtime_h)).value_or(0);
  if (alarms.empty() && !resting_on_fewer(sli, half_width, fewest_trusted).empty()) {
    alarms.push_back("a part of the estimate rests on few samples of one kind of incident");
  }
  if (alarms.empty()) alarms = tamer_than_known(sli);
  for (std::string& more : unvisited(sli)) alarms.push_back(std::move(more));
  double censored = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    for (const auto& [fault, sums] : tallies_[i].slis[sli].faults) {
      censored += rate(i) * tallies_[i].mean(sums.censored) / (1 + incident_load());
    }
  }
  if (plan_.slis[sli].sla && incident_load() > busy_enough_for_windows) {
    alarms.push_back(
        fmt::format("incidents fill {:.0f} % of the time, but windows are judged as if they came at random",
                    100 * incident_load() / (1 + incident_load())));
  }
  if (const double share = memory_share(sli); share > most_with_memory) {
    alarms.push_back(
        fmt::format("{:.0f} % of the outages begin with units whose lives have a memory: the first outage, and outages "
                    "within a window, are reckoned as if they had none",
                    100 * share));
  }
  if (censored > 0) {
    alarms.push_back(fmt::format("{:.2g} outages a year are ended by nothing; each counts for 30 days only",
                                 censored * sim::hours_per_year));
  }
  return alarms;
}

std::vector<std::string> IncidentEstimator::alarms(std::size_t sli, Figure figure) const {
  std::uint64_t hits = 0;
  double sum = 0;
  double squares = 0;
  double largest = 0;
  double variance = 0;
  double variance_of_variance = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const StratumTally& tally = tallies_[i];
    if (tally.samples == 0) continue;
    const double n = real(tally.samples);
    const double scale = rate(i) / n;
    const FigureSums& sums = sums_of(tally, sli, figure);
    const double mean = sums.x / n;
    hits += sums.hits;
    sum += scale * sums.x;
    squares += scale * scale * sums.xx;
    largest = std::max(largest, scale * sums.largest);
    const double spread = scale * scale * tally.variance(sums, 0) * n;
    variance += spread;
    const double fourth =
        sums.xxxx - 4 * mean * sums.xxx + 6 * mean * mean * sums.xx - 3 * n * mean * mean * mean * mean;
    const double scale4 = scale * scale * scale * scale;
    variance_of_variance += std::max(0.0, scale4 * fourth - spread * spread / n);
  }
  std::vector<std::string> alarms;
  if (hits == 0) return alarms;
  const std::string what = figure == Figure::downtime_h ? "downtime" : "outages";
  if (hits < fewest_hits) alarms.push_back(fmt::format("only {} incidents with {} were sampled", hits, what));
  if (largest > largest_share * std::abs(sum)) {
    alarms.push_back(fmt::format("one sampled incident makes up {:.0f} % of the estimate of {}",
                                 100 * largest / std::abs(sum), what));
  }
  if (sum * sum < smallest_sample_size * squares) {
    alarms.push_back(
        fmt::format("the samples of {} are worth {:.0f} equally weighted ones", what, sum * sum / squares));
  }
  if (variance > 0 && variance_of_variance > largest_variance_of_variance * variance * variance) {
    alarms.push_back(fmt::format("a few samples make up the variance of {} (relative variance of it {:.2f})", what,
                                 variance_of_variance / (variance * variance)));
  }
  return alarms;
}

/// Of a heavy tail a small sample shows too little, in its mean and even more so in its variance: no figure made of the
/// sample alone gives that away. Where an outage ends with the fault that began it, the fault's law is known.
std::vector<std::string> IncidentEstimator::tamer_than_known(std::size_t sli) const {
  double seen = 0;
  double known = 0;
  double most = 0;
  std::string_view of;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const StratumTally& tally = tallies_[i];
    const FigureSums& sums = sums_of(tally, sli, Figure::downtime_h);
    if (tally.samples == 0 || sums.hits == 0) continue;
    const double n = real(tally.samples);
    const double scale = rate(i) / n;
    const double spread = scale * scale * n * tally.variance(sums, 0);
    seen += spread;
    known += spread;
    const models::FaultSource& source = plan_.faults[classes_.all()[strata_[i].fault_class].sources.front()];
    const auto length = strata_[i].depth == 0 ? models::faults::length_of(plan_, source) : std::nullopt;
    if (!length) continue;
    const double hit = sums.x / real(sums.hits);
    const double ratio = hit * sim::seconds_per_hour / length->mean_s;
    if (ratio > same_length || ratio < 1 / same_length) continue;
    const double squared_variation = length->variance_s2 / (length->mean_s * length->mean_s);
    const double by_law = scale * scale * real(sums.hits) * hit * hit * (1 - real(sums.hits) / n + squared_variation);
    if (by_law <= spread) continue;
    known += by_law - spread;
    if (by_law - spread > most) of = models::verb_info(source.verb).name;
    most = std::max(most, by_law - spread);
  }
  const double found = value(sli, Figure::downtime_h) * (1 + incident_load());
  if (found <= 0 || known <= tamest_error * tamest_error * seen) return {};
  return {
      fmt::format("outages by {} scatter more than those that were sampled: by the law of their length the standard "
                  "error is {:.0f} % of the downtime, not {:.0f} %",
                  of, 100 * std::sqrt(known) / found, 100 * std::sqrt(seen) / found)};
}

/// Cuts of so many parts that should have been met, were they as frequent as independent parts say.
std::vector<std::string> IncidentEstimator::unvisited(std::size_t sli) const {
  std::vector<std::string> alarms;
  const std::vector<double> expected = reach_.by_parts(sli);
  const double seen = value(sli, Figure::downtime_h);
  std::vector<std::uint64_t> hits(expected.size(), 0);
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    const std::uint64_t here = sums_of(tallies_[i], sli, Figure::downtime_h).hits;
    const auto parts = static_cast<std::size_t>(strata_[i].depth) + 1;
    for (std::size_t m = 0; m < hits.size(); ++m) {
      if (m == parts || (m > parts && strata_[i].open)) hits[m] += here;
    }
  }
  for (std::size_t m = 1; m < expected.size(); ++m) {
    if (hits[m] > 0 || expected[m] < smallest_part_unvisited * seen || seen <= 0 || strata_.back().depth == 0) continue;
    alarms.push_back(fmt::format("no outage of {} parts at once was sampled, which may add {:.1g} of unavailability", m,
                                 expected[m]));
  }
  return alarms;
}

std::optional<double> relative_half_width(const sim::Estimate& estimate) {
  if (!estimate.value || !estimate.ci95) return std::nullopt;
  return (estimate.ci95->upper - estimate.ci95->lower) / 2 / *estimate.value;
}

}  // namespace nines::experiments
