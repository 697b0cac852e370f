#include "experiments/estimate/strata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <numeric>

#include "experiments/estimate/reach.hpp"
#include "models/components/unit.hpp"
#include "models/selector.hpp"
#include "sim/math.hpp"
#include "sim/random.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

namespace components = models::components;
using models::faults::Exposure;

/// Part of the choice of a further fault that goes by the minimal cuts, where they lead anywhere.
constexpr double guided_share = 0.5;
/// So many faults of forced fault classes are expected in a window at most; beyond, the most frequent ones come by
/// themselves.
constexpr double most_expected = 1.5;
/// Repairs are drawn longer by at most so many powers of their length, for as many further faults to come.
constexpr int most_powers = 3;
/// The roulette plays on with twice the weight of the next fault, at least so often.
constexpr double least_roulette = 0.1;
/// Nobody outlives so much of it.
constexpr double most_hazard = 700;
/// Random numbers of a further fault: fault class, member, time, roulette.
constexpr std::uint32_t draws_of_a_fault = 4;

/// Index of the interval of `cumulative` that holds `u` times its last value.
std::size_t position(const std::vector<double>& cumulative, double u) {
  const auto at = std::upper_bound(cumulative.begin(), cumulative.end(), u * cumulative.back());
  return std::min(static_cast<std::size_t>(at - cumulative.begin()), cumulative.size() - 1);
}

std::string name_of(const models::Plan& plan, const models::FaultSource& source) {
  const std::string_view verb = models::verb_info(source.verb).name;
  const std::string_view form = models::variant_name(source.variant);
  return fmt::format("{}{}{} {}", verb, form.empty() ? "" : "/", form, plan.name(source.target));
}

bool is_unit(const models::FaultSource& source) { return source.verb == models::Verb::component_fail; }

const components::ComponentSpec& spec_of(const models::Plan& plan, components::UnitId unit) {
  const components::BlackBoxes& boxes = plan.black_boxes;
  return plan.topology.components[boxes.boxes[boxes.units[unit].box].spec];
}

/// The source of a fault class at u in (0, 1), each with its share of the hazards.
std::size_t member_at(const std::vector<std::uint32_t>& sources, const std::vector<double>& probability, double total,
                      double u) {
  std::size_t last = sources.size();
  double passed = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (probability[sources[i]] <= 0) continue;
    last = i;
    passed += probability[sources[i]];
    if (passed > u * total) break;
  }
  assert(last < sources.size());
  return last;
}

}  // namespace

FaultClasses::FaultClasses(const models::Plan& plan, Forcing forcing, std::shared_ptr<const Resting> resting,
                           const std::vector<bool>& background)
    : forcing_(forcing), resting_(std::move(resting)), sources_(plan.faults.size()) {
  for (std::uint32_t i = 0; i < plan.faults.size(); ++i) {
    const models::FaultSource& source = plan.faults[i];
    if (source.fault_class >= classes_.size()) classes_.resize(source.fault_class + 1U);
    FaultClass& fault_class = classes_[source.fault_class];
    if (fault_class.sources.empty()) fault_class.name = name_of(plan, source);
    fault_class.sources.push_back(i);
    exposures_.push_back(is_unit(source) ? components::first_exposure(plan, components::UnitId::of(source.index))
                                         : resting_->exposure(source));
    const double rate = source.rate.per_hour * exposures_.back();
    total_ += rate;
    fault_class.cumulative.push_back((fault_class.cumulative.empty() ? 0 : fault_class.cumulative.back()) + rate);
    if (!background.empty() && background[source.fault_class]) background_.push_back(i);
  }
  in_background_ = background.empty() ? std::vector<bool>(classes_.size(), false) : background;
  double forced_rate = 0;
  double forced = 0;
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    if (in_background_[i]) continue;
    forced_rate += classes_[i].rate_per_hour();
    forced += 1;
  }
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    const double by_rate = forced > 0 ? classes_[i].rate_per_hour() / forced_rate : 0;
    const double alike = 1 / std::max(1.0, forced);
    const double choice = forcing == Forcing::balanced ? (by_rate + alike) / 2 : by_rate;
    usual_choice_.push_back(in_background_[i] ? 0 : choice);
  }
}

std::uint32_t FaultClasses::initiator(std::size_t fault_class, double u) const {
  return classes_[fault_class].sources[position(classes_[fault_class].cumulative, u)];
}

