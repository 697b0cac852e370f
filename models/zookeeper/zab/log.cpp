#include "models/zookeeper/zab/log.hpp"

#include <algorithm>
#include <cassert>

namespace nines::models::zookeeper::zab {

Zxid Log::last() const { return chapters_.empty() ? Zxid{} : Zxid{chapters_.back().epoch, chapters_.back().last}; }

bool Log::has(Zxid zxid) const {
  if (zxid.count == 0) return zxid == Zxid{};
  return std::any_of(chapters_.begin(), chapters_.end(),
                     [&](const Chapter& chapter) { return chapter.epoch == zxid.epoch && zxid.count <= chapter.last; });
}

std::uint64_t Log::after(Zxid zxid) const {
  std::uint64_t sum = 0;
  for (const Chapter& chapter : chapters_) {
    if (chapter.epoch > zxid.epoch) sum += chapter.last;
    if (chapter.epoch == zxid.epoch) sum += chapter.last - std::min(chapter.last, zxid.count);
  }
  return sum;
}

Zxid Log::at_most(Zxid zxid) const {
  Zxid found;
  for (const Chapter& chapter : chapters_) {
    if (chapter.epoch < zxid.epoch) found = {chapter.epoch, chapter.last};
    if (chapter.epoch == zxid.epoch && zxid.count > 0) found = {chapter.epoch, std::min(chapter.last, zxid.count)};
  }
  return found;
}

Zxid Log::last_shared(const Log& other) const {
  Zxid shared;
  for (std::size_t i = 0; i < std::min(chapters_.size(), other.chapters_.size()); ++i) {
    const Chapter& one = chapters_[i];
    const Chapter& two = other.chapters_[i];
    if (one.epoch != two.epoch) break;
    shared = {one.epoch, std::min(one.last, two.last)};
    if (one.last != two.last) break;
  }
  return shared;
}

void Log::append(Epoch epoch, std::uint64_t count) {
  assert(epoch >= last().epoch);
  if (count == 0) return;
  if (chapters_.empty() || chapters_.back().epoch != epoch) chapters_.push_back({epoch, 0});
  chapters_.back().last += count;
}

void Log::truncate(Zxid zxid) {
  while (!chapters_.empty() && chapters_.back().epoch > zxid.epoch) chapters_.pop_back();
  if (chapters_.empty() || chapters_.back().epoch != zxid.epoch) return;
  chapters_.back().last = std::min(chapters_.back().last, zxid.count);
  if (chapters_.back().last == 0) chapters_.pop_back();
}

}  // namespace nines::models::zookeeper::zab
