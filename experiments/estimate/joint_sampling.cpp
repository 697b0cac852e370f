#include "experiments/estimate/joint_sampling.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>
#include <set>

#include "experiments/estimate/parallel.hpp"
#include "experiments/estimate/pilot.hpp"
#include "experiments/estimate/work_limit.hpp"
#include "sim/math.hpp"
#include "sim/random.hpp"

namespace nines::experiments {

namespace {

/// Blocks that a thread plays at a time.
constexpr std::uint64_t chunk = blocks_of_a_turn;
/// Samples of every stratum from which the shares are planned.
constexpr std::uint64_t planning_samples = 48;
/// Their randomness differs from that of all others.
constexpr std::uint64_t planning_randomness = 1;
/// Incidents of the assessment that a pilot believes to plan for: it learns with a share of them.
constexpr std::uint64_t pilot_budget = 200'000;
/// What a pilot may take: so many incidents for each fault class of the design, and its rounds of adaptive forcing.
/// Enough for any design that is out after five faults or fewer; a pilot is not begun if this is not there.
constexpr std::uint64_t pilot_incidents = 6000;
constexpr std::uint64_t pilot_rounds = 30'000;
/// Fewer samples of a stratum than this tell nothing of its variance.
constexpr std::uint64_t least_planning_samples = 4;
/// Further faults of the deepest strata where no pilot says how many matter.
constexpr int usual_depth = 1;
/// Part of the usual choice of further faults that stays when a better one has been learnt.
constexpr double usual_share = 0.25;
/// Part of the effort that goes to the designs' own figures where differences are wanted.
constexpr double own_share = 0.3;
/// Part of a block that is shared out by rates where bounds are wanted.
constexpr double bounds_share = 0.4;
/// Part of the mean square that strata may have unseen.
constexpr double unseen_share = 0.1;
/// Fixed cost of an incident, in events.
constexpr double fixed_events = 10;
constexpr double least_samples = 1.0 / static_cast<double>(blocks_of_a_turn);

using StratumName = std::pair<std::string, int>;

// ---- what pilots say ----

struct Learnt {
  int depth = 0;
  std::set<std::string> background;
  std::map<StratumName, std::vector<std::map<std::string, double>>> useful;
};

void learn(const Pilot& pilot, Learnt& into) {
  const std::vector<FaultClass>& fault_classes = pilot.fault_classes().all();
  into.depth = std::max(into.depth, pilot.depth());
  for (std::size_t i = 0; i < fault_classes.size(); ++i) {
    if (pilot.background()[i]) into.background.insert(fault_classes[i].name);
  }
  for (std::size_t i = 0; i < pilot.sample().strata().size(); ++i) {
    const Stratum& stratum = pilot.sample().strata()[i];
    const auto& useful = pilot.sample().tally(i).useful;
    auto& steps = into.useful[{fault_classes[stratum.fault_class].name, stratum.depth}];
    steps.resize(std::max(steps.size(), useful.size()));
    for (std::size_t step = 0; step < useful.size(); ++step) {
      double sum = 0;
      for (const double square : useful[step]) sum += std::sqrt(square);
      if (sum <= 0) continue;
      for (std::size_t fault_class = 0; fault_class < useful[step].size(); ++fault_class) {
        const double share = std::sqrt(useful[step][fault_class]) / sum;
        if (share > 0) steps[step][fault_classes[fault_class].name] += share;
      }
    }
  }
}

JointSampling one_of_each(const Learnt& learnt, const std::set<std::string>& fault_classes) {
  JointSampling joint;
  joint.depth = learnt.depth;
  joint.background.assign(learnt.background.begin(), learnt.background.end());
  for (const std::string& fault_class : fault_classes) {
    for (int depth = 0; depth <= learnt.depth; ++depth) {
      JointStratum stratum{fault_class, depth, 1, {}};
      const auto found = learnt.useful.find({fault_class, depth});
      if (found != learnt.useful.end()) stratum.useful = found->second;
      for (auto& step : stratum.useful) {
        double sum = 0;
        for (const auto& [name, share] : step) sum += share;
        for (auto& [name, share] : step) share /= sum;
      }
      joint.strata.push_back(std::move(stratum));
    }
  }
  return joint;
}

// ---- how a block is shared out ----

/// What a stratum does to the variance and what a sample of it costs.
struct Worth {
  double square = 0;  ///< mean square of a sample, rate included, relative to the whole
  double events = 0;  ///< cost of a sample
  double runs = 1;    ///< incidents played for it
  double bound = 0;   ///< what its share of a bound goes by: rate times weight over its samples
};

/// The planning samples of one design.
struct Planned {
  std::map<StratumName, std::vector<double>> values;  ///< rate x downtime, by sample
  std::map<StratumName, double> unseen;               ///< mean square that what was not seen may still have
};

class Planner {
 public:
  /// With so many samples of every stratum.
  Planner(std::span<const JointDesign> designs, const JointSampling& joint, const JointOptions& options,
          std::uint64_t samples)
      : designs_(designs), joint_(joint), options_(options), samples_(samples) {
    for (const JointDesign& design : designs) plan(design);
  }

