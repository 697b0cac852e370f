#include "models/kubernetes/fits.hpp"

#include <optional>
#include <utility>

#include "models/literal_walks.hpp"
#include "models/plan.hpp"
#include "models/scheduling.hpp"

namespace nines::models::kubernetes {

namespace {

constexpr auto refusals = static_cast<std::size_t>(Refusal::skew) + 1;
constexpr std::size_t seen_a_zone = refusals + static_cast<std::size_t>(most_resource_score) + 1;

/// What a pod with that request sees of a machine.
std::size_t seen(const Plan& plan, NodeId node, const SlotKey& key, const Request& request) {
  const bool open = !key.closed && !(key.pressed && request.memory <= 0);
  if (!open) return static_cast<std::size_t>(Refusal::closed);
  if (const std::optional<Refusal> full = full_for(plan, node, key.load, request))
    return static_cast<std::size_t>(*full);
  return refusals + static_cast<std::size_t>(resource_score(plan, node, key.load, request));
}

}  // namespace

bool Fits::closed(std::size_t seen) { return seen % seen_a_zone == static_cast<std::size_t>(Refusal::closed); }

Fits::Fits(const Plan& plan, std::uint16_t group, const Request& request)
    : plan_(&plan), group_(group), request_(request) {}

void Fits::renew(const Plan& plan, const SlotKeys& slots, NodeId node) {
  if (plan.nodes[node].group != group_) return;
  take_looks(1);
  const std::optional<SlotKey>& key = slots.of(node);
  const std::size_t now = key ? key->zone.value * seen_a_zone + seen(plan, node, *key, request_) : none;
  const std::size_t before = std::exchange(of_[node], now);
  if (now == before) return;
  if (before != none) {
    const auto left = classes_.find(before);
    left->second.erase(node.value);
    if (left->second.empty()) classes_.erase(left);
  }
  if (now == none) return;
  const auto [entered, is_new] = classes_.try_emplace(now);
  if (is_new) entered->second.assign(of_.size());
  entered->second.insert(node.value);
}

void Fits::follow(const Plan& plan, const SlotKeys& slots) {
  if (story_ == slots.story() && plan_ == &plan) {
    for (; seen_ < slots.changes().size(); ++seen_) renew(plan, slots, slots.changes()[seen_]);
    return;
  }
  classes_.clear();
  of_.assign(plan.nodes.size(), none);
  for (const NodeId node : plan.nodes.ids()) renew(plan, slots, node);
  plan_ = &plan;
  story_ = slots.story();
  seen_ = slots.changes().size();
}

const Fits& FitsOfRequests::of(const Plan& plan, const SlotKeys& slots, std::uint16_t group, const Request& request) {
  const auto at = fits_.try_emplace({group, request}, plan, group, request).first;
  at->second.follow(plan, slots);
  return at->second;
}

}  // namespace nines::models::kubernetes
