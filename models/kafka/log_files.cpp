#include "models/kafka/log_files.hpp"

#include <algorithm>
#include <initializer_list>

#include "models/infrastructure/conditions.hpp"
#include "models/kafka/conditions.hpp"
#include "models/kafka/inputs.hpp"
#include "models/kafka/replication.hpp"
#include "models/mutation.hpp"

namespace nines::models::kafka {

namespace {

/// A part of a span of work and the input it is proportional to, or inversely so.
struct Part {
  double seconds = 0;
  const std::string_view* input = nullptr;
};

FileWork sum_of(std::initializer_list<Part> parts) {
  double seconds = 0;
  const Part* largest = parts.begin();
  for (const Part& part : parts) {
    seconds += part.seconds;
    if (part.seconds > largest->seconds) largest = &part;
  }
  return {Duration::from_seconds(seconds), largest->input};
}

/// What has to be read again, over all logs of a broker.
struct Dirty {
  double segments = 0;
  double bytes = 0;
};

Dirty dirty_on(const Context& c, Position position) {
  Dirty dirty;
  const double segment = c.parameters.segment_bytes.count;
  for (const auto& [id, slot] : c.hosted(position)) {
    const TopicPlan& topic = c.topic_of(id);
    const double partitions = c.plan.groups[id].partitions;
    // On average half the active segment, and not more than the partition holds.
    const double active = topic.internal ? 0 : std::min(segment / 2, topic.stored_bytes);
    // A busy partition adds what it wrote since the last checkpoint of the recovery points.
    const double written = topic.bytes_per_s() * c.parameters.flush_checkpoint_interval.to_seconds() / 2;
    const double unchecked = std::min(written, topic.stored_bytes);
    dirty.bytes += (active + unchecked) * partitions;
    dirty.segments += (1 + unchecked / segment) * partitions;
  }
  return dirty;
}

double logs_on(const Context& c, Position position) {
  double logs = 0;
  for (const auto& [id, slot] : c.hosted(position)) logs += c.plan.groups[id].partitions;
  return logs;
}

double threads_for(const Context& c, double logs) {
  return std::clamp(static_cast<double>(c.parameters.recovery_threads), 1.0, std::max(1.0, logs));
}

/// What the volume gives now. A step that begins while it hangs is put off until it does not (broker_start.cpp).
double disk_share(const Context& c, ProcessId process) {
  const double share = infrastructure::disk_condition(c.world, c.world.plan->processes[process].volume).share;
  return share > 0 ? share : 1;
}

/// Reading `bytes` at what the volume and the machine's path to it give.
Part disk_part(const Context& c, Position position, double bytes) {
  const Plan& plan = *c.world.plan;
  const ProcessId process = c.broker_process(position);
  const VolumePlan& volume = plan.volumes[plan.processes[process].volume];
  double rate = volume.throughput.bytes_per_s * disk_share(c, process);
  if (volume.node.exists()) return {bytes / rate, &inputs::local_disk};
  if (!rules_of(volume.kind).ebs) return {bytes / rate, &inputs::volume};
  const std::string_view* input = &inputs::volume;
  // What is read first of a volume made from a snapshot comes from object storage.
  const double first_read = plan.infra().snapshot_initialisation_rate.bytes_per_s;
  if (restored_from_snapshot(c, position) && first_read < rate) {
    rate = first_read;
    input = &inputs::snapshot_rate;
  }
  const NodeId node = c.world.processes[process].node;
  const InstanceType& type = plan.topology.node_groups[plan.nodes[node].group].instance;
  const double sustained = type.ebs.bytes_per_s;
  if (rate <= sustained) return {bytes / rate, input};
  // Faster while the machine's burst credit lasts.
  const double peak = std::min(rate, std::max(sustained, type.ebs_burst.rate.bytes_per_s));
  const double above = peak - sustained;
  const double in_burst = above > 0 ? std::min(bytes, peak * type.ebs_burst.bucket.count / above) : 0;
  const double burst_s = in_burst / peak;
  const double rest_s = (bytes - in_burst) / sustained;
  if (rest_s >= burst_s) {
    input = &inputs::machine_ebs;
  } else if (peak < rate) {
    input = &inputs::machine_ebs_burst;
  }
  return {burst_s + rest_s, input};
}

/// Re-reading after an unclean stop: by the threads, or by a disk that is slower than they are.
struct Recovery {
  Part segments;
  Part bytes;
};

Recovery recovery_on(const Context& c, Position position) {
  if (NINES_MUTATED(recovery_skipped)) return {{0, &inputs::segment_recovery}, {0, &inputs::crc_scan_rate}};
  const Dirty dirty = dirty_on(c, position);
  const double threads = threads_for(c, logs_on(c, position));
  const Part segments{dirty.segments * c.parameters.segment_recovery.to_seconds() / threads, &inputs::segment_recovery};
  const double cpu = infrastructure::cpu_share(c.world, c.world.processes[c.broker_process(position)].node);
  const Part scan{dirty.bytes / (c.parameters.crc_scan_rate.bytes_per_s * cpu) / threads, &inputs::crc_scan_rate};
  const Part disk = disk_part(c, position, dirty.bytes);
  if (disk.seconds >= segments.seconds + scan.seconds) return {{0, &inputs::segment_recovery}, disk};
  return {segments, scan};
}

}  // namespace

double segments_on(const Context& c, Position position) {
  double segments = 0;
  for (const auto& [id, slot] : c.hosted(position)) {
    const double full = c.topic_of(id).stored_bytes / c.parameters.segment_bytes.count;
    // The active segment is half full on average; a log without records has one too.
    segments += std::max(1.0, full + 0.5) * c.plan.groups[id].partitions;
  }
  return segments;
}

FileWork log_recovery(const Context& c, Position position) {
  const Recovery recovery = recovery_on(c, position);
  return sum_of({recovery.segments, recovery.bytes});
}

FileWork load_logs(Context& c, Position position, bool unclean) {
  const double logs = logs_on(c, position);
  const Duration rest = c.world.draw(c.broker_component(position), Purpose::log_load, c.parameters.log_load);
  const Part start{rest.to_seconds(), &inputs::log_load};
  const Part open{logs * c.parameters.log_open.to_seconds(), &inputs::log_open};
  const Part segments{segments_on(c, position) * c.parameters.segment_load.to_seconds(), &inputs::segment_load};
  if (!unclean) return sum_of({start, open, segments});
  const Recovery recovery = recovery_on(c, position);
  return sum_of({start, open, segments, recovery.segments, recovery.bytes});
}

FileWork close_logs(Context& c, Position position) {
  const double logs = logs_on(c, position);
  const Duration rest = c.world.draw(c.broker_component(position), Purpose::clean_close, c.parameters.clean_close);
  return sum_of({{rest.to_seconds(), &inputs::clean_close},
                 {logs * c.parameters.log_close.to_seconds() / threads_for(c, logs), &inputs::log_close}});
}

}  // namespace nines::models::kafka
