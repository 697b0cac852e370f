#include "models/components/joint_chain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace nines::models::components {

namespace {

const std::string& name_of(const Plan& plan, BoxId box) {
  return plan.topology.components[plan.black_boxes.boxes[box].spec].name;
}

/// A chain that runs independently of the others: a cluster, or one unit of an aligned box.
struct Strand {
  ClusterChain cluster;
  std::optional<std::size_t> unit;  ///< its position in its box, of an aligned box
  sim::StateVector steady;
  std::vector<std::size_t> first;  ///< by state: its first transition; one more at the end

  explicit Strand(ClusterChain from) : cluster(std::move(from)) {
    const std::vector<sim::Transition>& all = cluster.chain.transitions();
    for (std::size_t state = 0, at = 0; state <= cluster.chain.size(); ++state) {
      while (at < all.size() && all[at].from < state) ++at;
      first.push_back(at);
    }
  }
};

/// By strand: its state.
using JointState = std::vector<std::uint32_t>;

class Weaver {
 public:
  Weaver(const Plan& plan, const Clusters& from, const JointOptions& options)
      : plan_(plan), from_(from), options_(options) {
    for (const Cluster& cluster : from.clusters) add(cluster);
  }

  JointChain weave() {
    if (options_.stop_when_down) down_state_ = fresh_state(true);
    const auto whole = start([](const Strand& strand) -> const sim::StateVector& { return strand.cluster.whole; });
    std::vector<std::pair<std::size_t, double>> steady;
    if (options_.steady) {
      for (Strand& strand : strands_) strand.steady = sim::steady_state(strand.cluster.chain);
      steady = start([](const Strand& strand) -> const sim::StateVector& { return strand.steady; });
    }
    for (std::size_t at = 0; at < states_.size(); ++at) list(at);
    JointChain result{sim::MarkovChain(states_.size(), std::move(transitions_)), vector_of(whole), {}, down_};
    if (options_.steady) result.steady = vector_of(steady);
    return result;
  }

 private:
  void add(const Cluster& cluster) {
    const auto aligned = [&](BoxId box) {
      return std::any_of(from_.alignments.begin(), from_.alignments.end(), [&](const Alignment& alignment) {
        return std::any_of(alignment.members.begin(), alignment.members.end(),
                           [&](const Alignment::Member& member) { return member.box == box; });
      });
    };
    const auto at = std::find_if(cluster.boxes.begin(), cluster.boxes.end(), aligned);
    if (at == cluster.boxes.end()) {
      remember(strands_.size(), cluster);
      strands_.emplace_back(build_chain(plan_, cluster, options_.most_cluster_states));
      return;
    }
    if (!units_independent(plan_, cluster))
      throw TooLarge(fmt::format(
          "the units of component '{}' are masked one by one and also share a crew, a shock or a mask after "
          "which they catch up, so the exact chain would have to tell them apart; only long-run measures "
          "are solved",
          name_of(plan_, *at)));
    remember(strands_.size(), cluster);
    Cluster unit = cluster;
    unit.single_unit = true;
    const Strand one(build_chain(plan_, unit, options_.most_cluster_states));
    for (std::size_t i = 0; i < plan_.black_boxes.boxes[cluster.boxes.front()].count; ++i) {
      strands_.push_back(one);
      strands_.back().unit = i;
    }
  }

  void remember(std::size_t strand, const Cluster& cluster) {
    for (std::size_t i = 0; i < cluster.boxes.size(); ++i) where_[cluster.boxes[i]] = {strand, i};
  }

  /// Whether the unit at a position of an aligned box serves, its gates apart.
  [[nodiscard]] bool serves(const JointState& state, const Alignment& alignment, std::size_t member,
                            std::size_t position) const {
    const std::size_t strand = where_.at(alignment.members[member].box).first + position;
    if (strands_[strand].cluster.active[state[strand]].front() == 0) return false;
    const std::vector<std::size_t>& masks = alignment.members[member].masked_by;
    return std::all_of(masks.begin(), masks.end(),
                       [&](std::size_t mask) { return serves(state, alignment, mask, position); });
  }

