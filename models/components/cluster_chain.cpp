#include "models/components/cluster_chain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "models/components/phase_law.hpp"
#include "models/components/spec_of.hpp"
#include "models/components/state.hpp"

namespace nines::models::components {

namespace {

/// Counts and marks, laid out by Layout.
using State = std::vector<std::uint16_t>;

struct StateHash {
  std::size_t operator()(const State& state) const {
    constexpr std::uint64_t offset = 14695981039346656037U;  // FNV-1a
    constexpr std::uint64_t prime = 1099511628211U;
    std::uint64_t hash = offset;
    for (const std::uint16_t value : state) hash = (hash ^ value) * prime;
    return static_cast<std::size_t>(hash);
  }
};

Phases markovian(const Law& law, const std::string& owner, const std::string& which) {
  const std::optional<Phases> phases = phases_of(law);
  if (phases) return *phases;
  throw NoPhases(fmt::format(
      "{}: the law of {} ({}) is neither exponential nor Erlang, so there is no exact solution where others "
      "depend on it or the order of events counts; use --method incidents",
      owner, which, describe(law)));
}

/// What a unit may be doing: one counter each.
struct Doing {
  Phase phase = Phase::whole;
  std::size_t stage = 0;
  std::size_t step = 0;  ///< of the phases of its repair or stage
  std::size_t life = 0;  ///< phase of its life
  bool can_fail = false;
  bool active = false;
};

/// A box in numbers, and where its counters are.
struct BoxModel {
  BoxId id;
  const ComponentSpec* spec = nullptr;
  std::uint16_t count = 0;
  std::uint16_t places = 0;  ///< units that serve at a time
  Phases life;
  Phases repair;
  std::vector<Phases> stages;
  Phases covered;
  Phases uncovered;
  std::optional<std::size_t> crew;  ///< position in the cluster
  std::vector<std::size_t> masks;   ///< positions of those in the cluster that mask it directly
  std::optional<std::size_t> after_mask;

  std::size_t first = 0;  ///< its first counter in the state
  std::vector<Doing> doing;
  std::size_t dead = 0;
  std::size_t held = 0;
  std::size_t waiting = 0;
  std::size_t interrupted = 0;  ///< first of one counter a step, if its crew resumes
  std::size_t repairing = 0;
  std::vector<std::size_t> stage_at;
  std::size_t whole = 0;
  std::size_t standby = 0;    ///< of a box with standby
  std::size_t switching = 0;  ///< position in the state of the mark of its switchover

  [[nodiscard]] bool has_switchover() const { return spec->standby && spec->standby->switchover; }
  [[nodiscard]] bool resumes() const { return interrupted != 0; }
  /// The first stage from `stage` on that takes time.
  [[nodiscard]] std::size_t lasting(std::size_t stage) const {
    while (stage < stages.size() && stages[stage].count == 0) ++stage;
    return stage;
  }
  [[nodiscard]] std::size_t lives_of(std::size_t stage) const { return spec->stages[stage].fails ? life.count : 1; }
  /// Mark of a switchover of no length.
  [[nodiscard]] std::uint16_t instant() const {
    return static_cast<std::uint16_t>(covered.count + uncovered.count + 1);
  }
};

struct CrewModel {
  CrewId id;
  const CrewSpec* spec = nullptr;
  std::vector<std::size_t> boxes;  ///< positions in the cluster, in the order of its policy
  Phases inspection;
  bool queued = false;          ///< the order of failures counts
  std::size_t queue = 0;        ///< position in the state of its first place
  std::size_t places = 0;       ///< of the queue
  std::size_t inspections = 0;  ///< position in the state of the marks of its inspections
};

struct ShockModel {
  double rate = 0;
  double share = 1;
  std::vector<std::size_t> boxes;
};

/// The cluster in numbers, with the layout of its states.
struct Layout {
  std::vector<BoxModel> boxes;
  std::vector<CrewModel> crews;
  std::vector<ShockModel> shocks;
  std::vector<std::size_t> catching_up;  ///< boxes with a stage after a mask, each after what masks it
  std::size_t size = 0;
};

bool switching(const BoxModel& box, const State& state) { return box.has_switchover() && state[box.switching] != 0; }

std::uint16_t active_units(const BoxModel& box, const State& state) {
  if (switching(box, state)) return 0;
  std::size_t active = 0;
  for (std::size_t i = 0; i < box.doing.size(); ++i) active += box.doing[i].active ? state[box.first + i] : 0U;
  return static_cast<std::uint16_t>(active);
}

/// Whether a box of the cluster masks the units. REQUIRES: what masks the box has one unit.
bool masked(const Layout& layout, std::size_t box_at, const State& state) {
  const std::vector<std::size_t>& masks = layout.boxes[box_at].masks;
  return std::any_of(masks.begin(), masks.end(), [&](std::size_t mask) {
    return active_units(layout.boxes[mask], state) == 0 || masked(layout, mask, state);
  });
}

class LayoutBuilder {
 public:
  LayoutBuilder(const Plan& plan, const Cluster& cluster) : plan_(plan), cluster_(cluster) {}

