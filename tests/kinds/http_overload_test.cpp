// Queues, time-outs and retries: closed forms, and single requests played one by one.
#include <catch2/catch.hpp>
#include <cmath>
#include <queue>
#include <random>
#include <vector>

#include "models/http/overload.hpp"

namespace http_overload_test {

using namespace nines::models::http;
using namespace nines::sim;
using namespace nines::sim::literals;

namespace {

constexpr std::size_t servers = 4;
constexpr double capacity = 100;  // each, per second

struct Case {
  double fresh = 300;
  std::int64_t retries = 0;
  double queue = 1e6;
  double budget = 1e6;
  double surge = 600;
  Duration lasts = 60_s;
  Duration round_trip;
  Duration wait;
};

LoadRules rules_of(const Case& c) {
  LoadRules rules;
  rules.retries = c.retries;
  rules.attempt_timeout = 1_s;
  rules.waits.assign(static_cast<std::size_t>(c.retries), c.wait);
  rules.deadline = 1000_s;
  rules.round_trip = c.round_trip;
  rules.retry_budget = c.budget;
  rules.queue = c.queue;
  return rules;
}

Inflow inflow(double fresh, std::size_t answering = servers, Duration trip = {}) {
  Inflow all{fresh, 0, 1 - static_cast<double>(answering) / servers, {}};
  for (std::uint32_t i = 0; i < answering; ++i) all.servers.push_back({i, 1.0 / servers, capacity, trip});
  return all;
}

Time at(double seconds) { return Time::zero() + Duration::from_seconds(seconds); }

/// Share of attempts that are answered in time now.
double answered(const Overload& state) {
  if (state.calm()) return 1;
  double share = 0;
  for (const ServerLoad& server : state.inflow.servers)
    share += server.share * outcome_at(state, server, state.rules.attempt_timeout).answered;
  return share;
}

void to(Overload& state, double seconds) {
  if (!state.calm()) advance(state, at(seconds));
}

Overload after_surge(const Case& c, const LoadRules& rules) {
  Overload state;
  change(state, rules, at(0), inflow(c.surge, servers, c.round_trip));
  to(state, c.lasts.to_seconds());
  change(state, rules, Time::zero() + c.lasts, inflow(c.fresh, servers, c.round_trip));
  return state;
}

/// When all attempts are answered in time again after the surge; infinite if that is not within the time.
double recovered(const Case& c, double within = 1e5) {
  const LoadRules rules = rules_of(c);
  Overload state = after_surge(c, rules);
  double back = c.lasts.to_seconds();
  while (!state.calm()) {
    const auto next = next_change(state);
    if (!next || next->to_seconds() > within) return INFINITY;
    const bool failing = answered(state) < 1 - 1e-9;
    advance(state, *next);
    if (failing) back = next->to_seconds();
  }
  return back;
}

/// The same of requests one by one: as many as the rate says, each at some moment of its twentieth of a second, so that
/// it is chance who finds a full queue; sent to servers in turn, served first come first served. When the last attempt
/// that was answered too late or refused was sent.
double recovered_one_by_one(const Case& c, double end) {
  struct Attempt {
    double when;
    std::int64_t failed;
    bool operator<(const Attempt& other) const { return when > other.when; }
  };
  std::priority_queue<Attempt> due;
  std::mt19937 dice(1);
  const auto some = [&] { return 0.05 * static_cast<double>(dice()) / 4294967296.0; };
  const double surge_s = c.lasts.to_seconds();
  for (double t = 0; t < end; t += 1 / (t < surge_s ? c.surge : c.fresh)) due.push({t + some(), 0});
  std::vector<double> free_at(servers, 0);
  std::size_t next = 0;
  double last = surge_s;
  while (!due.empty()) {
    const Attempt attempt = due.top();
    due.pop();
    if (attempt.when > end) break;
    double& server = free_at[next++ % servers];
    const double begins = std::max(server, attempt.when);
    const double waits = begins - attempt.when;
    double failed_after = -1;
    if (waits * capacity > c.queue) {
      failed_after = c.round_trip.to_seconds();
    } else {
      server = begins + 1 / capacity;
      if (waits + c.round_trip.to_seconds() > 1) failed_after = 1;
    }
    if (failed_after < 0) continue;
    last = std::max(last, attempt.when);
    if (attempt.failed < c.retries)
      due.push({attempt.when + failed_after + c.wait.to_seconds() + some() - 0.025, attempt.failed + 1});
  }
  return last;
}

}  // namespace

TEST_CASE("overload: what servers carry stays calm", "[http][overload]") {
  const LoadRules rules = rules_of({});
  Overload state;
  change(state, rules, at(0), inflow(400));
  CHECK(state.calm());
  change(state, rules, at(0), inflow(401));
  CHECK_FALSE(state.calm());
}

TEST_CASE("overload: without retries a queue is late until it has drained", "[http][overload][oracle]") {
  // 50 requests per second and server too many for 60 s; then 25 of 100 are left to drain 2,900 of the 3,000.
  Case c;
  CHECK(recovered(c) == Approx(60 + 2900 / 25.0));
  const LoadRules rules = rules_of(c);
  Overload state = after_surge(c, rules);
  CHECK(waiting(state) == Approx(4 * 3000));
  to(state, 179.9);
  CHECK_FALSE(state.calm());
  to(state, 180.1);
  CHECK(state.calm());
  // Answers come in time as long as fewer than a second's requests wait: 2 s of the surge.
  state = {};
  change(state, rules, at(0), inflow(c.surge));
  to(state, 1.999);
  CHECK(answered(state) == 1);
  to(state, 2.001);
  CHECK(answered(state) == 0);
}

TEST_CASE("overload: a queue is drained by what retries leave of the capacity", "[http][overload][oracle]") {
  // Late from 2 s on, so that from 3 s on 1,200 attempts arrive; after 60 s 150 fresh ones, and for a second 600
  // retries.
  Case c;
  c.fresh = 150;
  c.retries = 1;
  const double most = 150 + 57 * 200 + 87.5;
  CHECK(recovered(c) == Approx(61 + (most - 100) / 25));
}

TEST_CASE("overload: retries that exceed the capacity keep it up for ever", "[http][overload][oracle]") {
  Case c;
  c.retries = 3;
  CHECK(std::isinf(recovered(c)));
  const LoadRules rules = rules_of(c);
  Overload state = after_surge(c, rules);
  to(state, 3600);
  CHECK(attempts(state) == Approx(4 * 300));
  CHECK(answered(state) == 0);
  CHECK(overloaded(state));
  // Four times 99 requests are fewer than 400.
  c.fresh = 99;
  c.queue = 1000;
  CHECK(std::isfinite(recovered(c)));
  c.fresh = 101;
  CHECK(std::isinf(recovered(c)));
}

TEST_CASE("overload: a queue no longer than the time-out keeps servers useful", "[http][overload][oracle]") {
  Case c;
  c.retries = 3;
  c.queue = 100;
  c.round_trip = 1_ms;
  c.wait = 25_ms;
  c.queue = 99;  // (1 s - 1 ms) of requests
  const LoadRules rules = rules_of(c);
  Overload state;
  change(state, rules, at(0), inflow(c.surge, servers, c.round_trip));
  to(state, 60);
  // 600 fresh requests with up to three retries: 400 attempts a second are answered, all in time.
  CHECK(answered(state) * attempts(state) == Approx(400));
  // The share r of refused attempts solves 400 = 600 (1 - r^4); a thousandth of it is kept back.
  const double refused = std::pow(1 - 400.0 / 600, 0.25);
  CHECK(attempts(state) == Approx(600 * (1 - std::pow(refused, 4)) / (1 - refused)).epsilon(2e-3));
  CHECK(recovered(c) < 61);
}

TEST_CASE("overload: a budget of retries ends it", "[http][overload][oracle]") {
  // At most 0.2 x 300 retries: 360 attempts of 400 drain the queues with 10 of 100 requests a second.
  Case c;
  c.retries = 3;
  c.budget = 0.2;
  const LoadRules rules = rules_of(c);
  Overload state = after_surge(c, rules);
  const double most = state.waiting[0];
  CHECK(most == Approx(3 * 50 + 57 * 80).epsilon(0.01));
  CHECK(recovered(c) == Approx(60 + (most - 100) / 10).epsilon(0.01));
}

TEST_CASE("overload: with one of four silent k retries add a quarter, a sixteenth ...", "[http][overload][oracle]") {
  Case c;
  c.retries = 2;
  c.fresh = 200;
  const LoadRules rules = rules_of(c);
  Overload state;
  change(state, rules, at(0), inflow(c.fresh, 3));
  to(state, 100);
  CHECK(attempts(state) == Approx(200 * (1 + 1 / 4.0 + 1 / 16.0)));
  CHECK_FALSE(overloaded(state));  // 65.6 each
  change(state, rules, at(100), inflow(c.fresh));
  to(state, 103);
  CHECK(state.calm());
}

TEST_CASE("overload: people who limit traffic end it, or let servers do what they can", "[http][overload]") {
  Case c;
  c.retries = 3;
  const LoadRules rules = rules_of(c);
  Overload state = after_surge(c, rules);
  to(state, 600);
  limit(state);
  CHECK(state.calm());

  state = after_surge(c, rules);
  change(state, rules, at(60), inflow(600));
  limit(state);
  REQUIRE_FALSE(state.calm());
  CHECK(attempts(state) == 600);
  CHECK(answered(state) == Approx(4.0 / 6));
  to(state, 700);
  change(state, rules, at(700), inflow(300));
  CHECK(state.calm());
}

TEST_CASE("overload: the fluid recovers when requests one by one do", "[http][overload][differential]") {
  // Requests come evenly and are sent in turn, so the two differ by less than a round of queues: half a per cent.
  std::vector<Case> cases(5);
  cases[1].fresh = 150;
  cases[1].retries = 1;
  cases[2].fresh = 90;
  cases[2].retries = 2;
  cases[2].wait = 300_ms;
  cases[3].fresh = 95;
  cases[3].retries = 3;
  cases[3].queue = 900;
  cases[3].wait = 50_ms;
  cases[3].round_trip = 2_ms;
  cases[4].fresh = 120;
  cases[4].retries = 2;
  cases[4].queue = 400;
  cases[4].lasts = 20_s;
  cases[4].wait = 100_ms;
  cases[4].round_trip = 1_ms;
  for (const Case& c : cases) {
    CAPTURE(c.fresh, c.retries, c.queue);
    const double fluid = recovered(c);
    CHECK(recovered_one_by_one(c, fluid + 200) == Approx(fluid).epsilon(0.005));
  }
}

}  // namespace http_overload_test
