// Choices of one case, all from its number.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace nines::fuzz {

class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t number) {
    std::seed_seq words{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U),
                        static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32U)};
    engine_.seed(words);
  }
  std::uint64_t bits() { return engine_(); }
  /// Below `count`. REQUIRES: count > 0.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  /// In [low, high].
  int between(int low, int high) { return low + static_cast<int>(below(static_cast<std::size_t>(high - low + 1))); }
  bool one_in(std::size_t count) { return below(count) == 0; }
  /// In [0, 1).
  double unit() { return static_cast<double>(engine_() >> 11U) * 0x1p-53; }
  template <class T>
  const T& of(const std::vector<T>& things) {
    return things[below(things.size())];
  }

 private:
  std::mt19937_64 engine_;  // its numbers are the standard's, on every machine
};

}  // namespace nines::fuzz
