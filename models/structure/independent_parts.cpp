#include "models/structure/independent_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <map>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "models/too_large.hpp"

namespace nines::models::structure {

using components::BoxId;

namespace {

class Expander {
 public:
  explicit Expander(const Plan& plan) : plan_(plan) {}

  Expanded expand(measurement::SliIndex sli) {
    add_sli(sli);
    return std::move(result_);
  }

 private:
  std::size_t add_sli(measurement::SliIndex sli) {
    const std::int16_t index = plan_.structures.of_sli[sli];
    if (index < 0)
      throw std::invalid_argument(fmt::format(
          "SLI '{}/{}' belongs to a service that is simulated, not to a structure of black boxes, so it has no exact "
          "solution; use --method incidents",
          plan_.services[plan_.slis[sli].service].name, plan_.slis[sli].name));
    const Requirement& requirement = plan_.structures.requirements[static_cast<std::size_t>(index)];
    const Node& root = requirement.nodes.front();
    if (root.kind == Node::Kind::at_least) return add_node(requirement, 0);
    // A part alone becomes the only child of a node, so that roots are all alike.
    const std::size_t at = result_.nodes.size();
    result_.nodes.emplace_back();
    result_.nodes[at].needed = root.kind == Node::Kind::box ? root.needed : 1;
    const std::size_t child = add_node(requirement, 0);
    result_.nodes[at].of.push_back(child);
    return at;
  }

  std::size_t add_node(const Requirement& requirement, std::size_t from) {
    const Node& node = requirement.nodes[from];
    if (node.kind == Node::Kind::sli) return add_sli(node.sli);
    const std::size_t at = result_.nodes.size();
    result_.nodes.emplace_back();
    if (node.kind == Node::Kind::box) {
      result_.nodes[at].leaf = true;
      result_.nodes[at].box = node.box;
      add_gates(node.box, result_.nodes[at].gates);
      return at;
    }
    result_.nodes[at].needed = node.needed;
    for (const std::uint32_t part : node.of) {
      const std::size_t child = add_node(requirement, part);
      result_.nodes[at].of.push_back(child);
    }
    return at;
  }

  /// Masks of one unit, of the box and of what masks it unit by unit.
  void add_gates(BoxId box, std::vector<BoxId>& gates) {
    for (const BoxId mask : plan_.black_boxes.boxes[box].masked_by) {
      const bool gate = plan_.black_boxes.boxes[mask].count == 1;
      if (gate && std::find(gates.begin(), gates.end(), mask) == gates.end()) gates.push_back(mask);
      add_gates(mask, gates);
    }
  }

  const Plan& plan_;
  Expanded result_;
};

/// Probabilities of a count before and after a change; counts from `needed` on are one.
using Counts = std::map<std::pair<std::uint32_t, std::uint32_t>, double>;

class Division {
 public:
  Division(const Expanded& requirement, const std::vector<Part>& parts, std::size_t most_steps)
      : requirement_(requirement), parts_(parts), fixed_(parts.size()), most_steps_(most_steps) {
    for (std::size_t part = 0; part < parts.size(); ++part) {
      for (std::size_t at = 0; at < parts[part].boxes.size(); ++at) where_[parts[part].boxes[at]] = {part, at};
    }
    rests_on_.resize(requirement.nodes.size());
    collect(0);
  }

  Failing solve() {
    Failing result;
    result.probability = failing(true);
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      for (const Part::Flow& flow : parts_[part].flows) {
        fixed_[part] = Value{flow.from, flow.to};
        result.per_hour += flow.per_hour * failing(false);
      }
      fixed_[part].reset();
    }
    return result;
  }

 private:
  /// Position among the values of a part before and after the change.
  struct Value {
    std::size_t before = 0;
    std::size_t after = 0;
  };
  struct Place {
    std::size_t part = 0;
    std::size_t box = 0;
  };
  using Nodes = std::vector<std::size_t>;

  const std::vector<std::size_t>& collect(std::size_t at) {
    const Expanded::Node& node = requirement_.nodes[at];
    std::vector<std::size_t>& parts = rests_on_[at];
    if (node.leaf) {
      parts.push_back(where_.at(node.box).part);
      for (const BoxId gate : node.gates) parts.push_back(where_.at(gate).part);
    }
    for (const std::size_t child : node.of) {
      const std::vector<std::size_t>& more = collect(child);
      parts.insert(parts.end(), more.begin(), more.end());
    }
    std::sort(parts.begin(), parts.end());
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    return parts;
  }

  /// Probability that the requirement fails after the change, having held before it; `also_before`: that it fails.
  double failing(bool also_before) {
    const std::uint32_t needed = requirement_.nodes[0].needed;
    double sum = 0;
    for (const auto& [count, probability] : counts(requirement_.nodes[0].of, needed)) {
      if (count.second < needed && (also_before || count.first >= needed)) sum += probability;
    }
    return sum;
  }

  void step() {
    if (++steps_ > most_steps_)
      throw TooLarge(fmt::format(
          "the requirement takes more than {} cases to solve exactly, because too many of its branches share "
          "components; use --method incidents",
          most_steps_));
  }

  [[nodiscard]] bool open(std::size_t part) const { return !fixed_[part].has_value(); }

  [[nodiscard]] std::uint32_t units(BoxId box, bool after) const {
    const Place& place = where_.at(box);
    const Value& value = *fixed_[place.part];
    return parts_[place.part].values[after ? value.after : value.before][place.box];
  }

