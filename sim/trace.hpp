// The trace: every effective event with the event that caused it.
//
// Records form a forest: a record's parent is the record that was current when the event was scheduled. Walking parents
// from the end of an outage leads to the fault that started it, so every second of downtime is attributable.
#pragma once

#include <cassert>
#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/event.hpp"
#include "sim/time.hpp"

namespace nines::sim {

struct TraceRecord {
  Time at;
  CauseId parent = no_cause;
  EventKind kind = 0;
  std::uint32_t component = 0;  ///< index into the plan's component names
  std::int64_t detail = 0;      ///< meaning given by the event type: an epoch, a count, a position
  /// Key of the parameter that set the delay before this event, where it is not always the one its type names: of
  /// several resources, the one that was binding. Points to a constant.
  const std::string_view* set_by = nullptr;
};

class Trace {
 public:
  /// Appends a record and returns its id. The current cause stays as it is.
  CauseId append(const TraceRecord& record) {
    records_.push_back(record);
    return base_ + static_cast<CauseId>(records_.size() - 1);
  }
  /// Names the parameter that set the delay before record `id`. REQUIRES: holds(id).
  void set_by(CauseId id, const std::string_view& parameter) {
    assert(holds(id));
    records_[id - base_].set_by = &parameter;
  }
  void set_by(CauseId id, const std::string_view&& parameter) = delete;
  [[nodiscard]] CauseId current() const { return current_; }
  void set_current(CauseId cause) { current_ = cause; }

  [[nodiscard]] bool holds(CauseId id) const { return id != no_cause && id >= base_ && id - base_ < records_.size(); }
  /// REQUIRES: holds(id).
  [[nodiscard]] const TraceRecord& at(CauseId id) const {
    assert(holds(id));
    return records_[id - base_];
  }
  [[nodiscard]] const std::vector<TraceRecord>& records() const { return records_; }
  [[nodiscard]] CauseId first_id() const { return base_; }

  /// Takes back the newest record if it is `id`: its event turned out to have no effect.
  void retract(CauseId id) {
    if (!records_.empty() && base_ + static_cast<CauseId>(records_.size() - 1) == id) records_.pop_back();
  }

  /// Forgets all records; later ids never equal earlier ones, so causes of before are known to be gone.
  void forget() {
    base_ += static_cast<CauseId>(records_.size());
    records_.clear();
    current_ = no_cause;
  }

 private:
  std::vector<TraceRecord> records_;
  CauseId base_ = 0;
  CauseId current_ = no_cause;
};

}  // namespace nines::sim
