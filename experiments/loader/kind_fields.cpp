#include "experiments/loader/kind_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "experiments/loader/fields.hpp"

namespace nines::loader {

namespace {

std::span<const FieldSpec> own_fields(const Kind& kind) {
  return kind.fields == nullptr ? std::span<const FieldSpec>{} : kind.fields->fields;
}

/// What every service has stands before the kind's own lists.
std::vector<FieldSpec> rows_of(const Kind& kind, std::size_t position) {
  std::vector<FieldSpec> rows{
      {"name", Shape::name, true, "name of the service"},
      {"kind", Shape::choice, true, "what it is", {}, kind_names().subspan(position, 1)},
  };
  const std::span<const FieldSpec> own = own_fields(kind);
  const auto lists =
      std::find_if(own.begin(), own.end(), [](const FieldSpec& field) { return field.shape == Shape::objects; });
  rows.insert(rows.end(), own.begin(), lists);
  if (kind.hosted) {
    for (const FieldSpec& field : controller_fields()) rows.push_back(field);
    rows.push_back(
        {"pdb", Shape::object, false,
         "disruption budget over the pods of the service but those of pools with a controller of their own; without it "
         "evictions may take all",
         "pdb"});
    for (const FieldSpec& field : container_fields()) rows.push_back(field);
    rows.push_back({"pools", Shape::objects, true, "pods by role", "pool"});
  }
  rows.insert(rows.end(), lists, own.end());
  return rows;
}

const std::map<const Kind*, std::vector<FieldSpec>>& rows_by_kind() {
  static const std::map<const Kind*, std::vector<FieldSpec>> all = [] {
    std::map<const Kind*, std::vector<FieldSpec>> map;
    const std::span<const Kind* const> kinds = models::service::kinds();
    for (std::size_t i = 0; i < kinds.size(); ++i) map.emplace(kinds[i], rows_of(*kinds[i], i));
    return map;
  }();
  return all;
}

void collect(const ObjectSpec& object, std::vector<const ObjectSpec*>& into) {
  for (const FieldSpec& field : object.fields) {
    if (field.table == nullptr || std::find(into.begin(), into.end(), field.table) != into.end()) continue;
    into.push_back(field.table);
    collect(*field.table, into);
  }
}

/// The tables below a kind's own, outer ones first.
std::vector<const ObjectSpec*> tables_of(const Kind& kind) {
  std::vector<const ObjectSpec*> tables;
  if (kind.fields != nullptr) collect(*kind.fields, tables);
  return tables;
}

}  // namespace

std::span<const std::string_view> kind_names() {
  static const std::vector<std::string_view> all = [] {
    std::vector<std::string_view> names;
    for (const Kind* kind : models::service::kinds()) names.push_back(kind->name);
    return names;
  }();
  return all;
}

const Kind& kind_meant(const Json& service) {
  const Kind* found = nullptr;
  if (service.is_object() && service.contains("kind") && service["kind"].is_string()) {
    const auto& name = service["kind"].get_ref<const std::string&>();
    found = models::service::find_kind(name);
    if (found == nullptr) found = models::service::find_kind(nearest(name, kind_names()));
  }
  return found == nullptr ? *models::service::kinds().front() : *found;
}

bool has_processes(const Document& document) {
  const Json& root = document.root();
  bool others = root.is_object() && root.contains("components");
  if (root.is_object() && root.contains("services") && root["services"].is_array()) {
    for (const Json& service : root["services"]) {
      if (kind_meant(service).hosted || kind_meant(service).runs_platform) return true;
      others = true;
    }
  }
  return !others;
}

std::string_view product_of(const Kind& kind) { return kind.product.empty() ? kind.name : kind.product; }

const FieldSpec* version_field(const Kind& kind) {
  for (const FieldSpec& field : own_fields(kind)) {
    if (field.shape == Shape::version) return &field;
  }
  return nullptr;
}

std::string version_of(models::ServiceSpec& service) {
  const FieldSpec* field = version_field(*service.kind);
  if (field == nullptr) return {};
  return *std::get<std::string*>(field->slot(service.kind->own_spec(service)));
}

std::span<const FieldSpec> service_fields(const Kind& kind) { return rows_by_kind().at(&kind); }

std::span<const FieldSpec> pool_fields() {
  static const std::string meaning = [] {
    std::vector<std::string> roles;
    for (const Kind* kind : models::service::kinds()) {
      if (!kind->roles.empty()) roles.push_back(fmt::format("{} ({})", one_of(role_names(*kind)), kind->name));
    }
    return fmt::format("roles of its pods: {}", fmt::join(roles, "; "));
  }();
  static const std::vector<FieldSpec> all = [] {
    std::vector<FieldSpec> fields(pool_rows().begin(), pool_rows().end());
    const std::span<const Kind* const> kinds = models::service::kinds();
    for (FieldSpec& field : fields) {
      if (field.name != "roles") continue;
      field.meaning = meaning;
      field.required = std::none_of(kinds.begin(), kinds.end(),
                                    [](const Kind* kind) { return kind->hosted && kind->roles.empty(); });
    }
    return fields;
  }();
  return all;
}

std::vector<FieldSpec> pool_fields(const Kind& kind) {
  std::vector<FieldSpec> fields(pool_fields().begin(), pool_fields().end());
  for (FieldSpec& field : fields) field.required = field.required || field.name == "roles";
  if (kind.roles.empty()) std::erase_if(fields, [](const FieldSpec& field) { return field.name == "roles"; });
  return fields;
}

std::vector<std::string_view> role_names(const Kind& kind) {
  std::vector<std::string_view> names;
  for (const models::service::Role& role : kind.roles) names.push_back(role.name);
  return names;
}

const FieldSpec* own_field(const Kind& kind, std::string_view name) {
  for (const FieldSpec& field : own_fields(kind)) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

const FieldSpec* config_field(const KindGroup& group) {
  std::span<const FieldSpec> fields = own_fields(*group.kind);
  if (!group.group->list.empty()) {
    const FieldSpec* list = own_field(*group.kind, group.group->list);
    if (list == nullptr || list->table == nullptr) return nullptr;
    fields = list->table->fields;
  }
  for (const FieldSpec& field : fields) {
    if (field.parameters == group.group) return &field;
  }
  return nullptr;
}

std::vector<OtherFields> fields_of_other_services(const Kind& kind) {
  std::vector<OtherFields> others;
  for (const Kind* other : models::service::kinds()) {
    const std::span<const FieldSpec> fields = service_fields(*other);
    if (other != &kind) others.push_back({{fields.begin(), fields.end()}, std::string(other->title)});
  }
  return others;
}

std::vector<OtherFields> fields_of_other_lists(const Kind& kind, std::string_view list) {
  std::vector<OtherFields> others;
  for (const Kind* other : models::service::kinds()) {
    const FieldSpec* field = other == &kind ? nullptr : own_field(*other, list);
    if (field == nullptr || field->table == nullptr || field->shape != Shape::objects) continue;
    const std::span<const FieldSpec> fields = field->table->fields;
    others.push_back({{fields.begin(), fields.end()}, fmt::format("{}s of {}", field->what, other->title)});
  }
  return others;
}

const std::vector<ObjectSpec>& service_objects() {
  static std::deque<std::string> names;
  static const std::vector<ObjectSpec> all = [] {
    std::vector<ObjectSpec> list;
    for (const Kind* kind : models::service::kinds()) {
      list.push_back({names.emplace_back(fmt::format("{}_service", kind->name)),
                      kind->fields == nullptr ? kind->title : kind->fields->meaning, service_fields(*kind)});
    }
    return list;
  }();
  return all;
}

std::string_view definition_of(const ObjectSpec& table) {
  static const std::map<const ObjectSpec*, std::string> all = [] {
    std::set<std::string, std::less<>> taken(own_definitions().begin(), own_definitions().end());
    std::map<const ObjectSpec*, std::string> names;
    for (const Kind* kind : models::service::kinds()) taken.insert(fmt::format("{}_service", kind->name));
    for (const Kind* kind : models::service::kinds()) {
      for (const ObjectSpec* object : tables_of(*kind)) {
        if (names.contains(object)) continue;
        std::string name(object->name);
        while (!taken.insert(name).second) name = fmt::format("{}_{}", kind->name, name);
        names.emplace(object, std::move(name));
      }
    }
    return names;
  }();
  return all.at(&table);
}

std::vector<ObjectSpec> own_objects(bool hosted) {
  std::vector<ObjectSpec> all;
  std::set<const ObjectSpec*> seen;
  for (const Kind* kind : models::service::kinds()) {
    if (kind->hosted != hosted) continue;
    for (const ObjectSpec* table : tables_of(*kind)) {
      if (!seen.insert(table).second) continue;
      all.push_back(*table);
      all.back().name = definition_of(*table);
    }
  }
  return all;
}

}  // namespace nines::loader
