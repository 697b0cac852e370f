#include "experiments/sweep/figures.hpp"

#include <fmt/format.h>

#include <cassert>

#include "experiments/estimate/incident_report.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

using loader::FigureKind;
using loader::FigureSpec;

class Measurer {
 public:
  Measurer(const models::Plan& plan, const DesignSampling& sampling, const PlayedBlocks& played, std::size_t batches)
      : plan_(plan), sampling_(sampling), played_(played), batches_(batches), sample_(sampling.estimator(played)) {}

  [[nodiscard]] FigureResult measure(const FigureSpec& figure) const {
    FigureResult result;
    if (figure.kind == FigureKind::p95_outage_s) {
      constexpr double share = 0.95;
      result.value = outage_quantile(sample_, *sli_named(plan_, figure.sli), share);
      return result;
    }
    if (figure.kind == FigureKind::breach_probability) {
      // A coarse grid is far more exact than the sample.
      constexpr std::size_t cells = 256;
      const sim::Estimate breach = breach_of(plan_, sample_, *sli_named(plan_, figure.sli), cells);
      result.value = breach.value;
      result.ci95 = breach.ci95;
      result.upper95 = breach.upper95;
      return result;
    }
    result.batches = batches_of(figure);
    const sim::Estimate found = sim::ratio_estimate(result.batches);
    result.value = found.value;
    result.ci95 = found.ci95;
    if (!found.value) result.upper95 = bound(figure);
    return result;
  }

 private:
  /// What of a figure is the same for all blocks.
  struct Reading {
    FigureKind kind;
    std::size_t sli = 0;                     ///< of figures that have one
    bool by_fault = false;                   ///< fault classes count only if the fault is theirs
    std::vector<std::size_t> fault_classes;  ///< that count
    double rented_usd = 0;                   ///< a month, of costs
  };

  [[nodiscard]] Reading reading_of(const FigureSpec& figure) const {
    Reading reading{figure.kind, 0, !figure.fault.empty(), {}, 0};
    if (!figure.sli.empty()) reading.sli = *sli_named(plan_, figure.sli);
    for (std::size_t i = 0; i < sampling_.fault_classes().all().size(); ++i) {
      if (figure.fault.empty() || fault_of(sampling_.fault_classes().all()[i]) == figure.fault)
        reading.fault_classes.push_back(i);
    }
    if (figure.kind == FigureKind::cost_usd_per_month) {
      reading.rented_usd = models::economics::monthly_bill(plan_, 0).usd();
    }
    return reading;
  }

  /// Reward and length of a block.
  [[nodiscard]] std::pair<double, double> parts(const Reading& figure, const BlockFigures& block) const {
    const double calendar = 1 + block.incident_h;
    const auto of_sli = [&](Figure which) {
      if (!figure.by_fault) return block.slis[figure.sli][static_cast<std::size_t>(which)];
      double sum = 0;
      for (const std::size_t i : figure.fault_classes) {
        const ClassFigures& fault_class = block.fault_classes[i * plan_.slis.size() + figure.sli];
        sum += which == Figure::downtime_h ? fault_class.downtime_h : fault_class.outages;
      }
      return sum;
    };
    switch (figure.kind) {
      case FigureKind::unavailability: return {of_sli(Figure::downtime_h), calendar};
      case FigureKind::request_unavailability: return {of_sli(Figure::partition_h), calendar};
      case FigureKind::downtime_minutes_per_year:
        return {of_sli(Figure::downtime_h) * sim::minutes_per_hour * sim::hours_per_year, calendar};
      case FigureKind::outages_per_year: return {of_sli(Figure::outages) * sim::hours_per_year, calendar};
      case FigureKind::mean_outage_s:
        return {of_sli(Figure::downtime_h) * sim::seconds_per_hour, of_sli(Figure::outages)};
      case FigureKind::losses_per_year: return {of_sli(Figure::losses) * sim::hours_per_year, calendar};
      case FigureKind::records_lost_per_year: return {of_sli(Figure::records_lost) * sim::hours_per_year, calendar};
      case FigureKind::failovers_per_year: {
        double sum = 0;
        for (const std::size_t i : figure.fault_classes) sum += block.failovers[i];
        return {sum * sim::hours_per_year, calendar};
      }
      case FigureKind::operator_hours_per_month:
        return {block.worked_h * sim::hours_per_year / sim::months_per_year, calendar};
      case FigureKind::cost_usd_per_month: {
        // What is rented in health is known; hours of work on incidents, and of machines in them, are sampled.
        const double work =
            block.worked_h * sim::hours_per_year / sim::months_per_year * plan_.topology.people.hourly_cost.usd;
        const double beside = block.rented_usd * sim::hours_per_year / sim::months_per_year;
        return {figure.rented_usd * calendar + work + beside, calendar};
      }
      case FigureKind::breach_probability:
      case FigureKind::p95_outage_s: break;
    }
    return {0, calendar};
  }

