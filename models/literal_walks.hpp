// Walks over everybody in place of indices, so that tests can prove that the indices change nothing; and how many were
// looked at, so that they can prove that cost goes with what is touched.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/test_switches.hpp"

namespace nines::models {

#ifdef NINES_TEST_SWITCHES
/// All pods and nodes are looked at, whatever was touched; false unless a test sets it.
inline bool literal_walks = false;
/// Pods and machines that walks have gone over.
inline thread_local constinit std::uint64_t looks_taken = 0;
inline void take_looks(std::size_t looks) { looks_taken += looks; }
#else
inline constexpr bool literal_walks = false;
constexpr void take_looks(std::size_t) {}
#endif

}  // namespace nines::models
