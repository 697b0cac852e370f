#include "experiments/loader/schema.hpp"

#include <fmt/format.h>

#include <cassert>
#include <cstdint>
#include <optional>

#include "experiments/loader/document.hpp"
#include "experiments/loader/entry.hpp"
#include "experiments/loader/fields.hpp"
#include "experiments/loader/inert_keys.hpp"
#include "experiments/loader/kind_fields.hpp"
#include "experiments/loader/parameters.hpp"

namespace nines::loader {

namespace {

constexpr std::array all_dimensions{Dimension::duration, Dimension::law,     Dimension::rate,  Dimension::ratio,
                                    Dimension::count,    Dimension::boolean, Dimension::bytes, Dimension::bandwidth,
                                    Dimension::money,    Dimension::life};

std::string_view short_name(Dimension dimension) {
  constexpr std::array<std::string_view, 10> names{"duration", "law",   "rate",      "ratio", "count",
                                                   "boolean",  "bytes", "bandwidth", "money", "life"};
  return names[static_cast<std::size_t>(dimension)];
}

Json reference(std::string_view definition) { return Json{{"$ref", fmt::format("#/definitions/{}", definition)}}; }

Json number_from(double minimum) { return Json{{"type", "number"}, {"minimum", minimum}}; }

/// A whole number as one, so that no limit looks like a measurement.
Json plain(double number) {
  const auto whole = static_cast<std::int64_t>(number);
  return static_cast<double>(whole) == number ? Json(whole) : Json(number);
}

Json within(std::string_view type, const Limits& limits) {
  return Json{{"type", type},
              {limits.above_least ? "exclusiveMinimum" : "minimum", plain(limits.least)},
              {limits.below_most ? "exclusiveMaximum" : "maximum", plain(limits.most)}};
}

/// Limits of a string with unit, in words: a schema cannot state them otherwise. In the unit that says it shortest.
std::string limits_of(Dimension dimension, bool above_zero) {
  std::string most;
  for (const Unit& unit : units(dimension)) {
    const std::string number = fmt::format("{:g}", from_base(unit, largest(dimension)));
    const bool bare = unit.name == "1" || unit.name == "%";
    const std::string text = bare ? number : fmt::format("{}{}{}", number, unit.name[0] == '/' ? "" : " ", unit.name);
    if (most.empty() || text.size() < most.size()) most = text;
  }
  return fmt::format("{} and at most {}", above_zero ? "above 0" : "0 or more", most);
}

std::string without_slashes(std::string text) {
  std::erase(text, '/');
  return text;
}

/// Strings such as "125MiB/s": a number and a unit of the dimension.
Json quantity_string(Dimension dimension) {
  constexpr std::string_view number = "[0-9.]+([eE][+-]?[0-9]+)?";
  std::string alternatives;
  for (const Unit& unit : units(dimension)) {
    if (!alternatives.empty()) alternatives += '|';
    for (const char c : unit.name) alternatives += (c == '(' || c == ')') ? fmt::format("\\{}", c) : std::string(1, c);
  }
  // "1/2000 h": the units of a rate begin with the slash.
  if (dimension == Dimension::rate)
    return Json{{"type", "string"},
                {"pattern", fmt::format("^{0} */({0} *)?({1})$", number, without_slashes(alternatives))}};
  return Json{{"type", "string"}, {"pattern", fmt::format("^{} *({})$", number, alternatives)}};
}

Json unit_names(Dimension dimension) {
  Json names = Json::array();
  for (const Unit& unit : units(dimension)) names.push_back(unit.name);
  return Json{{"enum", names}};
}

// ---- entries of profiles and overrides ------------------------------------------------------------------------------

/// A number of an entry: of profiles a plain one, of topologies also a string with its unit.
Json part(Dimension dimension, bool profile) {
  if (dimension == Dimension::boolean) return Json{{"type", "boolean"}};
  if (dimension == Dimension::count) return within("integer", {0, largest(dimension)});
  if (profile) return number_from(0);
  return Json{{"anyOf", Json::array({number_from(0), quantity_string(dimension)})}};
}

using Fields = std::vector<std::pair<std::string, Json>>;

/// `parts` are required, `more` may be missing.
Json entry_object(Dimension dimension, bool profile, const Fields& parts, const Fields& more = {}) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const auto& [name, schema] : parts) {
    properties[name] = schema;
    required.push_back(name);
  }
  for (const auto& [name, schema] : more) properties[name] = schema;
  if (dimension != Dimension::boolean) {
    properties["unit"] = unit_names(dimension);
    Json range = {{"type", "array"}, {"minItems", 2}, {"maxItems", 2}, {"items", part(dimension, profile)}};
    range["description"] = "plausible range of value, median or mean";
    properties["range"] = range;
    if (profile) {
      required.push_back("unit");
      required.push_back("range");
    }
  }
  properties["source"] = Json{{"type", "string"}, {"description", "where the numbers come from"}};
  if (profile) required.push_back("source");
  return Json{{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}};
}

