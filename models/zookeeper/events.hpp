// Events of ZooKeeper. Servers go by position, clients by their place in the spec, accesses by SLI of the service's
// plan.
#pragma once

#include "models/zookeeper/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::zookeeper {

using sim::EventInfo;

struct WaitOver {
  std::uint16_t service;
  Position server;
  std::uint32_t life;
  static constexpr EventInfo info{"zookeeper.wait", "decide", "zookeeper.finalize_wait",
                                  "a server has waited long enough: for votes, for its leader or for followers"};
};
struct PacketArrived {
  std::uint16_t service;
  std::uint16_t packet;
  static constexpr EventInfo info{"zookeeper.message", "decide", "zookeeper.handling",
                                  "a message of one server reaches another"};
};
struct WriteDone {
  std::uint16_t service;
  Position server;
  std::uint32_t life;
  static constexpr EventInfo info{"zookeeper.written", "decide", "zookeeper.fsync", "a server's write is on its disk"};
};
struct ServerUp {
  std::uint16_t service;
  Position server;
  std::uint32_t life;
  static constexpr EventInfo info{"zookeeper.server_up", "recover", "zookeeper.start", "a server has read its data",
                                  true};
};
struct ShutDown {
  std::uint16_t service;
  Position server;
  std::uint32_t life;
  static constexpr EventInfo info{"zookeeper.shut_down", "act", "zookeeper.close",
                                  "a server has closed its clients' connections and stopped its pipeline"};
};
struct Exited {
  std::uint16_t service;
  Position server;
  std::uint32_t life;
  static constexpr EventInfo info{"zookeeper.exited", "act", "zookeeper.exit",
                                  "a process that was told to end has ended"};
};
struct PortOpened {
  std::uint16_t service;
  Position server;
  std::uint32_t life;
  static constexpr EventInfo info{"zookeeper.port_opened", "act", "zookeeper.leader_setup",
                                  "followers can connect to the new leader"};
};
struct SnapshotWritten {
  std::uint16_t service;
  Position server;
  std::uint32_t life;
  static constexpr EventInfo info{"zookeeper.snapshot_written", "recover", "zookeeper.snapshot_write_rate",
                                  "a new leader has written its snapshot, and takes followers"};
};
struct PipelineStarted {
  std::uint16_t service;
  Position server;
  std::uint32_t life;
  static constexpr EventInfo info{"zookeeper.pipeline_started", "recover", "zookeeper.pipeline_start",
                                  "a server takes clients"};
};
struct ConnectionLost {
  std::uint16_t service;
  Position server;
  Position peer;
  std::uint32_t life;
  static constexpr EventInfo info{"zookeeper.connection_lost", "detect", "zookeeper.connection_teardown",
                                  "a server sees that the connection to another is closed"};
};
struct ConnectionResumes {
  std::uint16_t service;
  Position server;
  Position peer;
  std::uint32_t life;
  static constexpr EventInfo info{"zookeeper.connection_resumes", "recover", "network.tcp.rto_min",
                                  "TCP sends again over a path that is back what a leader's connection holds"};
};
struct ReadTimeout {
  std::uint16_t service;
  Position server;
  Position peer;
  std::uint32_t life;
  static constexpr EventInfo info{"zookeeper.read_timeout", "detect", "syncLimit",
                                  "a server has heard nothing from another for too long, and gives it up", true};
};
struct QuorumCheck {
  std::uint16_t service;
  Position server;
  std::uint32_t life;
  static constexpr EventInfo info{"zookeeper.quorum_check", "detect", "tickTime",
                                  "a leader looks whether a quorum follows it"};
};
struct SessionDue {
  std::uint16_t service;
  std::uint16_t client;
  static constexpr EventInfo info{"zookeeper.session_due", "detect", "",
                                  "a session has not been kept alive for its time-out"};
};
struct ClientDue {
  std::uint16_t service;
  std::uint16_t client;
  static constexpr EventInfo info{"zookeeper.client_due", "reconnect", "",
                                  "a client gives a server up, or tries the next"};
};
struct ClientAnswered {
  std::uint16_t service;
  std::uint16_t client;
  static constexpr EventInfo info{"zookeeper.client_answered", "reconnect", "",
                                  "a server answers a client that wants its session"};
};
struct LockGivenUp {
  std::uint16_t service;
  std::uint16_t client;
  static constexpr EventInfo info{"zookeeper.lock_given_up", "reconnect", "zookeeper.client.lost_after",
                                  "a client that is still disconnected takes its locks for lost", true};
};
struct RequestAnswered {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"zookeeper.request_answered", "reconnect", "", "a client's request is answered"};
};
// ---- only noted ----
struct Looking {
  std::uint16_t service;
  Position server;
  static constexpr EventInfo info{"zookeeper.looking", "detect", "syncLimit", "a server looks for a leader", true};
};
struct Elected {
  std::uint16_t service;
  Position server;
  static constexpr EventInfo info{"zookeeper.elected", "decide", "zookeeper.finalize_wait",
                                  "a server has found that a quorum votes for it, and leads", true};
};
struct Following {
  std::uint16_t service;
  Position server;
  static constexpr EventInfo info{"zookeeper.following", "decide", "zookeeper.finalize_wait",
                                  "a server has found its leader", true};
};
struct Serving {
  std::uint16_t service;
  Position server;
  static constexpr EventInfo info{"zookeeper.serving", "recover", "",
                                  "a quorum has the new leader's history: writes and clients are taken again", true};
};
struct Joined {
  std::uint16_t service;
  Position server;
  static constexpr EventInfo info{"zookeeper.joined", "recover", "",
                                  "a follower has its leader's history, and takes clients", true};
};
struct SteppedDown {
  std::uint16_t service;
  Position server;
  static constexpr EventInfo info{"zookeeper.step_down", "detect", "syncLimit",
                                  "a leader without a quorum leads no more", true};
};
struct Suspended {
  std::uint16_t service;
  std::uint16_t client;
  static constexpr EventInfo info{"zookeeper.suspended", "detect", "zookeeper.client.cleanup",
                                  "a client's program hears that it is disconnected", true};
};
struct SessionKept {
  std::uint16_t service;
  std::uint16_t client;
  static constexpr EventInfo info{"zookeeper.session_kept", "reconnect", "zookeeper.client.reconnect_spread",
                                  "a client is connected again, and has its session", true};
};
struct SessionExpired {
  std::uint16_t service;
  std::uint16_t client;
  static constexpr EventInfo info{"zookeeper.session_expired", "detect", "",
                                  "a session is at its end, and its ephemeral nodes are deleted", true};
};
struct SessionOpened {
  std::uint16_t service;
  std::uint16_t client;
  static constexpr EventInfo info{"zookeeper.session_opened", "reconnect", "", "a client has a new session", true};
};
struct SessionClosed {
  std::uint16_t service;
  std::uint16_t client;
  static constexpr EventInfo info{"zookeeper.session_closed", "act", "",
                                  "a client ends its session in order, and its ephemeral nodes are deleted", true};
};
struct FirstWrite {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"zookeeper.first_write", "reconnect", "zookeeper.client.reconnect_spread",
                                  "a client's write succeeds again", true};
};
struct FirstRead {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"zookeeper.first_read", "reconnect", "zookeeper.client.reconnect_spread",
                                  "a client's read succeeds again", true};
};

