#include "models/components/cluster_law.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <map>
#include <numeric>

#include "models/components/phase_law.hpp"
#include "models/components/spec_of.hpp"

namespace nines::models::components {

namespace {

using structure::Part;
using structure::PartValue;

/// Collects probabilities and flows by value; the same value again adds to what is there.
class PartBuilder {
 public:
  explicit PartBuilder(std::vector<BoxId> boxes) { part_.boxes = std::move(boxes); }

  std::size_t number(const PartValue& value) {
    const auto [at, fresh] = numbers_.emplace(value, part_.values.size());
    if (fresh) {
      part_.values.push_back(value);
      part_.probability.push_back(0);
    }
    return at->second;
  }
  void add(const PartValue& value, double probability) {
    if (probability > 0) part_.probability[number(value)] += probability;
  }
  void add_flow(const PartValue& from, const PartValue& to, double per_hour) {
    if (from != to && per_hour > 0) flows_[{number(from), number(to)}] += per_hour;
  }
  Part finish() {
    for (const auto& [change, per_hour] : flows_) part_.flows.push_back({change.first, change.second, per_hour});
    return std::move(part_);
  }

 private:
  Part part_;
  std::map<PartValue, std::size_t> numbers_;
  std::map<std::pair<std::size_t, std::size_t>, double> flows_;
};

/// Positions in `all` of those of `boxes` that `wanted` holds.
std::vector<std::size_t> positions_of(const std::vector<BoxId>& boxes, const std::vector<BoxId>& wanted) {
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (std::find(wanted.begin(), wanted.end(), boxes[i]) != wanted.end()) positions.push_back(i);
  }
  return positions;
}

Part part_of(const ClusterChain& cluster, const sim::StateVector& probability, const std::vector<BoxId>& relevant) {
  const std::vector<std::size_t> positions = positions_of(cluster.boxes, relevant);
  std::vector<BoxId> boxes;
  for (const std::size_t at : positions) boxes.push_back(cluster.boxes[at]);
  std::vector<PartValue> seen;
  for (const std::vector<std::uint16_t>& active : cluster.active) {
    PartValue value;
    for (const std::size_t at : positions) value.push_back(active[at]);
    seen.push_back(std::move(value));
  }
  PartBuilder builder(std::move(boxes));
  for (std::size_t state = 0; state < seen.size(); ++state) builder.add(seen[state], probability[state]);
  for (const sim::Transition& t : cluster.chain.transitions())
    builder.add_flow(seen[t.from], seen[t.to], probability[t.from] * t.rate);
  return builder.finish();
}

// ---- units that are independent of each other ----

struct UnitLaw {
  double active = 0;
  double inactive = 0;
  double per_hour = 0;  ///< how often it stops being active, and so how often it is active again
};

/// Life, repair and stages follow one another for ever; only means count.
UnitLaw renewal(const ComponentSpec& spec) {
  struct Stretch {
    double hours;
    bool active;
  };
  std::vector<Stretch> cycle{{1 / spec.failure_rate.per_hour, true}, {hours(spec.repair->mean()), false}};
  for (const StageSpec& stage : spec.stages)
    cycle.push_back({hours(stage.duration.mean()) / stage.success, stage.works});
  std::erase_if(cycle, [](const Stretch& stretch) { return stretch.hours <= 0; });
  double active = 0;
  double inactive = 0;
  double stops = 0;
  for (std::size_t i = 0; i < cycle.size(); ++i) {
    (cycle[i].active ? active : inactive) += cycle[i].hours;
    if (cycle[i].active && !cycle[(i + 1) % cycle.size()].active) ++stops;
  }
  const double length = active + inactive;
  return {active / length, inactive / length, stops / length};
}

UnitLaw unit_law(const Plan& plan, const Cluster& cluster, std::size_t most_states) {
  const ComponentSpec& spec = spec_of(plan, cluster.boxes.front());
  const auto fails = [](const StageSpec& stage) { return stage.fails; };
  if (std::none_of(spec.stages.begin(), spec.stages.end(), fails)) return renewal(spec);
  Cluster unit = cluster;
  unit.single_unit = true;
  const ClusterChain chain = build_chain(plan, unit, most_states);
  const Part part = part_of(chain, sim::steady_state(chain.chain), chain.boxes);
  UnitLaw law;
  for (std::size_t i = 0; i < part.values.size(); ++i)
    (part.values[i].front() > 0 ? law.active : law.inactive) += part.probability[i];
  for (const Part::Flow& flow : part.flows) law.per_hour += part.values[flow.from].front() > 0 ? flow.per_hour : 0;
  return law;
}

/// P(k of `count` units active).
std::vector<double> binomial(std::size_t count, const UnitLaw& law) {
  std::vector<double> share{1};
  for (std::size_t i = 0; i < count; ++i) {
    share.push_back(0);
    for (std::size_t k = share.size() - 1; k > 0; --k) share[k] = share[k] * law.inactive + share[k - 1] * law.active;
    share[0] *= law.inactive;
  }
  return share;
}

Part independent_units(BoxId box, std::uint16_t count, const UnitLaw& law) {
  PartBuilder builder({box});
  const std::vector<double> all = binomial(count, law);
  const std::vector<double> others = binomial(count - 1U, law);
  const auto value = [](std::size_t units) { return PartValue{static_cast<std::uint16_t>(units)}; };
  for (std::size_t k = 0; k <= count; ++k) builder.add(value(k), all[k]);
  for (std::size_t k = 0; k < count; ++k) {
    const double per_hour = count * law.per_hour * others[k];
    builder.add_flow(value(k + 1), value(k), per_hour);
    builder.add_flow(value(k), value(k + 1), per_hour);
  }
  return builder.finish();
}

// ---- units masked one by one ----

double factorial(std::size_t n) {
  double product = 1;
  for (std::size_t i = 2; i <= n; ++i) product *= static_cast<double>(i);
  return product;
}

/// Number of units of one box that are active before and after a change. One set of units holds the other.
struct Change {
  std::uint16_t before = 0;
  std::uint16_t after = 0;
  auto operator<=>(const Change&) const = default;
};
using Changes = std::vector<Change>;

/// The law of the units that serve in aligned boxes, from how many are active in each: every arrangement is as likely.
class Arranger {
 public:
  Arranger(const Alignment& alignment, std::size_t most_cases) : alignment_(alignment), most_cases_(most_cases) {
    // Beyond this a factorial is no double.
    constexpr std::uint16_t most_units = 170;
    if (alignment.count > most_units)
      throw TooLarge(fmt::format("more than {} units are masked one by one; use --method incidents", most_units));
  }