  [[nodiscard]] std::uint64_t runs() const { return runs_; }

  [[nodiscard]] std::map<StratumName, double> samples() {
    if (options_.aim == Aim::differences) {
      for (std::size_t i = 1; i < planned_.size(); ++i) weigh(difference(planned_[0], planned_[i]), 1 - own_share);
      for (const Planned& design : planned_) weigh(design, own_share);
    } else {
      for (const Planned& design : planned_) weigh(design, 1);
    }
    return shared_out();
  }

 private:
  /// Sample number k of a stratum is the same incident in every design that has the stratum.
  void plan(const JointDesign& design) {
    const DesignSampling sampling(design, joint_, options_.forcing, planning_randomness);
    const std::vector<Stratum>& strata = sampling.strata();
    std::vector<StratumTally> tally(strata.size());
    std::vector<std::vector<double>> values(strata.size());
    std::uint64_t incidents = 0;
    for (const Stratum& stratum : strata) incidents += samples_ * static_cast<std::uint64_t>(stratum.depth + 1);
    EventBudget budget(*design.plan, incidents);
    parallel_for(
        options_.threads, strata.size(),
        [&] { return IncidentSampler(*design.plan, sampling.fault_classes(), sampling.reach(), design.target); },
        [&](IncidentSampler& sampler, std::size_t i) {
          double before = 0;
          for (std::uint64_t k = 0; k < samples_; ++k) {
            const std::uint64_t events = tally[i].events;
            tally[i].draw(sampler, *design.plan, strata[i], k, design.target);
            budget.spend(tally[i].events - events);
            const double sum = tally[i].slis[design.target].figure[static_cast<std::size_t>(Figure::downtime_h)].x;
            values[i].push_back(sum - before);
            before = sum;
          }
        });
    const IncidentEstimator sample(*design.plan, sampling.fault_classes(), sampling.reach(), design.target, strata,
                                   tally);
    const std::vector<double> unseen = sample.unseen_squares(design.target, Figure::downtime_h);
    Planned& result = planned_.emplace_back();
    const auto n = static_cast<double>(samples_);
    for (std::size_t i = 0; i < strata.size(); ++i) {
      const StratumName name{sampling.fault_classes().all()[strata[i].fault_class].name, strata[i].depth};
      const double rate = sample.rate(i);
      for (double& value : values[i]) value *= rate;
      result.values[name] = std::move(values[i]);
      result.unseen[name] = rate * rate * unseen[i] / (n + 2);
      Worth& worth = worths_[name];
      worth.events = std::max(worth.events, static_cast<double>(tally[i].events) / n);
      worth.bound = std::max(worth.bound, rate * sample.usual_weight(i, design.target));
      // Where incidents are short, a sample is taken to play as many as it can.
      const bool tight = options_.limits && options_.incidents_of_a_block < JointOptions().incidents_of_a_block;
      worth.runs = std::max(worth.runs, tight ? strata[i].depth + 1.0 : static_cast<double>(tally[i].runs) / n);
      runs_ += tally[i].runs;
    }
  }

  [[nodiscard]] static Planned difference(const Planned& from, const Planned& to) {
    Planned result = from;
    for (const auto& [name, values] : to.values) {
      std::vector<double>& mine = result.values[name];
      mine.resize(std::max(mine.size(), values.size()));
      for (double& value : mine) value = -value;
      for (std::size_t i = 0; i < values.size(); ++i) mine[i] += values[i];
    }
    for (const auto& [name, unseen] : to.unseen) result.unseen[name] = std::max(result.unseen[name], unseen);
    // What differs unseen is taken to differ as much as what is seen to.
    double hits = 0;
    double squares = 0;
    double own_squares = 0;
    double own_hits = 0;
    const auto count = [](const std::vector<double>& values, double& number, double& sum) {
      for (const double value : values) {
        number += value != 0 ? 1 : 0;
        sum += value * value;
      }
    };
    for (const auto& [name, values] : result.values) count(values, hits, squares);
    for (const auto& [name, values] : from.values) count(values, own_hits, own_squares);
    const double ratio = hits > 0 && own_squares > 0 ? std::min(1.0, squares / hits / (own_squares / own_hits)) : 1.0;
    for (auto& [name, unseen] : result.unseen) unseen *= ratio;
    return result;
  }

