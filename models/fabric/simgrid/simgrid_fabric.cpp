#include "models/fabric/simgrid/simgrid_fabric.hpp"

#include <algorithm>
#include <cmath>
#include <simgrid/kernel/resource/Action.hpp>
#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/kernel/routing/NetPoint.hpp>
#include <simgrid/kernel/routing/NetZoneImpl.hpp>
#include <simgrid/s4u.hpp>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "models/fabric/credit_account.hpp"
#include "sim/event_queue.hpp"

namespace nines::models::fabric {
namespace {

namespace sg = simgrid;
using Action = sg::kernel::resource::Action;

constexpr double infinity = std::numeric_limits<double>::infinity();
// SimGrid needs numbers: more than any link or flow has.
constexpr double endless_bandwidth = 1e15;
constexpr double endless_bytes = 1e30;
// Seconds, and relative to a capacity. Far below the 1e-6 to which both fabrics are held.
constexpr double precision = 1e-9;

/// A zone whose only route is that of the flow that is being started. SimGrid asks once, at the start.
class RouteOfTheMoment final : public sg::kernel::routing::NetZoneImpl {
 public:
  RouteOfTheMoment() : NetZoneImpl("fabric") {}
  std::vector<sg::kernel::resource::StandardLinkImpl*> links;
  double latency_s = 0;

 private:
  void get_local_route(const sg::kernel::routing::NetPoint* from, const sg::kernel::routing::NetPoint* to,
                       sg::kernel::routing::Route* into, double* latency) override {
    if (from->get_name() > to->get_name()) return;  // the way back, for acknowledgements: over no shared link
    into->link_list_.insert(into->link_list_.end(), links.begin(), links.end());
    if (latency != nullptr) *latency += latency_s;
  }
};

class SimGridFabric final : public Fabric {
 public:
  explicit SimGridFabric(SimGridModel model);
  ~SimGridFabric() override;
  SimGridFabric(const SimGridFabric&) = delete;
  SimGridFabric& operator=(const SimGridFabric&) = delete;

  ResourceId add(const ResourceSpec& spec) override;
  FlowId start(Time now, const FlowSpec& spec) override;
  bool cancel(Time now, FlowId flow) override;
  void set_cap(Time now, FlowId flow, Bandwidth cap) override;
  void set_weight(Time now, FlowId flow, double weight) override;
  void set_capacity(Time now, ResourceId resource, Bandwidth capacity) override;
  void set_condition(Time now, ResourceId resource, Condition condition) override;
  void go_to(Time now) override;
  Time next_change() override;
  void advance(Time now, std::vector<Ending>& endings) override;
  [[nodiscard]] bool running(FlowId flow) const override;
  Bandwidth rate(FlowId flow) override;
  Bytes remaining(FlowId flow) override;
  Bandwidth usage(ResourceId resource) override;
  Bytes credit(ResourceId resource) override { return {resources_[resource.value].credit.level_at(now_)}; }
  using Fabric::latency;
  [[nodiscard]] Duration latency(ResourceId resource) const override { return resources_[resource.value].latency; }

  /// SimGrid says that the state of an action changed.
  void action_changed(const void* action);

 private:
  enum CalendarKind : sim::EventKind { wait_over, credit_empty };

  struct Resource {
    double capacity = 0;
    Condition condition = Condition::works;
    double set = 0;  ///< what SimGrid was told
    Duration latency;
    CreditAccount credit;
    sim::TimerId timer;
    sg::s4u::Link* link = nullptr;
  };
  struct Flow {
    FlowSpec spec;
    bool alive = false;
    bool suspended = false;
    std::uint32_t generation = 0;
    std::uint64_t sequence = 0;
    sim::TimerId timer;
    Action* action = nullptr;  ///< none while it waits
    sg::s4u::CommPtr comm;
  };

  [[nodiscard]] double allowed(const Resource& resource) const {
    return resource.condition == Condition::works ? resource.credit.allowed(resource.capacity) : 0;
  }
  [[nodiscard]] bool held(const Flow& flow) const;
  void changed() { solved_ = false; }
  void solve();
  void begin(std::uint32_t slot);
  void hold_or_go(Flow& flow);
  void bound(Flow& flow) const;
  void end(std::uint32_t slot, Outcome outcome);
  void release(std::uint32_t slot);
  void stop(std::uint32_t slot);