  Layout build() {
    for (const CrewId crew : cluster_.crews) add_crew(crew);
    for (const BoxId box : cluster_.boxes) add_box(box);
    for (std::size_t at = 0; at < layout_.boxes.size(); ++at) add_masks(layout_.boxes[at]);
    for (std::size_t at = 0; at < layout_.boxes.size(); ++at) follow(at);
    for (CrewModel& crew : layout_.crews) complete(crew);
    for (const ShockId shock : cluster_.shocks) add_shock(shock);
    return std::move(layout_);
  }

 private:
  void add_crew(CrewId id) {
    CrewModel crew;
    crew.id = id;
    crew.spec = &spec_of(plan_, id);
    if (crew.spec->policy == CrewPolicy::inspection)
      crew.inspection = markovian(crew.spec->inspection, fmt::format("crew '{}'", crew.spec->name), "its inspection");
    layout_.crews.push_back(crew);
  }

  void add_box(BoxId id) {
    BoxModel box;
    box.id = id;
    box.spec = &spec_of(plan_, id);
    const bool single = cluster_.single_unit || cluster_.positions > 0;
    box.count = single ? std::uint16_t{1} : plan_.black_boxes.boxes[id].count;
    box.places = single ? std::uint16_t{1} : plan_.black_boxes.boxes[id].active;
    read_laws(box);
    if (const auto first = plan_.black_boxes.boxes[id].after_mask) box.after_mask = *first;
    const CrewId crew = plan_.black_boxes.boxes[id].crew;
    for (std::size_t i = 0; i < layout_.crews.size(); ++i) {
      if (layout_.crews[i].id == crew) box.crew = i;
    }
    const bool resumed = box.crew && layout_.crews[*box.crew].spec->interrupts == Interrupts::resume;
    box.first = layout_.size;
    add_counters(box, resumed);
    layout_.size += box.doing.size();
    if (box.has_switchover()) box.switching = layout_.size++;
    layout_.boxes.push_back(std::move(box));
  }

  static void read_laws(BoxModel& box) {
    const ComponentSpec& spec = *box.spec;
    const std::string owner = fmt::format("component '{}'", spec.name);
    box.life = {1, {spec.failure_rate.per_hour}, {0}};
    if (spec.failure) box.life = markovian(*spec.failure, owner, "its failure");
    if (box.life.count == 0) throw std::invalid_argument(fmt::format("{}: its life has no length", owner));
    if (spec.repair) box.repair = markovian(*spec.repair, owner, "its repair");
    for (const StageSpec& stage : spec.stages)
      box.stages.push_back(markovian(stage.duration, owner, fmt::format("its stage '{}'", stage.name)));
    if (!box.has_switchover()) return;
    const SwitchoverSpec& switchover = *spec.standby->switchover;
    if (switchover.coverage > 0) box.covered = markovian(switchover.duration, owner, "its switchover");
    if (switchover.coverage < 1)
      box.uncovered = markovian(switchover.uncovered_duration, owner, "its uncovered switchover");
  }

  static std::size_t add(BoxModel& box, const Doing& doing) {
    box.doing.push_back(doing);
    return box.first + box.doing.size() - 1;
  }

  static void add_counters(BoxModel& box, bool resumed) {
    box.dead = add(box, {Phase::dead});
    box.held = add(box, {Phase::held});
    box.waiting = add(box, {Phase::waiting});
    if (resumed && box.repair.count > 0) {
      box.interrupted = add(box, {Phase::waiting});
      for (std::size_t step = 1; step < box.repair.count; ++step) add(box, {Phase::waiting, 0, step});
    }
    // Also a repair that takes no time has a counter: it is passed through.
    box.repairing = add(box, {Phase::repairing});
    for (std::size_t step = 1; step < box.repair.count; ++step) add(box, {Phase::repairing, 0, step});
    for (std::size_t stage = 0; stage < box.stages.size(); ++stage) {
      const StageSpec& spec = box.spec->stages[stage];
      box.stage_at.push_back(box.first + box.doing.size());
      for (std::size_t step = 0; step < box.stages[stage].count; ++step) {
        for (std::size_t life = 0; life < box.lives_of(stage); ++life)
          add(box, {Phase::stage, stage, step, life, spec.fails, spec.works});
      }
    }
    box.whole = box.first + box.doing.size();
    for (std::size_t life = 0; life < box.life.count; ++life) add(box, {Phase::whole, 0, 0, life, true, true});
    if (box.spec->standby) box.standby = add(box, {Phase::whole, 0, 0, 0, true, false});
  }

  void add_masks(BoxModel& box) const {
    for (const BoxId mask : plan_.black_boxes.boxes[box.id].masked_by) {
      for (std::size_t i = 0; i < layout_.boxes.size(); ++i) {
        if (layout_.boxes[i].id == mask && layout_.boxes[i].count == 1) box.masks.push_back(i);
      }
    }
  }

  void follow(std::size_t at) {
    std::vector<std::size_t>& all = layout_.catching_up;
    if (!layout_.boxes[at].after_mask || std::find(all.begin(), all.end(), at) != all.end()) return;
    follow_masks(at);
    all.push_back(at);
  }
  void follow_masks(std::size_t at) {
    for (const std::size_t mask : layout_.boxes[at].masks) {
      follow_masks(mask);
      follow(mask);
    }
  }

