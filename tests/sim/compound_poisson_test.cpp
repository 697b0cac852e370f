// Breach probabilities against Takacs' closed forms, the rare-event sheet, section 2, an independent Fourier inversion
// and finite differences.
#include "sim/compound_poisson.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <complex>
#include <vector>

#include "sim/math.hpp"
#include "sim/poisson.hpp"
#include "sim/special_functions.hpp"

namespace compound_poisson_test {

using namespace nines;
using sim::DowntimeTail;
using sim::OutageKind;

namespace {

constexpr double ten_digits = 5e-10;
constexpr double month = 720;
constexpr double minute = 1.0 / 60;

/// A continuous law of lengths as `count` equally likely ones, at the mid-points of its quantiles.
template <class Quantile>
std::vector<OutageKind> sampled(double rate, int count, Quantile quantile) {
  std::vector<OutageKind> outages;
  for (int i = 0; i < count; ++i) outages.push_back({rate / count, quantile((i + 0.5) / count)});
  return outages;
}

std::vector<OutageKind> exponential(double rate, double mean, int count = 200'000) {
  return sampled(rate, count, [mean](double p) { return -mean * sim::log1p(-p); });
}

using Complex = std::complex<double>;

/// Radix-2 Fourier transform, the textbook way; the size is a power of two.
std::vector<Complex> fourier(const std::vector<Complex>& x, double sign) {
  const std::size_t n = x.size();
  if (n == 1) return x;
  std::vector<Complex> even, odd;
  for (std::size_t i = 0; i < n; i += 2) {
    even.push_back(x[i]);
    odd.push_back(x[i + 1]);
  }
  even = fourier(even, sign);
  odd = fourier(odd, sign);
  std::vector<Complex> sum(n);
  for (std::size_t k = 0; k < n / 2; ++k) {
    const Complex turned = std::polar(1.0, sign * 2 * M_PI * static_cast<double>(k) / static_cast<double>(n)) * odd[k];
    sum[k] = even[k] + turned;
    sum[k + n / 2] = even[k] - turned;
  }
  return sum;
}

/// Law of the compound Poisson sum of whole lengths: counts[j] is the expected number of outages of length j.
std::vector<double> by_fourier(const std::vector<double>& counts, std::size_t size) {
  std::vector<Complex> x(size, 0);
  double total = 0;
  for (std::size_t j = 0; j < counts.size(); ++j) {
    x[j] = counts[j];
    total += counts[j];
  }
  x = fourier(x, -1);
  for (Complex& value : x) value = std::exp(value - total);
  x = fourier(x, 1);
  std::vector<double> law;
  for (const Complex& value : x) law.push_back(value.real() / static_cast<double>(size));
  return law;
}

}  // namespace

TEST_CASE("Poisson weights equal the gamma tails, from tiny to large means") {
  for (const double mean : {0.0, 1e-12, 0.3, 1.0, 17.5, 800.0, 1e5}) {
    CAPTURE(mean);
    const auto weights = sim::poisson_weights(mean);
    const auto tails = weights.upper_tails();
    double sum = 0;
    for (const double w : weights.weight) sum += w;
    CHECK(sum == Approx(1).epsilon(1e-13));
    for (std::size_t n = weights.first; n < weights.end(); n += 1 + weights.weight.size() / 50) {
      if (tails[n] < 1e-150) continue;
      CHECK(tails[n] == Approx(sim::gamma_tails(static_cast<double>(n + 1), mean).lower).epsilon(3e-12).margin(0));
    }
  }
  CHECK(sim::poisson_weights(0).at(0) == 1);
  CHECK(sim::poisson_weights(1e-12).at(3) == Approx(1e-36 / 6).epsilon(1e-11));
  CHECK(sim::poisson_weights(800).at(0) == 0);
}

TEST_CASE("closed forms of Takacs: the table of section 2") {
  constexpr double rate = 1.0 / 1500, hours = 0.25;
  const auto exponential_outages = [](double share) {
    return sim::breach_with_exponential_outages(rate, hours, month, month * share);
  };
  CHECK(exponential_outages(0.001) == Approx(3.833188472e-2).epsilon(ten_digits));
  CHECK(exponential_outages(0.0005) == Approx(1.223413156e-1).epsilon(ten_digits));
  CHECK(exponential_outages(0.0001) == Approx(3.043838355e-1).epsilon(ten_digits));
  const auto fixed_outages = [](double share) {
    return sim::breach_with_fixed_outages(rate, hours, month, month * share);
  };
  CHECK(fixed_outages(0.001) == Approx(1.288254315e-2).epsilon(ten_digits));
  CHECK(fixed_outages(0.0005) == Approx(8.412930555e-2).epsilon(ten_digits));
  CHECK(fixed_outages(0.0001) == Approx(3.811869059e-1).epsilon(ten_digits));
}

TEST_CASE("the grid equals the closed form for fixed outages") {
  constexpr double rate = 1.0 / 1500, hours = 0.25;
  const std::vector<OutageKind> outages{{rate, hours}};
  for (const double share : {0.001, 0.0005, 0.0001}) {
    const auto tail = sim::downtime_tail(outages, month, month * share);
    CHECK(tail.breach() == Approx(sim::breach_with_fixed_outages(rate, hours, month, month * share)).epsilon(1e-12));
  }
}

TEST_CASE("the grid comes to the closed form for exponential outages, with the square of the cell") {
  constexpr double rate = 1.0 / 1500, hours = 0.25;
  const auto outages = exponential(rate, hours);
  for (const double share : {0.001, 0.0005, 0.0001}) {
    const double exact = sim::breach_with_exponential_outages(rate, hours, month, month * share);
    const auto error = [&](std::size_t cells) {
      return std::abs(sim::downtime_tail(outages, month, month * share, cells).breach() / exact - 1);
    };
    CHECK(error(2048) < 1e-5);
    CHECK(error(128) < 1e-4);
    CHECK(error(32) < 1e-3);
  }
}

TEST_CASE("lognormal outages: the row of section 2") {
  // 0.4 outages in the exposure; the sheet's grids of 1/64 and 1/256 min end at three to four digits.
  constexpr double exposure = 1000;
  const auto outages = sampled(0.4 / exposure, 200'000, [](double p) {
    constexpr double sigma = 1.2;
    return 10 * minute * sim::exp(sigma * sim::normal_quantile(p) - sigma * sigma / 2);
  });
  const DowntimeTail tail(outages, exposure, 21.6 * minute);
  CHECK(tail.breach() == Approx(4.8011e-2).epsilon(2e-4));
  const DowntimeTail fine(outages, exposure, 21.6 * minute, 8192);
  CHECK(tail.breach() == Approx(fine.breach()).epsilon(1e-5));
}