  SimGridModel model_;
  Time now_;
  bool solved_ = true;
  double simgrid_next_s_ = -1;  ///< until SimGrid's next event, from its clock on; negative: none
  RouteOfTheMoment* zone_ = nullptr;
  sg::s4u::Host* from_ = nullptr;
  sg::s4u::Host* to_ = nullptr;
  sg::kernel::resource::Model* network_ = nullptr;
  std::vector<Resource> resources_;
  std::vector<Flow> flows_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> live_;                         ///< by sequence
  std::unordered_map<const void*, std::uint32_t> slot_of_;  ///< by action; looked up only
  std::uint64_t sequence_ = 0;
  std::vector<sg::s4u::CommPtr> buried_;  ///< ended; SimGrid still has to tidy up behind them
  sim::EventQueue calendar_;
  std::vector<std::pair<std::uint64_t, Ending>> ready_;
};

SimGridFabric* the_fabric = nullptr;

sg::s4u::Engine& engine(SimGridModel model) {
  if (sg::s4u::Engine::has_instance()) return *sg::s4u::Engine::get_instance();
  static std::string name = "nines";
  static std::array<char*, 2> arguments{name.data(), nullptr};
  static int count = 1;
  auto* instance = sg::s4u::Engine::get_instance(&count, arguments.data());
  using sg::s4u::Engine;
  Engine::set_config("surf/precision", precision);
  Engine::set_config("maxmin/precision", precision);
  if (model == SimGridModel::max_min) {
    Engine::set_config("network/model", std::string("CM02"));
    Engine::set_config("network/crosstraffic", false);
    Engine::set_config("network/TCP-gamma", 0.0);
  }
  sg::s4u::Link::on_communication_state_change_cb([](const sg::kernel::resource::NetworkAction& action, Action::State) {
    // Its header is not installed; it derives from Action alone, so the addresses are the same.
    if (the_fabric != nullptr) the_fabric->action_changed(&action);
  });
  return *instance;
}

SimGridFabric::SimGridFabric(SimGridModel model) : model_(model) {
  sg::s4u::Engine& instance = engine(model);
  if (instance.get_netzone_root() != nullptr) {
    throw std::logic_error("SimGrid has one engine a process, and it has been used");
  }
  zone_ = new RouteOfTheMoment;  // the engine's root from here on, which it frees
  from_ = zone_->get_iface()->create_host("a", 1e9);
  to_ = zone_->get_iface()->create_host("b", 1e9);
  for (auto* candidate : instance.get_all_models()) {
    if (candidate->get_name().starts_with("Network")) network_ = candidate;
  }
  the_fabric = this;
}

SimGridFabric::~SimGridFabric() { the_fabric = nullptr; }

ResourceId SimGridFabric::add(const ResourceSpec& spec) {
  assert(sequence_ == 0);
  Resource resource;
  resource.capacity = spec.capacity.bytes_per_s;
  resource.latency = spec.latency;
  resource.credit.baseline = spec.credit.baseline.bytes_per_s;
  resource.credit.size = spec.credit.size.count;
  resource.credit.level = spec.credit.level.count;
  if (resource.credit.limited()) resource.credit.use(0);
  resource.set = std::min(allowed(resource), endless_bandwidth);
  if (!(resource.set > 0)) resource.set = 1;  // flows over it are suspended
  resource.link = zone_->get_iface()->create_link(std::to_string(resources_.size()), resource.set);
  resource.link->set_latency(model_ == SimGridModel::tcp ? spec.latency.to_seconds() : 0)->seal();
  resources_.push_back(resource);
  return ResourceId::of(resources_.size() - 1);
}

bool SimGridFabric::held(const Flow& flow) const {
  if (flow.spec.cap.bytes_per_s <= 0) return true;
  const auto hops = flow.spec.route.hops();
  return std::any_of(hops.begin(), hops.end(),
                     [&](const Hop& hop) { return !(allowed(resources_[hop.resource.value]) > 0); });
}

void SimGridFabric::bound(Flow& flow) const {
  if (model_ == SimGridModel::tcp) return;
  const double cap = flow.spec.cap.bytes_per_s;
  flow.action->set_bound(cap > 0 && cap < infinity ? cap : -1);
}

void SimGridFabric::hold_or_go(Flow& flow) {
  if (flow.action == nullptr) return;
  const bool hold = held(flow);
  if (hold == flow.suspended) return;
  flow.suspended = hold;
  if (hold) {
    flow.action->suspend();
  } else {
    // SimGrid looks for what a resumed action shares from its first link on, but not if that link has changed already:
    // let no change be pending.
    network_->next_occurring_event(sg::s4u::Engine::get_clock());
    flow.action->set_last_update();  // else SimGrid counts the pause as moved at the rate before it
    flow.action->set_last_value(0);
    flow.action->resume();
  }
}

// The flow's bytes begin to move.
void SimGridFabric::begin(std::uint32_t slot) {
  Flow& flow = flows_[slot];
  zone_->links.clear();
  zone_->latency_s = 0;
  for (const Hop& hop : flow.spec.route.hops()) {
    const Resource& resource = resources_[hop.resource.value];
    assert(hop.load == std::floor(hop.load) && "SimGrid knows whole loads only");
    for (double load = 0; load < hop.load; ++load) zone_->links.push_back(resource.link->get_impl());
    if (model_ == SimGridModel::tcp) zone_->latency_s += resource.latency.to_seconds();
  }
  assert(!zone_->links.empty());
  const double bytes = std::min(flow.spec.bytes.count, endless_bytes);
  flow.comm = sg::s4u::Comm::sendto_init(from_, to_);
  flow.comm->set_payload_size(1);  // a whole number there; the true size is set below
  if (model_ == SimGridModel::tcp && flow.spec.cap.bytes_per_s < infinity) {
    flow.comm->set_rate(flow.spec.cap.bytes_per_s);
  }
  flow.comm->detach();  // starts it; nobody waits for it
  flow.action = &network_->get_started_action_set()->back();
  flow.action->set_cost(bytes);
  flow.action->set_remains(bytes);
  flow.suspended = false;
  slot_of_[flow.action] = slot;
  if (model_ == SimGridModel::max_min) flow.action->set_sharing_penalty(1 / flow.spec.weight);
  bound(flow);
  hold_or_go(flow);
  changed();
}

void SimGridFabric::release(std::uint32_t slot) {
  Flow& flow = flows_[slot];
  calendar_.cancel(flow.timer);
  if (flow.action != nullptr) slot_of_.erase(flow.action);
  flow.action = nullptr;
  if (flow.comm != nullptr) buried_.push_back(std::move(flow.comm));
  flow.comm = nullptr;
  flow.alive = false;
  ++flow.generation;
  free_.push_back(slot);
  live_.erase(std::find(live_.begin(), live_.end(), slot));
  changed();
}

void SimGridFabric::end(std::uint32_t slot, Outcome outcome) {
  const Flow& flow = flows_[slot];
  ready_.push_back({flow.sequence, {{slot, flow.generation}, flow.spec.owner, outcome, flow.spec.cause}});
  release(slot);
}

void SimGridFabric::action_changed(const void* action) {
  const auto found = slot_of_.find(action);
  if (found == slot_of_.end()) return;
  const Action::State state = flows_[found->second].action->get_state();
  if (state == Action::State::FINISHED) end(found->second, Outcome::done);
  if (state == Action::State::FAILED) end(found->second, Outcome::broken);
}

FlowId SimGridFabric::start(Time now, const FlowSpec& spec) {
  go_to(now);
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(flows_.size()));
    flows_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  Flow& flow = flows_[slot];
  flow.spec = spec;
  flow.alive = true;
  flow.sequence = sequence_++;
  live_.push_back(slot);
  const FlowId id{slot, flow.generation};
  const auto hops = spec.route.hops();
  if (std::any_of(hops.begin(), hops.end(),
                  [&](const Hop& hop) { return resources_[hop.resource.value].condition == Condition::breaks; })) {
    end(slot, Outcome::broken);
  } else if (model_ == SimGridModel::max_min && spec.latency > Duration()) {
    flow.timer =
        calendar_.schedule(now + spec.latency, sim::Priority::state, sim::pack(wait_over, sim::no_cause, slot));
  } else {
    begin(slot);
  }
  return id;
}

bool SimGridFabric::cancel(Time now, FlowId id) {
  go_to(now);
  if (running(id)) {
    stop(id.slot);
    return true;
  }
  return std::erase_if(ready_, [&](const auto& entry) { return entry.second.flow == id; }) > 0;
}

void SimGridFabric::set_cap(Time now, FlowId id, Bandwidth cap) {
  go_to(now);
  Flow& flow = flows_[id.slot];
  flow.spec.cap = cap;
  if (flow.action == nullptr) return;
  bound(flow);
  hold_or_go(flow);
  changed();
}

void SimGridFabric::set_weight(Time now, FlowId id, double weight) {
  go_to(now);
  Flow& flow = flows_[id.slot];
  flow.spec.weight = weight;
  if (flow.action == nullptr || model_ == SimGridModel::tcp) return;
  if (flow.suspended) {
    flow.action->set_sharing_penalty_no_update(1 / weight);
  } else {
    flow.action->set_sharing_penalty(1 / weight);
  }
  changed();
}

void SimGridFabric::set_capacity(Time now, ResourceId id, Bandwidth capacity) {
  go_to(now);
  resources_[id.value].capacity = capacity.bytes_per_s;
  changed();
}

void SimGridFabric::set_condition(Time now, ResourceId id, Condition condition) {
  go_to(now);
  Resource& resource = resources_[id.value];
  if (resource.condition == Condition::breaks && condition != Condition::breaks) resource.link->turn_on();
  const bool breaks = condition == Condition::breaks && resource.condition != Condition::breaks;
  resource.condition = condition;
  changed();
  if (!breaks) return;
  std::vector<std::uint32_t> waiting;
  for (const std::uint32_t slot : live_) {
    const auto hops = flows_[slot].spec.route.hops();
    if (std::none_of(hops.begin(), hops.end(), [&](const Hop& hop) { return hop.resource == id; })) continue;
    if (flows_[slot].action == nullptr) {
      waiting.push_back(slot);
    } else {
      flows_[slot].action->suspend();  // it would keep its share until SimGrid's next event
    }
  }
  resource.link->turn_off();  // SimGrid fails the communications on it and says so
  for (const std::uint32_t slot : waiting) end(slot, Outcome::broken);
}

void SimGridFabric::stop(std::uint32_t slot) {
  const sg::s4u::CommPtr comm = flows_[slot].comm;
  Action* action = flows_[slot].action;
  release(slot);
  if (comm == nullptr) return;
  action->suspend();  // it would keep its share until SimGrid's next event
  comm->cancel();
}

void SimGridFabric::solve() {
  if (solved_) return;
  solved_ = true;
  for (Resource& resource : resources_) {
    if (resource.credit.limited()) resource.credit.settle(now_);
    const double capacity = std::min(allowed(resource), endless_bandwidth);
    if (capacity > 0 && capacity != resource.set) {
      resource.link->set_bandwidth(capacity);
      resource.set = capacity;
    }
  }
  for (const std::uint32_t slot : live_) hold_or_go(flows_[slot]);
  simgrid_next_s_ = network_->next_occurring_event(sg::s4u::Engine::get_clock());
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    Resource& resource = resources_[i];
    if (!resource.credit.limited()) continue;
    resource.credit.use(resource.link->get_usage());
    calendar_.cancel(resource.timer);
    const Time at = resource.credit.empty_at();
    if (at == Time::never()) continue;
    resource.timer = calendar_.schedule(at, sim::Priority::state,
                                        sim::pack(credit_empty, sim::no_cause, static_cast<std::uint32_t>(i)));
  }
}

