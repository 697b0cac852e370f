// One incident: from an initiating fault in a healthy system until the system is healthy again and has forgotten it,
// with or without further faults at given times. It begins in a layout of a cluster that has run for long
// (resting.hpp), which its first fault and the name of its randomness decide.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "experiments/estimate/observation.hpp"
#include "experiments/estimate/resting.hpp"
#include "models/world.hpp"

namespace nines::experiments {

/// A fault that strikes at a given time; the first of an incident at `incident_start`.
struct Strike {
  std::uint32_t source = 0;  ///< index into Plan::faults
  sim::Time at;
  /// Powers by which the first repair that it begins is drawn longer, and weighed (models/faults/clocks.hpp).
  int longer = 0;
  std::vector<std::uint32_t> starts;  ///< sources whose clocks run from now on
};

/// Every incident begins here: late enough that every periodic thing has had its first turn.
inline constexpr sim::Time incident_start = sim::Time::from_count(600'000'000'000);
/// An incident ends when it ends, however late. It is censored when for so long nothing has been under way that will
/// end by itself: no repair, person at work or copy. It counts as down to then, and is reported as never ending.
inline constexpr sim::Duration patience = sim::Duration::seconds(30LL * 24 * 3600);

/// What one SLI went through.
struct SliObservation {
  double downtime_s = 0;
  double partition_s = 0;  ///< integral of its partitions that were down
  double outages = 0;
  double until_out_s = 0;  ///< to its first outage; without one the length of the incident
  bool out = false;        ///< it had an outage
};

struct IncidentRun {
  std::vector<SliObservation> slis;
  std::vector<OutageSeen> outages;
  std::vector<LossSeen> losses;
  double length_s = 0;
  double worked_s = 0;          ///< by people, on repairs
  double rented_usd = 0;        ///< of machines beyond those in health
  double failovers = 0;         ///< servers that were taken for dead: brokers fenced
  double redelivered = 0;       ///< records that were sent to a consumer again
  std::vector<double> parts_s;  ///< of each composite SLI's parts in turn: seconds of its outages that it answers for
  std::vector<models::alerts::Told> told;  ///< by alerts
  bool censored = false;
  /// Probability of the rare outcomes of its strikes (whom a shock hits, whether a standby takes over) over that with
  /// which they were drawn.
  double weight = 1;
  std::uint64_t events = 0;
};

/// Plays incidents one after the other in the same memory.
class IncidentPlayer {
 public:
  /// Every incident begins in a new cluster.
  explicit IncidentPlayer(const models::Plan& plan);
  IncidentPlayer(const models::Plan& plan, std::shared_ptr<const Resting> resting);

  /// The strikes, in order of time, the first at `incident_start`; nothing further fails but the background. `run`
  /// names all randomness: with the same one, everything up to a strike that is added later is the same. The result is
  /// valid until the next call.
  const IncidentRun& play(std::uint64_t run, std::span<const Strike> strikes);
  /// Sources whose clocks run from the beginning of every incident on.
  void set_background(std::vector<std::uint32_t> sources) { background_ = std::move(sources); }

  /// Called after each event and each strike from now on: for one that is to be told in full.
  void set_watch(std::function<void(const models::World&)> watch) { watch_ = std::move(watch); }

  /// When the last incident was over.
  [[nodiscard]] sim::Time end() const { return now_->world.now; }
  /// The world at the end of the last incident.
  [[nodiscard]] models::World& world() { return now_->world; }
  /// Units of black boxes that had failed right after its last strike, ascending.
  [[nodiscard]] std::span<const models::components::UnitId> failed() const { return failed_; }

 private:
  /// A beginning, with the memory of the incidents that begin there.
  struct Start {
    std::unique_ptr<const models::Plan> own;  ///< of a layout
    models::World resting;
    models::World world{};
  };
  [[nodiscard]] Start& start_of(std::uint64_t run, const Strike& first);
  void strike(const Strike& strike);
  void observe(bool over);
  void observe(const models::measurement::Outage& outage);

  const models::Plan& plan_;
  std::vector<std::uint32_t> background_;
  std::function<void(const models::World&)> watch_;
  std::shared_ptr<const Resting> resting_;
  std::uint64_t layout_key_;
  std::map<std::size_t, Start> starts_;  ///< by layout, those that came up
  Start* now_ = nullptr;                 ///< of the incident at hand
  std::uint64_t most_events_;
  std::vector<models::components::UnitId> failed_;
  IncidentRun result_;
};

}  // namespace nines::experiments