  void complete(CrewModel& crew) {
    for (const BoxId id : plan_.black_boxes.crews[crew.id].boxes) {
      for (std::size_t i = 0; i < layout_.boxes.size(); ++i) {
        if (layout_.boxes[i].id != id || !layout_.boxes[i].crew) continue;
        crew.boxes.push_back(i);
        crew.places += layout_.boxes[i].count;
      }
    }
    crew.queued = crew.spec->policy == CrewPolicy::fcfs && crew.boxes.size() > 1;
    if (crew.queued) {
      crew.queue = layout_.size;
      layout_.size += crew.places;
    }
    if (crew.spec->policy == CrewPolicy::inspection) {
      crew.inspections = layout_.size;
      layout_.size += crew.boxes.size();
    }
  }

  void add_shock(ShockId id) {
    const ShockPlan& plan = plan_.black_boxes.shocks[id];
    const ShockSpec& spec = plan_.topology.shocks[plan.spec];
    if (spec.rate.per_hour <= 0) return;
    ShockModel shock{spec.rate.per_hour, spec.share, {}};
    for (const BoxId hit : plan.hits) {
      for (std::size_t i = 0; i < layout_.boxes.size(); ++i) {
        if (layout_.boxes[i].id == hit) shock.boxes.push_back(i);
      }
    }
    layout_.shocks.push_back(std::move(shock));
  }

  const Plan& plan_;
  const Cluster& cluster_;
  Layout layout_;
};

/// Goes through all outcomes of what chance decides within one event: the event is run again for each, and `pick`
/// answers differently.
class Chance {
 public:
  /// Which of the weights, which add up to 1; those that are 0 are never picked.
  std::size_t pick(const std::vector<double>& weights) {
    if (depth_ == path_.size()) {
      path_.push_back({0, weights});
      settle(path_.back());
    }
    const Choice& choice = path_[depth_++];
    probability_ *= choice.weights[choice.at];
    return choice.at;
  }
  /// How many of `count` it hits with probability `share` each.
  std::uint16_t hits(std::uint16_t count, double share) {
    if (share >= 1 || count == 0) return count;
    // Of an outcome that is gone through again the weights are known.
    if (depth_ < path_.size()) return static_cast<std::uint16_t>(pick({}));
    std::vector<double> weights{1};
    for (std::uint16_t i = 0; i < count; ++i) {
      weights.push_back(0);
      for (std::size_t k = weights.size() - 1; k > 0; --k) {
        weights[k] = weights[k] * (1 - share) + weights[k - 1] * share;
      }
      weights[0] *= 1 - share;
    }
    return static_cast<std::uint16_t>(pick(weights));
  }
  [[nodiscard]] double probability() const { return probability_; }

  /// Turns to the next outcome. Returns whether there is one.
  bool next() {
    depth_ = 0;
    probability_ = 1;
    while (!path_.empty()) {
      Choice& last = path_.back();
      ++last.at;
      settle(last);
      if (last.at < last.weights.size()) return true;
      path_.pop_back();
    }
    return false;
  }

 private:
  struct Choice {
    std::size_t at = 0;
    std::vector<double> weights;
  };
  static void settle(Choice& choice) {
    while (choice.at < choice.weights.size() && choice.weights[choice.at] <= 0) ++choice.at;
  }

  std::vector<Choice> path_;
  std::size_t depth_ = 0;
  double probability_ = 1;
};

/// One event and what follows from it without delay; mirrors unit.cpp and crew.cpp.
class Happening {
 public:
  Happening(const Layout& layout, State state, Chance& chance)
      : layout_(layout), state_(std::move(state)), chance_(chance) {
    if (layout.catching_up.empty()) return;
    masked_.resize(layout.boxes.size(), 0);
    for (const std::size_t at : layout.catching_up) masked_[at] = masked(layout, at, state_) ? 1 : 0;
  }

  /// A unit that does `counter` fails.
  void fail(std::size_t box_at, std::size_t counter) {
    const BoxModel& box = layout_.boxes[box_at];
    --state_[counter];
    if (replace(box_at, box.doing[counter - box.first].active)) dispatch(*box.crew);
    follow_masks();
  }

  /// Every unit hit fails before any standby takes over, and all of them wait before any crew chooses.
  void strike(const ShockModel& shock) {
    struct Hit {
      std::size_t box;
      bool served;
    };
    std::vector<Hit> hit;
    for (const std::size_t at : shock.boxes) {
      const BoxModel& box = layout_.boxes[at];
      if (switching(box, state_)) continue;
      for (std::size_t i = 0; i < box.doing.size(); ++i) {
        if (!box.doing[i].can_fail) continue;
        const std::uint16_t count = chance_.hits(state_[box.first + i], shock.share);
        state_[box.first + i] = static_cast<std::uint16_t>(state_[box.first + i] - count);
        hit.insert(hit.end(), count, Hit{at, box.doing[i].active});
      }
    }
    tied_.emplace(layout_.crews.size());
    std::vector<char> called(layout_.crews.size(), 0);
    for (const Hit& unit : hit) {
      if (replace(unit.box, unit.served)) called[*layout_.boxes[unit.box].crew] = 1;
    }
    for (std::size_t crew = 0; crew < called.size(); ++crew) enqueue_tied(crew);
    tied_.reset();
    for (std::size_t crew = 0; crew < called.size(); ++crew) {
      if (called[crew] != 0) dispatch(crew);
    }
    follow_masks();
  }