void SimGridFabric::go_to(Time now) {
  assert(now >= now_);
  if (now > now_) {
    solve();
    now_ = now;
    const double target = now.to_seconds();
    const double close = 1e-15 * (1 + target);
    while (target - sg::s4u::Engine::get_clock() > close) {
      sg::s4u::Engine::get_instance()->run_until(target);
      changed();
    }
    buried_.clear();
  }
  while (calendar_.next_time() <= now) {
    const sim::Event event = calendar_.pop();
    const auto index = event.as<std::uint32_t>();
    if (event.kind == wait_over) {
      begin(index);
    } else {
      resources_[index].credit.settle(now);
      resources_[index].credit.level = 0;
      changed();
    }
  }
}

Time SimGridFabric::next_change() {
  if (!ready_.empty()) return now_;
  solve();
  if (!ready_.empty()) return now_;
  Time next = calendar_.next_time();
  if (simgrid_next_s_ >= 0) {
    // Not before SimGrid's event, so that it has happened then.
    const double at_ns = std::ceil((sg::s4u::Engine::get_clock() + simgrid_next_s_) * 1e9);
    if (at_ns < 9e18) {
      const Time at = Time::from_count(static_cast<std::int64_t>(at_ns));
      next = std::min(next, std::max(at, now_ + Duration::nanoseconds(1)));
    }
  }
  return next;
}

void SimGridFabric::advance(Time now, std::vector<Ending>& endings) {
  go_to(now);
  std::sort(ready_.begin(), ready_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [sequence, ending] : ready_) endings.push_back(ending);
  ready_.clear();
}

bool SimGridFabric::running(FlowId id) const {
  return id.slot < flows_.size() && flows_[id.slot].alive && flows_[id.slot].generation == id.generation;
}

Bandwidth SimGridFabric::rate(FlowId id) {
  solve();
  const Flow& flow = flows_[id.slot];
  return {flow.action == nullptr || flow.suspended ? 0 : flow.action->get_rate()};
}

Bytes SimGridFabric::remaining(FlowId id) {
  Flow& flow = flows_[id.slot];
  if (flow.action == nullptr || flow.spec.bytes == unbounded) return flow.spec.bytes;
  solve();
  return {flow.action->get_remains()};
}

Bandwidth SimGridFabric::usage(ResourceId id) {
  solve();
  return {resources_[id.value].link->get_usage()};
}

}  // namespace

std::unique_ptr<Fabric> make_simgrid_fabric(SimGridModel model) { return std::make_unique<SimGridFabric>(model); }

}  // namespace nines::models::fabric
