// Fields of the files that people write, as tables: reader, JSON Schema, `--set` and `explain` come from a row. Here is
// what a row says, and how the row of a kind's own table finds the place of its value. Nothing here reads a file.
//
// A kind's table is a list of rows, each put `into` a member of the struct that the table describes:
//
//   constexpr FieldSpec topic_rows[] = {
//       into<&Topic::name>({"name", Shape::name, true, "name of the topic"}),
//       into<&Topic::partitions>(rows::whole("partitions", true, "number of partitions", 1, 1000)),
//   };
//   constexpr ObjectSpec topic_object{"topic", "a topic", topic_rows, "a topic"};
//   constexpr FieldSpec service_rows[] = {
//       list_of<&Spec::topics>({"topics", Shape::objects, true, "topics"}, topic_object, "topic", 100),
//   };
//
// A row whose shape does not suit its member does not compile, nor does a table in the place of another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "models/measurement/spec.hpp"
#include "models/service/parameters.hpp"
#include "models/structure/spec.hpp"
#include "models/units.hpp"

namespace nines::models::service {

/// What a field holds. The comment gives the JSON.
enum class Shape : std::uint8_t {
  text,          ///< string
  name,          ///< string: letters, digits, "." "_" "-"
  choice,        ///< string: one of `FieldSpec::choices`
  version,       ///< string: a release of the kind's server; those known are the ones that profiles tell apart
  boolean,       ///< true, false
  count,         ///< integer >= 0
  number,        ///< number
  share,         ///< number in [0, 1]
  seconds,       ///< number >= 0, in the unit of the key
  rate,          ///< string with unit
  bytes,         ///< string with unit
  bandwidth,     ///< string with unit
  law,           ///< string with unit, or object: distribution of durations of a black box
  life,          ///< object: distribution of lives of a black box
  event_rate,    ///< string with unit, or object with range and source
  probability,   ///< number in [0, 1], percentage, or object with range and source
  requirement,   ///< string: a part; or object: nested at_least, all, any
  requirements,  ///< array of them
  texts,         ///< array of strings
  object,        ///< object described by `FieldSpec::of`, or by `FieldSpec::table`
  objects,       ///< array of such objects
  object_map,    ///< object whose members are described by `FieldSpec::of`
  config,        ///< object: keys of `FieldSpec::parameters`
  // Of the loader's own files; no member of a kind's struct suits them.
  overrides,       ///< object: any parameter
  edits,           ///< object: values by JSON pointer
  sweep_points,    ///< "grid", array of points, or object `sample`
  sweep_values,    ///< array of scalars and objects
  number_or_text,  ///< number, or string with unit
  anything,        ///< any JSON
  ignored,         ///< anything, never read
};

/// Numbers that a field takes: what readers check and schemas state. Of a list `most` is the most elements.
struct Limits {
  double least = 0;
  double most = 0;
  bool above_least = false;  ///< `least` itself is not taken
  bool below_most = false;   ///< nor `most`
};

/// An enum, whose values count in the order of the row's choices.
struct ChoiceSlot {
  void* at;
  void (*assign)(void* at, std::size_t choice);
};
/// A list of structs. A struct that was appended stays where it is until the next one is.
struct ListSlot {
  void* at;
  void* (*append)(void* at);
};
/// A struct that the row's table describes.
struct ObjectSlot {
  void* at;
};
/// The place of a field's value.
using Slot = std::variant<std::monostate, std::string*, bool*, std::int64_t*, double*, Duration*, Rate*, Bytes*,
                          Bandwidth*, std::vector<std::string>*, std::optional<SlaSpec>*, structure::RequirementSpec*,
                          ChoiceSlot, ListSlot, ObjectSlot>;

struct ObjectSpec;

struct FieldSpec {
  std::string_view name;
  Shape shape;
  bool required;
  std::string_view meaning;
  std::string_view of = {};  ///< name of the object's field table in schemas
  std::span<const std::string_view> choices = {};
  Limits limits = {};  ///< of numbers; of a string with unit only whether 0 is taken