TEST_CASE("whole lengths equal a Fourier inversion, ties at the budget counting half") {
  const std::vector<double> counts{0, 0.5, 0.25, 0, 0.125, 0.3, 0, 0, 0, 0, 0, 0.2};
  for (const double factor : {0.02, 1.0, 5.0}) {
    CAPTURE(factor);
    std::vector<OutageKind> outages;
    std::vector<double> scaled;
    for (std::size_t j = 0; j < counts.size(); ++j) {
      scaled.push_back(factor * counts[j]);
      outages.push_back({factor * counts[j], static_cast<double>(j)});
    }
    const auto law = by_fourier(scaled, 512);
    constexpr std::size_t budget = 8;
    double expected = 0;
    for (std::size_t j = budget + 1; j < law.size(); ++j) expected += law[j];
    expected += law[budget] / 2;
    const DowntimeTail tail(outages, 1, budget, budget);
    CHECK(tail.breach() == Approx(expected).epsilon(1e-11));
    // One more outage of three units: others above five, or half of those at five.
    double with_three = law[budget - 3] / 2;
    for (std::size_t j = budget - 3 + 1; j < law.size(); ++j) with_three += law[j];
    CHECK(tail.added_by(3) == Approx(with_three - expected).epsilon(1e-10));
    CHECK(tail.added_by(budget + 0.001) == Approx(1 - expected).epsilon(1e-10));
  }
}

TEST_CASE("an outage of the whole budget breaches with the next one, however short") {
  // Ties count half: one outage of the budget and at least one of no length; or two of the budget.
  constexpr double rare = 1e-6, frequent = 3;
  const DowntimeTail tail(std::vector<OutageKind>{{rare, 8}, {frequent, 0}}, 1, 8, 8);
  const double one = rare * sim::exp(-rare);
  const double expected = one * -sim::expm1(-frequent) / 2 + sim::gamma_tails(2, rare).lower;
  CHECK(tail.breach() == Approx(expected).epsilon(1e-12));
}

TEST_CASE("derivatives equal finite differences") {
  for (const double factor : {1e-6, 1e-3, 1.0, 5.0, 30.0}) {
    CAPTURE(factor);
    constexpr double window = 100, budget = 7;
    std::vector<OutageKind> outages;
    for (int i = 0; i < 50; ++i) outages.push_back({factor * (1 + i % 7) / 1e5, 0.013 + 0.19 * i});
    const auto tail = sim::downtime_tail(outages, window, budget, 256);
    // Short, ordinary, just within the budget, exactly on it, beyond it.
    for (const double hours : {0.004, 0.5, 3.3, 6.99, 7.0, 8.0}) {
      CAPTURE(hours);
      const double step = 1e-6 * factor / (1 + factor);
      const auto with = [&](double rate) {
        auto more = outages;
        more.push_back({rate, hours});
        return sim::downtime_tail(more, window, budget, 256).breach();
      };
      const double difference = (-3 * tail.breach() + 4 * with(step) - with(2 * step)) / (2 * step);
      CHECK(tail.derivative(hours) == Approx(difference).epsilon(1e-5).margin(1e-13 * tail.breach() / step));
    }
  }
}

