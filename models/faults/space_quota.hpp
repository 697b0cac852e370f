// A database at its quota: etcd raises its NOSPACE alarm, and every member refuses writes until people have made room
// (compaction, defragmentation of each member) and disarmed it. Reads go on, and so does the consensus.
//
// Source: etcd documentation, operations guide, maintenance (space quota): keyspace writes fail with "mvcc: database
// space exceeded", reads and deletes are taken; Raft and etcd sheet, section 4. Left out: what fills the database,
// deletions by clients, members whose databases grow apart.
#pragma once

#include <cstdint>

namespace nines::models {
struct World;
}

namespace nines::models::faults {

/// Returns false, and changes nothing, if the service's database is at its quota already.
bool reach_space_quota(World& world, std::uint16_t service);

}  // namespace nines::models::faults
