// How a kind says what is wrong with a service in a file, or does nothing as the rest is. Places are JSON pointers.
#pragma once

#include <span>
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
  /// The same at the value's key: the value should not be there.
  virtual void problem_at_key(const std::string& pointer, std::string message) = 0;
  /// "expected X, got Y."
  virtual void expected(const std::string& pointer, std::string_view what) = 0;
  /// "expected X (a, b or c)Z, got Y.", with the choice that `name` may mean.
  virtual void expected_one_of(const std::string& pointer, std::string_view what,
                               std::span<const std::string_view> choices, std::string_view or_else,
                               std::string_view name) = 0;
  /// Says that there is no such thing if `name` is not among `known`, with the nearest; says nothing if `known` is
  /// empty, because those were reported themselves.
  virtual void check_known(const std::string& pointer, const std::string& name, std::span<const std::string> known,
                           std::string_view what) = 0;
  /// It can, but this must be said.
  virtual void warn(const std::string& pointer, std::string message) = 0;
  /// Whether the file has a value there, and the value if it is a string; else empty.
  [[nodiscard]] virtual bool given(const std::string& pointer) const = 0;
  [[nodiscard]] virtual std::string text_at(const std::string& pointer) const = 0;

  /// Where a key of the server was given its value: in the `config` of `owner`, or for all under `overrides`; empty if
  /// nowhere.
  [[nodiscard]] std::string place_of(const std::string& owner, std::string_view key) const {
    for (std::string pointer : {owner + "/config/" + std::string(key), "/overrides/" + std::string(key)}) {
      if (given(pointer)) return pointer;
    }
    return {};
  }
  /// The same; the owner itself if nowhere.
  [[nodiscard]] std::string place_or_owner(const std::string& owner, std::string_view key) const {
    const std::string place = place_of(owner, key);
    return place.empty() ? owner : place;
  }
};

}  // namespace nines::models::service
