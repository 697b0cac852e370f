// The fields of services as files have them: those of every service, and between them those of its kind.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/loader/document.hpp"
#include "experiments/loader/reader.hpp"
#include "models/service/kind.hpp"

namespace nines::loader {

using models::service::Kind;

/// Names of all kinds.
std::span<const std::string_view> kind_names();
/// The kind that a service of the document is of: a misspelt one counts as the nearest, an unknown one as the first.
const Kind& kind_meant(const Json& service);
/// Whether anything in the document may run on machines: without, no model reads zones, prices, timers or people.
bool has_processes(const Document& document);

/// Name of its server for messages.
std::string_view product_of(const Kind& kind);
/// The field in which its services state the version of their server; null without.
const FieldSpec* version_field(const Kind& kind);
/// The version that a service states; empty without.
std::string version_of(models::ServiceSpec& service);

/// Every field of a service of the kind.
std::span<const FieldSpec> service_fields(const Kind& kind);
/// Every field of a pool, and of a pool of one kind's service: without roles where the kind has none.
std::span<const FieldSpec> pool_fields();
std::vector<FieldSpec> pool_fields(const Kind& kind);
std::vector<std::string_view> role_names(const Kind& kind);
/// The row of one of its own fields; null if there is none.
const FieldSpec* own_field(const Kind& kind, std::string_view name);
/// The row of the configuration that sets the group's keys; null if they are set by overrides alone.
const FieldSpec* config_field(const KindGroup& group);

/// Fields of services of other kinds, and of the elements of the list that other kinds have by that name.
std::vector<OtherFields> fields_of_other_services(const Kind& kind);
std::vector<OtherFields> fields_of_other_lists(const Kind& kind, std::string_view list);

/// The objects of all kinds' tables for the schema, services apart: those of kinds with processes or of those without.
/// Names that two kinds use are told apart by the kind.
const std::vector<ObjectSpec>& service_objects();
std::vector<ObjectSpec> own_objects(bool hosted);
/// Name of the definition of a kind's table.
std::string_view definition_of(const ObjectSpec& table);

}  // namespace nines::loader
