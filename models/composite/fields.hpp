// Fields of a composite service in a topology file.
#pragma once

#include "models/composite/spec.hpp"
#include "models/service/fields.hpp"

namespace nines::models::composite {

/// Of the service: what every service has stands elsewhere.
extern const service::ObjectSpec service_fields;

}  // namespace nines::models::composite
