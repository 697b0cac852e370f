// Volumes: attachment by the attach/detach controller, attach and detach at the provider, mount and unmount by the
// kubelet.
//
// A network volume is detached only when no pod object wants it on its machine and the Node no longer reports it in
// use. The kubelet reports that with its node status, every 10 s: a clean move waits for the next tick after the
// unmount, and the mount on the new machine for the first tick after the pod was bound there, if that comes later than
// the attachment (pkg/volume/util/operationexecutor, ReportedInUse; kubernetes issue 28141). A dead kubelet never
// reports that, so the volume is detached by force once it was unwanted for the maximum wait and the node is not Ready;
// the out-of-service taint skips the wait, and deletion of the Node object does not. A volume on a healthy node is
// never detached by force. Source: kubernetes/kubernetes pkg/controller/volume/attachdetach (reconciler, util
// DetermineVolumeAction), aws-ebs-csi-driver pkg/cloud (polls); Kubernetes sheet, section 2. The controller looks for
// the end of what it asked of the driver after half a second, and then at growing intervals
// (pkg/volume/csi/csi_attacher.go, waitForVolumeAttachDetachStatusWithLister), on top of its loop of 100 ms and of the
// driver's own polls.
//
// A network file system (EFS) is attached to no machine: its pods start wherever they are put, and what their mounts
// take is left out.
//
// Where a service plays the part of the driver's controller, nobody asks the provider for anything while it is away
// (kubernetes-csi/external-attacher; the controller of the EBS CSI driver runs twice and elects a leader). What the
// provider was asked for before it does all the same, and whoever leads next finds it done.
//
// A volume is attached where any pod object wants it that mounts it. A pod of another process that mounts it (a claim
// of ReadWriteOnce that a backup shares) is its guest: on the same machine both mount it; on another one the guest
// waits for the volume, as the volume's own pod does while a guest has it elsewhere (Multi-Attach error).
//
// A deleted claim goes when its pod object has gone; the pod's controller makes another one. With reclaimPolicy Delete
// that one gets a new, empty volume; with Retain the old one waits until a person has bound it to the new claim (the
// claim of a StatefulSet would get an empty volume meanwhile: here its pod waits). The new volume is in the zone of the
// old one.
//
// Left out: snapshot restore, the longest interval of these looks (7 s), the kubelet's back-off
// between its looks for the attachment. The deletion and re-creation of a pod by
// its operator falls within one loop, so such a pod finds its volume still attached.
#pragma once

#include "models/ids.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/state.hpp"

namespace nines::models {
struct World;
struct Plan;
}  // namespace nines::models

namespace nines::models::kubernetes {

/// When a caller that polls at 0, first, first + first x factor, ... sees something that took `actual`.
Duration polled(Duration actual, Duration first, Ratio factor);

/// A network volume is attached to the machine that holds the slot now, or being attached or detached there.
bool holds_volume(const World& world, NodeId node);
/// The kubelet of a bound pod has its volume on its list; the next node status says so.
void list_volume(World& world, ProcessId process);

/// A disk inside its machine, never attached or detached.
bool is_local(const Plan& plan, VolumeId volume);
/// A network volume that one machine at a time has; neither a local disk nor a network file system.
bool is_attached(const Plan& plan, VolumeId volume);

/// The attach/detach controller looks at the volume: attaches it where a bound pod wants it, detaches it where none
/// does.
void reconcile_attachment(World& world, VolumeId volume);
/// The provider acts again: what it has not been asked for yet is asked for.
void ask_provider_again(World& world, VolumeId volume);
/// The controller acts again. `anew`: another one, which counts the wait for an unmount from now on.
void resume_attachment(World& world, VolumeId volume, bool anew);
/// Whether the bound pod's volume is at its machine and usable; asks for its attachment if not. True without a volume.
bool volume_ready(World& world, ProcessId process);
/// Schedules VolumeMounted for a pod whose volume is ready; false if there is nothing to mount.
bool mount(World& world, ProcessId process);
/// Schedules VolumeUnmounted after the pod's container has gone from the machine; false if nothing is mounted there.
bool unmount(World& world, ProcessId process, const Placement& machine);
/// A file system that is still to be extended is, if it is mounted and somebody can do it.
void extend_file_system(World& world, VolumeId volume);
/// The pod's volume is being unmounted from the machine that holds the slot.
bool unmounts_on(const World& world, ProcessId process, NodeId node);
/// Unmounts under way end with their machine; its Node goes on reporting the volumes in use.
void forget_unmounts(World& world, NodeId node);
/// The kubelet reports which volumes it really uses.
void report_volumes(World& world, NodeId node);
/// A pod bound to a machine binds its free claim to that machine's empty local disk.
void claim_local_disk(World& world, ProcessId process);
/// The pod object is gone: its claim goes now, if somebody has deleted it.
void claim_released(World& world, ProcessId process);
/// Somebody freed the hanging attachment: the provider attaches the volume now.
void free_stuck_attachment(World& world, VolumeId volume);

}  // namespace nines::models::kubernetes
