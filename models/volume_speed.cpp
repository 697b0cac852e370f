#include "models/volume_speed.hpp"

#include <algorithm>

namespace nines::models {

namespace {

Bandwidth times(Bandwidth each, double count) { return {each.bytes_per_s * count}; }

VolumeSpeed with_credit(Bandwidth sustained, Bandwidth most, Bytes credit) {
  if (most > sustained) return {sustained, {most, credit}};
  return {most, {}};
}

VolumeSpeed st1(Bytes size, const infrastructure::Parameters& p) {
  const double tib = size.count / 0x1p40;
  return with_credit(times(p.st1_baseline, tib), std::min(p.st1_most, times(p.st1_burst, tib)), size);
}

VolumeSpeed gp2(Bytes size, const infrastructure::Parameters& p) {
  const Bandwidth most = size <= p.gp2_small ? p.gp2_small_most : p.gp2_most;
  return with_credit(std::max(p.gp2_least, times(p.gp2_baseline, size.gib())), most, p.gp2_credit);
}

}  // namespace

VolumeSpeed speed_of(const StorageSpec& storage, const infrastructure::Parameters& parameters) {
  switch (storage.kind) {
    case VolumeKind::st1: return st1(storage.size, parameters);
    case VolumeKind::gp2: return gp2(storage.size, parameters);
    case VolumeKind::gp3:
    case VolumeKind::nvme:
    case VolumeKind::io2:
    case VolumeKind::efs:
    case VolumeKind::root: break;
  }
  return {storage.throughput, {}};
}

}  // namespace nines::models
