// The topology of the tests sets every parameter: a forgotten one would be silently 0, and a test of it would show
// nothing.
#include "tests/models/small_topology.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "models/people/parameters.hpp"

namespace small_topology_test {

using namespace nines;
using namespace nines::models;

namespace {

/// One of two values that differ, of every type that a parameter has; no field holds both before and after.
void fill(bool& value, bool other) { value = other; }
void fill(Duration& value, bool other) { value = Duration::nanoseconds(other ? 1'234'567 : 7'654'321); }
void fill(Law& value, bool other) { value = Law::constant(Duration::nanoseconds(other ? 1'234'567 : 7'654'321)); }
void fill(Count& value, bool other) { value = other ? 1'234'567 : 7'654'321; }
void fill(Ratio& value, bool other) { value = other ? 0.1234567 : 0.7654321; }
void fill(Rate& value, bool other) { fill(value.per_hour, other); }
void fill(Bytes& value, bool other) { fill(value.count, other); }
void fill(Bandwidth& value, bool other) { fill(value.bytes_per_s, other); }
void fill(Money& value, bool other) { fill(value.usd, other); }

bool same(const Law& a, const Law& b) { return a.mean() == b.mean(); }
template <class T>
bool same(const T& a, const T& b) {
  return a == b;
}

/// Keys of the group's parameters that `set` leaves as they were.
template <class Group>
std::vector<std::string> forgotten(Group (*set)(Group)) {
  Group one;
  Group other;
  for (const Parameter<Group>& parameter : Group::table()) {
    std::visit(
        [&](auto field) {
          fill(one.*field, false);
          fill(other.*field, true);
        },
        parameter.field);
  }
  one = set(one);
  other = set(other);
  std::vector<std::string> keys;
  for (const Parameter<Group>& parameter : Group::table()) {
    const bool is_set = std::visit([&](auto field) { return same(one.*field, other.*field); }, parameter.field);
    if (!is_set) keys.emplace_back(parameter.key);
  }
  return keys;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("small topology: every parameter of every group is set", "[topology]") {
  using namespace nines::models::testing;
  CHECK(forgotten(aws_parameters) == Keys{});
  CHECK(forgotten(kubernetes_parameters) == Keys{});
  CHECK(forgotten(broker_parameters) == Keys{});
  CHECK(forgotten(cruise_control_parameters) == Keys{});
  CHECK(forgotten(client_parameters) == Keys{});
  CHECK(forgotten(people_parameters) == Keys{});
  CHECK(forgotten(change_parameters) == Keys{});
  CHECK(forgotten(us_west_2_prices) == Keys{});
}

TEST_CASE("small topology: a parameter that is not set is named, of any type", "[topology]") {
  const auto but_one = [](kafka::BrokerParameters p) {
    const kafka::BrokerParameters before = p;
    p = models::testing::broker_parameters(p);
    p.pre_vote = before.pre_vote;
    p.fsync = before.fsync;
    p.session_timeout = before.session_timeout;
    return p;
  };
  CHECK(forgotten<kafka::BrokerParameters>(but_one).size() == 3);
}

}  // namespace small_topology_test
