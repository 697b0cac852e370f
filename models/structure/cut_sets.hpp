// Minimal cut sets: the smallest sets of parts whose loss together takes an SLI down. Those of one part are its single
// points of failure.
//
// They come from the structure alone (dependency.hpp), so they know of no time: an interruption that a mechanism ends,
// such as the election after a leader's loss, is no cut, and may well be most of the downtime.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "models/ids.hpp"

namespace nines::models {
struct Plan;
}

namespace nines::models::structure {

struct CutSet {
  std::vector<ComponentId> parts;  ///< ascending
  /// Not in every order of the losses does the SLI go down: only if, at the loss of a replica, the controllers have no
  /// majority (any more) that could elect another leader or shrink the in-sync set.
  bool order_matters = false;
};

struct CutSets {
  std::vector<CutSet> sets;  ///< by number of parts, then by parts
  int order = 0;             ///< most parts of a set that were asked for
  /// These are all minimal cut sets up to `order`. Else a limit was reached: of more than `certain` parts some are
  /// missing, and some of those here may contain a missing one.
  bool complete = true;
  int certain = 0;  ///< all minimal cut sets of up to so many parts are here: `order` if complete, else at least 1
  /// Nothing was left out for having too many parts either, so these are all minimal cut sets.
  bool all_orders = true;
};

/// Largest order that can be asked for.
inline constexpr int order_limit = 6;

/// Bottom-up: the cut sets of each part and condition from those of what it needs, leaving out supersets at each step.
/// Parts in series, such as a process and its volume, are one until the end. Where that still finds too many, all
/// single parts and, if they are not too many, all pairs are tried besides. REQUIRES: 1 <= order <= order_limit.
/// `limit`: most sets kept at any step, parts in series as one.
CutSets minimal_cut_sets(const Plan& plan, SliIndex sli, int order = 3, std::size_t limit = 20000);

std::vector<ComponentId> single_points_of_failure(const CutSets& cuts);

/// How often and for what share of the time all parts of a set are down together.
struct CutEstimate {
  double unavailability = 0;
  double per_year = 0;
};

/// In the long run, of parts that fail and are repaired independently: the product of their unavailabilities, and the
/// rate at which the last of them fails. None if a part is not a unit of a black box, or is never repaired.
///
/// First order: a stage in which a unit fails again is taken to be gone through once. Void if `couplings` names
/// anything: a queue at a crew and a shock make the truth larger, a dormant standby makes it smaller.
std::optional<CutEstimate> estimate(const Plan& plan, const CutSet& cut);

struct RareEvent {
  double sum = 0;             ///< of the sets' unavailabilities
  double esary_proschan = 0;  ///< 1 - product of their complements
  double per_year = 0;        ///< sum of the sets' frequencies: outages a year
};

/// Unavailability of the SLI from its cut sets; none if there are none, or one has no estimate.
///
/// Both are upper bounds, the second the tighter one, if all_orders and complete hold and `couplings` names nothing.
/// Masks do no harm: what masks is a part of its own, and clocks run on behind it. Else they are orders of magnitude.
std::optional<RareEvent> rare_event(const Plan& plan, const CutSets& cuts);

/// What makes parts of the sets fail or return together, one sentence each: crews too small, shocks, standby units.
std::vector<std::string> couplings(const Plan& plan, const CutSets& cuts);

/// Cut sets that are alike.
struct CutGroup {
  std::string text;  ///< "2 of [kafka/broker-* | kafka/broker-*/data | machine of kafka | zone]"
  int order = 0;
  std::size_t count = 0;
  bool order_matters = false;
  std::optional<CutEstimate> estimate;  ///< summed over the sets
};

/// Summarises for people. Parts that can stand for each other in every set, such as a process and its volume, become
/// alternatives "[a | b]"; sets of the same kinds of parts become one group. A kind is a role, the volumes of a role, a
/// node group, the zones, a black box; one of which only one part occurs goes by the part's name. Lowest order first,
/// then what is down most, then the largest group.
std::vector<CutGroup> grouped(const Plan& plan, const CutSets& cuts);

}  // namespace nines::models::structure
