#include "experiments/loader/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <vector>

#include "experiments/loader/document.hpp"
#include "models/kafka/spec.hpp"

namespace nines::loader {

namespace {

constexpr double hours_per_year = 8760;  // as models::Rate counts

template <class G>
void append_rows(std::vector<ParameterInfo>& all, Group group) {
  for (const models::Parameter<G>& row : G::table()) {
    all.push_back({row.key, group, static_cast<Dimension>(row.field.index()), row.meaning});
  }
}

std::vector<ParameterInfo> all_rows() {
  std::vector<ParameterInfo> all;
  append_rows<models::infrastructure::Parameters>(all, Group::infrastructure);
  append_rows<models::kubernetes::Parameters>(all, Group::kubernetes);
  append_rows<models::people::Parameters>(all, Group::people);
  append_rows<models::faults::Parameters>(all, Group::changes);
  append_rows<models::economics::Prices>(all, Group::prices);
  append_rows<models::kafka::BrokerParameters>(all, Group::kafka_broker);
  append_rows<models::kafka::ClientParameters>(all, Group::kafka_client);
  return all;
}

/// Calls `use` with the struct that holds parameters of `info`'s group.
template <class Use>
void with_group(const Holder& holder, const ParameterInfo& info, Use use) {
  models::Topology& topology = *holder.topology;
  switch (info.group) {
    case Group::infrastructure: return use(topology.infrastructure);
    case Group::kubernetes: return use(topology.kubernetes);
    case Group::people: return use(topology.people);
    case Group::changes: return use(topology.changes);
    case Group::prices: return use(topology.prices);
    case Group::kafka_broker: return use(models::kafka::spec_of(topology.services[holder.service]).parameters);
    case Group::kafka_client: return use(models::kafka::spec_of(topology.services[holder.service]).clients[holder.client].parameters);
    case Group::component: return;
  }
}

}  // namespace

std::span<const ParameterInfo> parameters() {
  static const std::vector<ParameterInfo> all = all_rows();
  return all;
}

const ParameterInfo* find_parameter(std::string_view key) {
  static const std::map<std::string_view, const ParameterInfo*> by_key = [] {
    std::map<std::string_view, const ParameterInfo*> map;
    for (const ParameterInfo& info : parameters()) map.emplace(info.key, &info);
    return map;
  }();
  const auto found = by_key.find(key);
  return found == by_key.end() ? nullptr : found->second;
}

std::string_view group_name(Group group) {
  constexpr std::array<std::string_view, 8> names{"infrastructure", "kubernetes",   "people",       "changes",
                                                  "prices",         "kafka broker", "kafka client", "component"};
  return names[static_cast<std::size_t>(group)];
}

std::string_view dimension_name(Dimension dimension) {
  constexpr std::array<std::string_view, 10> names{
      "duration", "distribution of durations", "rate", "ratio", "count", "true or false", "bytes", "bandwidth",
      "money",    "distribution of lives"};
  return names[static_cast<std::size_t>(dimension)];
}

bool is_kafka_key(const ParameterInfo& info) {
  return (info.group == Group::kafka_broker || info.group == Group::kafka_client) && !info.key.starts_with("kafka.");
}

std::string_view native_unit(const ParameterInfo& info) {
  switch (info.dimension) {
    case Dimension::duration:
      if (info.key.ends_with(".ms")) return "ms";
      return info.key.ends_with(".seconds") ? "s" : "";
    case Dimension::bytes: return is_kafka_key(info) ? "B" : "";
    case Dimension::bandwidth: return is_kafka_key(info) ? "B/s" : "";
    case Dimension::ratio:
    case Dimension::count: return "1";
    default: return "";
  }
}

void assign(const Holder& holder, const ParameterInfo& info, const ParameterValue& value) {
  with_group(holder, info, [&]<class G>(G& group) {
    for (const models::Parameter<G>& row : G::table()) {
      if (row.key != info.key) continue;
      std::visit([&]<class T>(T G::*member) { group.*member = std::get<T>(value); }, row.field);
    }
  });
}

ParameterValue value_of(const Holder& holder, const ParameterInfo& info) {
  ParameterValue value;
  with_group(holder, info, [&]<class G>(G& group) {
    for (const models::Parameter<G>& row : G::table()) {
      if (row.key != info.key) continue;
      std::visit([&]<class T>(T G::*member) { value = ParameterValue(std::in_place_type<T>, group.*member); },
                 row.field);
    }
  });
  return value;
}

std::span<const Unit> units(Dimension dimension) {
  static constexpr Unit time[] = {{"ms", 1, 1e3}, {"s", 1, 1},     {"min", 60, 1},
                                  {"h", 3600, 1}, {"d", 86400, 1}, {"yr", hours_per_year * 3600, 1},
                                  {"us", 1, 1e6}, {"ns", 1, 1e9}};
  static constexpr Unit rate[] = {
      {"/yr", 1, hours_per_year}, {"/month", 1, 730}, {"/d", 1, 24}, {"/h", 1, 1}, {"/min", 60, 1}, {"/s", 3600, 1}};
  static constexpr Unit ratio[] = {{"1", 1, 1}, {"%", 1, 100}};
  static constexpr Unit count[] = {{"1", 1, 1}};
  static constexpr Unit bytes[] = {
      {"Gi", 0x1p30, 1},  {"Mi", 0x1p20, 1},  {"Ki", 0x1p10, 1},  {"Ti", 0x1p40, 1}, {"B", 1, 1},    {"GiB", 0x1p30, 1},
      {"MiB", 0x1p20, 1}, {"KiB", 0x1p10, 1}, {"TiB", 0x1p40, 1}, {"G", 1e9, 1},     {"M", 1e6, 1},  {"k", 1e3, 1},
      {"T", 1e12, 1},     {"GB", 1e9, 1},     {"MB", 1e6, 1},     {"kB", 1e3, 1},    {"TB", 1e12, 1}};
  static constexpr Unit bandwidth[] = {{"MiB/s", 0x1p20, 1}, {"MB/s", 1e6, 1},     {"Gbit/s", 1e9, 8},
                                       {"Mbit/s", 1e6, 8},   {"GiB/s", 0x1p30, 1}, {"KiB/s", 0x1p10, 1},
                                       {"GB/s", 1e9, 1},     {"kB/s", 1e3, 1},     {"B/s", 1, 1}};
  static constexpr Unit money[] = {
      {"USD", 1, 1},   {"USD/h", 1, 1}, {"USD/GiB-month", 1, 1}, {"USD/IOPS-month", 1, 1}, {"USD/(MiB/s)-month", 1, 1},
      {"USD/GB", 1, 1}};
  switch (dimension) {
    case Dimension::duration:
    case Dimension::life:
    case Dimension::law: return time;
    case Dimension::rate: return rate;
    case Dimension::ratio: return ratio;
    case Dimension::count: return count;
    case Dimension::boolean: return {};
    case Dimension::bytes: return bytes;
    case Dimension::bandwidth: return bandwidth;
    case Dimension::money: return money;
  }
  return {};
}

const Unit* find_unit(Dimension dimension, std::string_view name) {
  if (dimension == Dimension::rate && name == "/year") name = "/yr";
  const bool time = dimension == Dimension::duration || dimension == Dimension::law || dimension == Dimension::life;
  if (time && name == "µs") name = "us";
  const std::span<const Unit> all = units(dimension);
  const auto found = std::find_if(all.begin(), all.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::optional<Quantity> split_quantity(std::string_view text) {
  const char* end = text.data() + text.size();
  Quantity quantity;
  const auto [rest, error] = std::from_chars(text.data(), end, quantity.number);
  if (error != std::errc{} || !std::isfinite(quantity.number)) return std::nullopt;
  std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  quantity.unit = unit;
  if (unit.size() < 2 || unit[0] != '/') return quantity;
  // One in so and so many: "1/2000 h".
  double every = 0;
  const auto [after, bad] = std::from_chars(unit.data() + 1, end, every);
  if (bad != std::errc{} || !std::isfinite(every) || every <= 0) return quantity;
  unit.remove_prefix(static_cast<std::size_t>(after - unit.data()));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  quantity.number /= every;
  quantity.unit = fmt::format("/{}", unit);
  return quantity;
}

std::string expected_quantity(Dimension dimension) {
  const auto with = [&](std::string_view example) {
    std::vector<std::string_view> names;
    for (const Unit& unit : units(dimension)) {
      if (names.size() < 6) names.push_back(unit.name);
    }
    return fmt::format("a string with a unit, such as \"{}\" ({})", example, one_of(names));
  };
  switch (dimension) {
    case Dimension::duration: return with("8 min");
    case Dimension::law: return with("8 min") + " or an object with a law";
    case Dimension::life:
      return R"(an object with a law, such as {"law": "exponential", "mean": "1000 h"}: a duration alone does not say which)";
    case Dimension::rate: return with("0.05/yr");
    case Dimension::ratio: return "a number without unit, or a percentage such as \"30 %\"";
    case Dimension::count: return "a whole number";
    case Dimension::boolean: return "true or false";
    case Dimension::bytes: return with("1000Gi");
    case Dimension::bandwidth: return with("125MiB/s");
    case Dimension::money: return "a string with its unit, such as \"0.1 USD/h\"";
  }
  return {};
}

double largest(Dimension dimension) {
  switch (dimension) {
    case Dimension::duration:
    case Dimension::law: return 100 * hours_per_year * 3600;
    case Dimension::life: return 1e6 * hours_per_year * 3600;
    case Dimension::rate: return 3.6e6;  // a thousand a second
    case Dimension::ratio: return 1e9;
    case Dimension::count: return 1e9;
    case Dimension::boolean: return 1;
    case Dimension::bytes: return 1e18;
    case Dimension::bandwidth: return 1e13;
    case Dimension::money: return 1e9;
  }
  return 0;
}

}  // namespace nines::loader
