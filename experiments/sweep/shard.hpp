// Which part of a sweep this process does: by option, or as a batch system says.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace nines::experiments {

/// Part number `index` of `count`, from 0.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;
  friend bool operator==(const Shard&, const Shard&) = default;
};

/// "2/7": the third of seven parts. Throws std::invalid_argument.
Shard parse_shard(const std::string& text);

/// The shard that `option` ("i/n", may be empty), the number of shards (0: not given) and the environment name
/// together; nothing if none of them does. Known variables: those of Slurm job arrays (whose indices may start anywhere
/// and have steps), Kubernetes Indexed Jobs and AWS Batch array jobs; the last two do not tell how many there are.
/// Throws std::invalid_argument where they contradict each other or leave the number open.
/// `variable`: value of an environment variable, or nothing.
std::optional<Shard> find_shard(const std::string& option, std::size_t shards,
                                const std::function<std::optional<std::string>(const char*)>& variable);

}  // namespace nines::experiments