#define NINES_ZOOKEEPER_SERVER_EVENTS(X) \
  X(WaitOver)                            \
  X(WriteDone)                           \
  X(ServerUp)                            \
  X(ShutDown)                            \
  X(Exited)                              \
  X(PortOpened)                          \
  X(SnapshotWritten)                     \
  X(PipelineStarted)                     \
  X(ConnectionLost)                      \
  X(ConnectionResumes)                   \
  X(ReadTimeout) X(QuorumCheck) X(Looking) X(Elected) X(Following) X(Serving) X(Joined) X(SteppedDown)
#define NINES_ZOOKEEPER_CLIENT_EVENTS(X) \
  X(SessionDue)                          \
  X(ClientDue)                           \
  X(ClientAnswered) X(LockGivenUp) X(Suspended) X(SessionKept) X(SessionExpired) X(SessionOpened) X(SessionClosed)
#define NINES_ZOOKEEPER_ACCESS_EVENTS(X) X(RequestAnswered) X(FirstWrite) X(FirstRead)
#define NINES_ZOOKEEPER_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_ZOOKEEPER_SERVER_EVENTS(NINES_ZOOKEEPER_SUBJECT)
NINES_ZOOKEEPER_CLIENT_EVENTS(NINES_ZOOKEEPER_SUBJECT)
NINES_ZOOKEEPER_ACCESS_EVENTS(NINES_ZOOKEEPER_SUBJECT)
NINES_ZOOKEEPER_SUBJECT(PacketArrived)
#undef NINES_ZOOKEEPER_SUBJECT

void on(World& world, const WaitOver& event);
void on(World& world, const PacketArrived& event);
void on(World& world, const WriteDone& event);
void on(World& world, const ServerUp& event);
void on(World& world, const ShutDown& event);
void on(World& world, const Exited& event);
void on(World& world, const PortOpened& event);
void on(World& world, const SnapshotWritten& event);
void on(World& world, const PipelineStarted& event);
void on(World& world, const ConnectionLost& event);
void on(World& world, const ConnectionResumes& event);
void on(World& world, const ReadTimeout& event);
void on(World& world, const QuorumCheck& event);
void on(World& world, const SessionDue& event);
void on(World& world, const ClientDue& event);
void on(World& world, const ClientAnswered& event);
void on(World& world, const Suspended& event);
void on(World& world, const LockGivenUp& event);
void on(World& world, const RequestAnswered& event);

}  // namespace nines::models::zookeeper

#define NINES_ROOM zookeeper
#define NINES_ROOM_EVENTS "models/zookeeper/events.def"
#include "models/number_events.hpp"
