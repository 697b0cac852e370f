// ZooKeeper in a world: the oracle cases of zookeeper.md section 6, and reports from the field.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "models/health.hpp"
#include "models/zookeeper/client.hpp"
#include "models/zookeeper/ensemble.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/zookeeper_topology.hpp"

namespace zookeeper_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

const std::string leader = "leader(zookeeper/servers)";
const ServiceId service = ServiceId::of(0);

zookeeper::Position position_of_leader(const World& world) { return zookeeper::view(world, service).state.leader; }
std::string name_of(zookeeper::Position position) { return "zookeeper/server-" + std::to_string(position); }

/// A run in which `position` leads, from `run` on.
std::uint64_t run_led_by(const Lab& lab, zookeeper::Position position, std::uint64_t run) {
  while (position_of_leader(lab.prepare({action(0_s, Verb::process_kill, leader)}, run)) != position) ++run;
  return run;
}

Action kill(Duration at, std::string target) { return action(at, Verb::process_kill, std::move(target)); }
Action stop(Duration at, std::string target) { return action(at, Verb::process_stop, std::move(target)); }
Action go(Duration at, std::string target) { return action(at, Verb::process_continue, std::move(target)); }
Action cut(Duration at, std::string target, Duration lasts, std::string from) {
  return action(at, Verb::partition, std::move(target), lasts, std::move(from));
}

/// A killed server stays away.
ZooKeeperSettings without_return() {
  ZooKeeperSettings settings;
  settings.parameters.start = Law::constant(3600_s);
  return settings;
}

}  // namespace

TEST_CASE("zookeeper: of equal histories the highest id that is left leads", "[zookeeper]") {
  // Oracle 1: FastLeaderElection.totalOrderPredicate; after SIGKILL of 3 the winner is 2, of 2 or 1 it is 3.
  const Lab lab(zookeeper_topology(without_return()));
  std::size_t seen[3] = {};
  for (std::uint64_t run = 0; run < 300; ++run) {
    const World before = lab.prepare({kill(0_s, leader)}, run);
    const zookeeper::Position dead = position_of_leader(before);
    const World world = lab.play({kill(0_s, leader)}, run, 10_s);
    ++seen[dead];
    CHECK(position_of_leader(world) == (dead == 2 ? 1 : 2));
    CHECK(count(world, "zookeeper.elected") == 1);
  }
  // Each leads in a third of all runs: none is seen less than 60 times but with probability 1e-6.
  for (const std::size_t times : seen) CHECK(times > 60);
}

TEST_CASE("zookeeper: a killed leader costs 200 ms, and a try that comes too early 100 ms more", "[zookeeper]") {
  // zookeeper.md section 4. Without costs of the code both followers see the end at once (one transaction in
  // their log files takes a microsecond to read); each message takes 0.5 ms.
  ZooKeeperSettings settings = without_return();
  settings.parameters.leader_setup = Law::constant(10_ms);
  const Lab lab(zookeeper_topology(settings));
  for (std::uint64_t run = 0; run < 30; ++run) {
    const World world = lab.play({kill(0_s, leader)}, run, 10_s);
    CHECK(*first(world, "zookeeper.looking") == Approx(0).margin(2e-6));
    CHECK(*first(world, "zookeeper.following") == Approx(0.2005).margin(2e-6));  // it has heard the better vote
    CHECK(*first(world, "zookeeper.elected") == Approx(0.2010).margin(2e-6));    // half a millisecond later its own
    // 0.2010 refused, 0.2015 heard, 0.3015 again; the port is open since 0.2110; four more messages and a snapshot of
    // 1 MB at 100 MB/s that was ready at 0.2210.
    CHECK(*first(world, "zookeeper.serving") == Approx(0.3040).margin(2e-6));
    CHECK(count(world, "zookeeper.session_expired") == 0);
  }
}

TEST_CASE("zookeeper: who looks first and has the better vote is not heard, and tells it again", "[zookeeper]") {
  // A server that still follows answers, and forgets. What the winner said is lost on it, and the loser's own vote
  // tells the winner nothing: the winner's next word comes 200 ms after the last that it heard
  // (FastLeaderElection.lookForLeader: recvqueue.poll(notTimeout)). If the loser's next word comes first, the winner
  // waits anew.
  ZooKeeperSettings settings = without_return();
  settings.parameters.close = Law::uniform(5_ms, 45_ms);
  settings.parameters.handling = Law::uniform(0_ms, 2_ms);
  const Lab lab(zookeeper_topology(settings));
  std::size_t rounds[4] = {};
  constexpr std::size_t runs = 4'000;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const World world = lab.play({kill(0_s, leader)}, run, 3_s);
    const double took = *first(world, "zookeeper.elected") - *first(world, "zookeeper.looking");
    ++rounds[std::min<std::size_t>(static_cast<std::size_t>(took / 0.2), 3)];
  }
  // The loser looks first in half of all runs, and a lead of less than a message's way, 1.5 ms of 40 in the mean, does
  // no harm: 1 / 2 + 0.0368. Of the rest the loser's second word comes before the winner's if the way of its first was
  // longer than those of the second and of its own vote through its own queues together: 1 / 6 of three even laws.
  const auto share = [&](std::size_t which) { return static_cast<double>(rounds[which]) / runs; };
  const auto margin = [&](double p) { return 5.5 * std::sqrt(p * (1 - p) / runs); };
  INFO(rounds[1] << " " << rounds[2] << " " << rounds[3]);
  CHECK(share(0) == 0);
  CHECK(share(1) == Approx(0.5368).margin(margin(0.5368)));
  CHECK(share(2) == Approx(0.3860).margin(margin(0.3860)));
  CHECK(share(3) == Approx(0.0772).margin(margin(0.0772)));
}