  /// Adds a design's, or a difference's, mean squares relative to their sum. What was not seen gets its part of the
  /// effort, but no more: frequent faults of which nothing was seen would else take it all.
  void weigh(const Planned& planned, double share) {
    std::map<StratumName, double> squares;
    double seen = 0;
    double unseen = 0;
    for (const auto& [name, values] : planned.values) {
      double& square = squares[name];
      for (const double value : values) square += value * value / static_cast<double>(values.size());
      seen += square;
    }
    for (const auto& [name, square] : planned.unseen) unseen += square;
    const double seen_share = unseen > 0 ? 1 - unseen_share : 1;
    for (const auto& [name, square] : squares) {
      if (seen > 0) worths_[name].square += share * seen_share * square / seen;
    }
    for (const auto& [name, square] : planned.unseen) {
      if (unseen > 0) worths_[name].square += share * unseen_share * square / unseen;
    }
  }

  /// Neyman's shares: proportional to the root of mean square over cost, in sizes that a block can hold.
  [[nodiscard]] std::map<StratumName, double> shared_out() const {
    double low = -100;  // natural logarithms of the factor
    double high = 100;
    constexpr int halvings = 60;
    const double per_bound = samples_per_bound();
    for (int i = 0; i < halvings; ++i) {
      const double middle = (low + high) / 2;
      double runs = 0;
      for (const auto& [name, worth] : worths_) runs += samples_at(worth, middle, per_bound) * worth.runs;
      (runs < options_.incidents_of_a_block ? low : high) = middle;
    }
    std::map<StratumName, double> samples;
    for (const auto& [name, worth] : worths_) samples[name] = samples_at(worth, low, per_bound);
    return samples;
  }

  /// So many samples for each unit of rate times weight take their part of a block.
  [[nodiscard]] double samples_per_bound() const {
    double runs = 0;
    for (const auto& [name, worth] : worths_) runs += worth.bound * worth.runs;
    return options_.bounds && runs > 0 ? bounds_share * options_.incidents_of_a_block / runs : 0;
  }

  static double samples_at(const Worth& worth, double log_factor, double per_bound) {
    const double by_variance =
        sim::exp(log_factor) * std::sqrt(worth.square / (worth.events + fixed_events * worth.runs));
    const double wanted = std::max(by_variance, per_bound * worth.bound);
    constexpr double most = 4096;
    if (wanted >= 1) return std::floor(std::min(wanted, most) + 0.5);
    double samples = least_samples;
    while (samples * 2 <= wanted * std::sqrt(2.0)) samples *= 2;
    return samples;
  }

