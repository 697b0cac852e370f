#include "models/http/overload.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace nines::models::http {

namespace {

using sim::Duration;
using sim::Time;

/// Shares and rates that differ by less, relative to what is sent, are the same.
constexpr double unsharp_share = 1e-9;
/// Changes of retry rates that are smaller, all together and relative to fresh requests, are kept back until they add
/// up.
constexpr double smallest_step = 1e-3;

/// Class of attempts of which so many failed before, and so many of those by silence.
constexpr std::size_t class_of(std::int64_t failed, std::int64_t silent) {
  return static_cast<std::size_t>(failed * (failed + 1) / 2 + silent);
}
std::size_t classes(const LoadRules& rules) { return class_of(rules.retries + 1, 0); }

bool is_retry(std::size_t of) { return of > 0; }

double retries_wanted(const Overload& state) {
  double sum = 0;
  for (std::size_t of = 1; of < state.rate.size(); ++of) sum += state.rate[of];
  return sum;
}

/// Requests in the queue of a server from which an attempt is answered later than `patience`.
double patience_in_requests(const ServerLoad& server, Duration patience) {
  return server.capacity * (patience - server.trip).to_seconds();
}

/// The server gets more than it answers, of so many attempts that are sent.
bool exceeds(const ServerLoad& server, double sent) {
  return sent * server.share > server.capacity * (1 + unsharp_share);
}
bool any_exceeded(const Inflow& inflow, double sent) {
  return std::any_of(inflow.servers.begin(), inflow.servers.end(),
                     [&](const ServerLoad& server) { return exceeds(server, sent); });
}
/// Every fresh request that reaches a server is answered.
bool fits(const Inflow& inflow) { return !any_exceeded(inflow, inflow.fresh); }

/// Whether an attempt is made after so much waiting between attempts, of which so many met silence: it could be
/// answered before the deadline.
bool is_made(const LoadRules& rules, Duration waited, std::int64_t silent) {
  return waited + rules.attempt_timeout * silent + rules.round_trip <= rules.deadline;
}

/// Requests that may wait in a server. People who limit traffic let in no more than is answered at once.
double queue_of(const Overload& state) { return state.limited ? 0 : state.rules.queue; }

double slope(const Overload& state, const ServerLoad& server, double sent) {
  const double more = sent * server.share - server.capacity;
  const double now = state.waiting[server.server];
  const double most = queue_of(state);
  if (now > most) return -server.capacity;  // it was longer before: nothing is let in
  if (std::abs(more) <= unsharp_share * server.capacity) return 0;
  if (more < 0) return now > 0 ? more : 0;
  return now >= most ? 0 : more;
}

/// Whether an attempt that arrives now is answered too late; on the very limit, whether those that come next are.
bool is_late(const Overload& state, const ServerLoad& server, Duration patience, double slope) {
  const double limit = patience_in_requests(server, patience);
  const double now = state.waiting[server.server];
  return now > limit || (now >= limit && slope > 0);
}

/// A change of a rate is to come.
void come(Overload& state, const Overload::Step& step) {
  const auto place = std::upper_bound(state.coming.begin(), state.coming.end(), step,
                                      [](const auto& a, const auto& b) { return a.at < b.at; });
  state.coming.insert(place, step);
}

/// How an attempt ends of which so many are sent in all.
Outcome outcome_of(const Overload& state, const ServerLoad& server, Duration patience, double sent) {
  const double now = state.waiting[server.server];
  double taken = now > queue_of(state) ? 0 : 1;
  if (exceeds(server, sent) && now == queue_of(state)) taken = server.capacity / (sent * server.share);
  const double by = slope(state, server, sent);
  const bool late = is_late(state, server, patience, by);
  Outcome outcome{late ? 0 : taken, 1 - taken, late ? taken : 0, {}};
  if (late || server.capacity <= 0) return outcome;
  // Of those that come next: on a limit it matters whether the queue grows.
  const Duration next = Duration::nanoseconds(by > 0 ? 2 : by < 0 ? -2 : 0);
  outcome.wait = std::max(Duration(), Duration::from_seconds(now / server.capacity) + next);
  return outcome;
}

/// From the state now, which has changed: who is late, and what becomes of attempts; retries to come are told.
void look(Overload& state) {
  const double sent = attempts(state);
  double refused = state.inflow.refused;
  double silent = state.inflow.silent;
  for (const ServerLoad& server : state.inflow.servers) {
    state.late[server.server] = is_late(state, server, state.rules.attempt_timeout, slope(state, server, sent));
    const Outcome outcome = outcome_of(state, server, state.rules.attempt_timeout, sent);
    refused += server.share * outcome.refused;
    silent += server.share * outcome.silent;
  }
  if (state.limited) return;  // who is refused hears not to come back
  const double through = granted(state);
  const double smallest = smallest_step * state.inflow.fresh / static_cast<double>(state.rate.size());
  const auto announce = [&](double& known, double rate, Duration after, std::size_t to) {
    const double more = rate - known;
    if (more == 0 || (std::abs(more) < smallest && rate != 0)) return;
    known = rate;
    come(state, {state.at + after, static_cast<std::uint32_t>(to), more});
  };
  Duration waited;
  for (std::int64_t failed = 0; failed < state.rules.retries; ++failed) {
    const Duration wait = state.rules.waits[static_cast<std::size_t>(failed)];
    waited += wait;
    for (std::int64_t before = 0; before <= failed; ++before) {
      const std::size_t of = class_of(failed, before);
      const double rate = state.rate[of] * (is_retry(of) ? through : 1);
      if (is_made(state.rules, waited, before))
        announce(state.fast[of], rate * refused, state.rules.round_trip + wait, class_of(failed + 1, before));
      if (is_made(state.rules, waited, before + 1))
        announce(state.slow[of], rate * silent, state.rules.attempt_timeout + wait, class_of(failed + 1, before + 1));
    }
  }
}

/// Calls `each(requests)` for every length of a server's queue at which something changes.
template <class Each>
void each_limit(const Overload& state, const ServerLoad& server, Each&& each) {
  each(0.0);
  each(queue_of(state));
  each(patience_in_requests(server, state.rules.attempt_timeout));
  for (const Duration wait : state.rules.watched) each(patience_in_requests(server, wait));
}

bool still_moves(const Overload& state) {
  if (!state.coming.empty() || state.limited || !carries(state.inflow)) return true;
  const double none = unsharp_share * state.inflow.fresh;
  return waiting(state) > 0 ||
         std::any_of(state.rate.begin() + 1, state.rate.end(), [&](double rate) { return rate > none; });
}

void calm_down(Overload& state) {
  if (!state.calm() && !still_moves(state)) state = {};
}

/// Queues move on by straight lines until `to`, at which those that reach a limit are on it exactly.
void move(Overload& state, Time to) {
  const double sent = attempts(state);
  const double passed = (to - state.at).to_seconds();
  for (const ServerLoad& server : state.inflow.servers) {
    const double by = slope(state, server, sent);
    if (by == 0) continue;
    double& now = state.waiting[server.server];
    const double before = now;
    now += by * passed;
    // A nanosecond's worth: instants are whole ones.
    const double unsharp = std::abs(by) * 2e-9;
    each_limit(state, server, [&](double limit) {
      if (before != limit && std::abs(now - limit) <= unsharp) now = limit;
    });
    now = std::clamp(now, 0.0, std::max(state.rules.queue, before));
  }
  state.at = to;
}

/// Clients try again by other rules from now on: retries that are under way come as they did, as long as it takes until
/// those by the new rules do.
void take_rules(Overload& state, const LoadRules& rules) {
  state.rules = rules;
  state.coming.clear();
  const std::size_t count = classes(rules);
  state.rate.resize(count, 0);
  state.slow.assign(count, 0);
  state.fast.assign(count, 0);
  Duration waited;
  for (std::int64_t failed = 1; failed <= rules.retries; ++failed) {
    const Duration wait = rules.waits[static_cast<std::size_t>(failed - 1)];
    waited += wait;
    for (std::int64_t silent = 0; silent <= failed; ++silent) {
      double& rate = state.rate[class_of(failed, silent)];
      if (!is_made(rules, waited, silent)) rate = 0;
      if (rate <= 0) continue;
      const Duration after = (silent > 0 ? rules.attempt_timeout : rules.round_trip) + wait;
      come(state, {state.at + after, static_cast<std::uint32_t>(class_of(failed, silent)), -rate});
    }
  }
}

}  // namespace

