// Alarms as written: rules over what monitoring reads, and when people are told.
//
// Targets are read every scrape interval, rules are evaluated every evaluation interval by what was read last. A
// condition begins to count with the first evaluation after the first reading that shows it; the rule fires with the
// first evaluation at which it has held for its `hold`; people are told `group_wait` later, unless an evaluation before
// has found it over. What comes and goes, or goes and comes, between two readings was never seen. A monitoring that
// fails forgets everything. Source: Prometheus (rules/alerting.go: an alert is pending until its hold duration has
// passed), Alertmanager (dispatch/dispatch.go: group_wait).
//
// Readings are no events: the grid of readings is arithmetic, and only what will fire is scheduled.
#pragma once

#include <vector>

#include "models/alerts/plan.hpp"

namespace nines::models {
struct Plan;
struct World;
class Namer;
}  // namespace nines::models

namespace nines::models::alerts {

/// Adds monitoring to the plan. REQUIRES: services and their SLIs are built. Throws std::invalid_argument on a rule
/// that watches nothing that there is.
void build(Plan& plan, Namer& namer);

/// Rules whose conditions hold in health: they fire for ever, and tell nobody anything.
std::vector<std::size_t> firing_in_health(const Plan& plan);

/// REQUIRES: a fresh world whose services and black boxes are initialised.
void initialise(World& world);
void draw_phases(World& world);

}  // namespace nines::models::alerts
