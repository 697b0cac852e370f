// Random schedules as pure functions of their number.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/random.hpp"

namespace nines::models::testing {

class Dice {
 public:
  explicit Dice(std::uint64_t schedule) : schedule_(schedule) {}
  double uniform() { return sim::to_unit(sim::random_bits(0xd1ce, schedule_, draw_++)); }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(uniform() * static_cast<double>(count)); }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::uint64_t schedule_;
  std::uint32_t draw_ = 0;
};

}  // namespace nines::models::testing