  /// `active`: of each member; the result: units that serve, of each member, with probabilities.
  const std::map<Changes, double>& arrange(const Changes& active) {
    const auto [at, fresh] = known_.try_emplace(active);
    if (fresh) at->second = compute(active);
    return at->second;
  }

 private:
  /// What a position is in each member so far: bit 0 serves before, bit 1 serves after.
  using Signature = std::vector<std::uint16_t>;
  using Table = std::map<Signature, std::uint16_t>;
  using Tables = std::map<Table, double>;
  static constexpr std::uint16_t before = 1;
  static constexpr std::uint16_t after = 2;

  std::map<Changes, double> compute(const Changes& active) {
    Tables tables{{Table{{Signature{}, alignment_.count}}, 1.0}};
    for (std::size_t member = 0; member < active.size(); ++member) {
      Tables next;
      for (const auto& [table, probability] : tables) spread(table, probability, member, active[member], next);
      tables = std::move(next);
    }
    std::map<Changes, double> result;
    for (const auto& [table, probability] : tables) {
      Changes serving(active.size());
      for (const auto& [signature, positions] : table) {
        for (std::size_t member = 0; member < active.size(); ++member) {
          if (signature[member] & before)
            serving[member].before = static_cast<std::uint16_t>(serving[member].before + positions);
          if (signature[member] & after)
            serving[member].after = static_cast<std::uint16_t>(serving[member].after + positions);
        }
      }
      result[serving] += probability;
    }
    return result;
  }

  struct Left {
    std::size_t both = 0;
    std::size_t one = 0;  ///< active before or after only
    std::size_t none = 0;
  };

  /// All ways in which the active units of a member fall on the positions told apart so far.
  void spread(const Table& table, double probability, std::size_t member, const Change& active, Tables& into) {
    Left left;
    left.both = std::min(active.before, active.after);
    left.one = std::max(active.before, active.after) - left.both;
    left.none = alignment_.count - left.both - left.one;
    const double ways = factorial(alignment_.count) / factorial(left.both) / factorial(left.one) / factorial(left.none);
    const std::uint16_t one = active.before > active.after ? before : after;
    place(table, table.begin(), left, probability / ways, member, one, Table{}, into);
  }

