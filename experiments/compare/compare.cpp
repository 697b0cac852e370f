#include "experiments/compare/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <span>

#include "experiments/estimate/incident_report.hpp"
#include "experiments/estimate/joint_sampling.hpp"
#include "experiments/estimate/sla.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/estimate/work_limit.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

constexpr double level = 0.95;
/// Blocks before the first look; then half as many again each time.
constexpr std::uint64_t first_blocks = 256;
/// A stratum's samples are numbered with so many bits; a block holds a few dozen of one at most.
constexpr std::uint64_t most_blocks = most_samples / 64;

Delta delta_of(const sim::Difference& difference, double factor) {
  const sim::Interval ci = difference.interval(level);
  return {difference.value * factor, {ci.lower * factor, ci.upper * factor}};
}

/// One design with its blocks.
struct Played {
  Played(const JointDesign& design, const JointSampling& joint, Forcing forcing, std::uint64_t keep_apart)
      : plan(*design.plan), target(design.target), sampling(design, joint, forcing, keep_apart) {}

  template <class Reward, class Length>
  [[nodiscard]] std::vector<sim::Batch> batches(const Reward& reward, const Length& length) const {
    std::vector<sim::Batch> result;
    for (const BlockFigures& block : played.blocks) result.push_back({1, reward(block), length(block)});
    return result;
  }
  /// Per hour of calendar time.
  template <class Reward>
  [[nodiscard]] std::vector<sim::Batch> batches(const Reward& reward) const {
    return batches(reward, [](const BlockFigures& block) { return 1 + block.incident_h; });
  }
  [[nodiscard]] std::vector<sim::Batch> figure(std::size_t sli, Figure which) const {
    return batches([=](const BlockFigures& block) { return block.slis[sli][static_cast<std::size_t>(which)]; });
  }
  /// Downtime of an SLI in incidents that a kind of fault began.
  [[nodiscard]] std::vector<sim::Batch> downtime_by(const std::string& fault, std::size_t sli) const {
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < sampling.fault_classes().all().size(); ++i) {
      if (fault_of(sampling.fault_classes().all()[i]) == fault) members.push_back(i);
    }
    return batches([&, slis = plan.slis.size()](const BlockFigures& block) {
      double sum = 0;
      for (const std::size_t fault_class : members) sum += block.fault_classes[fault_class * slis + sli].downtime_h;
      return sum;
    });
  }

  const models::Plan& plan;
  std::size_t target;
  DesignSampling sampling;
  PlayedBlocks played;
};

class Comparer {
 public:
  Comparer(const std::vector<const models::Plan*>& plans, const CompareOptions& options) : options_(options) {
    std::vector<JointDesign> designs;
    for (const models::Plan* plan : plans) designs.push_back({plan, *sli_named(*plan, options.target)});
    const std::uint64_t least = least_incidents(designs);
    if (options.max_incidents < least) {
      throw std::invalid_argument(fmt::format(
          "--max-incidents {}: to compare these designs takes {} incidents at least", options.max_incidents, least));
    }
    JointOptions joint;
    joint.aim = options.independent ? Aim::designs : Aim::differences;
    joint.forcing = options.forcing;
    joint.threads = options.threads;
    const std::uint64_t planning = (options.max_incidents - least) / 2;
    joint.limits = {planning, options.max_incidents - planning};
    limit_blocks(joint, designs.size());
    if (!options.independent) {
      const JointSampling sampling = sample_alike(designs, joint);
      planning_ = sampling.planning_runs;
      for (const JointDesign& design : designs) add(design, sampling, 0);
      return;
    }
    // Alone, each design gets the allocation that suits it best.
    joint.limits->planning /= designs.size();
    for (std::size_t i = 0; i < designs.size(); ++i) {
      constexpr std::uint64_t apart = 1000;
      const auto one = std::span(designs).subspan(i, 1);
      // Each has its part of a turn.
      JointOptions its = joint;
      its.limits->turn = std::max(least_incidents(one), joint.limits->turn * least_incidents(one) / least);
      const JointSampling sampling = sample_alike(one, its);
      planning_ += sampling.planning_runs;
      add(designs[i], sampling, apart + i);
    }
  }

