#include "models/components/build_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/components/stationary_life.hpp"
#include "models/namer.hpp"

namespace nines::models::components {

namespace {

class ComponentPlanner {
 public:
  ComponentPlanner(Plan& plan, Namer& namer) : plan_(plan), boxes_(plan.black_boxes), namer_(namer) {}

  void fill() {
    const Topology& topology = plan_.topology;
    for (std::size_t i = 0; i < topology.components.size(); ++i) add_box(i);
    for (const BoxId box : boxes_.boxes.ids()) add_masks(box);
    for (const BoxId box : boxes_.boxes.ids()) note_masks(box, box);
    sort_masks();
    for (std::size_t i = 0; i < topology.crews.size(); ++i) add_crew(i);
    for (std::size_t i = 0; i < topology.shocks.size(); ++i) add_shock(i);
    for (const BoxId box : boxes_.boxes.ids()) add_ages(box);
  }

 private:
  void add_box(std::size_t index) {
    const components::ComponentSpec& spec = plan_.topology.components[index];
    check(spec);
    BoxPlan box;
    box.spec = static_cast<std::uint16_t>(index);
    box.count = static_cast<std::uint16_t>(spec.count);
    box.active = static_cast<std::uint16_t>(spec.standby ? spec.standby->active : spec.count);
    box.first = UnitId::of(boxes_.units.size());
    box.component = namer_.add(spec.name, "component");
    if (!spec.after_mask.empty()) box.after_mask = stage_after_mask(spec);
    const BoxId id = boxes_.boxes.add(box);
    for (std::uint16_t i = 0; i < box.count; ++i) {
      const ComponentId unit =
          box.count == 1 ? box.component : namer_.add(fmt::format("{}-{}", spec.name, i), "component");
      boxes_.units.add({unit, id, components::no_source});
    }
  }

  void add_ages(BoxId id) {
    const components::ComponentSpec& spec = plan_.topology.components[boxes_.boxes[id].spec];
    if (!spec.failure) return;
    const double shocks = components::shocks_per_hour(plan_, id);
    boxes_.boxes[id].stationary_ages = components::stationary_life(*spec.failure, shocks).ages;
  }

  static std::uint8_t stage_after_mask(const components::ComponentSpec& spec) {
    const auto at = std::find_if(spec.stages.begin(), spec.stages.end(),
                                 [&](const components::StageSpec& stage) { return stage.name == spec.after_mask; });
    if (at == spec.stages.end() || spec.standby)
      throw std::invalid_argument(
          fmt::format("component '{}': a unit {} after a mask", spec.name,
                      spec.standby ? "with standby cannot go through stages" : "has no such stage to go through"));
    const auto unable = std::find_if(at, spec.stages.end(), [](const auto& stage) { return !stage.fails; });
    if (spec.failure && unable != spec.stages.end()) {
      throw std::invalid_argument(fmt::format(
          "component '{}': its failure law has a memory, so its units must be able to fail in stage '{}', which comes "
          "after a mask",
          spec.name, unable->name));
    }
    return static_cast<std::uint8_t>(at - spec.stages.begin());
  }

  static void check(const components::ComponentSpec& spec) {
    if (!spec.standby) return;
    if (spec.failure) {
      throw std::invalid_argument(fmt::format(
          "component '{}': units that stand by need an exponential failure law, which has no memory", spec.name));
    }
    for (const components::StageSpec& stage : spec.stages) {
      if (!stage.works && !stage.fails) continue;
      throw std::invalid_argument(fmt::format(
          "component '{}': in stage '{}' a unit with standby can neither serve nor fail", spec.name, stage.name));
    }
  }

  [[nodiscard]] BoxId named(std::string_view name, std::string_view by) const {
    for (const BoxId box : boxes_.boxes.ids()) {
      if (plan_.topology.components[boxes_.boxes[box].spec].name == name) return box;
    }
    throw std::invalid_argument(fmt::format("'{}' names component '{}', which does not exist", by, name));
  }

  void add_masks(BoxId id) {
    const components::ComponentSpec& spec = plan_.topology.components[boxes_.boxes[id].spec];
    for (const std::string& name : spec.masked_by) {
      const BoxId mask = named(name, spec.name);
      boxes_.boxes[id].masked_by.push_back(mask);
    }
  }

  void note_masks(BoxId below, BoxId box) {
    for (const BoxId mask : boxes_.boxes[box].masked_by) {
      std::vector<BoxId>& masks = boxes_.boxes[mask].masks;
      if (std::find(masks.begin(), masks.end(), below) != masks.end()) continue;
      masks.push_back(below);
      note_masks(below, mask);
    }
  }

  void sort_masks() {
    // Of a box that nothing masks 0, else one more than of what masks it.
    std::vector<std::size_t> depth(boxes_.boxes.size(), 0);
    for (bool settled = false; !settled;) {
      settled = true;
      for (const BoxId box : boxes_.boxes.ids()) {
        for (const BoxId mask : boxes_.boxes[box].masked_by) {
          if (depth[box.value] > depth[mask.value]) continue;
          depth[box.value] = depth[mask.value] + 1;
          settled = false;
        }
      }
    }
    for (BoxPlan& box : boxes_.boxes) {
      std::stable_sort(box.masks.begin(), box.masks.end(),
                       [&](BoxId a, BoxId b) { return depth[a.value] < depth[b.value]; });
    }
  }

  void add_crew(std::size_t index) {
    const components::CrewSpec& spec = plan_.topology.crews[index];
    components::CrewPlan crew;
    crew.component = namer_.add(fmt::format("crew/{}", spec.name), "crew");
    crew.spec = static_cast<std::uint16_t>(index);
    const CrewId id = CrewId::of(index);
    for (const BoxId box : boxes_.boxes.ids()) {
      if (plan_.topology.components[boxes_.boxes[box].spec].crew != spec.name) continue;
      boxes_.boxes[box].crew = id;
      crew.boxes.push_back(box);
    }
    if (spec.policy == components::CrewPolicy::priority) {
      const auto rank = [&](BoxId box) {
        const std::string& name = plan_.topology.components[boxes_.boxes[box].spec].name;
        return std::find(spec.order.begin(), spec.order.end(), name) - spec.order.begin();
      };
      std::stable_sort(crew.boxes.begin(), crew.boxes.end(), [&](BoxId a, BoxId b) { return rank(a) < rank(b); });
    }
    boxes_.crews.add(std::move(crew));
  }

  void add_shock(std::size_t index) {
    const components::ShockSpec& spec = plan_.topology.shocks[index];
    components::ShockPlan shock;
    shock.component = namer_.add(fmt::format("shock/{}", spec.name), "shock");
    shock.spec = static_cast<std::uint16_t>(index);
    for (const std::string& name : spec.hits) shock.hits.push_back(named(name, spec.name));
    boxes_.shocks.add(std::move(shock));
  }

  Plan& plan_;
  components::BlackBoxes& boxes_;
  Namer& namer_;
};

}  // namespace

void build(Plan& plan, Namer& namer) { ComponentPlanner(plan, namer).fill(); }

}  // namespace nines::models::components
