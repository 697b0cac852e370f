// The parameter tables of all rooms as one list, without their types: what lets profiles, overrides, schema and
// `explain` treat every parameter alike.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "models/service/kind.hpp"
#include "models/service/parameters.hpp"
#include "models/topology.hpp"
#include "models/units.hpp"

namespace nines::loader {

/// What a parameter measures. Order of `ParameterValue`'s alternatives; `life` is of black boxes only: a law, or the
/// rate of an exponential one whose mean no Duration may hold.
enum class Dimension : std::uint8_t { duration, law, rate, ratio, count, boolean, bytes, bandwidth, money, life };

using models::service::ParameterValue;

/// Whose struct holds the parameter, and what decides between values of a profile. Numbers of a `component` stand in
/// the topology file alone. From `of_kinds` on come the groups of the kinds of service, in the order of the kinds.
enum class Group : std::uint16_t { infrastructure, kubernetes, people, changes, prices, hosts, alerts, component, of_kinds };

/// A group of a kind of service.
struct KindGroup {
  const models::service::Kind* kind = nullptr;
  const models::service::ParameterGroup* group = nullptr;
};
/// Null of the groups that all topologies share.
const KindGroup* kind_group(Group group);
/// REQUIRES: a group of a kind.
Group group_of(const models::service::ParameterGroup& group);
std::vector<Group> groups_of(const models::service::Kind& kind);
/// The group that lists show by this name; nothing if there is none.
std::optional<Group> find_group(std::string_view name);

struct ParameterInfo {
  std::string_view key;
  Group group;
  Dimension dimension;
  std::string_view meaning;
  std::size_t row = 0;  ///< of its group's table
};

/// Every row of every table, in a fixed order. Keys are unique.
std::span<const ParameterInfo> parameters();
/// The row with this key, or null.
const ParameterInfo* find_parameter(std::string_view key);

std::string_view group_name(Group group);
std::string_view dimension_name(Dimension dimension);

/// A key of a server's or a client's configuration, as opposed to a timing of its code: what `config` may hold.
bool is_config_key(const ParameterInfo& info);
/// Unit in which a plain number is taken ("ms" of "*.ms", "B" of a configuration's byte counts); empty: a number is not
/// enough.
std::string_view native_unit(const ParameterInfo& info);

/// The struct of a shared group within a topology, or the one of a service or of an element of one of its lists.
struct Holder {
  models::Topology* topology = nullptr;
  std::size_t service = 0;  ///< of groups of kinds
  std::size_t element = 0;  ///< of such groups as each element of a list holds
};
/// REQUIRES: `value` holds the alternative of `info.dimension`; service and element exist.
void assign(const Holder& holder, const ParameterInfo& info, const ParameterValue& value);

/// The parameter's value as it is in the topology.
ParameterValue value_of(const Holder& holder, const ParameterInfo& info);

// ---- units --------------------------------------------------------------------------------------------------------

/// `value unit` = value * times / over in the base unit: s, 1/h, B, B/s, USD, 1.
struct Unit {
  std::string_view name;
  double times;
  double over;
};
/// Units of a dimension, usual ones first. A law's are those of a duration.
std::span<const Unit> units(Dimension dimension);
const Unit* find_unit(Dimension dimension, std::string_view name);
inline double to_base(const Unit& unit, double value) { return value * unit.times / unit.over; }
inline double from_base(const Unit& unit, double value) { return value * unit.over / unit.times; }

struct Quantity {
  double number = 0;
  std::string unit;  ///< may be empty
};
/// "125MiB/s", "8 min", "-3" -> number and unit; "1/2000 h" is 0.0005 "/h". Nothing unless it begins with a finite
/// number.
std::optional<Quantity> split_quantity(std::string_view text);

/// "a string with a unit, such as \"8 min\" (ms, s, min, h or d)"
std::string expected_quantity(Dimension dimension);

/// Largest value in base units that is taken: beyond it lies a slip of the pen.
double largest(Dimension dimension);

}  // namespace nines::loader
