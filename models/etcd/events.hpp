// Events of etcd. Members go by position, clients' accesses by SLI of the service's plan.
#pragma once

#include "models/etcd/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::etcd {

using sim::EventInfo;

struct TickDue {
  std::uint16_t service;
  Position member;
  static constexpr EventInfo info{"etcd.tick", "detect", "election-timeout", "a member's clock ticks"};
};
struct PacketArrived {
  std::uint16_t service;
  std::uint16_t packet;
  static constexpr EventInfo info{"etcd.message", "decide", "", "a message of one member reaches another"};
};
struct WriteDone {
  std::uint16_t service;
  Position member;
  std::uint32_t life;
  static constexpr EventInfo info{"etcd.written", "decide", "etcd.wal_fsync", "a member's write is on its disk"};
};
struct MemberUp {
  std::uint16_t service;
  Position member;
  std::uint32_t life;
  static constexpr EventInfo info{"etcd.member_up", "recover", "etcd.start", "a member answers its peers", true};
};
struct MemberReplaced {
  std::uint16_t service;
  Position member;
  std::uint32_t life;
  static constexpr EventInfo info{"etcd.member_replaced", "recover", "etcd.member_replacement",
                                  "a member without data was removed and added anew", true};
};
struct HandedOver {
  std::uint16_t service;
  Position member;
  std::uint32_t life;
  static constexpr EventInfo info{"etcd.handed_over", "act", "", "a stopping member has no leadership left, and exits"};
};
struct ClusterRestored {
  std::uint16_t service;
  static constexpr EventInfo info{"etcd.restored", "person", "etcd.restore",
                                  "people have restored a backup: what was written since is lost", true};
};
struct AttemptDue {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"etcd.attempt", "reconnect", "etcd.client.command_timeout", "a client tries again"};
};
struct RequestAnswered {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"etcd.request_answered", "reconnect", "", "a client's request is answered"};
};
// ---- only noted ----
struct FirstCampaign {
  std::uint16_t service;
  Position member;
  static constexpr EventInfo info{"etcd.first_campaign", "detect", "election-timeout",
                                  "the first member that misses its leader begins an election", true};
};
struct Campaign {
  std::uint16_t service;
  Position member;
  static constexpr EventInfo info{"etcd.campaign", "decide", "election-timeout", "a member begins another election",
                                  true};
};
struct LeaderElected {
  std::uint16_t service;
  Position member;
  static constexpr EventInfo info{"etcd.new_leader", "decide", "election-timeout", "a majority elects a leader", true};
};
struct LeaderSteppedDown {
  std::uint16_t service;
  Position member;
  static constexpr EventInfo info{"etcd.step_down", "detect", "election-timeout",
                                  "a leader that hears no majority, or of a later term, leads no more", true};
};
struct LeaseIgnored {
  std::uint16_t service;
  Position member;
  static constexpr EventInfo info{"etcd.lease_ignored", "", "",
                                  "a member that has heard of its leader of late ignores a request for its vote", true};
};
struct FirstWrite {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"etcd.first_put", "reconnect", "", "a client's write succeeds again", true};
};
struct FirstRead {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"etcd.first_read", "reconnect", "", "a client's read succeeds again", true};
};

#define NINES_ETCD_MEMBER_EVENTS(X) \
  X(TickDue)                        \
  X(WriteDone)                      \
  X(MemberUp)                       \
  X(MemberReplaced) X(HandedOver) X(FirstCampaign) X(Campaign) X(LeaderElected) X(LeaderSteppedDown) X(LeaseIgnored)
#define NINES_ETCD_ACCESS_EVENTS(X) X(AttemptDue) X(RequestAnswered) X(FirstWrite) X(FirstRead)
#define NINES_ETCD_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_ETCD_MEMBER_EVENTS(NINES_ETCD_SUBJECT)
NINES_ETCD_ACCESS_EVENTS(NINES_ETCD_SUBJECT)
ComponentId subject(const models::Plan& plan, const PacketArrived& event);
ComponentId subject(const models::Plan& plan, const ClusterRestored& event);
#undef NINES_ETCD_SUBJECT

void on(World& world, const TickDue& event);
void on(World& world, const PacketArrived& event);
void on(World& world, const WriteDone& event);
void on(World& world, const MemberUp& event);
void on(World& world, const MemberReplaced& event);
void on(World& world, const HandedOver& event);
void on(World& world, const ClusterRestored& event);
void on(World& world, const AttemptDue& event);
void on(World& world, const RequestAnswered& event);

}  // namespace nines::models::etcd

#define NINES_ROOM etcd
#define NINES_ROOM_EVENTS "models/etcd/events.def"
#include "models/number_events.hpp"