TEST_CASE("zookeeper: session time-outs are granted within 2 and 20 ticks", "[zookeeper]") {
  // Oracle 2: ZooKeeperServer.processConnectRequest.
  zookeeper::Parameters p = zookeeper_parameters();
  CHECK(zookeeper::granted(p, 10_s) == 10_s);
  CHECK(zookeeper::granted(p, 1_s) == 4_s);
  CHECK(zookeeper::granted(p, 60_s) == 40_s);
  p.min_session_timeout = 500_ms;
  p.max_session_timeout = 90_s;
  CHECK(zookeeper::granted(p, 1_s) == 1_s);
  CHECK(zookeeper::granted(p, 60_s) == 60_s);
}

TEST_CASE("zookeeper: a session ends at the leader's next tick after its time-out", "[zookeeper]") {
  // Oracle 2: ExpiryQueue rounds up to the next tick, U(0, 2) s; a follower hands touches on with the leader's pings,
  // U(0, 1) s. The client asks all the time, and is cut off from all servers.
  ZooKeeperSettings settings;
  settings.client.request_interval = 1_ms;
  const Lab lab(zookeeper_topology(settings));
  std::vector<double> by_leader;
  std::vector<double> by_follower;
  for (std::uint64_t run = 0; run < 3'000; ++run) {
    const std::vector<Action> script{cut(0_s, "all(zookeeper/servers)", 60_s, "region")};
    const World before = lab.prepare(script, run);
    const zookeeper::Client& client = zookeeper::view(before, service).state.clients[0];
    const bool led = client.order[client.at] == position_of_leader(before);
    const World world = lab.play(script, run, 40_s);
    const std::optional<double> at = first(world, "zookeeper.session_expired", "zookeeper/client/app");
    REQUIRE(at);
    // Never earlier than its time-out.
    CHECK(*at >= 10 - 0.002);
    CHECK(*at <= (led ? 12 : 13));
    (led ? by_leader : by_follower).push_back(*at);
  }
  const auto mean = [](const std::vector<double>& of) {
    return sample(of.size(), [&](std::uint64_t i) { return of[i]; });
  };
  CHECK(agrees(mean(by_leader), 11.0));
  CHECK(agrees(mean(by_follower), 11.5));
}