  Comparison run() {
    Comparison result;
    std::uint64_t blocks =
        std::min(first_blocks, blocks_for(options_.max_incidents - std::min(options_.max_incidents, planning_)));
    if (blocks == 0) {
      throw std::invalid_argument(fmt::format("--max-incidents {}: planning took {} incidents, and {} more are needed",
                                              options_.max_incidents, planning_, most_runs_of_a_turn()));
    }
    for (;;) {
      for (const auto& design : designs_) design->sampling.extend(design->played, blocks, options_.threads);
      std::uint64_t incidents = 0;
      std::uint64_t events = 0;
      for (const auto& design : designs_) {
        incidents += design->played.runs();
        events += design->played.events();
      }
      const bool done = look();
      if (options_.progress) options_.progress(incidents, widest_);
      // The next look must not go beyond what is allowed.
      // Long incidents count as several.
      const double each = std::max(1.0, static_cast<double>(events) / static_cast<double>(events_of_an_incident) /
                                            std::max(1.0, static_cast<double>(incidents)));
      const auto allowed = static_cast<std::uint64_t>(static_cast<double>(options_.max_incidents) / each);
      const std::uint64_t left = allowed - std::min(allowed, planning_ + incidents);
      const std::uint64_t more = std::min(blocks / 2 / blocks_of_a_turn * blocks_of_a_turn, blocks_for(left));
      const std::uint64_t least_more = std::max(blocks_of_a_turn, blocks / 8);
      if (done || more < least_more || blocks + more > most_blocks) break;
      blocks += more;
    }
    result.planning = planning_;
    result.blocks = blocks;
    for (const auto& design : designs_) {
      const IncidentEstimator sample = design->sampling.estimator(design->played);
      Assessment& assessment = result.designs.emplace_back(report_incidents(design->plan, sample, options_.risk));
      for (SliResult& sli : assessment.slis) {
        // As sure as the scatter of the blocks says: the same measure as that of the differences.
        if (const auto ci = sim::ratio_estimate(design->figure(sli.index, Figure::downtime_h)).ci95) {
          sli.unavailability.ci95 = ci;
        }
      }
      assessment.incidents = design->played.runs();
      assessment.events = design->played.events();
      assessment.reached = relative_half_width(assessment.slis[design->target].unavailability);
      hold_back(assessment);
      result.incidents += assessment.incidents;
      result.events += assessment.events;
    }
    for (std::size_t i = 1; i < designs_.size(); ++i) result.differences.push_back(difference(result, i));
    return result;
  }

 private:
  /// Blocks that do not take more than a turn may: the fewer incidents, the smaller they are.
  static void limit_blocks(JointOptions& joint, std::size_t designs) {
    constexpr double turns = 4;
    const double most = static_cast<double>(joint.limits->turn) /
                        (turns * static_cast<double>(blocks_of_a_turn) * static_cast<double>(designs));
    joint.incidents_of_a_block = std::min(joint.incidents_of_a_block, most);
  }

  /// Whole turns that so many incidents are enough for, whatever happens in them.
  [[nodiscard]] std::uint64_t blocks_for(std::uint64_t incidents) const {
    return incidents / std::max<std::uint64_t>(1, most_runs_of_a_turn()) * blocks_of_a_turn;
  }

  [[nodiscard]] std::uint64_t most_runs_of_a_turn() const {
    std::uint64_t turn = 0;
    for (const auto& design : designs_) turn += design->sampling.most_runs_of_a_turn();
    return turn;
  }

  void add(const JointDesign& design, const JointSampling& sampling, std::uint64_t keep_apart) {
    designs_.push_back(std::make_unique<Played>(design, sampling, options_.forcing, keep_apart));
  }

  [[nodiscard]] sim::Difference differs(const std::vector<sim::Batch>& from, const std::vector<sim::Batch>& to) const {
    return options_.independent ? sim::independent_difference(from, to) : sim::paired_difference(from, to);
  }

  [[nodiscard]] sim::Difference target_difference(std::size_t i) const {
    return differs(designs_[0]->figure(designs_[0]->target, Figure::downtime_h),
                   designs_[i]->figure(designs_[i]->target, Figure::downtime_h));
  }

  [[nodiscard]] bool precise(const sim::Difference& found, double first) const {
    const sim::Interval ci = found.interval(level);
    return (ci.upper - ci.lower) / 2 <=
           std::max(options_.precision * std::abs(found.value), options_.resolution * first);
  }

  bool look() {
    bool done = true;
    widest_ = 0;
    const double first = sim::ratio_of(designs_[0]->figure(designs_[0]->target, Figure::downtime_h));
    for (std::size_t i = 1; i < designs_.size(); ++i) {
      const sim::Difference found = target_difference(i);
      const sim::Interval ci = found.interval(level);
      if (first > 0) widest_ = std::max(widest_, (ci.upper - ci.lower) / 2 / first);
      done = done && precise(found, first) && first > 0;
    }
    return done;
  }

