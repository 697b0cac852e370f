#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "experiments/command/commands.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/output.hpp"
#include "experiments/report/text.hpp"
#include "experiments/sweep/sweep_output.hpp"

namespace nines::experiments {

namespace {

namespace fs = std::filesystem;

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

std::string stem_of(const std::string& results) {
  constexpr std::string_view suffix = ".sqlite";
  return results.ends_with(suffix) ? results.substr(0, results.size() - suffix.size()) : results;
}

std::string rung_name(int rung) { return rung == confirmation_rung ? "confirmation" : fmt::format("rung {}", rung); }

/// "kafka-storage.rung-1.shard-2-of-7.sqlite"
std::string shard_path(const std::string& results, int rung, const Shard& shard) {
  return fmt::format("{}.rung-{}.shard-{}-of-{}.sqlite", stem_of(results), rung, shard.index, shard.count);
}

/// Files of shards of a rung that lie beside the results file.
std::vector<std::string> shard_files(const std::string& results, int rung) {
  const fs::path stem(stem_of(results));
  const std::string begin = fmt::format("{}.rung-{}.shard-", stem.filename().string(), rung);
  std::vector<std::string> files;
  std::error_code error;
  const fs::path directory = stem.has_parent_path() ? stem.parent_path() : fs::path(".");
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with(begin) && name.ends_with(".sqlite")) files.push_back(at->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Which shard a file holds, by its name; nothing if that does not tell, or if it is of another rung.
std::optional<Shard> shard_of(const std::string& file, int rung) {
  const std::string name = fs::path(file).filename().string();
  const std::string sign = fmt::format(".rung-{}.shard-", rung);
  const std::size_t at = name.rfind(sign);
  Shard shard;
  int end = 0;
  if (at == std::string::npos) return std::nullopt;
  const char* rest = name.c_str() + at + sign.size();
  if (std::sscanf(rest, "%zu-of-%zu.sqlite%n", &shard.index, &shard.count, &end) != 2) return std::nullopt;
  return rest[end] == '\0' && shard.index < shard.count ? std::optional(shard) : std::nullopt;
}

std::string listed(const std::set<std::size_t>& numbers) {
  constexpr std::size_t most = 20;
  std::vector<std::size_t> first(numbers.begin(), numbers.end());
  if (first.size() > most) first.resize(most);
  return fmt::format("{}{}", fmt::join(first, ", "), numbers.size() > most ? ", ..." : "");
}

/// "shards 2, 5 of 7", "shard 3 of 7"
std::string shards_text(const std::set<std::size_t>& indices, std::size_t count) {
  return fmt::format("{} {} of {}", indices.size() == 1 ? "shard" : "shards", listed(indices), count);
}

/// Which shards the missing designs are of, if some of the rung are there; empty if none is.
std::string missing_text(const Work& work, const std::vector<std::string>& files) {
  std::set<std::size_t> counts;
  std::set<std::size_t> there;
  for (const std::string& file : files) {
    const auto shard = shard_of(file, work.rung);
    if (!shard) continue;
    counts.insert(shard->count);
    there.insert(shard->index);
  }
  if (counts.empty()) return "";
  std::string text = fmt::format("; designs {}", listed({work.points.begin(), work.points.end()}));
  if (counts.size() > 1) return text;
  const std::size_t count = *counts.begin();
  std::set<std::size_t> missing;
  std::set<std::size_t> unfinished;
  for (const std::size_t point : work.points) {
    const std::size_t shard = work.shard_of(point, count);
    (there.contains(shard) ? unfinished : missing).insert(shard);
  }
  const auto are = [](const auto& set) { return set.size() == 1 ? "is" : "are"; };
  if (!missing.empty()) text += fmt::format("; {} {} missing", shards_text(missing, count), are(missing));
  if (!unfinished.empty()) text += fmt::format("; {} {} unfinished", shards_text(unfinished, count), are(unfinished));
  return text;
}

/// One line on standard error.
template <class... Values>
void say(fmt::format_string<Values...> format, Values&&... values) {
  write_message(escape::visible(fmt::format(format, std::forward<Values>(values)...)));
}

class SweepCommandRun {
 public:
  SweepCommandRun(const SweepCommand& command, const loader::Sweep& sweep)
      : command_(command),
        sweep_(sweep),
        progress_(!command.common.quiet),
        runner_(sweep, options()),
        results_(command.results.empty() ? sweep.name + ".sqlite" : command.results) {}

  int run() {
    check_outputs();
    if (command_.common.dry_run) return dry();
    if (command_.point) return remake();
    if (command_.show) return show();
    if (command_.merge) return merge();
    const auto shard = find_shard(command_.shard, command_.shards, environment);
    return shard ? play_shard(*shard) : play_all();
  }

 private:
  /// What cannot be written is refused before anything is played for it.
  void check_outputs() const {
    check_output(command_.common.output);
    check_output(command_.plot);
    if (!fs::exists(results_)) check_output(results_);
    if (!command_.plot.empty() && sweep_.objectives.size() < 2)
      throw std::invalid_argument("--plot needs a sweep with two objectives: this one has a single one");
  }

  [[nodiscard]] SweepOptions options() {
    SweepOptions options;
    options.common = command_.common;
    options.racing = command_.racing;
    options.progress = [this](const SweepProgress& at) {
      progress_.show(Advance{rung_name(at.rung), static_cast<double>(at.done), static_cast<double>(at.points), false,
                             "designs", ""});
    };
    return options;
  }

  int dry() {
    runner_.check();
    show_warnings(boundary().warnings);
    write_text(command_.common.output,
               fmt::format("{}: valid. {} in {}; results would go to {}, seed {}.\n", sweep_.name,
                           counted(runner_.points().size(), "design"), counted(sweep_.parameters.size(), "parameter"),
                           escape::visible(results_), command_.common.seed));
    return exit_code::done;
  }

  /// Read once: it takes up to 200 designs.
  const SweepBoundary& boundary() {
    if (boundary_) return *boundary_;
    boundary_ = runner_.boundary();
    if (command_.common.check && sweep_.require.empty())
      boundary_->warnings.push_back(option_warning(
          "--check", "the sweep requires nothing: it passes if any design can exist. Give it a 'require'."));
    if (command_.rung && !command_.point)
      boundary_->warnings.push_back(option_warning("--rung", "this acts with --point only."));
    return *boundary_;
  }

  [[nodiscard]] SweepStore open(const std::string& path) const {
    return {path, sweep_, runner_.identity(), runner_.points()};
  }

  /// What an interrupted run leaves.
  [[nodiscard]] std::string kept(const std::string& file) const {
    return fmt::format(
        "nines: interrupted. {} keeps the designs that were played. The same command goes on from there; what is known "
        "so far: nines sweep {} --results {} --show",
        file, escape::shell(command_.sweep), escape::shell(results_));
  }

  /// A look at what is there, by a copy in memory: another process may be playing.
  int show() {
    const bool there = fs::exists(results_);
    std::vector<std::string> shards;
    for (int rung = 0; rung < most_rungs; ++rung) {
      const auto of_rung = shard_files(results_, rung);
      shards.insert(shards.end(), of_rung.begin(), of_rung.end());
    }
    const auto of_last = shard_files(results_, confirmation_rung);
    shards.insert(shards.end(), of_last.begin(), of_last.end());
    if (!there && shards.empty()) {
      throw std::invalid_argument(
          fmt::format("--show: there is no {} yet. Begin with: nines sweep {}", results_, command_.sweep));
    }
    SweepStore store = there ? SweepStore::copy_of(results_, sweep_, runner_.identity(), runner_.points())
                             : SweepStore::in_memory(results_, sweep_, runner_.identity(), runner_.points());
    for (const std::string& file : shards) store.merge(file);
    const Work work = runner_.advance(store);
    if (!work.complete() && work.rung != confirmation_rung) runner_.rank_so_far(store);
    return report(store, 0, store.played().size(), &work);
  }

  int play_all() {
    const bool fresh = !fs::exists(results_);
    if (fresh) runner_.check();
    show_warnings(boundary().warnings);
    const Interruptible interruptible(kept(results_));
    SweepStore store = open(results_);
    const std::size_t before = store.played().size();
    progress_.show("planning ...");
    runner_.plan_blocks(store);
    for (Work work = runner_.advance(store); !work.complete(); work = runner_.advance(store)) {
      runner_.play(store, work);
    }
    return report(store, store.played().size() - before, before);
  }

  /// Shards read what was decided so far and write files of their own; many of them at once, so that the results file
  /// is left as it is.
  int play_shard(const Shard& shard) {
    Work work;
    std::string sampling;
    if (fs::exists(results_)) {
      SweepStore store = SweepStore::copy_of(results_, sweep_, runner_.identity(), runner_.points());
      work = runner_.advance(store);
      sampling = store.get("sampling").value_or("");
      if (work.complete()) {
        say("{}: complete, nothing to do", results_);
        return exit_code::done;
      }
    } else {
      if (shard.index == 0) runner_.check();
      work.points.resize(runner_.points().size());
      for (std::size_t i = 0; i < work.points.size(); ++i) work.points[i] = i;
      work.all = work.points;
    }
    const std::string path = shard_path(results_, work.rung, shard);
    const Interruptible interruptible(kept(path));
    SweepStore mine = open(path);
    if (!sampling.empty()) mine.set("sampling", sampling);
    runner_.plan_blocks(mine);
    Work part = SweepRunner::part_of(work, shard);
    const std::size_t wanted = part.points.size();
    const auto there = mine.records();
    const auto played = mine.played();
    std::erase_if(part.points, [&](std::size_t point) {
      const auto record = there.find(point);
      return played.contains({point, work.rung}) || (record != there.end() && !record->second.problem.empty());
    });
    const std::size_t reused = wanted - part.points.size();
    const std::size_t computed = runner_.play(mine, part);
    progress_.clear();
    mine.set("shard", fmt::format("{}/{} of {}", shard.index, shard.count, rung_name(work.rung)));
    mine.set("shard_complete", "yes");
    say("{}: {}, shard {}/{}: {} computed, {} reused", path, rung_name(work.rung), shard.index, shard.count, computed,
        reused);
    return exit_code::done;
  }

  int merge() {
    // What is missing depends on what was taken before, rung by rung.
    std::vector<std::string> files = *command_.merge;
    const bool found_here = files.empty();
    if (found_here && !fs::exists(results_) && shard_files(results_, 0).empty()) {
      runner_.check();
      say("{}: no shards yet; {}: {} designs are to be played", results_, rung_name(0), runner_.points().size());
      return exit_code::inconclusive;
    }
    SweepStore store = open(results_);
    std::size_t taken = 0;
    const std::size_t before = store.played().size();
    Work work;
    for (std::set<int> looked;;) {
      if (found_here) files = shard_files(results_, store.get("sampling") ? work.rung : 0);
      for (const std::string& file : files) {
        if (file != results_) taken += store.merge(file);
      }
      work = runner_.advance(store);
      if (work.complete() || !found_here || !looked.insert(work.rung).second) break;
    }
    if (work.complete()) return report(store, 0, before + taken);
    say("{}: {} results taken over; {}: {} of {} designs are still to be played{}", results_, taken,
        rung_name(work.rung), work.points.size(), work.all.size(), missing_text(work, files));
    return exit_code::inconclusive;
  }

  /// One point again, by itself; beside it what the results file holds.
  int remake() {
    if (*command_.point >= runner_.points().size()) {
      throw std::invalid_argument(
          fmt::format("--point {}: the sweep has points 0 to {}", *command_.point, runner_.points().size() - 1));
    }
    SweepStore store = open(results_);
    runner_.plan_blocks(store);
    const auto results = store.results();
    int rung = command_.rung.value_or(0);
    if (!command_.rung) {
      for (const auto& [key, result] : results) {
        if (key.first == *command_.point && key.second != confirmation_rung) rung = std::max(rung, key.second);
      }
    }
    if (rung < 0 || (rung >= most_rungs && rung != confirmation_rung)) {
      throw std::invalid_argument(
          fmt::format("--rung: expected 0 to {}, or {} for the last estimate", most_rungs - 1, confirmation_rung));
    }
    const PointResult again = runner_.remake(store, *command_.point, rung);
    const SweepPoint& point = runner_.points()[*command_.point];
    Json json = point_json(sweep_, point, again);
    const auto stored = results.find({*command_.point, rung});
    if (stored != results.end()) json["as_stored"] = point_json(sweep_, point, stored->second) == json;
    progress_.clear();
    write_output(command_.common.output, json_text(json));
    return json.value("as_stored", true) ? exit_code::done : exit_code::missed;
  }

  /// `ahead`: what is still to be played, if the sweep is looked at before its end.
  int report(SweepStore& store, std::size_t computed, std::size_t reused, const Work* ahead = nullptr) {
    SweepReport report(sweep_, runner_.points(), runner_.identity(), store);
    if (ahead != nullptr && !ahead->complete()) {
      report.ahead = {rung_name(ahead->rung), ahead->all.size() - ahead->points.size(), ahead->all.size()};
    }
    report.computed = computed;
    report.reused = reused;
    report.boundary = boundary();
    report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    progress_.clear();
    if (!command_.plot.empty()) write_output(command_.plot, sweep_svg(report));
    const std::string& format = command_.common.format;
    write_result(command_.common, format == "json"  ? json_text(sweep_json(report))
                                  : format == "csv" ? sweep_csv(report)
                                                    : sweep_text(report) + next_text(report));
    if (!command_.common.quiet) {
      write_message(fmt::format("{} computed, {} reused; {:.1f} s ({:.1f} s of processor time for all results)",
                                counted(report.computed, "result"), report.reused, report.wall_s, report.played_s));
    }
    if (!command_.common.check) return exit_code::done;
    const bool won = std::all_of(report.races.begin(), report.races.end(),
                                 [](const SweepReport::Race& race) { return !race.front.empty(); });
    if (won) return exit_code::done;
    const bool open =
        std::any_of(report.rows.begin(), report.rows.end(), [](const auto& row) { return row.status == "unresolved"; });
    return open ? exit_code::inconclusive : exit_code::missed;
  }

  /// Not complete: the same again. A design that won: by itself, whatever the inputs are. None: how far they are off.
  [[nodiscard]] std::string next_text(const SweepReport& report) const {
    CommonOptions inputs = command_.common;
    std::vector<std::string> words = command_words("sweep", {command_.sweep}, inputs);
    if (!command_.results.empty()) words.insert(words.end(), {"--results", command_.results});
    if (!report.complete) return "\n" + command_text("Next: ", words);
    for (const SweepReport::Race& race : report.races) {
      if (race.front.empty()) continue;
      const SweepReport::Row& best = report.rows[race.front.front()];
      for (const loader::Override& set : best.point->sets) inputs.sets.push_back(set.pointer + "=" + set.value);
      return fmt::format("\nPoint {} by itself, whatever the inputs are:\n", best.point->index) +
             command_text("Next: ", command_words("assess", {runner_.topology_of(*best.point)}, inputs));
    }
    words.insert(words.end(), {"--format", "csv"});
    return "\nHow far each design is from what is required:\n" + command_text("Next: ", words);
  }

  const SweepCommand& command_;
  const loader::Sweep& sweep_;
  Progress progress_;
  SweepRunner runner_;
  std::string results_;
  std::optional<SweepBoundary> boundary_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

int run_sweep(const SweepCommand& command) {
  const loader::Sweep sweep = loader::load_sweep(sweep_path(command.sweep));
  return SweepCommandRun(command, sweep).run();
}

}  // namespace nines::experiments
