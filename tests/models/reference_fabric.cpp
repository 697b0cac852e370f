#include "tests/models/reference_fabric.hpp"

#include <algorithm>

namespace nines::tests {

using models::Bandwidth;
using models::Duration;
namespace {
constexpr long double infinity = std::numeric_limits<long double>::infinity();
Duration from_seconds(long double seconds) { return Duration::from_seconds(static_cast<double>(seconds)); }
}  // namespace

fabric::ResourceId ReferenceFabric::add(const fabric::ResourceSpec& spec) {
  resources_.push_back({spec, fabric::Condition::works, spec.credit.level.count, !(spec.credit.level.count > 0)});
  return fabric::ResourceId::of(resources_.size() - 1);
}

long double ReferenceFabric::used(std::size_t resource) const {
  long double sum = 0;
  for (const Flow& flow : flows_) {
    if (!flow.alive) continue;
    for (const fabric::Hop& hop : flow.spec.route.hops()) {
      if (hop.resource.value == resource) sum += hop.load * flow.rate;
    }
  }
  return sum;
}

long double ReferenceFabric::limit(std::size_t resource) const {
  const Resource& r = resources_[resource];
  if (r.condition != fabric::Condition::works) return 0;
  const double capacity = r.spec.capacity.bytes_per_s;
  return r.empty ? std::min(capacity, r.spec.credit.baseline.bytes_per_s) : capacity;
}

Time ReferenceFabric::empty_at(std::size_t resource) const {
  const Resource& r = resources_[resource];
  if (r.spec.credit.baseline == fabric::unlimited || r.empty) return Time::never();
  const long double spending = used(resource) - r.spec.credit.baseline.bytes_per_s;
  if (spending <= 1e-9L * r.spec.credit.baseline.bytes_per_s) return Time::never();
  return now_ + from_seconds(r.level / spending);
}

void ReferenceFabric::end(std::size_t flow, fabric::Outcome outcome) {
  flows_[flow].alive = false;
  flows_[flow].rate = 0;
  ready_.push_back({{static_cast<std::uint32_t>(flow), 0}, flows_[flow].spec.owner, outcome, flows_[flow].spec.cause});
}

// Goes to `now`, at most the next change; what is due there happens.
void ReferenceFabric::move(Time now) {
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    Resource& r = resources_[i];
    if (r.spec.credit.baseline == fabric::unlimited) continue;
    const long double baseline = r.spec.credit.baseline.bytes_per_s;
    const bool runs_out = empty_at(i) <= now;
    const long double earning = baseline - used(i);
    if (now > now_ && std::abs(static_cast<double>(earning / baseline)) > 1e-9) {
      r.level = std::clamp(r.level + earning * (now - now_).to_seconds(), 0.0L,
                           static_cast<long double>(r.spec.credit.size.count));
      if (earning > 0 && r.level > 0) r.empty = false;
    }
    if (runs_out) {
      r.level = 0;
      r.empty = true;
    }
  }
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    Flow& flow = flows_[i];
    if (!flow.alive) continue;
    if (now > now_) flow.remaining -= flow.rate * (now - now_).to_seconds();
    if (flow.ends_at <= now) end(i, fabric::Outcome::done);
  }
  now_ = now;
  fill();
}

