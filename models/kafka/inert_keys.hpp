// Configuration keys of Kafka that are valid but that nothing in this model reads: the documented ones of 3.6 to 4.1.
#pragma once

#include "models/service/parameters.hpp"

namespace nines::models::kafka {

extern const service::InertKeys inert_broker_keys;
extern const service::InertKeys inert_topic_keys;
/// Of producers and consumers.
extern const service::InertKeys inert_client_keys;
extern const service::InertKeys inert_cruise_control_keys;

}  // namespace nines::models::kafka
