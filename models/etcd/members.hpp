// Life of an etcd member: start, orderly stop, death, and a member whose data are gone.
#pragma once

#include "models/etcd/cluster.hpp"

namespace nines::models::etcd {

void member_started(Context& c, Position member);
void member_died(Context& c, Position member);
/// SIGTERM: a leader hands over first (Raft and etcd sheet, section 2.6).
void member_terminating(Context& c, Position member);

}  // namespace nines::models::etcd
