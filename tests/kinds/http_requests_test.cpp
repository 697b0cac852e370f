// Requests that are tried several times: closed forms, and a literal client that draws its attempts.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/http/requests.hpp"
#include "models/http/spec.hpp"
#include "tests/models/dice.hpp"

namespace http_requests_test {

using namespace nines;
using namespace nines::models;
using namespace nines::sim::literals;
using http::failing_share;
using http::Odds;
using http::Patience;

TEST_CASE("http: with one of n servers silent, k retries fail with (1/n)^(k+1)", "[http][oracle]") {
  for (const int n : {1, 2, 3, 10}) {
    const double dead = 1.0 / n;
    for (int retries = 0; retries <= 4; ++retries) {
      const Patience patience{retries, 1_s, Duration(), 60_s};
      CHECK(failing_share({1 - dead, 0, dead}, patience, 1_ms) == Approx(std::pow(dead, retries + 1)).margin(1e-15));
      CHECK(failing_share({1 - dead, dead, 0}, patience, 1_ms) == Approx(std::pow(dead, retries + 1)).margin(1e-15));
    }
  }
}

TEST_CASE("http: silence costs the attempt time-out, and the deadline cuts retries off", "[http][oracle]") {
  const Odds silent{2.0 / 3, 0, 1.0 / 3};
  const Odds refused{2.0 / 3, 1.0 / 3, 0};
  // Three attempts of 2 s do not fit into 5 s: the third would begin at 4 s, and does; the fourth would at 6 s.
  CHECK(failing_share(silent, {5, 2_s, Duration(), 5_s}, 1_ms) == Approx(std::pow(1.0 / 3, 3)));
  // A refusal costs nothing.
  CHECK(failing_share(refused, {5, 2_s, Duration(), 5_s}, 1_ms) == Approx(std::pow(1.0 / 3, 6)));
  // But each retry waits: at 0, 2 and 4 s.
  CHECK(failing_share(refused, {5, 1_s, 2_s, 5_s}, 1_ms) == Approx(std::pow(1.0 / 3, 3)));
  // An answer that comes after the deadline is none.
  CHECK(failing_share({1, 0, 0}, {0, 10_s, Duration(), 1_s}, 2_s) == 1);
  CHECK(failing_share({1, 0, 0}, {0, 10_s, Duration(), 1_s}, 1_s) == 0);
}

TEST_CASE("http: the closed form is what a literal client finds", "[http][oracle]") {
  // 12 comparisons of a binomial share at 5.5 standard errors: false-alarm rate 5e-7 in all.
  constexpr int requests = 40'000;
  testing::Dice dice(1);
  for (const Odds& odds : {Odds{0.5, 0.2, 0.3}, Odds{0.6, 0, 0.4}, Odds{0.3, 0.6, 0.1}}) {
    for (const Patience& patience : {Patience{0, 1_s, 100_ms, 3_s}, Patience{3, 1_s, 100_ms, 3_s},
                                     Patience{6, 700_ms, 50_ms, 2_s}, Patience{9, 200_ms, 150_ms, 1_s}}) {
      int failed = 0;
      for (int i = 0; i < requests; ++i) {
        Duration now;
        bool served = false;
        for (std::int64_t attempt = 0; attempt <= patience.retries && !served; ++attempt) {
          if (attempt > 0) now += patience.retry_wait;
          if (now + 10_ms > patience.deadline) break;
          const double u = dice.uniform();
          if (u < odds.answered)
            served = true;
          else if (u > odds.answered + odds.refused)
            now += patience.attempt_timeout;
        }
        failed += served ? 0 : 1;
      }
      const double truth = failing_share(odds, patience, 10_ms);
      const double error = std::sqrt(truth * (1 - truth) / requests);
      REQUIRE(5.5 * error < 0.1 * truth + 0.003);
      CHECK(std::abs(static_cast<double>(failed) / requests - truth) < 5.5 * error);
    }
  }
}

TEST_CASE("http: servers that the load needs", "[http]") {
  http::Spec spec;
  CHECK(http::servers_needed(spec) == 1);
  spec.requests_per_s = 300;
  spec.capacity_per_pod = 100;
  CHECK(http::servers_needed(spec) == 3);
  spec.requests_per_s = 301;
  CHECK(http::servers_needed(spec) == 4);
  spec.requests_per_s = 0.3;
  spec.capacity_per_pod = 0.1;  // 0.3 / 0.1 is a little more than 3
  CHECK(http::servers_needed(spec) == 3);
}

}  // namespace http_requests_test
