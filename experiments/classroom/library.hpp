// What the program uses of C++20 and the standard library of Debian's Emscripten (libc++ 13) has not: forced into every
// file of that build, and of that build only. A newer library has all of it; then this file can go.
#pragma once

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <compare>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

static_assert(_LIBCPP_VERSION < 14000, "this library may have what is added here");

// To add to std is against the standard; the alternative is to write other names all over the program.
namespace std {

template <class To, class From>
constexpr To bit_cast(const From& from) noexcept {
  static_assert(sizeof(To) == sizeof(From) && is_trivially_copyable_v<To> && is_trivially_copyable_v<From>);
  return __builtin_bit_cast(To, from);
}

/// As std::from_chars does: no leading blank, plus sign or "0x", whatever the locale. By strtod, which rounds right.
inline from_chars_result from_chars(const char* first, const char* last, double& value,
                                    chars_format = chars_format::general) {
  const char* at = first;
  const char* digits = at != last && *at == '-' ? at + 1 : at;
  const auto number = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  if (digits == last || (!number(*digits) && *digits != 'i' && *digits != 'n' && *digits != 'I' && *digits != 'N'))
    return {first, errc::invalid_argument};
  if (*digits == '0' && digits + 1 != last && (digits[1] == 'x' || digits[1] == 'X')) {
    value = *at == '-' ? -0.0 : 0.0;
    return {digits + 1, errc{}};
  }
  // No further than a number can reach: the text may be a whole file.
  const string_view of_numbers = "0123456789+-.eEinfatyINFATY";
  const char* beyond = first;
  while (beyond != last && of_numbers.find(*beyond) != string_view::npos) ++beyond;
  const string token(first, beyond);
  char* end = nullptr;
  errno = 0;
  const double read = strtod(token.c_str(), &end);
  if (end == token.c_str()) return {first, errc::invalid_argument};
  at = first + (end - token.c_str());
  if (errno == ERANGE) return {at, errc::result_out_of_range};
  value = read;
  return {at, errc{}};
}

/// Members of structures whose `<=>` is defaulted: this library compares these with `<` and `==` only.
template <class T>
constexpr auto nines_order(const T& a, const T& b) {
  if constexpr (requires { a <=> b; })
    return a <=> b;
  else
    return a < b ? weak_ordering::less : b < a ? weak_ordering::greater : weak_ordering::equivalent;
}
template <class T, class Allocator>
constexpr auto operator<=>(const vector<T, Allocator>& a, const vector<T, Allocator>& b)
    -> decltype(nines_order(a[0], b[0])) {
  for (size_t at = 0; at < a.size() && at < b.size(); ++at) {
    if (const auto order = nines_order<T>(a[at], b[at]); order != 0) return order;
  }
  return a.size() < b.size()   ? strong_ordering::less
         : b.size() < a.size() ? strong_ordering::greater
                               : strong_ordering::equal;
}
template <class T>
constexpr auto operator<=>(const optional<T>& a, const optional<T>& b) -> decltype(nines_order(*a, *b)) {
  if (a && b) return nines_order(*a, *b);
  return !a && !b ? strong_ordering::equal : a ? strong_ordering::greater : strong_ordering::less;
}

/// A page that is opened from disk has one thread: to ask for another fails as where a system has no more to give.
class jthread {
 public:
  template <class Function>
  explicit jthread(Function&&) {
    throw system_error(make_error_code(errc::resource_unavailable_try_again));
  }
};

namespace ranges {

/// What a range's own functions call: members before indirect calls.
template <class Predicate, class Projection>
constexpr auto nines_projected(Predicate& predicate, Projection& projection) {
  return [&](auto&& item) -> bool {
    return static_cast<bool>(std::invoke(predicate, std::invoke(projection, std::forward<decltype(item)>(item))));
  };
}
template <class Compare, class Projection>
constexpr auto nines_compared(Compare& compare, Projection& projection) {
  return [&](auto&& a, auto&& b) -> bool {
    return static_cast<bool>(std::invoke(compare, std::invoke(projection, std::forward<decltype(a)>(a)),
                                         std::invoke(projection, std::forward<decltype(b)>(b))));
  };
}

template <class Range, class Predicate, class Projection = std::identity>
constexpr bool all_of(Range&& range, Predicate predicate, Projection projection = {}) {
  return std::all_of(std::begin(range), std::end(range), nines_projected(predicate, projection));
}
template <class Range, class Predicate, class Projection = std::identity>
constexpr bool any_of(Range&& range, Predicate predicate, Projection projection = {}) {
  return std::any_of(std::begin(range), std::end(range), nines_projected(predicate, projection));
}
template <class Range, class Predicate, class Projection = std::identity>
constexpr bool none_of(Range&& range, Predicate predicate, Projection projection = {}) {
  return std::none_of(std::begin(range), std::end(range), nines_projected(predicate, projection));
}
template <class Range, class Predicate, class Projection = std::identity>
constexpr auto find_if(Range&& range, Predicate predicate, Projection projection = {}) {
  return std::find_if(std::begin(range), std::end(range), nines_projected(predicate, projection));
}
template <class Range, class Predicate, class Projection = std::identity>
constexpr auto count_if(Range&& range, Predicate predicate, Projection projection = {}) {
  return std::count_if(std::begin(range), std::end(range), nines_projected(predicate, projection));
}
template <class Range, class Value, class Projection = std::identity>
constexpr auto find(Range&& range, const Value& value, Projection projection = {}) {
  return std::find_if(std::begin(range), std::end(range),
                      [&](auto&& item) { return std::invoke(projection, item) == value; });
}
template <class Range, class Value, class Projection = std::identity>
constexpr auto count(Range&& range, const Value& value, Projection projection = {}) {
  return std::count_if(std::begin(range), std::end(range),
                       [&](auto&& item) { return std::invoke(projection, item) == value; });
}
template <class Range, class Compare = std::less<>, class Projection = std::identity>
constexpr auto sort(Range&& range, Compare compare = {}, Projection projection = {}) {
  std::sort(std::begin(range), std::end(range), nines_compared(compare, projection));
  return std::end(range);
}
template <class Range, class Compare = std::less<>, class Projection = std::identity>
auto stable_sort(Range&& range, Compare compare = {}, Projection projection = {}) {
  std::stable_sort(std::begin(range), std::end(range), nines_compared(compare, projection));
  return std::end(range);
}
/// What is left over, as a pair of iterators does: begin and end.
template <class Iterator>
struct NinesRest {
  Iterator first, last;
  [[nodiscard]] constexpr Iterator begin() const { return first; }
  [[nodiscard]] constexpr Iterator end() const { return last; }
};
template <class Range>
constexpr auto unique(Range&& range) {
  const auto last = std::end(range);
  return NinesRest<std::remove_cv_t<decltype(last)>>{std::unique(std::begin(range), last), last};
}
template <class First, class Second>
constexpr bool equal(const First& first, const Second& second) {
  return std::equal(std::begin(first), std::end(first), std::begin(second), std::end(second));
}
template <class Range, class Value, class Compare = std::less<>, class Projection = std::identity>
constexpr auto lower_bound(Range&& range, const Value& value, Compare compare = {}, Projection projection = {}) {
  return std::lower_bound(std::begin(range), std::end(range), value, [&](auto&& item, const Value& bound) -> bool {
    return static_cast<bool>(std::invoke(compare, std::invoke(projection, item), bound));
  });
}

}  // namespace ranges

namespace views {

/// A view of what `function` makes of the elements of another view.
template <class Range, class Function>
class NinesTransformed {
 public:
  class iterator {
   public:
    using Base = decltype(std::begin(std::declval<const Range&>()));
    using value_type = std::decay_t<std::invoke_result_t<const Function&, decltype(*std::declval<Base&>())>>;
    using difference_type = std::ptrdiff_t;
    using reference = value_type;
    using pointer = void;
    using iterator_category = std::input_iterator_tag;
    iterator(Base at, const Function* function) : at_(at), function_(function) {}
    value_type operator*() const { return (*function_)(*at_); }
    iterator& operator++() { return ++at_, *this; }
    friend bool operator==(const iterator& a, const iterator& b) { return a.at_ == b.at_; }
    friend bool operator!=(const iterator& a, const iterator& b) { return a.at_ != b.at_; }

   private:
    Base at_;
    const Function* function_;
  };
  NinesTransformed(Range range, Function function) : range_(range), function_(function) {}
  [[nodiscard]] iterator begin() const { return {std::begin(range_), &function_}; }
  [[nodiscard]] iterator end() const { return {std::end(range_), &function_}; }
  [[nodiscard]] std::size_t size() const { return std::size(range_); }
  auto operator[](std::size_t at) const { return function_(range_[at]); }

 private:
  Range range_;
  Function function_;
};
template <class Function>
struct NinesTransform {
  Function function;
  template <class Range>
  friend auto operator|(Range range, NinesTransform transform) {
    return NinesTransformed<Range, Function>(range, transform.function);
  }
};
template <class Function>
auto transform(Function function) {
  return NinesTransform<Function>{function};
}

}  // namespace views
}  // namespace std
