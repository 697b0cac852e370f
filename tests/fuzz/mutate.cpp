#include "tests/fuzz/mutate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nines::fuzz {

namespace {

const std::vector<std::string>& nasty_texts() {
  static const std::vector<std::string> texts{
      "",
      "\033[31mred\033]0;owned\a",
      "a\033[2J\033[1;1H",
      "=cmd|' /C calc'!A0",
      "@SUM(1)",
      "+1+1",
      "-2+3",
      "\t=1+1",
      "\r=1+1",
      "a;=1+1",
      "＝1+1",
      std::string("a\0b", 3),
      "a\nb: error: c",
      "a\r\nb",
      "\u202eevil\u202c",
      "\u2066x\u2069",
      "\u200e\u200f\u061c",
      "\u2028line\u2029",
      "\u200bzero\ufeffwidth\u200d",
      "\u0085\u009b31m",
      "\x7f",
      "<script>alert(1)</script>",
      "\"/><!--",
      "]]>&lt;&amp;'",
      "'; DROP TABLE run; --",
      "$(touch /tmp/owned)`id`",
      "--output=x",
      "-",
      "../../../etc/passwd",
      "/dev/zero",
      "{} {0} {:>99999}",
      "%s%n%d",
      "NaN",
      "Infinity",
      "null",
      "日本語のクラスタ",
      "e\u0301\u0302",
      "\U000e0041\U0001f600",
      std::string(5000, 'x'),
      "a/b/c",
      "all(x)",
      "leader(leader(x))",
  };
  return texts;
}

const std::vector<double>& extreme_numbers() {
  static const std::vector<double> numbers{
      0,
      -0.0,
      1,
      -1,
      0.5,
      2,
      0.999999999999,
      1.000000000001,
      1e-9,
      5e-324,
      1e-300,
      1e-18,
      1e3,
      1e5,
      1e9,
      1e15,
      1e18,
      1e100,
      1e300,
      std::numeric_limits<double>::max(),
      -std::numeric_limits<double>::max(),
      2147483647,
      2147483648.0,
      9007199254740993.0,
  };
  return numbers;
}

Json extreme_number(Dice& dice) {
  switch (dice.below(6)) {
    case 0: return std::numeric_limits<std::int64_t>::max();
    case 1: return std::numeric_limits<std::uint64_t>::max();
    case 2: return std::numeric_limits<std::int64_t>::min();
    case 3: return std::pow(10.0, dice.unit() * 40 - 20);
    default: {
      const double number = dice.of(extreme_numbers());
      // Whole numbers come as such, too.
      if (dice.one_in(2) && std::abs(number) < 1e18 && number == std::floor(number))
        return static_cast<std::int64_t>(number);
      return number;
    }
  }
}

std::string number_text(Dice& dice) {
  static const std::vector<std::string> texts{"0",    "1",     "3",     "0.5",    "1e-9",   "1e9",  "1e300",  "1e999",
                                              "1e-5", "12.34", "99999", "0.0001", "1e-320", "00.1", "1e+308", "."};
  if (dice.one_in(3)) return dice.of(texts);
  const double number = std::pow(10.0, dice.unit() * 12 - 6);
  return Json(std::round(number * 1e6) / 1e6).dump();
}

/// The alternatives in the last brackets of a pattern: units.
std::vector<std::string> units_in(const std::string& pattern) {
  const std::size_t close = pattern.rfind(')');
  const std::size_t open = close == std::string::npos ? close : pattern.rfind('(', close);
  std::vector<std::string> units;
  if (open == std::string::npos) return units;
  std::string unit;
  for (std::size_t at = open + 1; at <= close; ++at) {
    if (at == close || pattern[at] == '|') {
      units.push_back(unit);
      unit.clear();
    } else {
      unit += pattern[at];
    }
  }
  return units;
}

std::string text_for(const Json& schema, Dice& dice) {
  const std::string pattern = schema.value("pattern", "");
  if (pattern.find("A-Za-z0-9") != std::string::npos) {
    static const std::vector<std::string> names{"a", "zone-a", "x.y_z", "kafka", "all", "0", "-", "..", "a/b", "write"};
    return dice.one_in(6) ? nasty_text(dice) : dice.of(names);
  }
  const std::vector<std::string> units = units_in(pattern);
  if (!units.empty()) {
    const std::string slash = pattern.find("/(") != std::string::npos ? "/" : "";
    std::string text = number_text(dice) + (dice.one_in(2) ? " " : "") + slash + dice.of(units);
    return dice.one_in(12) ? text + "x" : text;
  }
  static const std::vector<std::string> values{"100 h", "0.1/yr", "5 min",       "1GiB",      "50 %",
                                               "3.9",   "a",      "service/sli", "2026-01-01"};
  return dice.one_in(2) ? dice.of(values) : nasty_text(dice);
}

const Json& resolved(const Json& schema, const Json& root) {
  const Json* at = &schema;
  for (int steps = 0; steps < 8; ++steps) {
    if (!at->is_object()) break;
    if (at->contains("$ref")) {
      const std::string name = (*at)["$ref"].get<std::string>().substr(std::string("#/definitions/").size());
      if (!root.contains("definitions") || !root["definitions"].contains(name)) break;
      at = &root["definitions"][name];
    } else if (at->contains("allOf")) {
      at = &(*at)["allOf"][0];
    } else {
      break;
    }
  }
  return *at;
}

bool allows(const Json& schema, const Json& value) {
  if (schema.contains("const")) return schema["const"] == value;
  if (schema.contains("enum"))
    return std::find(schema["enum"].begin(), schema["enum"].end(), value) != schema["enum"].end();
  if (!schema.contains("type")) return true;
  const auto is = [&](const std::string& type) {
    return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
           (type == "string" && value.is_string()) || (type == "boolean" && value.is_boolean()) ||
           (type == "integer" && value.is_number_integer()) || (type == "number" && value.is_number());
  };
  if (schema["type"].is_string()) return is(schema["type"].get<std::string>());
  return std::any_of(schema["type"].begin(), schema["type"].end(), [&](const Json& type) { return is(type); });
}

/// The branch of the schema that the value is written by.
const Json& branch_of(const Json& schema, const Json& root, const Json& value) {
  const Json& all = resolved(schema, root);
  for (const char* word : {"anyOf", "oneOf"}) {
    if (!all.is_object() || !all.contains(word)) continue;
    for (const Json& one : all[word]) {
      const Json& branch = branch_of(one, root, value);
      if (!allows(branch, value)) continue;
      // Laws and requirements are told apart by a constant or a key.
      bool fits = true;
      if (value.is_object() && branch.contains("properties")) {
        for (const auto& [key, item] : value.items()) {
          if (!branch["properties"].contains(key)) {
            fits = false;
            break;
          }
          const Json& of_key = branch["properties"][key];
          if (of_key.is_object() && of_key.contains("const") && of_key["const"] != item) fits = false;
        }
      }
      if (fits) return branch;
    }
  }
  return all;
}

struct Place {
  Json* value = nullptr;
  const Json* schema = nullptr;  ///< null: unknown
  Json* parent = nullptr;
  std::string key;
};

void collect(Json& value, const Json* schema, const Json& root, Json* parent, const std::string& key,
             std::vector<Place>& places) {
  const Json* branch = schema == nullptr ? nullptr : &branch_of(*schema, root, value);
  places.push_back({&value, branch, parent, key});
  const auto below = [&](const std::string& name) -> const Json* {
    if (branch == nullptr || !branch->is_object()) return nullptr;
    if (branch->contains("properties") && (*branch)["properties"].contains(name)) return &(*branch)["properties"][name];
    if (branch->contains("additionalProperties") && (*branch)["additionalProperties"].is_object())
      return &(*branch)["additionalProperties"];
    return nullptr;
  };
  if (value.is_object()) {
    for (auto& [name, item] : value.get_ref<Json::object_t&>()) collect(item, below(name), root, &value, name, places);
  } else if (value.is_array()) {
    const Json* items =
        branch != nullptr && branch->is_object() && branch->contains("items") ? &(*branch)["items"] : nullptr;
    for (Json& item : value) collect(item, items, root, &value, "", places);
  }
}

Json another_type(Dice& dice) {
  switch (dice.below(8)) {
    case 0: return nullptr;
    case 1: return dice.one_in(2);
    case 2: return Json::array();
    case 3: return Json::object();
    case 4: return Json::array({1, "a", nullptr});
    case 5: return nasty_text(dice);
    case 6: return Json::object({{"value", extreme_number(dice)}, {"unit", "s"}});
    default: return extreme_number(dice);
  }
}

Json nested(Dice& dice) {
  Json value = 1;
  const int depth = dice.between(2, 40);
  const bool arrays = dice.one_in(2);
  for (int i = 0; i < depth; ++i) value = arrays ? Json::array({value}) : Json::object({{"all", Json::array({value})}});
  return value;
}

void one_change(Json& document, const Json& root, Dice& dice) {
  std::vector<Place> places;
  collect(document, &root, root, nullptr, "", places);
  Place& place = places[dice.below(places.size())];
  Json& value = *place.value;
  if (place.parent == nullptr) {
    // The document itself, seldom: nothing holds it that could lose it or hold it twice.
    if (dice.one_in(50)) value = another_type(dice);
    return;
  }
  switch (dice.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      if (place.schema != nullptr) value = value_for(*place.schema, root, dice);
      return;
    case 4:
    case 5: value = value.is_string() && dice.one_in(2) ? Json(number_text(dice) + " h") : extreme_number(dice); return;
    case 6: value = another_type(dice); return;
    case 7: {
      if (!place.parent->is_object()) {
        place.parent->erase(place.parent->begin() + static_cast<std::ptrdiff_t>(dice.below(place.parent->size())));
      } else {
        place.parent->erase(place.key);
      }
      return;
    }
    case 8: {
      // A key that the schema knows here, or one that nobody knows.
      if (!value.is_object()) return;
      if (place.schema != nullptr && place.schema->contains("properties") && !dice.one_in(5)) {
        const Json& properties = (*place.schema)["properties"];
        if (properties.empty()) return;
        const auto chosen = std::next(properties.get_ref<const Json::object_t&>().begin(),
                                      static_cast<std::ptrdiff_t>(dice.below(properties.size())));
        value[chosen->first] = value_for(chosen->second, root, dice);
      } else {
        value[nasty_text(dice)] = another_type(dice);
      }
      return;
    }
    case 9: {
      Json* array = value.is_array() ? &value : place.parent->is_array() ? place.parent : nullptr;
      if (array == nullptr || array->empty()) return;
      const Json element = (*array)[dice.below(array->size())];
      const int times = dice.one_in(8) ? dice.between(50, 300) : 1;
      for (int i = 0; i < times; ++i) array->push_back(element);
      return;
    }
    case 10:
    case 11: {
      // What another place holds: references to names that are elsewhere, units of another dimension.
      std::vector<const Json*> others;
      for (const Place& other : places) {
        if (other.value->type() == value.type() && !other.value->is_structured()) others.push_back(other.value);
      }
      if (!others.empty()) value = Json(*others[dice.below(others.size())]);
      return;
    }
    case 12:
      if (value.is_string()) {
        auto text = value.get<std::string>();
        if (!text.empty()) text[dice.below(text.size())] = static_cast<char>(dice.between(32, 126));
        value = text;
      } else if (value.is_number()) {
        value = value.get<double>() * std::pow(10.0, dice.between(-12, 12));
      }
      return;
    case 13: value = nasty_text(dice); return;
    case 14:
      if (dice.one_in(6)) value = nested(dice);
      return;
    default: {
      // A whole other place of the same kind.
      std::vector<const Json*> others;
      for (const Place& other : places) {
        if (other.value->is_structured() && other.schema == place.schema && other.value != place.value)
          others.push_back(other.value);
      }
      if (!others.empty() && place.schema != nullptr) value = Json(*others[dice.below(others.size())]);
      return;
    }
  }
}

void add_pointers(const Json& value, const std::string& pointer, std::vector<std::string>& all) {
  if (!pointer.empty()) all.push_back(pointer);
  if (value.is_object()) {
    for (const auto& [key, item] : value.items()) {
      std::string step;
      for (const char c : key) step += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
      std::string below = pointer;
      below += '/';
      below += step;
      add_pointers(item, below, all);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) add_pointers(value[i], pointer + "/" + std::to_string(i), all);
  }
}

}  // namespace

