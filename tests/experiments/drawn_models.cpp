#include "tests/experiments/drawn_models.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "models/components/markov_model.hpp"
#include "sim/math.hpp"
#include "sim/random.hpp"

namespace nines::experiments::testing {

namespace {

using Json = nlohmann::ordered_json;

class Grammar {
 public:
  Grammar(std::uint64_t number, std::uint32_t attempt)
      : key_(sim::stream_key(2026 + attempt, "drawn model", "grammar")), number_(number) {}

  DrawnModel model() {
    DrawnModel result;
    switch (number_ % kinds_of_models) {
      case 0: nest(result); break;
      case 1: shocks(result); break;
      case 2: crew(result); break;
      case 3: standby(result); break;
      case 4: stages(result); break;
      case 5: laws(result); break;
      case 6: blips(result); break;
      case 7: slow_beside_fast(result); break;
      case 8: zones(result); break;
      default: mixture(result); break;
    }
    Json topology = file_;
    topology["services"] = services();
    result.topology = load(topology);
    Json solvable = topology;
    for (const auto& [at, law] : replaced_) solvable["components"][at.first][at.second] = law;
    result.insensitive = !replaced_.empty();
    result.solvable = load(solvable);
    return result;
  }

 private:
  // ---- dice ----

  double uniform() { return sim::to_unit(sim::random_bits(key_, number_, draws_++)); }
  int between(int low, int high) { return low + static_cast<int>(uniform() * (high - low + 1)); }
  double log_uniform(double low, double high) { return low * sim::exp(uniform() * sim::log(high / low)); }
  bool chance(double p) { return uniform() < p; }

  // ---- parts ----

  static Json exponential(double hours) { return {{"law", "exponential"}, {"mean", fmt::format("{:.6g} h", hours)}}; }

  Json& component(const std::string& name, int count, double life_h, double repair_h) {
    Json box = {{"name", name}, {"count", count}, {"failure", exponential(life_h)}, {"repair", exponential(repair_h)}};
    file_["components"].push_back(std::move(box));
    return file_["components"].back();
  }

  void replace(const char* what, const Json& law, double mean_h) {
    const std::size_t at = file_["components"].size() - 1;
    file_["components"][at][what] = law;
    replaced_.push_back({{at, what}, exponential(mean_h)});
  }

  void add(const char* list, const Json& entry) {
    if (!file_.contains(list)) file_[list] = Json::array();
    file_[list].push_back(entry);
  }
  void require(Json requirement) { requirement_ = std::move(requirement); }
  static Json at_least(int k, const std::vector<Json>& of) {
    Json node = Json::object();
    node["at_least"] = k;
    node["of"] = of;
    return node;
  }
  static Json all(const std::vector<Json>& of) {
    Json node = Json::object();
    node["all"] = of;
    return node;
  }

  // ---- kinds ----

  /// Boxes under a nest of k-of-n.
  void nest(DrawnModel& model) {
    model.kind = "nest";
    std::vector<Json> parts;
    const int boxes = between(2, 3);
    for (int i = 0; i < boxes; ++i) {
      const int count = between(2, 5);
      const std::string name = fmt::format("x{}", i);
      component(name, count, log_uniform(300, 30000), log_uniform(0.2, 40));
      parts.push_back(at_least(between(1, count - 1), {name}));
    }
    if (chance(0.5)) {
      require(at_least(static_cast<int>(parts.size()) - 1, parts));
    } else {
      require(all(parts));
    }
  }

  /// Shocks that hit a share.
  void shocks(DrawnModel& model) {
    model.kind = "shocks";
    const int count = between(3, 8);
    component("x", count, log_uniform(2000, 50000), log_uniform(0.5, 20));
    component("y", 2, log_uniform(2000, 50000), log_uniform(0.5, 20));
    add("shocks", {{"name", "s"},
                   {"rate", fmt::format("{:.4g}/yr", log_uniform(0.1, 20))},
                   {"hits", Json::array({"x"})},
                   {"share", log_uniform(0.03, 0.9)}});
    if (chance(0.5)) {
      add("shocks", {{"name", "t"},
                     {"rate", fmt::format("{:.4g}/yr", log_uniform(0.01, 2))},
                     {"hits", Json::array({"x", "y"})},
                     {"share", log_uniform(0.1, 0.9)}});
    }
    require(all({at_least(between(1, count - 1), {"x"}), at_least(1, {"y"})}));
  }

