#include "models/fabric/max_min.hpp"

#include <algorithm>

namespace nines::models::fabric {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// What the calendar holds. Its order among entries of one instant does not matter: endings are sorted afterwards, and
// rates are worked out when all of an instant is in.
enum CalendarKind : sim::EventKind { wait_over, flow_done, credit_empty };

sim::Event entry(CalendarKind kind, std::uint32_t index) { return sim::pack(kind, sim::no_cause, index); }

void set_timer(sim::EventQueue& calendar, sim::TimerId& timer, Time at, const sim::Event& event) {
  if (calendar.pending(timer)) {
    if (at == Time::never()) {
      calendar.cancel(timer);
    } else if (calendar.when(timer) != at) {
      timer = calendar.reschedule(timer, at);
    }
  } else if (at != Time::never()) {
    timer = calendar.schedule(at, sim::Priority::state, event);
  }
}

}  // namespace

// ---- resources and flows ----

ResourceId MaxMin::add(const ResourceSpec& spec) {
  assert(sequence_ == 0 && spec.capacity.bytes_per_s >= 0 && spec.latency >= Duration());
  Resource resource;
  resource.capacity = spec.capacity.bytes_per_s;
  resource.latency = spec.latency;
  resource.credit.baseline = spec.credit.baseline.bytes_per_s;
  resource.credit.size = spec.credit.size.count;
  resource.credit.level = spec.credit.level.count;
  resource.credit.since = now_;
  if (resource.credit.limited()) resource.credit.use(0);
  resources_.push_back(resource);
  resource_touched_.push_back(0);
  share_of_.push_back(none);
  return ResourceId::of(resources_.size() - 1);
}

MaxMin::Flow& MaxMin::edit(FlowSlot slot) {
  if (flow_touched_[slot] == 0) {
    flow_touched_[slot] = 1;
    touched_flows_.push_back(slot);
  }
  return flows_[slot];
}

MaxMin::Resource& MaxMin::edit_resource(std::size_t index) {
  if (resource_touched_[index] == 0) {
    resource_touched_[index] = 1;
    touched_resources_.push_back(static_cast<std::uint32_t>(index));
  }
  return resources_[index];
}

double MaxMin::allowed(const Resource& resource) const {
  return resource.condition == Condition::works ? resource.credit.allowed(resource.capacity) : 0;
}

double MaxMin::used(const Resource& resource) const {
  double sum = 0;
  for (Link link = resource.first; link != none;) {
    const FlowSlot slot = slot_of(link);
    sum += hop(link).load * flows_[slot].rate;
    link = flows_[slot].next[hop_of(link)];
  }
  return sum;
}

void MaxMin::attach(FlowSlot slot) {
  Flow& flow = edit(slot);
  const auto hops = flow.route.hops();
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const Link link = static_cast<Link>(slot * Route::max_hops + i);
    Resource& resource = edit_resource(hops[i].resource.value);
    flow.next[i] = none;
    flow.previous[i] = resource.last;
    if (resource.last != none) {
      edit(slot_of(resource.last)).next[hop_of(resource.last)] = link;
    } else {
      resource.first = link;
    }
    resource.last = link;
  }
}

void MaxMin::detach(FlowSlot slot) {
  Flow& flow = edit(slot);
  const auto hops = flow.route.hops();
  for (std::size_t i = 0; i < hops.size(); ++i) {
    Resource& resource = edit_resource(hops[i].resource.value);
    const Link next = flow.next[i];
    const Link previous = flow.previous[i];
    (previous == none ? resource.first : edit(slot_of(previous)).next[hop_of(previous)]) = next;
    (next == none ? resource.last : edit(slot_of(next)).previous[hop_of(next)]) = previous;
    // Nobody's rate hangs on a resource that has capacity to spare; but its credit may now grow.
    if (resource.tight || resource.credit.limited()) resource_changed(hops[i].resource.value);
  }
}

