// A person's wrong command: it deletes or stops what it should not have. Data on network volumes stay intact.
//
// One pod: a graceful deletion without the operator's checks; the operator creates it anew by itself. All pods: the
// service is scaled to zero at once, without regard to quorum or replicas, and stays down until the person who gave the
// command, who sees what it did sooner than any alarm, undoes it. A machine: one that can hold pods of the service is
// terminated with its local disks; its provisioner replaces it, or a person if it has none.
//
// Left out: deleted topics, claims or volumes, and commands on the control plane. Sources: AWS sheet, section 9
// (shares of causes); incident sheet, I04 (a typed command removed more servers than intended).
#pragma once

#include "models/selector.hpp"

namespace nines::models::faults {

/// Returns false, and changes nothing, if there is nothing for the command to hit.
bool give_wrong_command(World& world, std::uint16_t service, Variant variant);

}  // namespace nines::models::faults
