#include "experiments/loader/entry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace nines::loader {

namespace {

using models::Duration;
using models::Law;

constexpr double largest_sigma = 5;

/// A law's parts. `center` names the number whose range is given.
struct LawKind {
  std::string_view name;
  std::string_view center;
};
constexpr std::array law_kinds{LawKind{"constant", "value"}, LawKind{"uniform", "low"}, LawKind{"exponential", "mean"},
                               LawKind{"lognormal", "median"}};

std::span<const std::string_view> law_names() {
  static constexpr std::array<std::string_view, 4> names{"constant", "uniform", "exponential", "lognormal"};
  return names;
}

std::vector<FieldSpec> entry_fields(std::string_view law, bool profile) {
  std::vector<FieldSpec> fields;
  if (law.empty()) {
    fields.push_back({"value", Shape::ignored, true, "the number"});
  } else {
    fields.push_back({"law", Shape::choice, true, "kind of distribution", {}, law_names()});
    if (law == "uniform") {
      fields.push_back({"low", Shape::ignored, true, "smallest value"});
      fields.push_back({"high", Shape::ignored, true, "largest value"});
    } else {
      for (const LawKind& kind : law_kinds) {
        if (kind.name == law) fields.push_back({kind.center, Shape::ignored, true, "location of the distribution"});
      }
    }
    if (law == "lognormal") fields.push_back({"sigma", Shape::number, true, "standard deviation of the logarithm"});
  }
  fields.push_back({"unit", Shape::text, profile, "unit of the numbers"});
  fields.push_back({"range", Shape::ignored, profile, "[low, high]: plausible range of value, median or mean"});
  fields.push_back({"source", Shape::text, profile, "where the numbers come from"});
  return fields;
}

/// The quantity of a value in base units, remembering the unit it was given in.
struct Amount {
  double base = 0;
  const Unit* unit = nullptr;
};

/// A number in `unit`, or a string that carries its own unit; never both.
bool read_amount(const Value& value, Dimension dimension, const Unit* unit, Amount& out) {
  const Json& json = value.json();
  if (json.is_number() && unit != nullptr) {
    const double number = json.get<double>();
    if (dimension == Dimension::count && std::floor(number) != number) {
      value.expected("a whole number");
      return false;
    }
    if (!std::isfinite(number)) {
      value.expected("a finite number");
      return false;
    }
    out = {to_base(*unit, number), unit};
    return true;
  }
  if (unit != nullptr && unit->name != "1") {
    value.expected(fmt::format("a number (of {})", unit->name));
    return false;
  }
  if (dimension == Dimension::count) {
    value.expected(expected_quantity(dimension));
    return false;
  }
  const std::optional<double> base = quantity_in_base(value, dimension, &out.unit);
  if (base) out.base = *base;
  return base.has_value();
}

/// What values of a parameter make sense, judged by its plausible range.
struct Domain {
  double low = 0;
  bool above_low = false;
  double high = 0;
  std::string text;
};

Domain domain_of(const ParameterInfo& info, double range_low, double range_high) {
  Domain domain{0, false, largest(info.dimension), "a value >= 0"};
  if (info.dimension == Dimension::ratio) {
    if (range_high <= 1)
      domain = {0, false, 1, "a share from 0 to 1"};
    else if (range_low >= 1)
      domain = {1, false, domain.high, "a factor >= 1"};
    return domain;
  }
  // A row whose meaning says what 0 does ("0: never", "0 means unlimited") takes it.
  const bool zero_is_meant = range_low <= 0 || info.dimension == Dimension::rate ||
                             info.dimension == Dimension::money || info.meaning.find("0: ") != std::string_view::npos ||
                             info.meaning.find("0 means") != std::string_view::npos;
  if (!zero_is_meant) {
    domain.above_low = true;
    domain.text = "a value > 0";
  }
  return domain;
}

bool inside(const Value& value, const Domain& domain, double base) {
  if (base < domain.low || (domain.above_low && base <= domain.low)) {
    value.expected(domain.text);
    return false;
  }
  if (base > domain.high) {
    value.expected(domain.high == 1 ? domain.text : "a smaller value");
    return false;
  }
  return true;
}

Law scaled_law(const Law& law, double factor) {
  return {law.law, sim::scaled(law.a, factor), sim::scaled(law.b, factor), law.shape};
}

ParameterValue make_value(Dimension dimension, double base) {
  switch (dimension) {
    case Dimension::duration: return Duration::from_seconds(base);
    case Dimension::law: return Law::constant(Duration::from_seconds(base));
    case Dimension::rate: return models::Rate{base};
    case Dimension::ratio: return ParameterValue(std::in_place_type<models::Ratio>, base);
    case Dimension::count: return ParameterValue(std::in_place_type<models::Count>, static_cast<models::Count>(base));
    case Dimension::boolean: return ParameterValue(std::in_place_type<bool>, base != 0);
    case Dimension::bytes: return models::Bytes{base};
    case Dimension::bandwidth: return models::Bandwidth{base};
    case Dimension::money: return models::Money{base};
  }
  return {};
}

const Unit* named_unit(const Object& object, const ParameterInfo& info, bool& good) {
  const std::optional<Value> field = object.get("unit");
  if (!field) return nullptr;
  std::string name;
  if (!read_text(*field, name)) {
    good = false;
    return nullptr;
  }
  const Unit* unit = find_unit(info.dimension, name);
  if (unit == nullptr) {
    std::vector<std::string_view> names;
    for (const Unit& known : units(info.dimension)) names.push_back(known.name);
    field->report(fmt::format("expected a unit of {} ({}), got \"{}\".{}", dimension_name(info.dimension),
                              one_of(names), name.substr(0, 40), did_you_mean(name, names)));
    good = false;
  }
  return unit;
}

/// Reads one number of the object and checks its domain.
bool read_part(const Object& object, std::string_view field, const ParameterInfo& info, const Unit* unit,
               const Domain& domain, Amount& out) {
  const std::optional<Value> value = object.get(field);
  return value && read_amount(*value, info.dimension, unit, out) && inside(*value, domain, out.base);
}

bool read_range(const Object& object, const ParameterInfo& info, const Unit* unit, const Amount& center, Entry& out) {
  const std::optional<Value> range = object.get("range");
  if (!range) {
    out.low = out.high = out.number;
    return true;
  }
  if (!range->json().is_array() || range->json().size() != 2) {
    range->expected("an array [low, high]");
    return false;
  }
  Amount ends[2];
  for (std::size_t i = 0; i < 2; ++i) {
    if (!read_amount(range->element(i), info.dimension, unit, ends[i])) return false;
  }
  // A relative margin for the last digit of unit conversions.
  const double margin = 1e-9 * std::abs(center.base);
  if (ends[0].base < 0 || ends[0].base > ends[1].base) {
    range->expected("0 <= low <= high");
    return false;
  }
  if (center.base < ends[0].base - margin || center.base > ends[1].base + margin) {
    range->report(fmt::format("expected a range around the value {:g} {}, got [{:g}, {:g}].", out.number, out.unit,
                              from_base(*center.unit, ends[0].base), from_base(*center.unit, ends[1].base)));
    return false;
  }
  out.low = from_base(*center.unit, ends[0].base);
  out.high = from_base(*center.unit, ends[1].base);
  return true;
}

/// Ends of the range as given, in base units, to judge the domain of a profile's own value. Silent on errors.
std::pair<double, double> raw_range(const Value& value, const Unit* unit) {
  if (unit == nullptr || !value.json().contains("range")) return {0, largest(Dimension::ratio)};
  const Json& range = value.json()["range"];
  if (!range.is_array() || range.size() != 2 || !range[0].is_number() || !range[1].is_number())
    return {0, largest(Dimension::ratio)};
  return {to_base(*unit, range[0].get<double>()), to_base(*unit, range[1].get<double>())};
}

std::pair<double, double> base_range(const ParameterInfo& info, const Entry& entry) {
  const Unit* unit = find_unit(info.dimension, entry.unit);
  return unit == nullptr ? std::pair(entry.low, entry.high)
                         : std::pair(to_base(*unit, entry.low), to_base(*unit, entry.high));
}

void set_number(Entry& out, const Amount& center) {
  out.unit = center.unit->name;
  out.number = from_base(*center.unit, center.base);
}

bool read_law(const Object& object, const ParameterInfo& info, const Unit* unit, const Domain& domain, Entry& out) {
  Amount center;
  if (out.law == "uniform") {
    Amount high;
    if (!read_part(object, "low", info, unit, {0, false, domain.high, "a value >= 0"}, center) ||
        !read_part(object, "high", info, unit, domain, high))
      return false;
    if (high.base < center.base) {
      object.get("high")->expected("a value >= 'low'");
      return false;
    }
    out.value = Law::uniform(Duration::from_seconds(center.base), Duration::from_seconds(high.base));
    center.base = (center.base + high.base) / 2;
  } else {
    const std::string_view part = out.law == "lognormal" ? "median" : out.law == "exponential" ? "mean" : "value";
    if (!read_part(object, part, info, unit, domain, center)) return false;
    const Duration middle = Duration::from_seconds(center.base);
    out.value = out.law == "exponential" ? Law::exponential(middle) : Law::constant(middle);
    if (out.law == "lognormal") {
      if (!object.read("sigma", read_number, out.sigma, 0.0, largest_sigma, false)) return false;
      out.value = Law::lognormal(middle, out.sigma);
    }
  }
  set_number(out, center);
  return read_range(object, info, unit, center, out);
}

bool read_number_entry(const Object& object, const ParameterInfo& info, const Unit* unit, const Domain& domain,
                       Entry& out) {
  Amount amount;
  if (!read_part(object, "value", info, unit, domain, amount)) return false;
  out.value = make_value(info.dimension, amount.base);
  set_number(out, amount);
  return read_range(object, info, unit, amount, out);
}

bool read_boolean_entry(const Value& value, bool profile, Entry& out) {
  static constexpr std::array with_source{
      FieldSpec{"value", Shape::boolean, true, "true or false"},
      FieldSpec{"source", Shape::text, true, "where the value comes from"},
  };
  static constexpr std::array plain{with_source[0], FieldSpec{"source", Shape::text, false, with_source[1].meaning}};
  bool flag = false;
  if (!profile && !value.json().is_object()) {
    if (!read_boolean(value, flag)) return false;
  } else {
    const Object object(value, profile ? std::span<const FieldSpec>(with_source) : plain, "a parameter");
    object.read("source", read_text, out.source);
    if (!object.read("value", read_boolean, flag)) return false;
  }
  out.value = make_value(Dimension::boolean, flag ? 1 : 0);
  out.number = out.low = out.high = flag ? 1 : 0;
  return true;
}

/// The law's name if the entry is a distribution; nothing if it is no law, reported if it is an unknown one.
bool read_law_name(const Value& value, const ParameterInfo& info, std::string& law) {
  if (!value.json().contains("law")) return true;
  const Value field = value.member("law");
  if (info.dimension != Dimension::law) {
    field.report_key(
        fmt::format("'{}' is a {}, not a distribution: expected 'value'.", info.key, dimension_name(info.dimension)));
    return false;
  }
  std::size_t kind = 0;
  if (!read_choice(field, kind, law_names(), "a distribution")) return false;
  law = law_names()[kind];
  return true;
}

bool read_object_entry(const Value& value, const ParameterInfo& info, bool profile, const Entry* reference,
                       Entry& out) {
  if (!read_law_name(value, info, out.law)) return false;
  const std::vector<FieldSpec> fields = entry_fields(out.law, profile);
  const Object object(value, fields, "a parameter");
  bool good = object.valid();
  if (!good) return false;
  const Unit* unit = named_unit(object, info, good);
  if (!good) return false;
  if (unit == nullptr && !native_unit(info).empty()) unit = find_unit(info.dimension, native_unit(info));
  const auto [low, high] = reference != nullptr ? base_range(info, *reference) : raw_range(value, unit);
  const Domain domain = domain_of(info, low, high);
  object.read("source", read_text, out.source);
  if (info.dimension == Dimension::law && out.law.empty()) out.law = "constant";
  return value.json().contains("law") ? read_law(object, info, unit, domain, out)
                                      : read_number_entry(object, info, unit, domain, out);
}

bool read_plain_entry(const Value& value, const ParameterInfo& info, const Entry& profile, Entry& out) {
  const std::string_view native = native_unit(info);
  const Unit* unit = native.empty() ? nullptr : find_unit(info.dimension, native);
  const auto [low, high] = base_range(info, profile);
  const Domain domain = domain_of(info, low, high);
  Amount amount;
  if (!read_amount(value, info.dimension, unit, amount) || !inside(value, domain, amount.base)) return false;
  if (info.dimension == Dimension::law) out.law = "constant";
  out.value = make_value(info.dimension, amount.base);
  set_number(out, amount);
  out.low = out.high = out.number;
  return true;
}

}  // namespace

