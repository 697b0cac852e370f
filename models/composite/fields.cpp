#include "models/composite/fields.hpp"

namespace nines::models::composite {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::ObjectSpec;
using enum service::Shape;

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::requirement>({"requires", requirement, true, "what must work for it to hold"}),
    into<&SliSpec::deadline>(time_s("deadline_s", false,
                                    "interruptions no longer than this are latency, not outages (default 0)",
                                    service::most_deadline_s)),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"composite_sli", "a condition over time on what works", sli_rows,
                                "an SLI of a composite service"};

constexpr FieldSpec service_rows[] = {
    list_of<&Spec::slis>({"slis", objects, true, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

}  // namespace

constinit const ObjectSpec service_fields{"composite_service", "a structure over components and SLIs of other services",
                                          service_rows};

}  // namespace nines::models::composite
