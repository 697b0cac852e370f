#include "models/postgresql/checkpoint.hpp"

#include "sim/math.hpp"

namespace nines::models::postgresql {

double wal_since_checkpoint(const WalLoad& load, double seconds) {
  const double plain = load.writes_per_s * load.write_bytes * seconds;
  if (load.hot_pages <= 0 || load.page_bytes <= 0) return plain;
  const double changes = load.writes_per_s * load.pages_per_write * seconds;
  return plain + load.page_bytes * load.hot_pages * -sim::expm1(-changes / load.hot_pages);
}

Duration checkpoint_interval(const WalLoad& load, Duration timeout, double max_wal_bytes, double completion_target) {
  const double trigger = max_wal_bytes / (1 + completion_target);
  double high = timeout.to_seconds();
  if (wal_since_checkpoint(load, high) <= trigger) return timeout;
  double low = 0;
  constexpr int halvings = 60;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (wal_since_checkpoint(load, middle) <= trigger ? low : high) = middle;
  }
  return Duration::from_seconds(high);
}

double wal_per_write(const WalLoad& load, Duration interval) {
  const double writes = load.writes_per_s * interval.to_seconds();
  return writes > 0 ? wal_since_checkpoint(load, interval.to_seconds()) / writes : load.write_bytes;
}

double replayed(const WalLoad& load, Duration since, Duration interval, double completion_target) {
  if (since < interval) return wal_since_checkpoint(load, since.to_seconds());
  const Duration into = since % interval;
  const double last = wal_since_checkpoint(load, into.to_seconds());
  if (into >= sim::scaled(interval, completion_target)) return last;
  return last + wal_since_checkpoint(load, interval.to_seconds());
}

}  // namespace nines::models::postgresql