  /// A unit goes from one counter to another; nothing else follows.
  void move(std::size_t from, std::size_t to) {
    assert(state_[from] > 0);
    --state_[from];
    ++state_[to];
  }
  /// Whether another phase follows the one at `step`.
  bool goes_on(const Phases& phases, std::size_t step) {
    const double onward = phases.onward[step];
    if (onward <= 0 || onward >= 1) return onward > 0;
    return chance_.pick({onward, 1 - onward}) == 0;
  }
  void mark(std::size_t position, std::size_t value) { state_[position] = static_cast<std::uint16_t>(value); }

  void repaired(std::size_t box_at, std::size_t counter) {
    const BoxModel& box = layout_.boxes[box_at];
    --state_[counter];
    go_on(box_at, 0, std::nullopt);
    follow_masks();
    if (box.crew) dispatch(*box.crew);
  }

  void stage_passed(std::size_t box_at, std::size_t counter) {
    const BoxModel& box = layout_.boxes[box_at];
    const Doing& doing = box.doing[counter - box.first];
    const StageSpec& spec = box.spec->stages[doing.stage];
    --state_[counter];
    const bool passed = spec.success >= 1 || chance_.pick({spec.success, 1 - spec.success}) == 0;
    go_on(box_at, doing.stage + (passed ? 1U : 0U), spec.fails ? std::optional(doing.life) : std::nullopt);
    follow_masks();
  }

  void switched_over(std::size_t box_at) {
    const BoxModel& box = layout_.boxes[box_at];
    state_[box.switching] = 0;
    --state_[box.held];
    fill_places(box);
    if (seek_repair(box_at, true)) dispatch(*box.crew);
    follow_masks();
  }

  void inspected(std::size_t crew_at, std::size_t position) {
    const CrewModel& crew = layout_.crews[crew_at];
    for (std::size_t i = 0; i < crew.boxes.size(); ++i) state_[crew.inspections + i] = 0;
    std::erase_if(instant_inspections_, [&](const Inspection& other) { return other.crew == crew_at; });
    take(crew_at, crew.boxes[position]);
    dispatch(crew_at);
  }

  /// What has no length happens now, in the order in which the simulation would come to it.
  State settle() {
    while (true) {
      if (!instant_.empty()) {
        const Instant next = instant_.front();
        instant_.pop_front();
        switch (next.what) {
          case Instant::What::repaired: repaired(next.box, layout_.boxes[next.box].repairing); break;
          case Instant::What::switched_over: switched_over(next.box); break;
        }
      } else if (!instant_inspections_.empty()) {
        const Inspection next = instant_inspections_.front();
        inspected(next.crew, next.position);
      } else {
        return std::move(state_);
      }
    }
  }

 private:
  struct Instant {
    enum class What : std::uint8_t { repaired, switched_over };
    What what;
    std::size_t box;
  };
  struct Inspection {
    std::size_t crew;
    std::size_t position;
  };

  /// A standby takes the place of the failed unit, if it served; the failed one seeks repair. Returns whether it waits
  /// for its crew, which is to be dispatched.
  bool replace(std::size_t box_at, bool served) {
    const BoxModel& box = layout_.boxes[box_at];
    const bool replaced = box.spec->standby && served && state_[box.standby] > 0 && !switching(box, state_);
    if (replaced && box.has_switchover()) {
      start_switchover(box_at);
      return false;
    }
    if (replaced) fill_places(box);
    return seek_repair(box_at, false);
  }

  void start_switchover(std::size_t box_at) {
    const BoxModel& box = layout_.boxes[box_at];
    const double coverage = box.spec->standby->switchover->coverage;
    const bool covered = chance_.pick({coverage, 1 - coverage}) == 0;
    const Phases& phases = covered ? box.covered : box.uncovered;
    ++state_[box.held];
    enqueue(box_at, true);
    if (phases.count == 0) {
      state_[box.switching] = box.instant();
      instant_.push_back({Instant::What::switched_over, box_at});
    } else {
      state_[box.switching] = static_cast<std::uint16_t>(covered ? 1 : box.covered.count + 1);
    }
  }

  void fill_places(const BoxModel& box) {
    while (state_[box.whole] < box.places && state_[box.standby] > 0) move(box.standby, box.whole);
  }

  bool seek_repair(std::size_t box_at, bool was_held) {
    const BoxModel& box = layout_.boxes[box_at];
    if (!box.spec->repair) {
      ++state_[box.dead];
      return false;
    }
    if (!box.crew) {
      begin_repair(box_at);
      return false;
    }
    ++state_[box.waiting];
    if (was_held) {
      let_go(box_at);
    } else {
      enqueue(box_at, false);
    }
    return true;
  }