bool carries(const Inflow& inflow) { return inflow.refused <= 0 && inflow.silent <= 0 && fits(inflow); }

double granted(const Overload& state) {
  if (state.limited || state.rules.retry_budget <= 0) return 0;
  const double wanted = retries_wanted(state);
  const double most = state.rules.retry_budget * state.inflow.fresh;
  return wanted <= most ? 1 : most / wanted;
}

double attempts(const Overload& state) {
  if (state.calm() || state.limited) return state.inflow.fresh;
  return state.rate[0] + std::min(retries_wanted(state), state.rules.retry_budget * state.inflow.fresh);
}

bool answers_within(const Overload& state, std::uint32_t server, Duration patience) {
  const auto at = std::find_if(state.inflow.servers.begin(), state.inflow.servers.end(),
                               [&](const ServerLoad& its) { return its.server == server; });
  if (at == state.inflow.servers.end() || at->capacity <= 0) return true;  // nothing waits there that goes on
  return !is_late(state, *at, patience, slope(state, *at, attempts(state)));
}

Outcome outcome_at(const Overload& state, const ServerLoad& server, Duration patience) {
  return outcome_of(state, server, patience, attempts(state));
}

bool exceeded(const Overload& state) { return !state.calm() && any_exceeded(state.inflow, attempts(state)); }