  [[nodiscard]] std::uint32_t units(const JointState& state, BoxId box) const {
    const auto [strand, at] = where_.at(box);
    if (!strands_[strand].unit) return strands_[strand].cluster.active[state[strand]][at];
    for (const Alignment& alignment : from_.alignments) {
      for (std::size_t member = 0; member < alignment.members.size(); ++member) {
        if (alignment.members[member].box != box) continue;
        std::uint32_t count = 0;
        for (std::size_t i = 0; i < alignment.count; ++i) count += serves(state, alignment, member, i) ? 1U : 0U;
        return count;
      }
    }
    return 0;
  }

  std::size_t fresh_state(bool down) {
    if (down_.size() == options_.most_states)
      throw TooLarge(fmt::format("all components of the SLI together have more than {} states", options_.most_states));
    down_.push_back(down ? 1 : 0);
    return down_.size() - 1;
  }

  std::size_t number(const JointState& state) {
    const auto known = numbers_.find(state);
    if (known != numbers_.end()) return known->second;
    const bool down = !structure::holds(from_.requirement, [&](BoxId box) { return units(state, box); });
    if (down && options_.stop_when_down) return numbers_[state] = down_state_;
    const std::size_t at = fresh_state(down);
    numbers_[state] = at;
    states_.resize(at + 1);
    states_[at] = state;
    return at;
  }

  /// The product of distributions of the strands.
  template <class Law>
  std::vector<std::pair<std::size_t, double>> start(const Law& law) {
    std::vector<std::pair<std::size_t, double>> result;
    JointState state(strands_.size(), 0);
    place(law, state, 0, 1, result);
    return result;
  }

  template <class Law>
  void place(const Law& law, JointState& state, std::size_t at, double weight,
             std::vector<std::pair<std::size_t, double>>& into) {
    if (at == strands_.size()) {
      into.emplace_back(number(state), weight);
      return;
    }
    const sim::StateVector& probability = law(strands_[at]);
    for (std::size_t i = 0; i < probability.size(); ++i) {
      if (probability[i] <= 0) continue;
      state[at] = static_cast<std::uint32_t>(i);
      place(law, state, at + 1, weight * probability[i], into);
    }
  }

  [[nodiscard]] sim::StateVector vector_of(const std::vector<std::pair<std::size_t, double>>& masses) const {
    sim::StateVector result(down_.size(), 0);
    for (const auto& [state, mass] : masses) result[state] += mass;
    return result;
  }

  void list(std::size_t at) {
    if (options_.stop_when_down && at == down_state_) return;
    JointState state = states_[at];
    for (std::size_t strand = 0; strand < strands_.size(); ++strand) {
      const std::uint32_t here = state[strand];
      const Strand& part = strands_[strand];
      for (std::size_t t = part.first[here]; t < part.first[here + 1]; ++t) {
        const sim::Transition& transition = part.cluster.chain.transitions()[t];
        state[strand] = static_cast<std::uint32_t>(transition.to);
        transitions_.push_back({at, number(state), transition.rate});
      }
      state[strand] = here;
    }
  }

  const Plan& plan_;
  const Clusters& from_;
  const JointOptions& options_;
  std::vector<Strand> strands_;
  std::map<BoxId, std::pair<std::size_t, std::size_t>> where_;  ///< (first) strand of a box, and position in it
  std::vector<JointState> states_;                              ///< that of all down states is empty
  std::map<JointState, std::size_t> numbers_;
  std::vector<char> down_;
  std::vector<sim::Transition> transitions_;
  std::size_t down_state_ = 0;
};

}  // namespace

JointChain joint_chain(const Plan& plan, const Clusters& from, const JointOptions& options) {
  return Weaver(plan, from, options).weave();
}

}  // namespace nines::models::components
