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
/// A change of a retry rate that is smaller, relative to fresh requests, is kept back until it adds up.
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

/// Requests in the queue of a server from which an attempt is answered too late.
double patience_in_requests(const LoadRules& rules, double capacity, Duration patience) {
  return capacity * (patience - rules.round_trip).to_seconds();
}

/// Requests that may wait in a server. People who limit traffic let in no more than is answered at once.
double queue_of(const Overload& state) { return state.limited ? 0 : state.rules.queue; }

double slope(const Overload& state, const ServerLoad& server, double sent) {
  const double more = sent * server.share - server.capacity;
  const double now = state.waiting[server.server];
  if (std::abs(more) <= unsharp_share * server.capacity) return 0;
  if (more < 0) return now > 0 ? more : 0;
  return now >= queue_of(state) ? 0 : more;
}

/// From the state now, which has changed: who is late, and what becomes of attempts; retries to come are told.
void look(Overload& state) {
  const double sent = attempts(state);
  for (const ServerLoad& server : state.inflow.servers) {
    const double limit = patience_in_requests(state.rules, server.capacity, state.rules.attempt_timeout);
    const double now = state.waiting[server.server];
    state.late[server.server] = now > limit || (now >= limit && slope(state, server, sent) > 0);
  }
  double refused = state.inflow.refused;
  double silent = state.inflow.silent;
  for (const ServerLoad& server : state.inflow.servers) {
    const Outcome outcome = outcome_at(state, server, state.rules.attempt_timeout);
    refused += server.share * outcome.refused;
    silent += server.share * outcome.silent;
  }
  if (state.limited) return;  // who is refused hears not to come back
  const double through = granted(state);
  const double smallest = smallest_step * state.inflow.fresh;
  const auto announce = [&](double& known, double rate, Duration after, std::size_t to) {
    const double more = rate - known;
    if (more == 0 || (std::abs(more) < smallest && rate != 0)) return;
    known = rate;
    const Overload::Step step{state.at + after, static_cast<std::uint32_t>(to), more};
    const auto place = std::upper_bound(state.coming.begin(), state.coming.end(), step,
                                        [](const auto& a, const auto& b) { return a.at < b.at; });
    state.coming.insert(place, step);
  };
  Duration waited;
  for (std::int64_t failed = 0; failed < state.rules.retries; ++failed) {
    const Duration wait = state.rules.waits[static_cast<std::size_t>(failed)];
    waited += wait;
    for (std::int64_t before = 0; before <= failed; ++before) {
      const std::size_t of = class_of(failed, before);
      const double rate = state.rate[of] * (is_retry(of) ? through : 1);
      // Spent when the next attempt could be answered.
      const Duration spent = waited + state.rules.attempt_timeout * before + state.rules.round_trip;
      if (spent <= state.rules.deadline)
        announce(state.fast[of], rate * refused, state.rules.round_trip + wait, class_of(failed + 1, before));
      if (spent + state.rules.attempt_timeout <= state.rules.deadline)
        announce(state.slow[of], rate * silent, state.rules.attempt_timeout + wait, class_of(failed + 1, before + 1));
    }
  }
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
    for (const double limit :
         {0.0, state.rules.queue, patience_in_requests(state.rules, server.capacity, state.rules.attempt_timeout)}) {
      if (before != limit && std::abs(now - limit) <= unsharp) now = limit;
    }
    now = std::clamp(now, 0.0, std::max(state.rules.queue, before));
  }
  state.at = to;
}

}  // namespace

bool carries(const Inflow& inflow) {
  return inflow.refused <= 0 && inflow.silent <= 0 &&
         std::all_of(inflow.servers.begin(), inflow.servers.end(), [&](const ServerLoad& server) {
           return inflow.fresh * server.share <= server.capacity * (1 + unsharp_share);
         });
}

double granted(const Overload& state) {
  if (state.limited) return 0;
  const double wanted = retries_wanted(state);
  const double most = state.rules.retry_budget * state.inflow.fresh;
  return wanted <= most ? 1 : most / wanted;
}

double attempts(const Overload& state) {
  if (state.calm() || state.limited) return state.inflow.fresh;
  return state.rate[0] + std::min(retries_wanted(state), state.rules.retry_budget * state.inflow.fresh);
}

Outcome outcome_at(const Overload& state, const ServerLoad& server, Duration patience) {
  const double sent = attempts(state) * server.share;
  const bool more = sent > server.capacity * (1 + unsharp_share);
  const double now = state.waiting[server.server];
  double taken = 1;
  if (more && now >= queue_of(state)) taken = server.capacity / sent;
  const bool same = patience == state.rules.attempt_timeout;
  const bool late =
      same ? state.late[server.server] != 0 : now > patience_in_requests(state.rules, server.capacity, patience);
  Outcome outcome{late ? 0 : taken, 1 - taken, late ? taken : 0, {}};
  if (!late && server.capacity > 0) outcome.wait = Duration::from_seconds(now / server.capacity);
  return outcome;
}

bool exceeded(const Overload& state) {
  if (state.calm()) return false;
  const double sent = attempts(state);
  return std::any_of(state.inflow.servers.begin(), state.inflow.servers.end(), [&](const ServerLoad& server) {
    return sent * server.share > server.capacity * (1 + unsharp_share);
  });
}

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
    for (const double limit :
         {0.0, state.rules.queue, patience_in_requests(state.rules, server.capacity, state.rules.attempt_timeout)}) {
      const double away = (limit - now) / by;
      if (away > 0) next = std::min(next, state.at + Duration::from_seconds(away) + Duration::nanoseconds(1));
    }
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
  state.rules = rules;
  for (std::vector<double>* each : {&state.rate, &state.slow, &state.fast}) each->resize(classes(rules), 0);
  std::erase_if(state.coming, [&](const Overload::Step& step) { return step.of >= state.rate.size(); });
  state.inflow = std::move(inflow);
  state.rate[0] = state.inflow.fresh;
  if (state.limited && carries(state.inflow)) state.limited = false;
  look(state);
  calm_down(state);
}

void limit(Overload& state) {
  assert(!state.calm());
  state.limited = !carries(state.inflow);
  std::fill(state.waiting.begin(), state.waiting.end(), 0);
  for (std::vector<double>* each : {&state.rate, &state.slow, &state.fast}) std::fill(each->begin(), each->end(), 0);
  state.rate[0] = state.inflow.fresh;
  state.coming.clear();
  look(state);
  calm_down(state);
}

}  // namespace nines::models::http
