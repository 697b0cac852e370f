// The native fabric against what can be worked out by hand.
#include <catch2/catch.hpp>

#include "models/fabric/max_min.hpp"

namespace fabric_closed_forms_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::fabric;

namespace {

Time at(double seconds) { return Time::zero() + Duration::from_seconds(seconds); }

struct Bench {
  MaxMin fabric;
  std::vector<fabric::Ending> endings;

  ResourceId resource(double bytes_per_s) { return fabric.add({{bytes_per_s}}); }
  /// Runs until the next flow ends and returns when; -1 if none does.
  double next_end() {
    endings.clear();
    while (endings.empty()) {
      const Time next = fabric.next_change();
      if (next == Time::never()) return -1;
      fabric.advance(next, endings);
      if (!endings.empty()) return next.to_seconds();
    }
    return -1;
  }
};

}  // namespace

TEST_CASE("one flow takes bytes / capacity, plus its latency", "[fabric]") {
  Bench b;
  const ResourceId link = b.fabric.add({{100}, {}, Duration::milliseconds(250)});
  const Route route{link};
  CHECK(b.fabric.latency(route) == Duration::milliseconds(250));
  b.fabric.start(at(1), {.route = route, .bytes = {1000}, .latency = b.fabric.latency(route), .owner = {7, 3}});
  CHECK(b.next_end() == 11.25);
  CHECK(b.endings[0].owner == Owner{7, 3});
  CHECK(b.endings[0].outcome == Outcome::done);
  CHECK(b.next_end() == -1);
}

TEST_CASE("n equal flows take n times as long, and each gets its share", "[fabric]") {
  Bench b;
  const ResourceId link = b.resource(100);
  std::vector<FlowId> flows;
  for (int i = 0; i < 8; ++i) flows.push_back(b.fabric.start(at(0), {.route = {link}, .bytes = {1000}}));
  for (const FlowId flow : flows) CHECK(b.fabric.rate(flow).bytes_per_s == 12.5);
  CHECK(b.next_end() == 80);
  CHECK(b.endings.size() == 8);
  for (std::size_t i = 0; i < 8; ++i) CHECK(b.endings[i].flow == flows[i]);
}

TEST_CASE("shares go by weight and a cap leaves the rest to others", "[fabric]") {
  Bench b;
  const ResourceId link = b.resource(120);
  const FlowId light = b.fabric.start(at(0), {.route = {link}});
  const FlowId heavy = b.fabric.start(at(0), {.route = {link}, .weight = 3});
  CHECK(b.fabric.rate(light).bytes_per_s == 30);
  CHECK(b.fabric.rate(heavy).bytes_per_s == 90);
  b.fabric.set_cap(at(1), heavy, {20});
  CHECK(b.fabric.rate(light).bytes_per_s == 100);
  b.fabric.set_cap(at(2), heavy, unlimited);
  b.fabric.set_weight(at(2), heavy, 1);
  CHECK(b.fabric.rate(light).bytes_per_s == 60);
}

TEST_CASE("a load of two uses a resource twice as fast", "[fabric]") {
  Bench b;
  const ResourceId disk = b.resource(90);
  Route twice;
  twice.add(disk).add(disk);
  const FlowId writer = b.fabric.start(at(0), {.route = twice});
  const FlowId reader = b.fabric.start(at(0), {.route = {disk}});
  CHECK(b.fabric.rate(writer).bytes_per_s == 30);
  CHECK(b.fabric.rate(reader).bytes_per_s == 30);
  CHECK(b.fabric.usage(disk).bytes_per_s == 90);
}

TEST_CASE("the parking lot: a long flow and one short one on each link of a chain", "[fabric]") {
  // Bertsekas and Gallager, figure 6.21: with equal links the long flow gets half of each.
  Bench b;
  std::vector<ResourceId> links;
  Route chain;
  for (const double capacity : {10.0, 6.0, 20.0}) {
    links.push_back(b.resource(capacity));
    chain.add(links.back());
  }
  const FlowId across = b.fabric.start(at(0), {.route = chain});
  std::vector<FlowId> local;
  for (const ResourceId link : links) local.push_back(b.fabric.start(at(0), {.route = {link}}));
  CHECK(b.fabric.rate(across).bytes_per_s == 3);
  CHECK(b.fabric.rate(local[0]).bytes_per_s == 7);
  CHECK(b.fabric.rate(local[1]).bytes_per_s == 3);
  CHECK(b.fabric.rate(local[2]).bytes_per_s == 17);
}

TEST_CASE("a flow that leaves early gives its share back", "[fabric]") {
  Bench b;
  const ResourceId link = b.resource(100);
  b.fabric.start(at(0), {.route = {link}, .bytes = {1000}});
  const FlowId other = b.fabric.start(at(0), {.route = {link}, .bytes = {1000}});
  CHECK(b.fabric.next_change() == at(20));
  CHECK(b.fabric.cancel(at(4), other));  // 200 moved, 800 left alone
  CHECK_FALSE(b.fabric.cancel(at(4), other));
  CHECK(b.next_end() == 12);
  CHECK_FALSE(b.fabric.running(other));
}

