#include "models/components/clusters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "models/components/phase_law.hpp"

namespace nines::models::components {

namespace {

const ComponentSpec& spec_of(const Plan& plan, BoxId box) {
  return plan.topology.components[plan.black_boxes.boxes[box].spec];
}

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
    add_crew_mates();
    cluster(result);
    return result;
  }

 private:
  void see(BoxId box) {
    if (seen_[box.value]) return;
    seen_[box.value] = 1;
    for (const BoxId mask : boxes_.boxes[box].masked_by) see(mask);
  }

  /// Who shares a crew with a box delays its repairs, whether the requirement sees it or not.
  void add_crew_mates() {
    for (const BoxId box : boxes_.boxes.ids()) {
      if (!seen_[box.value] || !shares_crew(plan_, box)) continue;
      for (const BoxId mate : boxes_.crews[boxes_.boxes[box].crew].boxes) {
        if (spec_of(plan_, mate).repair) seen_[mate.value] = 1;
      }
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
    std::map<std::size_t, std::size_t> number;
    for (const BoxId box : boxes_.boxes.ids()) {
      if (!seen_[box.value]) continue;
      const auto [at, fresh] = number.emplace(together.find(box), result.clusters.size());
      if (fresh) result.clusters.emplace_back();
      result.clusters[at->second].boxes.push_back(box);
    }
    for (Cluster& part : result.clusters) couple(part);
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
    const auto instant = [](const Law& law) { return law.mean() == Duration(); };
    if (spec.repair && instant(*spec.repair)) no("as its repair takes no time");
    for (const StageSpec& stage : spec.stages) {
      if (instant(stage.duration)) no(fmt::format("as its stage '{}' takes no time", stage.name));
    }
  }

  const Plan& plan_;
  const BlackBoxes& boxes_;
  std::vector<char> seen_;
};

}  // namespace

Clusters divide(const Plan& plan, measurement::SliIndex sli) { return Divider(plan).divide(sli); }

bool units_independent(const Plan& plan, const Cluster& cluster) {
  return cluster.boxes.size() == 1 && cluster.crews.empty() && cluster.shocks.empty() &&
         !spec_of(plan, cluster.boxes.front()).standby;
}

}  // namespace nines::models::components
