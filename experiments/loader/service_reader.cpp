#include "experiments/loader/service_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "experiments/loader/inert_keys.hpp"
#include "experiments/loader/versions.hpp"

namespace nines::loader {

namespace {

using models::service::ChoiceSlot;
using models::service::ListSlot;
using models::service::ObjectSlot;
using models::service::Slot;

constexpr std::size_t most_texts = 100;

/// Versions that the profiles know for any group of the kind.
std::vector<std::string> known_versions(const ProfileSet& profiles, const Kind& kind) {
  std::vector<std::string> known;
  for (const Group group : groups_of(kind)) {
    for (std::string& version : profiles.variants(group)) known.push_back(std::move(version));
  }
  std::sort(known.begin(), known.end(), version_less);
  known.erase(std::unique(known.begin(), known.end()), known.end());
  return known;
}

/// Puts one value into its place.
class FieldReader {
 public:
  FieldReader(const TopologyInput& input, const models::Topology& topology, const Kind& kind,
              std::vector<Value>& requirements)
      : input_(input), topology_(topology), kind_(kind), requirements_(requirements) {}

  void read(const Object& object, std::span<const FieldSpec> fields, void* holder) {
    for (const FieldSpec& field : fields) {
      if (field.slot == nullptr) continue;
      // An optional struct comes into being when its place is asked for.
      const std::optional<Value> value = object.get(field.name);
      if (!value) continue;
      std::visit([&](auto slot) { put(*value, field, slot); }, field.slot(holder));
    }
  }

 private:
  static void put(const Value&, const FieldSpec&, std::monostate) {}
  void put(const Value& value, const FieldSpec& field, std::string* out) const {
    if (field.shape == Shape::name)
      read_name(value, *out);
    else if (field.shape == Shape::version)
      read_version(value, *out, known_versions(*input_.profiles, kind_), product_of(kind_));
    else
      read_text(value, *out);
  }
  static void put(const Value& value, const FieldSpec&, bool* out) { read_boolean(value, *out); }
  static void put(const Value& value, const FieldSpec& field, std::int64_t* out) {
    read_count(value, *out, static_cast<std::int64_t>(field.limits.least),
               static_cast<std::int64_t>(field.limits.most));
  }
  static void put(const Value& value, const FieldSpec& field, double* out) { read_number(value, *out, field.limits); }
  static void put(const Value& value, const FieldSpec& field, models::Duration* out) {
    double seconds = 0;
    if (read_number(value, seconds, field.limits)) *out = models::Duration::from_seconds(seconds);
  }
  static void put(const Value& value, const FieldSpec& field, models::Rate* out) {
    read_quantity(value, out->per_hour, Dimension::rate, field.limits.above_least);
  }
  static void put(const Value& value, const FieldSpec& field, models::Bytes* out) {
    read_quantity(value, out->count, Dimension::bytes, field.limits.above_least);
  }
  static void put(const Value& value, const FieldSpec& field, models::Bandwidth* out) {
    read_quantity(value, out->bytes_per_s, Dimension::bandwidth, field.limits.above_least);
  }
  static void put(const Value& value, const FieldSpec& field, std::vector<std::string>* out) {
    for (const Value& element : read_elements(value, most_texts, field.required)) {
      std::string text;
      if (read_text(element, text)) out->push_back(std::move(text));
    }
  }
  static void put(const Value& value, const FieldSpec&, std::optional<models::SlaSpec>* out) {
    read_sla(value, out->emplace());
  }
  void put(const Value& value, const FieldSpec&, models::structure::RequirementSpec* out) {
    read_requirement(value, topology_, *out);
    requirements_.push_back(value);
  }
  static void put(const Value& value, const FieldSpec& field, ChoiceSlot slot) {
    std::size_t choice = 0;
    if (read_choice(value, choice, field.choices, field.what)) slot.assign(slot.at, choice);
  }
  void put(const Value& value, const FieldSpec& field, ListSlot slot) {
    const std::vector<OtherFields> others = fields_of_other_lists(kind_, field.name);
    std::vector<std::pair<std::string, Value>> names;
    for (const Value& element : read_elements(value, static_cast<std::size_t>(field.limits.most), field.required)) {
      void* const item = slot.append(slot.at);
      put_object(element, *field.table, item, others);
      std::string name = name_of(*field.table, item);
      if (!name.empty()) names.emplace_back(std::move(name), element);
    }
    report_duplicates(names, field.what);
  }
  void put(const Value& value, const FieldSpec& field, ObjectSlot slot) {
    put_object(value, *field.table, slot.at, {});
  }

