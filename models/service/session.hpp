// Sessions that processes of one service keep with another: what a process has made there for itself alone is there as
// long as its session lives, whatever has become of the process.
#pragma once

#include <cstdint>

#include "models/ids.hpp"
#include "models/units.hpp"

namespace nines::models::service {

/// A process that keeps a session, one at a time, and how its client library goes about it.
struct SessionPlan {
  ProcessId process;
  ServiceId user;             ///< whose process it is: it is told of the session
  Duration timeout;           ///< that it asks for
  double read_share = 0;      ///< of the time-out, after which it gives up a server that does not answer
  Duration cleanup;           ///< between the end of a connection and its next step
  Duration reconnect_spread;  ///< before it connects again it waits from 0 to this, evenly
  Duration round_wait;        ///< and so much more when it has been round
};

enum class SessionNews : std::uint8_t {
  opened,   ///< to the process: it has a new session
  expired,  ///< to the process: its session had ended; it opens another by itself
  ended,    ///< to nobody in particular: the session has ended, and what was made in it is gone
};

/// What a process's session with a service is now.
struct SessionView {
  std::uint32_t id = 0;  ///< of its newest session; a later one has a higher id
  bool open = false;     ///< the process keeps one, or tries to
  bool alive = false;    ///< as the service sees it
  bool writes = false;   ///< what the process writes is done
  Duration trip;         ///< of a request and its answer; while it `writes`
  Duration write;        ///< of a write until it is answered; while it `writes`
};

}  // namespace nines::models::service