void MaxMin::release(FlowSlot slot) {
  Flow& flow = edit(slot);
  calendar_.cancel(flow.timer);
  flow.stage = Stage::vacant;
  flow.rate = 0;
  ++flow.generation;
  ++ended_;
  free_.push_back(slot);
}

void MaxMin::finish(FlowSlot slot, Outcome outcome) {
  Flow& flow = edit(slot);
  limit_changed(flow, flow.limit);
  due_.push_back({flow.sequence, {{slot, flow.generation}, flow.owner, outcome, flow.cause, flow.longest_limit}});
  detach(slot);
  release(slot);
}

bool MaxMin::crosses_broken(const Flow& flow) const {
  const auto hops = flow.route.hops();
  return std::any_of(hops.begin(), hops.end(),
                     [&](const Hop& h) { return resources_[h.resource.value].condition == Condition::breaks; });
}

FlowId MaxMin::start(Time now, const FlowSpec& spec) {
  assert(spec.bytes.count > 0 && spec.weight > 0 && spec.cap.bytes_per_s >= 0 && spec.latency >= Duration());
  go_to(now);
  if (free_.empty()) {
    free_.push_back(static_cast<FlowSlot>(flows_.size()));
    flows_.emplace_back();
    flow_touched_.push_back(0);
    member_of_.push_back(none);
  }
  const FlowSlot slot = free_.back();
  free_.pop_back();
  Flow& flow = edit(slot);
  flow.remaining = spec.bytes.count;
  flow.rate = 0;
  flow.cap = spec.cap.bytes_per_s;
  flow.weight = spec.weight;
  flow.since = now;
  flow.timer = {};
  flow.sequence = sequence_++;
  flow.cause = spec.cause;
  flow.owner = spec.owner;
  flow.route = spec.route;
  flow.limit = flow.longest_limit = ResourceId::none();
  flow.limited_since = now;
  flow.longest = {};
  attach(slot);
  const FlowId id{slot, flow.generation};
  if (crosses_broken(flow)) {
    finish(slot, Outcome::broken);
    collect(now);
  } else if (spec.latency > Duration()) {
    flow.stage = Stage::waiting;
    flow.timer = calendar_.schedule(now + spec.latency, sim::Priority::state, entry(wait_over, slot));
  } else {
    flow.stage = Stage::moving;
    flow_changed(slot);
  }
  return id;
}

bool MaxMin::cancel(Time now, FlowId id) {
  go_to(now);
  if (running(id)) {
    detach(id.slot);
    release(id.slot);
    return true;
  }
  return std::erase_if(ready_, [&](const Ending& ending) { return ending.flow == id; }) > 0;
}

void MaxMin::set_cap(Time now, FlowId id, Bandwidth cap) {
  assert(cap.bytes_per_s >= 0);
  go_to(now);
  if (!running(id) || flows_[id.slot].cap == cap.bytes_per_s) return;
  edit(id.slot).cap = cap.bytes_per_s;
  flow_changed(id.slot);
}

void MaxMin::set_weight(Time now, FlowId id, double weight) {
  assert(weight > 0);
  go_to(now);
  if (!running(id) || flows_[id.slot].weight == weight) return;
  edit(id.slot).weight = weight;
  flow_changed(id.slot);
}

void MaxMin::set_capacity(Time now, ResourceId id, Bandwidth capacity) {
  assert(capacity.bytes_per_s >= 0);
  go_to(now);
  if (resources_[id.value].capacity == capacity.bytes_per_s) return;
  edit_resource(id.value).capacity = capacity.bytes_per_s;
  resource_changed(id.value);
}

void MaxMin::set_condition(Time now, ResourceId id, Condition condition) {
  go_to(now);
  if (resources_[id.value].condition == condition) return;
  edit_resource(id.value).condition = condition;
  resource_changed(id.value);
  if (condition != Condition::breaks) return;
  while (resources_[id.value].first != none) finish(slot_of(resources_[id.value].first), Outcome::broken);
  collect(now);
}

// ---- time ----