  std::span<const JointDesign> designs_;
  const JointSampling& joint_;
  const JointOptions& options_;
  std::uint64_t samples_;
  std::uint64_t runs_ = 0;
  std::vector<Planned> planned_;
  std::map<StratumName, Worth> worths_;
};

std::size_t fault_classes_of(const models::Plan& plan) { return FaultClasses(plan, Forcing::balanced).all().size(); }

/// Incidents of one sample of every stratum up to `depth`, of all designs.
std::uint64_t one_of_every(std::span<const JointDesign> designs, int depth) {
  std::uint64_t fault_classes = 0;
  for (const JointDesign& design : designs) fault_classes += fault_classes_of(*design.plan);
  const auto runs = static_cast<std::uint64_t>((depth + 1) * (depth + 2) / 2);
  return fault_classes * runs;
}

std::unique_ptr<Pilot> pilot_of(const JointDesign& design, const JointOptions& options, std::size_t threads) {
  PilotOptions pilot;
  pilot.target = design.target;
  pilot.forcing = options.forcing;
  pilot.max_incidents = pilot_budget;
  pilot.threads = threads;
  return std::make_unique<Pilot>(*design.plan, pilot);
}

/// By design; within limits none for those that may not be afforded.
std::vector<std::unique_ptr<Pilot>> play_pilots(std::span<const JointDesign> designs, const JointOptions& options) {
  std::vector<std::unique_ptr<Pilot>> pilots(designs.size());
  if (!options.limits) {
    parallel_for(options.threads, designs.size(), [&](std::size_t i) { pilots[i] = pilot_of(designs[i], options, 1); });
    return pilots;
  }
  std::uint64_t spent = 0;
  for (std::size_t i = 0; i < designs.size(); ++i) {
    const std::uint64_t most = pilot_rounds + pilot_incidents * fault_classes_of(*designs[i].plan);
    if (spent + most > options.limits->planning) continue;
    pilots[i] = pilot_of(designs[i], options, options.threads);
    spent += pilots[i]->runs();
  }
  return pilots;
}

/// As deep as was learnt, or as a turn of blocks can be.
int depth_within(std::span<const JointDesign> designs, const JointOptions& options, int wanted) {
  int depth = wanted;
  while (options.limits && depth > usual_depth && one_of_every(designs, depth) > options.limits->turn) --depth;
  return depth;
}

}  // namespace

std::uint64_t least_incidents(std::span<const JointDesign> designs) { return one_of_every(designs, usual_depth); }

JointSampling sample_alike(std::span<const JointDesign> designs, const JointOptions& options) {
  assert(!designs.empty());
  const std::vector<std::unique_ptr<Pilot>> pilots = play_pilots(designs, options);
  Learnt learnt;
  std::set<std::string> fault_classes;
  std::uint64_t runs = 0;
  for (std::size_t i = 0; i < designs.size(); ++i) {
    if (pilots[i]) {
      learn(*pilots[i], learnt);
      runs += pilots[i]->runs();
    } else {
      learnt.depth = std::max(learnt.depth, usual_depth);
    }
    const FaultClasses own(*designs[i].plan, options.forcing);
    for (const FaultClass& fault_class : own.all()) fault_classes.insert(fault_class.name);
  }
  learnt.depth = depth_within(designs, options, learnt.depth);
  JointSampling joint = one_of_each(learnt, fault_classes);
  std::uint64_t planning = planning_samples;
  if (options.limits) {
    const std::uint64_t left = options.limits->planning - std::min(options.limits->planning, runs);
    planning = std::min(planning, left / std::max<std::uint64_t>(1, one_of_every(designs, learnt.depth)));
  }
  std::map<StratumName, double> samples;
  if (planning >= least_planning_samples) {
    Planner planner(designs, joint, options, planning);
    samples = planner.samples();
    runs += planner.runs();
  }
  for (JointStratum& stratum : joint.strata) {
    const auto found = samples.find({stratum.fault_class, stratum.depth});
    stratum.samples = found == samples.end() ? least_samples : found->second;
  }
  joint.planning_runs = runs;
  return joint;
}

// ---- one design ----

std::uint64_t PlayedBlocks::runs() const {
  std::uint64_t sum = 0;
  for (const StratumTally& stratum : tally) sum += stratum.runs;
  return sum;
}

std::uint64_t PlayedBlocks::events() const {
  std::uint64_t sum = 0;
  for (const StratumTally& stratum : tally) sum += stratum.events;
  return sum;
}

namespace {

FaultClasses with_background(const models::Plan& plan, Forcing forcing, const std::vector<std::string>& background) {
  FaultClasses fault_classes(plan, forcing, Resting::of(plan));
  std::vector<bool> marked;
  for (const FaultClass& fault_class : fault_classes.all()) {
    marked.push_back(std::binary_search(background.begin(), background.end(), fault_class.name));
  }
  return {plan, forcing, fault_classes.resting(), marked};
}

}  // namespace

DesignSampling::DesignSampling(const JointDesign& design, const JointSampling& joint, Forcing forcing,
                               std::uint64_t keep_apart)
    : plan_(*design.plan),
      target_(design.target),
      classes_(with_background(*design.plan, forcing, joint.background)),
      reach_(plan_, classes_) {
  std::map<StratumName, const JointStratum*> known;
  for (const JointStratum& stratum : joint.strata) known[{stratum.fault_class, stratum.depth}] = &stratum;
  // Where every clock runs in the background there is nothing to force.
  const bool all = classes_.nothing_forced();
  const int depth = all ? 0 : joint.depth;
  for (int d = 0; d <= depth; ++d) {
    for (std::size_t i = 0; i < classes_.all().size(); ++i) {
      Stratum& stratum = strata_.emplace_back();
      stratum.fault_class = i;
      stratum.depth = d;
      stratum.open = d == depth && !all;
      stratum.key = stratum_randomness(classes_.all()[i], d, keep_apart);
      phase_.push_back(stratum_key(classes_.all()[i], d) % blocks_of_a_turn);
      const auto found = known.find({classes_.all()[i].name, d});
      samples_.push_back(found == known.end() ? joint.samples_of_others : found->second->samples);
      if (found == known.end()) continue;
      for (int step = 0; step < d; ++step) {
        const auto& useful = found->second->useful;
        const auto at = static_cast<std::size_t>(step);
        stratum.choices.push_back(choice(at < useful.size() ? useful[at] : std::map<std::string, double>{}));
      }
    }
  }
}

std::vector<double> DesignSampling::choice(const std::map<std::string, double>& useful) const {
  std::vector<double> learnt;
  double sum = 0;
  for (const FaultClass& fault_class : classes_.all()) {
    const auto found = useful.find(fault_class.name);
    learnt.push_back(found == useful.end() ? 0 : found->second);
    sum += learnt.back();
  }
  if (sum <= 0) return classes_.usual_choice();
  for (std::size_t i = 0; i < learnt.size(); ++i) {
    learnt[i] = usual_share * classes_.usual_choice()[i] + (1 - usual_share) * learnt[i] / sum;
  }
  return learnt;
}

std::uint64_t DesignSampling::most_runs_of_a_turn() const {
  double runs = 0;
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    runs += samples_[i] * static_cast<double>(blocks_of_a_turn) * (strata_[i].depth + 1);
  }
  return static_cast<std::uint64_t>(runs + 0.5);
}