TEST_CASE("very many outages do not underflow, and the far tail is not a difference") {
  // Outages of two cells against a budget of an odd number of cells: exact on the grid, without ties.
  struct Case {
    double mean;
    std::size_t cells;
    double at_most;
  };
  const auto c = GENERATE(Case{800, 1601, 1}, Case{800, 2047, 1e-13}, Case{2000, 4401, 1e-4});
  CAPTURE(c.mean, c.cells);
  constexpr double window = 10'000, hours = 0.02;
  const double budget = static_cast<double>(c.cells) * hours / 2;
  const double rate = c.mean / (window - budget);
  const double exact = sim::breach_with_fixed_outages(rate, hours, window, budget);
  const auto tail = sim::downtime_tail(std::vector<OutageKind>{{rate, hours}}, window, budget, c.cells);
  CHECK(tail.breach() == Approx(exact).epsilon(1e-9));
  CHECK(exact < c.at_most);
}

TEST_CASE("lengths near the cell blur the law of very many outages") {
  // What the header warns of: 2,000 outages of about a cell; four times as many cells, a sixteenth of the error.
  constexpr double window = 10'000, budget = 20.6, hours = 0.01;
  const double rate = 2000 / (window - budget);
  const double exact = sim::breach_with_exponential_outages(rate, hours, window, budget);
  const auto outages = exponential(rate, hours, 20'000);
  const auto error = [&](std::size_t cells) {
    return sim::downtime_tail(outages, window, budget, cells).breach() / exact - 1;
  };
  const auto blur = [&](std::size_t cells) {
    return sim::downtime_tail(outages, window, budget, cells).added_variance();
  };
  CHECK(blur(1024) > 0.1);
  CHECK(blur(20'600) < 0.01);
  CHECK(sim::downtime_tail(std::vector<OutageKind>{{1, 0.25}}, 2, 1, 4).added_variance() == 0);
  // A length of half a cell: half of the outages count a whole one, which doubles the square.
  CHECK(sim::downtime_tail(std::vector<OutageKind>{{1, 0.125}}, 2, 1, 4).added_variance() == Approx(1));
  const double coarse = error(1024);
  CHECK(coarse > 0.01);
  CHECK(std::abs(error(4096)) < coarse / 10);
}

TEST_CASE("very few outages keep their digits") {
  constexpr double window = 730, budget = 0.73;
  constexpr double mean = 1e-12;
  const double rate = mean / (window - budget);
  // All longer than the budget: 1 - e^-m. None longer: two are needed, m^2 / 2.
  CHECK(sim::downtime_tail(std::vector<OutageKind>{{rate, 1}}, window, budget).breach() == Approx(mean).epsilon(1e-11));
  CHECK(sim::downtime_tail(std::vector<OutageKind>{{rate, 0.7}}, window, budget).breach() ==
        Approx(mean * mean / 2).epsilon(1e-11));
  CHECK(sim::downtime_tail(std::vector<OutageKind>{{rate, 0.3}}, window, budget).breach() ==
        Approx(mean * mean * mean / 6).epsilon(1e-11));
  // The last cell before the budget: alone within it.
  CHECK(sim::downtime_tail(std::vector<OutageKind>{{rate, 0.72999}}, window, budget).breach() ==
        Approx(mean * mean / 2).epsilon(1e-11));
  CHECK(sim::downtime_tail(std::vector<OutageKind>{{rate, budget}}, window, budget).breach() ==
        Approx(mean * mean / 2).epsilon(1e-11));
}

TEST_CASE("no outages, no breach") {
  CHECK(sim::downtime_tail({}, month, 1).breach() == 0);
  CHECK(sim::downtime_tail({}, month, 1).added_by(0.9) == 0);
  CHECK(sim::downtime_tail({}, month, 1).added_by(1) == 0);
  CHECK(sim::downtime_tail({}, month, 1).added_by(1.1) == 1);
  CHECK(sim::downtime_tail({}, month, 1).derivative(1.1) == month - 1);
  CHECK(sim::breach_with_fixed_outages(0, 1, month, 1) == 0);
  CHECK(sim::breach_with_exponential_outages(0, 1, month, 1) == 0);
}

}  // namespace compound_poisson_test
