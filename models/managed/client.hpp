// How clients come to who leads, and what they see.
#pragma once

#include "models/managed/state.hpp"

namespace nines::models::managed {

/// Clients whose group has begun to serve anew set out for it, as soon as they can know where.
void look_at_accesses(Context& c);
/// A node of the group joins under another address: clients that know the members still wait for the old one.
void address_changed(Context& c, Number group);
/// Tells every SLI whether it holds.
void tell(Context& c);

}  // namespace nines::models::managed
