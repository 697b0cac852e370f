// Workers that copy topics of one service to another: MirrorMaker 2 on Connect.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/measurement/spec.hpp"
#include "models/mirror_maker/parameters.hpp"
#include "models/service/spec.hpp"

namespace nines::models::mirror_maker {

enum class SliKind : std::uint8_t {
  copied,   ///< no record that has not been copied is older than a limit
  copying,  ///< every partition is being copied
};
inline constexpr std::array<std::string_view, 2> sli_kind_names{"copied", "copying"};

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::copied;
  Duration limit;  ///< of `copied`
  Duration deadline;
  std::optional<SlaSpec> sla;
};

struct Spec {
  std::string source, target;                ///< services that keep topics
  std::string source_client, target_client;  ///< of these: timings of workers' connections
  std::vector<std::string> topics;           ///< of the source
  std::int64_t tasks_max = 1;                ///< tasks.max
  bool checkpoints = false;                  ///< there is a checkpoint connector
  bool sync_group_offsets = false;           ///< sync.group.offsets.enabled
  double records_per_s = 0;                  ///< that one worker can copy
  Parameters parameters;
  std::vector<SliSpec> slis;
};

/// REQUIRES: the service is of kind mirror_maker.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

}  // namespace nines::models::mirror_maker
