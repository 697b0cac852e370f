#include "experiments/sweep/shard.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>

#include "experiments/report/text.hpp"

namespace nines::experiments {

namespace {

constexpr std::size_t most_shards = 1'000'000;

/// What a batch system says of this process.
struct Told {
  std::string_view by;  ///< variable
  std::size_t index = 0;
  std::optional<std::size_t> count;
};

using Variable = std::function<std::optional<std::string>(const char*)>;

std::size_t read(const Variable& variable, const char* name, std::optional<std::size_t> absent = {}) {
  const auto text = variable(name);
  if (!text && absent) return *absent;
  const auto value = whole_number(text.value_or(""));
  if (!value)
    throw std::invalid_argument(fmt::format("{}: expected a whole number, got '{}'", name, text.value_or("")));
  return *value;
}

std::optional<Told> slurm(const Variable& variable) {
  if (!variable("SLURM_ARRAY_TASK_ID")) return std::nullopt;
  const std::size_t id = read(variable, "SLURM_ARRAY_TASK_ID");
  const std::size_t first = read(variable, "SLURM_ARRAY_TASK_MIN");
  const std::size_t step = read(variable, "SLURM_ARRAY_TASK_STEP", 1);
  if (id < first || step == 0 || (id - first) % step != 0) {
    throw std::invalid_argument(fmt::format("SLURM_ARRAY_TASK_ID {} is none of {}, {}, ...", id, first, first + step));
  }
  return Told{"SLURM_ARRAY_TASK_ID", (id - first) / step, read(variable, "SLURM_ARRAY_TASK_COUNT")};
}

std::optional<Told> indexed(const Variable& variable, const char* name) {
  if (!variable(name)) return std::nullopt;
  return Told{name, read(variable, name), std::nullopt};
}

Shard checked(Shard shard, std::string_view what) {
  if (shard.count == 0 || shard.count > most_shards || shard.index >= shard.count) {
    throw std::invalid_argument(fmt::format(
        "{}: shard {} of {}: expected an index from 0 to one less than their number", what, shard.index, shard.count));
  }
  return shard;
}

}  // namespace

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto index = whole_number(std::string_view(text).substr(0, slash));
  const auto count = slash == std::string::npos ? std::nullopt : whole_number(std::string_view(text).substr(slash + 1));
  if (!index || !count) {
    throw std::invalid_argument(fmt::format("--shard: expected i/n, such as 0/4 to 3/4, got '{}'", text));
  }
  return checked({*index, *count}, "--shard");
}

std::optional<Shard> find_shard(const std::string& option, std::size_t shards, const Variable& variable) {
  std::optional<Told> told;
  for (const std::optional<Told>& next :
       {slurm(variable), indexed(variable, "JOB_COMPLETION_INDEX"), indexed(variable, "AWS_BATCH_JOB_ARRAY_INDEX")}) {
    if (!next) continue;
    if (told) {
      throw std::invalid_argument(
          fmt::format("{} and {} are both set: say which part this is with --shard i/n", told->by, next->by));
    }
    told = next;
  }
  if (!option.empty()) {
    const Shard shard = parse_shard(option);
    const bool agrees = !told || (told->index == shard.index && told->count.value_or(shard.count) == shard.count);
    if (!agrees || (shards > 0 && shards != shard.count)) {
      throw std::invalid_argument(fmt::format("--shard {} contradicts {}", option,
                                              agrees ? fmt::format("--shards {}", shards) : std::string(told->by)));
    }
    return shard;
  }
  if (!told) {
    if (shards > 0) {
      throw std::invalid_argument(
          "--shards: which of them is this? Say --shard i/n, or run it in a job array (SLURM_ARRAY_TASK_ID, "
          "JOB_COMPLETION_INDEX)");
    }
    return std::nullopt;
  }
  if (!told->count && shards == 0) {
    throw std::invalid_argument(fmt::format("{} is set, but not how many parts there are: add --shards n", told->by));
  }
  if (told->count && shards > 0 && *told->count != shards) {
    throw std::invalid_argument(
        fmt::format("--shards {} contradicts the {} tasks of the job array", shards, *told->count));
  }
  return checked({told->index, told->count.value_or(shards)}, told->by);
}

}  // namespace nines::experiments
