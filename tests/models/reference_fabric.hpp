// The obvious fabric, as the twin of the native one: at every change it fills all resources from scratch in extended
// precision, and walks all flows to find what comes next. Shares no code with it but the vocabulary.
#pragma once

#include "models/fabric/fabric.hpp"

namespace nines::tests {

namespace fabric = models::fabric;
using fabric::Time;

class ReferenceFabric final : public fabric::Fabric {
 public:
  fabric::ResourceId add(const fabric::ResourceSpec& spec) override;
  fabric::FlowId start(Time now, const fabric::FlowSpec& spec) override;
  bool cancel(Time now, fabric::FlowId flow) override;
  void set_cap(Time now, fabric::FlowId flow, models::Bandwidth cap) override;
  void set_weight(Time now, fabric::FlowId flow, double weight) override;
  void set_capacity(Time now, fabric::ResourceId resource, models::Bandwidth capacity) override;
  void set_condition(Time now, fabric::ResourceId resource, fabric::Condition condition) override;
  Time next_change() override;
  void go_to(Time now) override { move(now); }
  void advance(Time now, std::vector<fabric::Ending>& endings) override;
  [[nodiscard]] bool running(fabric::FlowId flow) const override { return flows_[flow.slot].alive; }
  models::Bandwidth rate(fabric::FlowId flow) override { return {static_cast<double>(flows_[flow.slot].rate)}; }
  models::Bytes remaining(fabric::FlowId flow) override { return {static_cast<double>(flows_[flow.slot].remaining)}; }
  models::Bandwidth usage(fabric::ResourceId resource) override { return {static_cast<double>(used(resource.value))}; }
  models::Bytes credit(fabric::ResourceId resource) override {
    return {static_cast<double>(resources_[resource.value].level)};
  }
  using Fabric::latency;
  [[nodiscard]] models::Duration latency(fabric::ResourceId resource) const override {
    return resources_[resource.value].spec.latency;
  }

 private:
  struct Resource {
    fabric::ResourceSpec spec;
    fabric::Condition condition = fabric::Condition::works;
    long double level = 0;
    bool empty = false;  ///< its credit ran out and nothing was earned since
  };
  struct Flow {
    fabric::FlowSpec spec;
    bool alive = true;
    Time moves_at;
    long double remaining = 0;
    long double rate = 0;
    Time ends_at;  ///< to the nanosecond, as long as its rate stays
  };

  [[nodiscard]] long double used(std::size_t resource) const;
  [[nodiscard]] long double limit(std::size_t resource) const;
  [[nodiscard]] Time empty_at(std::size_t resource) const;
  void move(Time now);
  void fill();
  void end(std::size_t flow, fabric::Outcome outcome);

  Time now_;
  std::vector<Resource> resources_;
  std::vector<Flow> flows_;
  std::vector<fabric::Ending> ready_;
};

}  // namespace nines::tests
