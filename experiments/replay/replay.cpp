#include "experiments/replay/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <set>

#include "experiments/estimate/incident.hpp"
#include "experiments/estimate/parallel.hpp"
#include "experiments/estimate/warm_up.hpp"
#include "experiments/estimate/work_limit.hpp"
#include "experiments/report/json_text.hpp"
#include "models/fabric/layout.hpp"
#include "models/faults/scenario.hpp"
#include "models/health.hpp"
#include "models/infrastructure/meter.hpp"
#include "models/measurement/cause_chain.hpp"
#include "models/measurement/sli.hpp"
#include "models/service/kind.hpp"
#include "sim/math.hpp"
#include "sim/statistics.hpp"

namespace nines::experiments {

namespace {

using models::Plan;
using models::World;
namespace measurement = models::measurement;

/// The first action: late enough that every periodic thing has had its first turn.
constexpr sim::Time origin = sim::Time::from_count(600'000'000'000);
constexpr sim::Duration longest_run = sim::Duration::seconds(24LL * 3600);

struct Names {
  std::string service;
  std::string sli;
};

Names names_of(const Plan& plan, measurement::SliIndex index) {
  const measurement::SliPlan& sli = plan.slis[index];
  return {plan.services[sli.service].name, sli.name};
}

/// The next event if it is due by then; refuses runs that have become too long.
bool advance(World& world, sim::Time limit, std::uint64_t most) {
  if (world.events >= most) {
    throw TooMuchWork(
        fmt::format("a run takes more than {} events: something fails or is renewed all the time. Give a shorter "
                    "--until",
                    most));
  }
  return models::step(world, limit);
}

/// Delivers all events up to the limit, and looks at the state after each.
void run_until(World& world, sim::Time limit, std::optional<StateWatch>& watch) {
  const std::uint64_t most = most_events_of_a_run(*world.plan);
  while (advance(world, limit, most)) {
    if (watch) watch->look(world);
  }
  models::run_until(world, limit);
}

/// Plays a world on until the incident is over, or to the limit whatever happens.
RunEnd play(World& world, sim::Time limit, bool to_the_limit, std::optional<StateWatch>& watch) {
  const std::uint64_t most = most_events_of_a_run(*world.plan);
  if (to_the_limit) {
    run_until(world, limit, watch);
    if (healthy(world)) return RunEnd::healthy_at_limit;
    return world.queue.next_time() == sim::Time::never() ? RunEnd::nothing_pending : RunEnd::limit;
  }
  do {
    if (watch) watch->look(world);
    if (world.faults.actions_left > 0 || world.queue.next_time() == world.now) continue;
    if (healthy(world)) return RunEnd::healthy;
  } while (advance(world, limit, most));
  const bool over = world.queue.next_time() == sim::Time::never();
  if (!over) models::run_until(world, limit);
  return over ? RunEnd::nothing_pending : RunEnd::limit;
}

/// Reads a finished world.
class Harvest {
 public:
  /// `watch`: what the events changed; a run without one is told without its timeline.
  Harvest(const World& world, std::size_t run, RunEnd ending, const std::optional<StateWatch>& watch)
      : world_(world), watch_(watch) {
    result_.run = run;
    result_.ending = ending;
    result_.end = world.now - origin;
    result_.events = world.events;
    result_.actions_without_target = world.faults.actions_without_target;
    result_.usd_beyond_health = models::infrastructure::metered_usd(world);
  }

  ReplayRun reap() {
    for (const measurement::Outage& outage : world_.measurement.outages) add(outage);
    for (const measurement::SliState& state : world_.measurement.slis) {
      if (state.out) add(state.open);
    }
    std::stable_sort(result_.outages.begin(), result_.outages.end(),
                     [](const ReplayOutage& a, const ReplayOutage& b) { return a.start < b.start; });
    milestones();
    for (const measurement::Loss& loss : world_.measurement.losses) add(loss);
    if (watch_) tell_all();
    return std::move(result_);
  }

 private:
  [[nodiscard]] Happening happening(sim::CauseId id) const {
    const sim::TraceRecord& record = world_.trace.at(id);
    const sim::EventInfo& info = models::event_info(record.kind);
    return {record.at - origin,
            std::string(info.name),
            std::string(world_.plan->name(record.component)),
            std::string(info.summary),
            std::string(info.phase),
            std::string(record.set_by != nullptr ? *record.set_by : info.parameter),
            0,
            std::nullopt,
            {},
            false};
  }

  void add(const measurement::Outage& outage) {
    const bool open = outage.end == sim::Time::never();
    const measurement::CauseChain causes = measurement::explain(world_, outage, world_.now);
    const Names names = names_of(*world_.plan, outage.sli);
    ReplayOutage entry;
    entry.service = names.service;
    entry.sli = names.sli;
    entry.start = outage.start - origin;
    entry.length = (open ? world_.now : outage.end) - outage.start;
    entry.censored = open;
    entry.dominant_parameter = causes.dominant_parameter;
    for (const sim::CauseId id : causes.chain) entry.chain.push_back(happening(id));
    for (std::size_t link = 0; link < causes.chain.size(); ++link) {
      // Of a poll that is on the way the last time is the one that led on.
      const bool last = link + 1 == causes.chain.size() || entry.chain[link].event != entry.chain[link + 1].event;
      if (last) told_.insert(causes.chain[link]);
    }
    for (const measurement::OutagePhase& phase : causes.phases) add(entry, phase);
    result_.outages.push_back(std::move(entry));
  }

  static void add(ReplayOutage& outage, const measurement::OutagePhase& phase) {
    const auto known = std::find_if(outage.phases.begin(), outage.phases.end(),
                                    [&](const auto& entry) { return entry.first == phase.name; });
    if (known == outage.phases.end()) {
      outage.phases.emplace_back(phase.name, phase.length);
    } else {
      known->second += phase.length;
    }
  }

  void add(const measurement::Loss& loss) {
    const models::ServicePlan& service = world_.plan->services[loss.service];
    ReplayLoss entry;
    entry.service = service.name;
    entry.topic = loss.whole ? service.name : service.kind->loss_item(*world_.plan, loss.service, loss);
    entry.rule = loss.rule;
    const auto known = std::find_if(result_.losses.begin(), result_.losses.end(), [&](const ReplayLoss& other) {
      return other.service == entry.service && other.topic == entry.topic && other.rule == entry.rule;
    });
    ReplayLoss& sum = known == result_.losses.end() ? result_.losses.emplace_back(std::move(entry)) : *known;
    sum.records_all += loss.records_all;
    sum.records_one += loss.records_one;
    sum.records_any += loss.records_any;
    sum.seconds = std::max(sum.seconds, loss.seconds);
  }

  /// Records of the scenario; what came before the first action belongs to the start.
  void milestones() {
    for (const sim::TraceRecord& record : world_.trace.records()) {
      const sim::EventInfo& info = models::event_info(record.kind);
      if (!info.milestone || record.at < origin) continue;
      result_.milestones.push_back(
          {std::string(info.name), record.at - origin, std::string(world_.plan->name(record.component))});
    }
  }

  void tell_all() {
    const auto& records = world_.trace.records();
    std::vector<std::size_t> depths(records.size(), 0);
    std::vector<std::optional<std::size_t>> lines(records.size());
    for (std::size_t at = 0; at < records.size(); ++at) {
      const sim::CauseId parent = records[at].parent;
      if (world_.trace.holds(parent)) depths[at] = depths[parent - world_.trace.first_id()] + 1;
      if (records[at].at < origin) continue;
      lines[at] = result_.timeline.size();
      result_.timeline.push_back(happening(world_.trace.first_id() + static_cast<sim::CauseId>(at)));
      result_.timeline.back().depth = depths[at];
      if (world_.trace.holds(parent)) result_.timeline.back().cause = lines[parent - world_.trace.first_id()];
      result_.timeline.back().state = watch_->changes(world_.trace.first_id() + static_cast<sim::CauseId>(at));
    }
    mark_noise();
    for (const Lane& lane : watch_->lanes(world_, world_.now)) {
      ReplayLane& told = result_.lanes.emplace_back(ReplayLane{lane.kind, lane.name, lane.zone, {}});
      for (const LaneSpan& span : lane.spans) {
        // What ends just when the first action comes is told: it is how things were.
        if (span.to < origin || span.to == span.from) continue;
        const bool known = world_.trace.holds(span.record);
        told.spans.push_back({std::max(span.from, origin) - origin, span.to - origin, span.state,
                              known ? lines[span.record - world_.trace.first_id()] : std::nullopt});
      }
    }
  }

  /// What repeats itself, changes nothing that is told and leads to nothing but its next repetition; what happens to
  /// partitions that no SLI looks at.
  void mark_noise() {
    const auto& records = world_.trace.records();
    const sim::CauseId first = world_.trace.first_id();
    std::vector<char> leads(records.size(), 0);  // to something of another kind
    std::map<std::pair<sim::EventKind, std::uint32_t>, std::size_t> times;
    std::set<std::string_view> internal;
    for (const models::ServiceId service : world_.plan->services.ids()) {
      for (const models::ComponentId part : world_.plan->services[service].kind->internal(*world_.plan, service))
        internal.insert(world_.plan->name(part));
    }
    for (const sim::TraceRecord& record : records) {
      if (record.at < origin) continue;
      ++times[{record.kind, record.component}];
      if (world_.trace.holds(record.parent) && world_.trace.at(record.parent).kind != record.kind) {
        leads[record.parent - first] = 1;
      }
    }
    std::set<std::pair<sim::EventKind, std::uint32_t>> seen;
    std::size_t line = 0;
    for (std::size_t at = 0; at < records.size(); ++at) {
      if (records[at].at < origin) continue;
      Happening& entry = result_.timeline[line++];
      const bool plain = std::all_of(entry.state.begin(), entry.state.end(),
                                     [](const StateChange& change) { return change.internal; });
      const bool begins = !world_.trace.holds(records[at].parent);
      const bool told = told_.count(first + static_cast<sim::CauseId>(at)) > 0;
      const bool first_time = seen.insert({records[at].kind, records[at].component}).second;
      const bool milestone = models::event_info(records[at].kind).milestone && first_time;
      const bool inside = internal.count(entry.component) > 0;
      if (!plain || begins || told || (milestone && !inside)) continue;
      const bool repeats = times[{records[at].kind, records[at].component}] > 1;
      entry.noise = inside || (repeats && leads[at] == 0);
    }
  }

  const World& world_;
  const std::optional<StateWatch>& watch_;
  std::set<sim::CauseId> told_;  ///< links of outages' chains
  ReplayRun result_;
};

struct Pair {
  ReplayRun base;
  std::optional<ReplayRun> fork;
};

/// Plays on, the tallies being closed, to see whether anything ends what is still out.
void look_ahead(World& world, ReplayRun& run) {
  std::vector<std::pair<measurement::SliIndex, sim::Time>> open;
  for (const measurement::SliState& sli : world.measurement.slis) {
    if (sli.out) open.emplace_back(sli.open.sli, sli.open.start);
  }
  const auto over = [&](const auto& outage) {
    const measurement::SliState& sli = world.measurement.slis[outage.first];
    return !sli.out || sli.open.start != outage.second;
  };
  const sim::Time end = world.now + warm_up(*world.plan, sim::Duration()).follow;
  const std::uint64_t enough = world.events + most_events_of_a_run(*world.plan);
  for (std::erase_if(open, over); !open.empty() && world.events < enough && models::step(world, end);)
    std::erase_if(open, over);
  // Nobody looks farther: then nobody knows.
  if (world.events >= enough) return;
  for (const auto& [sli, start] : open) {
    const Names names = names_of(*world.plan, sli);
    for (ReplayOutage& outage : run.outages) {
      if (outage.censored && outage.service == names.service && outage.sli == names.sli) outage.endless = true;
    }
  }
}

ReplayRun finish(World& world, std::size_t run, sim::Time limit, bool to_the_limit, std::optional<StateWatch> watch) {
  const RunEnd ending = play(world, limit, to_the_limit, watch);
  ReplayRun result = Harvest(world, run, ending, watch).reap();
  look_ahead(world, result);
  return result;
}

/// `world`: one of an earlier run of the plan, or an empty one. Its memory is used again.
Pair play_run(World& world, const World& resting, const loader::Scenario& scenario, const ReplayOptions& options,
              std::size_t run) {
  const Plan& plan = *resting.plan;
  const bool to_the_limit = options.until || scenario.until;
  const sim::Time limit = origin + longest(scenario, options);
  models::reset_world(world, resting, run);
  if (options.fabric != nullptr) {
    models::fabric::add_resources(*options.fabric, plan);
    world.fabric.engine = options.fabric;
  }
  models::faults::schedule_actions(world, scenario.actions, origin);
  std::optional<StateWatch> watch;
  if (run == options.first_run) watch.emplace(world);
  Pair result;
  if (options.fork_at) {
    run_until(world, std::min(limit, origin + *options.fork_at), watch);
    World other = world;
    models::change_plan(other, *options.fork);
    result.fork = finish(other, run, limit, to_the_limit, watch);
  }
  result.base = finish(world, run, limit, to_the_limit, std::move(watch));
  return result;
}

// ---- summaries ----

double downtime_s(const ReplayRun& run, const Names& names) {
  sim::Duration total;
  for (const ReplayOutage& outage : run.outages) {
    if (outage.service == names.service && outage.sli == names.sli) total += outage.length;
  }
  return seconds(total);
}

/// What all runs come to, one after the other.
class Sums {
 public:
  Sums(const Plan& plan, const loader::Scenario& scenario, const ReplayOptions& options)
      : runs_(static_cast<double>(options.runs)), keep_(options.keep), expectations_(scenario.expectations) {
    for (std::size_t sli = 0; sli < plan.slis.size(); ++sli) {
      const Names names = names_of(plan, static_cast<measurement::SliIndex>(sli));
      played_.outages.emplace_back();
      played_.outages.back().service = names.service;
      played_.outages.back().sli = names.sli;
    }
    lengths_.resize(played_.outages.size());
  }

  void add(ReplayRun run) {
    ++played_.count;
    if (run.actions_without_target > 0) ++played_.runs_without_target;
    add_milestones(run);
    for (std::size_t sli = 0; sli < played_.outages.size(); ++sli) add_outages(run, sli);
    add_losses(run);
    const double usd = run.usd_beyond_health;
    played_.mean_usd_beyond_health += usd / runs_;
    played_.max_usd_beyond_health = played_.count == 1 ? usd : std::max(played_.max_usd_beyond_health, usd);
    expectations_.add(run);
    if (played_.runs.size() < keep_) played_.runs.push_back(std::move(run));
  }

  Played result() {
    for (const auto& [name, sample] : milestones_) played_.milestones.emplace_back(name, sample.spread());
    std::stable_sort(played_.milestones.begin(), played_.milestones.end(),
                     [](const auto& a, const auto& b) { return a.second.mean < b.second.mean; });
    for (std::size_t sli = 0; sli < lengths_.size(); ++sli) {
      if (!lengths_[sli].empty()) played_.outages[sli].length = lengths_[sli].spread();
    }
    for (auto& [key, sum] : losses_) {
      sum.service = key.first;
      sum.rule = key.second;
      played_.losses.push_back(sum);
    }
    played_.expectations = expectations_.results();
    return std::move(played_);
  }

 private:
  using Key = std::pair<std::string, std::string>;

  void add_milestones(const ReplayRun& run) {
    std::map<std::string, sim::Duration> firsts;
    for (const Milestone& milestone : run.milestones) firsts.try_emplace(milestone.name, milestone.at);
    for (const auto& [name, at] : firsts) milestones_[name].add(seconds(at));
  }

  void add_outages(const ReplayRun& run, std::size_t sli) {
    OutageSummary& summary = played_.outages[sli];
    const std::size_t before = summary.outages;
    for (const ReplayOutage& outage : run.outages) {
      if (outage.service != summary.service || outage.sli != summary.sli) continue;
      ++summary.outages;
      if (outage.censored) {
        ++summary.censored;
      } else {
        lengths_[sli].add(seconds(outage.length));
      }
    }
    if (summary.outages == before) ++summary.runs_without;
    summary.mean_downtime_s += downtime_s(run, {summary.service, summary.sli}) / runs_;
  }

  void add_losses(const ReplayRun& run) {
    std::map<Key, double> lost;
    for (const ReplayLoss& loss : run.losses) {
      const Key key{loss.service, loss.rule};
      lost[key] += loss.records();
      losses_[key].max_seconds = std::max(losses_[key].max_seconds, loss.seconds);
    }
    for (const auto& [key, records] : lost) {
      LossSummary& sum = losses_[key];
      ++sum.runs;
      sum.mean_records += records / runs_;
      sum.max_records = std::max(sum.max_records, records);
    }
  }

  double runs_;
  std::size_t keep_;
  Played played_;
  std::map<std::string, Sample> milestones_;
  std::vector<Sample> lengths_;  ///< of outages that ended, by SLI
  std::map<Key, LossSummary> losses_;
  Expectations expectations_;
};

}  // namespace

Histogram histogram_of(const std::vector<double>& sample) {
  constexpr std::size_t most_parts = 40;
  constexpr double minute_s = 60;
  constexpr double two_decades = 100;
  const auto [low, high] = std::minmax_element(sample.begin(), sample.end());
  if (*low == *high) return {{*low, *high}, {sample.size()}};
  std::size_t parts = 1;
  while (parts < most_parts && parts * parts * parts < 8 * sample.size()) ++parts;
  const bool stretched = *high > minute_s && *low > 0 && *high / *low > two_decades;
  Histogram result;
  for (std::size_t i = 0; i <= parts; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(parts);
    result.edges.push_back(stretched ? *low * sim::exp(share * sim::log(*high / *low)) : *low + share * (*high - *low));
  }
  result.edges.front() = *low;
  result.edges.back() = *high;
  result.counts.resize(parts);
  for (const double value : sample) {
    const auto above = std::upper_bound(result.edges.begin() + 1, result.edges.end() - 1, value);
    ++result.counts[static_cast<std::size_t>(above - result.edges.begin()) - 1];
  }
  return result;
}

Spread spread_of(std::vector<double> sample) {
  Spread spread;
  spread.n = sample.size();
  double sum = 0;
  for (const double value : sample) sum += value;
  spread.mean = sum / static_cast<double>(sample.size());
  spread.max = *std::max_element(sample.begin(), sample.end());
  const auto quantile = [&](double q) { return *sim::quantile_estimate(sample, q).value; };
  spread.histogram = histogram_of(sample);
  spread.p5 = quantile(0.05);
  spread.p25 = quantile(0.25);
  spread.p50 = quantile(0.5);
  spread.p75 = quantile(0.75);
  spread.p95 = quantile(0.95);
  return spread;
}

void Sample::add(double value) {
  constexpr std::size_t most_kept = 100'000;
  max_ = count_ == 0 ? value : std::max(max_, value);
  sum_ += value;
  ++count_;
  if (first_.size() < most_kept) first_.push_back(value);
}

Spread Sample::spread() const {
  Spread spread = spread_of(first_);
  spread.n = count_;
  spread.mean = sum_ / static_cast<double>(count_);
  spread.max = max_;
  return spread;
}

Replay replay(const Plan& plan, const loader::Scenario& scenario, const ReplayOptions& options) {
  assert(options.fabric == nullptr || (options.runs == 1 && !options.fork_at));
  Sums base(plan, scenario, options);
  std::optional<Sums> fork;
  if (options.fork_at) fork.emplace(*options.fork, scenario, options);
  std::vector<Sample> differences(plan.slis.size());
  constexpr std::size_t slice = 256;
  std::vector<Pair> pairs;
  const World resting = models::resting_world(plan);
  for (std::size_t first = 0; first < options.runs; first += pairs.size()) {
    pairs.clear();
    pairs.resize(std::min(slice, options.runs - first));
    parallel_for(
        options.threads, pairs.size(), [] { return World{}; },
        [&](World& world, std::size_t index) {
          pairs[index] = play_run(world, resting, scenario, options, options.first_run + first + index);
        });
    if (options.progress) options.progress(first + pairs.size());
    for (Pair& pair : pairs) {
      if (options.each) options.each(pair.base, pair.fork ? &*pair.fork : nullptr);
      for (std::size_t sli = 0; pair.fork && sli < differences.size(); ++sli) {
        const Names names = names_of(plan, static_cast<measurement::SliIndex>(sli));
        differences[sli].add(downtime_s(*pair.fork, names) - downtime_s(pair.base, names));
      }
      base.add(std::move(pair.base));
      if (pair.fork) fork->add(std::move(*pair.fork));
    }
  }
  Replay result;
  result.base = base.result();
  if (!fork) return result;
  result.fork = fork->result();
  for (const Sample& sample : differences) result.differences.push_back(sample.spread());
  return result;
}

Replay replay_incident(const Plan& plan, const IncidentRecipe& recipe) {
  static_assert(origin == incident_start);
  IncidentPlayer player(plan, Resting::of(plan));
  player.set_background(recipe.background);
  std::optional<StateWatch> watch;
  player.set_watch([&](const World& world) {
    if (!watch) watch.emplace(models::initial_world(*world.plan, recipe.run));
    watch->look(world);
  });
  const IncidentRun& run = player.play(recipe.run, recipe.strikes);
  const RunEnd ending = run.censored ? RunEnd::nothing_pending : RunEnd::healthy;
  ReplayRun told = Harvest(player.world(), 0, ending, watch).reap();
  // As long as something was under way it was followed.
  for (ReplayOutage& outage : told.outages) outage.endless = outage.censored;
  const loader::Scenario nothing_expected;
  Sums sums(plan, nothing_expected, {});
  sums.add(std::move(told));
  Replay result;
  result.base = sums.result();
  return result;
}

sim::Duration longest(const loader::Scenario& scenario, const ReplayOptions& options) {
  const std::optional<sim::Duration> until = options.until ? options.until : scenario.until;
  return until.value_or(longest_run);
}

std::optional<std::string> check_fork(const Plan& base, const Plan& other) {
  if (base.components != other.components || base.stream_keys != other.stream_keys) {
    return "the changed topology has other components than the one it forks from; change only what they do";
  }
  for (const models::ServiceId id : base.services.ids()) {
    const models::ServicePlan& service = base.services[id];
    const models::ServicePlan& changed = other.services[id];
    if (service.kind != changed.kind || service.members != changed.members ||
        !service.kind->same_shape(service, changed)) {
      return fmt::format("the changed topology builds {} differently; change only parameters", service.name);
    }
  }
  if (base.structures.requirements != other.structures.requirements)
    return "the changed topology requires other parts for a composite SLI; change only what they do";
  return std::nullopt;
}

}  // namespace nines::experiments
