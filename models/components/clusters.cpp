#include "models/components/clusters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "models/components/phase_law.hpp"
#include "models/components/spec_of.hpp"

namespace nines::models::components {

namespace {

/// Sets of boxes that grow together.
class Union {
 public:
  explicit Union(std::size_t size) : root_(size) { std::iota(root_.begin(), root_.end(), 0); }
  std::size_t find(BoxId box) const {
    std::size_t at = box.value;
    while (root_[at] != at) at = root_[at];
    return at;
  }
  /// The smaller root remains, so that the order is that of the file.
  void join(BoxId a, BoxId b) {
    const std::size_t first = find(a);
    const std::size_t second = find(b);
    root_[std::max(first, second)] = std::min(first, second);
  }

 private:
  std::vector<std::size_t> root_;
};

bool aligned_with(const Plan& plan, BoxId mask) { return plan.black_boxes.boxes[mask].count > 1; }

class Divider {
 public:
  explicit Divider(const Plan& plan) : plan_(plan), boxes_(plan.black_boxes), seen_(boxes_.boxes.size(), 0) {}

  Clusters divide(measurement::SliIndex sli) {
    Clusters result;
    result.requirement = structure::expand(plan_, sli);
    for (const BoxId box : result.requirement.boxes()) see(box);
    for (const BoxId box : boxes_.boxes.ids()) {
      if (seen_[box.value]) result.relevant.push_back(box);
    }
    align(result);
    while (add_crew_mates()) {
    }
    line_up(result);
    cluster(result);
    return result;
  }

 private:
  void see(BoxId box) {
    if (seen_[box.value]) return;
    seen_[box.value] = 1;
    see_masks(box);
  }
  void see_masks(BoxId box) {
    for (const BoxId mask : boxes_.boxes[box].masked_by) see(mask);
  }

  /// Who shares a crew with a box delays its repairs, whether the requirement sees it or not. Returns whether there was
  /// one that had not been seen.
  bool add_crew_mates() {
    bool added = false;
    for (const BoxId box : boxes_.boxes.ids()) {
      if (!seen_[box.value] || !shares_crew(plan_, box)) continue;
      for (const BoxId mate : boxes_.crews[boxes_.boxes[box].crew].boxes) {
        if (seen_[mate.value] || !spec_of(plan_, mate).repair) continue;
        added = true;
        seen_[mate.value] = 1;
        // Whether it can fail depends on what masks it.
        if (boxes_.boxes[mate].after_mask) see_masks(mate);
      }
    }
    return added;
  }

  /// Alignments in which units catch up become clusters of positions.
  void line_up(Clusters& result) {
    for (const BoxId box : boxes_.boxes.ids()) {
      if (!seen_[box.value] || !boxes_.boxes[box].after_mask || !aligned_above(box)) continue;
      const auto holds = [&](const Alignment& alignment) {
        return std::any_of(alignment.members.begin(), alignment.members.end(),
                           [&](const Alignment::Member& member) { return member.box == box; });
      };
      check_line(box);
      if (lined_up_.contains(box)) continue;
      const auto at = std::find_if(result.alignments.begin(), result.alignments.end(), holds);
      // The requirement does not see it: it is here for its crew.
      if (at == result.alignments.end()) check_independent(box, box);
      Cluster part;
      part.positions = at->count;
      for (const Alignment::Member& member : at->members) {
        check_independent(box, member.box);
        part.boxes.push_back(member.box);
        lined_up_.insert(member.box);
      }
      std::sort(part.boxes.begin(), part.boxes.end());
      result.clusters.push_back(std::move(part));
      result.alignments.erase(at);
    }
  }

  [[nodiscard]] bool aligned_above(BoxId box) const {
    const std::vector<BoxId>& masks = boxes_.boxes[box].masked_by;
    return std::any_of(masks.begin(), masks.end(),
                       [&](BoxId mask) { return aligned_with(plan_, mask) || aligned_above(mask); });
  }

  [[noreturn]] void refuse_line(BoxId box, const std::string& why) const {
    throw std::invalid_argument(fmt::format(
        "the units of component '{}' catch up when a mask that is theirs alone is lifted, and {}: each unit "
        "would have to be told apart, so there is no exact solution; use --method incidents",
        spec_of(plan_, box).name, why));
  }

  /// All that masks the box does so unit by unit.
  void check_line(BoxId box, std::optional<BoxId> at = std::nullopt) const {
    for (const BoxId mask : boxes_.boxes[at.value_or(box)].masked_by) {
      if (!aligned_with(plan_, mask))
        refuse_line(box, fmt::format("component '{}' masks them all", spec_of(plan_, mask).name));
      check_line(box, mask);
    }
  }

  void check_independent(BoxId box, BoxId member) const {
    const std::string& name = spec_of(plan_, member).name;
    if (shares_crew(plan_, member)) refuse_line(box, fmt::format("those of '{}' share a crew", name));
    for (const ShockPlan& shock : boxes_.shocks) {
      if (std::find(shock.hits.begin(), shock.hits.end(), member) != shock.hits.end())
        refuse_line(box, fmt::format("shock '{}' hits '{}'", plan_.topology.shocks[shock.spec].name, name));
    }
  }

