// Events of add-ons. Pods go by position among the service's processes.
#pragma once

#include "models/addon/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::addon {

using sim::EventInfo;

struct AddonUp {
  std::uint16_t service;
  Position pod;
  static constexpr EventInfo info{"addon.up", "recover", "addon.start", "a pod of an add-on does its work again", true};
};
struct AddonStopped {
  std::uint16_t service;
  Position pod;
  static constexpr EventInfo info{"addon.stopped", "act", "addon.stop", "a pod of an add-on that got SIGTERM exits"};
};
struct DnsListed {
  std::uint16_t service;
  Position pod;
  static constexpr EventInfo info{"addon.dns_listed", "propagate", "addon.endpoints",
                                  "look-ups are sent to a cluster DNS pod from now on", true};
};
struct DnsUnlisted {
  std::uint16_t service;
  Position pod;
  static constexpr EventInfo info{"addon.dns_unlisted", "propagate", "addon.endpoints",
                                  "no look-up is sent to a cluster DNS pod any more", true};
};
struct AddonLeads {
  std::uint16_t service;
  Position pod;
  static constexpr EventInfo info{"addon.leads", "detect", "addon.lease.duration",
                                  "another controller of an add-on gets its lease, and acts", true};
};
struct AddonUnauthorised {
  std::uint16_t service;
  Position pod;  ///< that acts now
  static constexpr EventInfo info{"addon.unauthorised", "propagate", "addon.credentials.left",
                                  "the controller's credentials have expired: the provider refuses what it asks", true};
};
// ---- only noted ----
struct PartLost {
  std::uint16_t service;
  Position pod;  ///< whose absence it is
  static constexpr EventInfo info{"addon.lost", "", "", "an add-on is away, on a machine or altogether", true};
};
struct PartBack {
  std::uint16_t service;
  Position pod;
  static constexpr EventInfo info{"addon.back", "recover", "",
                                  "an add-on does its work again, on a machine or altogether", true};
};

#define NINES_ADDON_EVENTS(X) \
  X(AddonUp) X(AddonStopped) X(DnsListed) X(DnsUnlisted) X(AddonLeads) X(PartLost) X(PartBack) X(AddonUnauthorised)
#define NINES_ADDON_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_ADDON_EVENTS(NINES_ADDON_SUBJECT)
#undef NINES_ADDON_SUBJECT

void on(World& world, const AddonUp& event);
void on(World& world, const AddonStopped& event);
void on(World& world, const DnsListed& event);
void on(World& world, const DnsUnlisted& event);
void on(World& world, const AddonLeads& event);
void on(World& world, const AddonUnauthorised& event);

}  // namespace nines::models::addon

#define NINES_ROOM addon
#define NINES_ROOM_EVENTS "models/addon/events.def"
#include "models/number_events.hpp"
