// The report of a kind's checks as problems and warnings of a document.
#pragma once

#include <string>

#include "experiments/loader/topology_reader.hpp"
#include "models/service/report.hpp"

namespace nines::loader {

/// The value that the document has at a pointer; null if none.
const Json* value_at(const Document& document, const std::string& pointer);

class ServiceReport : public models::service::Report {
 public:
  ServiceReport(const TopologyInput& input, std::size_t service)
      : input_(input), at_("/services/" + std::to_string(service)) {}

  [[nodiscard]] const std::string& at() const override { return at_; }
  void problem(const std::string& pointer, std::string message) override {
    input_.problems->add(input_.document->problem(pointer, std::move(message)));
  }
  void problem_at_key(const std::string& pointer, std::string message) override {
    input_.problems->add(input_.document->problem_at_key(pointer, std::move(message)));
  }
  void expected(const std::string& pointer, std::string_view what) override;
  void expected_one_of(const std::string& pointer, std::string_view what, std::span<const std::string_view> choices,
                       std::string_view or_else, std::string_view name) override;
  void check_known(const std::string& pointer, const std::string& name, std::span<const std::string> known,
                   std::string_view what) override;
  void warn(const std::string& pointer, std::string message) override {
    input_.problems->warn(input_.document->problem(pointer, std::move(message)));
  }
  [[nodiscard]] bool given(const std::string& pointer) const override {
    return value_at(*input_.document, pointer) != nullptr;
  }
  [[nodiscard]] std::string text_at(const std::string& pointer) const override;

 private:
  const TopologyInput& input_;
  std::string at_;
};

}  // namespace nines::loader
