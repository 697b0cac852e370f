// Work whose size only playing shows is bounded: what would never end is refused while it is played.
//
// Counts are of events, so that a bound does not depend on the machine. Every part of a batch is counted, so whether a
// batch is refused does not depend on the number of threads either.
#pragma once

#include <atomic>
#include <cstdint>
#include <stdexcept>

#include "models/plan.hpp"

namespace nines::experiments {

/// More work than is ever done. The message says what takes so much and what helps.
struct TooMuchWork : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Events that `--max-incidents` allows for each of them. What takes more on average gets fewer incidents.
inline constexpr std::uint64_t events_of_an_incident = 1000;
/// The same of the timeline method, where an incident is a part of a replication.
inline constexpr std::uint64_t timeline_events_of_an_incident = 100;
/// Incidents that take more than this on average cannot be played often enough to say anything.
inline constexpr std::uint64_t most_events_of_an_incident = 20'000;
/// Of more machines and processes an assessment by incidents is not tried unless it is asked for: a restart of all of
/// them is one incident, and one or the other of them fails nearly always. So many years are simulated at most instead,
/// if nobody says how many: minutes of playing.
inline constexpr std::size_t most_places_by_incidents = 50'000;
inline constexpr double years_of_the_largest = 20;
/// What `--max-years` comes to there. `usual`: its value if nobody gives one.
inline double most_years_of_the_largest(double years, double max_years, double usual) {
  return max_years != usual ? max_years : years > years_of_the_largest ? years : years_of_the_largest;
}

/// How much an event costs at most, in events of small systems: one of thousands of units, or of replicated groups of
/// partitions, may look at all of them.
std::uint64_t cost_of_an_event(const models::Plan& plan);

/// Events that one run of a replay, or one replication of a timeline, may take: the more machines and processes there
/// are, the more.
std::uint64_t most_events_of_a_run(const models::Plan& plan);

/// Machines and processes.
std::size_t places(const models::Plan& plan);
inline bool too_many_places_for_incidents(const models::Plan& plan) { return places(plan) > most_places_by_incidents; }

/// Events of a batch of incidents, counted while several threads play it.
class EventBudget {
 public:
  EventBudget(const models::Plan& plan, std::uint64_t incidents);

  /// Throws TooMuchWork once the batch has taken more than it may.
  void spend(std::uint64_t events) {
    const std::uint64_t cost = events * cost_;
    if (spent_.fetch_add(cost, std::memory_order_relaxed) + cost > most_) refuse();
  }

 private:
  [[noreturn]] static void refuse();

  std::uint64_t cost_ = 1;
  std::uint64_t most_ = 0;
  std::atomic<std::uint64_t> spent_{0};
};

/// Refuses a replication of so many hours in which far more is to be expected than one may take.
void check_replication(const models::Plan& plan, double hours);
/// The same of one that has turned out to.
[[noreturn]] void refuse_replication(std::uint64_t most_events);

}  // namespace nines::experiments