/// A user's own failures, which update the profile's rate.
Json record_schema() {
  const Json record = {
      {"type", "object"},
      {"properties",
       {{"events", within("integer", {0, most_record})}, {"component_years", within("number", {0, most_record})}}},
      {"required", Json::array({"events", "component_years"})},
      {"additionalProperties", false}};
  return Json{{"type", "object"},
              {"properties", {{"record", record}, {"source", Json{{"type", "string"}}}}},
              {"required", Json::array({"record"})},
              {"additionalProperties", false}};
}

Json entry_schema(Dimension dimension, bool profile) {
  const Json number = part(dimension, profile);
  const Json plain = entry_object(dimension, profile, {{"value", number}});
  const bool life = dimension == Dimension::life;
  if (dimension != Dimension::law && !life) return plain;
  const auto law = [](std::string_view name) { return Json{{"const", name}}; };
  const Json sigma = {{"type", "number"}, {"minimum", 0}, {"maximum", largest_sigma}};
  const Json stages = {{"type", "integer"}, {"minimum", 1}, {"maximum", most_stages}};
  const Json shape = {{"type", "number"}, {"minimum", least_shape}, {"maximum", largest_shape}};
  const Json share = {{"type", "number"}, {"exclusiveMinimum", 0}, {"maximum", 1}};
  // The laws by themselves, or as parts of a mixture: then with a share, and with neither range nor source.
  const auto simple = [&](bool in_mixture) {
    const auto entry = [&](Dimension of, Fields parts, const Fields& more = {}) {
      if (in_mixture) parts.emplace_back("share", share);
      Json json = entry_object(of, profile && !in_mixture, parts, more);
      if (in_mixture) {
        json["properties"].erase("range");
        json["properties"].erase("source");
      }
      return json;
    };
    const Json n = in_mixture ? part(dimension, profile) : number;
    return Json::array({
        entry(dimension, {{"law", law("constant")}, {"value", n}}),
        entry(dimension, {{"law", law("uniform")}, {"low", n}, {"high", n}}),
        entry(dimension, {{"law", law("exponential")}, {"mean", n}}),
        entry(Dimension::rate, {{"law", law("exponential")}, {"rate", part(Dimension::rate, profile)}}),
        entry(dimension, {{"law", law("lognormal")}, {"median", n}, {"sigma", sigma}}),
        entry(dimension, {{"law", law("lognormal")}, {"mean", n}, {"sigma", sigma}}),
        entry(dimension, {{"law", law("erlang")}, {"mean", n}, {"stages", stages}}),
        entry(dimension, {{"law", law("weibull")}, {"scale", n}, {"shape", shape}}, {{"location", n}}),
    });
  };
  Json kinds = simple(false);
  const Json parts = {
      {"type", "array"}, {"minItems", 1}, {"maxItems", most_parts}, {"items", {{"anyOf", simple(true)}}}};
  kinds.push_back(entry_object(dimension, profile, {{"law", law("mixture")}, {"parts", parts}}));
  // The law of a life must be said.
  if (!life) kinds.insert(kinds.begin(), plain);
  return Json{{"anyOf", kinds}};
}

/// The same with the limits of its numbers in words, for they are given in any unit.
Json with_limits(Dimension dimension, bool profile) {
  Json schema = entry_schema(dimension, profile);
  if (dimension != Dimension::boolean)
    schema["description"] = fmt::format("{}: {}", dimension_name(dimension), limits_of(dimension, false));
  return schema;
}

/// A parameter's value without an object around it.
Json plain_value(const ParameterInfo& info) {
  if (info.dimension == Dimension::boolean) return part(info.dimension, true);
  const double most = largest(info.dimension);
  if (info.dimension == Dimension::count) return within("integer", {0, most});
  if (info.dimension == Dimension::ratio)
    return Json{{"anyOf", Json::array({within("number", {0, most}), quantity_string(info.dimension)})}};
  const std::string_view unit = native_unit(info);
  if (unit.empty()) return quantity_string(info.dimension);
  return within("number", {0, from_base(*find_unit(info.dimension, unit), most)});
}

