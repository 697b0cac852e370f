// A value of a result file, read with care: what is missing or of another kind is one clear message with its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "experiments/loader/document.hpp"
#include "sim/statistics.hpp"

namespace nines::experiments::review {

/// Refers to its document, which must outlive it. Every function that asks for what is not there throws
/// loader::InputError.
class Value {
 public:
  explicit Value(const loader::Document& document) : Value(document, document.root(), "") {}

  [[nodiscard]] Value operator[](std::string_view key) const;
  /// Nothing if it is absent or null.
  [[nodiscard]] std::optional<Value> find(std::string_view key) const;
  [[nodiscard]] std::vector<Value> items() const;
  [[nodiscard]] std::vector<std::pair<std::string, Value>> members() const;

  [[nodiscard]] std::string text() const;
  [[nodiscard]] double number() const;
  [[nodiscard]] std::uint64_t whole() const;
  [[nodiscard]] bool flag() const;
  /// Texts of an array.
  [[nodiscard]] std::vector<std::string> texts() const;
  /// Two numbers.
  [[nodiscard]] sim::Interval interval() const;
  /// {"estimate", "ci95", perhaps "upper95_if_unseen"}
  [[nodiscard]] sim::Estimate estimate() const;
  /// An object or an array.
  [[nodiscard]] bool is_compound() const;
  /// As the file has it: a number, a text, a flag.
  [[nodiscard]] std::string shown() const;

  [[noreturn]] void refuse(std::string_view expected) const;

 private:
  Value(const loader::Document& document, const loader::Json& json, std::string pointer)
      : document_(&document), json_(&json), pointer_(std::move(pointer)) {}

  const loader::Document* document_;
  const loader::Json* json_;
  std::string pointer_;
};

/// Absent or null: nothing.
std::optional<double> number_at(const Value& value, std::string_view key);
std::optional<sim::Interval> interval_at(const Value& value, std::string_view key);
std::string text_at(const Value& value, std::string_view key);
/// "service/sli" of a row that names both.
std::string sli_of_row(const Value& row);

}  // namespace nines::experiments::review
