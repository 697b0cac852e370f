#include "experiments/loader/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>

namespace nines::loader {

Value Value::member(std::string_view key) const {
  return Value(*document_, *problems_, *json_->find(std::string(key)), pointer_ + '/' + escape_token(key));
}

Value Value::element(std::size_t index) const {
  return Value(*document_, *problems_, (*json_)[index], pointer_ + '/' + std::to_string(index));
}

void Value::report(std::string message) const { problems_->add(document_->problem(pointer_, std::move(message))); }

void Value::report_key(std::string message) const {
  problems_->add(document_->problem_at_key(pointer_, std::move(message)));
}

void Value::expected(std::string_view what) const { report(fmt::format("expected {}, got {}.", what, shown(*json_))); }

void Value::warn(std::string message) const { problems_->warn(document_->problem(pointer_, std::move(message))); }

void Value::warn_key(std::string message) const {
  problems_->warn(document_->problem_at_key(pointer_, std::move(message)));
}

namespace {

/// A text, or what was typed for a number where the command line's value is one; nothing of another value.
std::optional<std::string> text_of(const Value& value) {
  if (value.json().is_string()) return value.json().get<std::string>();
  return value.document().typed_text(value.pointer());
}

/// Numbers and literals that stand where a text is wanted lack their quotes. The message does not repeat them: 1.30 has
/// become 1.3.
std::string_view quotes_missing(const Json& json) {
  return json.is_number() || json.is_boolean() ? " Put double quotes around it." : "";
}

}  // namespace

Object::Object(const Value& value, std::span<const FieldSpec> fields, std::string_view what,
               std::span<const OtherFields> others)
    : value_(value), fields_(fields) {
  if (!value.json().is_object()) {
    value.expected(fmt::format("an object that describes {}", what));
    return;
  }
  valid_ = true;
  std::vector<std::string_view> names;
  for (const FieldSpec& field : fields) names.push_back(field.name);
  std::vector<std::string> misspelt;
  std::size_t unknown = 0;
  for (const auto& [key, ignored] : value.json().get_ref<const Json::object_t&>()) {
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    if (++unknown > InputError::shown_problems) break;  // finding the place of each is linear
    const auto other = std::find_if(others.begin(), others.end(), [&, &key = key](const OtherFields& known) {
      return std::any_of(known.fields.begin(), known.fields.end(),
                         [&](const FieldSpec& field) { return field.name == key; });
    });
    if (other != others.end()) {
      value.member(key).report_key(
          fmt::format("no model reads '{}' of {}: it is a field of {}.", key, what, other->of));
      continue;
    }
    misspelt.push_back(nearest(key, names));
    const std::string hint = misspelt.back().empty() ? " Known are " + one_of(names) + "." : did_you_mean(key, names);
    value.member(key).report_key(fmt::format("unknown field of {}.{}", what, hint));
  }
  for (const FieldSpec& field : fields) {
    // A misspelt field is one problem, not an unknown and a missing one.
    const bool meant = std::find(misspelt.begin(), misspelt.end(), field.name) != misspelt.end();
    if (field.required && !meant && !has(field.name))
      value.report(fmt::format("missing field '{}' of {}: {}.", field.name, what, field.meaning));
  }
}

const FieldSpec& Object::spec(std::string_view field) const {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [&](const FieldSpec& known) { return known.name == field; });
  assert(found != fields_.end());
  return *found;
}

bool Object::number(std::string_view field, double& out) const {
  const std::optional<Value> found = get(field);
  return found && read_number(*found, out, spec(field).limits);
}

bool Object::whole(std::string_view field, std::int64_t& out, std::optional<std::int64_t> most) const {
  const std::optional<Value> found = get(field);
  const Limits& limits = spec(field).limits;
  return found && read_count(*found, out, static_cast<std::int64_t>(limits.least),
                             most.value_or(static_cast<std::int64_t>(limits.most)));
}

std::optional<Value> Object::get(std::string_view field) const {
  assert(std::any_of(fields_.begin(), fields_.end(), [&](const FieldSpec& f) { return f.name == field; }));
  if (!valid_ || !value_.json().contains(std::string(field))) return std::nullopt;
  return value_.member(field);
}

std::vector<Value> Object::elements(std::string_view field, std::size_t most, bool at_least_one) const {
  const std::optional<Value> found = get(field);
  return found ? read_elements(*found, most, at_least_one) : std::vector<Value>{};
}

std::vector<Value> read_elements(const Value& value, std::size_t most, bool at_least_one) {
  std::vector<Value> out;
  const Json& json = value.json();
  if (!json.is_array()) {
    value.expected("an array");
  } else if (json.size() > most) {
    value.report(fmt::format("expected at most {} elements, got {}.", most, json.size()));
  } else if (at_least_one && json.empty()) {
    value.report("expected at least one element, got none.");
  } else {
    for (std::size_t i = 0; i < json.size(); ++i) out.push_back(value.element(i));
  }
  return out;
}

bool read_text(const Value& value, std::string& out) {
  const std::optional<std::string> text = text_of(value);
  if (!text) {
    value.report(fmt::format("expected a string, got {}.{}", shown(value.json()), quotes_missing(value.json())));
    return false;
  }
  out = *text;
  return true;
}

bool read_name(const Value& value, std::string& out) {
  constexpr std::size_t longest = 100;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  const std::optional<std::string> text = text_of(value);
  if (text && !text->empty() && text->size() <= longest && std::all_of(text->begin(), text->end(), allowed)) {
    out = *text;
    return true;
  }
  value.report(fmt::format("expected a name of letters, digits, '.', '_' and '-' (at most {}), got {}.{}", longest,
                           shown(value.json()), quotes_missing(value.json())));
  return false;
}