Json parameter_property(const ParameterInfo& info, bool profile) {
  const std::string_view unit = native_unit(info);
  Json property;
  property["description"] = unit.empty() || unit == "1" ? std::string(info.meaning)
                                                        : fmt::format("{} (a number is in {})", info.meaning, unit);
  const Json entry = reference(fmt::format("{}_{}", profile ? "entry" : "given", short_name(info.dimension)));
  if (profile)
    property["allOf"] = Json::array({entry});
  else
    property["anyOf"] = Json::array({plain_value(info), entry});
  if (!profile && info.dimension == Dimension::rate) property["anyOf"].push_back(record_schema());
  return property;
}

template <class Filter>
Json parameter_object(bool profile, Filter filter) {
  Json properties = Json::object();
  for (const ParameterInfo& info : parameters()) {
    if (filter(info)) properties[std::string(info.key)] = parameter_property(info, profile);
  }
  return Json{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

// ---- objects of field tables ----------------------------------------------------------------------------------------

Json plain_or_given(const Json& plain, Dimension dimension) {
  return Json{{"anyOf", Json::array({plain, reference(fmt::format("given_{}", short_name(dimension)))})}};
}

/// One of several definitions.
Json one_of_definitions(const std::vector<std::string_view>& names) {
  Json alternatives = Json::array();
  for (const std::string_view name : names) alternatives.push_back(reference(name));
  return Json{{"anyOf", alternatives}};
}

/// Keys that a server knows and no model reads: taken, and said to be inert.
void add_inert(Json& object, const InertKeys& inert) {
  const Json scalar = Json::array({"string", "number", "boolean"});
  for (const std::string_view key : inert.keys) {
    object["properties"][std::string(key)] = {
        {"description", fmt::format("changes nothing in this model: {}", inert.reason(key))}, {"type", scalar}};
  }
  for (const std::string_view beginning : inert.beginnings) {
    std::string pattern = "^";
    for (const char c : beginning) pattern += c == '.' ? std::string("\\.") : std::string(1, c);
    object["patternProperties"][pattern] = {{"type", scalar}};
  }
}

/// Keys of a group of parameters that a configuration sets.
Json config_schema(const models::service::ParameterGroup& group) {
  const Group id = group_of(group);
  Json object =
      parameter_object(false, [id](const ParameterInfo& info) { return info.group == id && is_config_key(info); });
  if (group.inert != nullptr) add_inert(object, *group.inert);
  return object;
}

Json field_schema(const FieldSpec& field) {
  const std::string_view of = field.table == nullptr ? field.of : definition_of(*field.table);
  switch (field.shape) {
    case Shape::text:
    case Shape::version: return Json{{"type", "string"}};
    case Shape::name: return Json{{"type", "string"}, {"pattern", "^[A-Za-z0-9._-]{1,100}$"}};
    case Shape::choice:
      return Json{{"enum", Json(std::vector<std::string>(field.choices.begin(), field.choices.end()))}};
    case Shape::boolean: return Json{{"type", "boolean"}};
    case Shape::count: return within("integer", field.limits);
    case Shape::number:
    case Shape::share:
    case Shape::seconds: return within("number", field.limits);
    case Shape::rate: return quantity_string(Dimension::rate);
    case Shape::bytes: return quantity_string(Dimension::bytes);
    case Shape::bandwidth: return quantity_string(Dimension::bandwidth);
    case Shape::law: return plain_or_given(quantity_string(Dimension::law), Dimension::law);
    case Shape::life: return Json{{"allOf", Json::array({reference("given_life")})}};
    case Shape::event_rate: return plain_or_given(quantity_string(Dimension::rate), Dimension::rate);
    case Shape::probability: {
      const Json share = {{"type", "number"}, {"minimum", 0}, {"maximum", 1}};
      return plain_or_given(Json{{"anyOf", Json::array({share, quantity_string(Dimension::ratio)})}}, Dimension::ratio);
    }
    case Shape::requirement: return Json{{"allOf", Json::array({reference("requirement")})}};
    case Shape::requirements: return Json{{"type", "array"}, {"minItems", 1}, {"items", reference("requirement")}};
    case Shape::texts: return Json{{"type", "array"}, {"items", Json{{"type", "string"}}}};
    case Shape::object: return Json{{"allOf", Json::array({reference(of)})}};
    case Shape::objects: return Json{{"type", "array"}, {"items", reference(of)}};
    case Shape::object_map: return Json{{"type", "object"}, {"additionalProperties", reference(of)}};
    case Shape::config: return config_schema(*field.parameters);
    case Shape::overrides: return parameter_object(false, [](const ParameterInfo&) { return true; });
    case Shape::edits: return Json{{"type", "object"}, {"propertyNames", Json{{"pattern", "^/"}}}};
    case Shape::sweep_points:
      return Json{{"anyOf", Json::array({Json{{"const", "grid"}}, reference("sample"),
                                         Json{{"type", "array"}, {"items", Json{{"type", "object"}}}}})}};
    case Shape::sweep_values: {
      const Json scalar = {{"type", Json::array({"number", "string", "boolean"})}};
      return Json{{"type", "array"}, {"items", Json{{"anyOf", Json::array({scalar, reference(of)})}}}};
    }
    case Shape::number_or_text: return Json{{"type", Json::array({"number", "string"})}};
    case Shape::anything:
    case Shape::ignored: return Json::object();
  }
  return Json::object();
}

/// What a string with unit of this shape measures.
std::optional<Dimension> dimension_of(Shape shape) {
  switch (shape) {
    case Shape::rate: return Dimension::rate;
    case Shape::bytes: return Dimension::bytes;
    case Shape::bandwidth: return Dimension::bandwidth;
    default: return std::nullopt;
  }
}

Json object_schema(std::span<const FieldSpec> fields, std::string_view kind) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const FieldSpec& field : fields) {
    Json schema = field.name == "schema" ? Json{{"const", fmt::format("nines/{}/1", kind)}} : field_schema(field);
    schema["description"] = field.meaning;
    if (const auto dimension = dimension_of(field.shape)) {
      schema["description"] = fmt::format("{}; {}", field.meaning, limits_of(*dimension, field.limits.above_least));
    }
    properties[std::string(field.name)] = schema;
    if (field.required) required.push_back(field.name);
  }
  Json object = {{"type", "object"}, {"properties", properties}};
  if (!required.empty()) object["required"] = required;
  object["additionalProperties"] = false;
  return object;
}

