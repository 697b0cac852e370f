// Cut sets in few words.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "models/plan.hpp"
#include "models/structure/cut_sets.hpp"

namespace nines::models::structure {

namespace {

/// Kind of a part: where it comes in a text, and its name.
using Kind = std::pair<int, std::string>;

class Kinds {
 public:
  explicit Kinds(const Plan& plan) {
    for (const ProcessPlan& process : plan.processes) {
      const std::string role = numberless(plan.name(process.component));
      kinds_[process.component] = {0, role};
      if (process.volume.exists()) kinds_[plan.volumes[process.volume].component] = {1, role + "/data"};
    }
    for (const NodePlan& node : plan.nodes) {
      kinds_[node.component] = {2, fmt::format("machine of {}", plan.topology.node_groups[node.group].name)};
    }
    for (const ZonePlan& zone : plan.zones) kinds_[zone.component] = {3, "zone"};
    for (const components::UnitPlan& unit : plan.black_boxes.units) {
      kinds_[unit.component] = {4, plan.topology.components[plan.black_boxes.boxes[unit.box].spec].name};
    }
  }

  [[nodiscard]] const Kind& of(ComponentId part) const { return kinds_.at(part); }

 private:
  /// "kafka/broker-*" for "kafka/broker-2".
  static std::string numberless(std::string_view name) {
    return std::string(name.substr(0, name.find_last_of('-'))) + "-*";
  }

  std::map<ComponentId, Kind> kinds_;
};

/// Parts that can stand for each other in every set.
struct Alternatives {
  std::vector<ComponentId> parts;
  std::set<Kind> kinds;
};

class Grouper {
 public:
  Grouper(const Plan& plan, const CutSets& cuts) : plan_(plan), kinds_(plan), cuts_(cuts) { find_alternatives(); }

  std::vector<CutGroup> groups() {
    // A group is known by its order, whether the order of losses matters, and the kinds of its places.
    std::map<std::tuple<std::size_t, bool, Places>, std::vector<const CutSet*>> alike;
    for (const CutSet& cut : cuts_.sets) {
      alike[{cut.parts.size(), cut.order_matters, places_of(cut)}].push_back(&cut);
    }
    std::vector<CutGroup> result;
    for (const auto& [key, sets] : alike) {
      const auto& [order, order_matters, places] = key;
      result.push_back(
          {text(places, sets), static_cast<int>(order), sets.size(), order_matters, summed_estimate(sets)});
    }
    const auto down = [](const CutGroup& group) { return group.estimate ? group.estimate->unavailability : 0; };
    std::stable_sort(result.begin(), result.end(), [&](const CutGroup& a, const CutGroup& b) {
      return std::tuple(a.order, -down(a), b.count) < std::tuple(b.order, -down(b), a.count);
    });
    return result;
  }

 private:
  using Places = std::vector<std::set<Kind>>;

  /// Parts are alternatives if what completes them to cut sets is the same.
  void find_alternatives() {
    std::map<ComponentId, std::vector<std::pair<std::vector<ComponentId>, bool>>> rests;
    for (const CutSet& cut : cuts_.sets) {
      for (std::size_t at = 0; at < cut.parts.size(); ++at) {
        std::vector<ComponentId> rest = cut.parts;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at));
        rests[cut.parts[at]].emplace_back(std::move(rest), cut.order_matters);
      }
    }
    std::map<std::vector<std::pair<std::vector<ComponentId>, bool>>, std::size_t> known;
    for (auto& [part, rest] : rests) {
      std::sort(rest.begin(), rest.end());
      const std::size_t at = known.emplace(std::move(rest), alternatives_.size()).first->second;
      if (at == alternatives_.size()) alternatives_.emplace_back();
      alternatives_[at].parts.push_back(part);
      alternatives_[at].kinds.insert(kinds_.of(part));
      alternative_of_[part] = at;
    }
  }

  [[nodiscard]] Places places_of(const CutSet& cut) const {
    Places places;
    for (const ComponentId part : cut.parts) places.push_back(alternatives_[alternative_of_.at(part)].kinds);
    std::sort(places.begin(), places.end());
    return places;
  }

  /// Of these sets, the parts of each kind at a place of these kinds.
  [[nodiscard]] std::map<Kind, std::set<ComponentId>> parts_at(const std::set<Kind>& place,
                                                               const std::vector<const CutSet*>& sets) const {
    std::map<Kind, std::set<ComponentId>> parts;
    for (const CutSet* cut : sets) {
      for (const ComponentId part : cut->parts) {
        if (alternatives_[alternative_of_.at(part)].kinds == place) parts[kinds_.of(part)].insert(part);
      }
    }
    return parts;
  }

  [[nodiscard]] std::string text(const Places& places, const std::vector<const CutSet*>& sets) const {
    std::string text;
    for (std::size_t at = 0; at < places.size();) {
      const auto times = static_cast<std::size_t>(std::count(places.begin(), places.end(), places[at]));
      std::vector<std::string> names;
      for (const auto& [kind, parts] : parts_at(places[at], sets)) {
        names.emplace_back(parts.size() == 1 ? plan_.name(*parts.begin()) : kind.second);
      }
      const std::string one = names.size() > 1 ? fmt::format("[{}]", fmt::join(names, " | ")) : names.front();
      text += fmt::format("{}{}{}", at == 0 ? "" : " + ", times > 1 ? fmt::format("{} of ", times) : "", one);
      at += times;
    }
    return text;
  }

  [[nodiscard]] std::optional<CutEstimate> summed_estimate(const std::vector<const CutSet*>& sets) const {
    CutEstimate sum;
    for (const CutSet* cut : sets) {
      const auto one = estimate(plan_, *cut);
      if (!one) return std::nullopt;
      sum.unavailability += one->unavailability;
      sum.per_year += one->per_year;
    }
    return sum;
  }

  const Plan& plan_;
  Kinds kinds_;
  const CutSets& cuts_;
  std::vector<Alternatives> alternatives_;
  std::map<ComponentId, std::size_t> alternative_of_;
};

}  // namespace

std::vector<CutGroup> grouped(const Plan& plan, const CutSets& cuts) { return Grouper(plan, cuts).groups(); }

}  // namespace nines::models::structure
