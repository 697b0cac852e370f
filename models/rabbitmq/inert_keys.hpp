// Configuration keys of RabbitMQ that are valid but that nothing in this model reads.
#pragma once

#include "models/service/parameters.hpp"

namespace nines::models::rabbitmq {

extern const service::InertKeys inert_keys;

}  // namespace nines::models::rabbitmq