  void begin_repair(std::size_t box_at) {
    const BoxModel& box = layout_.boxes[box_at];
    ++state_[box.repairing];
    if (box.repair.count == 0) instant_.push_back({Instant::What::repaired, box_at});
  }

  /// `life`: phase of the life that the unit goes on living, if it does.
  void go_on(std::size_t box_at, std::size_t next_stage, std::optional<std::size_t> life) {
    const BoxModel& box = layout_.boxes[box_at];
    const std::size_t stage = box.lasting(next_stage);
    if (stage == box.stages.size()) return become_whole(box, life.value_or(0));
    ++state_[box.stage_at[stage] + (box.spec->stages[stage].fails ? life.value_or(0) : 0)];
  }

  void become_whole(const BoxModel& box, std::size_t life) {
    if (!box.spec->standby) {
      ++state_[box.whole + life];
      return;
    }
    ++state_[box.standby];
    if (!switching(box, state_)) fill_places(box);
  }

  // ---- masks ----

  void follow_masks() {
    for (const std::size_t at : layout_.catching_up) {
      const char now = masked(layout_, at, state_) ? 1 : 0;
      if (masked_[at] != 0 && now == 0) unmask(at);
      masked_[at] = now;
    }
  }

  /// Units that are whole or in the stage after a mask or a later one catch up.
  void unmask(std::size_t box_at) {
    const BoxModel& box = layout_.boxes[box_at];
    if (box.lasting(*box.after_mask) == box.stages.size()) return;
    struct Units {
      std::uint16_t count;
      std::optional<std::size_t> life;
    };
    std::vector<Units> units;
    for (std::size_t i = 0; i < box.doing.size(); ++i) {
      const Doing& doing = box.doing[i];
      const bool catches_up =
          doing.phase == Phase::whole || (doing.phase == Phase::stage && doing.stage >= *box.after_mask);
      if (!catches_up) continue;
      const std::uint16_t count = std::exchange(state_[box.first + i], std::uint16_t{0});
      units.push_back({count, doing.can_fail ? std::optional(doing.life) : std::nullopt});
    }
    for (const Units& some : units) {
      for (std::uint16_t i = 0; i < some.count; ++i) go_on(box_at, *box.after_mask, some.life);
    }
  }

  // ---- crews ----

  /// The place in a queue of a unit whose repair waits for a switchover.
  static std::uint16_t held_place(std::size_t box_at) { return static_cast<std::uint16_t>(2 * box_at + 2); }
  static std::uint16_t place(std::size_t box_at) { return static_cast<std::uint16_t>(2 * box_at + 1); }

  void enqueue(std::size_t box_at, bool held) {
    const BoxModel& box = layout_.boxes[box_at];
    if (!box.crew || !box.spec->repair || !layout_.crews[*box.crew].queued) return;
    const std::uint16_t mark = held ? held_place(box_at) : place(box_at);
    if (tied_) {
      ++(*tied_)[*box.crew][mark];
    } else {
      append(*box.crew, mark);
    }
  }

  void append(std::size_t crew_at, std::uint16_t mark) {
    const auto [first, last] = queue_of(layout_.crews[crew_at]);
    const auto end = std::find(first, last, 0);
    assert(end != last);
    *end = mark;
  }

  /// Units that failed at one instant have failed in any order, each as likely.
  void enqueue_tied(std::size_t crew_at) {
    std::map<std::uint16_t, std::size_t>& tied = (*tied_)[crew_at];
    while (!tied.empty()) {
      std::vector<double> weights;
      double sum = 0;
      for (const auto& [mark, units] : tied) sum += static_cast<double>(units);
      for (const auto& [mark, units] : tied) weights.push_back(static_cast<double>(units) / sum);
      const auto next =
          std::next(tied.begin(), static_cast<std::ptrdiff_t>(weights.size() > 1 ? chance_.pick(weights) : 0));
      append(crew_at, next->first);
      if (--next->second == 0) tied.erase(next);
    }
  }

  /// The unit keeps the place that it got when it failed.
  void let_go(std::size_t box_at) {
    const CrewModel& crew = layout_.crews[*layout_.boxes[box_at].crew];
    if (!crew.queued) return;
    const auto [first, last] = queue_of(crew);
    *std::find(first, last, held_place(box_at)) = place(box_at);
  }

  std::pair<State::iterator, State::iterator> queue_of(const CrewModel& crew) {
    const auto first = state_.begin() + static_cast<std::ptrdiff_t>(crew.queue);
    return {first, first + static_cast<std::ptrdiff_t>(crew.places)};
  }

  [[nodiscard]] std::size_t busy(const CrewModel& crew) const {
    std::size_t members = 0;
    for (const std::size_t at : crew.boxes) {
      const BoxModel& box = layout_.boxes[at];
      members += sum_of(box.repairing, std::max<std::size_t>(1, box.repair.count));
    }
    return members;
  }

  [[nodiscard]] bool waits(std::size_t box_at) const {
    const BoxModel& box = layout_.boxes[box_at];
    return state_[box.waiting] > 0 || interrupted(box) > 0;
  }

