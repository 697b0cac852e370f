// People as components: how long until someone notices, is at work, knows the cause, has repaired it.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::people {

// clang-format off
#define NINES_PEOPLE_PARAMETERS(X) \
  X(Law, notice, "people.notice", "from a fault that needs a person until monitoring has told one") \
  X(Law, notice_unalerted, "people.notice.unalerted", "from a fault that needs a person until one has noticed it although no alert tells: where alerts are given") \
  X(Law, engage, "people.engage", "from the alarm until someone works on it") \
  X(Law, identify, "people.identify", "from the start of work until the cause is known") \
  X(Law, repair_pod, "people.repair.pod", "forced deletion of a stuck pod or node object, once the cause is known") \
  X(Law, repair_volume, "people.repair.volume", "replacement of a lost or stuck volume, once the cause is known") \
  X(Law, notice_command, "people.notice.command", "from a person's wrong command until that person sees what it did") \
  X(Law, identify_change, "people.identify.change", "from the start of work until a change or an expired certificate is known as the cause") \
  X(Law, repair_rollback, "people.repair.rollback", "decision and command to roll a change back, or to undo a roll that does not get on, once the cause is known; the roll itself comes on top") \
  X(Law, repair_upgrade, "people.repair.upgrade", "repair of a pod that does not come up with a new version, once the cause is known") \
  X(Law, repair_certificate, "people.repair.certificate", "renewal and distribution of a certificate, once the cause is known") \
  X(Law, repair_command, "people.repair.command", "undoing a wrong command, once it is noticed") \
  X(Law, repair_space, "people.repair.space", "compaction, defragmentation and end of the alarm of a database at its quota, once the cause is known") \
  X(Law, repair_disk, "people.repair.disk", "making room on a machine's disk by hand, once the cause is known") \
  X(Law, repair_load, "people.repair.load", "limiting the traffic of a service that does not get over an overload, once the cause is known") \
  X(Law, repair_node, "people.repair.node", "start of a replacement machine by hand, once the cause is known") \
  X(Law, repair_master, "people.repair.master", "rebuild of a machine of the control plane by hand, once the cause is known") \
  X(Duration, control_plane_care, "people.control_plane_care", "work of people on a control plane of their own outside incidents, a month") \
  X(Duration, service_care, "people.service_care", "work of people on a server of their own that stores data (a broker, a cache, a database) outside incidents, a month and service") \
  X(Duration, orphan_volume, "people.orphan_volume", "how long a volume stays, and is billed, that no object of the cluster knows any more") \
  X(Count, on_call, "people.on_call", "people who can repair at the same time; further repairs wait. 0: nobody ever repairs") \
  X(Money, hourly_cost, "people.hourly_cost", "cost of one hour of an operator's work")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_PEOPLE_PARAMETERS);

}  // namespace nines::models::people
