// How one attempt of a client ends: by who is in rotation, and what a request meets there.
#pragma once

#include <cstddef>
#include <vector>

#include "models/http/context.hpp"
#include "models/http/requests.hpp"
#include "models/process.hpp"

namespace nines::models::http {

/// How an attempt ends whose server is chosen out of the rotation.
struct Choice {
  Odds odds;
  std::size_t answering = 0;       ///< servers that answer in time
  std::vector<std::size_t> which;  ///< which they are, ascending; may be empty where they are alike
  Duration answer;                 ///< the longest of theirs
};

/// Whether servers that are alike may be left uncounted by name.
enum class Named : bool { no, yes };

/// An attempt of a client in that place, with servers that are not overloaded.
Choice attempt(const Context& c, infrastructure::Endpoint client, Duration attempt_timeout, Named named = Named::no);
/// From where a server is asked: a load balancer is in the region.
infrastructure::Endpoint asked_from(const Context& c, infrastructure::Endpoint client);
/// From a request to its answer, of a server that is not overloaded: a round trip, and what a bad path adds.
Duration round_trip(const Context& c, infrastructure::Endpoint from, std::size_t server);
/// What a request from `from` meets at a server.
Contact contact_of(const Context& c, infrastructure::Endpoint from, std::size_t server);

}  // namespace nines::models::http
