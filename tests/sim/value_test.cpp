#include "sim/value.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace value_test {

using nines::sim::Value;

TEST_CASE("value: a copy is a value of its own", "[value]") {
  Value one = Value::of(std::vector<int>{1, 2, 3});
  Value other = one;
  other.as<std::vector<int>>().push_back(4);
  CHECK(one.as<std::vector<int>>().size() == 3);
  CHECK(other.as<std::vector<int>>().size() == 4);
}

TEST_CASE("value: an assignment of the same type reuses the memory, of another replaces it", "[value]") {
  Value one = Value::of(std::vector<int>(1000, 7));
  const int* memory = one.as<std::vector<int>>().data();
  const Value few = Value::of(std::vector<int>{1, 2});
  one = few;
  CHECK(one.as<std::vector<int>>().data() == memory);
  CHECK(one.as<std::vector<int>>() == std::vector<int>{1, 2});
  one = Value::of(std::string("text"));
  CHECK(one.holds<std::string>());
  CHECK_FALSE(one.holds<std::vector<int>>());
  CHECK(one.as<std::string>() == "text");
  one = Value();
  CHECK(one.empty());
  const Value& same = one = few;
  one = same;
  CHECK(one.as<std::vector<int>>().size() == 2);
}

TEST_CASE("value: what it held is destroyed once", "[value]") {
  static int alive = 0;
  struct Counted {
    Counted() { ++alive; }
    Counted(const Counted&) { ++alive; }
    Counted& operator=(const Counted&) = default;
    ~Counted() { --alive; }
  };
  {
    std::vector<Value> values(3);
    values[0] = Value::of(Counted());
    values[1] = values[0];
    values[2] = std::move(values[0]);
    values.erase(values.begin());
    CHECK(alive == 2);
  }
  CHECK(alive == 0);
}

}  // namespace value_test