  [[nodiscard]] Difference difference(const Comparison& so_far, std::size_t i) const {
    const Played& a = *designs_[0];
    const Played& b = *designs_[i];
    Difference result;
    for (std::size_t sli = 0; sli < a.plan.slis.size(); ++sli) {
      const auto other = sli_named(b.plan, sli_name(a.plan, sli));
      if (!other) continue;
      result.slis.push_back(sli_delta(a, sli, b, *other));
      result.slis.back().service = a.plan.services[a.plan.slis[sli].service].name;
      result.slis.back().sli = a.plan.slis[sli].name;
    }
    result.cost_usd_per_month = cost_delta(so_far, i);
    result.faults = fault_deltas(a, b);
    const auto from = a.figure(a.target, Figure::downtime_h);
    const auto to = b.figure(b.target, Figure::downtime_h);
    const sim::Difference found = target_difference(i);
    const sim::Interval ci = found.interval(level);
    result.half_width = (ci.upper - ci.lower) / 2;
    result.precise = precise(found, sim::ratio_of(from));
    const sim::Difference alone = sim::independent_difference(from, to);
    if (found.standard_error > 0) {
      result.saving = alone.standard_error * alone.standard_error / (found.standard_error * found.standard_error);
    }
    return result;
  }

  [[nodiscard]] SliDelta sli_delta(const Played& a, std::size_t sli, const Played& b, std::size_t other) const {
    SliDelta delta;
    const auto per_year = [&](Figure figure, double factor) {
      return delta_of(differs(a.figure(sli, figure), b.figure(other, figure)), factor);
    };
    delta.downtime_minutes_per_year = per_year(Figure::downtime_h, sim::minutes_per_year);
    delta.outages_per_year = per_year(Figure::outages, sim::hours_per_year);
    delta.losses_per_year = per_year(Figure::losses, sim::hours_per_year);
    delta.records_lost_per_year = per_year(Figure::records_lost, sim::hours_per_year);
    const auto lengths = [](const Played& design, std::size_t at) {
      return design.batches(
          [=](const BlockFigures& block) { return block.slis[at][static_cast<std::size_t>(Figure::downtime_h)]; },
          [=](const BlockFigures& block) { return block.slis[at][static_cast<std::size_t>(Figure::outages)]; });
    };
    const auto from = lengths(a, sli);
    const auto to = lengths(b, other);
    if (sim::ratio_of(from) > 0 && sim::ratio_of(to) > 0) {
      delta.mean_outage_s = delta_of(differs(from, to), sim::seconds_per_hour);
    }
    return delta;
  }

  /// Bills differ by what is rented, which is known, and by hours of work on incidents, which are sampled.
  [[nodiscard]] Delta cost_delta(const Comparison& so_far, std::size_t i) const {
    const auto usd_per_month = [&](std::size_t at) {
      const double hourly = designs_[at]->plan.topology.people.hourly_cost.usd;
      return designs_[at]->batches([=](const BlockFigures& block) {
        return (block.worked_h * hourly + block.rented_usd) * sim::hours_per_year / sim::months_per_year;
      });
    };
    Delta delta = delta_of(differs(usd_per_month(0), usd_per_month(i)), 1);
    const double bills = so_far.designs[i].bill.usd() - so_far.designs[0].bill.usd();
    const double rented = bills - delta.value;
    delta.value = bills;
    delta.ci95.lower += rented;
    delta.ci95.upper += rented;
    return delta;
  }

  [[nodiscard]] std::vector<FaultDelta> fault_deltas(const Played& a, const Played& b) const {
    std::map<std::string, FaultDelta> faults;
    for (const FaultClass& fault_class : a.sampling.fault_classes().all()) {
      faults[fault_of(fault_class)].rate_first += fault_class.rate_per_hour() * sim::hours_per_year;
    }
    for (const FaultClass& fault_class : b.sampling.fault_classes().all()) {
      faults[fault_of(fault_class)].rate_this += fault_class.rate_per_hour() * sim::hours_per_year;
    }
    std::vector<FaultDelta> result;
    for (auto& [name, fault] : faults) {
      fault.fault = name;
      const auto from = a.downtime_by(name, a.target);
      const auto to = b.downtime_by(name, b.target);
      fault.minutes_first = sim::ratio_of(from) * sim::minutes_per_year;
      fault.minutes_this = sim::ratio_of(to) * sim::minutes_per_year;
      fault.minutes = delta_of(differs(from, to), sim::minutes_per_year);
      result.push_back(fault);
    }
    std::stable_sort(result.begin(), result.end(), [](const FaultDelta& x, const FaultDelta& y) {
      return std::abs(x.minutes.value) > std::abs(y.minutes.value);
    });
    return result;
  }

  const CompareOptions& options_;
  std::vector<std::unique_ptr<Played>> designs_;
  std::uint64_t planning_ = 0;
  double widest_ = 0;
};

}  // namespace

Comparison compare(const std::vector<const models::Plan*>& designs, const CompareOptions& options) {
  for (const models::Plan* plan : designs) {
    if (plan->faults.empty()) throw std::invalid_argument("nothing can fail in a design: every fault rate is 0");
  }
  return Comparer(designs, options).run();
}

}  // namespace nines::experiments
