// Strata of incidents: by the fault class of the initiating fault and by how many further faults are forced into it.
//
// Method (rare-event sheet, sections 1.1, 1.3 and 1.4). From health the first fault is of source i with probability
// lambda_i / Lambda. Let Y(0) be what an incident shows if nothing further fails, and let the next fault, were the
// incident to run on, be drawn inside its window: its probability W is known, not sampled. Then
//     E[Y] = E[Y(0)] + E[W1 (Y(1) - Y(0))] + E[W1 W2 (Y(2) - Y(1))] + ...
// where Y(k) has k further faults. Each term of each fault class is a stratum with its own sample; samples go where the
// variance is. The deepest stratum is open: after its own term it goes on to the next one with a probability r, weighs
// that with 1 / r, and so on (Russian roulette; Kahn and Harris 1951), so that no term is left out however many faults
// it takes to put an SLI out. Weights are known products of probabilities, so every term is unbiased whatever way the
// further faults are chosen.
//
// Which fault comes next: by what was learnt from pilots, by rate, and, where all that an SLI rests on are black boxes,
// by its minimal cuts (models/structure/cut_guide.hpp): faults after which as many more as the stratum still has to
// come put the SLI out. What a fault does at once that is rare (whom a shock hits, a switchover that fails) is drawn
// more often than it is, and weighed.
// Fault classes that often strike during an incident need no force: their clocks run in every incident, whatever its
// depth (the background), and depth counts the others only. Where a fault begins a window in which others are to be
// expected in numbers, their clocks run from this fault on: what is drawn there by force and what by itself depends on
// nothing that force has drawn. Only failures are forced. No protocol timer, repair or election is touched, so any
// distribution will do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiments/estimate/incident.hpp"
#include "models/structure/cut_guide.hpp"

namespace nines::experiments {

/// How the further faults of an incident are chosen.
enum class Forcing : std::uint8_t {
  balanced,      ///< half by rate, half with every fault class alike, then by what is learnt: no cut set is starved
  proportional,  ///< by rate only ("simple" failure biasing): bad on unbalanced models, kept to show that it is
};

/// One fault class of sources.
struct FaultClass {
  std::string name;  ///< of its first source: "node-crash kafka-us-west-2a-0", "bad-rollout/stops kafka"
  std::vector<std::uint32_t> sources;  ///< indices into Plan::faults
  std::vector<double> cumulative;      ///< of their rates per hour in health: a dormant unit has a share of its rate
  [[nodiscard]] double rate_per_hour() const { return cumulative.back(); }
};

/// The fault of a fault class's sources, whatever its form: how its name begins.
inline std::string fault_of(const FaultClass& fault_class) {
  return fault_class.name.substr(0, fault_class.name.find_first_of(" /"));
}

/// Sources by fault class, with the law by which further faults are chosen.
class FaultClasses {
 public:
  /// `resting`: where incidents begin. `background`: by fault class, whether its clocks run in every incident; empty:
  /// none.
  FaultClasses(const models::Plan& plan, Forcing forcing, std::shared_ptr<const Resting> resting,
               const std::vector<bool>& background = {});
  FaultClasses(const models::Plan& plan, Forcing forcing, const std::vector<bool>& background = {})
      : FaultClasses(plan, forcing, Resting::new_cluster(), background) {}

  [[nodiscard]] const std::vector<FaultClass>& all() const { return classes_; }
  [[nodiscard]] double rate_per_hour() const { return total_; }
  [[nodiscard]] const std::vector<std::uint32_t>& background() const { return background_; }
  /// Whether the fault class is part of the background.
  [[nodiscard]] bool in_background(std::size_t fault_class) const { return in_background_[fault_class]; }
  [[nodiscard]] Forcing forcing() const { return forcing_; }
  /// Whether everything is.
  [[nodiscard]] bool nothing_forced() const { return background_.size() == sources_; }
  /// The initiating source at u in (0, 1), each with its share of the fault class's rate.
  [[nodiscard]] std::uint32_t initiator(std::size_t fault_class, double u) const;
  /// Probabilities of the fault classes as further faults, before anything has been learnt.
  [[nodiscard]] const std::vector<double>& usual_choice() const { return usual_choice_; }
  [[nodiscard]] const std::shared_ptr<const Resting>& resting() const { return resting_; }
  /// Of each source in health: 1, of a unit that stands by its share, of a machine the share of the time that it is
  /// there.
  [[nodiscard]] double exposure(std::uint32_t source) const { return exposures_[source]; }

