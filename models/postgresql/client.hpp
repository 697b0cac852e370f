// What clients of PostgreSQL see.
//
// A client has one connection and sends one statement after the other. An error makes it connect anew after a wait. A
// statement that gets no answer is given up after the client's own time-out; if packets are not acknowledged, also by
// its kernel, after tcp_user_timeout or when its retransmissions end (tcp(7)). A path that works again is noticed with
// the next retransmission. Who lists several hosts tries them in their order, and waits connect_timeout for each that
// is silent (libpq, target_session_attrs). While nobody would serve, attempts are arithmetic and no events.
#pragma once

#include "models/postgresql/server.hpp"
#include "models/service/kind.hpp"

namespace nines::models::postgresql {

void look_at_accesses(Context& c);
/// Where clients write, and how much.
void set_rates(Context& c);
/// The Service of the primary follows it.
void look_at_label(Context& c);

/// What a process of another service gets from a server that its requests reach as `found` says.
service::Answers answers(const Context& c, Number server, Contact found);

}  // namespace nines::models::postgresql
