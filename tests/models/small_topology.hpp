// The seed's design as values, without files: 3 zones, 3 machines, 3 brokers, 3 controllers, Kafka 3.9.
#pragma once

#include "models/kafka/parameters.hpp"
#include "models/topology.hpp"

namespace nines::models::testing {

/// Three zones of us-west-2, one r8g.4xlarge each; brokers kafka/broker-0..2 and controllers kafka/controller-3..5 on
/// gp3; topics my-topic and my-topic-reversed of 12 partitions, RF 3, min.insync.replicas 2; one client in the region;
/// SLIs write, write-acks1, read, visible over all partitions. Every parameter is set, from the fact sheets.
Topology small_topology();

/// Parameters of the parts, for tests that build their own topology.
infrastructure::Parameters aws_parameters();
kubernetes::Parameters kubernetes_parameters();  ///< Kubernetes 1.31
kafka::BrokerParameters broker_parameters();     ///< Kafka 3.9
kafka::ClientParameters client_parameters();     ///< Java client 3.9
people::Parameters people_parameters();
faults::Parameters change_parameters();
/// Changes and people never go wrong by themselves.
void without_changes(Topology& topology);
InstanceType r8g_4xlarge();

}  // namespace nines::models::testing
