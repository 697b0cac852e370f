// Scenarios are regression tests of an architecture only if they fail when the model is wrong: every shipped scenario
// meets its expectations on the seed's design, and misses one under each mutation listed for it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "experiments/command/inputs.hpp"
#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/scenario_file.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/replay/replay.hpp"
#include "models/mutation.hpp"
#include "tests/places.hpp"

namespace mutations_test {

using namespace nines;
using models::Mutation;

namespace {

struct Case {
  std::string scenario;
  std::vector<Mutation> caught;  ///< each must break an expectation
  std::string topology = "kafka-eks";
};

const std::vector<Case> cases{
    {"broker-kill", {Mutation::session_timeout_ignored}},
    {"node-loss", {Mutation::client_never_times_out, Mutation::session_timeout_ignored}},
    {"zone-outage", {Mutation::session_timeout_ignored, Mutation::client_never_times_out}},
    {"zone-isolation", {Mutation::isolation_is_harmless, Mutation::client_never_times_out}},
    {"two-brokers-in-turn", {Mutation::quorum_of_one}},
    {"controller-leader-loss", {Mutation::quorum_of_one}},
    {"controller-quorum-loss", {Mutation::fresh_session_skipped, Mutation::session_timeout_ignored}},
    {"volume-loss", {Mutation::session_timeout_ignored, Mutation::eviction_forgets_volume}},
    {"rolling-restart", {Mutation::controlled_shutdown_skipped}},
    {"bad-rollout", {Mutation::roll_waits_for_nothing, Mutation::roll_back_mends_nothing}},
    {"bad-rollout-unnoticed-by-probes", {Mutation::defect_is_harmless}},
    {"failed-upgrade", {Mutation::roll_waits_for_nothing}},
    {"wrong-command", {Mutation::scale_up_forgotten}},
    {"expired-certificate", {Mutation::certificates_never_expire}},
    {"zone-outage-during-rolling-restart", {Mutation::session_timeout_ignored}},
    {"spot-storm", {Mutation::capacity_never_short}},
    {"load-surge", {Mutation::stabilisation_skipped, Mutation::group_never_grows}, "eks-elastic"},
    {"metrics-missing", {Mutation::metrics_always_there}, "eks-elastic"},
    {"metrics-zero", {Mutation::stabilisation_skipped, Mutation::metrics_always_there}, "eks-elastic-spot"},
    {"zone-outage-under-load", {Mutation::group_never_grows}, "eks-elastic"},
    {"http-rolling-update", {Mutation::surge_forgotten}, "http-eks"},
    {"disk-pressure", {Mutation::disk_never_full}, "http-eks"},
    {"data-deleted", {Mutation::replica_is_backup}, "redis-eks-backup"},
    {"http-hang", {Mutation::probes_see_nothing}, "http-eks"},
    {"zone-without-machines", {Mutation::machine_stays_in_zone, Mutation::capacity_never_short}, "eks-basics"},
    {"http-failed-upgrade", {}, "http-eks"},
    {"broken-role", {}, "http-eks"},
    {"node-update-refused", {}, "ticket-issue"},
    {"journey-database-away", {}, "ticket-stored"},
    {"rabbitmq-leader-kill", {Mutation::stands_at_once}, "rabbitmq-hosts"},
    {"rabbitmq-leader-stop", {Mutation::silence_unheard, Mutation::stands_at_once}, "rabbitmq-hosts"},
    {"rabbitmq-majority-stop", {Mutation::quorum_of_one}, "rabbitmq-hosts"},
    {"rabbitmq-consumer-node-kill", {Mutation::unacknowledged_forgotten}, "rabbitmq-hosts"},
    {"rabbitmq-node-cut-off", {Mutation::minority_goes_on, Mutation::silence_unheard}, "rabbitmq-eks"},
};

using tests::source_file;

class Broken {
 public:
  explicit Broken(Mutation mutation) { models::active_mutation = mutation; }
  ~Broken() { models::active_mutation = Mutation::none; }
};

std::vector<experiments::ExpectationResult> play(const Case& of, Mutation mutation) {
  const Broken broken(mutation);
  const loader::LoadedTopology loaded =
      loader::load_topology(source_file("topologies/" + of.topology + ".json"), {}, {});
  const models::Plan plan = models::build_plan(loaded.topology, 1);
  const loader::Scenario scenario =
      loader::load_scenario(source_file("experiments/scenarios/" + of.scenario + ".json"), {});
  experiments::ReplayOptions options;
  options.runs = 60;
  return experiments::replay(plan, scenario, options).base.expectations;
}

}  // namespace

TEST_CASE("every shipped scenario meets its expectations", "[scenarios]") {
  for (const Case& scenario : cases) {
    const auto results = play(scenario, Mutation::none);
    CHECK_FALSE(results.empty());
    for (const auto& result : results) {
      INFO(scenario.scenario << ": " << result.text << ": " << result.met_fraction << ", worst " << result.worst);
      CHECK(result.met());
    }
  }
}

// The list above has those that mutations are held against. A scenario whose expectations no design meets tests
// nothing.
TEST_CASE("some shipped design that has what it strikes meets all that a shipped scenario expects",
          "[scenarios][slow]") {
  std::vector<models::Plan> plans;
  for (const loader::NamedEntry& entry : loader::list_topologies()) {
    if (entry.group == "designs")
      plans.push_back(models::build_plan(loader::load_topology(entry.path, {}, {}).topology, 1));
  }
  experiments::ReplayOptions options;
  options.runs = 60;
  std::size_t scenarios = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_file("experiments/scenarios"))) {
    const std::string path = entry.path().string();
    const loader::Scenario scenario = loader::load_scenario(path, {});
    if (scenario.expectations.empty()) continue;
    ++scenarios;
    bool met = false;
    std::string missed;
    for (const models::Plan& plan : plans) {
      try {
        experiments::check_targets(plan, scenario, path);
        experiments::check_expected(plan, scenario, path);
      } catch (const loader::InputError&) {
        continue;
      }
      met = true;
      for (const auto& result : experiments::replay(plan, scenario, options).base.expectations) {
        if (result.met()) continue;
        met = false;
        missed += plan.topology.name + ": " + result.text + ": " + result.worst + "\n";
      }
      if (met) break;
    }
    INFO(scenario.name << ": " << (missed.empty() ? "no design has what it strikes" : missed));
    CHECK(met);
  }
  CHECK(scenarios > 90);
}

