// Typed reading of documents: a cursor on one value, an object whose fields come from a table, and readers of scalars.
//
// A reader that cannot take its value reports what it expected and what it got, leaves its output alone and returns
// false: reading goes on, so that one run finds all problems. Field tables are also what the JSON Schemas are made
// from.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/loader/document.hpp"
#include "experiments/loader/parameters.hpp"
#include "models/service/fields.hpp"

namespace nines::loader {

using models::service::FieldSpec;
using models::service::Limits;
using models::service::ObjectSpec;
using models::service::Shape;

/// A value of a document, where it is, and where its problems go. Cheap to copy; the document must outlive it.
class Value {
 public:
  Value(const Document& document, Problems& problems) : Value(document, problems, document.root(), {}) {}

  [[nodiscard]] const Json& json() const { return *json_; }
  [[nodiscard]] const std::string& pointer() const { return pointer_; }
  [[nodiscard]] const Document& document() const { return *document_; }
  [[nodiscard]] Problems& problems() const { return *problems_; }

  /// Member or element. REQUIRES: it exists.
  [[nodiscard]] Value member(std::string_view key) const;
  [[nodiscard]] Value element(std::size_t index) const;

  void report(std::string message) const;
  void report_key(std::string message) const;
  /// "expected X, got Y."
  void expected(std::string_view what) const;
  /// What is legal but must be said, at the value or at its key.
  void warn(std::string message) const;
  void warn_key(std::string message) const;

 private:
  Value(const Document& document, Problems& problems, const Json& json, std::string pointer)
      : document_(&document), problems_(&problems), json_(&json), pointer_(std::move(pointer)) {}

  const Document* document_;
  Problems* problems_;
  const Json* json_;
  std::string pointer_;
};

/// Fields that an object of another kind has: whoever uses one is told so.
struct OtherFields {
  std::vector<FieldSpec> fields;
  std::string of;  ///< "a composite service"
};

/// A JSON object read by a field table. The constructor reports a value that is no object, fields that the table does
/// not know (with the nearest name) and required ones that are missing.
class Object {
 public:
  Object(const Value& value, std::span<const FieldSpec> fields, std::string_view what,
         std::span<const OtherFields> others = {});

  [[nodiscard]] const Value& value() const { return value_; }
  [[nodiscard]] bool valid() const { return valid_; }
  /// The field's value if it is there. REQUIRES: the table has it.
  [[nodiscard]] std::optional<Value> get(std::string_view field) const;
  /// The same to report a problem of it; the object itself if the field is not there.
  [[nodiscard]] Value at(std::string_view field) const { return get(field).value_or(value_); }
  [[nodiscard]] bool has(std::string_view field) const { return get(field).has_value(); }

  /// Reads a field with `reader(Value, T&, args...)`; false if it is absent or bad.
  template <class Reader, class T, class... Args>
  bool read(std::string_view field, Reader reader, T& out, const Args&... args) const {
    const std::optional<Value> found = get(field);
    return found && reader(*found, out, args...);
  }
  /// Reads a number, or a number of things, within the limits of its field; `most` if the file itself sets a lower one.
  bool number(std::string_view field, double& out) const;
  bool whole(std::string_view field, std::int64_t& out, std::optional<std::int64_t> most = {}) const;
  /// Elements of an array field; empty if absent. Reports a value that is no array or has more than `most` elements.
  [[nodiscard]] std::vector<Value> elements(std::string_view field, std::size_t most, bool at_least_one = false) const;

 private:
  [[nodiscard]] const FieldSpec& spec(std::string_view field) const;

  Value value_;
  std::span<const FieldSpec> fields_;
  bool valid_ = false;
};

std::vector<Value> read_elements(const Value& value, std::size_t most, bool at_least_one);

bool read_text(const Value& value, std::string& out);
/// A name that traces and selectors can hold: letters, digits, ".", "_", "-"; at most 100.
bool read_name(const Value& value, std::string& out);
bool read_boolean(const Value& value, bool& out);
/// A whole number in [low, high].
bool read_count(const Value& value, std::int64_t& out, std::int64_t low, std::int64_t high);
/// A finite number in [low, high]; low itself is excluded if `above_low`.
bool read_number(const Value& value, double& out, double low, double high, bool above_low = false);
bool read_number(const Value& value, double& out, const Limits& limits);
/// A string with unit, in base units; >= 0, and > 0 if `positive`.
bool read_quantity(const Value& value, double& out, Dimension dimension, bool positive);
/// Index of a string among `choices`; `what` names the kind of thing in the message.
bool read_choice(const Value& value, std::size_t& out, std::span<const std::string_view> choices,
                 std::string_view what);
/// Reports a name that is not among `known`, with the nearest; false then. Says nothing if there are none: then they
/// were reported themselves.
bool check_known(const Value& value, const std::string& name, const std::vector<std::string>& known,
                 std::string_view what);
/// "there is no zone 'x' (known: a or b).", with the nearest.
std::string no_such(std::string_view what, std::string_view name, std::span<const std::string> known);
/// Reports names of earlier elements that come again.
void report_duplicates(const std::vector<std::pair<std::string, Value>>& names, std::string_view what);
/// A quantity's number of base units, e.g. of "125MiB/s"; reports and returns nothing if it is none.
std::optional<double> quantity_in_base(const Value& value, Dimension dimension, const Unit** unit = nullptr,
                                       double* number = nullptr);

/// Checks `"schema": "nines/<kind>/1"`. False (and reported) if the document is of another kind or version.
bool check_schema(const Value& root, std::string_view kind, bool may_lack = false);

}  // namespace nines::loader