  void put_object(const Value& value, const ObjectSpec& table, void* holder, std::span<const OtherFields> others) {
    if (table.inert == nullptr) return read(Object(value, table.fields, table.what, others), table.fields, holder);
    const std::vector<FieldSpec> known = with_inert(table.fields, *table.inert);
    const Object object(value, known, table.what, others);
    if (object.valid()) {
      for (const auto& [key, ignored] : value.json().get_ref<const Json::object_t&>())
        take_inert(value.member(key), kind_, table.inert, key);
    }
    read(object, table.fields, holder);
  }

  /// What elements of a list are told apart by; empty if they have no name.
  static std::string name_of(const ObjectSpec& table, void* holder) {
    for (const FieldSpec& field : table.fields) {
      if (field.name != "name" || field.slot == nullptr) continue;
      const Slot slot = field.slot(holder);
      if (const auto* name = std::get_if<std::string*>(&slot)) return **name;
    }
    return {};
  }

  const TopologyInput& input_;
  const models::Topology& topology_;
  const Kind& kind_;
  std::vector<Value>& requirements_;
};

/// Edits may add below an object that may be missing and that may be empty.
bool may_be_empty(const FieldSpec& field) {
  if (field.shape == Shape::config) return true;
  return field.absent_is_empty && !field.required &&
         std::none_of(field.table->fields.begin(), field.table->fields.end(),
                      [](const FieldSpec& inner) { return inner.required; });
}

const Json* member_of(const Json& json, std::string_view name) {
  const std::string key(name);
  return json.is_object() && json.contains(key) ? &json[key] : nullptr;
}

const Json& json_at(const Document& document, const std::string& pointer) {
  const Json* at = &document.root();
  for (const std::string& step : split_pointer(pointer)) at = &(at->is_array() ? (*at)[std::stoul(step)] : (*at)[step]);
  return *at;
}

void prepare(Document& document, const std::string& pointer, std::span<const FieldSpec> fields) {
  for (const FieldSpec& field : fields) {
    const std::string at = fmt::format("{}/{}", pointer, escape_token(field.name));
    if (may_be_empty(field)) document.ensure_object(at);
    const Json* value = member_of(json_at(document, pointer), field.name);
    if (field.table == nullptr || value == nullptr) continue;
    if (field.shape == Shape::object) prepare(document, at, field.table->fields);
    const std::size_t elements = field.shape == Shape::objects && value->is_array() ? value->size() : 0;
    for (std::size_t i = 0; i < elements; ++i) prepare(document, fmt::format("{}/{}", at, i), field.table->fields);
  }
}

}  // namespace

void read_own_fields(const TopologyInput& input, const Object& object, const models::Topology& topology,
                     models::ServiceSpec& service, std::vector<Value>& requirements) {
  const Kind& kind = *service.kind;
  if (kind.fields == nullptr) return;
  FieldReader(input, topology, kind, requirements).read(object, kind.fields->fields, kind.own_spec(service));
}

void prepare_service(Document& document, const std::string& pointer) {
  const Kind& kind = kind_meant(json_at(document, pointer));
  if (kind.fields != nullptr) prepare(document, pointer, kind.fields->fields);
}

}  // namespace nines::loader