  /// Too few responders.
  void crew(DrawnModel& model) {
    const char* policies[] = {"fcfs", "priority", "random"};
    const char* policy = policies[between(0, 2)];
    model.kind = fmt::format("crew {}", policy);
    const int count = between(3, 10);
    component("x", count, log_uniform(500, 20000), log_uniform(1, 40))["crew"] = "ops";
    component("y", 2, log_uniform(500, 20000), log_uniform(1, 40))["crew"] = "ops";
    Json crew = {{"name", "ops"}, {"size", between(1, 2)}, {"policy", policy}};
    if (std::string(policy) == "priority") crew["order"] = {"y", "x"};
    add("crews", crew);
    const int needed = std::max(1, count - between(1, 4));
    require(all({at_least(needed, {"x"}), at_least(1, {"y"})}));
  }

  void standby(DrawnModel& model) {
    model.kind = "standby";
    const int count = between(2, 4);
    const int active = between(1, std::min(2, count - 1));
    Json& box = component("x", count, log_uniform(500, 10000), log_uniform(1, 30));
    const bool one_crew = chance(0.6);
    if (one_crew) box["crew"] = "ops";
    box["standby"] = {{"active", active}, {"dormant_factor", chance(0.3) ? 1.0 : uniform() * 0.8}};
    if (chance(0.7)) {
      box["standby"]["switchover"] = {{"duration", exponential(log_uniform(0.002, 0.1))},
                                      {"coverage", 1 - log_uniform(0.001, 0.2)},
                                      {"uncovered_duration", exponential(log_uniform(0.2, 3))}};
    }
    if (one_crew) add("crews", {{"name", "ops"}});  // `box` is void from here on
    require(at_least(active, {"x"}));
  }

  /// Phases after the repair.
  void stages(DrawnModel& model) {
    model.kind = "stages";
    const int count = between(2, 4);
    Json& box = component("x", count, log_uniform(500, 20000), log_uniform(0.2, 10));
    Json stage = {{"name", "catch-up"}, {"duration", exponential(log_uniform(0.1, 5))}};
    if (chance(0.5)) stage["fails"] = true;
    if (chance(0.3)) stage["works"] = true;
    if (chance(0.3)) stage["success"] = 0.5 + uniform() / 2;
    box["stages"] = Json::array({stage});
    require(at_least(between(1, count - 1), {"x"}));
  }

  /// Lives and repairs of other laws, each unit by itself: the long run knows their means only.
  void laws(DrawnModel& model) {
    model.kind = "laws";
    std::vector<Json> parts;
    for (int i = 0; i < 2; ++i) {
      const int count = between(2, 4);
      const std::string name = fmt::format("x{}", i);
      const double life = log_uniform(1000, 30000);
      const double repair = log_uniform(1, 30);
      component(name, count, life, repair);
      switch (between(0, 2)) {
        case 0: replace("repair", fmt::format("{:.6g} h", repair), repair); break;
        case 1: {
          const double sigma = 0.3 + uniform();
          const double median = repair * sim::exp(-sigma * sigma / 2);
          replace("repair", {{"law", "lognormal"}, {"median", fmt::format("{:.10g} h", median)}, {"sigma", sigma}},
                  repair);
          break;
        }
        default:
          replace("repair", {{"law", "erlang"}, {"mean", fmt::format("{:.6g} h", repair)}, {"stages", 3}}, repair);
      }
      if (chance(0.5)) {
        // Weibull of shape 2: mean = scale * gamma(1.5).
        constexpr double gamma_of_three_halves = 0.886226925452758;
        replace("failure",
                {{"law", "weibull"}, {"scale", fmt::format("{:.10g} h", life / gamma_of_three_halves)}, {"shape", 2}},
                life);
      }
      parts.push_back(at_least(between(1, count - 1), {name}));
    }
    require(all(parts));
  }

