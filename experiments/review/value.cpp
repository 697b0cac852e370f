#include "experiments/review/value.hpp"

#include <fmt/format.h>

#include <cmath>

#include "experiments/report/text.hpp"

namespace nines::experiments::review {

void Value::refuse(std::string_view expected) const {
  throw loader::InputError(
      {document_->problem(pointer_, fmt::format("expected {}, got {}", expected, loader::shown(*json_)))});
}

Value Value::operator[](std::string_view key) const {
  if (!json_->is_object()) refuse("an object");
  const auto found = json_->find(std::string(key));
  if (found == json_->end()) {
    throw loader::InputError({document_->problem(
        pointer_, fmt::format("'{}' is missing: this is no result of this version of nines", key))});
  }
  return {*document_, *found, pointer_ + "/" + loader::escape_token(key)};
}

std::optional<Value> Value::find(std::string_view key) const {
  if (!json_->is_object()) refuse("an object");
  const auto found = json_->find(std::string(key));
  if (found == json_->end() || found->is_null()) return std::nullopt;
  return Value(*document_, *found, pointer_ + "/" + loader::escape_token(key));
}

std::vector<Value> Value::items() const {
  if (!json_->is_array()) refuse("an array");
  std::vector<Value> list;
  for (std::size_t i = 0; i < json_->size(); ++i)
    list.push_back({*document_, (*json_)[i], fmt::format("{}/{}", pointer_, i)});
  return list;
}

std::vector<std::pair<std::string, Value>> Value::members() const {
  if (!json_->is_object()) refuse("an object");
  std::vector<std::pair<std::string, Value>> list;
  for (const auto& [key, member] : json_->items())
    list.emplace_back(key, Value(*document_, member, pointer_ + "/" + loader::escape_token(key)));
  return list;
}

std::string Value::text() const {
  if (!json_->is_string()) refuse("a text");
  return json_->get<std::string>();
}

double Value::number() const {
  if (!json_->is_number()) refuse("a number");
  const double number = json_->get<double>();
  if (!std::isfinite(number)) refuse("a finite number");
  return number;
}

std::uint64_t Value::whole() const {
  if (!json_->is_number_unsigned()) refuse("a whole number of 0 or more");
  return json_->get<std::uint64_t>();
}

bool Value::flag() const {
  if (!json_->is_boolean()) refuse("true or false");
  return json_->get<bool>();
}

std::vector<std::string> Value::texts() const {
  std::vector<std::string> list;
  for (const Value& item : items()) list.push_back(item.text());
  return list;
}

sim::Interval Value::interval() const {
  const std::vector<Value> ends = items();
  if (ends.size() != 2) refuse("two numbers");
  return {ends[0].number(), ends[1].number()};
}

sim::Estimate Value::estimate() const {
  sim::Estimate estimate;
  estimate.value = number_at(*this, "estimate");
  estimate.ci95 = interval_at(*this, "ci95");
  estimate.upper95 = number_at(*this, "upper95_if_unseen");
  return estimate;
}

bool Value::is_compound() const { return json_->is_structured(); }

std::string Value::shown() const {
  if (json_->is_string()) return text();
  if (json_->is_boolean()) return flag() ? "yes" : "no";
  if (json_->is_number()) return fmt::format("{:.10g}", number());
  return loader::shown(*json_);
}

std::optional<double> number_at(const Value& value, std::string_view key) {
  const auto found = value.find(key);
  return found ? std::optional(found->number()) : std::nullopt;
}

std::optional<sim::Interval> interval_at(const Value& value, std::string_view key) {
  const auto found = value.find(key);
  return found ? std::optional(found->interval()) : std::nullopt;
}

std::string text_at(const Value& value, std::string_view key) {
  const auto found = value.find(key);
  return found ? found->text() : "";
}

std::string sli_of_row(const Value& row) { return row["service"].text() + "/" + row["sli"].text(); }

}  // namespace nines::experiments::review
