// Exact solution of the SLIs of composite services over black boxes, without simulation.
//
// The boxes that an SLI rests on fall into clusters that depend on each other through a crew or a shock. Each cluster
// is a Markov chain of its own (cluster_chain.hpp) if its laws are exponential or Erlang, or constant of length zero.
// Boxes whose units have nothing in common with others (no crew that keeps them waiting, no shock, no standby, no stage
// in which they fail) may have any laws in the steady state, where only their means count: a unit alternates between
// life and repair, and a stage that succeeds with probability p takes its mean / p (alternating renewal). Masks join
// boxes in the requirement only, since the clocks behind a mask run on; units that catch up after a mask are in one
// cluster with it. Clusters are put together by structure/independent_parts.hpp. No result is a difference of
// near-equal numbers: an unavailability of 1e-20 has as many right digits as one of 0.1.
//
// Where the law of a duration counts and has no phases, phases are fitted to it (phase_law.hpp): with its mean and,
// where it has spread, with two or three of its moments. Figures are solved with several fits; laws of too little
// spread are extrapolated from three that have more. Where the fits lie further apart than
// ExactOptions::most_fit_effect, there is no answer.
//
// Where a mask joins units of two boxes one by one, states count units and not positions; as units of a box are
// exchangeable, each arrangement of the counted units is as likely, and is weighed so.
//
// Errors: std::invalid_argument in full sentences that name component, law and remedy; components::TooLarge, one of
// them, beyond the limits of ExactOptions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "models/plan.hpp"
#include "models/too_large.hpp"

namespace nines::models::components {

/// Limits; each keeps a question within some seconds, or some tens of seconds where states have many dimensions.
struct ExactOptions {
  std::size_t most_states = 20'000;        ///< of one cluster
  std::size_t most_joint_states = 12'000;  ///< of all clusters of an SLI together, for what depends on its history
  std::size_t most_cases = 20'000'000;     ///< told apart by the division of the requirement
  double most_breach_work = 3e9;           ///< multiplications for a distribution of downtime
  bool fit = true;                         ///< phases to laws that have none
  double most_fit_effect = 0.01;           ///< relative: how far figures of several fits may lie apart
  bool history =
      true;  ///< also the time to the first outage, lengths of outages and what a window gives that starts whole
  double most_transient_work = 3e10;  ///< multiplications for a probability or expectation at the end of a mission
};

/// How a window of operation begins.
enum class Start : std::uint8_t {
  all_whole,  ///< every unit whole, as in a fresh system
  steady,     ///< at an arbitrary instant of the long run
};

/// How long outages last, in hours.
struct OutageLengths {
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
};

/// Long-run measures of one SLI, and the time to its first outage. Outages no longer than the SLI's deadline do not
/// count.
struct ExactSli {
  double unavailability = 0;
  double outages_per_hour = 0;
  std::optional<double> mttf_h;              ///< from every unit whole to the first outage
  std::optional<double> breach_probability;  ///< that a window of its SLA at any time has too much downtime
  std::optional<double> breach_from_whole;   ///< the same of a window that begins with every unit whole
  std::vector<double> below_tier;  ///< by credit tier of its SLA: probability of less availability in a window
  std::optional<OutageLengths> lengths;
  std::string limits;                ///< why one of them is missing: sentences; else empty
  std::size_t states = 0;            ///< of all clusters
  std::vector<std::string> fitted;   ///< laws that phases were fitted to
  double unavailability_within = 0;  ///< relative: how far fits lie apart in unavailability and frequency
};

/// THROWS std::invalid_argument also where a unit is never repaired: then there is no steady state, but the measures
/// below exist.
ExactSli solve_exactly(const Plan& plan, measurement::SliIndex sli, const ExactOptions& options = {});

/// Hours from every unit whole to the first outage. THROWS also if the SLI never fails.
double mean_time_to_outage(const Plan& plan, measurement::SliIndex sli, const ExactOptions& options = {});

/// Probability that the SLI has failed at least once within `hours` of every unit whole. REQUIRES: hours >= 0.
double down_by(const Plan& plan, measurement::SliIndex sli, double hours, const ExactOptions& options = {});

/// Expected hours of downtime within the first `hours`. REQUIRES: hours >= 0.
double expected_downtime(const Plan& plan, measurement::SliIndex sli, double hours, Start start = Start::all_whole,
                         const ExactOptions& options = {});

/// Probability of more than `budget` hours of downtime in a window of `window` hours. REQUIRES: 0 <= budget < window.
double downtime_exceeds(const Plan& plan, measurement::SliIndex sli, double window, double budget,
                        Start start = Start::all_whole, const ExactOptions& options = {});

}  // namespace nines::models::components