  /// A frequent blip hides a deep cut.
  void blips(DrawnModel& model) {
    model.kind = "blips";
    component("blip", 1, log_uniform(500, 20000), log_uniform(0.0005, 0.02));
    const int count = between(3, 5);
    component("x", count, log_uniform(1000, 5000), log_uniform(10, 80));
    require(all({"blip", at_least(between(1, 2), {"x"})}));
  }

  void slow_beside_fast(DrawnModel& model) {
    model.kind = "slow and fast";
    component("slow", 3, log_uniform(5000, 50000), log_uniform(100, 800));
    component("fast", 2, log_uniform(200, 2000), log_uniform(0.05, 1));
    require(all({at_least(1, {"slow"}), at_least(1, {"fast"})}));
  }

  /// Units behind zones.
  void zones(DrawnModel& model) {
    model.kind = "zones";
    std::vector<Json> boxes;
    for (int zone = 0; zone < 3; ++zone) {
      component(fmt::format("zone{}", zone), 1, log_uniform(5000, 20000), log_uniform(0.5, 5));
      Json& box = component(fmt::format("x{}", zone), between(1, 2), log_uniform(1000, 5000), log_uniform(1, 10));
      box["masked_by"] = Json::array({fmt::format("zone{}", zone)});
      boxes.push_back(fmt::format("x{}", zone));
    }
    require(at_least(between(1, 2), boxes));
  }

  /// A bit of everything.
  void mixture(DrawnModel& model) {
    model.kind = "mixture";
    const int count = between(3, 6);
    Json& box = component("x", count, log_uniform(1000, 20000), log_uniform(1, 20));
    if (chance(0.5)) {
      box["crew"] = "ops";
      add("crews", {{"name", "ops"}, {"size", between(1, 2)}});
    }
    component("y", 2, log_uniform(300, 3000), log_uniform(0.01, 1));
    component("z", 3, log_uniform(5000, 50000), log_uniform(5, 200));
    add("shocks", {{"name", "s"},
                   {"rate", fmt::format("{:.4g}/yr", log_uniform(0.05, 5))},
                   {"hits", Json::array({"x", "z"})},
                   {"share", log_uniform(0.05, 0.5)}});
    const int needed = between(1, count - 1);
    require(all({at_least(needed, {"x"}), at_least(1, {"y"}), at_least(between(1, 2), {"z"})}));
  }

  Json services() const {
    const auto sli = [&](const char* name, double hours) {
      return Json{{"name", name}, {"requires", requirement_}, {"sla", {{"target", 0.9999}, {"window_h", hours}}}};
    };
    const Json service = {
        {"name", "system"}, {"kind", "composite"}, {"slis", Json::array({sli("month", 730), sli("year", 8760)})}};
    return Json::array({service});
  }

  loader::LoadedTopology load(const Json& topology) const {
    const std::string name = fmt::format("drawn-{}", number_);
    return loader::load_topology_text(name + ".json", topology.dump(1));
  }

  std::uint64_t key_;
  std::uint64_t number_;
  std::uint32_t draws_ = 0;
  Json file_ = {{"schema", "nines/topology/1"}, {"name", "drawn"}, {"title", "drawn"}, {"components", Json::array()}};
  Json requirement_;
  std::vector<std::pair<std::pair<std::size_t, std::string>, Json>> replaced_;
};

}  // namespace

DrawnModel draw_model(std::uint64_t number) {
  for (std::uint32_t attempt = 0;; ++attempt) {
    DrawnModel model = Grammar(number, attempt).model();
    try {
      const models::Plan plan = models::build_plan(model.solvable.topology, 1);
      const double truth = models::components::solve_exactly(plan, 0).unavailability;
      if (truth >= 1e-12 && truth <= 1e-2) return model;
    } catch (const std::invalid_argument&) {
      // Too large to be solved: another one.
    }
  }
}

}  // namespace nines::experiments::testing
