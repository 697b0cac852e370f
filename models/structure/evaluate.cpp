#include "models/structure/evaluate.hpp"

#include <algorithm>
#include <bit>

#include "models/measurement/sli.hpp"
#include "models/world.hpp"

namespace nines::models::structure {

namespace {

/// What works of each part now: units of a box, 1 or 0 of an SLI.
void count_left(const World& world, const Requirement& requirement, std::vector<std::uint32_t>& left) {
  left.resize(requirement.parts.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    const Node& part = requirement.parts[i];
    const bool box = part.kind == Node::Kind::box;
    left[i] = box ? world.components.boxes[part.box].working : (world.measurement.slis[part.sli].out ? 0U : 1U);
  }
}

/// Whether the requirement holds if of its parts only those in `failing` are as they are, and all others whole.
bool holds_with(const Requirement& requirement, std::uint32_t at, const std::vector<std::uint32_t>& left,
                const std::vector<std::uint32_t>& whole, std::uint32_t failing) {
  const Node& node = requirement.nodes[at];
  const auto works = [&](const Node& leaf) {
    return (failing >> leaf.part & 1U) != 0 ? left[leaf.part] : whole[leaf.part];
  };
  if (node.kind == Node::Kind::box) return works(node) >= node.needed;
  if (node.kind == Node::Kind::sli) return works(node) > 0;
  std::uint32_t count = 0;
  for (const std::uint32_t child : node.of) {
    const Node& part = requirement.nodes[child];
    if (part.kind != Node::Kind::at_least) {
      count += works(part);
    } else if (holds_with(requirement, child, left, whole, failing)) {
      ++count;
    }
    if (count >= node.needed) return true;
  }
  return false;
}

std::vector<double> weights_now(const World& world, const Requirement& requirement,
                                const std::vector<std::uint32_t>& left) {
  std::vector<std::uint32_t> whole;
  std::uint32_t failing = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const Node& part = requirement.parts[i];
    whole.push_back(part.kind == Node::Kind::box ? world.plan->black_boxes.boxes[part.box].active : 1U);
    if (left[i] < whole[i]) failing |= 1U << i;
  }
  return shapley(left.size(), failing,
                 [&](std::uint32_t parts) { return !holds_with(requirement, 0, left, whole, parts); });
}

/// Adds what has passed under the weights of before.
void account(World& world, Shares& shares) {
  const double passed_s = (world.now - shares.since).to_seconds();
  for (std::size_t i = 0; i < shares.weights.size(); ++i) shares.open_s[i] += shares.weights[i] * passed_s;
  shares.since = world.now;
}

}  // namespace

void initialise(World& world) {
  for (const Requirement& requirement : world.plan->structures.requirements) {
    const std::vector<double> none(requirement.parts.size());
    world.structures.shares.push_back({{}, {}, none, none, none});
  }
}

void start_period(World& world) {
  for (Shares& shares : world.structures.shares) {
    account(world, shares);
    std::fill(shares.open_s.begin(), shares.open_s.end(), 0.0);
    std::fill(shares.total_s.begin(), shares.total_s.end(), 0.0);
  }
}

std::vector<double> part_seconds(const World& world) {
  std::vector<double> seconds;
  for (const Shares& shares : world.structures.shares) {
    const double passed_s = (world.now - shares.since).to_seconds();
    for (std::size_t i = 0; i < shares.weights.size(); ++i)
      seconds.push_back(shares.total_s[i] + shares.open_s[i] + shares.weights[i] * passed_s);
  }
  return seconds;
}

void evaluate(World& world, measurement::SliIndex sli) {
  const Structures& structures = world.plan->structures;
  const auto index = static_cast<std::size_t>(structures.of_sli[sli]);
  const Requirement& requirement = structures.requirements[index];
  const auto units = [&](components::BoxId box) -> std::uint32_t { return world.components.boxes[box].working; };
  const auto sli_holds = [&](measurement::SliIndex other) { return !world.measurement.slis[other].out; };
  Shares& shares = world.structures.shares[index];
  account(world, shares);
  const bool was_out = world.measurement.slis[sli].out;
  measurement::set_status(world, sli, GroupId::of(0), holds(requirement, 0, units, sli_holds));
  const measurement::SliState& state = world.measurement.slis[sli];
  if (state.out) {
    thread_local std::vector<std::uint32_t> left;
    count_left(world, requirement, left);
    if (was_out && left == shares.left) return;
    shares.left = left;
    shares.weights = weights_now(world, requirement, left);
    return;
  }
  if (!was_out) return;
  const bool counts = state.open.end - state.open.start > world.plan->slis[sli].deadline;
  for (std::size_t i = 0; i < shares.weights.size(); ++i) {
    if (counts) shares.total_s[i] += shares.open_s[i];
    shares.weights[i] = shares.open_s[i] = 0;
  }
}

void sli_changed(World& world, measurement::SliIndex sli) {
  for (const measurement::SliIndex reader : world.plan->structures.readers[sli]) evaluate(world, reader);
}

std::vector<double> shapley(std::size_t players, std::uint32_t failing, const std::function<bool(std::uint32_t)>& out) {
  std::vector<double> values(players);
  const int count = std::popcount(failing);
  // weight[k] = k! (count - 1 - k)! / count!, of a player that comes after k others.
  std::vector<double> weight(static_cast<std::size_t>(count));
  double choose = 1;  // of count - 1 players k
  for (int k = 0; k < count; ++k) {
    weight[static_cast<std::size_t>(k)] = 1 / (choose * count);
    choose = choose * (count - 1 - k) / (k + 1);
  }
  // All subsets of `failing`, the empty one last.
  for (std::uint32_t before = failing;; before = (before - 1) & failing) {
    if (!out(before)) {
      for (std::size_t i = 0; i < players; ++i) {
        const std::uint32_t player = 1U << i;
        if ((failing & player) == 0 || (before & player) != 0 || !out(before | player)) continue;
        values[i] += weight[static_cast<std::size_t>(std::popcount(before))];
      }
    }
    if (before == 0) break;
  }
  return values;
}

}  // namespace nines::models::structure
