#include "models/faults/lengths.hpp"

#include <initializer_list>

#include "models/plan.hpp"

namespace nines::models::faults {

namespace {

/// Of one after the other.
Length sum_of(std::initializer_list<const Law*> laws) {
  Length sum;
  for (const Law* law : laws) {
    const auto moments = law->moments();
    sum.mean_s += moments[0];
    sum.variance_s2 += moments[1] - moments[0] * moments[0];
  }
  return sum;
}

/// Somebody has to notice, come, find the cause, and mend it.
Length of_people(const people::Parameters& p, const Law& identify, const Law& repair) {
  return sum_of({&p.notice, &p.engage, &identify, &repair});
}

/// Beside the copying.
Length length_of_damage(const Plan& plan, const FaultSource& source) {
  const people::Parameters& people = plan.topology.people;
  const Parameters& changes = plan.topology.changes;
  if (source.variant == Variant::deleted) return sum_of({&people.notice_command, &changes.restore_work});
  return sum_of({&changes.corruption_notice, &people.engage, &people.identify_change, &changes.restore_work});
}

}  // namespace

std::optional<Length> length_of(const Plan& plan, const FaultSource& source) {
  const infrastructure::Parameters& infra = plan.infra();
  const people::Parameters& people = plan.topology.people;
  switch (source.verb) {
    case Verb::process_pause: return sum_of({&infra.process_pause_duration});
    case Verb::node_crash: return sum_of({&infra.node_crash_downtime});
    case Verb::zone_power_loss: return sum_of({&infra.zone_power_loss_duration});
    case Verb::zone_isolation: return sum_of({&infra.zone_isolation_duration});
    case Verb::disk_slow: return sum_of({&infra.volume_slow_duration});
    case Verb::volume_stalled: return sum_of({&infra.volume_stall_duration});
    case Verb::network_slow: return sum_of({&infra.network_slow_duration});
    case Verb::packet_loss: return sum_of({&infra.packet_loss_duration});
    case Verb::cpu_starved: return sum_of({&infra.cpu_starved_duration});
    case Verb::control_plane_outage: return sum_of({&infra.control_plane_outage_duration});
    case Verb::service_outage: return sum_of({&infra.service_outage_duration});
    case Verb::region_api_outage: return sum_of({&infra.region_api_outage_duration});
    case Verb::kms_outage: return sum_of({&infra.kms_outage_duration});
    case Verb::credentials_outage: return sum_of({&infra.credentials_outage_duration});
    case Verb::node_not_ready: return sum_of({&infra.node_not_ready_duration});
    case Verb::kubelet_stop: return sum_of({&infra.kubelet_stop_duration});
    case Verb::broken_role:
    case Verb::bad_rollout: return of_people(people, people.identify_change, people.repair_rollback);
    case Verb::failed_upgrade: return of_people(people, people.identify_change, people.repair_upgrade);
    case Verb::expired_certificate: return of_people(people, people.identify_change, people.repair_certificate);
    case Verb::space_quota: return of_people(people, people.identify, people.repair_space);
    case Verb::wrong_command:
    case Verb::network_policy: return sum_of({&people.notice_command, &people.repair_command});
    case Verb::delete_data: return length_of_damage(plan, source);
    default: return std::nullopt;
  }
}

}  // namespace nines::models::faults
