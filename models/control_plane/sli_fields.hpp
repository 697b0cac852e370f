// Fields of whatever runs a Kubernetes cluster, own or the provider's: its clients and what is measured.
#pragma once

#include "models/control_plane/spec.hpp"
#include "models/service/fields.hpp"
#include "models/service/report.hpp"

namespace nines::models {
struct Topology;
}

namespace nines::models::control_plane {

inline constexpr service::FieldSpec client_rows[] = {
    service::rows::into<&ClientSpec::name>(service::client_name_row),
    service::rows::into<&ClientSpec::place>(service::client_place_row),
};
inline constexpr service::ObjectSpec client_object{
    "control_plane_client", "a place from which the API servers are asked", client_rows, "a client"};

inline constexpr service::FieldSpec sli_rows[] = {
    service::rows::into<&SliSpec::name>(service::sli_name_row),
    service::rows::into<&SliSpec::kind>(service::rows::choice_of(
        "kind", true, "api-write; api-read: possibly old; controllers: controller manager and scheduler act",
        sli_kind_names, "a kind of SLI")),
    service::rows::into<&SliSpec::client>({"client", service::Shape::name, false, "who sees it; none of controllers"}),
    service::rows::into<&SliSpec::deadline>(service::sli_deadline_row),
    service::rows::into<&SliSpec::sla>(service::sla_row),
};
inline constexpr service::ObjectSpec sli_object{"control_plane_sli", "a condition of the control plane over time",
                                                sli_rows, "an SLI"};

/// One control plane, places that exist, clients that exist, and clients where they are needed.
void check_clients(service::Report& report, const Topology& topology, const std::vector<ClientSpec>& clients,
                   const std::vector<SliSpec>& slis);

}  // namespace nines::models::control_plane