std::uint64_t stratum_key(const FaultClass& fault_class, int depth) {
  return sim::fnv1a(fmt::format("{} +{}", fault_class.name, depth));
}

std::uint64_t stratum_randomness(const FaultClass& fault_class, int depth, std::uint64_t keep_apart) {
  return (stratum_key(fault_class, depth) + keep_apart) * 0x9E3779B97F4A7C15ULL;
}

// ---- one sample ----

IncidentSampler::IncidentSampler(const models::Plan& plan, const FaultClasses& fault_classes, const Reach& reach,
                                 std::size_t target)
    : plan_(plan),
      classes_(fault_classes),
      key_(sim::stream_key(plan.seed, "incidents", "further faults")),
      player_(plan, fault_classes.resting()),
      changes_(plan.black_boxes.units.size()) {
  player_.set_background(fault_classes.background());
  if (fault_classes.forcing() == Forcing::balanced && reach.known(target)) guide_ = reach.guide(target);
}

double IncidentSampler::uniform(std::uint32_t draw) const { return sim::to_unit(sim::random_bits(key_, run_, draw)); }

void IncidentSampler::begin(const Stratum& stratum, std::uint64_t index) {
  assert(index < std::uint64_t{1} << sample_bits);
  stratum_ = &stratum;
  run_ = stratum.key >> sample_bits << sample_bits | index;
  played_ = {};
  path_.clear();
  has_before_ = false;
  weight_ = 1;
  runs_.assign(classes_.all().size(), 0);
  for (std::size_t i = 0; i < runs_.size(); ++i) runs_[i] = classes_.in_background(i) ? 1 : 0;
  strikes_.assign(1, {classes_.initiator(stratum.fault_class, uniform(0)), incident_start, longer(0), {}});
  play();
  weight_ *= fresh_->weight;
}

int IncidentSampler::longer(int step) const {
  return classes_.forcing() == Forcing::balanced ? std::clamp(stratum_->depth - step, 0, most_powers) : 0;
}

void IncidentSampler::play() {
  // What an open stratum adds, and what is played again with clocks running, is one incident with what it goes on from.
  if (depth() <= stratum_->depth) ++played_.runs;
  play_once();
  if (classes_.nothing_forced() || !guide_) return;
  for (double expected = find_hazards(); expected > most_expected; expected = find_hazards()) {
    while (expected > most_expected) {
      const auto most = std::max_element(class_hazard_.begin(), class_hazard_.end());
      const auto fault_class = static_cast<std::size_t>(most - class_hazard_.begin());
      expected -= *most;
      *most = 0;
      runs_[fault_class] = 1;
      played_.crowded = true;
      const auto& sources = classes_.all()[fault_class].sources;
      strikes_.back().starts.insert(strikes_.back().starts.end(), sources.begin(), sources.end());
    }
    play_once();
  }
}

double IncidentSampler::find_hazards() {
  const sim::Time last = strikes_.back().at;
  const sim::Time end = player_.end();
  hazards_.assign(plan_.faults.size(), 0);
  class_hazard_.assign(classes_.all().size(), 0);
  double expected = 0;
  for (std::size_t i = 0; i < classes_.all().size(); ++i) {
    if (runs_[i] != 0) continue;
    for (const std::uint32_t source : classes_.all()[i].sources) {
      hazards_[source] = hazard(source, last, end);
      class_hazard_[i] += hazards_[source];
    }
    expected += class_hazard_[i];
  }
  return expected;
}

void IncidentSampler::play_once() {
  fresh_ = &player_.play(run_, strikes_);
  played_.events += fresh_->events;
  for (const std::uint16_t unit : changed_) changes_[unit].clear();
  changed_.clear();
  const std::vector<Exposure>& log = player_.world().faults.forcing.exposures;
  for (std::uint32_t i = 0; i < log.size(); ++i) {
    if (changes_[log[i].unit].empty()) changed_.push_back(log[i].unit);
    changes_[log[i].unit].push_back(i);
  }
}

IncidentTerm IncidentSampler::current() const {
  return {weight_, fresh_, has_before_ ? &before_ : nullptr, path_, strikes_, run_};
}

