// What kinds of services have in common whose processes are a group of readers.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "models/consumer_group/group.hpp"
#include "models/service/kind.hpp"
#include "models/service/settling.hpp"

namespace nines::models::consumer_group {

/// `Own`: the kind's spec, with a list `slis`.
template <class Own>
struct Readers : service::Settling<Number, &context, &settle, &member_started, &member_died, &member_terminating>,
                 service::SlisOf<Own> {
  using Spec = Own;
  static constexpr bool stores = false;
  static constexpr Controller controller = Controller::deployment;

  static bool same_shape(const models::ServicePlan& a, const models::ServicePlan& b) {
    const auto& one = a.own.template as<ServicePlan>();
    const auto& other = b.own.template as<ServicePlan>();
    return one.slis.size() == other.slis.size() && one.partitions.size() == other.partitions.size() &&
           one.units == other.units && a.members == b.members;
  }

  static void initialise(World& world, ServiceId service) { consumer_group::initialise(world, service); }
  static void draw_phases(World& world, ServiceId service) {
    Context c = context(world, service);
    consumer_group::draw_phases(c);
  }
  static bool ready(const World& world, ServiceId service, ProcessId process) {
    return view(world, service).member(Readers::number_of(world, service, process)).started;
  }
  static bool healthy(const World& world, ServiceId service) { return consumer_group::healthy(view(world, service)); }

  static std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view named) {
    const std::string& itself = plan.services[service].name;
    const bool all = named == itself || named == itself + "/members";
    return all ? plan.services[service].members : std::vector<ProcessId>{};
  }
  static std::vector<service::Target> targets(const models::Plan& plan, ServiceId service) {
    return {{plan.services[service].name + "/members", false}};
  }

  /// Members are as good as each other: to be read takes one, to be worked off as many as keep up. Beside that the
  /// parts that are read and written; a group whose coordinator is away reads on.
  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex index) {
    const models::Plan& plan = builder.plan();
    const ServiceId id = plan.slis[index].service;
    const ServicePlan& service = plan_of(plan, id);
    std::vector<structure::Vertex> members;
    for (const ProcessId member : plan.services[id].members) members.push_back(builder.process(member));
    const bool off = service.slis[plan.slis[index].spec].kind == SliKind::consumed;
    const auto all = static_cast<std::uint32_t>(members.size());
    builder.need(vertex, builder.at_least(off ? std::min(service.needed, all) : 1, members));
    const service::Records& source = *plan.services[service.source].kind->records;
    std::vector<service::Part> seen;
    for (const PartitionPlan& partition : service.partitions) {
      if (std::find(seen.begin(), seen.end(), partition.part) == seen.end()) {
        seen.push_back(partition.part);
        builder.need(vertex, source.needs(builder, service.source, partition.part, false));
      }
    }
    if (!service.target.exists()) return;
    const service::Records& target = *plan.services[service.target].kind->records;
    seen.clear();
    for (const PartitionPlan& partition : service.partitions) {
      if (std::find(seen.begin(), seen.end(), partition.target) != seen.end()) continue;
      seen.push_back(partition.target);
      builder.need(vertex, target.needs(builder, service.target, partition.target, true));
    }
  }

  static std::span<const service::Metric> metrics() {
    static constexpr service::Metric exported[] = {
        {"consumer_lag", "records that wait to be read, over all partitions"},
        {"consumer_lag_seconds", "age of the oldest of them"},
        {"members", "members of the group as its coordinator lists them"},
    };
    return exported;
  }
  static service::Reading metric(const World& world, ServiceId service, std::size_t metric) {
    const Context c = view(world, service);
    if (metric == 0) return {lag(c), lag_growth(c)};
    if (metric == 1) return {age(c).to_seconds(), age_growth(c)};
    return {static_cast<double>(listed(c)), 0};
  }

  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const Context c = view(world, service);
    into.push_back({c.itself(), "group", static_cast<std::uint64_t>(c.state.phase), 0, false, c.itself()});
    into.push_back({c.itself(), "generation", c.state.generation, 1, false, c.itself()});
    for (Number i = 0; i < c.members(); ++i) {
      std::uint64_t partitions = 0;
      for (std::size_t p = 0; p < c.state.partitions.size(); ++p) {
        if (c.state.partitions[p].read && c.state.units[c.plan.partitions[p].unit].member == i) ++partitions;
      }
      into.push_back({c.component(i), "reads", partitions, i + std::uint32_t{2}, false, c.component(i)});
    }
  }
  static std::string shown_text(const models::Plan&, ServiceId, const service::Shown& shown) {
    constexpr std::array<std::string_view, phases> words{"empty", "preparing", "completing", "stable"};
    if (shown.item == 0) return std::string(words[shown.value]);
    if (shown.item == 1) return fmt::format("{}", shown.value);
    return fmt::format("{} partitions", shown.value);
  }
};

}  // namespace nines::models::consumer_group
