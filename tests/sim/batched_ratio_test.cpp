// Ratios from batches: by hand, and how often their intervals cover the truth.
#include "sim/batched_ratio.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "sim/math.hpp"
#include "sim/random.hpp"

namespace batched_ratio_test {

using namespace nines::sim;

namespace {

/// Uniform numbers by (repetition, number).
double uniform(std::uint64_t repetition, std::uint32_t number) {
  return to_unit(random_bits(stream_key(9, "batched ratio", "test"), repetition, number));
}
double normal(std::uint64_t repetition, std::uint32_t number) { return normal_quantile(uniform(repetition, number)); }

}  // namespace

TEST_CASE("batched ratio: by hand", "[statistics]") {
  const std::vector<Batch> batches{{1, 2, 4}, {1, 4, 4}, {1, 3, 4}};
  CHECK(ratio_of(batches) == Approx(0.75));
  // Linearised: -0.25, 0.25, 0; variance of the mean 0.125 / (3 * 2).
  const Difference found = paired_difference(std::vector<Batch>{{1, 0, 1}, {1, 0, 1}, {1, 0, 1}}, batches);
  CHECK(found.value == Approx(0.75));
  CHECK(found.standard_error == Approx(std::sqrt(0.125 / 6)));
  CHECK(found.degrees_of_freedom == 2);
  // Student's t with 2 degrees of freedom, 97.5 %: 4.302653.
  CHECK(found.interval(0.95).upper == Approx(0.75 + 4.302653 * std::sqrt(0.125 / 6)).epsilon(1e-6));
  CHECK(found.upper(0.025) == Approx(found.interval(0.95).upper));
}

TEST_CASE("batched ratio: what nobody saw has no value", "[statistics]") {
  const std::vector<Batch> nothing{{1, 0, 1}, {1, 0, 1}};
  CHECK_FALSE(ratio_estimate(nothing).value);
  const std::vector<Batch> one{{1, 0, 1}, {1, 5, 1}};
  CHECK(ratio_estimate(one).value);
  CHECK_FALSE(ratio_estimate(one).ci95);
  CHECK(ratio_of(std::vector<Batch>{{1, 3, 0}, {1, 2, 0}}) == 0);
}

TEST_CASE("batched ratio: a batch of twice the weight stands for two", "[statistics]") {
  // Alike batches, gathered in pairs: the same value; the variance has the same mean over many samples.
  double apart = 0;
  double together = 0;
  for (std::uint64_t repetition = 0; repetition < 400; ++repetition) {
    std::vector<Batch> single;
    std::vector<Batch> mixed;
    for (std::uint32_t i = 0; i < 24; ++i) single.push_back({1, 5 + normal(repetition, i), 1});
    for (std::uint32_t i = 0; i < 24; i += i < 8 ? 1 : 2) {
      if (i < 8)
        mixed.push_back(single[i]);
      else
        mixed.push_back({2, (single[i].reward + single[i + 1].reward) / 2, 1});
    }
    REQUIRE(ratio_of(single) == Approx(ratio_of(mixed)));
    const std::vector<Batch> none(24, Batch{1, 0, 1});
    std::vector<Batch> none_mixed;
    for (const Batch& batch : mixed) none_mixed.push_back({batch.weight, 0, 1});
    const double a = paired_difference(none, single).standard_error;
    const double b = paired_difference(none_mixed, mixed).standard_error;
    apart += a * a;
    together += b * b;
  }
  // Each sum has a relative standard error below 2 %; 5.5 of them together.
  CHECK(together / apart == Approx(1).margin(0.14));
}

TEST_CASE("batched ratio: intervals of values and differences cover as often as they say", "[statistics]") {
  // Rewards and lengths are correlated; the second system shares most of its noise with the first.
  constexpr int repetitions = 4000;
  constexpr std::uint32_t batches = 16;
  int value_hits = 0;
  int difference_hits = 0;
  int independent_hits = 0;
  double sharper = 0;
  for (std::uint64_t repetition = 0; repetition < repetitions; ++repetition) {
    std::vector<Batch> a;
    std::vector<Batch> b;
    std::vector<Batch> c;
    for (std::uint32_t i = 0; i < batches; ++i) {
      const double common = normal(repetition, 8 * i);
      const double length = 10 + normal(repetition, 8 * i + 1);
      a.push_back({1, 3 * length + 2 * common + 0.3 * normal(repetition, 8 * i + 2), length});
      b.push_back({1, 3.2 * length + 2 * common + 0.3 * normal(repetition, 8 * i + 3), length});
      const double other = 10 + normal(repetition, 8 * i + 4);
      c.push_back({1, 3.2 * other + 2 * normal(repetition, 8 * i + 5) + 0.3 * normal(repetition, 8 * i + 6), other});
    }
    const Interval value = *ratio_estimate(a).ci95;
    const Interval paired = paired_difference(a, b).interval(0.95);
    const Interval independent = independent_difference(a, c).interval(0.95);
    value_hits += value.lower <= 3 && 3 <= value.upper;
    difference_hits += paired.lower <= 0.2 && 0.2 <= paired.upper;
    independent_hits += independent.lower <= 0.2 && 0.2 <= independent.upper;
    sharper += (independent.upper - independent.lower) / (paired.upper - paired.lower) / repetitions;
  }
  // Binomial with 4,000 trials: 5.5 standard errors of 0.95 are 0.019 (false alarm below 1e-7 each).
  CHECK(value_hits / double{repetitions} == Approx(0.95).margin(0.019));
  CHECK(difference_hits / double{repetitions} == Approx(0.95).margin(0.019));
  CHECK(independent_hits / double{repetitions} == Approx(0.95).margin(0.019));
  // Standard errors 0.09 x sqrt(1/16) x sqrt(2) ... : sqrt(2 (4 + 0.09) / (2 x 0.09)) = 6.7.
  CHECK(sharper == Approx(6.7).epsilon(0.1));
}

}  // namespace batched_ratio_test