bool overloaded(const Overload& state) {
  return exceeded(state) || std::any_of(state.inflow.servers.begin(), state.inflow.servers.end(),
                                        [&](const ServerLoad& server) { return state.late[server.server] != 0; });
}

double waiting(const Overload& state) {
  double sum = 0;
  for (const double requests : state.waiting) sum += requests;
  return sum;
}

std::optional<Time> next_change(const Overload& state) {
  if (state.calm()) return std::nullopt;
  Time next = state.coming.empty() ? Time::never() : state.coming.front().at;
  const double sent = attempts(state);
  for (const ServerLoad& server : state.inflow.servers) {
    const double by = slope(state, server, sent);
    if (by == 0) continue;
    const double now = state.waiting[server.server];
    each_limit(state, server, [&](double limit) {
      const double away = (limit - now) / by;
      if (away > 0) next = std::min(next, state.at + Duration::from_seconds(away) + Duration::nanoseconds(1));
    });
  }
  return next == Time::never() ? std::nullopt : std::optional(next);
}

void advance(Overload& state, Time now) {
  assert(!state.calm() && now >= state.at);
  while (!state.calm()) {
    const std::optional<Time> next = next_change(state);
    if (!next || *next > now) break;
    move(state, *next);
    auto done = state.coming.begin();
    for (; done != state.coming.end() && done->at <= state.at; ++done) {
      double& rate = state.rate[done->of];
      rate += done->by;
      if (rate < unsharp_share * state.inflow.fresh) rate = 0;
    }
    state.coming.erase(state.coming.begin(), done);
    look(state);
    calm_down(state);
  }
  if (!state.calm()) move(state, now);
}

void change(Overload& state, const LoadRules& rules, Time now, Inflow inflow) {
  if (state.calm()) {
    if (carries(inflow)) return;
    state.at = now;
  }
  const std::size_t all = inflow.servers.empty() ? 0 : inflow.servers.back().server + 1;
  const std::size_t servers = std::max(state.waiting.size(), all);
  // What waited in a server that takes no requests any more is lost with it.
  std::vector<double> kept(servers, 0);
  for (const ServerLoad& server : inflow.servers) {
    if (server.server < state.waiting.size()) kept[server.server] = state.waiting[server.server];
  }
  state.waiting = std::move(kept);
  state.late.assign(servers, 0);
  if (!(state.rules == rules)) take_rules(state, rules);
  state.inflow = std::move(inflow);
  state.rate[0] = state.inflow.fresh;
  if (state.limited && fits(state.inflow)) state.limited = false;
  look(state);
  calm_down(state);
}

void limit(Overload& state) {
  assert(!state.calm());
  state.limited = !fits(state.inflow);
  std::fill(state.waiting.begin(), state.waiting.end(), 0);
  for (std::vector<double>* each : {&state.rate, &state.slow, &state.fast}) std::fill(each->begin(), each->end(), 0);
  state.rate[0] = state.inflow.fresh;
  state.coming.clear();
  look(state);
  calm_down(state);
}

}  // namespace nines::models::http