  void place(const Table& table, Table::const_iterator at, const Left& left, double weight, std::size_t member,
             std::uint16_t one, const Table& made, Tables& into) {
    if (++cases_ > most_cases_)
      throw TooLarge(fmt::format("units masked one by one can be arranged in more than {} ways; use --method incidents",
                                 most_cases_));
    if (at == table.end()) {
      into[made] += weight;
      return;
    }
    const std::size_t positions = at->second;
    for (std::size_t both = 0; both <= std::min(positions, left.both); ++both) {
      for (std::size_t some = 0; some <= std::min(positions - both, left.one); ++some) {
        const std::size_t none = positions - both - some;
        if (none > left.none) continue;
        Table grown = made;
        add(grown, at->first, member, before | after, both);
        add(grown, at->first, member, one, some);
        add(grown, at->first, member, 0, none);
        const double ways = factorial(positions) / factorial(both) / factorial(some) / factorial(none);
        place(table, std::next(at), {left.both - both, left.one - some, left.none - none}, weight * ways, member, one,
              grown, into);
      }
    }
  }

  void add(Table& table, Signature signature, std::size_t member, int active, std::size_t positions) const {
    if (positions == 0) return;
    for (const std::size_t mask : alignment_.members[member].masked_by) active &= signature[mask];
    signature.push_back(static_cast<std::uint16_t>(active));
    std::uint16_t& count = table[signature];
    count = static_cast<std::uint16_t>(count + positions);
  }

  const Alignment& alignment_;
  std::size_t most_cases_;
  std::size_t cases_ = 0;
  std::map<Changes, std::map<Changes, double>> known_;
};

/// Parts that an alignment joins, made one.
class Joiner {
 public:
  Joiner(std::vector<Part> parts, const std::vector<const Alignment*>& alignments, const std::vector<BoxId>& seen,
         std::size_t most_cases)
      : parts_(std::move(parts)), alignments_(alignments), most_cases_(most_cases) {
    for (const Part& part : parts_) all_.insert(all_.end(), part.boxes.begin(), part.boxes.end());
    for (const Alignment* alignment : alignments) arrangers_.emplace_back(*alignment, most_cases);
    out_ = positions_of(all_, seen);
  }

  Part join() {
    std::vector<BoxId> boxes;
    for (const std::size_t at : out_) boxes.push_back(all_[at]);
    PartBuilder builder(std::move(boxes));
    each(parts_.size(), [&](const Changes& active, double probability) {
      serving(active, probability, [&](const PartValue& value, const PartValue&, double p) { builder.add(value, p); });
    });
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      each(part, [&](const Changes& active, double per_hour) {
        serving(active, per_hour,
                [&](const PartValue& from, const PartValue& to, double rate) { builder.add_flow(from, to, rate); });
      });
    }
    return builder.finish();
  }

 private:
  /// Calls with the active units of all boxes and a weight: of each change of part `changing` its flow, of the other
  /// parts their probabilities. No part changes if `changing` is none of them.
  template <class Use>
  void each(std::size_t changing, const Use& use) {
    Changes active;
    choose(0, changing, active, 1, use);
  }

  template <class Use>
  void choose(std::size_t at, std::size_t changing, Changes& active, double weight, const Use& use) {
    if (++cases_ > most_cases_)
      throw TooLarge(
          fmt::format("components masked unit by unit have more than {} cases; use --method incidents", most_cases_));
    if (at == parts_.size()) return use(active, weight);
    const Part& part = parts_[at];
    const std::size_t size = active.size();
    const auto go = [&](const PartValue& from, const PartValue& to, double share) {
      for (std::size_t i = 0; i < from.size(); ++i) active.push_back({from[i], to[i]});
      choose(at + 1, changing, active, weight * share, use);
      active.resize(size);
    };
    if (at == changing) {
      for (const Part::Flow& flow : part.flows) go(part.values[flow.from], part.values[flow.to], flow.per_hour);
    } else {
      for (std::size_t i = 0; i < part.values.size(); ++i) go(part.values[i], part.values[i], part.probability[i]);
    }
  }

