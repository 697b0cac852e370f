// How clients come to who leads, and what they see.
#pragma once

#include "models/managed/state.hpp"

namespace nines::models::managed {

/// Clients whose group has begun to serve anew set out for it, as soon as they can know where.
void look_at_accesses(Context& c);
/// Clients will go on to write by connections to a lost node that they opened when it led.
void node_lost(Context& c, Number node);
/// A node joins under another address: clients still go to the old one.
void address_changed(Context& c, Number node);
/// Tells every SLI whether it holds.
void tell(Context& c);

}  // namespace nines::models::managed
