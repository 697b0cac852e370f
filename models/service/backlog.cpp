#include "models/service/backlog.hpp"

#include <algorithm>

namespace nines::models::service {

namespace {

/// Less is rounding.
constexpr double least_rows = 1e-6;

Time later(Time at, double seconds) { return at + Duration::from_seconds(std::max(seconds, 0.0)); }

}  // namespace

void Backlog::go_to(Time at) {
  const double seconds = (at - now_).to_seconds();
  now_ = at;
  if (seconds <= 0) return;
  came_ += coming_ * seconds;
  if (leaving_ > 0) left_ = std::min(came_, left_ + leaving_ * seconds);
  if (came_ - left_ < least_rows && leaving_ > 0) left_ = came_;
  forget();
}

void Backlog::set_coming(double rows_per_s) {
  if (rows_per_s == coming_) return;
  coming_ = rows_per_s;
  if (stretches_.back().from == now_) stretches_.pop_back();
  stretches_.push_back({now_, coming_, came_});
}

void Backlog::set_leaving(double rows_per_s) { leaving_ = rows_per_s; }

double Backlog::lose(double rows) {
  const double lost = std::clamp(rows, 0.0, this->rows());
  came_ -= lost;
  // What is left came before those that are lost.
  while (stretches_.size() > 1 && stretches_.back().before > came_) stretches_.pop_back();
  stretches_.push_back({now_, coming_, came_});
  return lost;
}

void Backlog::sent_but(double rows) {
  left_ = std::max(left_, came_ - std::max(rows, 0.0));
  forget();
}

void Backlog::give_back(double rows, double rows_per_s) {
  if (rows <= 0) return;
  left_ -= rows;
  if (left_ >= stretches_.front().before) return;
  const double missing = stretches_.front().before - left_;
  const Time before = stretches_.front().from - Duration::from_seconds(missing / rows_per_s);
  stretches_.insert(stretches_.begin(), Stretch{before, rows_per_s, left_});
}

void Backlog::forget() {
  std::size_t old = 0;
  while (old + 1 < stretches_.size() && stretches_[old + 1].before <= left_) ++old;
  stretches_.erase(stretches_.begin(), stretches_.begin() + static_cast<std::ptrdiff_t>(old));
}

Time Backlog::came_at(double row) const {
  // The last stretch with rows in which it came.
  for (std::size_t i = stretches_.size(); i-- > 0;) {
    const Stretch& stretch = stretches_[i];
    if (stretch.before > row || stretch.rate <= 0) continue;
    const Time at = later(stretch.from, (row - stretch.before) / stretch.rate);
    return std::min(at, now_);
  }
  return now_;
}

Time Backlog::oldest() const { return rows() < least_rows ? now_ : came_at(left_); }

double Backlog::oldest_came_at() const {
  if (rows() < least_rows) return 0;
  for (std::size_t i = stretches_.size(); i-- > 0;) {
    if (stretches_[i].before <= left_ && stretches_[i].rate > 0) return stretches_[i].rate;
  }
  return coming_;
}

Time Backlog::empty_at() const {
  if (rows() < least_rows) return now_;
  return leaving_ > coming_ ? later(now_, rows() / (leaving_ - coming_)) : Time::never();
}

Time Backlog::holds_at(double rows) const {
  const double grows = coming_ - leaving_;
  if (this->rows() >= rows - least_rows) return now_;
  return grows > 0 ? later(now_, (rows - this->rows()) / grows) : Time::never();
}

Time Backlog::too_old_at(Duration limit) const {
  if (rows() < least_rows && leaving_ >= coming_) return Time::never();
  const Time since = oldest();
  if (now_ - since > limit) return now_;
  if (leaving_ <= 0) {
    // Of an empty one the first row to come.
    if (rows() < least_rows && coming_ <= 0) return Time::never();
    return since + limit + Duration::nanoseconds(1);
  }
  // It is sent in the order in which it came: the oldest grows older while less leaves than came there.
  for (std::size_t i = 0; i < stretches_.size(); ++i) {
    const Stretch& stretch = stretches_[i];
    if (stretch.rate <= leaving_) continue;
    const double first = std::max(stretch.before, left_);
    const double end = i + 1 < stretches_.size() ? stretches_[i + 1].before : came_;
    if (end < first && i + 1 < stretches_.size()) continue;
    // Row `first` leaves at `out` and came at `in`; both grow by the row.
    const double out = (first - left_) / leaving_;
    const double in = (came_at(first) - now_).to_seconds();
    const double age = out - in;
    const double per_row = 1 / leaving_ - 1 / stretch.rate;
    const double more = (limit.to_seconds() - age) / per_row;
    if (more <= 0) return later(now_, out);
    if (i + 1 == stretches_.size() || first + more <= end) return later(now_, out + more / leaving_);
  }
  return Time::never();
}

Time Backlog::young_at(Duration limit) const {
  if (now_ - oldest() <= limit) return now_;
  if (leaving_ <= 0) return Time::never();
  // The first row that leaves no later than `limit` after it came.
  for (std::size_t i = 0; i < stretches_.size(); ++i) {
    const Stretch& stretch = stretches_[i];
    const bool last = i + 1 == stretches_.size();
    if (stretch.rate <= 0) continue;
    const double first = std::max(stretch.before, left_);
    const double end = last ? came_ : stretches_[i + 1].before;
    if (!last && end <= first) continue;
    const double out = (first - left_) / leaving_;
    const double in = (came_at(first) - now_).to_seconds();
    const double excess = out - in - limit.to_seconds();
    if (excess <= 0) return later(now_, out);
    const double gains = 1 / stretch.rate - 1 / leaving_;
    if (gains <= 0) continue;
    const double more = excess / gains;
    if (last || first + more <= end) return later(now_, out + more / leaving_) + Duration::nanoseconds(1);
  }
  return empty_at();
}

}  // namespace nines::models::service
