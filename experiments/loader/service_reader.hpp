// Reads a service by the tables of its kind.
#pragma once

#include <vector>

#include "experiments/loader/kind_fields.hpp"
#include "experiments/loader/topology_reader.hpp"

namespace nines::loader {

/// The kind's own fields of a service, whose kind and own spec are set. `requirements` collects what names parts that
/// are checked once all services have been read.
void read_own_fields(const TopologyInput& input, const Object& object, const models::Topology& topology,
                     models::ServiceSpec& service, std::vector<Value>& requirements);

/// Gives the service at `pointer` the empty objects below which edits may add: configurations.
void prepare_service(Document& document, const std::string& pointer);

/// "must work": nested requirements. `counted` parts of components with standby are those that can serve.
void read_requirement(const Value& value, const models::Topology& topology, models::structure::RequirementSpec& spec);
/// That the parts of requirements exist. REQUIRES: all services were read.
/// Its SLIs as requirements and alerts name them: "service/sli".
std::vector<std::string> qualified_slis(const models::ServiceSpec& service);
void check_parts(const std::vector<Value>& requirements, const models::Topology& topology);

}  // namespace nines::loader
