// What changes of a Kafka cluster whose metadata is in ZooKeeper, beside what every cluster has.
//
// Of ZooKeeper's tree only what decides is kept: which brokers have registered, in which session, and who is the
// controller. States of partitions are those of the controller's decisions (PartitionRecord): nobody else writes them.
#pragma once

#include <cstdint>
#include <vector>

#include "models/units.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::kafka::zk {

/// Events that the controller's one thread takes one after the other (ControllerEventManager).
enum class Task : std::uint8_t {
  load,           ///< a new controller reads everything
  broker_lost,    ///< a broker's registration is gone, or another's: leaders move
  isr_shrinks,    ///< goes on with the partitions that it followed
  broker_joined,  ///< a broker has registered
  shutdown,       ///< a broker asks to be let go
  rebalance,      ///< leaders return to preferred replicas
};

struct Job {
  Task task = Task::load;
  std::uint16_t broker = 0;
  bool begun = false;  ///< then `left` is known
  bool found = false;  ///< its broker was gone already when a new controller looked
  Duration left;
};

struct Broker {
  bool registered = true;          ///< /brokers/ids/N is there
  std::uint32_t session = 1;       ///< in which it was made
  std::uint32_t seen_session = 1;  ///< the same as the controller has taken note of it
  bool losing = false;             ///< a job `broker_lost` is in the queue
  bool joining = false;            ///< a job `broker_joined` is in the queue
  sim::TimerId register_timer;     ///< pending RegistrationTried
  sim::TimerId stand_timer;        ///< pending ControllerTried
  sim::TimerId connect_timer;      ///< of a start: pending ConnectionTimedOut
  std::uint32_t heard_epoch = 1;   ///< of the newest controller that it has heard
  // Requests of the controller to it.
  bool unsent = false;  ///< one has not got through
  bool silent = false;  ///< nobody answered; else it was refused
  sim::Time unsent_since;
  std::uint8_t shutdown_tries = 0;
  bool shutdown_asked = false;  ///< a job `shutdown` is in the queue
};

struct State {
  std::vector<Broker> brokers;
  std::uint16_t holder = 0xFFFF;  ///< who has made /controller; nobody: it is not there
  std::uint32_t holder_session = 0;
  std::uint32_t epoch = 1;  ///< /controller_epoch
  std::vector<Job> jobs;    ///< the first is under way
  sim::TimerId job_timer;   ///< while the controller gets on with it
  bool unseen = false;      ///< registrations have changed while the controller could not hear of it
};

}  // namespace nines::models::kafka::zk
