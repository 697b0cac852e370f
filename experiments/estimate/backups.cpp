#include "experiments/estimate/backups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/report/text.hpp"
#include "sim/math.hpp"

namespace nines::experiments {

namespace {

/// That many of them fail. REQUIRES: times >= 1.
double all_fail(double fails, double times) { return fails <= 0 ? 0 : sim::pow(fails, times); }

/// Mean of the geometric law of attempts, cut off after `most` of them: failures before a success, given one.
/// REQUIRES: fails < 1.
double mean_failures(double fails, double most) {
  const double none = all_fail(fails, most);
  return fails / (1 - fails) - most * none / (1 - none);
}

}  // namespace

BackupWorth worth_of(const models::Topology& topology, const models::BackupSpec& backup) {
  const auto& p = topology.changes;
  BackupWorth worth;
  worth.backup = &backup;
  worth.mean_rto_s = topology.people.notice_command.moments()[0] + p.restore_work.moments()[0];
  if (backup.every <= models::Duration()) return worth;
  const double fails = backup.tested ? p.restore_failure_tested : p.restore_failure;
  const double period = seconds(backup.every);
  const double periods = seconds(backup.retention) / period;
  const double kept = std::floor(periods);
  // The newest backup from before the damage is up to a period old by then.
  worth.too_late = 0;
  constexpr int ages = 64;
  for (int i = 0; i < ages; ++i)
    worth.too_late += p.corruption_notice.survival(std::max(
                          models::Duration(), backup.retention - sim::scaled(backup.every, (i + 0.5) / ages))) /
                      ages;
  if (fails >= 1) return worth;  // none can ever be restored
  worth.nothing_left = all_fail(fails, kept) * (1 - (periods - kept) * (1 - fails));
  worth.mean_rpo_s = period * (0.5 + mean_failures(fails, kept));
  const double attempts = (1 - worth.nothing_left) / (1 - fails);
  worth.mean_rto_s += attempts * backup.size.count / p.restore_rate.bytes_per_s;
  return worth;
}

std::string backups_text(const models::Topology& topology) {
  using Align = TextTable::Align;
  if (topology.backups.empty()) return "";
  TextTable table(
      {"service", "backup every", "kept for", "writes lost", "restored after", "nothing left", "noticed too late"},
      {Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right});
  for (const models::BackupSpec& backup : topology.backups) {
    const BackupWorth worth = worth_of(topology, backup);
    if (!worth.mean_rpo_s) {
      table.add({backup.service, "never", "-", "all", "-", "100 %", "100 %"});
      continue;
    }
    table.add({backup.service, duration_text(seconds(backup.every)), duration_text(seconds(backup.retention)),
               duration_text(*worth.mean_rpo_s), duration_text(worth.mean_rto_s), percent_text(worth.nothing_left, 2),
               percent_text(worth.too_late, 2)});
  }
  return "\nBackups against people, means (replicas, mirrors and later snapshots keep what was done to the data)\n" +
         table.text();
}

Json backups_json(const models::Topology& topology) {
  Json rows = Json::array();
  for (const models::BackupSpec& backup : topology.backups) {
    const BackupWorth worth = worth_of(topology, backup);
    const bool any = worth.mean_rpo_s.has_value();
    rows.push_back({{"service", backup.service},
                    {"every_s", any ? Json(seconds(backup.every)) : Json(nullptr)},
                    {"retention_s", any ? Json(seconds(backup.retention)) : Json(nullptr)},
                    {"tested", backup.tested},
                    {"mean_rpo_s", any ? Json(*worth.mean_rpo_s) : Json(nullptr)},
                    {"mean_rto_s", any ? Json(worth.mean_rto_s) : Json(nullptr)},
                    {"nothing_left_probability", worth.nothing_left},
                    {"too_late_probability", worth.too_late}});
  }
  return rows;
}

}  // namespace nines::experiments
