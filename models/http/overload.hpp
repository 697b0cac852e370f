// Queues of servers and the load that retries add: a fluid, without clock and network of the world.
//
// Requests arrive at a constant rate between changes. A server answers at its capacity; what is more waits, first come
// first served, in a queue of limited length, and what finds the queue full is refused at once. A client gives an
// attempt up after its time-out, but the server does not hear of it and answers it all the same. So once the wait is as
// long as the time-out, a server is busy with requests that nobody waits for any more, and every one of them is tried
// again: retries keep up the overload that causes them, and it can outlast what began it (a metastable failure:
// Bronson et al., "Metastable Failures in Distributed Systems", HotOS 2021; Huang et al., "Metastable Failures in the
// Wild", OSDI 2022). With k retries that all fail the servers get k + 1 times the fresh requests, and drain their
// queues with what is left of their capacity, if any is.
//
// Attempts are told apart by how many failed before them, and how many of those by silence: a refused one is repeated
// after a round trip and the wait before the retry, one that is met by silence or answered too late after its time-out
// and that wait. A rate that changes now changes the rate of retries then. Between such steps rates are constant and
// queues are straight lines, so the next change is known: there is no grid. Where a queue is full each step makes
// further ones, smaller and smaller: what is less than a thousandth of the fresh requests is kept back until it adds
// up.
//
// Left out: differences between servers in what balancers send them, single requests (their number is a rate, so that
// a queue is never empty by chance), jitter of the waits between retries (it would smooth a step of theirs), requests
// that wait in a server which dies.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/time.hpp"

namespace nines::models::http {

/// How clients try again, and how servers queue.
struct LoadRules {
  std::int64_t retries = 0;
  sim::Duration attempt_timeout;
  std::vector<sim::Duration> waits;    ///< before each retry
  sim::Duration deadline;              ///< no attempt that could not be answered by then
  sim::Duration round_trip;            ///< of a refused attempt
  std::vector<sim::Duration> watched;  ///< further waits, trip and all, at which something changes for somebody
  double retry_budget = 0;             ///< retries at most, as a multiple of fresh requests
  double queue = 0;                    ///< requests that wait in one server at most
  friend bool operator==(const LoadRules&, const LoadRules&) = default;
};

/// A server that takes requests.
struct ServerLoad {
  std::uint32_t server = 0;
  double share = 0;     ///< of all attempts that are sent to it
  double capacity = 0;  ///< requests that it answers, per second
  sim::Duration trip;   ///< to it and back
};

/// What the world gives: it is constant between two looks.
struct Inflow {
  double fresh = 0;                 ///< requests per second, without retries
  double refused = 0;               ///< share of attempts that meet nobody and hear so at once
  double silent = 0;                ///< share that meet silence
  std::vector<ServerLoad> servers;  ///< ascending; their shares and those two add up to 1
};

/// How an attempt that is sent now ends.
struct Outcome {
  double answered = 0, refused = 0, silent = 0;  ///< shares; silent: answered too late among them
  sim::Duration wait;                            ///< the longest in the queues of those that answer in time
};

/// Queues and retries as they are.
struct Overload {
  sim::Time at;  ///< of this moment
  LoadRules rules;
  Inflow inflow;
  std::vector<double> waiting;  ///< requests, by server
  std::vector<char> late;       ///< by server: an attempt that arrives now is answered after its time-out
  std::vector<double> rate;     ///< attempts per second by class: see `class_of` in overload.cpp
  std::vector<double> slow;     ///< failing by silence, by class, as the retries to come know it
  std::vector<double> fast;     ///< refused, likewise
  struct Step {
    sim::Time at;
    std::uint32_t of = 0;  ///< class
    double by = 0;         ///< attempts per second more
  };
  std::vector<Step> coming;  ///< in the order of time, and of their making
  bool limited = false;      ///< people let in what servers take, and no retries

  /// Nothing waits, nobody tries again, nobody is limited.
  [[nodiscard]] bool calm() const { return rate.empty(); }
};

/// Whether servers take all of it, so that nothing is refused, silent or waits: a calm state stays calm.
bool carries(const Inflow& inflow);

/// Lets time pass until `now`, with what the world gave. REQUIRES: not calm, now >= state.at.
void advance(Overload& state, sim::Time now);
/// The world gives that from now on; a calm state may begin. REQUIRES: the state is of `now`, or calm.
void change(Overload& state, const LoadRules& rules, sim::Time now, Inflow inflow);
/// People limit traffic to what servers answer in time: queues are given up, and retries refused, until servers take
/// all fresh requests that reach them. REQUIRES: not calm.
void limit(Overload& state);

/// When something changes by itself; none if it stays. The caller lets time pass until then.
std::optional<sim::Time> next_change(const Overload& state);

/// Attempts per second that are sent now. REQUIRES: not calm.
double attempts(const Overload& state);
/// Share of retries that the budget lets through.
double granted(const Overload& state);
/// How an attempt to the server ends whose client waits so long.
Outcome outcome_at(const Overload& state, const ServerLoad& server, sim::Duration patience);
/// A request that arrives at the server now is answered within so long, if it is taken.
bool answers_within(const Overload& state, std::uint32_t server, sim::Duration patience);
/// A server gets more than it answers.
bool exceeded(const Overload& state);
/// That, or one lets clients wait for longer than they do.
bool overloaded(const Overload& state);
/// Requests that wait in all servers.
double waiting(const Overload& state);

}  // namespace nines::models::http
