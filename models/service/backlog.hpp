// What has come and has not been worked off yet, such as rows that are not sent or records that are not read: a fluid,
// exact between changes of its rates. No clock, no draws.
//
// Rows come at a rate that changes at times, and leave at a rate while there are any. So what is left after an outage
// of length D, in which rows came at w, is w D, and it is gone w D / (m - w) after sending at m > w has begun.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/time.hpp"

namespace nines::models::service {

using sim::Duration;
using sim::Time;

class Backlog {
 public:
  /// Goes on to `at`: rows come and leave as set. Times never go back.
  void go_to(Time at);
  /// From where it stands on. REQUIRES: rates >= 0.
  void set_coming(double rows_per_s);
  void set_leaving(double rows_per_s);
  /// The last `rows` that came are gone; returns how many there were of those not sent.
  double lose(double rows);
  /// All but the last `rows` have been sent.
  void sent_but(double rows);
  /// The last `rows` that left are back: they have to leave again. As if they had come at that rate, the last of them
  /// just before what is there. REQUIRES: rate > 0.
  void give_back(double rows, double rows_per_s);

  [[nodiscard]] Time now() const { return now_; }
  [[nodiscard]] double rows() const { return came_ - left_; }
  /// That have left in all, less those that came back.
  [[nodiscard]] double left() const { return left_; }
  [[nodiscard]] double coming() const { return coming_; }
  [[nodiscard]] double leaving() const { return leaving_; }
  /// When the oldest of those that have not left came; `now` if there is none.
  [[nodiscard]] Time oldest() const;
  /// The rate at which it came; 0 if there is none.
  [[nodiscard]] double oldest_came_at() const;
  /// When there are none, or so many rows, if rates stay: never() if not.
  [[nodiscard]] Time empty_at() const;
  [[nodiscard]] Time holds_at(double rows) const;
  /// When the oldest is older than `limit`, or no longer, if rates stay: never() if not.
  [[nodiscard]] Time too_old_at(Duration limit) const;
  [[nodiscard]] Time young_at(Duration limit) const;

 private:
  /// Rows that came at one rate.
  struct Stretch {
    Time from;
    double rate = 0;
    double before = 0;  ///< rows that had come before
  };
  /// When row number `row` came.
  [[nodiscard]] Time came_at(double row) const;
  void forget();

  Time now_;
  double came_ = 0;
  double left_ = 0;
  double coming_ = 0;
  double leaving_ = 0;
  std::vector<Stretch> stretches_{{}};
};

}  // namespace nines::models::service
