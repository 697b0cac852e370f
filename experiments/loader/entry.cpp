#include "experiments/loader/entry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "sim/math.hpp"
#include "sim/special_functions.hpp"
#include "sim/time_units.hpp"

namespace nines::loader {

ParameterValue number_of(Dimension dimension, double base) {
  switch (dimension) {
    case Dimension::duration: return models::Duration::from_seconds(base);
    case Dimension::life:
    case Dimension::law: return models::Law::constant(models::Duration::from_seconds(base));
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

namespace {

using models::Duration;
using models::Law;

constexpr double least_duration = 1e-9;  // of the clock, in s

/// A law and the field whose number has the range; some laws have two ways to give it.
struct LawKind {
  std::string_view name;
  std::string_view center;
  std::string_view other;
};
constexpr std::array law_kinds{LawKind{"constant", "value", ""},
                               LawKind{"uniform", "", ""},
                               LawKind{"exponential", "mean", "rate"},
                               LawKind{"lognormal", "median", "mean"},
                               LawKind{"erlang", "mean", ""},
                               LawKind{"weibull", "scale", ""},
                               LawKind{"mixture", "", ""}};

constexpr auto law_name_table = [] {
  std::array<std::string_view, law_kinds.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = law_kinds[i].name;
  return names;
}();

const LawKind& kind_of(std::string_view law) {
  const auto* found =
      std::find_if(law_kinds.begin(), law_kinds.end(), [&](const LawKind& kind) { return kind.name == law; });
  assert(found != law_kinds.end());
  return *found;
}

std::vector<FieldSpec> entry_fields(std::string_view law, bool profile) {
  std::vector<FieldSpec> fields;
  if (law.empty()) {
    fields.push_back({"value", Shape::ignored, true, "the number"});
  } else {
    fields.push_back({"law", Shape::choice, true, "kind of distribution", {}, law_name_table});
    const LawKind& kind = kind_of(law);
    const bool one_way = kind.other.empty();
    if (!kind.center.empty()) fields.push_back({kind.center, Shape::ignored, one_way, "location of the distribution"});
    if (!one_way) fields.push_back({kind.other, Shape::ignored, false, "the same, given otherwise"});
    if (law == "uniform") {
      fields.push_back({"low", Shape::ignored, true, "smallest value"});
      fields.push_back({"high", Shape::ignored, true, "largest value"});
    }
    if (law == "mixture") fields.push_back({"parts", Shape::ignored, true, "laws, each with its share"});
    if (law == "lognormal")
      fields.push_back(
          {"sigma", Shape::number, true, "standard deviation of the logarithm", {}, {}, {0, largest_sigma}});
    if (law == "erlang")
      fields.push_back({"stages",
                        Shape::count,
                        true,
                        "exponential stages of the sum",
                        {},
                        {},
                        {1, static_cast<double>(most_stages)}});
    if (law == "weibull") {
      fields.push_back({"shape",
                        Shape::number,
                        true,
                        "below 1: early failures, above 1: wear",
                        {},
                        {},
                        {least_shape, largest_shape}});
      fields.push_back({"location", Shape::ignored, false, "smallest value (default 0)"});
    }
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

bool read_range(const Object& object, const ParameterInfo& info, const Unit* unit, const Domain& domain,
                const Amount& center, Entry& out) {
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
    if (info.group == Group::component && !inside(range->element(i), domain, ends[i].base)) return false;
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

/// The one of `kind`'s two ways to give its location that the object uses; empty and reported unless it is exactly one.
std::string_view center_in(const Object& object, const LawKind& kind) {
  if (kind.other.empty()) return kind.center;
  const bool first = object.has(kind.center);
  const bool second = object.has(kind.other);
  if (first != second) return first ? kind.center : kind.other;
  object.value().report(fmt::format("expected either '{}' or '{}' of {} law, got {}.", kind.center, kind.other,
                                    kind.name == "exponential" ? "an exponential" : "a lognormal",
                                    first ? "both" : "neither"));
  return {};
}

/// The law from its location in base units; false (and reported) if a number of its shape is bad.
bool shaped_law(const Object& object, const ParameterInfo& info, const Unit* unit, const Domain& domain, double base,
                const Entry& entry, Law& law) {
  const Duration middle = Duration::from_seconds(base);
  law = Law::constant(middle);
  if (entry.law == "exponential")
    law = entry.center == "rate" ? Law::exponential(Duration::from_seconds(sim::seconds_per_hour / base))
                                 : Law::exponential(middle);
  if (entry.law == "lognormal") {
    double sigma = 0;
    if (!object.number("sigma", sigma)) return false;
    law = Law::lognormal(middle, sigma);
    if (entry.center == "mean") law.a = law.b = Duration::from_seconds(base / sim::exp(sigma * sigma / 2));
  }
  if (entry.law == "erlang") {
    std::int64_t stages = 0;
    if (!object.whole("stages", stages)) return false;
    law = Law::erlang(middle, static_cast<int>(stages));
  }
  if (entry.law == "weibull") {
    double shape = 0;
    if (!object.number("shape", shape)) return false;
    Amount location;
    if (object.has("location") &&
        !read_part(object, "location", info, unit, {0, false, domain.high, "a value >= 0"}, location))
      return false;
    law = Law::weibull(middle, shape, Duration::from_seconds(location.base));
  }
  // A heavy tail whose median is no nanosecond has lost its mean.
  if (base > 0 && law.a <= Duration()) {
    object.value().report("expected a law with a median of at least a nanosecond.");
    return false;
  }
  // Long tails: means and the ages of stationary renewal must fit a Duration.
  if (law.mean().to_seconds() > largest(Dimension::law)) {
    object.value().report("expected a law with a mean of at most a century.");
    return false;
  }
  return true;
}

/// The law alone; `low` is where its mean goes.
bool read_ends(const Object& object, const ParameterInfo& info, const Unit* unit, const Domain& domain, Entry& out,
               Amount& low) {
  Amount high;
  if (!read_part(object, "low", info, unit, {0, false, domain.high, "a value >= 0"}, low) ||
      !read_part(object, "high", info, unit, domain, high))
    return false;
  if (high.base < low.base) {
    object.at("high").expected("a value >= 'low'");
    return false;
  }
  out.value = Law::uniform(Duration::from_seconds(low.base), Duration::from_seconds(high.base));
  out.center = "mean";
  low.base = (low.base + high.base) / 2;
  return true;
}

bool read_uniform(const Object& object, const ParameterInfo& info, const Unit* unit, const Domain& domain, Entry& out) {
  Amount mean;
  if (!read_ends(object, info, unit, domain, out, mean)) return false;
  set_number(out, mean);
  return read_range(object, info, unit, domain, mean, out);
}

ParameterInfo measured(const ParameterInfo& info, const Entry& entry, const Value& value);
Domain domain_of_rate(Dimension dimension);

/// One law of a mixture with its share; `unit` is the mixture's, if it names one.
bool read_mixture_part(const Value& value, const ParameterInfo& info, const Unit* unit, const Domain& domain,
                       sim::MixturePart& out) {
  if (!value.json().is_object()) {
    value.expected(R"(an object such as {"share": 0.9, "law": "exponential", "mean": "10 min"})");
    return false;
  }
  Entry entry;
  entry.law = "constant";  // of a part that names none, which is reported below
  std::size_t kind = 0;
  if (value.json().contains("law")) {
    // All but the mixture itself, the last one.
    const auto names = std::span(law_name_table).first(law_name_table.size() - 1);
    if (!read_choice(value.member("law"), kind, names, "a distribution of a mixture")) return false;
    entry.law = law_name_table[kind];
  }
  std::vector<FieldSpec> fields = entry_fields(entry.law, false);
  std::erase_if(fields, [](const FieldSpec& field) { return field.name == "range" || field.name == "source"; });
  fields.push_back({"share", Shape::number, true, "probability of this law", {}, {}, {0, 1, true}});
  const Object object(value, fields, "a part of a mixture");
  bool good = object.valid();
  if (!object.number("share", out.share) || !good) return false;
  const ParameterInfo parts = measured(info, entry, value);
  const Unit* own = named_unit(object, parts, good);
  if (!good) return false;
  const bool by_rate = parts.dimension == Dimension::rate;
  if (own == nullptr && !by_rate) own = unit;
  const Domain allowed = by_rate ? domain_of_rate(Dimension::law) : domain;
  if (entry.law == "uniform") {
    Amount mean;
    if (!read_ends(object, parts, own, allowed, entry, mean)) return false;
    out.law = std::get<Law>(entry.value);
    return true;
  }
  entry.center = center_in(object, kind_of(entry.law));
  Amount center;
  return !entry.center.empty() && read_part(object, entry.center, parts, own, allowed, center) &&
         shaped_law(object, parts, own, allowed, center.base, entry, out.law);
}

bool read_mixture(const Object& object, const ParameterInfo& info, const Unit* unit, const Domain& domain, Entry& out) {
  const Value all = object.at("parts");
  const std::vector<Value> values = read_elements(all, most_parts, true);
  if (values.empty()) return false;
  std::vector<sim::MixturePart> parts(values.size());
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!read_mixture_part(values[i], info, unit, domain, parts[i])) return false;
    total += parts[i].share;
  }
  constexpr double tolerance = 1e-9;
  if (std::abs(total - 1) > tolerance) {
    all.report(fmt::format("expected shares that add up to 1, got {:.9g}.", total));
    return false;
  }
  const Law law = Law::mixture(std::move(parts));
  out.value = law;
  out.center = "mean";
  const Amount mean{law.mean().to_seconds(), unit != nullptr ? unit : find_unit(Dimension::law, "s")};
  set_number(out, mean);
  return read_range(object, info, unit, domain, mean, out);
}

/// `info` says what the numbers measure. The exponential law of a `life` becomes a rate.
bool read_law(const Object& object, const ParameterInfo& info, bool life, const Unit* unit, const Domain& domain,
              Entry& out) {
  if (out.law == "uniform") return read_uniform(object, info, unit, domain, out);
  if (out.law == "mixture") return read_mixture(object, info, unit, domain, out);
  out.center = center_in(object, kind_of(out.law));
  Amount center;
  if (out.center.empty() || !read_part(object, out.center, info, unit, domain, center)) return false;
  if (life && out.law == "exponential") {
    out.value = models::Rate{out.center == "rate" ? center.base : sim::seconds_per_hour / center.base};
  } else {
    Law law;
    if (!shaped_law(object, info, unit, domain, center.base, out, law)) return false;
    out.value = law;
  }
  set_number(out, center);
  return read_range(object, info, unit, domain, center, out);
}

bool read_number_entry(const Object& object, const ParameterInfo& info, const Unit* unit, const Domain& domain,
                       Entry& out) {
  Amount amount;
  if (!read_part(object, "value", info, unit, domain, amount)) return false;
  out.value = number_of(info.dimension, amount.base);
  set_number(out, amount);
  return read_range(object, info, unit, domain, amount, out);
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
  out.value = number_of(Dimension::boolean, flag ? 1 : 0);
  out.number = out.low = out.high = flag ? 1 : 0;
  return true;
}

/// The law's name if the entry is a distribution; nothing if it is no law, reported if it is an unknown one.
bool read_law_name(const Value& value, const ParameterInfo& info, std::string& law) {
  if (!value.json().contains("law")) return true;
  const Value field = value.member("law");
  if (info.dimension != Dimension::law && info.dimension != Dimension::life) {
    field.report_key(
        fmt::format("'{}' is a {}, not a distribution: expected 'value'.", info.key, dimension_name(info.dimension)));
    return false;
  }
  std::size_t kind = 0;
  if (!read_choice(field, kind, law_name_table, "a distribution")) return false;
  law = law_name_table[kind];
  return true;
}

/// What the numbers of an entry measure: an exponential law may be given by its rate.
ParameterInfo measured(const ParameterInfo& info, const Entry& entry, const Value& value) {
  ParameterInfo parts = info;
  if (entry.law == "exponential" && value.json().contains("rate"))
    parts.dimension = Dimension::rate;
  else if (info.dimension == Dimension::life)
    parts.dimension = Dimension::law;
  return parts;
}

/// Rates whose mean is no longer than what `dimension` takes.
Domain domain_of_rate(Dimension dimension) {
  const double least = sim::seconds_per_hour / largest(dimension);
  const Unit& yearly = units(Dimension::rate)[0];
  return {least, false, largest(Dimension::rate),
          fmt::format("a rate of at least {:g}{}", from_base(yearly, least), yearly.name)};
}

Domain domain_of_component(const ParameterInfo& info, bool zero_is_meant, std::string_view law) {
  switch (info.dimension) {
    case Dimension::life:
    case Dimension::law: {
      const Dimension limit = law == "exponential" ? info.dimension : Dimension::law;
      // A constant of zero is passed at once; of another law it would not be that law.
      if (zero_is_meant && (law.empty() || law == "constant")) return {0, false, largest(limit), "a value >= 0"};
      return {least_duration, false, largest(limit), "a value > 0"};
    }
    case Dimension::ratio:
      return {0, !zero_is_meant, 1, zero_is_meant ? "a share from 0 to 1" : "a share above 0 and at most 1"};
    default: return {0, !zero_is_meant, largest(info.dimension), zero_is_meant ? "a value >= 0" : "a value > 0"};
  }
}

/// Distance between the ends of a central 95 %, in standard deviations of a normal variable.
constexpr double range_width = 2 * 1.959963984540054;

/// Central 95 % of a rate that is log-normal with the central 95 % `prior`, after `events` in so many `years`: prior
/// density times Poisson likelihood, summed on a grid of the logarithm. Without evidence it is `prior`.
std::pair<double, double> range_after(std::pair<double, double> prior, double events, double years) {
  const double sigma = sim::log(prior.second / prior.first) / range_width;
  const double mu = (sim::log(prior.first) + sim::log(prior.second)) / 2;
  const auto slope = [&](double u) { return events - years * sim::exp(u) - (u - mu) / (sigma * sigma); };
  // The mode: the log of the density is concave, its slope falls.
  double below = mu - sigma * sigma * years * prior.second - 1;
  double above = mu + sigma * sigma * events + 1;
  constexpr int halvings = 200;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (below + above) / 2;
    (slope(middle) > 0 ? below : above) = middle;
  }
  const double mode = (below + above) / 2;
  const double spread = 1 / std::sqrt(1 / (sigma * sigma) + years * sim::exp(mode));
  // To the left, where the likelihood ends, the density falls as the prior does.
  constexpr double reach = 9;
  constexpr int steps = 20'000;
  const double first = mode - reach * std::min(sigma, 4 * spread);
  const double step = (mode + reach * spread - first) / steps;
  const auto exponent = [&](double u) {
    return events * u - years * sim::exp(u) - (u - mu) * (u - mu) / (2 * sigma * sigma);
  };
  std::vector<double> sums{0};
  for (int i = 0; i < steps; ++i) {
    sums.push_back(sums.back() + sim::exp(exponent(first + (static_cast<double>(i) + 0.5) * step) - exponent(mode)));
  }
  const auto quantile = [&](double q) {
    const auto at = std::upper_bound(sums.begin(), sums.end(), q * sums.back()) - 1;
    const double inside = (q * sums.back() - *at) / (*(at + 1) - *at);
    return sim::exp(first + (static_cast<double>(at - sums.begin()) + inside) * step);
  };
  constexpr double tail = 0.025;
  return {quantile(tail), quantile(1 - tail)};
}

/// The user's own failures: events seen in so many component-years update a rate. Its value is the mean of a Gamma
/// variable that has the profile's value as mean and the spread of its range (conjugate prior of a Poisson rate); its
/// range is updated as what it is, the central 95 % of a log-normal variable. A record without evidence changes
/// neither.
bool read_record_entry(const Value& value, const ParameterInfo& info, const Entry& profile, Entry& out) {
  static constexpr std::array fields{
      FieldSpec{"record", Shape::object, true, "failures that the user has seen"},
      FieldSpec{"source", Shape::text, false, "where the record comes from"},
  };
  static constexpr std::array record_fields{
      FieldSpec{"events", Shape::count, true, "failures seen", {}, {}, {0, most_record}},
      FieldSpec{"component_years", Shape::number, true, "components times years watched", {}, {}, {0, most_record}},
  };
  const Object object(value, fields, "a parameter");
  object.read("source", read_text, out.source);
  const auto record = object.get("record");
  if (!record) return false;
  const Object parts(*record, record_fields, "a failure record");
  std::int64_t events = 0;
  double years = 0;
  if (!parts.whole("events", events) || !parts.number("component_years", years)) {
    return false;
  }
  if (years <= 0 && events > 0) {
    parts.at("component_years").report("expected a number > 0: these events took some time.");
    return false;
  }
  const auto [low, high] = base_range(info, profile);
  const Unit* unit = find_unit(Dimension::rate, profile.unit);
  const double value_per_year = to_base(*unit, profile.number) * 8760;
  if (value_per_year <= 0) {
    value.report(fmt::format("'{}' is 0 in the profile: a record cannot update it; give a value.", info.key));
    return false;
  }
  // Without a range the prior counts as half an event.
  constexpr double half_an_event = 0.5;
  const bool ranged = low > 0 && high > low;
  const double sigma = ranged ? sim::log(high / low) / range_width : 0;
  const double prior = ranged ? 1 / sim::expm1(sigma * sigma) : half_an_event;
  const double shape = prior + static_cast<double>(events);
  const double exposure = prior / value_per_year + years;
  const auto in_unit = [&](double per_year) { return from_base(*unit, per_year / 8760); };
  // Of which a hundredth of an event could be expected: this tells nothing where there is no range to update.
  constexpr double no_evidence = 0.01;
  if (years <= 0 || (!ranged && events == 0 && value_per_year * years < no_evidence)) {
    out.number = profile.number;
    out.low = profile.low;
    out.high = profile.high;
  } else {
    out.number = in_unit(shape / exposure);
    if (ranged) {
      const auto ends = range_after({low * 8760, high * 8760}, static_cast<double>(events), years);
      out.low = std::min(in_unit(ends.first), out.number);
      out.high = std::max(in_unit(ends.second), out.number);
    } else {
      out.low = in_unit(sim::gamma_quantile(shape, 0.025) / exposure);
      out.high = in_unit(sim::gamma_quantile(shape, 0.975) / exposure);
    }
  }
  out.unit = profile.unit;
  out.value = models::Rate{to_base(*unit, out.number)};
  if (out.source == "user") {
    out.source = fmt::format("profile's {} updated by {} events in {:g} component-years", entry_text(info, profile),
                             events, years);
  }
  return true;
}

/// `domain_for(law, unit)` says what values make sense.
template <class DomainFor>
bool read_object_entry(const Value& value, const ParameterInfo& info, bool profile, DomainFor domain_for, Entry& out) {
  if (!read_law_name(value, info, out.law)) return false;
  const std::vector<FieldSpec> fields = entry_fields(out.law, profile);
  const Object object(value, fields, info.group == Group::component ? "a value" : "a parameter");
  bool good = object.valid();
  if (!good) return false;
  const ParameterInfo parts = measured(info, out, value);
  const Unit* unit = named_unit(object, parts, good);
  if (!good) return false;
  if (unit == nullptr && !native_unit(parts).empty()) unit = find_unit(parts.dimension, native_unit(parts));
  const bool by_rate = parts.dimension != info.dimension && parts.dimension == Dimension::rate;
  const Domain domain = by_rate ? domain_of_rate(info.dimension) : domain_for(out.law, unit);
  object.read("source", read_text, out.source);
  if (info.dimension == Dimension::law && out.law.empty()) {
    out.law = "constant";
    out.center = "value";
  }
  return value.json().contains("law") ? read_law(object, parts, info.dimension == Dimension::life, unit, domain, out)
                                      : read_number_entry(object, parts, unit, domain, out);
}

bool read_plain_entry(const Value& value, const ParameterInfo& info, const Domain& domain, Entry& out) {
  const std::string_view native = native_unit(info);
  const Unit* unit = native.empty() ? nullptr : find_unit(info.dimension, native);
  Amount amount;
  if (!read_amount(value, info.dimension, unit, amount) || !inside(value, domain, amount.base)) return false;
  if (info.dimension == Dimension::law) {
    out.law = "constant";
    out.center = "value";
  }
  out.value = number_of(info.dimension, amount.base);
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
  const auto domain = [&](std::string_view, const Unit* unit) {
    const auto [low, high] = raw_range(value, unit);
    return domain_of(info, low, high);
  };
  return read_object_entry(value, info, true, domain, out);
}

bool read_override_entry(const Value& value, const ParameterInfo& info, const Entry& profile, Entry& out) {
  out.source = "user";
  if (info.dimension == Dimension::boolean) return read_boolean_entry(value, false, out);
  const auto [low, high] = base_range(info, profile);
  const Domain domain = domain_of(info, low, high);
  const auto same = [&](std::string_view, const Unit*) { return domain; };
  if (info.dimension == Dimension::rate && value.json().is_object() && value.json().contains("record")) {
    return read_record_entry(value, info, profile, out);
  }
  const bool good = value.json().is_object() ? read_object_entry(value, info, false, same, out)
                                             : read_plain_entry(value, info, domain, out);
  // "USD" per what is part of a price: another denominator cannot be converted.
  if (good && info.dimension == Dimension::money && out.unit != profile.unit) {
    value.expected(fmt::format("a price in {}", profile.unit));
    return false;
  }
  return good;
}

bool read_component_entry(const Value& value, const ParameterInfo& info, bool zero_is_meant, Entry& out) {
  const bool life = info.dimension == Dimension::life;
  if (value.json().is_object() && (!life || value.json().contains("law"))) {
    const auto domain = [&](std::string_view law, const Unit*) {
      return domain_of_component(info, zero_is_meant, law);
    };
    return read_object_entry(value, info, false, domain, out);
  }
  if (life) {
    value.expected(expected_quantity(info.dimension));
    return false;
  }
  return read_plain_entry(value, info, domain_of_component(info, zero_is_meant, {}), out);
}

double center_of(const Law& law, std::string_view center) {
  if (center == "mean") return law.mean().to_seconds();
  if (center == "rate") return sim::seconds_per_hour / law.mean().to_seconds();
  return law.a.to_seconds();
}

Law with_center(const Law& law, std::string_view center, double base) {
  const double now = center_of(law, center);
  // A constant or median of 0 has no shape to keep.
  if (now == 0) return Law::constant(Duration::from_seconds(base));
  return law.times(center == "rate" ? now / base : base / now);
}

std::string entry_text(const ParameterInfo& info, const Entry& entry) {
  if (info.dimension == Dimension::boolean) return entry.number != 0 ? "true" : "false";
  const std::string number =
      entry.unit == "1" ? fmt::format("{:g}", entry.number) : fmt::format("{:g} {}", entry.number, entry.unit);
  if (entry.law.empty() || entry.law == "constant") return number;
  std::string text = fmt::format("{} {} {}", entry.law, entry.center, number);
  const Law* law = std::get_if<Law>(&entry.value);
  if (law == nullptr) return text;
  if (entry.law == "mixture") text += fmt::format(" of {} laws", law->mixed->parts.size());
  if (entry.law == "lognormal") text += fmt::format(" sigma {:g}", law->shape);
  if (entry.law == "erlang") text += fmt::format(" stages {:g}", law->shape);
  if (entry.law == "weibull") {
    text += fmt::format(" shape {:g}", law->shape);
    if (law->b > Duration())
      text += fmt::format(" location {:g} {}", from_base(*find_unit(Dimension::law, entry.unit), law->b.to_seconds()),
                          entry.unit);
  }
  return text;
}

}  // namespace nines::loader