  void cluster(Clusters& result) {
    Union together(boxes_.boxes.size());
    for (const CrewId crew : boxes_.crews.ids()) {
      join(together, boxes_.crews[crew].boxes, [&](BoxId box) { return shares_crew(plan_, box); });
    }
    for (const ShockId shock : boxes_.shocks.ids()) {
      join(together, boxes_.shocks[shock].hits, [](BoxId) { return true; });
    }
    for (const BoxId box : boxes_.boxes.ids()) {
      if (seen_[box.value] && boxes_.boxes[box].after_mask && !lined_up_.contains(box)) join_masks(together, box, box);
    }
    std::map<std::size_t, std::size_t> number;
    for (const BoxId box : boxes_.boxes.ids()) {
      if (!seen_[box.value] || lined_up_.contains(box)) continue;
      const auto [at, fresh] = number.emplace(together.find(box), result.clusters.size());
      if (fresh) result.clusters.emplace_back();
      result.clusters[at->second].boxes.push_back(box);
    }
    for (Cluster& part : result.clusters) {
      if (part.positions == 0) couple(part);
    }
  }

  /// When a box catches up depends on all that masks it.
  void join_masks(Union& together, BoxId box, BoxId at) const {
    for (const BoxId mask : boxes_.boxes[at].masked_by) {
      together.join(box, mask);
      join_masks(together, box, mask);
    }
  }

  template <class Counts>
  void join(Union& together, const std::vector<BoxId>& boxes, Counts counts) const {
    BoxId first = BoxId::none();
    for (const BoxId box : boxes) {
      if (!seen_[box.value] || !counts(box)) continue;
      if (first.exists()) together.join(first, box);
      if (!first.exists()) first = box;
    }
  }

  void couple(Cluster& part) const {
    const auto has = [&](BoxId box) {
      return std::find(part.boxes.begin(), part.boxes.end(), box) != part.boxes.end();
    };
    for (const BoxId box : part.boxes) {
      const CrewId crew = boxes_.boxes[box].crew;
      if (!shares_crew(plan_, box) || std::find(part.crews.begin(), part.crews.end(), crew) != part.crews.end())
        continue;
      part.crews.push_back(crew);
    }
    std::sort(part.crews.begin(), part.crews.end());
    for (const ShockId shock : boxes_.shocks.ids()) {
      const std::vector<BoxId>& hits = boxes_.shocks[shock].hits;
      if (std::any_of(hits.begin(), hits.end(), has)) part.shocks.push_back(shock);
    }
  }

  void align(Clusters& result) const {
    Union together(boxes_.boxes.size());
    std::vector<char> aligned(boxes_.boxes.size(), 0);
    for (const BoxId box : result.relevant) {
      for (const BoxId mask : boxes_.boxes[box].masked_by) {
        if (!aligned_with(plan_, mask)) continue;
        together.join(box, mask);
        aligned[box.value] = aligned[mask.value] = 1;
      }
    }
    std::map<std::size_t, std::size_t> number;
    for (const BoxId box : result.relevant) {
      if (!aligned[box.value]) continue;
      check_alignment(box);
      const auto [at, fresh] = number.emplace(together.find(box), result.alignments.size());
      if (fresh) result.alignments.emplace_back();
      result.alignments[at->second].count = boxes_.boxes[box].count;
      add_member(result.alignments[at->second], box);
    }
  }

  std::size_t add_member(Alignment& alignment, BoxId box) const {
    for (std::size_t i = 0; i < alignment.members.size(); ++i) {
      if (alignment.members[i].box == box) return i;
    }
    Alignment::Member member{box, {}};
    for (const BoxId mask : boxes_.boxes[box].masked_by) {
      if (aligned_with(plan_, mask)) member.masked_by.push_back(add_member(alignment, mask));
    }
    alignment.members.push_back(std::move(member));
    return alignment.members.size() - 1;
  }

  void check_alignment(BoxId box) const {
    const ComponentSpec& spec = spec_of(plan_, box);
    const auto no = [&](const std::string& what) {
      throw std::invalid_argument(
          fmt::format("component '{}' masks others, or is masked, unit by unit; {}, its units are not alike, and there "
                      "is no exact solution; use --method incidents",
                      spec.name, what));
    };
    if (spec.standby) no("as it has standby units");
    // Only units that a shock can fail while they do not serve can return when others fail: one whose repair takes no
    // time returns at once, another waits for the crew.
    const auto idle = [](const StageSpec& stage) { return stage.fails && !stage.works; };
    const bool waits = shares_crew(plan_, box) && spec.repair->mean() == Duration();
    if (waits && std::any_of(spec.stages.begin(), spec.stages.end(), idle) && hit_by_shock(box))
      no("as they share a crew and a shock, and their repair takes no time");
  }

  [[nodiscard]] bool hit_by_shock(BoxId box) const {
    return std::any_of(boxes_.shocks.begin(), boxes_.shocks.end(), [&](const ShockPlan& shock) {
      return std::find(shock.hits.begin(), shock.hits.end(), box) != shock.hits.end();
    });
  }

  const Plan& plan_;
  const BlackBoxes& boxes_;
  std::vector<char> seen_;
  std::set<BoxId> lined_up_;  ///< boxes in clusters of positions
};

}  // namespace

Clusters divide(const Plan& plan, measurement::SliIndex sli) { return Divider(plan).divide(sli); }

bool units_independent(const Plan& plan, const Cluster& cluster) {
  return cluster.boxes.size() == 1 && cluster.crews.empty() && cluster.shocks.empty() &&
         !spec_of(plan, cluster.boxes.front()).standby;
}

}  // namespace nines::models::components
