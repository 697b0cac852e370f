// Black boxes as a topology file states them: components that fail and are repaired by given distributions, crews that
// repair them, shocks that hit several at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/units.hpp"

namespace nines::models::components {

/// A phase after the repair, before the unit is whole again: catch-up, resynchronisation, an election.
struct StageSpec {
  std::string name;
  Law duration;
  Ratio success = 1;   ///< probability that the stage leads on; else it is gone through again. In (0, 1]
  bool works = false;  ///< the unit serves meanwhile
  bool fails = false;  ///< the unit may fail meanwhile, by its failure law; it is then repaired from the start
};

/// What happens when a serving unit fails and a standby takes over. While it lasts the component serves nothing, no
/// unit of it fails, and the repair of the failed one waits.
struct SwitchoverSpec {
  Law duration;            ///< of one that succeeds
  Ratio coverage = 1;      ///< probability that it succeeds; in [0, 1]
  Law uncovered_duration;  ///< until it is put right otherwise
};

/// Units of which only some serve at a time.
struct StandbySpec {
  Count active = 1;          ///< units that serve; the others stand by
  Ratio dormant_factor = 1;  ///< failure rate of a standby unit over that of a serving one: 1 hot, 0 cold
  std::optional<SwitchoverSpec> switchover;  ///< without it a standby takes over at once
};

/// `count` exchangeable units.
struct ComponentSpec {
  std::string name;
  Count count = 1;
  /// Life of a unit from whole to failed, in time during which it can fail. Without a law it is exponential with
  /// `failure_rate`, which no Duration could hold as a mean beyond 292 years.
  std::optional<Law> failure;
  Rate failure_rate;                   ///< > 0; 1 / mean life, of every law
  std::optional<Law> repair;           ///< without it a failed unit stays failed
  std::string crew;                    ///< who repairs; "": every unit has its own
  std::vector<std::string> masked_by;  ///< a unit serves only while these serve: a component of one unit, or one of the
                                       ///< same count, unit by unit. Clocks run on behind the mask.
  std::vector<StageSpec> stages;       ///< gone through after the repair, in order
  /// Name of a stage; "": none. When the mask of a unit is lifted that is whole, or in this stage or a later one, the
  /// unit goes through the stages from this one on: it has to catch up before it serves again. Not with standby; if the
  /// failure law has a memory, the unit must be able to fail in these stages.
  std::string after_mask;
  std::optional<StandbySpec> standby;
};

/// Whom a free member of a crew takes next, once all that fails at an instant has failed.
enum class CrewPolicy : std::uint8_t {
  fcfs,        ///< who failed first; of what a shock fails at once, every order is as likely
  priority,    ///< the first component of `order` that has a failed unit
  random,      ///< each component that has a failed unit is as likely
  inspection,  ///< the first component with a failed unit whose inspection ends; all are inspected at once while the
               ///< crew is idle (PRISM's workstation cluster)
};

/// Whether a crew of policy `priority` without a free member leaves a repair for a more urgent one: that of the least
/// urgent component, of several units of it each as likely.
enum class Interrupts : std::uint8_t {
  none,
  resume,  ///< and goes on later where it stopped, before it begins with another unit of the component
  repeat,  ///< and begins anew later, with a new duration
};

struct CrewSpec {
  std::string name;
  Count size = 1;
  CrewPolicy policy = CrewPolicy::fcfs;
  std::vector<std::string> order;  ///< of `priority`: every component of the crew, most urgent first
  Law inspection;                  ///< of `inspection`
  Interrupts interrupts = Interrupts::none;
};

/// A common cause: a Poisson clock that fails units of several components at once.
struct ShockSpec {
  std::string name;
  Rate rate;
  std::vector<std::string> hits;  ///< components
  Ratio share = 1;                ///< probability that a given unit is hit, in (0, 1]
};

}  // namespace nines::models::components