void MaxMin::go_to(Time now) {
  assert(now >= now_);
  if (now > now_) {
    solve();
    assert(calendar_.next_time() >= now && "time went beyond next_change()");
    now_ = now;
  }
  collect(now);
}

void MaxMin::collect(Time now) {
  while (calendar_.next_time() <= now) {
    const sim::Event event = calendar_.pop();
    const auto index = event.as<std::uint32_t>();
    switch (event.kind) {
      case wait_over: {
        Flow& flow = edit(index);
        flow.stage = Stage::moving;
        flow.since = now;
        flow_changed(index);
        break;
      }
      case flow_done: finish(index, Outcome::done); break;
      default: {
        Resource& resource = edit_resource(index);
        resource.credit.settle(now);
        resource.credit.level = 0;  // also where rounding left a trace of it
        resource_changed(index);
      }
    }
  }
  if (due_.empty()) return;
  std::sort(due_.begin(), due_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [sequence, ending] : due_) ready_.push_back(ending);
  due_.clear();
}

Time MaxMin::next_change() {
  if (!ready_.empty()) return now_;
  solve();
  return calendar_.next_time();
}

void MaxMin::advance(Time now, std::vector<Ending>& endings) {
  go_to(now);
  // What is too short for the clock ends at the instant at which it starts to move.
  for (solve(); calendar_.next_time() <= now; solve()) collect(now);
  endings.insert(endings.end(), ready_.begin(), ready_.end());
  ready_.clear();
}

bool MaxMin::running(FlowId id) const {
  return id.slot < flows_.size() && flows_[id.slot].generation == id.generation &&
         flows_[id.slot].stage != Stage::vacant;
}

Bandwidth MaxMin::rate(FlowId id) {
  assert(running(id));
  solve();
  return {flows_[id.slot].rate};
}

Bytes MaxMin::remaining(FlowId id) {
  assert(running(id));
  const Flow& flow = flows_[id.slot];
  if (now_ == flow.since || flow.rate == 0) return {flow.remaining};
  return {std::max(0.0, flow.remaining - flow.rate * (now_ - flow.since).to_seconds())};
}

Bandwidth MaxMin::usage(ResourceId id) {
  solve();
  return {used(resources_[id.value])};
}

Bytes MaxMin::credit(ResourceId id) { return {resources_[id.value].credit.level_at(now_)}; }

// ---- sharing ----

void MaxMin::flow_changed(FlowSlot slot) { changed_flows_.push_back(slot); }

void MaxMin::resource_changed(std::size_t index) { changed_resources_.push_back(static_cast<std::uint32_t>(index)); }

void MaxMin::join(FlowSlot slot) {
  if (flows_[slot].stage != Stage::moving || member_of_[slot] != none) return;
  member_of_[slot] = static_cast<std::uint32_t>(members_.size());
  members_.push_back({slot, 0, ResourceId::none(), false});
}

std::size_t MaxMin::touch_share(std::size_t index) {
  if (share_of_[index] != none) return share_of_[index];
  share_of_[index] = static_cast<std::uint32_t>(shares_.size());
  Share share;
  share.resource = static_cast<std::uint32_t>(index);
  shares_.push_back(share);
  if (resources_[index].credit.limited()) edit_resource(index).credit.settle(now_);
  if (resources_[index].tight) couple(share_of_[index]);
  return share_of_[index];
}

void MaxMin::couple(std::size_t share) {
  if (shares_[share].coupled) return;
  shares_[share].coupled = true;
  for (Link link = resources_[shares_[share].resource].first; link != none;) {
    const FlowSlot slot = slot_of(link);
    join(slot);
    link = flows_[slot].next[hop_of(link)];
  }
}

void MaxMin::solve() {
  if (changed_flows_.empty() && changed_resources_.empty()) return;
  for (const std::uint32_t index : changed_resources_) touch_share(index);
  for (const FlowSlot slot : changed_flows_) join(slot);
  changed_resources_.clear();
  changed_flows_.clear();
  std::size_t reached = 0;
  do {
    for (; reached < members_.size(); ++reached) {
      const FlowSlot slot = members_[reached].flow;
      for (const Hop& h : flows_[slot].route.hops()) touch_share(h.resource.value);
    }
    fill();
  } while (find_new_bottlenecks());
  apply();
}

