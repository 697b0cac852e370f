#include "experiments/sweep/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <set>

#include "experiments/estimate/parallel.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/loader/profile.hpp"
#include "experiments/report/version.hpp"
#include "experiments/sweep/sampling_json.hpp"

namespace nines::experiments {

namespace {

using Clock = std::chrono::steady_clock;

/// Designs from which the blocks are planned, spread over the points.
constexpr std::size_t most_pilots = 6;
/// Results wait so long, or for so many others, to be written in one go.
constexpr std::chrono::milliseconds longest_wait{200};
constexpr std::size_t most_waiting = 64;
/// On a slow disk longer: writing takes at most one part in so many.
constexpr int least_work_per_write = 20;
/// Randomness of the last estimate.
constexpr std::uint64_t fresh_randomness = 7;

std::string path_of(const loader::Sweep& sweep, const std::string& topology) {
  namespace fs = std::filesystem;
  const fs::path beside = fs::path(sweep.file).parent_path() / topology;
  std::error_code error;
  if (fs::is_regular_file(beside, error)) return beside.string();
  return topology_path(topology);
}

/// Samples go where the first objective that is of an SLI is decided, or else the first requirement.
JointDesign design_of(const loader::Sweep& sweep, const models::Plan& plan) {
  std::string sli;
  const auto look = [&](std::size_t figure) {
    if (sli.empty()) sli = sweep.figures[figure].sli;
  };
  for (const loader::SweepObjective& objective : sweep.objectives) look(objective.figure);
  for (const loader::SweepRequirement& requirement : sweep.require) look(requirement.figure);
  return {&plan, sli_named(plan, sli).value_or(0)};
}

/// The last estimate takes as many blocks as the point had at most.
int confirmed_as(const std::set<std::pair<std::size_t, int>>& played, std::size_t point) {
  int last = 2;
  for (auto at = played.lower_bound({point, 0}); at != played.end() && at->first == point; ++at) {
    if (at->second != confirmation_rung) last = std::max(last, at->second);
  }
  return last;
}

/// REQUIRES: plan_blocks.
JointSampling sampling_of(SweepStore& store) { return sampling_from(store.get("sampling").value_or("")); }

/// Puts results into the store, several in one transaction.
class Writer {
 public:
  Writer(SweepStore& store, std::function<void(std::size_t)> written) : store_(store), written_(std::move(written)) {}
  ~Writer() = default;
  Writer(const Writer&) = delete;

  void add(PointRecord record, std::optional<PointResult> result) {
    const std::lock_guard lock(guard_);
    waiting_.emplace_back(std::move(record), std::move(result));
    if (waiting_.size() >= most_waiting || Clock::now() - last_ >= wait_) flush();
  }
  void finish() {
    const std::lock_guard lock(guard_);
    flush();
  }

 private:
  void flush() {
    const auto begin = Clock::now();
    store_.add(waiting_);
    total_ += waiting_.size();
    waiting_.clear();
    last_ = Clock::now();
    wait_ = std::max<Clock::duration>(longest_wait, least_work_per_write * (last_ - begin));
    if (written_) written_(total_);
  }

