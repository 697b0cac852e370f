// Events of an HTTP service. Servers go by position among its processes, targets and SLIs by those of its plan.
#pragma once

#include "models/http/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::http {

using sim::EventInfo;

struct ServerUp {
  std::uint16_t service;
  std::uint32_t server;
  static constexpr EventInfo info{"http.server_up", "recover", "http.start", "a server takes requests", true};
};
struct ServerStopped {
  std::uint16_t service;
  std::uint32_t server;
  static constexpr EventInfo info{"http.server_stopped", "act", "http.stop",
                                  "a stopping server has answered what was under way, and exits"};
};
struct Listed {
  std::uint16_t service;
  std::uint32_t server;
  static constexpr EventInfo info{"http.in_rotation", "propagate", "kube_proxy.propagation",
                                  "requests are sent to the pod from now on, if health checks let them", true};
};
struct Unlisted {
  std::uint16_t service;
  std::uint32_t server;
  static constexpr EventInfo info{"http.out_of_rotation", "propagate", "kube_proxy.propagation",
                                  "no request is sent to the pod any more", true};
};
struct CredentialsExpired {
  std::uint16_t service;
  std::uint32_t server;
  static constexpr EventInfo info{"http.credentials_expired", "propagate", "credentials.lifetime",
                                  "a server's credentials have expired: its requests fail", true};
};
struct TargetPassed {
  std::uint16_t service;
  std::uint32_t target;
  static constexpr EventInfo info{"http.target_healthy", "propagate", "nlb.health_check.interval",
                                  "a load balancer finds a target healthy: it gets requests", true};
};
struct TargetFailed {
  std::uint16_t service;
  std::uint32_t target;
  static constexpr EventInfo info{"http.target_unhealthy", "detect", "nlb.health_check.interval",
                                  "a load balancer finds a target unhealthy: it gets no requests any more", true};
};
struct NameForgotten {
  std::uint16_t service;
  std::uint16_t client;
  static constexpr EventInfo info{"http.name_forgotten", "propagate", "resolver.cache",
                                  "a client's answer of the cluster DNS has run out: new connections need another one",
                                  true};
};
struct LoadStep {
  std::uint16_t service;
  static constexpr EventInfo info{"http.load_step", "catch-up", "http.client.attempt_timeout",
                                  "retries that come, or a queue at a limit, change what becomes of requests"};
};
// ---- only noted ----
struct Overloaded {
  std::uint16_t service;
  static constexpr EventInfo info{
      "http.overloaded", "", "",
      "a server gets more than it answers, or answers requests that nobody waits for any more", true};
};
struct OverloadOver {
  std::uint16_t service;
  static constexpr EventInfo info{"http.overload_over", "catch-up", "http.client.retries",
                                  "servers answer all that is sent, retries too, before clients give up", true};
};
struct FirstSuccess {
  std::uint16_t service;
  std::uint16_t sli;
  static constexpr EventInfo info{"http.first_success", "reconnect", "", "a client's requests succeed again", true};
};

#define NINES_HTTP_SERVER_EVENTS(X) X(ServerUp) X(ServerStopped) X(Listed) X(Unlisted) X(CredentialsExpired)
#define NINES_HTTP_TARGET_EVENTS(X) X(TargetPassed) X(TargetFailed)
#define NINES_HTTP_LOAD_EVENTS(X) X(LoadStep) X(Overloaded) X(OverloadOver)
#define NINES_HTTP_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_HTTP_SERVER_EVENTS(NINES_HTTP_SUBJECT)
NINES_HTTP_TARGET_EVENTS(NINES_HTTP_SUBJECT)
NINES_HTTP_LOAD_EVENTS(NINES_HTTP_SUBJECT)
NINES_HTTP_SUBJECT(FirstSuccess)
NINES_HTTP_SUBJECT(NameForgotten)
#undef NINES_HTTP_SUBJECT

void on(World& world, const ServerUp& event);
void on(World& world, const ServerStopped& event);
void on(World& world, const Listed& event);
void on(World& world, const Unlisted& event);
void on(World& world, const CredentialsExpired& event);
void on(World& world, const NameForgotten& event);
void on(World& world, const TargetPassed& event);
void on(World& world, const TargetFailed& event);
void on(World& world, const LoadStep& event);

}  // namespace nines::models::http

#define NINES_ROOM http
#define NINES_ROOM_EVENTS "models/http/events.def"
#include "models/number_events.hpp"