// Progressive filling: the rate per weight of all flows rises together; a flow stops at its cap, and all flows on a
// resource stop when it is full.
void MaxMin::fill() {
  rates_computed_ += members_.size();
  open_.clear();
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    Share& share = shares_[i];
    const Resource& resource = resources_[share.resource];
    share.left = allowed(resource);
    share.weight = 0;
    share.growing = 0;
    if (share.left == infinity) continue;  // holds nobody back
    for (Link link = resource.first; link != none;) {
      const FlowSlot slot = slot_of(link);
      const Flow& flow = flows_[slot];
      const std::size_t i_hop = hop_of(link);
      const double load = flow.route.hops()[i_hop].load;
      if (member_of_[slot] == none) {
        share.left -= load * flow.rate;
      } else {
        share.weight += load * flow.weight;
        ++share.growing;
      }
      link = flow.next[i_hop];
    }
    share.left = std::max(share.left, 0.0);
    if (share.growing > 0) {
      open_.push_back({share.left / share.weight, share.resource, static_cast<std::uint32_t>(i)});
    }
  }
  caps_.clear();
  for (std::size_t i = 0; i < members_.size(); ++i) {
    members_[i].settled = false;
    const Flow& flow = flows_[members_[i].flow];
    if (flow.cap < infinity) caps_.push_back({flow.cap / flow.weight, flow.sequence, static_cast<std::uint32_t>(i)});
  }
  std::sort(caps_.begin(), caps_.end(), [](const CapLevel& a, const CapLevel& b) {
    return a.level != b.level ? a.level < b.level : a.sequence < b.sequence;
  });

  const auto later = [](const Open& a, const Open& b) {
    return a.level != b.level ? a.level > b.level : a.resource > b.resource;
  };
  std::make_heap(open_.begin(), open_.end(), later);
  std::size_t next_cap = 0;
  std::size_t unsettled = members_.size();
  while (unsettled > 0) {
    // The level at which a resource fills only rises while others stop, so a level of before is a lower bound.
    double level = infinity;
    std::size_t bottleneck = none;
    while (!open_.empty()) {
      std::pop_heap(open_.begin(), open_.end(), later);
      Open& last = open_.back();
      const Share& share = shares_[last.share];
      if (share.growing == 0) {
        open_.pop_back();
        continue;
      }
      last.level = std::max(share.left, 0.0) / share.weight;
      if (open_.size() == 1 || !later(last, open_.front())) {
        level = last.level;
        bottleneck = last.share;
      }
      std::push_heap(open_.begin(), open_.end(), later);
      if (bottleneck != none) break;
    }
    while (next_cap < caps_.size() && members_[caps_[next_cap].member].settled) ++next_cap;
    if (next_cap < caps_.size() && caps_[next_cap].level <= level) {
      const std::size_t member = caps_[next_cap].member;
      settle_member(member, flows_[members_[member].flow].cap, ResourceId::none());
      --unsettled;
    } else if (bottleneck != none) {
      const Resource& resource = resources_[shares_[bottleneck].resource];
      for (Link link = resource.first; link != none;) {
        const FlowSlot slot = slot_of(link);
        const std::uint32_t member = member_of_[slot];
        if (member != none && !members_[member].settled) {
          settle_member(member, level * flows_[slot].weight, ResourceId{shares_[bottleneck].resource});
          --unsettled;
        }
        link = flows_[slot].next[hop_of(link)];
      }
      shares_[bottleneck].left = 0;
    } else {
      for (std::size_t i = 0; i < members_.size(); ++i) {
        if (!members_[i].settled) settle_member(i, infinity, ResourceId::none());
      }
      unsettled = 0;
    }
  }
}

