#include "experiments/loader/inert_keys.hpp"

#include <fmt/format.h>

#include "experiments/loader/kind_fields.hpp"

namespace nines::loader {

bool take_inert(const Value& member, const models::service::Kind& kind, const InertKeys* inert, std::string_view key) {
  const std::string_view reason = inert == nullptr ? std::string_view{} : inert->reason(key);
  if (reason.empty()) return false;
  if (member.json().is_structured() || member.json().is_null())
    member.expected("a string, a number, true or false");
  else
    member.warn_key(
        fmt::format("{} reads this key, but it changes nothing in this model: {}. Remove it to be rid of this.",
                    product_of(kind), reason));
  return true;
}

std::vector<FieldSpec> with_inert(std::span<const FieldSpec> fields, const InertKeys& inert) {
  std::vector<FieldSpec> all(fields.begin(), fields.end());
  for (const std::string_view key : inert.keys) all.push_back({key, Shape::ignored, false, "not read"});
  return all;
}

namespace {

void collect(const models::service::Kind& kind, const ObjectSpec& object, std::vector<InertOf>& into) {
  if (object.inert != nullptr) into.push_back({&kind, object.inert});
  for (const FieldSpec& field : object.fields) {
    if (field.parameters != nullptr && field.parameters->inert != nullptr)
      into.push_back({&kind, field.parameters->inert});
    if (field.table != nullptr) collect(kind, *field.table, into);
  }
}

}  // namespace

std::vector<InertOf> all_inert_keys() {
  std::vector<InertOf> all;
  for (const models::service::Kind* kind : models::service::kinds()) {
    if (kind->fields != nullptr) collect(*kind, *kind->fields, all);
  }
  return all;
}

}  // namespace nines::loader