std::string nasty_text(Dice& dice) { return dice.of(nasty_texts()); }

Json value_for(const Json& schema, const Json& root, Dice& dice, int depth) {
  const Json& all = resolved(schema, root);
  constexpr int deepest = 6;
  if (!all.is_object() || depth > deepest) return dice.one_in(2) ? Json("a") : Json(1);
  for (const char* word : {"anyOf", "oneOf"}) {
    if (all.contains(word)) return value_for(all[word][dice.below(all[word].size())], root, dice, depth + 1);
  }
  if (all.contains("const")) return all["const"];
  if (all.contains("enum")) return all["enum"][dice.below(all["enum"].size())];
  std::string type = "string";
  if (all.contains("type")) {
    const Json& types = all["type"];
    type = types.is_string() ? types.get<std::string>() : types[dice.below(types.size())].get<std::string>();
  } else if (!all.contains("pattern")) {
    return another_type(dice);
  }
  if (type == "boolean") return dice.one_in(2);
  if (type == "string") return text_for(all, dice);
  if (type == "integer" || type == "number") {
    const double low = all.value("minimum", all.value("exclusiveMinimum", -10.0));
    const double high = all.value("maximum", all.value("exclusiveMaximum", 1e6));
    double number = 0;
    switch (dice.below(6)) {
      case 0: number = low; break;
      case 1: number = high; break;
      case 2: return extreme_number(dice);
      case 3: number = low + (high - low) * dice.unit(); break;
      default: number = static_cast<double>(dice.between(0, 9)); break;
    }
    if (type == "integer") return static_cast<std::int64_t>(std::clamp(number, -9e18, 9e18));
    return number;
  }
  if (type == "array") {
    Json array = Json::array();
    const auto least = all.value("minItems", std::size_t{0});
    const std::size_t count = std::max(least, dice.below(4));
    for (std::size_t i = 0; i < count; ++i) {
      array.push_back(all.contains("items") ? value_for(all["items"], root, dice, depth + 1) : another_type(dice));
    }
    return array;
  }
  Json object = Json::object();
  if (all.contains("properties")) {
    for (const auto& [key, item] : all["properties"].items()) {
      const bool required = all.contains("required") && std::find(all["required"].begin(), all["required"].end(),
                                                                  Json(key)) != all["required"].end();
      if (required ? !dice.one_in(25) : dice.one_in(4)) object[key] = value_for(item, root, dice, depth + 1);
    }
  }
  if (all.contains("additionalProperties") && all["additionalProperties"].is_object()) {
    for (int i = dice.between(0, 2); i > 0; --i) {
      object[nasty_text(dice)] = value_for(all["additionalProperties"], root, dice, depth + 1);
    }
  }
  return object;
}

