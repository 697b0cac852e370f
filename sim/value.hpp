// A value of any type behind one handle: what a list of things of different kinds holds. Copying copies the value, so
// that whatever holds it stays a value too; assigning a value of the same type reuses its memory.
#pragma once

#include <cassert>
#include <utility>

namespace nines::sim {

class Value {
 public:
  Value() = default;
  /// Holds a copy of `value`.
  template <class T>
  static Value of(T value) {
    Value result;
    result.held_ = new T(std::move(value));
    result.type_ = &type_of<T>;
    return result;
  }

  Value(const Value& other) : held_(other.held_ ? other.type_->copy(other.held_) : nullptr), type_(other.type_) {}
  Value(Value&& other) noexcept
      : held_(std::exchange(other.held_, nullptr)), type_(std::exchange(other.type_, nullptr)) {}
  Value& operator=(const Value& other) {
    if (this == &other) return *this;
    if (held_ != nullptr && type_ == other.type_) {
      type_->assign(held_, other.held_);
    } else {
      Value copy(other);
      swap(copy);
    }
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Value() {
    if (held_ != nullptr) type_->destroy(held_);
  }
  void swap(Value& other) noexcept {
    std::swap(held_, other.held_);
    std::swap(type_, other.type_);
  }

  [[nodiscard]] bool empty() const { return held_ == nullptr; }
  template <class T>
  [[nodiscard]] bool holds() const {
    return type_ == &type_of<T>;
  }
  /// REQUIRES: it holds a T.
  template <class T>
  [[nodiscard]] T& as() {
    assert(holds<T>());
    return *static_cast<T*>(held_);
  }
  template <class T>
  [[nodiscard]] const T& as() const {
    assert(holds<T>());
    return *static_cast<const T*>(held_);
  }

 private:
  struct Type {
    void* (*copy)(const void*);
    void (*assign)(void*, const void*);
    void (*destroy)(void*);
  };
  template <class T>
  static constexpr Type type_of{
      [](const void* from) -> void* { return new T(*static_cast<const T*>(from)); },
      [](void* to, const void* from) { *static_cast<T*>(to) = *static_cast<const T*>(from); },
      [](void* held) { delete static_cast<T*>(held); },
  };

  void* held_ = nullptr;
  const Type* type_ = nullptr;
};

}  // namespace nines::sim
