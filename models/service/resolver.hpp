// What becomes of a look-up of a name: closed forms, without clock and network.
//
// A resolver asks, and waits for an answer; after silence, or at once after a refusal, it asks again, so many times in
// all. Each try goes to an endpoint that is chosen anew: glibc opens another socket for it, and the rules of the
// machine choose for each. Source: resolv.conf(5) (timeout 5 s, attempts 2; glibc resolv.h RES_TIMEOUT, RES_DFLRETRY).
// Left out: several name servers, search lists (each name that is tried is a look-up of its own), queries for two
// address families.
#pragma once

#include <vector>

#include "models/platform_part.hpp"

namespace nines::models::service {

/// One of the ways in which it ends.
struct LookUpEnd {
  double probability = 0;
  Duration takes;
  bool answered = false;
};
/// All of them; probabilities add up to 1.
std::vector<LookUpEnd> ends_of(const LookUp& look_up);
/// Probability that no try is answered.
double fails(const LookUp& look_up);

}  // namespace nines::models::service
