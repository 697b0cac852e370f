// What changes in a RabbitMQ service. Values only: copying it forks the service.
//
// In health nothing of it is an event. Heartbeats, net ticks and polls are grids; who falls silent is worked out when
// reachability changes. Messages published are a rate; the logs of quorum queues have got them when somebody looks.
#pragma once

#include <vector>

#include "models/rabbitmq/autoheal.hpp"
#include "models/rabbitmq/delivery.hpp"
#include "models/rabbitmq/plan.hpp"
#include "models/rabbitmq/ra/machine.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::rabbitmq {

/// How far a node's broker is.
enum class Stage : std::uint8_t {
  down,   ///< no process
  boots,  ///< its virtual machine runs, its broker starts
  waits,  ///< for tables of another node, or for a majority of the metadata store
  runs,
  paused,    ///< partition handling has stopped the broker, not the virtual machine
  restarts,  ///< the same of the losers of autoheal, until they start again
};

struct Node {
  Stage stage = Stage::runs;
  bool listens = true;         ///< clients can connect; after its queues have been recovered
  bool frozen = false;         ///< its process stands still
  bool leaving = false;        ///< it got SIGTERM and waits for what the operator checks
  bool draining = false;       ///< it stops
  bool waits_for_all = false;  ///< paused until all nodes are back, not until a majority is
  bool behind = false;         ///< it came back, and some replica of it has not caught up
  bool away = false;           ///< it stood still or was cut off, and its replicas do not follow yet
  bool blank = false;          ///< its disk was lost: its replicas are to be added anew
  bool memory_alarm = false;
  bool disk_alarm = false;
  std::uint32_t life = 0;
  sim::Time closed;        ///< of a process that is gone: its connections
  NodeSet saw_end = 0;     ///< brokers that it saw end while it ran, and that have not come back since
  Duration net_phase;      ///< of its net ticks
  Duration poll_phase;     ///< of its looks for silent nodes
  sim::Time pings_from;    ///< from here on it looks for others that it misses, one after the other
  sim::Time looked;        ///< paused: it has looked for all, and sees whether it may go on
  sim::Time froze;         ///< it stood still from then on
  sim::Time woke;          ///< it went on after it had stood still
  bool stopped = false;    ///< restarts: its broker has
  bool may_start = false;  ///< restarts: it has been told so
  autoheal::Healer healer;
  sim::TimerId timer;  ///< of its stage
  sim::TimerId memory_timer;
  sim::TimerId disk_timer;
};

/// How one node sees another.
struct Link {
  bool up = true;                               ///< connected
  bool suspected = false;                       ///< by the detector of quorum queues
  bool missed = false;                          ///< it went down while both ran, and neither broker started since
  bool partitioned = false;                     ///< Mnesia has told the observer so, on contact
  std::uint32_t life = 0;                       ///< of the other when they connected
  sim::Time silent_since = sim::Time::never();  ///< connected, and nothing comes
  bool cut = false;                             ///< because packets do not get through
  bool dark = false;                            ///< down, after silence: to look for it takes its time
  sim::Time resumes;                            ///< packets get through again: TCP tries then
  sim::TimerId resume_timer;
  sim::TimerId net_timer;
  sim::TimerId closed_timer;
  sim::TimerId poll_timer;
  sim::TimerId ping_timer;
};

/// A replica of a quorum queue.
struct Replica {
  ra::Node machine;
  ra::Stable disk;
  NodeSet watched = 0;   ///< members whose end it is told of
  bool syncing = false;  ///< its term and vote are on their way to the disk: it stands meanwhile
  bool due = false;      ///< its timer ran out while its node stood still
  bool level = true;     ///< gets entries as they come, without events
  bool kept = true;      ///< it was level, and its connection to its leader stands since: what it lacks is under way
  bool blank = false;    ///< its disk was lost: it waits to be added anew
  bool removed = false;  ///< it is no member meanwhile
  bool sought = false;   ///< its leader has sent to it since they met
  bool dormant = false;  ///< asks for votes that can come to nothing, again and again: no event
  std::uint32_t life = 0;
  sim::Time ticks_from = sim::Time::never();  ///< of a leader: its ticks come each interval from then on
  sim::TimerId tick_timer;                    ///< of a leader: a tick at which it sends something
  sim::TimerId timer;
  sim::TimerId vote_timer;
  sim::TimerId write_timer;
  ra::EntryId being_written;
  bool write_again = false;
  std::vector<ra::Message> held;  ///< until the vote is on the disk
  std::vector<ra::Input> inbox;   ///< the same
};