  [[nodiscard]] std::size_t interrupted(const BoxModel& box) const {
    return box.resumes() ? sum_of(box.interrupted, box.repair.count) : 0;
  }

  [[nodiscard]] std::size_t sum_of(std::size_t first, std::size_t count) const {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += state_[first + i];
    return sum;
  }

  /// One of the units in `count` counters from `first` on, each as likely: its counter's position among them.
  std::size_t any_of(std::size_t first, std::size_t count) {
    const auto units = static_cast<double>(sum_of(first, count));
    std::vector<double> weights;
    for (std::size_t i = 0; i < count; ++i) weights.push_back(static_cast<double>(state_[first + i]) / units);
    return chance_.pick(weights);
  }

  std::optional<std::size_t> first_come(const CrewModel& crew) {
    if (!crew.queued) return most_urgent(crew);
    const auto [first, last] = queue_of(crew);
    const auto at = std::find_if(first, last, [](std::uint16_t mark) { return mark % 2 == 1; });
    if (at == last) return std::nullopt;
    return static_cast<std::size_t>(*at / 2);
  }

  [[nodiscard]] std::optional<std::size_t> most_urgent(const CrewModel& crew) const {
    const auto at = std::find_if(crew.boxes.begin(), crew.boxes.end(), [&](std::size_t box) { return waits(box); });
    if (at == crew.boxes.end()) return std::nullopt;
    return *at;
  }

  std::optional<std::size_t> any_box(const CrewModel& crew) {
    std::vector<std::size_t> candidates;
    for (const std::size_t box : crew.boxes) {
      if (waits(box)) candidates.push_back(box);
    }
    if (candidates.empty()) return std::nullopt;
    if (candidates.size() == 1) return candidates.front();
    const std::vector<double> alike(candidates.size(), 1.0 / static_cast<double>(candidates.size()));
    return candidates[chance_.pick(alike)];
  }

  void take(std::size_t crew_at, std::size_t box_at) {
    const CrewModel& crew = layout_.crews[crew_at];
    const BoxModel& box = layout_.boxes[box_at];
    if (interrupted(box) > 0) {
      const std::size_t step = any_of(box.interrupted, box.repair.count);
      return move(box.interrupted + step, box.repairing + step);
    }
    --state_[box.waiting];
    if (crew.queued) {
      const auto [first, last] = queue_of(crew);
      const auto at = std::find(first, last, place(box_at));
      std::move(at + 1, last, at);
      *(last - 1) = 0;
    }
    begin_repair(box_at);
  }

  /// Leaves a repair that is less urgent than those of the box; those without length are over at once.
  bool interrupt(const CrewModel& crew, std::size_t urgent) {
    for (auto at = crew.boxes.rbegin(); at != crew.boxes.rend() && *at != urgent; ++at) {
      const BoxModel& box = layout_.boxes[*at];
      if (sum_of(box.repairing, box.repair.count) == 0) continue;
      const std::size_t step = any_of(box.repairing, box.repair.count);
      move(box.repairing + step, box.resumes() ? box.interrupted + step : box.waiting);
      return true;
    }
    return false;
  }

  void inspect(std::size_t crew_at) {
    const CrewModel& crew = layout_.crews[crew_at];
    for (std::size_t i = 0; i < crew.boxes.size(); ++i) {
      if (state_[crew.inspections + i] != 0 || !waits(crew.boxes[i])) continue;
      state_[crew.inspections + i] = 1;
      if (crew.inspection.count == 0) instant_inspections_.push_back({crew_at, i});
    }
  }

  void dispatch(std::size_t crew_at) {
    const CrewModel& crew = layout_.crews[crew_at];
    while (busy(crew) < static_cast<std::size_t>(crew.spec->size)) {
      std::optional<std::size_t> next;
      switch (crew.spec->policy) {
        case CrewPolicy::fcfs: next = first_come(crew); break;
        case CrewPolicy::priority: next = most_urgent(crew); break;
        case CrewPolicy::random: next = any_box(crew); break;
        case CrewPolicy::inspection: return inspect(crew_at);
      }
      if (!next) return;
      take(crew_at, *next);
    }
    if (crew.spec->interrupts == Interrupts::none) return;
    for (auto next = most_urgent(crew); next && interrupt(crew, *next); next = most_urgent(crew)) take(crew_at, *next);
  }

  const Layout& layout_;
  State state_;
  Chance& chance_;
  std::deque<Instant> instant_;
  std::deque<Inspection> instant_inspections_;  ///< after all else: they are timers
  std::vector<char> masked_;                    ///< by box; of those that catch up
  /// While a shock strikes: by crew, how many units are to be queued, by mark.
  std::optional<std::vector<std::map<std::uint16_t, std::size_t>>> tied_;
};

[[noreturn]] void refuse(const ComponentSpec& first, std::size_t most_states) {
  throw TooLarge(
      fmt::format("the boxes around component '{}' have more than {} states; the exact solution stops there; use "
                  "--method incidents",
                  first.name, most_states));
}

class Explorer {
 public:
  Explorer(const Plan& plan, const Cluster& cluster, std::size_t most_states)
      : layout_(LayoutBuilder(plan, cluster).build()), positions_(cluster.positions > 0), most_states_(most_states) {}

