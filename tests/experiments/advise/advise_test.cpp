// Advice on single changes: differences against exact ones, ranks, and a catalogue whose every entry applies somewhere.
#include "experiments/advise/advise.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "experiments/loader/catalogue.hpp"
#include "models/components/markov_model.hpp"
#include "sim/time_units.hpp"

namespace advise_test {

using namespace nines;
using namespace nines::experiments;

namespace {

std::unique_ptr<Input> load(const std::string& name, const std::vector<std::string>& sets = {}) {
  return std::make_unique<Input>(load_input(topology_path(name), sets, CommonOptions{}));
}

/// All changes of the catalogue that can be made.
std::vector<Variant> variants_of(const std::string& name, const Input& base) {
  std::vector<Variant> variants;
  for (Change& change : changes_of(catalogue_path(), topology_path(name), {}, {}, base.loaded)) {
    try {
      auto input = load(name, change.sets);
      if (input->loaded.input_hash != base.loaded.input_hash) variants.push_back({std::move(change), std::move(input)});
    } catch (const loader::InputError&) {
    }
  }
  return variants;
}

double exact(const models::Plan& plan) { return models::components::solve_exactly(plan, 0).unavailability; }

/// The truth lies within the interval widened from 1.96 to 5.5 standard errors (false alarm 4e-8).
bool within(const Delta& delta, double truth) {
  const double half = (delta.ci95.upper - delta.ci95.lower) / 2 * 5.5 / 1.96;
  return std::abs(delta.value - truth) <= half;
}

}  // namespace

TEST_CASE("advise: changes of one unit against closed forms", "[advise]") {
  const auto base = load("single-unit");
  const std::vector<Variant> variants = variants_of("single-unit", *base);
  AdviseOptions options;
  options.target = "system/works";
  const AdviceResult result = advise(*base, variants, options);
  CHECK(result.exact);
  CHECK(result.incidents == 0);
  std::set<std::string> seen;
  for (const Advice& advice : result.ranked) {
    const Change& change = variants[advice.variant].change;
    seen.insert(change.name);
    const double now = 2.0 / 1002;
    double then = now;
    if (change.name == "faster-repair") then = 1.0 / 1001;
    if (change.name == "rarer-failures") then = 2.0 / 2002;
    // Both of two must work: down unless both are up.
    if (change.name == "another-unit") then = 1 - (1 - now) * (1 - now);
    // One of two, repaired at the same time.
    if (change.name == "a-standby") then = now * now;
    INFO(change.name);
    CHECK(advice.exact);
    CHECK(advice.downtime_minutes_per_year.value == Approx((then - now) * sim::minutes_per_year).epsilon(1e-9));
    CHECK(advice.effect == (then < now ? Effect::helps : Effect::harms));
    CHECK_FALSE(advice.promised);
    CHECK_FALSE(advice.minutes_per_dollar);
  }
  CHECK(seen == std::set<std::string>{"faster-repair", "rarer-failures", "another-unit", "a-standby"});
  CHECK_FALSE(result.priced);
}

TEST_CASE("advise: what is played has the exact differences within its intervals", "[advise]") {
  for (const char* name : {"active-standby", "quorum-one-crew"}) {
    const auto base = load(name);
    const std::vector<Variant> variants = variants_of(name, *base);
    REQUIRE(variants.size() > 3);
    AdviseOptions options;
    options.target = base->plan.services[models::ServiceId::of(0)].name + "/" + base->plan.slis[0].name;
    options.may_solve = false;
    options.max_incidents = 400'000;
    const AdviceResult played = advise(*base, variants, options);
    CHECK_FALSE(played.exact);
    REQUIRE(played.ranked.size() == variants.size());
    const double now = exact(base->plan);
    for (const Advice& advice : played.ranked) {
      const Variant& variant = variants[advice.variant];
      INFO(name << " " << variant.change.name << " " << variant.change.title);
      const double truth = (exact(variant.input->plan) - now) * sim::minutes_per_year;
      CHECK(within(advice.downtime_minutes_per_year, truth));
      if (advice.effect == Effect::helps) CHECK(truth < 0);
      if (advice.effect == Effect::harms) CHECK(truth > 0);
    }
  }
}

TEST_CASE("advise: the same whatever the threads, best first", "[advise]") {
  const auto base = load("kafka-eks");
  std::vector<Variant> variants;
  for (Variant& variant : variants_of("kafka-eks", *base)) {
    for (const char* name : {"shorter-session", "shorter-requests", "min-isr+1", "spare-machines"}) {
      if (variant.change.name != name) continue;
      variants.push_back(std::move(variant));
      break;
    }
  }
  REQUIRE(variants.size() == 6);  // two clients, two node groups
  AdviseOptions options;
  options.target = "kafka/write";
  options.max_incidents = 20'000;
  const AdviceResult one = advise(*base, variants, options);
  options.threads = 3;
  const AdviceResult three = advise(*base, variants, options);
  CHECK(one.priced);
  CHECK(one.promised);
  CHECK(one.incidents <= options.max_incidents);
  REQUIRE(one.ranked.size() == variants.size());
  for (std::size_t i = 0; i < one.ranked.size(); ++i) {
    CHECK(one.ranked[i].variant == three.ranked[i].variant);
    CHECK(one.ranked[i].downtime_minutes_per_year.value == three.ranked[i].downtime_minutes_per_year.value);
    if (i > 0) CHECK(one.ranked[i - 1].effect <= one.ranked[i].effect);
  }
  // Requests that give up sooner cost nothing and help this client; all replicas in sync at every write harms.
  const Advice& first = one.ranked.front();
  CHECK(variants[first.variant].change.name == "shorter-requests");
  CHECK(first.effect == Effect::helps);
  CHECK_FALSE(first.minutes_per_dollar);
  CHECK(variants[one.ranked.back().variant].change.name == "min-isr+1");
  CHECK(one.ranked.back().effect == Effect::harms);
}

TEST_CASE("advise: too few incidents are refused before anything is played", "[advise]") {
  const auto base = load("kafka-eks");
  const std::vector<Variant> variants = variants_of("kafka-eks", *base);
  AdviseOptions options;
  options.target = "kafka/write";
  options.max_incidents = 1000;
  CHECK_THROWS_AS(advise(*base, variants, options), std::invalid_argument);
}

namespace {

/// Makes the changes of the catalogue for every shipped design. `all`: loads each of them, also where another design
/// has shown already that it can be.
void paste_changes(bool all) {
  std::set<std::string> made;
  const auto add = [&](const std::string& name, const std::vector<std::string>& edits) {
    const auto base = load(name, edits);
    for (const Change& change : changes_of(catalogue_path(), topology_path(name), edits, {}, base->loaded)) {
      std::vector<std::string> sets = edits;
      sets.insert(sets.end(), change.sets.begin(), change.sets.end());
      INFO(name << ": " << change.name);
      CHECK_FALSE(change.sets.empty());
      CHECK(change.title.find('{') == std::string::npos);
      if (!all && made.contains(change.name)) continue;
      try {
        const auto input = load(name, sets);
        CHECK(input->loaded.input_hash != base->loaded.input_hash);
        made.insert(change.name);
      } catch (const loader::ImpossibleInput&) {
        // Says something clearly that cannot exist; a slip in the catalogue would be another error.
      } catch (const loader::InputError& error) {
        // Nor is a machine type sold in every region.
        const std::string what = error.what();
        CHECK(what.find("have no price of") != std::string::npos);
      }
    }
  };
  for (const loader::NamedEntry& entry : loader::list_topologies()) add(entry.name, {});
  add("kafka-eks", {"/node_groups/kafka/interruption=none", "/node_groups/kafka/replacement=evict-first"});
  add("kafka-eks-6-brokers", {"/services/kafka/topics/my-topic/config/min.insync.replicas=2"});
  for (const std::string& name : names_of_changes(catalogue_path())) {
    INFO(name);
    CHECK(made.count(name) == 1);
  }
}

}  // namespace

TEST_CASE("advise: every entry of the catalogue applies to some shipped design", "[advise]") { paste_changes(false); }

TEST_CASE("advise: every change of every shipped design can be pasted", "[advise][slow]") { paste_changes(true); }

TEST_CASE("advise: numbers, units and laws are changed as they are written", "[advise]") {
  const auto sets = [](const std::string& name, const std::string& change, const std::vector<std::string>& edits = {}) {
    const auto base = load(name, edits);
    for (const Change& entry : changes_of(catalogue_path(), topology_path(name), edits, {}, base->loaded)) {
      if (entry.name == change) return entry.sets;
    }
    return std::vector<std::string>{};
  };
  using List = std::vector<std::string>;
  CHECK(sets("kafka-eks", "rarer-operation") == List{"/operations/0/rate=6/yr"});
  CHECK(sets("kafka-eks", "more-throughput") == List{"/services/kafka/pools/broker/storage/throughput=250MiB/s"});
  CHECK(sets("kafka-eks", "shorter-session") == List{"/services/kafka/config/broker.session.timeout.ms=4500"});
  // The value in effect is what is changed, wherever it stands.
  CHECK(sets("kafka-eks", "shorter-session", {"/overrides/broker.session.timeout.ms=6000"}) ==
        List{"/services/kafka/config/broker.session.timeout.ms=3000"});
  CHECK(sets("kafka-eks", "faster-engagement") ==
        List{R"(/overrides/people.engage={"law":"lognormal","median":7.5,"unit":"min","sigma":1})"});
  CHECK(sets("kafka-eks", "smaller-machines", {"/node_groups/core/instance_type=m5.large"}).size() == 1);
  CHECK(sets("kafka-eks", "min-isr-1", {"/services/kafka/config/min.insync.replicas=1"}).empty());
  CHECK(sets("quorum-own-crews", "rarer-failures").front().find("\"mean\":\"") != std::string::npos);
}

}  // namespace advise_test
