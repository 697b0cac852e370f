// Parameters of a kind of service without their types, and configuration keys that its server knows but no model reads.
// A kind lists groups of them; profiles, `overrides`, `config`, schemas and `explain` come from the list.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <variant>

#include "models/parameter_table.hpp"
#include "models/service/spec.hpp"
#include "models/units.hpp"

namespace nines::models::service {

/// Of any parameter. The alternative tells what it measures.
using ParameterValue = std::variant<Duration, Law, Rate, Ratio, Count, bool, Bytes, Bandwidth, Money>;

struct ParameterRow {
  std::string_view key;
  std::size_t alternative;  ///< of ParameterValue
  std::string_view meaning;
};

/// The rows of one NINES_PARAMETER_GROUP. `group` is always a struct of that group.
struct ParameterTable {
  std::size_t (*size)();
  ParameterRow (*row)(std::size_t index);
  void (*assign)(void* group, std::size_t index, const ParameterValue& value);
  ParameterValue (*value)(const void* group, std::size_t index);
};

template <class G>
constexpr ParameterTable parameter_table() {
  return {
      .size = [] { return G::table().size(); },
      .row = [](std::size_t index) -> ParameterRow {
        const Parameter<G>& row = G::table()[index];
        return {row.key, row.field.index(), row.meaning};
      },
      .assign =
          [](void* group, std::size_t index, const ParameterValue& value) {
            std::visit([&]<class T>(T G::*member) { static_cast<G*>(group)->*member = std::get<T>(value); },
                       G::table()[index].field);
          },
      .value =
          [](const void* group, std::size_t index) {
            return std::visit(
                [&]<class T>(T G::*member) {
                  return ParameterValue(std::in_place_type<T>, static_cast<const G*>(group)->*member);
                },
                G::table()[index].field);
          },
  };
}

/// Configuration keys that a server knows and that nothing in the model reads: they are taken with a warning that says
/// why they change nothing, so that a real configuration can be pasted.
struct InertKeys {
  /// Why the keys that begin so change nothing.
  struct Reason {
    std::string_view beginning;
    std::string_view text;  ///< goes on "this changes nothing in this model: "
  };
  std::span<const std::string_view> keys;        ///< sorted
  std::span<const std::string_view> beginnings;  ///< of keys with a free rest: "listener.name."
  std::span<const Reason> reasons;               ///< the longest beginning that fits counts; one fits all keys

  /// Empty if it is no such key.
  [[nodiscard]] std::string_view reason(std::string_view key) const {
    const bool open = std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view beginning) {
      return key.starts_with(beginning) && key.size() > beginning.size();
    });
    if (!open && !std::binary_search(keys.begin(), keys.end(), key)) return {};
    const Reason* best = nullptr;
    for (const Reason& reason : reasons) {
      const bool longer = best == nullptr || reason.beginning.size() > best->beginning.size();
      if (longer && key.starts_with(reason.beginning)) best = &reason;
    }
    return best == nullptr ? std::string_view{} : best->text;
  }
};

/// Parameters of a kind that one holder has together: a service, or each element of one of its lists. Keys are unique
/// over all kinds: profiles and `overrides` name a parameter by its key alone.
struct ParameterGroup {
  std::string_view name;          ///< as lists show it: "kafka broker"
  std::string_view read_by;       ///< who reads the keys: "brokers"
  std::string_view held_by;       ///< whose configuration sets them: "the service", "a client"
  std::string_view timings = {};  ///< keys that begin so are timings of the code that no configuration sets
  const InertKeys* inert = nullptr;
  /// Whether a model of such a service reads the key at all; null: always. The others are no assumptions of it.
  bool (*reads)(const ServiceSpec& service, std::string_view key) = nullptr;
  std::string_view list = {};  ///< the service's field whose elements are the holders; empty: the service itself

  ParameterTable table{};
  /// How many hold the group, 1 of a service itself; their names, empty of a service itself; and their structs.
  std::size_t (*holders)(const ServiceSpec& service) = nullptr;
  std::string_view (*holder_name)(const ServiceSpec& service, std::size_t holder) = nullptr;
  void* (*group)(ServiceSpec& service, std::size_t holder) = nullptr;

  /// Whether a configuration can set it.
  [[nodiscard]] bool is_config_key(std::string_view key) const { return timings.empty() || !key.starts_with(timings); }
};

namespace detail {
template <class Member>
struct MemberOf;
template <class T, class C>
struct MemberOf<T C::*> {
  using Type = T;
  using Class = C;
};
}  // namespace detail

/// The group with its holder: `parameters` is a member of the service's own spec.
template <auto parameters>
constexpr ParameterGroup held_by_service(ParameterGroup group) {
  using Member = detail::MemberOf<decltype(parameters)>;
  group.table = parameter_table<typename Member::Type>();
  group.holders = [](const ServiceSpec&) -> std::size_t { return 1; };
  group.holder_name = [](const ServiceSpec&, std::size_t) { return std::string_view{}; };
  group.group = [](ServiceSpec& service, std::size_t) -> void* {
    return &(service.own.as<typename Member::Class>().*parameters);
  };
  return group;
}

/// The same of a group that each element of `list`, a member of the own spec, has as its member `parameters`.
template <auto list, auto name, auto parameters>
constexpr ParameterGroup held_by_elements(ParameterGroup group) {
  using List = detail::MemberOf<decltype(list)>;
  group.table = parameter_table<typename detail::MemberOf<decltype(parameters)>::Type>();
  group.holders = [](const ServiceSpec& service) { return (service.own.as<typename List::Class>().*list).size(); };
  group.holder_name = [](const ServiceSpec& service, std::size_t holder) {
    return std::string_view((service.own.as<typename List::Class>().*list)[holder].*name);
  };
  group.group = [](ServiceSpec& service, std::size_t holder) -> void* {
    return &((service.own.as<typename List::Class>().*list)[holder].*parameters);
  };
  return group;
}

}  // namespace nines::models::service
