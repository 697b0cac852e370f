// From the controller's decision to the brokers' action: linger, commit by a majority, travel.
//
// Up to 4.0 the high watermark travels only with the next answered fetch, so on an idle quorum a decision waits for the
// next no-op record (KIP-1166 ends that in 4.1). Kafka sheet section 3.
#pragma once

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// From a controller's write until a majority holds it: linger, fsync, one round trip.
Duration commit_delay(Context& c);
/// Publishes the decisions made since the last call, if any: brokers in contact will apply them.
void publish(Context& c);
/// Brokers that missed decisions while out of contact and are in contact now will fetch them.
void metadata_contacts_changed(Context& c);
/// A broker acts on everything decided up to `version`. REQUIRES: its data plane is up or coming up.
void apply_metadata(Context& c, Position broker, std::uint32_t version);

}  // namespace nines::models::kafka
