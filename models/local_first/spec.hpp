// Workers that keep what they have done in a local SQLite file, and send it to a central service later.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/local_first/parameters.hpp"
#include "models/measurement/spec.hpp"
#include "models/service/spec.hpp"

namespace nines::models::local_first {

/// SQLite's PRAGMA synchronous in WAL mode: `normal` makes commits durable at checkpoints, `full` each of them.
enum class Synchronous : std::uint8_t { normal, full };
inline constexpr std::array<std::string_view, 2> synchronous_names{"normal", "full"};

enum class SliKind : std::uint8_t {
  accept,  ///< some worker takes work
  synced,  ///< no row that has not been sent is older than a limit
};
inline constexpr std::array<std::string_view, 2> sli_kind_names{"accept", "synced"};

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::accept;
  Duration limit;  ///< of `synced`
  Duration deadline;
  std::optional<SlaSpec> sla;
};

struct Spec {
  std::string upstream;  ///< the service that rows are sent to
  Synchronous synchronous = Synchronous::normal;
  Parameters parameters;
  double rows_per_s = 0;  ///< of all workers: those that take work share it
  Bytes row_size;         ///< in the file
  Bytes room;             ///< that a worker's file may take; 0: its volume, or no limit
  std::vector<SliSpec> slis;
};

/// REQUIRES: the service is of kind local_first.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

}  // namespace nines::models::local_first