bool IncidentSampler::go_on(bool last) {
  if (last && (!stratum_->open || depth() >= most_further_faults)) return false;
  const std::uint32_t draw = 1 + draws_of_a_fault * static_cast<std::uint32_t>(depth());
  force();
  if (step_weight_ <= 0) return false;
  if (last) {
    const double plays_on = std::clamp(2 * step_weight_, least_roulette, 1.0);
    if (uniform(draw + 3) >= plays_on) return false;
    step_weight_ /= plays_on;
  }
  weight_ *= step_weight_;
  // What follows differs from here by the last fault only.
  if (depth() >= stratum_->depth) {
    before_ = *fresh_;
    has_before_ = true;
  }
  const double bent = fresh_->weight;
  play();
  // Rare outcomes of the faults before are in the weight already.
  weight_ *= fresh_->weight / bent;
  return true;
}

void IncidentSampler::choose_by_class(std::vector<double>& probability) const {
  const auto step = path_.size();
  const std::vector<double>& choice =
      step < stratum_->choices.size() ? stratum_->choices[step] : classes_.usual_choice();
  double possible = 0;
  for (std::size_t i = 0; i < class_hazard_.size(); ++i) possible += class_hazard_[i] > 0 ? choice[i] : 0;
  for (std::size_t i = 0; i < class_hazard_.size(); ++i) {
    if (class_hazard_[i] <= 0) continue;
    const double share = choice[i] / possible / class_hazard_[i];
    for (const std::uint32_t source : classes_.all()[i].sources) probability[source] = share * hazards_[source];
  }
}

void IncidentSampler::mix_in_guide(std::vector<double>& probability) {
  if (!guide_) return;
  const int still = stratum_->depth - depth();
  const std::vector<double>& next =
      guide_->next(player_.failed(), still > models::structure::CutGuide::most ? 0 : std::max(still, 0));
  const auto leads = [&](std::size_t source) {
    return is_unit(plan_.faults[source]) ? hazards_[source] * next[plan_.faults[source].index] : 0;
  };
  double all = 0;
  for (std::size_t source = 0; source < probability.size(); ++source) all += leads(source);
  if (all <= 0) return;
  for (std::size_t source = 0; source < probability.size(); ++source) {
    probability[source] = (1 - guided_share) * probability[source] + guided_share * leads(source) / all;
  }
}

void IncidentSampler::force() {
  const std::uint32_t draw = 1 + draws_of_a_fault * static_cast<std::uint32_t>(depth());
  const sim::Time last = strikes_.back().at;
  const sim::Time end = player_.end();
  step_weight_ = 0;
  if (!guide_) find_hazards();  // else they are known
  if (std::all_of(class_hazard_.begin(), class_hazard_.end(), [](double h) { return h <= 0; })) return;
  probability_.assign(plan_.faults.size(), 0);
  choose_by_class(probability_);
  mix_in_guide(probability_);

  const double u = uniform(draw);
  std::size_t fault_class = classes_.all().size();
  double passed = 0;
  double of_class = 0;
  for (std::size_t i = 0; i < classes_.all().size(); ++i) {
    if (class_hazard_[i] <= 0) continue;
    fault_class = i;
    const auto& sources = classes_.all()[i].sources;
    of_class = std::accumulate(sources.begin(), sources.end(), 0.0,
                               [&](double sum, std::uint32_t source) { return sum + probability_[source]; });
    passed += of_class;
    if (passed > u) break;
  }
  const auto& sources = classes_.all()[fault_class].sources;
  if (of_class <= 0) return;
  const std::uint32_t source = sources[member_at(sources, probability_, of_class, uniform(draw + 1))];
  // An Exp(1) number below the source's hazard in the window or, half of the times, before the first of the failed
  // units returns: what puts an SLI out is down together.
  const double happens = -sim::expm1(-hazards_[source]);
  const double soon = guide_ ? -sim::expm1(-hazard(source, last, first_return())) : 0;
  const bool may_hurry = soon > 0 && soon < happens;
  double u_time = uniform(draw + 2);
  const bool hurries = may_hurry && u_time < 0.5;
  if (may_hurry) u_time = hurries ? 2 * u_time : 2 * u_time - 1;
  const double passed_hazard = -sim::log1p(-u_time * (hurries ? soon : happens));
  const sim::Time at = time_of_hazard(source, last, end, passed_hazard);
  const bool within = -sim::expm1(-passed_hazard) <= soon;
  const double time_weight = may_hurry ? 2 / (1 / happens + (within ? 1 / soon : 0)) : happens;
  // No other source has struck before.
  double others = 0;
  for (std::size_t i = 0; i < classes_.all().size(); ++i) {
    if (class_hazard_[i] <= 0) continue;
    for (const std::uint32_t other : classes_.all()[i].sources) {
      if (other != source && hazards_[other] > 0) others += hazard(other, last, at);
    }
  }
  strikes_.push_back({source, at, longer(depth() + 1), {}});
  path_.push_back({fault_class, of_class});
  step_weight_ = time_weight / probability_[source] * sim::exp(-others);
}

