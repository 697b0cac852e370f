#include "experiments/loader/parameters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "experiments/loader/document.hpp"
#include "sim/time_units.hpp"

namespace nines::loader {

namespace {

using models::Topology;
using models::service::ParameterTable;

/// A group that is there once a topology.
struct SharedGroup {
  Group group;
  ParameterTable table;
  void* (*struct_of)(Topology& topology);
};

template <auto member>
constexpr SharedGroup shared(Group group) {
  using G = typename models::service::detail::MemberOf<decltype(member)>::Type;
  return {group, models::service::parameter_table<G>(),
          [](Topology& topology) -> void* { return &(topology.*member); }};
}

constexpr SharedGroup shared_groups[] = {
    shared<&Topology::infrastructure>(Group::infrastructure),
    shared<&Topology::kubernetes>(Group::kubernetes),
    shared<&Topology::people>(Group::people),
    shared<&Topology::changes>(Group::changes),
    shared<&Topology::prices>(Group::prices),
    shared<&Topology::hosts>(Group::hosts),
    shared<&Topology::alerting>(Group::alerts),
};

constexpr std::size_t first_of_kinds = static_cast<std::size_t>(Group::of_kinds);

/// Those of all kinds. The group of position i is `Group::of_kinds` + i.
const std::vector<KindGroup>& kind_groups() {
  static const std::vector<KindGroup> all = [] {
    std::vector<KindGroup> list;
    for (const models::service::Kind* kind : models::service::kinds()) {
      for (const models::service::ParameterGroup& group : kind->parameters) list.push_back({kind, &group});
    }
    return list;
  }();
  return all;
}

void append_rows(std::vector<ParameterInfo>& all, Group group, const ParameterTable& table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    const models::service::ParameterRow row = table.row(i);
    all.push_back({row.key, group, static_cast<Dimension>(row.alternative), row.meaning, i});
  }
}

std::vector<ParameterInfo> all_rows() {
  std::vector<ParameterInfo> all;
  for (const SharedGroup& shared : shared_groups) append_rows(all, shared.group, shared.table);
  for (const KindGroup& of_kind : kind_groups()) append_rows(all, group_of(*of_kind.group), of_kind.group->table);
  return all;
}

/// Where the parameter's group is, and its table.
std::pair<void*, const ParameterTable*> struct_of(const Holder& holder, const ParameterInfo& info) {
  if (const KindGroup* of_kind = kind_group(info.group)) {
    const models::service::ParameterGroup& group = *of_kind->group;
    return {group.group(holder.topology->services[holder.service], holder.element), &group.table};
  }
  for (const SharedGroup& shared : shared_groups) {
    if (shared.group == info.group) return {shared.struct_of(*holder.topology), &shared.table};
  }
  throw std::logic_error("no struct holds this parameter");
}

}  // namespace

const KindGroup* kind_group(Group group) {
  const auto id = static_cast<std::size_t>(group);
  return id < first_of_kinds ? nullptr : &kind_groups().at(id - first_of_kinds);
}

Group group_of(const models::service::ParameterGroup& group) {
  const std::vector<KindGroup>& all = kind_groups();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const KindGroup& of_kind) { return of_kind.group == &group; });
  return static_cast<Group>(first_of_kinds + static_cast<std::size_t>(found - all.begin()));
}

std::vector<Group> groups_of(const models::service::Kind& kind) {
  std::vector<Group> groups;
  for (const models::service::ParameterGroup& group : kind.parameters) groups.push_back(group_of(group));
  return groups;
}

std::optional<Group> find_group(std::string_view name) {
  for (std::size_t id = 0; id < first_of_kinds + kind_groups().size(); ++id) {
    if (group_name(static_cast<Group>(id)) == name) return static_cast<Group>(id);
  }
  return std::nullopt;
}

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
  if (const KindGroup* of_kind = kind_group(group)) return of_kind->group->name;
  constexpr std::array<std::string_view, first_of_kinds> names{"infrastructure", "kubernetes", "people", "changes",
                                                               "prices",         "hosts",      "alerts", "component"};
  return names[static_cast<std::size_t>(group)];
}

std::string_view dimension_name(Dimension dimension) {
  constexpr std::array<std::string_view, 10> names{
      "duration", "distribution of durations", "rate", "ratio", "count", "true or false", "bytes", "bandwidth",
      "money",    "distribution of lives"};
  return names[static_cast<std::size_t>(dimension)];
}

bool is_config_key(const ParameterInfo& info) {
  const KindGroup* of_kind = kind_group(info.group);
  return of_kind != nullptr && of_kind->group->is_config_key(info.key);
}

std::string_view native_unit(const ParameterInfo& info) {
  switch (info.dimension) {
    case Dimension::duration:
      if (info.key.ends_with(".ms")) return "ms";
      return info.key.ends_with(".seconds") ? "s" : "";
    case Dimension::bytes: return is_config_key(info) ? "B" : "";
    case Dimension::bandwidth: return is_config_key(info) ? "B/s" : "";
    case Dimension::ratio:
    case Dimension::count: return "1";
    default: return "";
  }
}

void assign(const Holder& holder, const ParameterInfo& info, const ParameterValue& value) {
  const auto [group, table] = struct_of(holder, info);
  table->assign(group, info.row, value);
}

ParameterValue value_of(const Holder& holder, const ParameterInfo& info) {
  const auto [group, table] = struct_of(holder, info);
  return table->value(group, info.row);
}

std::span<const Unit> units(Dimension dimension) {
  static constexpr Unit time[] = {{"ms", 1, 1e3}, {"s", 1, 1},     {"min", 60, 1},
                                  {"h", 3600, 1}, {"d", 86400, 1}, {"yr", sim::hours_per_year * 3600, 1},
                                  {"us", 1, 1e6}, {"ns", 1, 1e9}};
  static constexpr Unit rate[] = {{"/yr", 1, sim::hours_per_year},
                                  {"/month", 1, 730},
                                  {"/d", 1, 24},
                                  {"/h", 1, 1},
                                  {"/min", 60, 1},
                                  {"/s", 3600, 1}};
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
    case Dimension::law: return 100 * sim::hours_per_year * 3600;
    case Dimension::life: return 1e6 * sim::hours_per_year * 3600;
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