Json head(std::string_view kind, std::string_view description) {
  return Json{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", fmt::format("nines/{}/1", kind)},
              {"description", description}};
}

Json input_schema(std::string_view kind, std::string_view description, std::span<const FieldSpec> fields) {
  Json schema = head(kind, description);
  schema.update(object_schema(fields, kind));
  Json definitions = Json::object();
  for (const ObjectSpec& object : object_specs(kind)) {
    Json definition = {{"description", object.meaning}};
    definition.update(object_schema(object.fields, kind));
    if (object.inert != nullptr) add_inert(definition, *object.inert);
    definitions[std::string(object.name)] = definition;
  }
  if (kind == "profile") definitions["parameters"] = parameter_object(true, [](const ParameterInfo&) { return true; });
  for (const Dimension dimension : all_dimensions) {
    if (kind == "profile" && dimension != Dimension::life)
      definitions[fmt::format("entry_{}", short_name(dimension))] = with_limits(dimension, true);
    if (kind == "topology") definitions[fmt::format("given_{}", short_name(dimension))] = with_limits(dimension, false);
  }
  if (kind == "topology") {
    std::vector<std::string_view> services;
    for (const ObjectSpec& service : service_objects()) services.push_back(service.name);
    definitions["service"] = one_of_definitions(services);
    Json requirement = one_of_definitions({"at_least", "all", "any"});
    requirement["anyOf"].insert(
        requirement["anyOf"].begin(),
        Json{{"type", "string"}, {"pattern", "^[A-Za-z0-9._-]{1,100}(/[A-Za-z0-9._-]{1,100})?$"}});
    requirement["description"] = "what must work: a component, \"service/sli\", or so many of further requirements";
    definitions["requirement"] = requirement;
  }
  schema["definitions"] = definitions;
  return schema;
}

// ---- results: objects may gain fields within a version, so additional ones are allowed
// ----------------------------------

Json text() { return Json{{"type", "string"}}; }
Json flag() { return Json{{"type", "boolean"}}; }
Json real() { return Json{{"type", "number"}}; }
Json whole() { return Json{{"type", "integer"}}; }
/// A figure that may not have been observed.
Json maybe() { return Json{{"type", Json::array({"number", "null"})}}; }
Json list(const Json& items) { return Json{{"type", "array"}, {"items", items}}; }
Json numbers() { return Json{{"type", "object"}, {"additionalProperties", real()}}; }
Json pair_of_numbers() {
  return Json{{"type", Json::array({"array", "null"})}, {"items", maybe()}, {"minItems", 2}, {"maxItems", 2}};
}

/// An object whose fields are all required, but those after `optional`.
Json record(const Fields& fields, const Fields& optional = {}) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const auto& [name, schema] : fields) {
    properties[name] = schema;
    required.push_back(name);
  }
  for (const auto& [name, schema] : optional) properties[name] = schema;
  return Json{{"type", "object"}, {"properties", properties}, {"required", required}};
}

Json estimate(const Fields& more = {}) { return record({{"estimate", maybe()}, {"ci95", pair_of_numbers()}}, more); }

