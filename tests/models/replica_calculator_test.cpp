// The arithmetic of HorizontalPodAutoscalers, by the cases of the Kubernetes sheet and of kubernetes/kubernetes
// pkg/controller/podautoscaler/replica_calculator_test.go (their inputs and results, not their text).
#include "models/kubernetes/replica_calculator.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace replica_calculator_test {

using namespace nines::models::kubernetes;

namespace {

constexpr double tolerance = 0.1;

std::vector<PodSample> pods(std::size_t counting, double use, std::size_t unready = 0, std::size_t missing = 0) {
  std::vector<PodSample> all(counting, {Standing::counts, use});
  all.insert(all.end(), unready, {Standing::unready, 0});
  all.insert(all.end(), missing, {Standing::missing, 0});
  return all;
}

std::int64_t by_cpu(const std::vector<PodSample>& samples, double target, double request = 1) {
  return *replicas_by_cpu(samples, request, target, tolerance, static_cast<std::int64_t>(samples.size()));
}

}  // namespace

TEST_CASE("autoscaler: desired = ceil(pods * use / target), beyond the tolerance (K18)", "[autoscaler][oracle]") {
  CHECK(by_cpu(pods(4, 0.9), 0.5) == 8);
  CHECK(by_cpu(pods(4, 0.54), 0.5) == 4);       // 1.08
  CHECK(by_cpu(pods(4, 0.55), 0.5) == 4);       // 1.1 is within
  CHECK(by_cpu(pods(4, 0.56), 0.5) == 5);       // 1.12
  CHECK(by_cpu(pods(4, 0.45), 0.5) == 4);       // 0.9 is within
  CHECK(by_cpu(pods(4, 0.44), 0.5) == 4);       // 0.88: 3.52, rounded up
  CHECK(by_cpu(pods(4, 0.37), 0.5) == 3);       // 0.74: 2.96
  CHECK(by_cpu(pods(5, 1.4), 1) == 7);          // 7.0 stays 7
  CHECK(by_cpu(pods(3, 0.6, 0), 0.5, 2) == 2);  // of a request of 2: 30 %
}

TEST_CASE("autoscaler: percents are whole, rounded down", "[autoscaler][oracle]") {
  CHECK(by_cpu(pods(10, 0.7799), 0.7) == 10);  // 77 / 70 = 1.1
  CHECK(by_cpu(pods(10, 0.78), 0.7) == 12);    // 78 / 70 = 1.114
}

TEST_CASE("autoscaler: pods that are not Ready count 0 % before more are wanted", "[autoscaler][oracle]") {
  // Three Ready pods at 100 % of a target of 50 %: 6 without others; with two that start, 60 % over five.
  CHECK(by_cpu(pods(3, 1.0), 0.5) == 6);
  CHECK(by_cpu(pods(3, 1.0, 2), 0.5) == 6);  // 1.2 * 5
  CHECK(by_cpu(pods(3, 1.0, 3), 0.5) == 6);  // 50 %: no change from six
  CHECK(by_cpu(pods(3, 0.6, 2), 0.5) == 5);  // would turn around: no change
  // Before fewer are wanted they do not count at all.
  CHECK(by_cpu(pods(4, 0.2, 2), 0.5) == 2);
}

TEST_CASE("autoscaler: missing metrics count 0 % before more and 100 % before fewer are wanted (issue 30471)",
          "[autoscaler][oracle]") {
  CHECK(by_cpu(pods(3, 1.0, 0, 1), 0.5) == 6);  // 75 % over four: 1.5 * 4
  CHECK(by_cpu(pods(2, 1.0, 0, 2), 0.5) == 4);  // 50 % over four: no change
  CHECK(by_cpu(pods(3, 0.2, 0, 1), 0.5) == 4);  // 40 % over four: 0.8 * 4 = 3.2
  CHECK(by_cpu(pods(6, 0.2, 0, 1), 0.5) == 5);  // 31 % over seven: 0.62 * 7 = 4.34
  CHECK(by_cpu(pods(2, 0.3, 0, 2), 0.5) == 4);  // 65 %: would turn around
  CHECK(by_cpu(pods(3, 0.5, 0, 1), 0.5) == 4);  // neither: they stay out
  // 2 of 37 pods missing damp the decision, and do not keep it away.
  CHECK(by_cpu(pods(35, 0.8, 0, 2), 0.5) == 56);  // 75 % over 37: 1.5 * 37 = 55.5
  CHECK(by_cpu(pods(37, 0.8), 0.5) == 60);
  CHECK_FALSE(replicas_by_cpu(pods(0, 0, 2, 3), 1, 0.5, tolerance, 5));
  CHECK_FALSE(replicas_by_cpu({}, 1, 0.5, tolerance, 5));
}

TEST_CASE("autoscaler: an external metric is shared out, and 0 means none (issue 104387)", "[autoscaler][oracle]") {
  CHECK(replicas_by_requests(390, 130, tolerance, 3) == 3);
  CHECK(replicas_by_requests(420, 130, tolerance, 3) == 3);  // 1.077
  CHECK(replicas_by_requests(440, 130, tolerance, 3) == 4);
  CHECK(replicas_by_requests(0, 130, tolerance, 7) == 0);
}

TEST_CASE("autoscaler: limits of one review", "[autoscaler][oracle]") {
  // Without behavior: the double, or four. With autoscaling/v2's defaults: the double, or four more.
  CHECK(most_without_behavior(1, 2, 4) == 4);
  CHECK(most_without_behavior(3, 2, 4) == 6);
  CHECK(most_with_behavior(1, 0, 0, 1, 4) == 5);
  CHECK(most_with_behavior(3, 0, 0, 1, 4) == 7);
  CHECK(most_with_behavior(5, 0, 0, 1, 4) == 10);
  // What was added within the period counts: 3 pods of which 2 are new may become 5 in all.
  CHECK(most_with_behavior(3, 2, 0, 1, 4) == 5);
  CHECK(most_with_behavior(7, 4, 0, 1, 4) == 7);
  CHECK(fewest_with_behavior(10, 0, 0, 1) == 0);
  CHECK(fewest_with_behavior(10, 0, 0, 0.5) == 5);
  CHECK(fewest_with_behavior(8, 0, 2, 0.5) == 5);
}

}  // namespace replica_calculator_test
