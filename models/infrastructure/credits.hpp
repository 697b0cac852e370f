// CPU credits of burstable machines (T3): an account of processor time above a baseline.
//
// A machine may use its baseline share of its processors for good. What it uses less is put into its account, at most
// what a day of its baseline is; what it uses more is taken from it. In standard mode a machine whose account is empty
// has its baseline and no more. In unlimited mode, which T3 has by default, it goes on: it uses up to a day's earnings
// in advance, and what it uses beyond these is billed by the hour (meter.hpp), as is what it has not paid back when it
// ends. What it uses beyond its baseline in health is in the bill of each month (economics/cost.cpp). A T3 machine
// begins with an empty account: launch credits are for T2 alone. Its account survives a reboot.
//
// So an account that lacks `spent` processor-seconds of `full` is empty after (full - spent) / (wanted - baseline): no
// event happens meanwhile. Accounts are full in health; a design that would use more than its baseline in health is
// refused. What is wanted is what services say (uses_cpu): others, and the system's own pods, use nothing.
//
// Source: AWS EC2 user guide, burstable performance instances: key concepts, unlimited and standard mode; AWS sheet.
// Left out: what incidents that come after another leave of an account in unlimited mode: an incident ends before such
// an account is full again.
#pragma once

#include <optional>
#include <string>

#include "models/ids.hpp"
#include "models/infrastructure/state.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::infrastructure {

/// Processors of the machine's baseline; 0 of one that is not burstable.
double baseline(const Plan& plan, NodeId node);
/// Processor-seconds of a full account.
double full_account(const Plan& plan, NodeId node);
/// An account that is empty at once where more is wanted in health than the baseline: "'name' wants ..."; else none.
std::optional<std::string> over_baseline(const Plan& plan);

/// The machine goes back to the provider: what it has used in advance is billed now (Amazon EC2 user guide, unlimited
/// mode: surplus credits are charged when the instance is terminated).
void close_account(World& world, NodeId node);
/// Another machine has taken the slot of `old`: its account is empty, and as much is wanted of it.
void start_account(World& world, NodeId node, const NodeState& old);
/// When every account will be full again that is being filled, but for those in unlimited mode: nobody feels them.
sim::Time accounts_full_at(const World& world);

}  // namespace nines::models::infrastructure