TEST_CASE("unequal flows end one after the other", "[fabric]") {
  // 100, 200, 300 bytes at 60/s: the first after 3 * 100 / 60, the next 2 * 100 / 60 later, the last 100 / 60 later.
  Bench b;
  const ResourceId link = b.resource(60);
  for (const double bytes : {300.0, 100.0, 200.0}) b.fabric.start(at(0), {.route = {link}, .bytes = {bytes}});
  CHECK(b.next_end() == Approx(5).epsilon(1e-9));
  CHECK(b.next_end() == Approx(5 + 10.0 / 3).epsilon(1e-9));
  CHECK(b.next_end() == Approx(10).epsilon(1e-9));
}

TEST_CASE("capacity 0 and a stalled resource hold flows, a broken one ends them", "[fabric]") {
  Bench b;
  const ResourceId link = b.resource(100);
  const FlowId flow = b.fabric.start(at(0), {.route = {link}, .bytes = {1000}});
  b.fabric.set_capacity(at(2), link, {0});
  CHECK(b.fabric.next_change() == Time::never());
  b.fabric.set_capacity(at(5), link, {50});
  b.fabric.set_condition(at(6), link, Condition::stalls);
  CHECK(b.fabric.remaining(flow).count == 750);
  b.fabric.set_condition(at(10), link, Condition::works);
  CHECK(b.fabric.next_change() == at(25));
  b.fabric.set_condition(at(11), link, Condition::breaks);
  const FlowId late = b.fabric.start(at(11), {.route = {link}, .bytes = {1000}});
  CHECK(b.next_end() == 11);
  REQUIRE(b.endings.size() == 2);
  CHECK(b.endings[0].flow == flow);
  CHECK(b.endings[0].outcome == Outcome::broken);
  CHECK(b.endings[1].flow == late);
  CHECK(b.endings[1].outcome == Outcome::broken);
}

TEST_CASE("burst credit: fast until it is used up, then the baseline, and earned again below it", "[fabric]") {
  // An st1-like bucket: 100/s burst, 40/s baseline, 600 credit: 10 s of burst, then 40/s.
  Bench b;
  const ResourceId volume = b.fabric.add({{100}, {{40}, {600}, {600}}});
  const FlowId flow = b.fabric.start(at(0), {.route = {volume}, .bytes = {1400}});
  CHECK(b.fabric.rate(flow).bytes_per_s == 100);
  CHECK(b.fabric.next_change() == at(10));
  CHECK(b.next_end() == 20);  // 1,000 by 10 s, 400 more at 40/s
  // Idle for 5 s earns 200; a flow of 100/s spends them in 200 / 60 s.
  b.fabric.start(at(25), {.route = {volume}, .bytes = {1000}});
  CHECK(b.fabric.credit(volume).count == 200);
  const double burst = 200.0 / 60;
  CHECK(b.next_end() == Approx(25 + burst + (1000 - 100 * burst) / 40).epsilon(1e-9));
}

TEST_CASE("live load is a capped flow without an end, a throttle shared by flows is a resource", "[fabric]") {
  Bench b;
  const ResourceId network = b.resource(1000);
  const ResourceId throttle = b.resource(200);
  const FlowId live = b.fabric.start(at(0), {.route = {network}, .cap = {600}});
  const FlowId one = b.fabric.start(at(0), {.route = {throttle, network}, .bytes = {1000}});
  b.fabric.start(at(0), {.route = {throttle, network}, .bytes = {3000}});
  CHECK(b.fabric.rate(live).bytes_per_s == 600);
  CHECK(b.fabric.rate(one).bytes_per_s == 100);
  CHECK(b.next_end() == 10);
  CHECK(b.next_end() == 20);  // 2,000 left at the whole throttle
  CHECK(b.next_end() == -1);
}

TEST_CASE("a change far away costs nothing here", "[fabric]") {
  // 1,000 islands of four flows each, all crossing a backbone that never fills.
  Bench b;
  const ResourceId backbone = b.resource(1e9);
  std::vector<ResourceId> islands;
  for (int i = 0; i < 1000; ++i) islands.push_back(b.resource(100));
  for (const ResourceId island : islands) {
    for (int i = 0; i < 4; ++i) b.fabric.start(at(0), {.route = {island, backbone}});
  }
  b.fabric.next_change();
  const std::uint64_t before = b.fabric.rates_computed();
  b.fabric.set_capacity(at(1), islands[500], {50});
  b.fabric.start(at(2), {.route = {islands[7]}, .cap = {1}});
  b.fabric.next_change();
  CHECK(b.fabric.rates_computed() - before <= 4 + 5 + 1);
}

}  // namespace fabric_closed_forms_test