void ReferenceFabric::fill() {
  std::vector<char> grows(flows_.size(), 0);
  std::size_t growing = 0;
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    grows[i] = flows_[i].alive && flows_[i].moves_at <= now_;
    growing += static_cast<std::size_t>(grows[i]);
  }
  std::vector<long double> rates(flows_.size(), 0);
  while (growing > 0) {
    long double level = infinity;
    std::vector<long double> full_at(resources_.size(), infinity);
    for (std::size_t r = 0; r < resources_.size(); ++r) {
      long double left = limit(r);
      long double weight = 0;
      for (std::size_t i = 0; i < flows_.size(); ++i) {
        if (!flows_[i].alive) continue;
        for (const fabric::Hop& hop : flows_[i].spec.route.hops()) {
          if (hop.resource.value != r) continue;
          if (grows[i]) {
            weight += static_cast<long double>(hop.load) * flows_[i].spec.weight;
          } else {
            left -= hop.load * rates[i];
          }
        }
      }
      if (weight > 0) full_at[r] = std::max(left, 0.0L) / weight;
      level = std::min(level, full_at[r]);
    }
    for (std::size_t i = 0; i < flows_.size(); ++i) {
      if (grows[i])
        level = std::min(level, static_cast<long double>(flows_[i].spec.cap.bytes_per_s) / flows_[i].spec.weight);
    }
    const auto reached = [&](long double other) { return other <= level * (1 + 1e-15L); };
    for (std::size_t i = 0; i < flows_.size(); ++i) {
      if (!grows[i]) continue;
      bool stops = reached(flows_[i].spec.cap.bytes_per_s / static_cast<long double>(flows_[i].spec.weight));
      for (const fabric::Hop& hop : flows_[i].spec.route.hops()) stops = stops || reached(full_at[hop.resource.value]);
      if (!stops) continue;
      rates[i] = level * flows_[i].spec.weight;
      grows[i] = 2;
    }
    for (char& grow : grows) {
      if (grow == 2) {
        grow = 0;
        --growing;
      }
    }
  }
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    Flow& flow = flows_[i];
    flow.rate = rates[i];
    if (!flow.alive) continue;
    const bool ends = flow.rate > 0 && flow.remaining < infinity;
    flow.ends_at = ends ? now_ + from_seconds(std::max(flow.remaining, 0.0L) / flow.rate) : Time::never();
  }
}

fabric::FlowId ReferenceFabric::start(Time now, const fabric::FlowSpec& spec) {
  move(now);
  Flow flow;
  flow.spec = spec;
  flow.moves_at = now + spec.latency;
  flow.remaining = spec.bytes.count;
  flow.ends_at = Time::never();
  flows_.push_back(flow);
  for (const fabric::Hop& hop : spec.route.hops()) {
    if (flows_.back().alive && resources_[hop.resource.value].condition == fabric::Condition::breaks) {
      end(flows_.size() - 1, fabric::Outcome::broken);
    }
  }
  fill();
  return {static_cast<std::uint32_t>(flows_.size() - 1), 0};
}

bool ReferenceFabric::cancel(Time now, fabric::FlowId id) {
  move(now);
  if (flows_[id.slot].alive) {
    flows_[id.slot].alive = false;
    fill();
    return true;
  }
  return std::erase_if(ready_, [&](const fabric::Ending& ending) { return ending.flow == id; }) > 0;
}

void ReferenceFabric::set_cap(Time now, fabric::FlowId flow, Bandwidth cap) {
  move(now);
  flows_[flow.slot].spec.cap = cap;
  fill();
}

void ReferenceFabric::set_weight(Time now, fabric::FlowId flow, double weight) {
  move(now);
  flows_[flow.slot].spec.weight = weight;
  fill();
}

void ReferenceFabric::set_capacity(Time now, fabric::ResourceId resource, Bandwidth capacity) {
  move(now);
  resources_[resource.value].spec.capacity = capacity;
  fill();
}

void ReferenceFabric::set_condition(Time now, fabric::ResourceId resource, fabric::Condition condition) {
  move(now);
  resources_[resource.value].condition = condition;
  if (condition == fabric::Condition::breaks) {
    for (std::size_t i = 0; i < flows_.size(); ++i) {
      if (!flows_[i].alive) continue;
      const auto hops = flows_[i].spec.route.hops();
      if (std::any_of(hops.begin(), hops.end(), [&](const fabric::Hop& hop) { return hop.resource == resource; })) {
        end(i, fabric::Outcome::broken);
      }
    }
  }
  fill();
}

Time ReferenceFabric::next_change() {
  if (!ready_.empty()) return now_;
  Time next = Time::never();
  for (const Flow& flow : flows_) {
    if (flow.alive) next = std::min({next, flow.ends_at, flow.moves_at > now_ ? flow.moves_at : Time::never()});
  }
  for (std::size_t r = 0; r < resources_.size(); ++r) next = std::min(next, empty_at(r));
  return next;
}

void ReferenceFabric::advance(Time now, std::vector<fabric::Ending>& endings) {
  move(now);
  endings.insert(endings.end(), ready_.begin(), ready_.end());
  ready_.clear();
}

}  // namespace nines::tests
