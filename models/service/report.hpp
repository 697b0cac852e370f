// How a kind says what is wrong with a service in a file, or does nothing as the rest is. Places are JSON pointers.
#pragma once

#include <string>
#include <string_view>

namespace nines::models::service {

class Report {
 public:
  virtual ~Report() = default;
  /// The service in the file: "/services/0".
  [[nodiscard]] virtual const std::string& at() const = 0;
  /// The topology cannot be used.
  virtual void problem(const std::string& pointer, std::string message) = 0;
  /// It can, but this must be said.
  virtual void warn(const std::string& pointer, std::string message) = 0;
  /// Whether the file has a value there.
  [[nodiscard]] virtual bool given(const std::string& pointer) const = 0;

  /// Where a key of the server was given its value: in the `config` of `owner`, or for all under `overrides`; empty if
  /// nowhere.
  [[nodiscard]] std::string place_of(const std::string& owner, std::string_view key) const {
    for (std::string pointer : {owner + "/config/" + std::string(key), "/overrides/" + std::string(key)}) {
      if (given(pointer)) return pointer;
    }
    return {};
  }
};

}  // namespace nines::models::service