bool read_profile_entry(const Value& value, const ParameterInfo& info, Entry& out) {
  if (info.dimension == Dimension::boolean) return read_boolean_entry(value, true, out);
  if (!value.json().is_object()) {
    value.expected("an object with value, unit, range and source");
    return false;
  }
  return read_object_entry(value, info, true, nullptr, out);
}

bool read_override_entry(const Value& value, const ParameterInfo& info, const Entry& profile, Entry& out) {
  out.source = "user";
  if (info.dimension == Dimension::boolean) return read_boolean_entry(value, false, out);
  const bool good = value.json().is_object() ? read_object_entry(value, info, false, &profile, out)
                                             : read_plain_entry(value, info, profile, out);
  // "USD" per what is part of a price: another denominator cannot be converted.
  if (good && info.dimension == Dimension::money && out.unit != profile.unit) {
    value.expected(fmt::format("a price in {}", profile.unit));
    return false;
  }
  return good;
}

ParameterValue with_number(const ParameterInfo& info, const Entry& entry, double number) {
  const Unit* unit = find_unit(info.dimension, entry.unit);
  const double base = unit == nullptr ? number : to_base(*unit, number);
  const Law* law = std::get_if<Law>(&entry.value);
  if (law == nullptr || entry.number == 0) return make_value(info.dimension, base);
  return scaled_law(*law, number / entry.number);
}

std::string entry_text(const ParameterInfo& info, const Entry& entry) {
  if (info.dimension == Dimension::boolean) return entry.number != 0 ? "true" : "false";
  const std::string number =
      entry.unit == "1" ? fmt::format("{:g}", entry.number) : fmt::format("{:g} {}", entry.number, entry.unit);
  if (entry.law.empty() || entry.law == "constant") return number;
  if (entry.law == "lognormal") return fmt::format("lognormal median {} sigma {:g}", number, entry.sigma);
  return fmt::format("{} mean {}", entry.law, number);
}

}  // namespace nines::loader
