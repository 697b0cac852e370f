// The seed's design as values, without files: 3 zones, 3 machines, 3 brokers, 3 controllers, Kafka 3.9.
#pragma once

#include <variant>

#include "models/kafka/parameters.hpp"
#include "models/topology.hpp"

namespace nines::models::testing {

/// Three zones of us-west-2, one r8g.4xlarge each; brokers kafka/broker-0..2 and controllers kafka/controller-3..5 on
/// gp3; topics my-topic and my-topic-reversed of 12 partitions, RF 3, min.insync.replicas 2; one client in the region;
/// SLIs write, write-acks1, read, visible over all partitions. Every parameter is set, from the fact sheets.
Topology small_topology();

/// Parameters of the parts, for tests that build their own topology. What is set replaces what `p` holds; all is
/// (tests/models/small_topology_test.cpp).
infrastructure::Parameters aws_parameters(infrastructure::Parameters p = {});
kubernetes::Parameters kubernetes_parameters(kubernetes::Parameters p = {});  ///< Kubernetes 1.31
kafka::BrokerParameters broker_parameters(kafka::BrokerParameters p = {});    ///< Kafka 3.9
kafka::CruiseControlParameters cruise_control_parameters(kafka::CruiseControlParameters p = {});
kafka::ClientParameters client_parameters(kafka::ClientParameters p = {});  ///< Java client 3.9
people::Parameters people_parameters(people::Parameters p = {});
faults::Parameters change_parameters(faults::Parameters p = {});
economics::Prices us_west_2_prices(economics::Prices p = {});
/// No event of the group happens by itself: every rate is 0.
template <class Group>
void without_rates(Group& group) {
  for (const Parameter<Group>& parameter : Group::table()) {
    if (const auto* rate = std::get_if<Rate Group::*>(&parameter.field)) group.** rate = Rate{};
  }
}
/// Changes and people never go wrong by themselves.
void without_changes(Topology& topology);
InstanceType r8g_4xlarge();

}  // namespace nines::models::testing
