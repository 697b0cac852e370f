// A CronJob as a topology file says it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/cronjob/parameters.hpp"
#include "models/measurement/spec.hpp"
#include "models/service/spec.hpp"

namespace nines::models::cronjob {

/// What becomes of a run whose turn comes while the last one goes on (concurrencyPolicy).
enum class Concurrency : std::uint8_t { allow, forbid, replace };
inline constexpr std::array<std::string_view, 3> concurrency_names{"Allow", "Forbid", "Replace"};

enum class RestartPolicy : std::uint8_t { on_failure, never };
inline constexpr std::array<std::string_view, 2> restart_names{"OnFailure", "Never"};

/// It holds while the last success is no older.
struct SliSpec {
  std::string name;
  Duration max_age;
  Duration deadline;
  std::optional<SlaSpec> sla;
};

struct Spec {
  std::string schedule;
  Duration period;  ///< between two starts, as the schedule says
  Concurrency concurrency = Concurrency::allow;
  std::int64_t concurrent = 3;  ///< runs beside each other that there are places for, with `allow`
  Duration starting_deadline;   ///< a start that is later is missed (startingDeadlineSeconds); zero: none is
  RestartPolicy restart = RestartPolicy::on_failure;
  std::int64_t completions = 1;
  std::int64_t backoff_limit = -1;  ///< below 0: as the parameter job.backoff_limit
  Duration active_deadline;         ///< zero: none
  std::string claim;                ///< the process whose volume its pods mount
  bool beside_claim = false;
  std::vector<std::string> needs;  ///< services that have to answer when a pod starts
  bool credentials = false;        ///< and its pods need temporary credentials of the region's token service
  Parameters parameters;
  std::vector<SliSpec> slis;
};

/// REQUIRES: the service is a CronJob.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

/// The time between two starts by a schedule in the notation of cron(5); zero if they are not evenly apart, or it is
/// none. Known: a number, `*` and `*/n` (n divides 60 or 24) for minute and hour, `*` for days and months, a number or
/// `*` for the day of the week, and @hourly, @daily, @midnight, @weekly.
Duration period_of(std::string_view schedule);

}  // namespace nines::models::cronjob