void mutate(Json& document, const Json& root_schema, Dice& dice) {
  const int changes = dice.one_in(3) ? dice.between(2, 6) : 1;
  for (int i = 0; i < changes; ++i) one_change(document, root_schema, dice);
}

std::string mutate_text(std::string text, Dice& dice) {
  const auto at = [&] { return text.empty() ? 0 : dice.below(text.size()); };
  switch (dice.below(12)) {
    case 0: return text.substr(0, at());
    case 1: return text.insert(at(), "\xff\xfe");
    case 2: return text.insert(at(), "\xc0\x80");
    case 3: return "\xef\xbb\xbf" + text;
    case 4: return text.insert(at(), std::string(1, '\0'));
    case 5: return text.insert(at(), "// a\n");
    case 6: return text + text;
    case 7: {
      const std::size_t key = text.find('"', at());
      return key == std::string::npos ? "" : text.insert(key, "\"name\": NaN, ");
    }
    case 8: return std::string(dice.below(3000), '[') + text;
    case 9: {
      const std::size_t begin = at();
      return text.erase(begin, dice.below(40));
    }
    case 10: {
      const std::size_t begin = at();
      return text.insert(begin, text.substr(begin, dice.below(200)));
    }
    default: {
      for (int i = dice.between(1, 8); i > 0 && !text.empty(); --i) text[at()] = static_cast<char>(dice.below(256));
      return text;
    }
  }
}

std::vector<std::string> pointers(const Json& document) {
  std::vector<std::string> all;
  add_pointers(document, "", all);
  return all;
}

}  // namespace nines::fuzz