bool read_boolean(const Value& value, bool& out) {
  if (!value.json().is_boolean()) {
    value.expected("true or false");
    return false;
  }
  out = value.json().get<bool>();
  return true;
}

bool read_count(const Value& value, std::int64_t& out, std::int64_t low, std::int64_t high) {
  const Json& json = value.json();
  // 3.0 is a number of things, 3.5 is not; 64-bit overflow arrives as a real number and is out of range.
  const bool whole =
      json.is_number_integer() || (json.is_number_float() && std::floor(json.get<double>()) == json.get<double>());
  const double real = json.is_number() ? json.get<double>() : 0;
  if (!whole || real < static_cast<double>(low) || real > static_cast<double>(high)) {
    value.expected(fmt::format("a whole number from {} to {}", low, high));
    return false;
  }
  out = static_cast<std::int64_t>(real);
  return true;
}

bool read_number(const Value& value, double& out, double low, double high, bool above_low) {
  return read_number(value, out, Limits{low, high, above_low});
}

bool read_number(const Value& value, double& out, const Limits& limits) {
  const Json& json = value.json();
  const double real = json.is_number() ? json.get<double>() : 0;
  const bool inside = std::isfinite(real) && real <= limits.most && real >= limits.least &&
                      !(limits.above_least && real <= limits.least) && !(limits.below_most && real >= limits.most);
  if (!json.is_number() || !inside) {
    value.expected(fmt::format("a number {} {} and {} {}", limits.above_least ? ">" : ">=", limits.least,
                               limits.below_most ? "<" : "<=", limits.most));
    return false;
  }
  out = real;
  return true;
}

std::optional<double> quantity_in_base(const Value& value, Dimension dimension, const Unit** unit_out,
                                       double* number_out) {
  const Json& json = value.json();
  const std::optional<Quantity> quantity =
      json.is_string() ? split_quantity(json.get_ref<const std::string&>()) : std::nullopt;
  if (!quantity) {
    value.expected(expected_quantity(dimension));
    return std::nullopt;
  }
  const Unit* unit = find_unit(dimension, quantity->unit);
  if (unit == nullptr) {
    std::vector<std::string_view> names;
    for (const Unit& known : units(dimension)) names.push_back(known.name);
    value.report(fmt::format("expected {}, got {}: {} is no unit of it.{}", expected_quantity(dimension), shown(json),
                             quantity->unit.empty() ? "nothing" : '\'' + quantity->unit.substr(0, 40) + '\'',
                             did_you_mean(quantity->unit, names)));
    return std::nullopt;
  }
  if (unit_out != nullptr) *unit_out = unit;
  if (number_out != nullptr) *number_out = quantity->number;
  return to_base(*unit, quantity->number);
}

bool read_quantity(const Value& value, double& out, Dimension dimension, bool positive) {
  const std::optional<double> base = quantity_in_base(value, dimension);
  if (!base) return false;
  if (*base < 0 || (positive && *base <= 0) || *base > largest(dimension)) {
    const Unit& unit = units(dimension)[0];
    value.expected(fmt::format("a value {} 0 and at most {:g} {}",
                               positive ? ">" : ">=", from_base(unit, largest(dimension)), unit.name));
    return false;
  }
  out = *base;
  return true;
}

bool read_choice(const Value& value, std::size_t& out, std::span<const std::string_view> choices,
                 std::string_view what) {
  const Json& json = value.json();
  const std::string text = json.is_string() ? json.get<std::string>() : "";
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (json.is_string() && found != choices.end()) {
    out = static_cast<std::size_t>(found - choices.begin());
    return true;
  }
  value.report(
      fmt::format("expected {} ({}), got {}.{}", what, one_of(choices), shown(json), did_you_mean(text, choices)));
  return false;
}

bool check_known(const Value& value, const std::string& name, const std::vector<std::string>& known,
                 std::string_view what) {
  if (known.empty() || std::find(known.begin(), known.end(), name) != known.end()) return true;
  value.report(no_such(what, name, known));
  return false;
}

std::string no_such(std::string_view what, std::string_view name, std::span<const std::string> known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  return fmt::format("there is no {} '{}' (known: {}).{}", what, name, one_of(views), did_you_mean(name, views));
}

void report_duplicates(const std::vector<std::pair<std::string, Value>>& names, std::string_view what) {
  std::map<std::string, std::string> first;
  for (const auto& [name, value] : names) {
    const auto [found, fresh] = first.emplace(name, value.pointer());
    if (!fresh)
      value.report(fmt::format("expected a name that no other {} has, got '{}' again (first at {}).", what, name,
                               found->second));
  }
}

bool check_schema(const Value& root, std::string_view kind, bool may_lack) {
  const std::string wanted = fmt::format("nines/{}/1", kind);
  if (!root.json().is_object()) {
    root.expected(fmt::format("an object with \"schema\": \"{}\"", wanted));
    return false;
  }
  if (may_lack && !root.json().contains("schema")) return true;
  if (!root.json().contains("schema")) {
    root.report(fmt::format("missing field 'schema': expected \"{}\".", wanted));
    return false;
  }
  const Value schema = root.member("schema");
  if (schema.json().is_string() && schema.json().get_ref<const std::string&>() == wanted) return true;
  const std::string text = schema.json().is_string() ? schema.json().get<std::string>() : "";
  const bool other_version = text.starts_with(fmt::format("nines/{}/", kind));
  schema.report(fmt::format("expected \"{}\", got {}{}.", wanted, shown(schema.json()),
                            other_version ? ": this program reads version 1 only" : ""));
  return false;
}

}  // namespace nines::loader