Json sla_schema() {
  return record({{"target", real()},
                 {"window_h", real()},
                 {"breach_probability", estimate({{"credible95", pair_of_numbers()}})},
                 {"verdict", Json{{"enum", Json::array({"meets", "breaches", "open"})}}}},
                {{"expected_credit_usd_per_month", maybe()}, {"text", text()}});
}

Json sli_schema() {
  const Json credible = pair_of_numbers();
  const Json recovery =
      record({{"mean", maybe()}, {"p50", maybe()}, {"p95", maybe()}, {"p99", maybe()}, {"censored_share", maybe()}},
             {{"p50_ci95", pair_of_numbers()},
              {"p95_ci95", pair_of_numbers()},
              {"p99_ci95", pair_of_numbers()},
              {"quantiles", Json{{"type", "array"}, {"items", Json{{"type", "array"}}}}}});
  const Json loss = record({{"events_per_year", maybe()}, {"records_per_year", maybe()}, {"seconds_p95", maybe()}},
                           {{"events_per_year_ci95", pair_of_numbers()},
                            {"records_per_year_ci95", pair_of_numbers()},
                            {"records_per_year_upper95", maybe()},
                            {"records_p50", maybe()},
                            {"records_p95", maybe()},
                            {"seconds_p50", maybe()},
                            {"events_per_year_upper95_if_unseen", maybe()}});
  return record(
      {{"name", text()},
       {"client", Json{{"type", "object"}}},
       {"availability", estimate({{"credible95", credible}})},
       {"unavailability",
        estimate({{"credible95", credible}, {"upper95_if_unseen", maybe()}, {"without_planned", maybe()}})},
       {"downtime_minutes_per_year", estimate()},
       {"outages_per_year", estimate()},
       {"recovery_time_s", recovery},
       {"data_loss", loss}},
      {{"request_availability", estimate()},
       {"month_downtime", list(record({{"minutes", real()},
                                       {"allowed", flag()},
                                       {"exceeded_probability", estimate({{"upper95_if_unseen", maybe()}})}}))},
       {"mttf_h", estimate()},
       {"mtbf_h", estimate()},
       {"mission", record({{"hours", real()}, {"failure_probability", maybe()}})},
       {"sla", sla_schema()}});
}

Json or_absent(Json schema) { return {{"anyOf", Json::array({std::move(schema), Json{{"type", "null"}}})}}; }

/// What is asked first of an SLI.
Json headline_schema() {
  const Json chance = record({{"estimate", maybe()}, {"ci95", pair_of_numbers()}, {"upper95_if_unseen", maybe()}});
  const Json longest =
      record({{"fault", text()}, {"p95_s", maybe()}, {"outages_per_year", real()}, {"never_ends", flag()}});
  const Json lossiest = record({{"fault", text()}, {"records_p95", maybe()}, {"losses_per_year", real()}});
  return record({{"service", text()},
                 {"sli", text()},
                 {"rto", record({{"p50_s", maybe()}, {"p95_s", maybe()}, {"worst_fault", or_absent(longest)}})},
                 {"rpo", or_absent(record({{"losses_per_year", maybe()},
                                           {"losses_per_year_upper95", maybe()},
                                           {"losses_seen", whole()},
                                           {"incidents_watched", whole()},
                                           {"records_p50", maybe()},
                                           {"records_p95", maybe()},
                                           {"seconds_p50", maybe()},
                                           {"seconds_p95", maybe()},
                                           {"worst_fault", or_absent(lossiest)}}))},
                 {"breach_probability", or_absent(record({{"target", real()}, {"month", chance}, {"year", chance}}))},
                 {"single_points_of_failure", list(text())}},
                {{"text", record({{"rto", text()}, {"rpo", text()}, {"breach", text()}})}});
}

/// What stands where in health.
Json layout_schema() {
  const Json name = {{"type", Json::array({"string", "null"})}};
  const Json machine = record({{"name", text()},
                               {"count", whole()},
                               {"group", text()},
                               {"type", name},
                               {"capacity", name},
                               {"pods", list(text())}});
  return record({{"zones", list(record({{"name", text()}, {"machines", list(machine)}, {"machines_more", whole()}}))},
                 {"components", list(record({{"name", text()}, {"count", whole()}}))}});
}

/// Something that no figure holds.
Json left_out_schema() {
  return record({{"kind", text()},
                 {"text", text()},
                 {"truth", Json{{"enum", Json::array({"worse", "better", "either way"})}}},
                 {"of_design", flag()}});
}