sim::Time IncidentSampler::first_return() {
  sim::Time first = player_.end();
  const std::vector<Exposure>& log = player_.world().faults.forcing.exposures;
  for (const components::UnitId unit : player_.failed()) {
    for (const std::uint32_t change : changes_[unit.value]) {
      if (log[change].from <= strikes_.back().at || log[change].share <= 0) continue;
      first = std::min(first, log[change].from);
      break;
    }
  }
  return first;
}

/// Calls `piece(exposure, from, to)` for each stretch of constant exposure of the source within [from, to].
template <class Piece>
void IncidentSampler::pieces(std::uint32_t source, sim::Time from, sim::Time to, Piece piece) {
  const models::FaultSource& fault = plan_.faults[source];
  // A unit's exposure changes in the window; of anything else weight and choice take the full rate, and so must the
  // time. What is never there in health strikes nothing: at the end of the window it begins no chain.
  const double exposure = classes_.exposure(source);
  const double share = is_unit(fault) || exposure <= 0 ? exposure : 1;
  Exposure now{static_cast<std::uint16_t>(fault.index), sim::Time::zero(), share, sim::Time::zero(), false};
  if (is_unit(fault)) {
    const std::vector<Exposure>& log = player_.world().faults.forcing.exposures;
    for (const std::uint32_t change : changes_[fault.index]) {
      const Exposure& next = log[change];
      if (next.from >= to) break;
      if (next.from > from) {
        if (!piece(now, std::max(from, now.from), next.from)) return;
      }
      now = next;
    }
  }
  piece(now, std::max(from, now.from), to);
}

double IncidentSampler::hazard_of_life(std::uint32_t source, const Exposure& during, sim::Time from, sim::Time to) {
  const models::FaultSource& fault = plan_.faults[source];
  if (during.share <= 0 || from >= to) return 0;
  if (!fault.ageing) return during.share * fault.rate.per_hour * hours(to - from);
  const auto unit = components::UnitId::of(fault.index);
  const models::Law& law = *spec_of(plan_, unit).failure;
  const sim::Duration born = during.born_here ? during.born - sim::Time::zero()
                                              : sim::Duration() - components::first_age(player_.world(), unit);
  const sim::Time zero = sim::Time::zero();
  const double before = law.cumulative_hazard((from - zero) - born);
  // Who has outlived his law is taken to live on: whether he fell first is a matter of the other faults' weights.
  if (before >= most_hazard) return 0;
  return during.share * (std::min(most_hazard, law.cumulative_hazard((to - zero) - born)) - before);
}

double IncidentSampler::hazard(std::uint32_t source, sim::Time from, sim::Time to) {
  if (!is_unit(plan_.faults[source])) return plan_.faults[source].rate.per_hour * hours(to - from);
  double sum = 0;
  pieces(source, from, to, [&](const Exposure& during, sim::Time begin, sim::Time end) {
    sum += hazard_of_life(source, during, begin, end);
    return true;
  });
  return sum;
}

sim::Time IncidentSampler::time_of_hazard(std::uint32_t source, sim::Time from, sim::Time to, double wanted) {
  const models::FaultSource& fault = plan_.faults[source];
  sim::Time at = to;
  double passed = 0;
  pieces(source, from, to, [&](const Exposure& during, sim::Time begin, sim::Time end) {
    const double here = hazard_of_life(source, during, begin, end);
    if (here <= 0) return true;
    at = end;
    if (passed + here < wanted) {
      passed += here;
      return true;
    }
    const double missing = (wanted - passed) / during.share;
    if (!fault.ageing) {
      at = begin + sim::Duration::from_seconds(missing / fault.rate.per_hour * sim::seconds_per_hour);
    } else {
      const auto unit = components::UnitId::of(fault.index);
      const models::Law& law = *spec_of(plan_, unit).failure;
      const sim::Duration born = during.born_here ? during.born - sim::Time::zero()
                                                  : sim::Duration() - components::first_age(player_.world(), unit);
      const sim::Duration age = (begin - sim::Time::zero()) - born;
      at = begin + std::max(sim::Duration(), law.age_at_hazard(law.cumulative_hazard(age) + missing) - age);
    }
    at = std::min(at, end);
    return false;
  });
  return at;
}

}  // namespace nines::experiments