  ClusterChain explore() {
    start();
    for (from_ = 0; from_ < states_.size(); ++from_) list(State(states_[from_]));
    ClusterChain result(sim::MarkovChain(states_.size(), std::move(transitions_)));
    result.whole.assign(states_.size(), 0);
    for (const auto& [state, probability] : initial_) result.whole[state] += probability;
    for (const BoxModel& box : layout_.boxes) result.boxes.push_back(box.id);
    for (const State& state : states_) {
      std::vector<std::uint16_t> active;
      for (std::size_t at = 0; at < layout_.boxes.size(); ++at) {
        const bool hidden = positions_ && masked(layout_, at, state);
        active.push_back(hidden ? std::uint16_t{0} : active_units(layout_.boxes[at], state));
      }
      result.active.push_back(std::move(active));
    }
    return result;
  }

 private:
  /// How likely a unit that has been renewed for ever is in a phase of its life, given that it is in none before: by
  /// the time spent in it.
  static double in_phase(const Phases& life, std::size_t phase) {
    double later = 0;
    double reached = 1;
    for (std::size_t i = phase; i < life.count; ++i) {
      later += reached / life.rate[i];
      reached *= life.onward[i];
    }
    return std::min(1.0, 1 / life.rate[phase] / later);
  }

  void start() {
    Chance chance;
    do {
      State state(layout_.size, 0);
      for (const BoxModel& box : layout_.boxes) {
        std::uint16_t left = box.places;
        for (std::size_t life = 0; life < box.life.count; ++life) {
          const std::uint16_t here = chance.hits(left, in_phase(box.life, life));
          state[box.whole + life] = here;
          left = static_cast<std::uint16_t>(left - here);
        }
        if (box.spec->standby) state[box.standby] = static_cast<std::uint16_t>(box.count - box.places);
      }
      initial_.emplace_back(number(state), chance.probability());
    } while (chance.next());
  }

  std::size_t number(const State& state) {
    const auto [at, fresh] = numbers_.emplace(state, states_.size());
    if (fresh) {
      if (states_.size() == most_states_) refuse(*layout_.boxes.front().spec, most_states_);
      states_.push_back(state);
    }
    return at->second;
  }

  template <class Act>
  void event(const State& state, double rate, Act act) {
    if (rate <= 0) return;
    Chance chance;
    do {
      Happening happening(layout_, state, chance);
      act(happening);
      const State next = happening.settle();
      if (transitions_.size() == most_transitions_per_state * most_states_)
        throw TooLarge(
            fmt::format("the boxes around component '{}' have more than {} transitions; use --method incidents",
                        layout_.boxes.front().spec->name, transitions_.size()));
      transitions_.push_back({from_, number(next), rate * chance.probability()});
    } while (chance.next());
  }

  void list(const State& state) {
    for (std::size_t at = 0; at < layout_.boxes.size(); ++at) list_box(state, at);
    for (std::size_t at = 0; at < layout_.crews.size(); ++at) list_inspections(state, at);
    for (const ShockModel& shock : layout_.shocks)
      event(state, shock.rate, [&](Happening& happening) { happening.strike(shock); });
  }

  void list_box(const State& state, std::size_t at) {
    const BoxModel& box = layout_.boxes[at];
    const bool switches = switching(box, state);
    for (std::size_t i = 0; i < box.doing.size(); ++i) {
      const std::size_t counter = box.first + i;
      if (state[counter] == 0) continue;
      const double count = state[counter];
      const Doing& doing = box.doing[i];
      if (doing.can_fail && !switches) list_life(state, at, counter, count);
      if (doing.phase == Phase::repairing) {
        event(state, count * box.repair.rate[doing.step], [&](Happening& happening) {
          if (happening.goes_on(box.repair, doing.step)) return happening.move(counter, counter + 1);
          happening.repaired(at, counter);
        });
      } else if (doing.phase == Phase::stage) {
        const Phases& phases = box.stages[doing.stage];
        event(state, count * phases.rate[doing.step], [&](Happening& happening) {
          if (happening.goes_on(phases, doing.step))
            return happening.move(counter, counter + box.lives_of(doing.stage));
          happening.stage_passed(at, counter);
        });
      }
    }
    if (switches) list_switchover(state, at);
  }

  void list_life(const State& state, std::size_t at, std::size_t counter, double count) {
    const BoxModel& box = layout_.boxes[at];
    const Doing& doing = box.doing[counter - box.first];
    const double exposure = doing.active || doing.phase != Phase::whole ? 1 : box.spec->standby->dormant_factor;
    event(state, count * exposure * box.life.rate[doing.life], [&](Happening& happening) {
      if (happening.goes_on(box.life, doing.life)) return happening.move(counter, counter + 1);
      happening.fail(at, counter);
    });
  }