  // Of kinds' own tables; the makers of rows fill them.
  std::string_view what = {};                  ///< in messages: of a choice "a scope", of a list's element "topic"
  const ObjectSpec* table = nullptr;           ///< of object and objects
  const ParameterGroup* parameters = nullptr;  ///< of config
  bool absent_is_empty = false;  ///< of an object: to lack it is to have an empty one, so that edits may add to it
  /// The value's place within the struct that the table describes; null if others read the field.
  Slot (*slot)(void* holder) = nullptr;
  const void* holder = nullptr;  ///< which struct that is
};

/// A kind of object with its fields.
struct ObjectSpec {
  std::string_view name;  ///< of the schema's definition
  std::string_view meaning;
  std::span<const FieldSpec> fields;
  std::string_view what = {};        ///< in messages: "a topic"
  const InertKeys* inert = nullptr;  ///< further keys that are taken, with a warning
};

namespace detail {

template <class T>
inline constexpr char type_tag = 0;

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <auto first, auto... rest>
auto& member(typename MemberOf<decltype(first)>::Class& object) {
  if constexpr (sizeof...(rest) == 0)
    return object.*first;
  else
    return member<rest...>(object.*first);
}
template <auto first, auto...>
struct ClassAt {
  using Type = typename MemberOf<decltype(first)>::Class;
};
template <auto... path>
using ClassOf = typename ClassAt<path...>::Type;
template <auto... path>
using TypeAt = std::remove_reference_t<decltype(member<path...>(std::declval<ClassOf<path...>&>()))>;

template <class T>
constexpr bool suits(Shape shape) {
  switch (shape) {
    case Shape::text:
    case Shape::name:
    case Shape::version: return std::is_same_v<T, std::string>;
    case Shape::choice: return std::is_enum_v<T>;
    case Shape::boolean: return std::is_same_v<T, bool>;
    case Shape::count: return std::is_same_v<T, std::int64_t>;
    case Shape::number:
    case Shape::share: return std::is_same_v<T, double>;
    case Shape::seconds: return std::is_same_v<T, Duration>;
    case Shape::rate: return std::is_same_v<T, Rate>;
    case Shape::bytes: return std::is_same_v<T, Bytes>;
    case Shape::bandwidth: return std::is_same_v<T, Bandwidth>;
    case Shape::texts: return std::is_same_v<T, std::vector<std::string>>;
    case Shape::requirement: return std::is_same_v<T, structure::RequirementSpec>;
    case Shape::object: return std::is_same_v<T, std::optional<SlaSpec>>;
    default: return false;
  }
}

template <auto... path>
Slot slot(void* holder) {
  auto& value = member<path...>(*static_cast<ClassOf<path...>*>(holder));
  using T = TypeAt<path...>;
  if constexpr (std::is_enum_v<T>)
    return ChoiceSlot{&value, [](void* at, std::size_t choice) { *static_cast<T*>(at) = static_cast<T>(choice); }};
  else
    return &value;
}

/// Whether the number is a value of the enum that has a name: GCC and Clang print any other as a cast.
template <auto value>
constexpr bool is_named() {
  constexpr std::string_view text = __PRETTY_FUNCTION__;
  return text[text.find("value = ") + 8] != '(';
}

/// How many values the enum has, which count from 0.
template <class T, std::size_t from = 0>
constexpr std::size_t enumerators() {
  if constexpr (is_named<static_cast<T>(from)>())
    return enumerators<T, from + 1>();
  else
    return from;
}

/// Whether every row has its place in a T: one without would be taken and never read.
template <class T>
constexpr bool describes(std::span<const FieldSpec> fields) {
  for (const FieldSpec& field : fields) {
    const bool read_by_others = field.parameters != nullptr || field.shape == Shape::ignored;
    if (!read_by_others && field.holder != &type_tag<T>) return false;
  }
  return true;
}

/// Whether a number's row says what it may be.
constexpr bool is_limited(const FieldSpec& row) {
  switch (row.shape) {
    case Shape::count:
    case Shape::number:
    case Shape::share:
    case Shape::seconds: return row.limits.least >= 0 && row.limits.most > row.limits.least;
    default: return true;
  }
}

}  // namespace detail

/// Whether a table describes this struct; the table of a kind's own spec is checked with it where it stands.
template <class T>
constexpr bool describes(std::span<const FieldSpec> fields) {
  return detail::describes<T>(fields);
}

/// Makers of rows.
namespace rows {

/// The row with its value's place: a member, or a member of a member.
template <auto... path>
constexpr FieldSpec into(FieldSpec row) {
  if (!detail::suits<detail::TypeAt<path...>>(row.shape)) throw std::logic_error("the shape does not suit the member");
  if (!detail::is_limited(row)) throw std::logic_error("a number needs limits");
  if (row.shape == Shape::choice && row.what.empty()) throw std::logic_error("a choice needs a word for messages");
  if constexpr (std::is_enum_v<detail::TypeAt<path...>>) {
    if (row.choices.size() != detail::enumerators<detail::TypeAt<path...>>())
      throw std::logic_error("a choice needs as many words as the enum has values");
  }
  row.slot = detail::slot<path...>;
  row.holder = &detail::type_tag<detail::ClassOf<path...>>;
  return row;
}

/// A list of structs that `object` describes. `element`: one of them in messages, "topic".
template <auto... path>
constexpr FieldSpec list_of(FieldSpec row, const ObjectSpec& object, std::string_view element, std::size_t most) {
  using List = detail::TypeAt<path...>;
  using Element = typename List::value_type;
  if (row.shape != Shape::objects || !detail::describes<Element>(object.fields))
    throw std::logic_error("the table does not describe the list's elements");
  row.table = &object;
  row.what = element;
  row.limits.most = static_cast<double>(most);
  row.slot = [](void* holder) -> Slot {
    return ListSlot{&detail::member<path...>(*static_cast<detail::ClassOf<path...>*>(holder)),
                    [](void* at) -> void* { return &static_cast<List*>(at)->emplace_back(); }};
  };
  row.holder = &detail::type_tag<detail::ClassOf<path...>>;
  return row;
}

/// A struct, or an optional one, that `object` describes.
template <auto... path>
constexpr FieldSpec object_in(FieldSpec row, const ObjectSpec& object) {
  using T = detail::TypeAt<path...>;
  row.table = &object;
  row.holder = &detail::type_tag<detail::ClassOf<path...>>;
  if constexpr (detail::IsOptional<T>::value) {
    if (!detail::describes<typename T::value_type>(object.fields)) throw std::logic_error("a table of another struct");
    row.slot = [](void* holder) -> Slot {
      return ObjectSlot{&detail::member<path...>(*static_cast<detail::ClassOf<path...>*>(holder)).emplace()};
    };
  } else {
    if (!detail::describes<T>(object.fields)) throw std::logic_error("a table of another struct");
    row.absent_is_empty = true;
    row.slot = [](void* holder) -> Slot {
      return ObjectSlot{&detail::member<path...>(*static_cast<detail::ClassOf<path...>*>(holder))};
    };
  }
  return row;
}

/// An object in the file whose fields are members of the same struct T.
template <class T>
constexpr FieldSpec same_struct(FieldSpec row, const ObjectSpec& object) {
  if (!detail::describes<T>(object.fields)) throw std::logic_error("a table of another struct");
  row.table = &object;
  row.absent_is_empty = true;
  row.slot = [](void* holder) -> Slot { return ObjectSlot{holder}; };
  row.holder = &detail::type_tag<T>;
  return row;
}

/// The keys of a group of parameters.
constexpr FieldSpec config_of(FieldSpec row, const ParameterGroup& group) {
  if (row.shape != Shape::config) throw std::logic_error("not the shape of a configuration");
  row.parameters = &group;
  return row;
}

/// A number of things, with what it may be.
constexpr FieldSpec whole(std::string_view name, bool required, std::string_view meaning, std::int64_t least,
                          std::int64_t most) {
  return {name, Shape::count, required, meaning, {}, {}, {static_cast<double>(least), static_cast<double>(most)}};
}
constexpr FieldSpec real(std::string_view name, bool required, std::string_view meaning, Limits limits) {
  return {name, Shape::number, required, meaning, {}, {}, limits};
}
/// A number of seconds.
constexpr FieldSpec time_s(std::string_view name, bool required, std::string_view meaning, double most,
                           bool positive = false) {
  return {name, Shape::seconds, required, meaning, {}, {}, {0, most, positive}};
}
/// A part of a whole: from 0 to 1.
constexpr FieldSpec part(std::string_view name, bool required, std::string_view meaning, bool positive = false) {
  return {name, Shape::share, required, meaning, {}, {}, {0, 1, positive}};
}
/// A string with unit, above 0.
constexpr FieldSpec above_zero(FieldSpec field) {
  field.limits.above_least = true;
  return field;
}
/// One of several words. `what`: in messages, "a scope".
constexpr FieldSpec choice_of(std::string_view name, bool required, std::string_view meaning,
                              std::span<const std::string_view> choices, std::string_view what) {
  FieldSpec row{name, Shape::choice, required, meaning, {}, choices};
  row.what = what;
  return row;
}

}  // namespace rows

// ---- rows that kinds share ----

inline constexpr std::size_t most_clients = 100;
inline constexpr std::size_t most_slis = 200;
/// Longest deadline of an SLI.
inline constexpr double most_deadline_s = 86'400;

/// Of every client.
inline constexpr FieldSpec client_name_row{"name", Shape::name, true, "name of the client"};
inline constexpr FieldSpec client_place_row{"place", Shape::name, true, "a zone, or \"region\": spread over all zones"};

/// Of SLIs.
inline constexpr FieldSpec sli_name_row{"name", Shape::name, true, "name of the SLI"};
inline constexpr FieldSpec sli_client_row{"client", Shape::name, true, "who sees it"};
inline constexpr FieldSpec sli_deadline_row =
    rows::time_s("deadline_s", true, "interruptions no longer than this are latency, not outages", most_deadline_s);
/// Of every one that can be promised: into a std::optional<SlaSpec>.
inline constexpr FieldSpec sla_row{"sla", Shape::object, false, "what is promised", "sla"};

}  // namespace nines::models::service