TEST_CASE("a scenario is refused on a design that lacks what its milestones need", "[scenarios]") {
  const auto problem = [](const std::string& design, const std::string& name,
                          const std::vector<loader::Override>& sets = {}) -> std::string {
    const std::string path = source_file("experiments/scenarios/" + name + ".json");
    try {
      const auto loaded = loader::load_topology(source_file("topologies/" + design + ".json"), sets, {});
      const models::Plan plan = models::build_plan(loaded.topology, 1);
      const loader::Scenario scenario = loader::load_scenario(path, {});
      experiments::check_targets(plan, scenario, path);
      experiments::check_expected(plan, scenario, path);
    } catch (const std::exception& error) {
      return error.what();
    }
    return {};
  };
  using Catch::Contains;
  CHECK_THAT(problem("eks-basics", "fargate-patch"), Contains("expects 'k8s.fargate_joined'"));
  CHECK(problem("http-fargate", "fargate-patch").empty());
  CHECK_THAT(problem("eks-basics", "credentials-outage"), Contains("expects 'http.credentials_expired'"));
  CHECK(problem("eks-basics", "credentials-outage", {{"/services/web/credentials", "true"}}).empty());
  CHECK_THAT(problem("kubeadm-1-master", "control-plane-upgrade"), Contains("expects 'eks.upgrade_done'"));
  CHECK(problem("eks-control-plane", "control-plane-upgrade").empty());
  // Its events are those of consumer groups, of which the design has none.
  CHECK(problem("kafka-mirror-hosts", "mirror-worker-kill").empty());
  CHECK_THAT(problem("kubeadm-1-master", "control-plane-upgrade-rolled-back"),
             Contains("of the variants of such an upgrade it has 'succeeds' only"));
}

TEST_CASE("every shipped scenario notices its mutations", "[scenarios][mutations]") {
  for (const Case& scenario : cases) {
    for (const Mutation mutation : scenario.caught) {
      INFO(scenario.scenario << " under mutation " << static_cast<int>(mutation));
      bool noticed = false;
      try {
        const auto results = play(scenario, mutation);
        noticed = std::any_of(results.begin(), results.end(), [](const auto& result) { return !result.met(); });
      } catch (const std::exception& error) {
        // Elections without an end: the run is given up, which nobody overlooks.
        INFO(error.what());
        noticed = std::string_view(error.what()).starts_with("a run takes more than ");
      }
      CHECK(noticed);
    }
  }
}

}  // namespace mutations_test
