// The platform's rules as pure functions, against worked examples of the Kubernetes sheet (section 9, by number).
#include <catch2/catch.hpp>

#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/node_lifecycle.hpp"
#include "models/kubernetes/rolling_restart.hpp"
#include "models/kubernetes/volume_attach.hpp"

namespace kubernetes_rules_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::kubernetes;
using namespace nines::sim::literals;

namespace {

constexpr Rate normal_rate{0.1 * 3600}, secondary_rate{0.01 * 3600};
constexpr double threshold = 0.55;

Rate rate_for(std::int64_t ready, std::int64_t not_ready) {
  return taint_rate(disruption(ready, not_ready, threshold), ready + not_ready, normal_rate, secondary_rate, 50);
}

}  // namespace

TEST_CASE("disruption modes of a zone", "[kubernetes][oracle]") {
  CHECK(disruption(5, 0, threshold) == Disruption::normal);
  CHECK(disruption(2, 3, threshold) == Disruption::partial);  // K5: 0.6
  CHECK(disruption(3, 2, threshold) == Disruption::normal);   // K6: 0.4
  CHECK(disruption(0, 2, threshold) == Disruption::full);     // K7
  CHECK(disruption(0, 1, threshold) == Disruption::full);
  CHECK(disruption(1, 2, threshold) == Disruption::normal);    // 0.67, but only two nodes
  CHECK(disruption(9, 11, threshold) == Disruption::partial);  // 0.55 exactly
  CHECK(disruption(10, 11, threshold) == Disruption::normal);
}

TEST_CASE("taint rates by mode and size of the zone", "[kubernetes][oracle]") {
  CHECK(rate_for(2, 3).per_hour == 0);        // K5: stopped for ever
  CHECK(rate_for(3, 2) == normal_rate);       // K6
  CHECK(rate_for(0, 4) == normal_rate);       // K4: a whole zone is evicted
  CHECK(rate_for(20, 31) == secondary_rate);  // K8: 51 nodes
  CHECK(rate_for(20, 30).per_hour == 0);      // 50 nodes are not more than 50
}

TEST_CASE("a changed rate hands over an empty bucket if the old one was empty", "[kubernetes][oracle]") {
  TaintQueue queue;
  const sim::Time t = sim::Time::zero() + 1000_s;
  queue.rate = normal_rate;
  queue.next_token = sim::Time::zero();
  swap_rate(queue, normal_rate, t);
  CHECK(queue.next_token == sim::Time::zero());  // the same rate: nothing happens
  swap_rate(queue, secondary_rate, t);
  CHECK(queue.next_token == t);  // full before, full now
  swap_rate(queue, Rate{}, t);
  swap_rate(queue, normal_rate, t + 5_s);
  CHECK(queue.next_token == t + 15_s);  // K4b: from stopped to 0.1/s
}

TEST_CASE("K19: restart back-off of a container that crashes at once", "[kubernetes][oracle]") {
  Parameters p;
  p.restart_backoff_first = 10_s;
  p.restart_backoff_max = 300_s;
  p.restart_backoff_reset = 600_s;
  Duration backoff, at;
  for (const std::int64_t restart : {0, 10, 30, 70, 150, 310, 610, 910}) {
    at += restart_wait(backoff, Duration(), p);
    CHECK(at == Duration::seconds(restart));
  }
  CHECK(restart_wait(backoff, 600_s, p) == 300_s);  // ran for ten minutes: not longer
  CHECK(restart_wait(backoff, 601_s, p) == 0_s);    // afresh
  CHECK(restart_wait(backoff, 1_s, p) == 10_s);
}

TEST_CASE("the CSI driver sees an attachment at its polls only", "[kubernetes]") {
  const auto seen = [](double seconds) { return polled(Duration::from_seconds(seconds), 1_s, 1.8).to_seconds(); };
  CHECK(seen(0) == 0);
  CHECK(seen(0.2) == Approx(1));
  CHECK(seen(1) == Approx(1));
  CHECK(seen(2) == Approx(2.8));
  CHECK(seen(3) == Approx(6.04));
  CHECK(seen(11) == Approx(11.872));
  CHECK(seen(41) == Approx(41.2633).epsilon(1e-3));
  CHECK(polled(100_s, 1_s, 0.5) == 100_s);  // waits do not shrink, or the end would never be seen
}

TEST_CASE("K15, K16: evictions that a disruption budget allows", "[kubernetes][oracle]") {
  constexpr auto at_most = &DisruptionBudget::at_most;
  constexpr auto at_least = &DisruptionBudget::at_least;
  CHECK(disruptions_allowed(3, 3, at_most(1)) == 1);
  CHECK(disruptions_allowed(3, 2, at_most(1)) == 0);  // one lost with its node counts
  CHECK(disruptions_allowed(3, 1, at_most(1)) == -1);
  CHECK(disruptions_allowed(7, 7, at_most(2)) == 2);
  CHECK(disruptions_allowed(2, 2, at_most(5)) == 2);
  CHECK(disruptions_allowed(3, 3, at_least(2)) == 1);
  CHECK(disruptions_allowed(3, 2, at_least(2)) == 0);
  CHECK(disruptions_allowed(2, 2, at_least(5)) == -3);
  // Shares are rounded up, which lets one more go of what may be away and one less of what has to stay.
  const auto share = [](DisruptionBudget::Of of, std::int64_t percent) { return DisruptionBudget{of, percent, true}; };
  using enum DisruptionBudget::Of;
  CHECK(disruptions_allowed(7, 7, share(max_unavailable, 25)) == 2);
  CHECK(disruptions_allowed(7, 7, share(min_available, 75)) == 1);
  for (std::int64_t pods = 1; pods <= 50; ++pods) {
    CHECK(disruptions_allowed(pods, pods, share(max_unavailable, 0)) == 0);
    CHECK(disruptions_allowed(pods, pods, share(min_available, 100)) == 0);
    CHECK(disruptions_allowed(pods, pods, share(max_unavailable, 100)) == pods);
    CHECK(disruptions_allowed(pods, pods, share(min_available, 0)) == pods);
    CHECK(disruptions_allowed(pods, pods, share(max_unavailable, 50)) == (pods + 1) / 2);
    CHECK(disruptions_allowed(pods, pods, share(min_available, 50)) == pods / 2);
  }
}

TEST_CASE("refused restarts wait 127.75 s in all before the roll gives up", "[kubernetes]") {
  Duration total;
  for (std::uint32_t refusals = 1; refusals < 10; ++refusals) total += refusal_wait(refusals, 250_ms);
  CHECK(total == Duration::milliseconds(127'750));
}

}  // namespace kubernetes_rules_test