 private:
  std::vector<FaultClass> classes_;
  Forcing forcing_;
  std::shared_ptr<const Resting> resting_;
  double total_ = 0;
  std::size_t sources_ = 0;
  std::vector<double> exposures_;
  std::vector<std::uint32_t> background_;
  std::vector<bool> in_background_;
  std::vector<double> usual_choice_;
};

/// Samples of a stratum are numbered within so many bits of a run; the others tell strata apart.
inline constexpr int sample_bits = 24;
inline constexpr std::uint64_t most_samples = (std::uint64_t{1} << sample_bits) - 1;
/// The roulette of an open stratum stops here at the latest: what would take more faults than these is left out.
inline constexpr int most_further_faults = 40;

/// A fault class at a depth.
struct Stratum {
  std::size_t fault_class = 0;
  int depth = 0;          ///< further faults that are forced
  bool open = false;      ///< goes on to greater depths by roulette
  std::uint64_t key = 0;  ///< of its randomness
  /// By step: probability of each fault class as that further fault; empty: the usual ones. Any choice is unbiased if
  /// every fault class keeps a probability.
  std::vector<std::vector<double>> choices;
};

/// A further fault as it was chosen.
struct FurtherFault {
  std::size_t fault_class = 0;
  double class_probability = 0;  ///< with which its fault class was chosen
};

/// One term of a sample: the weighted difference between the incident with all its further faults and the same incident
/// without the last one.
struct IncidentTerm {
  double weight = 0;                    ///< probability of the further faults over that of choosing them
  const IncidentRun* fresh = nullptr;   ///< with all of them
  const IncidentRun* before = nullptr;  ///< without the last one; null at depth 0
  std::span<const FurtherFault> path;   ///< the further faults
  std::span<const Strike> strikes;      ///< all faults that were forced, the one that begins the incident first
  std::uint64_t run = 0;                ///< name of its randomness
};

class Reach;

/// Draws samples. One for each thread.
class IncidentSampler {
 public:
  /// `target`: the SLI whose cuts guide the choice of further faults. REQUIRES: plan and fault classes outlive this.
  IncidentSampler(const models::Plan& plan, const FaultClasses& fault_classes, const Reach& reach, std::size_t target);

  /// Draws sample number `index` of the stratum, a pure function of plan, stratum and index, and calls
  /// `term(const IncidentTerm&)` for each of its terms: one, more of an open stratum, none if what would have to happen
  /// cannot. Returns incidents, at most one more than the stratum's depth, and all events played.
  struct Played {
    std::size_t runs = 0;
    std::uint64_t events = 0;
    bool crowded = false;  ///< clocks were let run in a window, so that anything may have come by itself
  };
  template <class Term>
  Played draw(const Stratum& stratum, std::uint64_t index, Term term) {
    begin(stratum, index);
    for (;;) {
      const bool counts = depth() >= stratum.depth;
      if (counts) term(current());
      if (!go_on(counts)) return played_;
    }
  }

 private:
  void begin(const Stratum& stratum, std::uint64_t index);
  [[nodiscard]] int depth() const { return static_cast<int>(path_.size()); }
  [[nodiscard]] IncidentTerm current() const;
  /// Forces one more fault into the incident and plays it; false if there is to be none, or none can be.
  bool go_on(bool last);
  void play();
  void play_once();
  [[nodiscard]] int longer(int step) const;
  /// Hazards of all sources that are forced, in the window after the last strike.
  double find_hazards();
  [[nodiscard]] double uniform(std::uint32_t draw) const;
  /// Chooses the next fault and its time, and multiplies the weight; 0 if none can come.
  void force();
  void choose_by_class(std::vector<double>& probability) const;
  void mix_in_guide(std::vector<double>& probability);
  /// When the first of the units that had failed right after the last strike is exposed again; the end if none is.
  [[nodiscard]] sim::Time first_return();
  /// Hours of exposure, or hazard, of the source from `from` to `to` in the incident just played.
  [[nodiscard]] double hazard(std::uint32_t source, sim::Time from, sim::Time to);
  [[nodiscard]] double hazard_of_life(std::uint32_t source, const models::faults::Exposure& during, sim::Time from,
                                      sim::Time to);
  /// When the source's hazard since `from` reaches `wanted`.
  [[nodiscard]] sim::Time time_of_hazard(std::uint32_t source, sim::Time from, sim::Time to, double wanted);
  template <class Piece>
  void pieces(std::uint32_t source, sim::Time from, sim::Time to, Piece piece);

  const models::Plan& plan_;
  const FaultClasses& classes_;
  const std::uint64_t key_;
  IncidentPlayer player_;
  std::optional<models::structure::CutGuide> guide_;

  // The sample at hand.
  const Stratum* stratum_ = nullptr;
  std::uint64_t run_ = 0;
  double weight_ = 0;
  double step_weight_ = 0;  ///< of the last fault
  const IncidentRun* fresh_ = nullptr;
  IncidentRun before_;
  bool has_before_ = false;
  std::vector<Strike> strikes_;
  std::vector<char> runs_;  ///< by fault class: its clocks run by themselves, in the background or since a strike
  std::vector<FurtherFault> path_;
  Played played_;
  // Scratch.
  std::vector<double> hazards_;                      ///< by source, in the window
  std::vector<double> class_hazard_;                 ///< their sums
  std::vector<double> probability_;                  ///< by source
  std::vector<std::vector<std::uint32_t>> changes_;  ///< by unit: its entries in the log of exposures
  std::vector<std::uint16_t> changed_;
};

/// Key of a stratum's randomness: by the name of its fault class, so that two designs that share it see the same
/// incidents.
std::uint64_t stratum_key(const FaultClass& fault_class, int depth);
/// The same of one of several experiments, which `keep_apart` tells apart.
std::uint64_t stratum_randomness(const FaultClass& fault_class, int depth, std::uint64_t keep_apart);

}  // namespace nines::experiments