  /// Counts of the children of a node.
  Counts counts(const Nodes& children, std::uint32_t needed) {
    Counts total{{{0, 0}, 1.0}};
    for (const Nodes& group : independent_groups(children)) {
      const Counts more = group_counts(group, needed);
      Counts sum;
      for (const auto& [a, p] : total) {
        for (const auto& [b, q] : more) {
          step();
          sum[{std::min(a.first + b.first, needed), std::min(a.second + b.second, needed)}] += p * q;
        }
      }
      total = std::move(sum);
    }
    return total;
  }

  /// Children that share a part whose value is not given are together.
  [[nodiscard]] std::vector<Nodes> independent_groups(const Nodes& children) const {
    std::vector<std::size_t> root(children.size());
    std::iota(root.begin(), root.end(), 0);
    const auto find = [&](std::size_t at) {
      while (root[at] != at) at = root[at];
      return at;
    };
    std::map<std::size_t, std::size_t> first;  // child that was the first to rest on a part
    for (std::size_t i = 0; i < children.size(); ++i) {
      for (const std::size_t part : rests_on_[children[i]]) {
        if (!open(part)) continue;
        const auto [at, fresh] = first.emplace(part, i);
        if (!fresh) root[find(i)] = find(at->second);
      }
    }
    std::map<std::size_t, Nodes> groups;
    for (std::size_t i = 0; i < children.size(); ++i) groups[find(i)].push_back(children[i]);
    std::vector<Nodes> result;
    for (auto& [at, group] : groups) result.push_back(std::move(group));
    return result;
  }

  Counts group_counts(const Nodes& group, std::uint32_t needed) {
    const std::optional<std::size_t> pivot = pivot_of(group);
    if (pivot) {
      Counts total;
      for (std::size_t value = 0; value < parts_[*pivot].values.size(); ++value) {
        step();
        fixed_[*pivot] = Value{value, value};
        for (const auto& [count, probability] : counts(group, needed))
          total[count] += parts_[*pivot].probability[value] * probability;
      }
      fixed_[*pivot].reset();
      return total;
    }
    assert(group.size() == 1);
    const Expanded::Node& node = requirement_.nodes[group.front()];
    if (node.leaf) return leaf_counts(node, needed);
    Counts result;
    for (const auto& [count, probability] : counts(node.of, node.needed)) {
      step();
      result[{count.first >= node.needed ? 1 : 0, count.second >= node.needed ? 1 : 0}] += probability;
    }
    return result;
  }

  /// The part on whose value to divide: of several children, or of a leaf behind gates, the one that most rest on.
  [[nodiscard]] std::optional<std::size_t> pivot_of(const Nodes& group) const {
    std::map<std::size_t, std::size_t> users;
    for (const std::size_t child : group) {
      for (const std::size_t part : rests_on_[child]) {
        if (open(part)) ++users[part];
      }
    }
    if (users.empty()) return std::nullopt;
    const bool leaf = group.size() == 1 && requirement_.nodes[group.front()].leaf;
    if (group.size() == 1 && !(leaf && users.size() > 1)) return std::nullopt;
    // Of a leaf rather a gate, which has two values, than its box.
    const auto better = [&](const auto& a, const auto& b) {
      if (a.second != b.second) return a.second > b.second;
      return parts_[a.first].values.size() < parts_[b.first].values.size();
    };
    return std::min_element(users.begin(), users.end(), better)->first;
  }

  Counts leaf_counts(const Expanded::Node& leaf, std::uint32_t needed) {
    const std::vector<std::size_t>& parts = rests_on_[static_cast<std::size_t>(&leaf - requirement_.nodes.data())];
    const auto unknown = std::find_if(parts.begin(), parts.end(), [&](std::size_t part) { return open(part); });
    if (unknown == parts.end()) return {{{served(leaf, needed, false), served(leaf, needed, true)}, 1.0}};
    Counts result;
    for (std::size_t value = 0; value < parts_[*unknown].values.size(); ++value) {
      step();
      fixed_[*unknown] = Value{value, value};
      result[{served(leaf, needed, false), served(leaf, needed, true)}] += parts_[*unknown].probability[value];
    }
    fixed_[*unknown].reset();
    return result;
  }

  [[nodiscard]] std::uint32_t served(const Expanded::Node& leaf, std::uint32_t needed, bool after) const {
    for (const BoxId gate : leaf.gates) {
      if (units(gate, after) == 0) return 0;
    }
    return std::min(units(leaf.box, after), needed);
  }

  const Expanded& requirement_;
  const std::vector<Part>& parts_;
  std::vector<std::optional<Value>> fixed_;
  std::map<BoxId, Place> where_;
  std::vector<std::vector<std::size_t>> rests_on_;  ///< by node: the parts that it needs to know
  std::size_t most_steps_;
  std::size_t steps_ = 0;
};

}  // namespace

std::vector<BoxId> Expanded::boxes() const {
  std::vector<BoxId> all;
  for (const Node& node : nodes) {
    if (!node.leaf) continue;
    all.push_back(node.box);
    all.insert(all.end(), node.gates.begin(), node.gates.end());
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

Expanded expand(const Plan& plan, measurement::SliIndex sli) { return Expander(plan).expand(sli); }

Failing failing(const Expanded& requirement, const std::vector<Part>& parts, std::size_t most_steps) {
  return Division(requirement, parts, most_steps).solve();
}

}  // namespace nines::models::structure
