// From the controller's decision to the brokers' action: linger, commit by a majority, travel, each broker's own delay.
//
// A broker learns of a decision from the answer to its fetch of the metadata log, and acts on it in its own time. Up to
// 4.0 the high watermark travels only with the next answered fetch, so on an idle quorum a decision waits for the next
// no-op record (KIP-1166 ends that in 4.1); a broker in one process with the active controller reads its log, and acts
// at the commit. A broker that starts has the whole image before it acts on anything (K39 MetadataLoader), so what was
// on its way to its process before is not for it. Kafka sheet sections 3 and 15.
#pragma once

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// From a controller's write until a majority holds it: linger, fsync, one round trip.
Duration commit_delay(Context& c);
/// Publishes the decisions made since the last call, if any: brokers in contact will apply them.
void publish(Context& c);
/// A further version of the metadata: that of the decisions made since the last one.
void begin_version(Context& c);
/// From the moment a decision is shown to a broker until it has acted on it; draws.
Duration apply_time(Context& c, Position broker);
/// The broker acts on everything decided up to `version`. Returns whether that concerns a replica of its own.
bool apply_metadata(Context& c, Position broker, std::uint32_t version);
/// Brokers that missed decisions while out of contact and are in contact now will fetch them.
void metadata_contacts_changed(Context& c);
/// A broker that starts has replayed the log: it knows all that is committed, its own registration included.
void image_loaded(Context& c, Position broker);
/// Its logs are loaded: it acts on all that is committed.
void act_on_image(Context& c, Position broker);

}  // namespace nines::models::kafka