/// What every result says about its limits.
Fields boundary_fields() {
  return {{"not_modelled", list(text())}, {"left_out", list(left_out_schema())}, {"warnings", list(text())}};
}

Json assessment_schema() {
  const Json item = record({{"name", text()}, {"monthly_usd", real()}});
  const Json cost = record({{"monthly_usd", real()},
                            {"region", text()},
                            {"price_date", text()},
                            {"items", list(item)},
                            {"not_included", list(text())}},
                           {{"price_source", text()}});
  const Json line = record({{"service", text()},
                            {"sli", text()},
                            {"fault", text()},
                            {"target", text()},
                            {"planned", flag()},
                            {"rate_per_year", real()},
                            {"mean_outage_s", maybe()},
                            {"p95_outage_s", maybe()},
                            {"phases_s", numbers()},
                            {"dominant_parameter", text()},
                            {"downtime_share", maybe()},
                            {"loss_share", maybe()}});
  const Json cut_group = record({{"lost_together", text()},
                                 {"parts", whole()},
                                 {"sets", whole()},
                                 {"order_matters", flag()},
                                 {"unavailability", maybe()},
                                 {"times_per_year", maybe()}});
  const Json cuts = record({{"service", text()},
                            {"sli", text()},
                            {"single_points_of_failure", list(text())},
                            {"groups", list(cut_group)},
                            {"couplings", list(text())},
                            {"order", whole()},
                            {"complete", flag()},
                            {"complete_up_to", whole()}});
  const Json value = {{"type", Json::array({"number", "string", "boolean", "object"})}};
  const Json assumption = record(
      {{"parameter", text()}, {"value", value}, {"unit", text()}, {"range", pair_of_numbers()}, {"source", text()}});
  const Json fitted =
      record({{"service", text()}, {"sli", text()}, {"laws", list(text())}, {"unavailability_within", real()}});
  const Json check = record(
      {{"method", text()},
       {"incidents", whole()},
       {"slis", list(record({{"service", text()},
                             {"sli", text()},
                             {"unavailability", record({{"estimate", maybe()}, {"interval", pair_of_numbers()}})},
                             {"holds_exact", flag()}}))}});
  const Json worst = record({{"by", Json{{"enum", Json::array({"downtime", "loss"})}}},
                             {"service", text()},
                             {"sli", text()},
                             {"downtime_s", real()},
                             {"records_lost", real()},
                             {"per_year", real()},
                             {"as_bad_per_year", real()},
                             {"faults", list(record({{"fault", text()}, {"at_s", real()}}))},
                             {"incident", text()},
                             {"command", text()}},
                            {{"never_ended", flag()}, {"length_s", real()}});
  Json schema = head("assessment", "Result of nines assess. Fields may be added within version 1.");
  schema.update(record({{"schema", Json{{"const", "nines/assessment/1"}}},
                        {"version", text()},
                        {"topology", text()},
                        {"hashes", Json{{"type", "object"}, {"additionalProperties", text()}}},
                        {"seed", whole()},
                        {"method", text()},
                        {"services", list(record({{"name", text()}, {"slis", list(sli_schema())}}))},
                        {"cost", cost},
                        {"budget", list(line)},
                        {"assumptions", list(assumption)},
                        {"not_modelled", list(text())},
                        {"warnings", list(text())},
                        {"run", record({}, {{"incidents", whole()}, {"events", whole()}, {"wall_s", real()}})}},
                       {{"title", text()},
                        {"command", Json{{"type", Json::array({"string", "null"})}}},
                        {"layout", layout_schema()},
                        {"left_out", list(left_out_schema())},
                        {"headline", list(headline_schema())},
                        {"worst_incidents", list(worst)},
                        {"cut_sets", list(cuts)},
                        {"method_reason", text()},
                        {"budget_from", Json{{"type", Json::array({"string", "null"})}}},
                        {"fitted_laws", list(fitted)},
                        {"cross_check", Json{{"anyOf", Json::array({check, Json{{"type", "null"}}})}}}}));
  return schema;
}

