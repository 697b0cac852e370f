// Events of a cluster whose metadata is in ZooKeeper.
#pragma once

#include <cstdint>

#include "models/kafka/zk/names.hpp"
#include "sim/event.hpp"

namespace nines::models::kafka {

using Service = std::uint8_t;

/// A broker that starts has got no session in time.
struct ConnectionTimedOut {
  Service service;
  std::uint16_t broker;
  std::uint32_t incarnation;
  static constexpr sim::EventInfo info{"kafka.connection_timed_out", "recover", zk::names::connection_timeout,
                                       "a broker that starts gets no session in time, and exits", true};
};
struct RegistrationTried {
  Service service;
  std::uint16_t broker;
  std::uint32_t incarnation;
  static constexpr sim::EventInfo info{"kafka.registration_tried", "recover", "",
                                       "a broker creates its ephemeral node"};
};
struct RegistrationMade {
  Service service;
  std::uint16_t broker;
  static constexpr sim::EventInfo info{"kafka.registration_made", "recover", "", "a broker has registered", true};
};
/// KafkaZkClient.checkedEphemeralCreate: NODEEXISTS ends the process.
struct RegistrationRefused {
  Service service;
  std::uint16_t broker;
  static constexpr sim::EventInfo info{"kafka.registration_refused", "recover", zk::names::session_timeout,
                                       "the node of the process before is still there: the broker exits", true};
};
struct RegistrationGone {
  Service service;
  std::uint16_t broker;
  static constexpr sim::EventInfo info{"kafka.registration_gone", "detect", zk::names::session_timeout,
                                       "the broker's session has ended: its registration is gone", true};
};
/// The controller hears of it, or of a new one.
struct RegistrationsSeen {
  Service service;
  std::uint32_t epoch;
  static constexpr sim::EventInfo info{"kafka.registrations_seen", "detect", zk::names::reaction,
                                       "the controller hears that registrations have changed"};
};
struct ControllerTried {
  Service service;
  std::uint16_t broker;
  std::uint32_t incarnation;
  static constexpr sim::EventInfo info{"kafka.controller_tried", "decide", zk::names::reaction,
                                       "a broker tries to become the controller"};
};
struct ControllerCreated {
  Service service;
  std::uint16_t broker;
  static constexpr sim::EventInfo info{"kafka.controller_created", "decide", zk::names::reaction,
                                       "a broker is first to create /controller", true};
};
struct ControllerGone {
  Service service;
  std::uint16_t broker;
  static constexpr sim::EventInfo info{"kafka.controller_gone", "detect", zk::names::session_timeout,
                                       "the controller's session has ended: /controller is gone", true};
};
struct JobDone {
  Service service;
  std::uint32_t epoch;
  static constexpr sim::EventInfo info{"kafka.controller_job", "decide", zk::names::partition_write,
                                       "the controller has done the next thing in its queue"};
};
struct ControllerReady {
  Service service;
  std::uint16_t broker;
  static constexpr sim::EventInfo info{"kafka.controller_ready", "decide", zk::names::partition_read,
                                       "the new controller has read everything, and acts", true};
};
struct BrokerRemoved {
  Service service;
  std::uint16_t broker;
  static constexpr sim::EventInfo info{"kafka.broker_removed", "decide", zk::names::partition_write,
                                       "the controller has moved the leaderships of a broker that is gone", true};
};
struct BrokerJoined {
  Service service;
  std::uint16_t broker;
  static constexpr sim::EventInfo info{"kafka.broker_joined", "recover", zk::names::reaction,
                                       "the controller takes a broker in", true};
};
/// LeaderAndIsr and UpdateMetadata.
struct ControlRequestArrived {
  Service service;
  std::uint16_t broker;
  std::uint32_t incarnation;
  std::uint32_t version;
  std::uint32_t epoch;
  static constexpr sim::EventInfo info{"kafka.leader_and_isr", "propagate", "kafka.metadata_apply",
                                       "a broker acts on what the controller has sent it", true};
};
struct ShutdownTried {
  Service service;
  std::uint16_t broker;
  std::uint32_t incarnation;
  bool failed;  ///< nobody has answered the try before
  static constexpr sim::EventInfo info{"kafka.controlled_shutdown_tried", "act", "controlled.shutdown.retry.backoff.ms",
                                       "a stopping broker asks the controller to move its leaderships"};
};

}  // namespace nines::models::kafka
