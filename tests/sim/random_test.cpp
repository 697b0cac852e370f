#include "sim/random.hpp"

#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "sim/math.hpp"
#include "sim/special_functions.hpp"

namespace random_test {

using namespace nines::sim;

namespace {

double uniform(std::uint64_t key, std::uint64_t run, std::uint32_t draw) {
  return to_unit(random_bits(key, run, draw));
}

/// P-value of a chi-square test of equal shares.
double equal_shares(const std::vector<double>& counts) {
  double total = 0;
  for (const double count : counts) total += count;
  const double expected = total / static_cast<double>(counts.size());
  double statistic = 0;
  for (const double count : counts) statistic += (count - expected) * (count - expected) / expected;
  return gamma_tails(static_cast<double>(counts.size() - 1) / 2, statistic / 2).upper;
}

/// Correlation coefficient of two streams of uniforms, in its standard deviations under independence.
template <class First, class Second>
double correlation_score(First first, Second second, std::uint32_t draws) {
  double products = 0;
  for (std::uint32_t i = 0; i < draws; ++i) products += (first(i) - 0.5) * (second(i) - 0.5);
  return 12 * products / __builtin_sqrt(draws);
}

}  // namespace

TEST_CASE("Philox 4x32-10 gives the vectors published with Random123") {
  constexpr std::uint32_t ones = 0xFFFFFFFF;
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32({ones, ones, ones, ones}, {ones, ones}) ==
        PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("FNV-1a gives its published vectors") {
  CHECK(fnv1a("") == 0xcbf29ce484222325);
  CHECK(fnv1a("a") == 0xaf63dc4c8601ec8c);
  CHECK(fnv1a("foobar") == 0x85944171f73967e8);
}

TEST_CASE("a stream is the same in every build: a change here changes every published result") {
  CHECK(stream_key(1, "broker-0", "crash") == stream_key(1, "broker-0", "crash"));
  CHECK(stream_key(1, "broker-0", "crash") == 0xd3b5c60b5c02e39c);
  CHECK(random_bits(0x0123456789abcdef, 42, 7) == 0xf4c184378fd4a3a9);
}

TEST_CASE("uniforms keep away from both ends") {
  CHECK(to_unit(0) > 0);
  CHECK(to_unit(~std::uint64_t{0}) < 1);
  CHECK(to_unit(0) == 0x1p-53);
  CHECK(1 - to_unit(~std::uint64_t{0}) == 0x1p-53);
  CHECK(to_unit(std::uint64_t{1} << 63) == 0.5 + 0x1p-53);
}

TEST_CASE("streams of different names, purposes and seeds have different keys") {
  std::set<std::uint64_t> keys;
  std::size_t made = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (int component = 0; component < 200; ++component) {
      for (const char* purpose : {"crash", "repair", "phase"}) {
        keys.insert(stream_key(seed, "node-" + std::to_string(component), purpose));
        ++made;
      }
    }
  }
  CHECK(keys.size() == made);
  // The border between name and purpose counts.
  CHECK(stream_key(1, "ab", "c") != stream_key(1, "a", "bc"));
}

// False-alarm rate of each random check below over seeds: under 1e-6 (p-value below 1e-7, or more than 5.5 standard
// deviations, a few checks each). The seeds are fixed, so a failure means that the code changed.
TEST_CASE("uniforms are uniform, in their upper and in their lower bits") {
  constexpr std::uint32_t draws = 200'000;
  std::vector<double> upper(100), lower(64);
  for (std::uint32_t i = 0; i < draws; ++i) {
    const std::uint64_t bits = random_bits(11, 3, i);
    upper[static_cast<std::size_t>(to_unit(bits) * 100)] += 1;
    lower[bits >> 12 & 63] += 1;
  }
  CHECK(equal_shares(upper) > 1e-7);
  CHECK(equal_shares(lower) > 1e-7);
}

TEST_CASE("streams, runs, draws and seeds are independent of their neighbours") {
  constexpr std::uint32_t draws = 200'000;
  const std::uint64_t key = stream_key(1, "node-1", "crash");
  const auto base = [&](std::uint32_t i) { return uniform(key, 0, i); };
  const auto check = [&](auto other) { CHECK(std::abs(correlation_score(base, other, draws)) < 5.5); };
  check([&](std::uint32_t i) { return uniform(key, 0, i + 1); });
  check([&](std::uint32_t i) { return uniform(key, 1, i); });
  check([&](std::uint32_t i) { return uniform(key + 1, 0, i); });
  check([&](std::uint32_t i) { return uniform(stream_key(2, "node-1", "crash"), 0, i); });
  check([&](std::uint32_t i) { return uniform(stream_key(1, "node-2", "crash"), 0, i); });
  check([&](std::uint32_t i) { return uniform(stream_key(1, "node-1", "repair"), 0, i); });
}

TEST_CASE("the first draws of successive runs are uniform") {
  // Estimates use one or two draws of very many runs, so this direction matters as much as along a stream.
  std::vector<double> cells(100);
  for (std::uint64_t run = 0; run < 200'000; ++run) {
    cells[static_cast<std::size_t>(uniform(17, run, 0) * 10) * 10 +
          static_cast<std::size_t>(uniform(17, run, 1) * 10)] += 1;
  }
  CHECK(equal_shares(cells) > 1e-7);
}

}  // namespace random_test
