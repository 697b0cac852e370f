#include "sim/trace.hpp"

#include <catch2/catch.hpp>

namespace trace_test {

using namespace nines::sim;

namespace {
TraceRecord record(std::int64_t at, CauseId parent, EventKind kind) {
  return {Time::from_count(at), parent, kind, 0, 0};
}
}  // namespace

TEST_CASE("appending leaves the current cause to the caller") {
  Trace trace;
  CHECK(trace.current() == no_cause);
  const CauseId fault = trace.append(record(1, no_cause, 7));
  CHECK(trace.current() == no_cause);
  trace.set_current(fault);
  CHECK(trace.current() == fault);
  CHECK(trace.append(record(2, fault, 8)) != fault);
  CHECK(trace.records().size() == 2);
}

TEST_CASE("only the newest record can be taken back") {
  Trace trace;
  const CauseId first = trace.append(record(1, no_cause, 1));
  const CauseId second = trace.append(record(2, first, 2));
  trace.retract(first);
  CHECK(trace.records().size() == 2);
  trace.retract(second);
  CHECK(trace.holds(first));
  CHECK_FALSE(trace.holds(second));
}

TEST_CASE("walking parents leads from an effect to its fault") {
  Trace trace;
  const CauseId first = trace.append(record(1, no_cause, 1));
  const CauseId other = trace.append(record(2, no_cause, 2));
  const CauseId effect = trace.append(record(3, first, 3));
  const CauseId last = trace.append(record(4, effect, 4));
  CauseId cause = last;
  int steps = 0;
  while (trace.at(cause).parent != no_cause) {
    REQUIRE(trace.at(trace.at(cause).parent).at <= trace.at(cause).at);
    cause = trace.at(cause).parent;
    ++steps;
  }
  CHECK(cause == first);
  CHECK(cause != other);
  CHECK(steps == 2);
}

TEST_CASE("a forgotten cause is known to be gone") {
  Trace trace;
  const CauseId before = trace.append(record(1, no_cause, 1));
  trace.append(record(2, before, 2));
  trace.set_current(before);
  trace.forget();
  CHECK_FALSE(trace.holds(before));
  CHECK(trace.current() == no_cause);
  CHECK(trace.records().empty());
  const CauseId after = trace.append(record(3, no_cause, 3));
  CHECK(after == trace.first_id());
  CHECK(after > before);
  CHECK_FALSE(trace.holds(before));
  CHECK(trace.at(after).kind == 3);
  CHECK_FALSE(trace.holds(no_cause));
}

TEST_CASE("a copy of the trace goes its own way") {
  Trace trace;
  const CauseId fault = trace.append(record(1, no_cause, 1));
  Trace fork = trace;
  fork.append(record(2, fault, 2));
  CHECK(trace.records().size() == 1);
  CHECK_FALSE(trace.holds(fault + 1));
}

namespace {
struct First {
  std::uint32_t node;
};
struct Second {
  std::uint64_t epoch;
  std::uint32_t node;
};
using List = EventList<First, Second>;
}  // namespace

TEST_CASE("an event list numbers its types by position") {
  CHECK(List::size == 2);
  CHECK(List::kind_of<First>() == 0);
  CHECK(List::kind_of<Second>() == 1);
  const Event event = pack(List::kind_of<Second>(), 9, Second{1ULL << 40, 17});
  CHECK(event.kind == 1);
  CHECK(event.cause == 9);
  CHECK(event.as<Second>().epoch == 1ULL << 40);
  CHECK(event.as<Second>().node == 17);
}

}  // namespace trace_test