void MaxMin::settle_member(std::size_t member, double rate, ResourceId limit) {
  members_[member].settled = true;
  members_[member].rate = rate;
  members_[member].limit = limit;
  const Flow& flow = flows_[members_[member].flow];
  for (const Hop& h : flow.route.hops()) {
    Share& share = shares_[share_of_[h.resource.value]];
    if (share.growing == 0) continue;
    share.left -= h.load * rate;
    share.weight -= h.load * flow.weight;
    --share.growing;
  }
}

bool MaxMin::find_new_bottlenecks() {
  const std::size_t before = members_.size();
  for (std::size_t i = 0; i < shares_.size(); ++i) {
    const double capacity = allowed(resources_[shares_[i].resource]);
    if (!shares_[i].coupled && capacity < infinity && shares_[i].left <= rate_tolerance * capacity) couple(i);
  }
  return members_.size() > before;
}

void MaxMin::limit_changed(Flow& flow, ResourceId limit) const {
  if (now_ - flow.limited_since > flow.longest) {
    flow.longest = now_ - flow.limited_since;
    flow.longest_limit = flow.limit;
  }
  flow.limit = limit;
  flow.limited_since = now_;
}

void MaxMin::apply() {
  for (const Member& member : members_) {
    member_of_[member.flow] = none;
    if (flows_[member.flow].limit != member.limit) limit_changed(edit(member.flow), member.limit);
    if (flows_[member.flow].rate == member.rate) continue;
    Flow& flow = edit(member.flow);
    assert(member.rate < infinity || flow.remaining < infinity);
    if (now_ > flow.since)
      flow.remaining = std::max(0.0, flow.remaining - flow.rate * (now_ - flow.since).to_seconds());
    flow.since = now_;
    flow.rate = member.rate;
    const bool ends = flow.remaining < infinity && flow.rate > 0;
    const Time end = ends ? now_ + Duration::from_seconds(flow.remaining / flow.rate) : Time::never();
    set_timer(calendar_, flow.timer, end, entry(flow_done, member.flow));
  }
  members_.clear();
  for (const Share& share : shares_) {
    share_of_[share.resource] = none;
    const double capacity = allowed(resources_[share.resource]);
    const bool tight = capacity < infinity && share.left <= rate_tolerance * capacity;
    if (resources_[share.resource].tight != tight) edit_resource(share.resource).tight = tight;
    if (!resources_[share.resource].credit.limited()) continue;
    Resource& resource = edit_resource(share.resource);
    resource.credit.use(capacity < infinity ? capacity - share.left : used(resource));
    set_timer(calendar_, resource.timer, resource.credit.empty_at(), entry(credit_empty, share.resource));
  }
  shares_.clear();
}

Time MaxMin::rested_at(const MaxMin& resting) const {
  assert(flows() == 0);
  Time at = now_;
  for (const std::uint32_t index : touched_resources_) {
    const CreditAccount& credit = resources_[index].credit;
    if (credit.limited()) at = std::max(at, credit.reaches_at(resting.resources_[index].credit.level));
  }
  return at;
}

// ---- copies ----

void MaxMin::restore(const MaxMin& resting) {
  now_ = resting.now_;
  if (touched_flows_.empty() && touched_resources_.empty()) return;
  for (const FlowSlot slot : touched_flows_) {
    flow_touched_[slot] = 0;
    if (slot < resting.flows_.size()) flows_[slot] = resting.flows_[slot];
  }
  touched_flows_.clear();
  flows_.resize(resting.flows_.size());
  flow_touched_.resize(resting.flows_.size());
  member_of_.resize(resting.flows_.size());
  for (const std::uint32_t index : touched_resources_) {
    resource_touched_[index] = 0;
    resources_[index] = resting.resources_[index];
  }
  touched_resources_.clear();
  free_ = resting.free_;
  sequence_ = resting.sequence_;
  ended_ = resting.ended_;
  rates_computed_ = resting.rates_computed_;
  calendar_ = resting.calendar_;
  ready_ = resting.ready_;
  changed_flows_ = resting.changed_flows_;
  changed_resources_ = resting.changed_resources_;
}

}  // namespace nines::models::fabric