  template <class Use>
  void serving(const Changes& active, double weight, const Use& use, std::size_t at = 0) {
    if (at == alignments_.size()) {
      PartValue from;
      PartValue to;
      for (const std::size_t position : out_) {
        from.push_back(active[position].before);
        to.push_back(active[position].after);
      }
      return use(from, to, weight);
    }
    std::vector<std::size_t> places;
    Changes members;
    for (const Alignment::Member& member : alignments_[at]->members) {
      places.push_back(static_cast<std::size_t>(std::find(all_.begin(), all_.end(), member.box) - all_.begin()));
      members.push_back(active[places.back()]);
    }
    for (const auto& [arranged, probability] : arrangers_[at].arrange(members)) {
      Changes next = active;
      for (std::size_t i = 0; i < places.size(); ++i) next[places[i]] = arranged[i];
      serving(next, weight * probability, use, at + 1);
    }
  }

  std::vector<Part> parts_;
  const std::vector<const Alignment*>& alignments_;
  std::vector<Arranger> arrangers_;
  std::vector<BoxId> all_;
  std::vector<std::size_t> out_;
  std::size_t most_cases_;
  std::size_t cases_ = 0;
};

/// Parts whose boxes are aligned become one.
std::vector<Part> join_aligned(std::vector<Part> parts, const Clusters& from, std::size_t most_cases) {
  const std::vector<BoxId> seen = from.requirement.boxes();
  std::vector<std::size_t> root(parts.size());
  std::iota(root.begin(), root.end(), 0);
  const auto find = [&](std::size_t at) {
    while (root[at] != at) at = root[at];
    return at;
  };
  const auto part_with = [&](BoxId box) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (std::find(parts[i].boxes.begin(), parts[i].boxes.end(), box) != parts[i].boxes.end()) return i;
    }
    assert(false);
    return parts.size();
  };
  for (const Alignment& alignment : from.alignments) {
    const std::size_t first = part_with(alignment.members.front().box);
    for (const Alignment::Member& member : alignment.members) root[find(part_with(member.box))] = find(first);
  }
  std::vector<Part> result;
  for (std::size_t group = 0; group < parts.size(); ++group) {
    if (find(group) != group) continue;
    std::vector<const Alignment*> alignments;
    for (const Alignment& alignment : from.alignments) {
      if (find(part_with(alignment.members.front().box)) == group) alignments.push_back(&alignment);
    }
    if (alignments.empty()) {
      result.push_back(parts[group]);
      continue;
    }
    std::vector<Part> members;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (find(i) == group) members.push_back(parts[i]);
    }
    result.push_back(Joiner(std::move(members), alignments, seen, most_cases).join());
  }
  return result;
}

void check_repaired(const Plan& plan, const Clusters& from) {
  for (const Cluster& cluster : from.clusters) {
    for (const BoxId box : cluster.boxes) {
      if (spec_of(plan, box).repair) continue;
      throw std::invalid_argument(
          fmt::format("component '{}' is never repaired, so there is no steady state; ask for the probability of "
                      "failure within a mission time instead, or give the component a repair",
                      spec_of(plan, box).name));
    }
  }
}

}  // namespace

ClusterLaws steady_laws(const Plan& plan, const Clusters& from, std::size_t most_states, std::size_t most_cases) {
  check_repaired(plan, from);
  ClusterLaws result;
  for (const Cluster& cluster : from.clusters) {
    if (units_independent(plan, cluster)) {
      const BoxId box = cluster.boxes.front();
      const std::uint16_t count = plan.black_boxes.boxes[box].count;
      result.parts.push_back(independent_units(box, count, unit_law(plan, cluster, most_states)));
      result.states += result.parts.back().values.size();
    } else {
      const ClusterChain chain = build_chain(plan, cluster, most_states);
      result.parts.push_back(part_of(chain, sim::steady_state(chain.chain), from.relevant));
      result.states += chain.chain.size();
    }
  }
  result.parts = join_aligned(std::move(result.parts), from, most_cases);
  return result;
}

ClusterLaws laws_after(const Plan& plan, const Clusters& from, double hours, std::size_t most_states,
                       std::size_t most_cases) {
  ClusterLaws result;
  for (const Cluster& cluster : from.clusters) {
    const ClusterChain chain = build_chain(plan, cluster, most_states);
    Part part = part_of(chain, sim::transient(chain.chain, chain.whole, hours).probability, from.relevant);
    part.flows.clear();
    result.parts.push_back(std::move(part));
    result.states += chain.chain.size();
  }
  result.parts = join_aligned(std::move(result.parts), from, most_cases);
  return result;
}

}  // namespace nines::models::components
