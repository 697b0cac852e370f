// Random numbers by name: Philox 4x32-10 (Salmon et al., SC 2011; vectors of the Random123 distribution).
//
// A draw is a pure function of (key, run, draw number): no stream can be shifted by another model, any draw can be
// recomputed, and two designs that share a component see the same faults (common random numbers).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace nines::sim {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

/// One block of Philox 4x32-10.
constexpr PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key) {
  constexpr std::uint32_t m0 = 0xD2511F53, m1 = 0xCD9E8D57, w0 = 0x9E3779B9, w1 = 0xBB67AE85;
  // Plain variables and a fixed trip count: the compiler then keeps the block in registers.
  auto [c0, c1, c2, c3] = counter;
  auto [k0, k1] = key;
#pragma GCC unroll 10
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{m0} * c0;
    const std::uint64_t p1 = std::uint64_t{m1} * c2;
    c0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<std::uint32_t>(p1);
    c2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<std::uint32_t>(p0);
    k0 += w0;
    k1 += w1;
  }
  return {c0, c1, c2, c3};
}

/// FNV-1a, 64 bits: stable over machines and builds. Used for stream keys and input hashes, not for security.
constexpr std::uint64_t fnv1a(std::string_view text, std::uint64_t hash = 0xcbf29ce484222325ULL) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

/// Key of the stream of component `name` for `purpose` under `seed`.
constexpr std::uint64_t stream_key(std::uint64_t seed, std::string_view name, std::string_view purpose) {
  std::uint64_t hash = fnv1a(name);
  hash = fnv1a("\x1f", hash);
  hash = fnv1a(purpose, hash);
  // A Philox block mixes the seed in, so that neighbouring seeds give unrelated keys.
  const PhiloxCounter block =
      philox4x32({static_cast<std::uint32_t>(hash), static_cast<std::uint32_t>(hash >> 32), 0x6e696e65, 0},
                 {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
  return std::uint64_t{block[0]} << 32 | block[1];
}

/// 64 random bits: draw number `draw` of run `run` of the stream with key `key`.
constexpr std::uint64_t random_bits(std::uint64_t key, std::uint64_t run, std::uint32_t draw) {
  const PhiloxCounter block =
      philox4x32({draw, static_cast<std::uint32_t>(run), static_cast<std::uint32_t>(run >> 32), 0},
                 {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)});
  return std::uint64_t{block[0]} << 32 | block[1];
}

/// Uniform on the open interval (0, 1): the mid-point of one of 2^52 equal cells, never 0 and never 1.
constexpr double to_unit(std::uint64_t bits) { return (static_cast<double>(bits >> 12) + 0.5) * 0x1.0p-52; }

}  // namespace nines::sim