void DesignSampling::play(IncidentSampler& sampler, std::uint64_t block, PlayedBlocks& into) const {
  const std::size_t slis = plan_.slis.size();
  BlockFigures& result = into.blocks.emplace_back();
  result.slis.assign(slis, {});
  result.failovers.assign(classes_.all().size(), 0);
  result.fault_classes.assign(classes_.all().size() * slis, {});
  into.tally.resize(strata_.size());
  result.rented_usd = classes_.resting()->rented_usd_per_h(plan_);
  for (std::size_t i = 0; i < strata_.size(); ++i) {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    if (samples_[i] >= 1) {
      count = static_cast<std::uint64_t>(samples_[i]);
      first = block * count;
    } else {
      const auto period = static_cast<std::uint64_t>(1 / samples_[i]);
      if ((block + phase_[i]) % period != 0) continue;
      count = 1;
      first = block / period;
    }
    StratumTally tally;
    for (std::uint64_t k = 0; k < count; ++k) tally.draw(sampler, plan_, strata_[i], first + k, target_);
    // A stratum that comes in one block of four stands for four times as much in it.
    const double scale = classes_.all()[strata_[i].fault_class].rate_per_hour() / samples_[i];
    result.incident_h += scale * tally.length_h.x;
    result.worked_h += scale * tally.worked_h;
    result.rented_usd += scale * tally.rented_usd;
    result.failovers[strata_[i].fault_class] += scale * tally.failovers.x;
    for (std::size_t sli = 0; sli < slis; ++sli) {
      for (std::size_t f = 0; f < figures; ++f) result.slis[sli][f] += scale * tally.slis[sli].figure[f].x;
      ClassFigures& fault_class = result.fault_classes[strata_[i].fault_class * slis + sli];
      fault_class.downtime_h += scale * tally.slis[sli].figure[static_cast<std::size_t>(Figure::downtime_h)].x;
      fault_class.outages += scale * tally.slis[sli].figure[static_cast<std::size_t>(Figure::outages)].x;
    }
    into.tally[i].merge(std::move(tally));
  }
}

void DesignSampling::extend(PlayedBlocks& played, std::uint64_t blocks, std::size_t threads) const {
  const std::uint64_t begin = played.blocks.size();
  if (blocks <= begin) return;
  const std::uint64_t tasks = (blocks - begin + chunk - 1) / chunk;
  std::vector<PlayedBlocks> parts(tasks);
  EventBudget budget(plan_, (blocks - begin) * most_runs_of_a_turn() / blocks_of_a_turn);
  parallel_for(
      threads, tasks, [&] { return IncidentSampler(plan_, classes_, reach_, target_); },
      [&](IncidentSampler& sampler, std::size_t task) {
        const std::uint64_t first = begin + task * chunk;
        for (std::uint64_t block = first; block < std::min(blocks, first + chunk); ++block) {
          const std::uint64_t before = parts[task].events();
          play(sampler, block, parts[task]);
          budget.spend(parts[task].events() - before);
        }
      });
  played.tally.resize(strata_.size());
  for (PlayedBlocks& part : parts) {
    for (BlockFigures& block : part.blocks) played.blocks.push_back(std::move(block));
    for (std::size_t i = 0; i < part.tally.size(); ++i) played.tally[i].merge(std::move(part.tally[i]));
  }
}

IncidentEstimator DesignSampling::estimator(const PlayedBlocks& played) const {
  assert(!played.blocks.empty() && played.blocks.size() % blocks_of_a_turn == 0);
  return {plan_, classes_, reach_, target_, strata_, played.tally};
}

}  // namespace nines::experiments