Json replay_schema() {
  const Json link = record({{"at_s", real()}, {"event", text()}, {"component", text()}});
  const Json outage = record({{"service", text()},
                              {"sli", text()},
                              {"start_s", real()},
                              {"duration_s", real()},
                              {"censored", flag()},
                              {"chain", list(link)},
                              {"phases_s", numbers()}},
                             {{"endless", flag()}});
  const Json milestone = record({{"name", text()}, {"at_s", real()}, {"component", text()}});
  const Json loss = record({{"service", text()}, {"records", real()}, {"seconds", real()}, {"rule", text()}});
  const Json run =
      record({{"run", whole()}, {"outages", list(outage)}, {"milestones", list(milestone)}, {"data_loss", list(loss)}},
             {{"usd_beyond_health", real()}});
  const Json histogram = record({{"edges_s", list(real())}, {"counts", list(whole())}});
  const Json spread = record({{"name", text()}, {"n", whole()}}, {{"mean_s", maybe()},
                                                                  {"p5_s", maybe()},
                                                                  {"p25_s", maybe()},
                                                                  {"p50_s", maybe()},
                                                                  {"p75_s", maybe()},
                                                                  {"p95_s", maybe()},
                                                                  {"max_s", maybe()},
                                                                  {"histogram", or_absent(histogram)}});
  const Json any_object = {{"type", "object"}};
  const Json summary =
      record({{"milestones", list(spread)}, {"outages", list(any_object)}, {"data_loss", list(any_object)}},
             {{"mean_usd_beyond_health", real()}, {"max_usd_beyond_health", real()}});
  const Json expectation =
      record({{"text", text()}, {"met_fraction", real()}, {"worst", text()}},
             {{"open_fraction", real()}, {"verdict", Json{{"enum", Json::array({"met", "open", "missed"})}}}});
  Json schema = head("replay", "Result of nines replay. Fields may be added within version 1.");
  schema.update(record({{"schema", Json{{"const", "nines/replay/1"}}},
                        {"topology", text()},
                        {"scenario", text()},
                        {"seed", whole()},
                        {"runs", list(run)},
                        {"summary", summary},
                        {"expectations", list(expectation)}},
                       boundary_fields()));
  return schema;
}

Json comparison_schema() {
  const Json delta = record({{"estimate", real()}, {"ci95", pair_of_numbers()}});
  const Json sli = record({{"service", text()},
                           {"sli", text()},
                           {"downtime_minutes_per_year", delta},
                           {"outages_per_year", delta},
                           {"mean_outage_s", Json{{"anyOf", Json::array({delta, Json{{"type", "null"}}})}}},
                           {"losses_per_year", delta},
                           {"records_lost_per_year", delta}});
  const Json fault = record({{"fault", text()},
                             {"rate_per_year", list(real())},
                             {"downtime_minutes_per_year", list(real())},
                             {"difference", delta}});
  const Json design = record({{"label", text()},
                              {"topology", text()},
                              {"hashes", Json{{"type", "object"}, {"additionalProperties", text()}}},
                              {"services", list(record({{"name", text()}, {"slis", list(sli_schema())}}))},
                              {"cost", Json{{"type", "object"}}},
                              {"incidents", whole()}});
  const Json difference = record({{"from", text()},
                                  {"to", text()},
                                  {"slis", list(sli)},
                                  {"cost_usd_per_month", delta},
                                  {"faults", list(fault)},
                                  {"precise", flag()},
                                  {"incidents_saved_factor", real()}});
  Json schema = head("comparison", "Result of nines compare. Fields may be added within version 1.");
  schema.update(record({{"schema", Json{{"const", "nines/comparison/1"}}},
                        {"version", text()},
                        {"seed", whole()},
                        {"target", text()},
                        {"paired", flag()},
                        {"designs", list(design)},
                        {"differences", list(difference)},
                        {"run", record({{"incidents", whole()}, {"blocks", whole()}},
                                       {{"planning_incidents", whole()}, {"wall_s", real()}})}},
                       boundary_fields()));
  return schema;
}

Json advice_schema() {
  const Json delta = record({{"estimate", real()}, {"ci95", pair_of_numbers()}});
  const Json verdict = {{"enum", Json::array({"meets", "breaches", "open", nullptr})}};
  const Json change =
      record({{"name", text()},
              {"kind", text()},
              {"title", text()},
              {"what_if", flag()},
              {"set", list(text())},
              {"effect", Json{{"enum", Json::array({"helps", "next-to-nothing", "within-noise", "harms"})}}},
              {"downtime_minutes_per_year", delta},
              {"cost_usd_per_month", or_absent(delta)},
              {"minutes_per_dollar", maybe()},
              {"verdict", verdict},
              {"losses_per_year", or_absent(delta)},
              {"exact", flag()}});
  const Json impossible = record({{"name", text()}, {"title", text()}, {"set", list(text())}, {"reason", text()}},
                                 {{"kind", text()}, {"what_if", flag()}});
  const Json base =
      record({{"downtime_minutes_per_year",
               record({{"estimate", maybe()}, {"ci95", pair_of_numbers()}, {"upper95_if_unseen", maybe()}})},
              {"cost_usd_per_month", maybe()},
              {"verdict", verdict}});
  Json schema = head("advice", "Result of nines advise. Fields may be added within version 1.");
  schema.update(record({{"schema", Json{{"const", "nines/advice/1"}}},
                        {"version", text()},
                        {"topology", text()},
                        {"hashes", Json{{"type", "object"}, {"additionalProperties", text()}}},
                        {"seed", whole()},
                        {"target", text()},
                        {"method", Json{{"enum", Json::array({"exact", "incidents"})}}},
                        {"base", base},
                        {"changes", list(change)},
                        {"impossible", list(impossible)},
                        {"not_modelled", list(text())},
                        {"run", record({{"incidents", whole()}, {"blocks", whole()}}, {{"wall_s", real()}})}}));
  return schema;
}

