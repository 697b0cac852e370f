// Fields of a Kafka service in a topology file, and its groups of parameters.
#pragma once

#include "models/kafka/spec.hpp"
#include "models/service/fields.hpp"

namespace nines::models::kafka {

/// Of the service: what every service has stands elsewhere.
extern const service::ObjectSpec service_fields;

extern const service::ParameterGroup parameter_groups[3];

/// Words of the file in the order of SliKind and of SliScope.
inline constexpr std::string_view sli_kind_names[] = {"write", "write-acks1", "read", "visible"};
inline constexpr std::string_view sli_scope_names[] = {"all", "any", "share"};

}  // namespace nines::models::kafka
