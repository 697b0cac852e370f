// Where machines and pods are when all is well, other than a new cluster would have them.
//
// Who was made master stays it, in many protocols: roles differ from those of a new cluster after a fail-over, and the
// next restart of all meets them. What has no volume does not go back to where it was: a pod that was evicted stays
// where it found room, and machines that Karpenter or the Cluster Autoscaler launched for pods stay in the zones that
// had some to give. All is well in such a layout, and the next fault may meet it. Slots of one group and zone are
// alike, and so are pods of one pool without volumes: layouts that differ only by their numbers are the same one.
//
// Left out: pods that moved in groups whose machines do not; machines that are of another capacity pool than in health.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/plan.hpp"

namespace nines::models {

struct World;

struct Layout {
  std::vector<char> machine;                      ///< by node: whether the slot has one
  std::vector<NodeId> place;                      ///< by process, as ProcessPlan::node
  std::vector<std::vector<std::uint16_t>> roles;  ///< by service, as its kind says them
  friend auto operator<=>(const Layout&, const Layout&) = default;
};

/// Whether a design can be well in several layouts: machines of a group come and go in several zones, and pods without
/// a volume of their own run there, or roles drift.
bool layouts_drift(const Plan& plan);
/// Whether it is only its roles that drift: they do so within months.
bool only_roles_drift(const Plan& plan);

/// Where a new cluster has everything.
Layout first_layout(const Plan& plan);

/// Where everything is now; none if some group or pool does not have as much as in health of what layouts can hold.
/// REQUIRES: all is well.
std::optional<Layout> layout_of(const World& world);

/// The same plan, for a cluster that begins with that layout: names, streams and faults are the same.
/// REQUIRES: `layout` is one of `plan`.
Plan with_layout(const Plan& plan, const Layout& layout);

}  // namespace nines::models
