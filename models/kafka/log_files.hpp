// What a broker spends on the files of its logs when it starts and when it stops.
//
// Every start opens every segment of every log. After an unclean stop each log's segments from its recovery point on
// are read again, checked batch by batch and indexed anew: the active one, and those that were rolled since the
// recovery points were checkpointed (apache/kafka 3.9 LogManager.loadLogs, LogLoader.load and recoverLog; a log is
// flushed when a segment is rolled, UnifiedLog.roll). Kafka sheet section 6.
//
// Threads (num.recovery.threads.per.data.dir) work on different logs: they share the checking, while the disk serves
// all of them at its own speed, whichever is slower. Opening files does not get faster with threads: 40,000 segments
// took 14 to 17 s with one, about 20 s with two, more than 30 s with five (apache/kafka#1215).
#pragma once

#include <string_view>

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// A span of work and the input that its largest part hangs on.
struct FileWork {
  Duration length;
  const std::string_view* set_by = nullptr;  ///< a constant of inputs.hpp
};

/// Segments that the broker's logs consist of.
double segments_on(const Context& c, Position broker);
/// Time to re-read the logs after an unclean stop, beside opening them.
FileWork log_recovery(const Context& c, Position broker);
/// From the start of the log manager until all logs are loaded; draws `kafka.log_load`.
FileWork load_logs(Context& c, Position broker, bool unclean);
/// Flush and close of all logs; draws `kafka.clean_close`. A log costs a forced write of its newest segment; threads
/// share them (apache/kafka 3.9 LogManager.shutdown).
FileWork close_logs(Context& c, Position broker);

}  // namespace nines::models::kafka