/// A classic queue's process on a node.
struct Copy {
  bool runs = false;
  Number master = nobody;  ///< itself, or whom it mirrors
  bool copies = false;     ///< it takes the whole queue, which is blocked meanwhile
  double missing = 0;      ///< messages of the queue that it lacks
  double fresh = 0;        ///< of a master: messages that it alone has since there is another master
  std::uint32_t joined = 0;
};

/// A consumer over one channel, as its queue knows it.
struct Subscriber {
  std::uint32_t number = 0;  ///< among those of its queue
  std::uint16_t access = 0;
  Number node = 0;                            ///< of its channel
  std::uint32_t life = 0;                     ///< of that node
  Number master = nobody;                     ///< of a classic queue: whose process knows it
  std::uint32_t process = 0;                  ///< which of the queue's it was
  bool left = false;                          ///< the consumer has given the connection up
  bool ended = false;                         ///< its node knows that it is gone
  sim::Time lost_since = sim::Time::never();  ///< its queue has no connection to its node
  sim::TimerId timer;                         ///< its node closes the connection
  sim::TimerId lost_timer;                    ///< its queue waits no longer
};

/// What a consumer holds that is not served, until it goes on or its queue hears that it is gone.
struct Held : Subscriber {
  double worked_on = 0;  ///< messages of it that would be in no backlog
  delivery::Batches messages;
  sim::Time since;
};

/// A consumer of a queue that sends to one at a time.
struct Subscription : Subscriber {
  bool active = false;
  bool suspected = false;  ///< its queue has lost the connection to its node
};

/// A stream's writer, or a replica of it, on a node.
struct StreamMember {
  bool exists = false;
  bool runs = false;
  bool gets = true;              ///< what the writer writes, as far as anybody has looked
  std::uint32_t epoch = 0;       ///< in which it was started
  std::uint32_t written_in = 0;  ///< of the last that its log has
  double tail = 0;               ///< messages in its log since the beginning, of those that were confirmed
  double flow = 0;               ///< messages per second that it wrote when last it wrote any
  sim::Time flowed_at;
};
/// What the coordinator does about a stream.
enum class StreamStage : std::uint8_t {
  runs,    ///< it has a writer
  stops,   ///< members are stopped, and say what they have
  starts,  ///< a new writer was chosen, and starts
};

struct Queue {
  std::vector<Replica> replicas;  ///< by node; of quorum queues
  Number leader = nobody;         ///< of the highest term, among those that run; a stream's writer
  bool serves = true;             ///< it applies what it is sent
  bool told = false;              ///< `suspected` of the present loss
  sim::TimerId repair_timer;
  std::vector<sim::Time> arrival;     ///< by pair of nodes: messages keep their order
  std::vector<Copy> copies;           ///< by node; of classic queues
  Number home = nobody;               ///< where the queue is if no copy runs
  sim::TimerId sync_timer;            ///< also of a stream: a replica has what it lacked
  std::vector<StreamMember> members;  ///< by node; of streams
  StreamStage stage = StreamStage::runs;
  std::uint32_t epoch = 0;
  bool in_vain = false;  ///< stops: there were not enough to make a majority
  double confirmed = 0;  ///< messages since the beginning
  sim::TimerId step_timer;
  std::uint32_t joins = 0;
  double backlog = 0;    ///< messages that wait because consumers do not take them
  double published = 0;  ///< messages per second that are confirmed now
  double consumed = 0;   ///< the same of those that leave
  std::vector<Held> held;
  std::uint32_t helds = 0;                  ///< numbers that were given to subscribers
  std::vector<Subscription> subscriptions;  ///< of a queue with a single active consumer; who came first is first
  std::uint32_t process = 0;                ///< of a classic queue: how often its process has begun anew
  delivery::Line line;
  std::vector<double> in;  ///< by node: confirmed there, of a classic queue's masters
  std::vector<double> out;
};

