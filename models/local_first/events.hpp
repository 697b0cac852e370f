// Events of local-first workers, which go by number.
#pragma once

#include "models/local_first/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::local_first {

using sim::EventInfo;

// clang-format off
struct WorkerUp {
  std::uint16_t service;
  Number worker;
  std::uint32_t life;
  static constexpr EventInfo info{"local_first.started", "recover", "local_first.start", "a worker takes work again", true};
};
struct TurnDue {
  std::uint16_t service;
  Number worker;
  std::uint32_t life;
  static constexpr EventInfo info{"local_first.turn", "reconnect", "local_first.sync_interval", "a worker that could not send tries again"};
};
struct OutboxDue {
  std::uint16_t service;
  Number worker;
  std::uint32_t life;
  static constexpr EventInfo info{"local_first.outbox", "catch-up", "local_first.send_rate", "what a worker has not sent is gone, is too much, or its age passes a limit"};
};
// ---- only noted ----
struct SyncStops {
  std::uint16_t service;
  Number worker;
  static constexpr EventInfo info{"local_first.sync_stops", "", "", "a worker cannot send: rows gather in its file", true};
};
struct SyncResumes {
  std::uint16_t service;
  Number worker;
  static constexpr EventInfo info{"local_first.sync_resumes", "reconnect", "local_first.sync_interval", "a worker sends what has gathered", true};
};
struct BacklogDrained {
  std::uint16_t service;
  Number worker;
  static constexpr EventInfo info{"local_first.backlog_drained", "catch-up", "local_first.send_rate", "a worker has sent all that had gathered", true};
};
struct FileFull {
  std::uint16_t service;
  Number worker;
  static constexpr EventInfo info{"local_first.file_full", "", "", "a worker's file has no room: it takes no work", true};
};
struct RowsLost {
  std::uint16_t service;
  Number worker;
  static constexpr EventInfo info{"local_first.rows_lost", "", "", "rows that a worker had taken and not sent are gone", true};
};
// clang-format on

#define NINES_LOCAL_FIRST_EVENTS(X) \
  X(WorkerUp) X(TurnDue) X(OutboxDue) X(SyncStops) X(SyncResumes) X(BacklogDrained) X(FileFull) X(RowsLost)
#define NINES_LOCAL_FIRST_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_LOCAL_FIRST_EVENTS(NINES_LOCAL_FIRST_SUBJECT)
#undef NINES_LOCAL_FIRST_SUBJECT

void on(World& world, const WorkerUp& event);
void on(World& world, const TurnDue& event);
void on(World& world, const OutboxDue& event);

}  // namespace nines::models::local_first

#define NINES_ROOM local_first
#define NINES_ROOM_EVENTS "models/local_first/events.def"
#include "models/number_events.hpp"