Json sweep_result_schema() {
  const Json figure = record({{"estimate", maybe()}, {"ci95", pair_of_numbers()}});
  const Json figures = {{"type", "object"}, {"additionalProperties", figure}};
  const Json point = record({{"point", whole()},
                             {"settings", Json{{"type", "object"}, {"additionalProperties", text()}}},
                             {"status", text()},
                             {"figures", figures}},
                            {{"rung", whole()},
                             {"incidents", whole()},
                             {"input_hash", text()},
                             {"profile_hash", text()},
                             {"problem", text()},
                             {"confirmed", figures},
                             {"beaten_by", whole()},
                             {"reason", text()}});
  Fields more = boundary_fields();
  more.emplace_back("objectives", list(text()));
  more.emplace_back("require", list(record({{"figure", text()}, {"at_most", real()}})));
  more.emplace_back("races", list(record({{"given", text()}, {"front", list(whole())}})));
  Json schema = head("sweep-result", "Result of nines sweep. Fields may be added within version 1.");
  schema.update(record({{"schema", Json{{"const", "nines/sweep-result/1"}}},
                        {"version", text()},
                        {"sweep", text()},
                        {"sweep_hash", text()},
                        {"seed", whole()},
                        {"complete", flag()},
                        {"winner", Json{{"type", Json::array({"integer", "null"})}}},
                        {"front", list(whole())},
                        {"points", list(point)}},
                       more));
  return schema;
}

Json lab_result_schema() {
  const Json prediction = record({}, {{"unit", text()},
                                      {"tolerance", real()},
                                      {"within", real()},
                                      {"options", list(record({{"answer", text()}, {"text", text()}}))}});
  const Json statement =
      record({{"text", text()}, {"figure", text()}, {"value", real()}, {"holds", flag()}, {"by", text()}});
  const Json result = record({{"answer", text()},
                              {"right", flag()},
                              {"truth", record({{"value", real()}, {"unit", text()}}, {{"answer", text()}})},
                              {"why", list(text())},
                              {"holds", list(statement)}},
                             {{"replay", Json{{"type", "object"}}}});
  Json schema = head("lab-result", "Result of nines lab run. Fields may be added within version 1.");
  schema.update(record({{"schema", Json{{"const", "nines/lab-result/1"}}},
                        {"number", whole()},
                        {"name", text()},
                        {"title", text()},
                        {"level", text()},
                        {"variants", whole()},
                        {"asks", Json{{"enum", Json::array({"choice", "number"})}}},
                        {"seed", whole()},
                        {"values", Json{{"type", "object"}}},
                        {"about", list(text())},
                        {"question", text()},
                        {"predict", prediction}},
                       {{"result", result},
                        {"sources", list(text())},
                        {"what_if", record({{"question", text()}, {"predict", prediction}}, {{"result", result}})}}));
  return schema;
}

}  // namespace

std::string schema_text(std::string_view kind) {
  Json schema;
  if (kind == "topology")
    schema = input_schema(kind, "What exists: machines, black boxes, services, clients, targets.", topology_fields());
  else if (kind == "scenario")
    schema = input_schema(kind, "What is done to a topology, and what is expected to come of it.", scenario_fields());
  else if (kind == "profile")
    schema = input_schema(kind, "Sourced numbers: each with unit, plausible range and source.", profile_fields());
  else if (kind == "assessment")
    schema = assessment_schema();
  else if (kind == "sweep")
    schema = input_schema(kind, "Designs to try, and what is asked of them.", sweep_fields());
  else if (kind == "lab")
    schema = input_schema(
        kind, "A question about a cluster that fails, to be answered by prediction and by playing it.", lab_fields());
  else if (kind == "comparison")
    schema = comparison_schema();
  else if (kind == "advice")
    schema = advice_schema();
  else if (kind == "sweep-result")
    schema = sweep_result_schema();
  else if (kind == "lab-result")
    schema = lab_result_schema();
  else
    schema = replay_schema();
  return schema.dump(2) + "\n";
}

}  // namespace nines::loader
