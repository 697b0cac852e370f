// Data that people or a release delete or corrupt, and backups.
//
// A replica is no backup: it follows the deletion as it follows every write, and so does a mirror (MirrorMaker, a
// standby), and a snapshot that is taken afterwards keeps the damage. What helps is a backup that began before the
// damage, is still kept when people look for it, and can be restored. A service keeps one every `every`, as its data
// were when it began, for `retention`; the phase of its schedule is drawn. People restore the newest of them, and if
// that fails, which takes as long, the one before. All data are put back as they were then: what was written since is
// lost, whether before the damage or after it. With no usable backup left what is damaged is lost for good, as far back
// as the data reach (data.history).
//
// Deleted data are missed at once: clients are turned away, and whoever did it sees it (people.notice.command).
// Corrupted ones are served until somebody has noticed (data.corruption.notice), somebody is at work on it and knows
// the cause; clients are turned away while people restore. With retention shorter than that nothing is left. Data that
// are corrupted and served can be deleted too: people turn to that, and a backup from after the corruption brings back
// data that are corrupted still, which somebody has yet to notice.
//
// Sources: incident sheet, I32 (GitLab 2017-01-31: backups that nobody could restore, 60 Mb/s) and I10 (AWS ELB
// 2012-12-24: a restore that failed first). Left out: restores of a part beside what goes on, logs that bring back what
// was written since the backup (archived WAL, AOF), runs of backups that fail or are missed, backups that are deleted
// with the data, and what copying takes from those that serve.
#pragma once

#include <cstdint>

#include "models/scenario.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::faults {

/// Returns false, and changes nothing, if the service's data are damaged already, and not corrupted and now deleted.
bool damage_data(World& world, std::uint16_t service, Variant variant);

}  // namespace nines::models::faults