  void list_switchover(const State& state, std::size_t at) {
    const BoxModel& box = layout_.boxes[at];
    const std::size_t mark = state[box.switching];
    const bool covered = mark <= box.covered.count;
    const Phases& phases = covered ? box.covered : box.uncovered;
    const std::size_t step = mark - (covered ? 0 : box.covered.count) - 1;
    event(state, phases.rate[step], [&](Happening& happening) {
      if (happening.goes_on(phases, step)) return happening.mark(box.switching, mark + 1);
      happening.switched_over(at);
    });
  }

  void list_inspections(const State& state, std::size_t at) {
    const CrewModel& crew = layout_.crews[at];
    if (crew.spec->policy != CrewPolicy::inspection) return;
    for (std::size_t i = 0; i < crew.boxes.size(); ++i) {
      const std::size_t step = state[crew.inspections + i];
      if (step == 0) continue;
      event(state, crew.inspection.rate[step - 1], [&](Happening& happening) {
        if (happening.goes_on(crew.inspection, step - 1)) return happening.mark(crew.inspections + i, step + 1);
        happening.inspected(at, i);
      });
    }
  }

  /// On average: a shock that hits any number of many units leads everywhere, and elimination fills up.
  static constexpr std::size_t most_transitions_per_state = 100;

  Layout layout_;
  bool positions_;
  std::size_t most_states_;
  std::vector<State> states_;
  std::unordered_map<State, std::size_t, StateHash> numbers_;  ///< looked up only; states_ has the order
  std::vector<sim::Transition> transitions_;
  std::vector<std::pair<std::size_t, double>> initial_;
  std::size_t from_ = 0;  ///< state whose events are being listed
};

/// `count` positions that each run through the same chain, independently: how many are in each of its states.
class Positions {
 public:
  Positions(const Plan& plan, const Cluster& cluster, std::size_t most_states)
      : one_(Explorer(plan, cluster, most_states).explore()),
        first_(spec_of(plan, cluster.boxes.front())),
        count_(cluster.positions),
        most_states_(most_states) {}

  ClusterChain explore() {
    State state(one_.chain.size(), 0);
    start(state, 0, count_, 1);
    for (std::size_t from = 0; from < states_.size(); ++from) list(from);
    ClusterChain result(sim::MarkovChain(states_.size(), std::move(transitions_)));
    result.boxes = one_.boxes;
    result.whole.assign(states_.size(), 0);
    for (const auto& [at, probability] : initial_) result.whole[at] += probability;
    for (const State& counts : states_) {
      std::vector<std::uint16_t> active(one_.boxes.size(), 0);
      for (std::size_t at = 0; at < counts.size(); ++at) {
        for (std::size_t box = 0; box < active.size(); ++box)
          active[box] = static_cast<std::uint16_t>(active[box] + counts[at] * one_.active[at][box]);
      }
      result.active.push_back(std::move(active));
    }
    return result;
  }

 private:
  /// Every position begins by itself: `left` of them from state `at` on.
  void start(State& state, std::size_t at, std::uint16_t left, double probability) {
    if (left == 0) {
      initial_.emplace_back(number(state), probability);
      return;
    }
    if (at == state.size()) return;
    double ways = 1;
    for (std::uint16_t here = 0; here <= left; ++here) {
      state[at] = here;
      if (probability * ways > 0) start(state, at + 1, static_cast<std::uint16_t>(left - here), probability * ways);
      ways *= one_.whole[at] * (left - here) / (here + 1.0);
    }
    state[at] = 0;
  }

  std::size_t number(const State& state) {
    const auto [at, fresh] = numbers_.emplace(state, states_.size());
    if (fresh) {
      if (states_.size() == most_states_) refuse(first_, most_states_);
      states_.push_back(state);
    }
    return at->second;
  }

  void list(std::size_t from) {
    State state = states_[from];
    for (const sim::Transition& t : one_.chain.transitions()) {
      if (state[t.from] == 0) continue;
      const double rate = state[t.from] * t.rate;
      --state[t.from];
      ++state[t.to];
      transitions_.push_back({from, number(state), rate});
      ++state[t.from];
      --state[t.to];
    }
  }

  ClusterChain one_;
  const ComponentSpec& first_;
  std::uint16_t count_;
  std::size_t most_states_;
  std::vector<State> states_;
  std::unordered_map<State, std::size_t, StateHash> numbers_;  ///< looked up only; states_ has the order
  std::vector<sim::Transition> transitions_;
  std::vector<std::pair<std::size_t, double>> initial_;
};

}  // namespace

ClusterChain build_chain(const Plan& plan, const Cluster& cluster, std::size_t most_states) {
  if (cluster.positions > 0) return Positions(plan, cluster, most_states).explore();
  return Explorer(plan, cluster, most_states).explore();
}

bool shares_crew(const Plan& plan, BoxId box) {
  const CrewId crew = plan.black_boxes.boxes[box].crew;
  if (!crew.exists() || !spec_of(plan, box).repair) return false;
  if (spec_of(plan, crew).policy == CrewPolicy::inspection) return true;
  std::int64_t units = 0;
  for (const BoxId other : plan.black_boxes.crews[crew].boxes)
    units += spec_of(plan, other).repair ? plan.black_boxes.boxes[other].count : 0;
  return spec_of(plan, crew).size < units;
}

}  // namespace nines::models::components
