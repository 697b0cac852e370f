// What clients see: SLIs follow from the odds of an attempt now.
//
// Requests come without end, so an SLI holds or not by what would become of a request that is sent now, with all its
// retries, if nothing changed meanwhile. Load is a fluid: servers in rotation that answer share it equally, and what is
// more than one of them takes waits, or fails at once (load.hpp).
//
//   request   at most `tolerance` of the requests fail
//   capacity  no server that answers gets more than it takes
//
// Left out: queues and latencies below the capacity, clients that remember which server failed.
#pragma once

#include <vector>

#include "models/http/context.hpp"
#include "models/http/requests.hpp"

namespace nines::models::http {

/// Tells every SLI whether it holds.
void look_at_slis(Context& c);
/// Share of the requests of an SLI's client that fail now.
double failing_now(const Context& c, std::size_t sli);
/// Machines whose CPU credit counts hear what the servers on them would use.
void account_for_cpu(Context& c);
/// Processors that each server uses for the requests that it gets.
std::vector<double> use(const Context& c);
/// Servers in rotation that answer clients of the region.
std::size_t answering(const Context& c);

}  // namespace nines::models::http