/// A message between replicas on its way.
struct Packet {
  ra::Message message;
  Number queue = 0;
  std::uint32_t life = 0;  ///< of the receiver when it was sent
  bool used = false;
  bool stalled = false;  ///< it arrives when the path works again, unless the connection breaks
};

enum class Channel : std::uint8_t {
  works,
  waits,      ///< its connection is as it should be; the queue does not answer
  resumes,    ///< the queue answers again, and what waited is on its way
  blocked,    ///< by an alarm
  cancelled,  ///< its queue has cancelled the consumer (4.3); the connection is as it should be
  silent,     ///< its node does not answer
  connects,   ///< its connection is gone
};

/// What becomes of what a publisher without confirms sends.
enum class Unconfirmed : std::uint8_t {
  taken,      ///< its queue takes it
  held,       ///< it waits: in its channel, or on its way to the queue's process
  registers,  ///< its channel has never been answered by its quorum queue: it waits for that with each publish
  dropped,    ///< nobody gets it
};

/// What a client does about one SLI on one queue.
struct Access {
  Channel channel = Channel::works;
  bool holds = true;
  bool stuck = false;    ///< a partition has swallowed what it sent
  bool tries = false;    ///< an attempt to connect meets silence
  bool cut_off = false;  ///< its node has lost the majority while it waited
  Number node = 0;       ///< to which it is connected, or was
  std::uint32_t life = 0;
  sim::Time since;  ///< of the channel's state; of an attempt to connect its end
  sim::TimerId timer;
  sim::TimerId confirm_timer;
  double takes = 0;      ///< of a consumer: messages per second
  double granted = 0;    ///< messages that waited for it when its queue began to send
  double taken = 0;      ///< messages since then
  sim::Time sent_since;  ///< its queue has sent to it
  // Of a publisher without confirms.
  Unconfirmed unconfirmed = Unconfirmed::taken;
  bool sends = true;         ///< nothing keeps it from sending
  bool registered = true;    ///< its channel is known to its quorum queue
  bool at_hand = false;      ///< what is held is on its own node
  std::uint32_t epoch = 0;   ///< of the stream's writer that has what is held
  double held = 0;           ///< messages
  double dropped = 0;        ///< messages that have not been counted as lost yet
  sim::Time dropping_since;  ///< meaningful while drop_timer is pending
  sim::TimerId full_timer;   ///< its connection stops to read
  sim::TimerId drop_timer;
  sim::TimerId patience_timer;  ///< consumer_timeout
};

struct State {
  std::vector<Node> nodes;
  std::vector<Link> links;  ///< observer * nodes + observed
  std::vector<Queue> queues;
  std::vector<Access> accesses;  ///< by plan
  std::vector<Packet> packets;   ///< slots
  std::vector<std::uint16_t> free_packets;
  sim::Time grown_at;
  sim::TimerId backlog_timer;
  sim::TimerId repair_timer;
  sim::TimerId boot_timer;    ///< pending BootForced
  bool force_boot = false;    ///< an operator lets the next node start that waits for others
  bool alarmed = false;       ///< some node's alarm blocks publishers
  bool lost_contact = false;  ///< some node has been taken for down by another, and they have not met since
};

/// REQUIRES: the service is of kind rabbitmq.
inline const State& state_of(const sim::Value& value) { return value.as<State>(); }

}  // namespace nines::models::rabbitmq
