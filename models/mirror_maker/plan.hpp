// Workers of MirrorMaker 2 as a group of readers.
#pragma once

#include <string_view>
#include <vector>

#include "models/consumer_group/plan.hpp"
#include "models/mirror_maker/spec.hpp"

namespace nines::models::mirror_maker {

/// Position of the copy of a source's topic among the target's topics: as source.topic (DefaultReplicationPolicy), or
/// under the same name (IdentityReplicationPolicy); how many there are if there is none.
std::size_t place_in(const std::vector<service::Topic>& target, std::string_view source, std::string_view topic);

/// What workers are dealt: tasks, with all that is produced to the partitions of each.
consumer_group::Dealing dealing_of(const Spec& spec, const std::vector<service::Topic>& topics);

void build(models::Plan& plan, Namer& namer, ServiceId service);
void connect(models::Plan& plan, ServiceId service);

/// How far behind its position in the source a consumer group of the target is when the source is lost, beside what is
/// not copied: the mean and the most of it. It reads that again. None without checkpoints that reach groups.
struct Staleness {
  Duration mean;
  Duration most;
};
Staleness staleness(const Spec& spec);

}  // namespace nines::models::mirror_maker