TEST_CASE("zookeeper: an idle client's session counts from its last ping", "[zookeeper]") {
  // ClientCnxn: a ping after half the read time-out, a third of the session's: 10 / 3 s apart.
  const Lab lab(zookeeper_topology());
  const auto expiry = [&](std::uint64_t run) {
    return first(lab.play({cut(0_s, "all(zookeeper/servers)", 60_s, "region")}, run, 40_s), "zookeeper.session_expired",
                 "zookeeper/client/app");
  };
  // Time-out, less half a ping's interval, rounded up by half a tick; two of three clients ask by a follower, whose
  // relays come half a second later in the mean.
  CHECK(agrees(sample(3'000, expiry), 10 - 10.0 / 6 + 1 + 2.0 / 3 * 0.5));
}

TEST_CASE("zookeeper: a silent leader is given up after syncLimit since its last ping", "[zookeeper]") {
  // Oracle 3. Pings are half a tick apart: of an idle ensemble U(9, 10) s after it fell silent, with writes 10 s.
  ZooKeeperSettings settings;
  SECTION("idle") {
    const Lab lab(zookeeper_topology(settings));
    const Sampled looking = sample(
        2'000, [&](std::uint64_t run) { return first(lab.play({stop(0_s, leader)}, run, 15_s), "zookeeper.looking"); });
    CHECK(agrees(looking, 9.5));
    CHECK(looking.lowest > 9 - 1e-3);
    CHECK(looking.highest < 10 + 1e-3);
  }
  SECTION("with writes") {
    settings.writes_per_s = 1'000;
    const Lab lab(zookeeper_topology(settings));
    for (std::uint64_t run = 0; run < 50; ++run)
      CHECK(first(lab.play({stop(0_s, leader)}, run, 15_s), "zookeeper.looking") == Approx(10).margin(2e-3));
  }
  SECTION("syncLimit 2") {
    settings.parameters.sync_limit = 2;
    const Lab lab(zookeeper_topology(settings));
    const Sampled looking = sample(
        2'000, [&](std::uint64_t run) { return first(lab.play({stop(0_s, leader)}, run, 15_s), "zookeeper.looking"); });
    CHECK(agrees(looking, 3.5));
  }
}

TEST_CASE("zookeeper: an isolated leader serves old reads until a tick finds no quorum, and no writes", "[zookeeper]") {
  // zookeeper.md section 2: its followers are given up 10 s after their last answer, and the next whole tick sees that:
  // U(10, 12) s after the cut. A client that writes gives it up before: what it asks after a write waits for that
  // (CommitProcessor.run: pendingRequests), so that it hears nothing, and two thirds of its time-out are 6.7 s.
  ZooKeeperSettings settings = without_return();
  settings.client.request_interval = 20_ms;
  const Lab lab(zookeeper_topology(settings));
  std::size_t read_on = 0;
  std::size_t gives_up = 0;
  const Sampled down = sample(1'500, [&](std::uint64_t run) -> std::optional<double> {
    const World before = lab.prepare({kill(0_s, leader)}, run);
    const std::string who = name_of(position_of_leader(before));
    std::vector<Action> script;
    for (int other = 0; other < 3; ++other) {
      if (name_of(static_cast<zookeeper::Position>(other)) != who)
        script.push_back(cut(0_s, who, 100_s, name_of(static_cast<zookeeper::Position>(other))));
    }
    const World world = lab.play(script, run, 30_s);
    const auto is_led = [&](std::size_t number) {
      const zookeeper::Client& client = zookeeper::view(before, service).state.clients[number];
      return name_of(client.order[client.at]) == who;
    };
    if (is_led(0)) {
      ++gives_up;
      CHECK(outages(world, "write").at(0).first < 1e-3);
      CHECK(outages(world, "read").at(0).first < 1e-3);
      CHECK(*first(world, "zookeeper.suspended", "zookeeper/client/app") == Approx(6.77).margin(0.03));
    }
    if (is_led(1)) {
      ++read_on;
      CHECK(outages(world, "near-read").at(0).first > 10 - 1e-3);
      CHECK(*first(world, "zookeeper.suspended", "zookeeper/client/near") > 10 - 1e-3);
    }
    return first(world, "zookeeper.step_down", who);
  });
  CHECK(agrees(down, 11));
  CHECK(down.lowest > 10 - 1e-3);
  CHECK(down.highest < 12 + 1e-3);
  CHECK(read_on > 300);
  CHECK(gives_up > 300);
}

TEST_CASE("zookeeper: a server that looks for a leader closes connections that wait for their session too",
          "[zookeeper]") {
  // Learner.shutdown and Leader.shutdown: closeAllConnections. A client of the leader that stands still gives it up
  // after 6.7 s, and asks a follower, which asks the leader. It hears nothing until the follower looks for a leader;
  // then it waits 100 ms and up to a second, and asks the next.
  const Lab lab(zookeeper_topology());
  std::size_t waiting = 0;
  for (std::uint64_t run = 0; run < 150; ++run) {
    const double looking = *first(lab.play({stop(0_s, leader)}, run, 11_s), "zookeeper.looking");
    World world = lab.prepare({stop(0_s, leader)}, run);
    const auto plays_until = [&](double at) { run_until(world, origin + Duration::from_seconds(at)); };
    const auto client = [&]() -> const zookeeper::Client& { return zookeeper::view(world, service).state.clients[0]; };
    const zookeeper::Position led = position_of_leader(world);
    plays_until(looking - 1e-3);
    if (client().phase != zookeeper::Phase::connecting || client().order[client().at] == led) continue;
    ++waiting;
    plays_until(looking + 1e-3);
    CHECK(client().phase == zookeeper::Phase::pausing);
    plays_until(40);
    CHECK(*first(world, "zookeeper.session_kept", "zookeeper/client/app") > looking + 0.1);
  }
  CHECK(waiting > 20);
}

TEST_CASE("zookeeper: a process dies once, and all its connections close with it", "[zookeeper]") {
  ZooKeeperSettings settings = without_return();
  settings.parameters.teardown = Law::uniform(5_ms, 500_ms);
  settings.servers = 5;
  const Lab lab(zookeeper_topology(settings));
  const Sampled looking = sample(3'000, [&](std::uint64_t run) {
    const World world = lab.play({kill(0_s, leader)}, run, 3_s);
    std::vector<double> all;
    for (zookeeper::Position who = 0; who < 5; ++who) {
      if (const std::optional<double> at = first(world, "zookeeper.looking", name_of(who))) all.push_back(*at);
    }
    REQUIRE(all.size() == 4);
    CHECK(*std::max_element(all.begin(), all.end()) - *std::min_element(all.begin(), all.end()) < 1e-6);
    return std::optional(all[0]);
  });
  CHECK(agrees(looking, 0.2525));
}

TEST_CASE("zookeeper: followers are told that they are up to date when their leader's pipeline has started",
          "[zookeeper]") {
  // Leader.startZkServer, LearnerHandler.run: learnerMaster.waitForStartup() before UPTODATE.
  ZooKeeperSettings settings = without_return();
  settings.parameters.pipeline_start = Law::constant(300_ms);
  const Lab lab(zookeeper_topology(settings));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({kill(0_s, leader)}, run, 20_s);
    const double serving = *first(world, "zookeeper.serving");
    CHECK(*first(world, "zookeeper.joined") == Approx(serving + 0.3005).margin(2e-6));
  }
}

TEST_CASE("zookeeper: a leader that has stood still sees that it has no quorum half a tick later, or a whole one",
          "[zookeeper]") {
  // Leader.lead: the wait of half a tick that has passed ends at once, before the ends of connections are seen, and the
  // next begins then; every other one looks.
  const Lab lab(zookeeper_topology());
  std::size_t sooner = 0;
  constexpr std::size_t runs = 200;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const World world = lab.play({stop(0_s, leader), go(60'300_ms, "all(zookeeper/servers)")}, run, 80_s);
    const double took = *first(world, "zookeeper.step_down") - 60.3;
    const bool soon = took < 1.5;
    CHECK(took == Approx(soon ? 1 : 2).margin(0.01));
    sooner += soon ? 1 : 0;
  }
  // Half of all runs; standard deviation 7.1.
  CHECK(sooner > 60);
  CHECK(sooner < 140);
}

TEST_CASE("zookeeper: an idle client pings when half of its read time-out has passed, however long that is",
          "[zookeeper]") {
  // ClientCnxn.SendThread.run: MAX_SEND_PING_INTERVAL is looked at when the selector wakes, which is when a ping is due
  // or something comes.
  ZooKeeperSettings settings;
  settings.session = 40_s;
  const Lab lab(zookeeper_topology(settings));
  const World world = lab.prepare({kill(0_s, leader)}, 0);
  CHECK(zookeeper::ping_interval(zookeeper::view(world, service), 0).to_seconds() == Approx(40.0 / 3));
}

TEST_CASE("zookeeper: a client's program hears of a closed connection when the socket is cleaned up", "[zookeeper]") {
  // ClientCnxnSocketNIO.cleanup sleeps 100 ms, and then the event is queued.
  const Lab lab(zookeeper_topology(without_return()));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({kill(0_s, leader)}, run, 20_s);
    CHECK(*first(world, "zookeeper.suspended") == Approx(0.1).margin(2e-6));
  }
}

TEST_CASE("zookeeper: a server that is told to end serves until its process has ended", "[zookeeper]") {
  ZooKeeperSettings settings = without_return();
  settings.parameters.exit = Law::constant(50_ms);
  const Lab lab(zookeeper_topology(settings));
  const World world = lab.play({action(0_s, Verb::process_terminate, leader)}, 0, 20_s);
  CHECK(*first(world, "zookeeper.looking") == Approx(0.05).margin(2e-6));
  // One that stands still ends when it goes on.
  const std::uint64_t run = run_led_by(lab, 2, 0);
  const World later = lab.play(
      {action(0_s, Verb::process_terminate, name_of(2)), stop(20_ms, name_of(2)), go(5_s, name_of(2))}, run, 20_s);
  CHECK(*first(later, "zookeeper.looking") == Approx(5).margin(2e-6));
}

TEST_CASE("zookeeper: after a long cut TCP waits before it tries again", "[zookeeper]") {
  // The first ping that is lost leaves up to a second after the cut, and is sent again 0.2, 0.6, 1.4, 3, 6.2 and 12.6 s
  // later. A cut of 5 s ends before 6.2, one of 8 s not before 10 s are over.
  const Lab lab(zookeeper_topology());
  REQUIRE(lab.plan().infra().tcp_rto_min == 200_ms);
  for (std::uint64_t from = 0; from < 20; ++from) {
    const std::uint64_t run = run_led_by(lab, 2, from * 20);
    const World brief = lab.play({cut(0_s, name_of(0), 5_s, name_of(2))}, run, 60_s);
    CHECK(count(brief, "zookeeper.read_timeout") == 0);
    CHECK(*first(brief, "zookeeper.connection_resumes") > 6.2);
    CHECK(*first(brief, "zookeeper.connection_resumes") < 7.3);
    const World world = lab.play({cut(0_s, name_of(0), 8_s, name_of(2))}, run, 60_s);
    CHECK(*first(world, "zookeeper.read_timeout") > 9);
    CHECK(*first(world, "zookeeper.read_timeout") < 10.1);
    CHECK(services::healthy(world));
  }
}

TEST_CASE("zookeeper: a client whose path is back waits for TCP, or gives its server up meanwhile", "[zookeeper]") {
  // It asks all the time. A cut of 4 s ends before TCP's try after 6.2 s and a trip for each wait, one of 6.4 s after
  // it: the next is after 12.6, and two thirds of 10 s are over before.
  ZooKeeperSettings settings;
  settings.client.request_interval = 1_ms;
  const Lab lab(zookeeper_topology(settings));
  for (std::uint64_t run = 0; run < 50; ++run) {
    const World brief = lab.play({cut(0_s, "all(zookeeper/servers)", 4_s, "region")}, run, 60_s);
    CHECK(!first(brief, "zookeeper.suspended", "zookeeper/client/app"));
    CHECK(downtime(brief, "write") == Approx(6.23).margin(0.02));
    CHECK(services::healthy(brief));
    const World world = lab.play({cut(0_s, "all(zookeeper/servers)", 6'400_ms, "region")}, run, 60_s);
    CHECK(*first(world, "zookeeper.suspended", "zookeeper/client/app") == Approx(6.767).margin(0.01));
    CHECK(services::healthy(world));
  }
}

TEST_CASE("zookeeper: what becomes of a client's connection is told if its session is measured", "[zookeeper]") {
  Topology topology = zookeeper_topology();
  auto& slis = topology.services[0].own.as<zookeeper::Spec>().slis;
  const auto is_near = [](const zookeeper::SliSpec& sli) { return sli.name == "near-session"; };
  slis.erase(std::remove_if(slis.begin(), slis.end(), is_near), slis.end());
  const Lab lab(std::move(topology));
  const World world = lab.play({kill(0_s, leader)}, 0, 60_s);
  CHECK(first(world, "zookeeper.session_kept", "zookeeper/client/app"));
  CHECK(!first(world, "zookeeper.session_kept", "zookeeper/client/near"));
  CHECK(!first(world, "zookeeper.suspended", "zookeeper/client/near"));
  CHECK(services::healthy(world));
}

TEST_CASE("zookeeper: a server that stands still while it starts does nothing until it goes on", "[zookeeper]") {
  const Lab lab(zookeeper_topology());
  const std::uint64_t run = run_led_by(lab, 2, 0);
  const World world = lab.play({kill(0_s, name_of(0)), stop(1_s, name_of(0)), go(30_s, name_of(0))}, run, 60_s);
  CHECK(*first(world, "zookeeper.looking", name_of(0)) == Approx(30).margin(1e-3));
  CHECK(*first(world, "zookeeper.joined", name_of(0)) > 30);
  CHECK(services::healthy(world));
}

TEST_CASE("zookeeper: of five servers two may be away, and of sessions none ends while three are", "[zookeeper]") {
  // Oracle 4.
  ZooKeeperSettings settings;
  settings.servers = 5;
  settings.parameters.start = Law::constant(300_s);
  const Lab lab(zookeeper_topology(settings));
  for (std::uint64_t run = 0; run < 40; ++run) {
    const std::uint64_t led = run_led_by(lab, 4, run * 20);
    const World two = lab.play({stop(0_s, name_of(0)), stop(0_s, name_of(1))}, led, 60_s);
    CHECK(count(two, "zookeeper.elected") == 0);
    CHECK(zookeeper::view(two, service).state.acts);
    std::vector<Action> script;
    for (zookeeper::Position away = 2; away < 5; ++away) script.push_back(kill(0_s, name_of(away)));
    const World three = lab.play(script, led, 400_s);
    // Nobody could agree on the end of a session for 300 s, thirty times its time-out.
    CHECK(count(three, "zookeeper.session_expired") == 0);
    CHECK(outages(three, "session").empty());
    REQUIRE(!outages(three, "write").empty());
    CHECK(downtime(three, "write") > 290);
    CHECK(zookeeper::view(three, service).state.acts);
    CHECK(services::healthy(three));
  }
}

TEST_CASE("zookeeper: two candidates with equal histories agree, whoever is heard first", "[zookeeper]") {
  // Oracle 5: no vote is ever split for good.
  ZooKeeperSettings settings = without_return();
  settings.parameters.close = Law::uniform(0_ms, 300_ms);
  settings.parameters.handling = Law::uniform(0_ms, 50_ms);
  const Lab lab(zookeeper_topology(settings));
  for (std::uint64_t run = 0; run < 1'000; ++run) {
    const World world = lab.play({kill(0_s, leader)}, run, 60_s);
    CHECK(count(world, "zookeeper.serving") >= 1);
    CHECK(zookeeper::view(world, service).state.acts);
  }
}

TEST_CASE("zookeeper: a snapshot that takes longer than initLimit lets no quorum form", "[zookeeper]") {
  // Oracle 6: 1 GB at 40 MB/s takes 25 s. One server has lost its disk, one is away: the leader waits 20 s for the
  // third.
  ZooKeeperSettings settings;
  settings.database = 1e9;
  settings.parameters.snapshot_send_rate = {40e6};
  settings.parameters.start = Law::constant(5_s);
  const auto forms = [&] {
    const Lab lab(zookeeper_topology(settings));
    const std::uint64_t run = run_led_by(lab, 2, 0);
    World world = lab.prepare({kill(0_s, name_of(1)), stop(0_s, name_of(2))}, run);
    world.processes.edit(zookeeper::view(world, service).process(1)).disk_lost = true;
    run_until(world, world.now + 600_s);
    // An election that comes to nothing has changed no leader.
    CHECK(world.measurement.failovers == count(world, "zookeeper.serving"));
    return std::pair(count(world, "zookeeper.serving"), count(world, "zookeeper.elected"));
  };
  SECTION("initLimit 10: 20 s") {
    const auto [served, elected] = forms();
    CHECK(served == 0);
    CHECK(elected > 10);  // again and again
  }
  SECTION("initLimit 15: 30 s") {
    settings.parameters.init_limit = 15;
    const auto [served, elected] = forms();
    CHECK(served == 1);
  }
  SECTION("a faster way") {
    settings.parameters.snapshot_send_rate = {60e6};
    CHECK(forms().first == 1);
  }
}

TEST_CASE("zookeeper: a leader's crash costs no session, and a client waits for the later of election and reconnection",
          "[zookeeper]") {
  // Oracle 7.
  ZooKeeperSettings settings;
  settings.session = 4_s;
  add_costs(settings.parameters);
  const Lab lab(zookeeper_topology(settings));
  for (std::uint64_t run = 0; run < 400; ++run) {
    const World world = lab.play({kill(0_s, leader)}, run, 60_s);
    CHECK(count(world, "zookeeper.session_expired") == 0);
    const double kept = *first(world, "zookeeper.session_kept", "zookeeper/client/app");
    CHECK(kept > *first(world, "zookeeper.serving"));
    REQUIRE(outages(world, "write").size() == 1);
    CHECK(downtime(world, "write") == Approx(kept).margin(0.01));
    CHECK(services::healthy(world));
  }
}

TEST_CASE("zookeeper: a lost follower costs its own clients a reconnection, and others nothing", "[zookeeper]") {
  const Lab lab(zookeeper_topology());
  std::size_t hit = 0;
  constexpr std::uint64_t runs = 300;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const World world = lab.play({kill(0_s, "follower(zookeeper/servers)")}, run, 30_s);
    CHECK(count(world, "zookeeper.elected") == 0);
    const auto write = outages(world, "write");
    if (write.empty()) continue;
    ++hit;
    // 100 ms, U(0, 1) s, and the next server serves.
    CHECK(write[0].second > 0.1);
    CHECK(write[0].second < 1.12);
  }
  // A third of all runs, 100; standard deviation 8.2.
  CHECK(hit > 55);
  CHECK(hit < 145);
}

TEST_CASE("zookeeper: silence costs syncLimit, where a reset costs nothing but the election (B63)",
          "[zookeeper][field]") {
  // apache/zookeeper#83: a server that stops to answer without closing its connections.
  const Lab lab(zookeeper_topology());
  for (std::uint64_t run = 0; run < 50; ++run) {
    const double reset = *first(lab.play({kill(0_s, leader)}, run, 60_s), "zookeeper.serving");
    const double silence =
        *first(lab.play({action(0_s, Verb::node_crash, leader, 600_s)}, run, 60_s), "zookeeper.serving");
    CHECK(reset < 1);
    CHECK(silence > 9);
    CHECK(silence < 11);
  }
}

TEST_CASE("zookeeper: a voter that changes its mind leaves a leader waiting for initLimit (B66)",
          "[zookeeper][field]") {
  // ZOOKEEPER-3109, apache/zookeeper#588: 2 has been elected by 1, which then hears of 3 and follows that one.
  namespace zab = zookeeper::zab;
  zab::Rules rules;
  zab::Peer one;
  zab::Peer two;
  const auto tell = [&](zab::ServerId who, zab::Peer& peer, const zab::Input& input) {
    for (const zab::Message& message : zab::step(rules, who, peer, input).messages) {
      if (message.to == who) zab::step(rules, who, peer, message);
    }
  };
  tell(0, one, zab::Started{});
  tell(1, two, zab::Started{});
  const auto says = [&](zab::ServerId from, zab::ServerId to, zab::ServerId for_whom) {
    return zab::Message{from, to, zab::Notification{{zab::Vote{for_whom, {}, 0}, zab::Role::looking}, 1}};
  };
  tell(0, one, says(1, 0, 1));
  tell(1, two, says(0, 1, 1));
  REQUIRE(one.wait == zab::Wait::finalize);
  REQUIRE(two.wait == zab::Wait::finalize);
  tell(1, two, zab::TimeIsUp{});
  REQUIRE(two.role == zab::Role::leading);
  tell(0, one, says(2, 0, 2));
  CHECK(one.vote.leader == 2);
  tell(1, two, zab::Loaded{});
  CHECK(two.wait == zab::Wait::init);  // 20 s with the sample's settings
  tell(1, two, zab::TimeIsUp{});
  CHECK(two.step == zab::Step::closing);
}

TEST_CASE("zookeeper: two clients hold one lock, for the client's clock starts later than the leader's (B67)",
          "[zookeeper][field]") {
  // apache/curator#980: the leader counts from the last ping, the client from when it has noticed.
  const Lab lab(zookeeper_topology());
  for (std::uint64_t run = 0; run < 200; ++run) {
    const World world = lab.play({cut(0_s, "all(zookeeper/servers)", 60_s, "region")}, run, 50_s);
    const double free = *first(world, "zookeeper.session_expired", "zookeeper/client/app");
    const double given_up = *first(world, "zookeeper.lock_given_up", "zookeeper/client/app");
    // Somebody else may have the lock from `free` on.
    CHECK(given_up - free > 0);
    CHECK(given_up - free < 8);
  }
}

TEST_CASE("zookeeper: a client learns of its session's end only when a server answers again", "[zookeeper]") {
  // zookeeper.md section 3.
  const Lab lab(zookeeper_topology());
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({cut(0_s, "all(zookeeper/servers)", 40_s, "region")}, run, 80_s);
    CHECK(count(world, "zookeeper.session_opened") == 1);
    CHECK(outages(world, "session").size() == 1);
    CHECK(outages(world, "near-session").empty());
    CHECK(*first(world, "zookeeper.session_opened") > 40);
  }
}

TEST_CASE("zookeeper: 3.8 keeps a session for which time stood still, 3.9.3 gives it up by itself", "[zookeeper]") {
  // ZOOKEEPER-4508: after four thirds of its time-out without a word a client of 3.9.3 opens a new one. Without a
  // quorum no session ends, so that the old client has its own again.
  ZooKeeperSettings settings;
  settings.parameters.start = Law::constant(40_s);
  const auto opens = [&](double expires_after, std::uint64_t run) {
    settings.client.expires_after = expires_after;
    const Lab lab(zookeeper_topology(settings));
    const World world = lab.play({kill(0_s, name_of(0)), kill(0_s, name_of(1))}, run, 120_s);
    CHECK(services::healthy(world));
    const std::size_t opened = count(world, "zookeeper.session_opened");
    CHECK(count(world, "zookeeper.session_kept") >= 2 - opened);
    return opened;
  };
  for (std::uint64_t run = 0; run < 20; ++run) {
    CHECK(opens(0, run) == 0);
    CHECK(opens(4.0 / 3, run) == 2);
  }
}

TEST_CASE("zookeeper: a quorum without its disks elects a leader all the same, and what was written is lost",
          "[zookeeper]") {
  ZooKeeperSettings settings;
  settings.writes_per_s = 100;
  const Lab lab(zookeeper_topology(settings));
  const std::uint64_t run = run_led_by(lab, 2, 0);
  World world = lab.prepare({stop(0_s, name_of(2)), kill(0_s, name_of(0)), kill(0_s, name_of(1))}, run);
  for (zookeeper::Position who = 0; who < 2; ++who)
    world.processes.edit(zookeeper::view(world, service).process(who)).disk_lost = true;
  run_until(world, world.now + 120_s);
  REQUIRE(world.measurement.losses.size() == 1);
  CHECK(world.measurement.losses[0].records_all == Approx(60'000).epsilon(0.01));
  // With one disk of three nothing is.
  World other = lab.prepare({kill(0_s, name_of(0)), kill(0_s, name_of(1))}, run);
  other.processes.edit(zookeeper::view(other, service).process(0)).disk_lost = true;
  run_until(other, other.now + 120_s);
  CHECK(other.measurement.losses.empty());
  CHECK(services::healthy(other));
}

TEST_CASE("zookeeper: disks that stall: one is dropped after syncLimit, two stop all writes", "[zookeeper]") {
  // LearnerHandler.SyncLimitCheck.
  ZooKeeperSettings settings;
  settings.writes_per_s = 100;
  const Lab lab(zookeeper_topology(settings));
  const std::uint64_t run = run_led_by(lab, 2, 0);
  const World one = lab.play({action(0_s, Verb::volume_stalled, name_of(0), 60_s)}, run, 120_s);
  CHECK(*first(one, "zookeeper.read_timeout") >= 10);
  CHECK(*first(one, "zookeeper.read_timeout") <= 11);
  CHECK(count(one, "zookeeper.elected") == 0);
  const World two =
      lab.play({action(0_s, Verb::volume_stalled, name_of(0), 5_s), action(0_s, Verb::volume_stalled, name_of(1), 5_s)},
               run, 60_s);
  CHECK(downtime(two, "write") == Approx(5).margin(0.01));
  CHECK(services::healthy(two));
}

TEST_CASE("zookeeper: random schedules of faults end well, and no session ends too early", "[zookeeper]") {
  ZooKeeperSettings settings;
  add_costs(settings.parameters);
  settings.parameters.fsync = Law::lognormal(2_ms, 0.5);
  settings.writes_per_s = 20;
  const Lab lab(zookeeper_topology(settings));
  const auto draw = [](std::uint64_t run, std::uint32_t which) {
    return sim::to_unit(sim::random_bits(0x2005, run, which));
  };
  std::size_t expired = 0;
  std::size_t elections = 0;
  for (std::uint64_t run = 0; run < 1'000; ++run) {
    std::vector<Action> script;
    Duration at;
    for (std::uint32_t i = 0; i < 5; ++i) {
      const std::string who = name_of(static_cast<zookeeper::Position>(draw(run, 5 * i) * 3));
      const std::string other = name_of(static_cast<zookeeper::Position>(draw(run, 5 * i + 1) * 3));
      const double what = draw(run, 5 * i + 2);
      const Duration lasts = Duration::from_seconds(1 + 30 * draw(run, 5 * i + 3));
      if (what < 0.3) {
        script.push_back(kill(at, who));
      } else if (what < 0.5) {
        script.push_back(stop(at, who));
        script.push_back(go(at + lasts, who));
      } else if (what < 0.7 && who != other) {
        script.push_back(cut(at, who, lasts, other));
      } else if (what < 0.85) {
        script.push_back(cut(at, who, lasts, "region"));
      } else {
        script.push_back(action(at, Verb::node_crash, who, lasts));
      }
      at += Duration::from_seconds(20 * draw(run, 5 * i + 4));
    }
    std::stable_sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
    const World world = lab.play(script, run, 600_s);
    INFO("run " << run);
    // Quiescence: all is well, and nothing is due.
    CHECK(services::healthy(world));
    CHECK(world.measurement.losses.empty());
    elections += count(world, "zookeeper.elected");
    // Whoever is given its session again, and a new leader to all, has its whole time-out then.
    for (const char* who : {"zookeeper/client/app", "zookeeper/client/near"}) {
      double from = 0;
      while (const std::optional<double> end = first(world, "zookeeper.session_expired", who, from)) {
        ++expired;
        // An idle client's pings are a third of the time-out apart, so that its last one is no older than that.
        CHECK(*end >= 10 - 10.0 / 3 - 0.01);
        const double since = *end - 10 + 0.01;
        const auto no_later = [&](const std::optional<double>& its) { return !its || *its > *end; };
        // A leader that nobody follows any more knows of no end, until it steps down.
        const std::optional<double> kept = first(world, "zookeeper.session_kept", who, since);
        CHECK((no_later(kept) || first(world, "zookeeper.step_down", {}, *kept)));
        CHECK(no_later(first(world, "zookeeper.session_opened", who, since)));
        CHECK(no_later(first(world, "zookeeper.serving", {}, since)));
        from = *end + 1e-6;
      }
    }
  }
  CHECK(expired > 50);
  CHECK(elections > 500);
}

TEST_CASE("zookeeper: servers that stand still together for longer than syncLimit look anew, for less they go on",
          "[zookeeper]") {
  // Reads of Learner and LearnerHandler wait syncLimit ticks: 10 s. A read whose time has passed while nothing came
  // fails as soon as its process goes on.
  const Lab lab(zookeeper_topology({}));
  const auto play = [&](Duration length, std::uint64_t run) {
    std::vector<Action> script;
    for (zookeeper::Position server = 0; server < 3; ++server) script.push_back(stop(0_s, name_of(server)));
    for (zookeeper::Position server = 0; server < 3; ++server) script.push_back(go(length, name_of(server)));
    return lab.play(script, run, length + 60_s);
  };
  for (std::uint64_t run = 0; run < 20; ++run) {
    CHECK(count(play(8_s, run), "zookeeper.looking") == 0);
    const World longer = play(14_s, run);
    // They elect, or come back to a leader that has not looked at its quorum yet.
    CHECK(count(longer, "zookeeper.looking") >= 2);
    CHECK(count(longer, "zookeeper.joined") >= 1);
    CHECK(*first(longer, "zookeeper.looking") >= 14);
    CHECK(*first(longer, "zookeeper.looking") < 14.5);
    CHECK(models::healthy(longer));
  }
}

}  // namespace zookeeper_test
