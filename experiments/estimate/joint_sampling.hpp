// How incidents are sampled alike in several designs, so that their differences are sharp.
//
// Unit: a block, a small stratified sample of incidents. Block number b holds the same incidents of every design that
// shares the fault: the same initiating fault at the same phase of everything that is called the same, and the same
// further faults (common random numbers; a stratum's randomness is keyed by the name of its fault class). Blocks are
// independent of each other, so that a design is estimated from the scatter of its blocks, and two designs are compared
// block by block.
// How many incidents of a stratum a block holds is decided once for all designs together, from pilots: it depends on
// names, not on the design at hand, and so any block of any design can be played by itself, anywhere.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiments/estimate/incident_estimator.hpp"

namespace nines::experiments {

/// A fault class at a depth, by name.
struct JointStratum {
  std::string fault_class;
  int depth = 0;
  /// In a block: whole, or 1/2, 1/4, 1/8, 1/16, which is one in every second, fourth ... block.
  double samples = 1;
  /// By step of the depth: what was learnt of the usefulness of fault classes as that further fault, adding up to 1.
  std::vector<std::map<std::string, double>> useful;
};

struct JointSampling {
  int depth = 0;
  std::vector<std::string> background;  ///< fault classes whose clocks run in every incident; sorted
  std::vector<JointStratum> strata;     ///< sorted by fault class and depth
  double samples_of_others = 1;         ///< of strata that are not listed
  std::uint64_t planning_runs = 0;      ///< incidents that were played to find all this
};

/// A number of blocks that holds a whole number of incidents of each stratum.
inline constexpr std::uint64_t blocks_of_a_turn = 16;

/// What the samples are for.
enum class Aim : std::uint8_t {
  designs,      ///< each design's own unavailability
  differences,  ///< differences to the first design
};

struct JointOptions {
  Aim aim = Aim::designs;
  Forcing forcing = Forcing::balanced;
  double incidents_of_a_block = 32;  ///< played, about
  /// What no sample shows is to be bounded too, as a breach or a loss is: by the fault class of which one sample stands
  /// for most (rule of three). Then classes that cost no downtime get samples by their rates.
  bool bounds = false;
  std::size_t threads = 1;
  /// Incidents that planning may play, and that a turn of blocks of all designs may then play at most. Where they do
  /// not suffice for pilots or for planning, samples are shared out without. None: as many as it takes.
  struct Limits {
    std::uint64_t planning = 0;
    std::uint64_t turn = 0;
  };
  std::optional<Limits> limits;
};

/// A design and the SLI that matters.
struct JointDesign {
  const models::Plan* plan = nullptr;
  std::size_t target = 0;
};

/// Incidents without which nothing can be told of the designs: a turn of blocks with one sample of every stratum of
/// every fault class alone and with one further fault.
std::uint64_t least_incidents(std::span<const JointDesign> designs);

/// Plays pilots of all designs and shares a block out. REQUIRES: at least one design; something can fail in each; if
/// there are limits, `turn` is no less than least_incidents().
JointSampling sample_alike(std::span<const JointDesign> designs, const JointOptions& options);

/// What the incidents that one fault class began did to one SLI, per hour of health.
struct ClassFigures {
  double downtime_h = 0;
  double outages = 0;
};

/// What one block shows of one design. All figures are per hour of health.
struct BlockFigures {
  double incident_h = 0;
  double worked_h = 0;
  double rented_usd = 0;          ///< an hour, of machines beyond those in health
  std::vector<double> failovers;  ///< by fault class
  std::vector<std::array<double, figures>> slis;
  std::vector<ClassFigures> fault_classes;  ///< by fault class and SLI: fault class * slis.size() + sli
};

/// The blocks of one design so far.
struct PlayedBlocks {
  std::vector<BlockFigures> blocks;
  std::vector<StratumTally> tally;  ///< by stratum of the design
  [[nodiscard]] std::uint64_t runs() const;
  [[nodiscard]] std::uint64_t events() const;
};

/// A joint sampling as it applies to one design.
class DesignSampling {
 public:
  /// `keep_apart` separates the randomness of experiments on the same plan. REQUIRES: the plan outlives this.
  DesignSampling(const JointDesign& design, const JointSampling& joint, Forcing forcing, std::uint64_t keep_apart = 0);

  [[nodiscard]] const FaultClasses& fault_classes() const { return classes_; }
  [[nodiscard]] const Reach& reach() const { return reach_; }
  [[nodiscard]] const std::vector<Stratum>& strata() const { return strata_; }
  /// Incidents that a turn of blocks plays at most.
  [[nodiscard]] std::uint64_t most_runs_of_a_turn() const;
  /// Plays on until there are `blocks` blocks. The result depends on their number only.
  void extend(PlayedBlocks& played, std::uint64_t blocks, std::size_t threads) const;
  /// The blocks as a stratified sample. REQUIRES: a multiple of `blocks_of_a_turn`, not 0.
  [[nodiscard]] IncidentEstimator estimator(const PlayedBlocks& played) const;

 private:
  void play(IncidentSampler& sampler, std::uint64_t block, PlayedBlocks& into) const;
  [[nodiscard]] std::vector<double> choice(const std::map<std::string, double>& useful) const;

  const models::Plan& plan_;
  std::size_t target_;
  FaultClasses classes_;
  Reach reach_;
  std::vector<Stratum> strata_;
  std::vector<double> samples_;       ///< by stratum, in a block
  std::vector<std::uint64_t> phase_;  ///< by stratum: in which blocks it comes if not in all
};

}  // namespace nines::experiments
