// What an SLI of a Kafka service needs: its client's zone, if the client is placed in one, and the partitions in its
// scope, those with the same replicas as one. `write` needs min.insync.replicas in sync, `visible` too where the high
// watermark waits for them, the others a leader.
#pragma once

#include "models/structure/dependency_builder.hpp"

namespace nines::models::kafka {

void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, SliIndex sli);

}  // namespace nines::models::kafka