  SweepStore& store_;
  std::function<void(std::size_t)> written_;
  std::mutex guard_;
  std::vector<std::pair<PointRecord, std::optional<PointResult>>> waiting_;
  Clock::time_point last_ = Clock::now();
  Clock::duration wait_ = longest_wait;
  std::size_t total_ = 0;
};

}  // namespace

SweepRunner::SweepRunner(const loader::Sweep& sweep, const SweepOptions& options)
    : sweep_(sweep), options_(options), points_(enumerate_points(sweep, options.common.seed)) {
  if (points_.empty()) {
    throw loader::InputError({loader::Problem{sweep.file, 0, 0, "/where", "no point satisfies all conditions."}});
  }
  loader::LoadOptions load;
  load.profile = options.common.profile;
  load.prices = options.common.prices;
  std::uint64_t hash = sim::fnv1a(loader::ProfileSet(load).hash());
  for (const SweepPoint& point : points_) {
    const auto [entry, fresh] = paths_.emplace(point.topology, "");
    if (!fresh) continue;
    try {
      entry->second = path_of(sweep, point.topology);
    } catch (const loader::InputError& error) {
      const loader::Problem& problem = error.problems().front();
      throw loader::InputError(
          {loader::Problem{sweep.file, 0, 0, "", fmt::format("topology '{}': {}", problem.file, problem.message)}});
    }
    hash = sim::fnv1a(loader::Document::read(entry->second).hash(), hash);
  }
  identity_.version = version();
  identity_.build = build();
  identity_.sweep_hash = sweep.hash;
  identity_.inputs_hash = fmt::format("{:016x}", hash);
  identity_.seed = options.common.seed;
  identity_.options = fmt::format("without=[{}] racing={}", fmt::join(options.common.without_faults, ","),
                                  options.racing ? "yes" : "no");
}

Input SweepRunner::load(const SweepPoint& point) const {
  try {
    return load_input(paths_.at(point.topology), point.sets, options_.common);
  } catch (const loader::ImpossibleInput&) {
    throw;
  } catch (const loader::InputError& error) {
    std::vector<loader::Problem> problems = error.problems();
    for (loader::Problem& problem : problems) {
      problem = {sweep_.file, 0, 0, problem.pointer,
                 fmt::format("{} (in {}, point {}: {})", problem.message, point.topology, point.index,
                             settings_text(sweep_, point))};
    }
    throw loader::InputError(std::move(problems));
  }
}

std::vector<std::size_t> SweepRunner::first_points() const {
  std::set<std::pair<std::size_t, std::string>> seen;
  std::vector<std::size_t> first;
  constexpr std::size_t most_checked = 200;
  for (const SweepPoint& point : points_) {
    bool fresh = false;
    for (std::size_t i = 0; i < point.labels.size(); ++i) {
      if (!sweep_.parameters[i].range || seen.empty()) fresh = seen.emplace(i, point.labels[i]).second || fresh;
    }
    if (fresh && first.size() < most_checked) first.push_back(point.index);
  }
  return first;
}

SweepBoundary SweepRunner::boundary() const {
  const std::vector<std::size_t> points = first_points();
  std::vector<std::optional<Input>> inputs(points.size());
  parallel_for(options_.common.threads, points.size(), [&](std::size_t i) {
    try {
      inputs[i].emplace(load(points_[points[i]]));
    } catch (const loader::ImpossibleInput&) {
    }
  });
  SweepBoundary boundary;
  std::vector<const models::Plan*> plans;
  for (const std::optional<Input>& input : inputs) {
    if (!input) continue;
    plans.push_back(&input->plan);
    for (const std::string& warning : input->loaded.warnings) {
      if (std::find(boundary.warnings.begin(), boundary.warnings.end(), warning) == boundary.warnings.end())
        boundary.warnings.push_back(warning);
    }
  }
  boundary.left_out = left_out(plans);
  return boundary;
}

void SweepRunner::check() const {
  const std::vector<std::size_t> first = first_points();
  std::atomic<std::size_t> possible{0};
  std::optional<loader::ImpossibleInput> trouble;
  std::mutex guard;
  parallel_for(options_.common.threads, first.size(), [&](std::size_t i) {
    try {
      const Input input = load(points_[first[i]]);
      ++possible;
      for (const loader::FigureSpec& figure : sweep_.figures) {
        if (const auto wrong = check_figure(input.plan, figure)) {
          throw loader::InputError({loader::Problem{sweep_.file, 0, 0, "", *wrong}});
        }
      }
      if (input.plan.faults.empty()) {
        throw loader::InputError({loader::Problem{sweep_.file, 0, 0, "", "nothing can fail: every fault rate is 0."}});
      }
    } catch (const loader::ImpossibleInput& error) {
      const std::lock_guard lock(guard);
      if (!trouble || i == 0) trouble = error;
    }
  });
  if (possible == 0 && trouble && first.size() == points_.size()) throw loader::InputError(*trouble);
}

// ---- blocks ----

void SweepRunner::plan_blocks(SweepStore& store) const {
  if (store.get("sampling")) return;
  std::vector<Input> inputs;
  std::vector<JointDesign> designs;
  std::set<std::size_t> tried;
  const std::size_t wanted = std::min(most_pilots, points_.size());
  for (std::size_t i = 0; i < wanted; ++i) {
    // From evenly spread points the next one that can exist.
    for (std::size_t at = i * points_.size() / wanted; at < points_.size(); ++at) {
      if (!tried.insert(at).second) continue;
      try {
        inputs.push_back(load(points_[at]));
        break;
      } catch (const loader::ImpossibleInput&) {
      }
    }
  }
  if (inputs.empty()) throw loader::InputError({loader::Problem{sweep_.file, 0, 0, "", "no point can exist."}});
  for (const Input& input : inputs) designs.push_back(design_of(sweep_, input.plan));
  JointOptions joint;
  joint.threads = options_.common.threads;
  // Until it is known that some design keeps what is required, it puts no other out.
  joint.bounds = std::ranges::any_of(sweep_.require, [&](const loader::SweepRequirement& requirement) {
    return sweep_.figures[requirement.figure].kind == loader::FigureKind::breach_probability;
  });
  store.set("sampling", sampling_text(sample_alike(designs, joint)));
}

PointResult SweepRunner::play(const Input& input, const JointSampling& sampling, std::size_t point, const Rung& rung,
                              int number) const {
  const auto begin = Clock::now();
  for (const loader::FigureSpec& figure : sweep_.figures) {
    if (const auto wrong = check_figure(input.plan, figure)) {
      throw loader::InputError({loader::Problem{sweep_.file, 0, 0, "", *wrong}});
    }
  }
  const DesignSampling blocks(design_of(sweep_, input.plan), sampling, Forcing::balanced,
                              number == confirmation_rung ? fresh_randomness : 0);
  PlayedBlocks played;
  blocks.extend(played, rung.blocks, 1);
  PointResult result;
  result.point = point;
  result.rung = number;
  result.blocks = rung.blocks;
  result.figures = measure(input.plan, blocks, played, sweep_.figures, rung.batches);
  result.incidents = played.runs();
  result.events = played.events();
  result.wall_s = std::chrono::duration<double>(Clock::now() - begin).count();
  return result;
}

std::size_t SweepRunner::play(SweepStore& store, const Work& work) const {
  const JointSampling sampling = sampling_of(store);
  std::vector<Rung> rungs;
  for (const std::size_t point : work.points) {
    rungs.push_back(rung_at(work.rung == confirmation_rung ? work.as_many_as.at(point) : work.rung));
  }
  Writer writer(store, [&](std::size_t written) {
    if (options_.progress)
      options_.progress({work.rung, work.all.size() - work.points.size() + written, work.all.size()});
  });
  parallel_for(options_.common.threads, work.points.size(), [&](std::size_t i) {
    const SweepPoint& point = points_[work.points[i]];
    PointRecord record{point.index, point.topology, "", "", ""};
    try {
      const Input input = load(point);
      record.input_hash = input.loaded.input_hash;
      record.profile_hash = input.loaded.profile_hash;
      writer.add(record, play(input, sampling, point.index, rungs[i], work.rung));
    } catch (const loader::ImpossibleInput& error) {
      record.problem = error.problems().front().message;
      writer.add(record, std::nullopt);
    }
  });
  writer.finish();
  return work.points.size();
}

PointResult SweepRunner::remake(SweepStore& store, std::size_t point, int rung) const {
  const JointSampling sampling = sampling_of(store);
  const int blocks = rung == confirmation_rung ? confirmed_as(store.played(), point) : rung;
  return play(load(points_[point]), sampling, point, rung_at(blocks), rung);
}

// ---- rungs ----

std::vector<std::vector<Contender>> SweepRunner::contenders(
    const std::map<std::pair<std::size_t, int>, PointResult>& results, const std::map<std::size_t, Decision>& decisions,
    int rungs) const {
  std::map<std::string, std::vector<Contender>> races;
  for (const auto& [key, played] : results) {
    const auto& [point, rung] = key;
    if (rung >= rungs) continue;
    const auto decided = decisions.find(point);
    if (decided != decisions.end() && (decided->second.fate == Fate::misses || decided->second.fate == Fate::beaten)) {
      continue;
    }
    std::vector<Contender>& race = races[given_of(sweep_, points_[point])];
    if (race.empty() || race.back().point != point) race.push_back({point, {}});
    race.back().results.push_back(&played);
  }
  std::vector<std::vector<Contender>> result;
  for (auto& [given, race] : races) result.push_back(std::move(race));
  return result;
}

Work SweepRunner::advance(SweepStore& store) const {
  const double incidents_of_a_block = JointOptions().incidents_of_a_block;
  const int last = last_rung(sweep_, incidents_of_a_block);
  for (;;) {
    const int rung = store.decided_rungs();
    const auto decisions = store.decisions();
    const auto played = store.played();
    const auto records = store.records();
    Work work;
    work.rung = rung;
    if (rung == 0) {
      for (const SweepPoint& point : points_) {
        work.all.push_back(point.index);
        if (!records.contains(point.index)) work.points.push_back(point.index);
      }
    } else {
      for (const auto& [point, decision] : decisions) {
        if (decision.fate != Fate::open) continue;
        work.all.push_back(point);
        if (!played.contains({point, rung})) work.points.push_back(point);
      }
    }
    if (!work.points.empty()) return work;
    if (rung > 0 && work.all.empty()) break;
    const auto results = store.results();
    std::vector<Decision> made;
    for (const std::vector<Contender>& race : contenders(results, decisions, rung + 1)) {
      const auto of_race = decide(sweep_, points_.size(), rung, rung == last, race, options_.racing);
      made.insert(made.end(), of_race.begin(), of_race.end());
    }
    store.add(made, rung);
  }
  const auto results = store.results();
  Ranking ranking;
  for (const std::vector<Contender>& race : contenders(results, store.decisions(), store.decided_rungs())) {
    const Ranking of_race = rank(sweep_, race);
    ranking.standings.insert(ranking.standings.end(), of_race.standings.begin(), of_race.standings.end());
    ranking.front.insert(ranking.front.end(), of_race.front.begin(), of_race.front.end());
  }
  store.add(ranking);
  Work work;
  work.rung = confirmation_rung;
  work.all = ranking.front;
  std::sort(work.all.begin(), work.all.end());
  const auto played = store.played();
  for (const std::size_t point : work.all) {
    if (played.contains({point, confirmation_rung})) continue;
    work.points.push_back(point);
    work.as_many_as[point] = confirmed_as(played, point);
  }
  if (work.points.empty()) store.set("complete", "yes");
  return work;
}

void SweepRunner::rank_so_far(SweepStore& store) const {
  Ranking ranking;
  // A rung that is half played tells nothing of those that it has not reached.
  const int rungs = std::max(1, store.decided_rungs());
  const auto results = store.results();
  for (const std::vector<Contender>& race : contenders(results, store.decisions(), rungs)) {
    const Ranking of_race = rank(sweep_, race);
    ranking.standings.insert(ranking.standings.end(), of_race.standings.begin(), of_race.standings.end());
  }
  store.add(ranking);
}

std::string SweepRunner::topology_of(const SweepPoint& point) const {
  const std::string& path = paths_.at(point.topology);
  try {
    if (topology_path(point.topology) == path) return point.topology;
  } catch (const loader::InputError&) {
    // It lies beside the sweep's file.
  }
  return path;
}

std::size_t Work::shard_of(std::size_t point, std::size_t count) const {
  return static_cast<std::size_t>(std::lower_bound(all.begin(), all.end(), point) - all.begin()) % count;
}

Work SweepRunner::part_of(const Work& work, const Shard& shard) {
  Work part = work;
  const auto elsewhere = [&](std::size_t point) { return work.shard_of(point, shard.count) != shard.index; };
  std::erase_if(part.points, elsewhere);
  std::erase_if(part.all, elsewhere);
  return part;
}

}  // namespace nines::experiments