  [[nodiscard]] std::vector<sim::Batch> batches_of(const FigureSpec& figure) const {
    const Reading reading = reading_of(figure);
    const std::size_t size = played_.blocks.size() / batches_;
    assert(size * batches_ == played_.blocks.size());
    std::vector<sim::Batch> result;
    for (std::size_t batch = 0; batch < batches_; ++batch) {
      sim::Batch sum{static_cast<double>(size), 0, 0};
      for (std::size_t i = 0; i < size; ++i) {
        const auto [reward, length] = parts(reading, played_.blocks[batch * size + i]);
        sum.reward += reward / static_cast<double>(size);
        sum.length += length / static_cast<double>(size);
      }
      result.push_back(sum);
    }
    return result;
  }

  /// Upper bound of what no incident showed.
  [[nodiscard]] std::optional<double> bound(const FigureSpec& figure) const {
    if (figure.sli.empty() || !figure.fault.empty()) return std::nullopt;
    const std::size_t sli = *sli_named(plan_, figure.sli);
    const double rate = sample_.unseen_rate(sli);
    switch (figure.kind) {
      case FigureKind::unavailability:
      case FigureKind::request_unavailability: return sample_.unseen_downtime(sli);
      case FigureKind::downtime_minutes_per_year:
        return sample_.unseen_downtime(sli) * sim::minutes_per_hour * sim::hours_per_year;
      case FigureKind::outages_per_year:
      case FigureKind::losses_per_year: return rate * sim::hours_per_year;
      default: return std::nullopt;
    }
  }

  const models::Plan& plan_;
  const DesignSampling& sampling_;
  const PlayedBlocks& played_;
  std::size_t batches_;
  IncidentEstimator sample_;
};

}  // namespace

std::optional<std::string> check_figure(const models::Plan& plan, const FigureSpec& figure) {
  if (figure.sli.empty()) return std::nullopt;
  const auto sli = sli_named(plan, figure.sli);
  if (!sli) {
    const std::vector<std::string> known = sli_names(plan);
    const std::vector<std::string_view> views(known.begin(), known.end());
    return fmt::format("{} has no SLI '{}' (it has {}).{}", plan.topology.name, figure.sli, loader::one_of(views),
                       loader::did_you_mean(figure.sli, views));
  }
  if (figure.kind == FigureKind::breach_probability && !plan.slis[*sli].sla) {
    return fmt::format("{} promises nothing for '{}': breach_probability needs an SLA.", plan.topology.name,
                       figure.sli);
  }
  return std::nullopt;
}

std::vector<FigureResult> measure(const models::Plan& plan, const DesignSampling& sampling, const PlayedBlocks& played,
                                  const std::vector<FigureSpec>& specs, std::size_t batches) {
  const Measurer measurer(plan, sampling, played, batches);
  std::vector<FigureResult> results;
  for (const FigureSpec& figure : specs) results.push_back(measurer.measure(figure));
  return results;
}

}  // namespace nines::experiments
