#include "experiments/advise/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <optional>

#include "experiments/loader/data_files.hpp"
#include "experiments/loader/fields.hpp"
#include "experiments/loader/kind_fields.hpp"
#include "experiments/loader/parameters.hpp"
#include "experiments/loader/profile.hpp"
#include "experiments/loader/reader.hpp"
#include "experiments/loader/topology_reader.hpp"
#include "experiments/report/json_text.hpp"

namespace nines::experiments {

namespace {

using loader::Assumption;
using loader::Document;
using loader::FieldSpec;
using loader::Object;
using loader::Problems;
using loader::Shape;
using loader::Value;

constexpr std::size_t most_changes = 500;
constexpr std::size_t most_edits = 20;

// ---- the file ----

constexpr std::array kinds{std::string_view("replication"), std::string_view("capacity"),
                           std::string_view("placement"),   std::string_view("storage"),
                           std::string_view("detection"),   std::string_view("client"),
                           std::string_view("platform"),    std::string_view("people"),
                           std::string_view("component"),   std::string_view("what-if")};

constexpr std::array catalogue_fields{
    FieldSpec{"$schema", Shape::ignored, false, "not read"},
    FieldSpec{"schema", Shape::text, true, "kind and version of the file"},
    FieldSpec{"changes", Shape::objects, true, "single changes"},
};
constexpr std::array change_fields{
    FieldSpec{"name", Shape::text, true, "short name in results"},
    FieldSpec{"kind", Shape::choice, true, "what sort of change it is", {}, kinds},
    FieldSpec{"title", Shape::text, true, "in words; {name}, {parent}, {do}, {target}, {old} and {new} are filled in"},
    FieldSpec{"what_if", Shape::boolean, false, "nothing that one can set"},
    FieldSpec{"each", Shape::text, false, "pattern of what is changed, one change for each match"},
    FieldSpec{"where", Shape::objects, false, "what a match must be"},
    FieldSpec{"edits", Shape::objects, true, "what is done to it"},
};
constexpr std::array condition_fields{
    FieldSpec{"at", Shape::text, true, "field, from the match or, with ^, from the root"},
    FieldSpec{"is", Shape::anything, false, "its value"},
    FieldSpec{"is_not", Shape::anything, false, "not its value; also if it is absent"},
    FieldSpec{"has", Shape::text, false, "an element of it"},
    FieldSpec{"present", Shape::boolean, false, "whether it is there"},
    FieldSpec{"shorter_than", Shape::text, false, "a longer list"},
    FieldSpec{"hosts", Shape::text, false, "the field names a node group of a pool with this role"},
    FieldSpec{"default", Shape::anything, false, "its value if it is absent"},
};
constexpr std::array edit_fields{
    FieldSpec{"at", Shape::text, false, "place: or 'parameter'"},
    FieldSpec{"parameter", Shape::text, false, "key of a parameter of the match, or of all"},
    FieldSpec{"where", Shape::objects, false, "what the element that the last * stands for must be"},
    FieldSpec{"set", Shape::anything, false, "the new value"},
    FieldSpec{"add", Shape::number, false, "more"},
    FieldSpec{"multiply", Shape::number, false, "times"},
    FieldSpec{"multiply_rest", Shape::number, false, "what is missing to 1, times"},
    FieldSpec{"merge", Shape::anything, false, "fields to replace"},
    FieldSpec{"without", Shape::texts, false, "with merge: fields to drop"},
    FieldSpec{"next_type", Shape::number, false, "1: the next larger machine type of the family; -1: the next smaller"},
    FieldSpec{"add_zones", Shape::boolean, false, "as many more as the node group of the pool has zones"},
    FieldSpec{"share_out", Shape::text, false, "machines of each zone if these are the zones"},
    FieldSpec{"at_least", Shape::number, false, "smallest new value"},
    FieldSpec{"whole", Shape::boolean, false, "rounded to a whole number"},
    FieldSpec{"default", Shape::number, false, "the value if it is absent"},
};

struct Entry {
  std::string name;
  std::string kind;
  std::string title;
  bool what_if = false;
  std::string each;
  Json where = Json::array();
  Json edits = Json::array();
};

void check_list(const Object& object, std::string_view field, std::span<const FieldSpec> fields, std::string_view what,
                bool at_least_one) {
  for (const Value& value : object.elements(field, most_edits, at_least_one)) {
    const Object element(value, fields, what);
    if (element.valid() && element.has("at") && !value.json()["at"].is_string()) value.expected("a pointer as 'at'");
  }
}

std::vector<Entry> read_catalogue(const std::string& path) {
  const Document document = Document::read(path);
  Problems problems;
  const Value root(document, problems);
  if (!check_schema(root, "changes")) problems.throw_if_any();
  const Object file(root, catalogue_fields, "a catalogue of changes");
  std::vector<Entry> entries;
  std::vector<std::pair<std::string, Value>> names;
  for (const Value& value : file.elements("changes", most_changes, true)) {
    const Object object(value, change_fields, "a change");
    Entry& entry = entries.emplace_back();
    std::size_t kind = 0;
    if (object.read("name", loader::read_text, entry.name)) names.emplace_back(entry.name, value.member("name"));
    if (object.read("kind", loader::read_choice, kind, std::span<const std::string_view>(kinds), "kind of change")) {
      entry.kind = kinds[kind];
    }
    object.read("title", loader::read_text, entry.title);
    object.read("what_if", loader::read_boolean, entry.what_if);
    object.read("each", loader::read_text, entry.each);
    check_list(object, "where", condition_fields, "a condition", false);
    for (const Value& edit : object.elements("edits", most_edits, true)) {
      const Object fields(edit, edit_fields, "an edit");
      if (!fields.valid()) continue;
      if (fields.has("at") == fields.has("parameter")) edit.report("expected either 'at' or 'parameter'.");
      check_list(fields, "where", condition_fields, "a condition", false);
    }
    if (object.has("where")) entry.where = value.json()["where"];
    if (object.has("edits")) entry.edits = value.json()["edits"];
  }
  report_duplicates(names, "change");
  problems.throw_if_any();
  return entries;
}

// ---- places ----

/// A value of the document, and the pointer that a user would write: elements of lists go by name.
struct Place {
  std::string pointer;
  const Json* json = nullptr;      ///< null: nothing there, but its parent is
  std::vector<std::string> names;  ///< of the named objects on the way, outermost first
  const Json* element = nullptr;   ///< what the last * stands for
};

std::string token_of(const Json& element, std::size_t index) {
  const bool named = element.is_object() && element.contains("name") && element["name"].is_string();
  return named ? element["name"].get<std::string>() : std::to_string(index);
}

Place down(Place place, const std::string& token) {
  place.pointer += '/' + loader::escape_token(token);
  if (place.json == nullptr) return place;
  const Json& json = *place.json;
  place.json = json.is_object() && json.contains(token) ? &json[token] : nullptr;
  return place;
}

/// All places that the steps lead to from `from`.
std::vector<Place> places_of(const Place& from, const std::vector<std::string>& steps) {
  std::vector<Place> places{from};
  for (const std::string& step : steps) {
    std::vector<Place> next;
    for (const Place& place : places) {
      if (step != "*") {
        next.push_back(down(place, step));
        continue;
      }
      if (place.json == nullptr || !place.json->is_array()) continue;
      for (std::size_t at = 0; at < place.json->size(); ++at) {
        const Json& element = (*place.json)[at];
        Place child = place;
        const std::string token = token_of(element, at);
        child.pointer += '/' + loader::escape_token(token);
        child.json = &element;
        child.names.push_back(token);
        child.element = &element;
        next.push_back(std::move(child));
      }
    }
    places = std::move(next);
  }
  return places;
}

std::string number_text_of(double value) { return fmt::format("{:.6g}", value); }

std::string text_of(const Json& json) { return json.is_string() ? json.get<std::string>() : json.dump(); }

/// "--set" takes JSON, or else text: a string that would be read as JSON keeps its quotes.
std::string set_of(const std::string& pointer, const Json& value) {
  if (!value.is_string()) return pointer + "=" + value.dump();
  const auto text = value.get<std::string>();
  return pointer + "=" + (Json::accept(text) ? value.dump() : text);
}

Json number_json(double value) {
  if (std::floor(value) == value && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
  return std::stod(number_text_of(value));
}

/// "15 min" from 15 and "min"; "0.5/yr".
std::string quantity_text(double number, const std::string& unit) {
  if (unit.empty()) return number_text_of(number);
  return number_text_of(number) + (unit.front() == '/' || unit == "%" ? "" : " ") + unit;
}

/// A number, quantity or law with every duration `factor` times as long; nothing if it is none.
std::optional<Json> scaled(const Json& json, double factor) {
  if (json.is_number()) return number_json(json.get<double>() * factor);
  if (json.is_string()) {
    const auto text = json.get<std::string>();
    const auto quantity = loader::split_quantity(text);
    if (!quantity) return std::nullopt;
    // Written as its author writes it.
    std::string value = quantity_text(quantity->number * factor, quantity->unit);
    if (text.find(' ') == std::string::npos) std::erase(value, ' ');
    return Json(value);
  }
  if (!json.is_object()) return std::nullopt;
  Json result = json;
  // What the number may plausibly be is no longer known.
  for (const char* about : {"range", "source", "record"}) result.erase(about);
  bool any = false;
  for (const char* field : {"value", "mean", "median", "scale", "low", "high", "location", "rate"}) {
    if (!result.contains(field)) continue;
    const auto value = scaled(result[field], std::string_view(field) == "rate" ? 1 / factor : factor);
    if (!value) return std::nullopt;
    result[field] = *value;
    any = true;
  }
  if (result.contains("parts") && result["parts"].is_array()) {
    for (Json& part : result["parts"]) {
      const auto value = scaled(part, factor);
      if (!value) return std::nullopt;
      part = *value;
      any = true;
    }
  }
  return any ? std::optional(result) : std::nullopt;
}

// ---- one change in one topology ----

class Maker {
 public:
  Maker(const Json& root, const loader::LoadedTopology& base, const loader::ProfileSet& profiles)
      : root_(root), base_(base), profiles_(profiles) {}

  void add(std::vector<Change>& changes, const Entry& entry) const {
    const Place root{"", &root_, {}, nullptr};
    for (const Place& match : places_of(root, loader::split_pointer(entry.each))) {
      if (match.json == nullptr || !holds(entry.where, match, *match.json)) continue;
      if (auto change = make(entry, match)) changes.push_back(std::move(*change));
    }
  }

 private:
  struct Edit {
    std::string pointer;
    Json before;
    Json after;
  };

  [[nodiscard]] Place at(const std::string& pointer, const Place& match, const Json& element) const {
    const bool from_root = !pointer.empty() && pointer.front() == '^';
    Place place = from_root ? Place{"", &root_, {}, nullptr} : Place{match.pointer, &element, match.names, nullptr};
    for (const std::string& step : loader::split_pointer(pointer.substr(from_root ? 1 : 0))) place = down(place, step);
    return place;
  }

  [[nodiscard]] bool holds(const Json& conditions, const Place& match, const Json& element) const {
    return std::all_of(conditions.begin(), conditions.end(),
                       [&](const Json& condition) { return holds_one(condition, match, element); });
  }

  [[nodiscard]] bool holds_one(const Json& condition, const Place& match, const Json& element) const {
    const Place place = at(condition["at"].get<std::string>(), match, element);
    const Json* found = place.json;
    if (found == nullptr && condition.contains("default")) found = &condition["default"];
    if (condition.contains("present")) return (found != nullptr) == condition["present"].get<bool>();
    if (condition.contains("is_not")) return found == nullptr || *found != condition["is_not"];
    if (found == nullptr) return false;
    if (condition.contains("is")) return *found == condition["is"];
    if (condition.contains("has")) {
      return found->is_array() && std::find(found->begin(), found->end(), condition["has"]) != found->end();
    }
    if (condition.contains("hosts")) return hosts(text_of(*found), condition["hosts"]);
    if (condition.contains("shorter_than")) {
      const Place longer = at(condition["shorter_than"].get<std::string>(), match, element);
      return longer.json != nullptr && found->size() < longer.json->size();
    }
    return true;
  }

  [[nodiscard]] bool hosts(const std::string& group, const Json& role) const {
    const Place root{"", &root_, {}, nullptr};
    const auto pools = places_of(root, {"services", "*", "pools", "*"});
    return std::any_of(pools.begin(), pools.end(), [&](const Place& pool) {
      const Json& roles = pool.json->value("roles", Json::array());
      return pool.json->value("node_group", "") == group && std::find(roles.begin(), roles.end(), role) != roles.end();
    });
  }

  [[nodiscard]] std::optional<Change> make(const Entry& entry, const Place& match) const {
    std::vector<Edit> edits;
    for (const Json& edit : entry.edits) {
      const bool found =
          edit.contains("parameter") ? add_parameter(edits, edit, match) : add_places(edits, edit, match);
      if (!found) return std::nullopt;  // nothing there to be changed
    }
    if (edits.empty()) return std::nullopt;  // it is so already
    Change change{entry.name, entry.kind, titled(entry.title, match, edits.front()), entry.what_if, {}};
    for (const Edit& edit : edits) change.sets.push_back(set_of(edit.pointer, edit.after));
    return change;
  }

  static std::string titled(std::string title, const Place& match, const Edit& first) {
    const auto fill = [&](std::string_view what, const std::string& with) {
      for (std::size_t found = title.find(what); found != std::string::npos; found = title.find(what)) {
        title.replace(found, what.size(), with);
      }
    };
    const std::size_t depth = match.names.size();
    fill("{name}", depth == 0 ? "" : match.names.back());
    fill("{parent}", depth < 2 ? "" : match.names[depth - 2]);
    for (const char* field : {"do", "target"}) {
      if (match.json->is_object() && match.json->contains(field))
        fill(fmt::format("{{{}}}", field), text_of((*match.json)[field]));
    }
    fill("{old}", text_of(first.before));
    fill("{new}", text_of(first.after));
    return title;
  }

  // ---- fields ----

  /// Whether there is anything that the edit is about; a value that is so already is no edit.
  bool add_places(std::vector<Edit>& edits, const Json& edit, const Place& match) const {
    bool found = false;
    const auto pointer = edit["at"].get<std::string>();
    const bool from_root = !pointer.empty() && pointer.front() == '^';
    const Place from = from_root ? Place{"", &root_, {}, nullptr} : match;
    const std::vector<std::string> steps = loader::split_pointer(pointer.substr(from_root ? 1 : 0));
    const bool many = std::find(steps.begin(), steps.end(), "*") != steps.end();
    for (const Place& place : places_of(from, steps)) {
      const Json& element = place.element != nullptr && many ? *place.element : *from.json;
      if (many && place.json == nullptr) continue;
      if (edit.contains("where") && !holds(edit["where"], from, element)) continue;
      const Json before = place.json != nullptr ? *place.json : edit.value("default", Json());
      const auto after = changed(edit, before, element);
      found = found || after.has_value();
      if (after && *after != before) edits.push_back({place.pointer, before, *after});
    }
    return found;
  }

  [[nodiscard]] std::optional<Json> changed(const Json& edit, const Json& before, const Json& element) const {
    if (edit.contains("set")) return filled(edit["set"]);
    if (before.is_null()) return std::nullopt;
    if (edit.contains("merge")) {
      if (!before.is_object()) return std::nullopt;
      Json result = before;
      result.update(edit["merge"]);
      for (const Json& field : edit.value("without", Json::array())) result.erase(field.get<std::string>());
      return result;
    }
    if (edit.contains("next_type")) return next_type(text_of(before), edit["next_type"].get<int>());
    if (edit.contains("add_zones")) {
      if (!before.is_number()) return std::nullopt;
      return number_json(before.get<double>() + static_cast<double>(zones_of(element.value("node_group", ""))));
    }
    if (edit.contains("share_out")) return shared_out(before, element, edit["share_out"].get<std::string>());
    if (edit.contains("multiply_rest")) {
      if (!before.is_number()) return std::nullopt;
      return number_json(1 - (1 - before.get<double>()) * edit["multiply_rest"].get<double>());
    }
    if (edit.contains("add")) {
      if (!before.is_number()) return std::nullopt;
      return within(edit, number_json(before.get<double>() + edit["add"].get<double>()));
    }
    const auto result = scaled(before, edit.value("multiply", 1.0));
    return result ? within(edit, *result) : std::nullopt;
  }

  /// Nothing if the new value is below what it may be.
  static std::optional<Json> within(const Json& edit, Json value) {
    if (!value.is_number()) return value;
    if (edit.value("whole", false)) value = number_json(std::round(value.get<double>()));
    if (edit.contains("at_least") && value.get<double>() < edit["at_least"].get<double>()) return std::nullopt;
    return value;
  }

  /// The value with each {"copy": pointer} in it replaced by what is there.
  [[nodiscard]] Json filled(const Json& value) const {
    if (value.is_object() && value.size() == 1 && value.contains("copy")) {
      const Place place = at(value["copy"].get<std::string>(), {"", &root_, {}, nullptr}, root_);
      return place.json != nullptr ? *place.json : Json();
    }
    if (!value.is_structured()) return value;
    Json result = value;
    for (Json& child : result) child = filled(child);
    return result;
  }

  [[nodiscard]] std::size_t zones_of(const std::string& group) const {
    const Place root{"", &root_, {}, nullptr};
    for (const Place& place : places_of(root, {"node_groups", "*"})) {
      if (place.json->value("name", "") == group) return place.json->value("zones", Json::array()).size();
    }
    return 1;
  }

  [[nodiscard]] std::optional<Json> shared_out(const Json& before, const Json& element,
                                               const std::string& zones) const {
    const Place all = at(zones, {"", &root_, {}, nullptr}, root_);
    if (!before.is_number() || all.json == nullptr || all.json->empty()) return std::nullopt;
    const double machines = before.get<double>() * static_cast<double>(element.value("zones", Json::array()).size());
    return number_json(std::ceil(machines / static_cast<double>(all.json->size())));
  }

  [[nodiscard]] std::optional<Json> next_type(const std::string& name, int direction) const {
    const std::string family = name.substr(0, name.find('.') + 1);
    const auto size = [&](const std::string& type) {
      const models::InstanceType& its = profiles_.type(type)->type;
      return std::pair(its.vcpu, its.memory.count);
    };
    std::vector<std::string> types = profiles_.type_names();
    std::erase_if(types, [&](const std::string& type) { return !type.starts_with(family); });
    std::stable_sort(types.begin(), types.end(),
                     [&](const std::string& a, const std::string& b) { return size(a) < size(b); });
    const auto here = std::find(types.begin(), types.end(), name);
    if (here == types.end()) return std::nullopt;
    const auto next = (here - types.begin()) + direction;
    if (next < 0 || next >= static_cast<std::ptrdiff_t>(types.size())) return std::nullopt;
    return Json(types[static_cast<std::size_t>(next)]);
  }

  // ---- parameters ----

  bool add_parameter(std::vector<Edit>& edits, const Json& edit, const Place& match) const {
    const auto key = edit["parameter"].get<std::string>();
    const loader::ParameterInfo* info = loader::find_parameter(key);
    const loader::KindGroup* of_kind = info == nullptr ? nullptr : loader::kind_group(info->group);
    const bool of_service = of_kind != nullptr;
    const bool of_client = of_service && !of_kind->group->list.empty();
    const auto known = std::find_if(base_.assumptions.begin(), base_.assumptions.end(), [&](const Assumption& entry) {
      return entry.key == key && (!of_service || (!match.names.empty() && entry.service == match.names.front())) &&
             (!of_client || entry.client == match.names.back());
    });
    if (info == nullptr || known == base_.assumptions.end()) return false;
    const Json before = known->boolean ? Json(known->value != 0) : number_json(known->value);
    const auto after = changed_parameter(edit, *known, *info);
    if (!after) return false;
    if (*after == before) return true;
    const loader::FieldSpec* config =
        of_service && loader::is_config_key(*info) ? loader::config_field(*of_kind) : nullptr;
    const std::string place =
        config == nullptr ? "/overrides/" : fmt::format("{}/{}/", match.pointer, loader::escape_token(config->name));
    // The title tells the number, whatever the form in which it is set.
    edits.push_back({place + loader::escape_token(key), before, *after});
    return true;
  }

  [[nodiscard]] static std::optional<Json> changed_parameter(const Json& edit, const Assumption& known,
                                                             const loader::ParameterInfo& info) {
    if (edit.contains("set")) return edit["set"];
    if (known.boolean) return std::nullopt;
    const double number =
        edit.contains("add") ? known.value + edit["add"].get<double>() : known.value * edit.value("multiply", 1.0);
    const auto value = within(edit, number_json(number));
    if (!value) return std::nullopt;
    if (!known.law.empty()) return law_of(known, value->get<double>());
    if (known.unit == "1" || known.unit == loader::native_unit(info)) return value;
    return Json(quantity_text(value->get<double>(), known.unit));
  }

  /// "lognormal median 3 min sigma 1" with another median.
  static std::optional<Json> law_of(const Assumption& known, double number) {
    if (known.center.empty() || known.law == "mixture" || known.law == "uniform") return std::nullopt;
    Json law = {{"law", known.law}, {known.center, number_json(number)}, {"unit", known.unit}};
    for (const char* shape : {"sigma", "stages", "shape"}) {
      const std::string name = fmt::format(" {} ", shape);
      const std::size_t found = known.text.find(name);
      if (found != std::string::npos) law[shape] = number_json(std::stod(known.text.substr(found + name.size())));
    }
    if (known.text.find(" location ") != std::string::npos) return std::nullopt;
    return law;
  }

  const Json& root_;
  const loader::LoadedTopology& base_;
  const loader::ProfileSet& profiles_;
};

}  // namespace

std::string catalogue_path() { return loader::changes_file().string(); }

std::vector<std::string> names_of_changes(const std::string& catalogue) {
  std::vector<std::string> names;
  for (const Entry& entry : read_catalogue(catalogue)) names.push_back(entry.name);
  return names;
}

std::vector<Change> changes_of(const std::string& catalogue, const std::string& path,
                               const std::vector<std::string>& edits, const CommonOptions& options,
                               const loader::LoadedTopology& base) {
  const std::vector<Entry> entries = read_catalogue(catalogue);
  Document document = Document::read(path);
  Problems problems;
  loader::prepare_for_edits(document);
  for (const std::string& edit : edits) document.apply(loader::parse_override(edit), problems);
  problems.throw_if_any();
  loader::LoadOptions load;
  load.profile = options.profile;
  const loader::ProfileSet profiles(load);
  const Maker maker(document.root(), base, profiles);
  std::vector<Change> changes;
  for (const Entry& entry : entries) maker.add(changes, entry);
  return changes;
}

}  // namespace nines::experiments
