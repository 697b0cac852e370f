#include "models/rabbitmq/ra/log.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace nines::models::rabbitmq::ra {

std::optional<Term> Log::term(Index index) const {
  if (index < snapshot_.index || index > last_) return std::nullopt;
  if (index == snapshot_.index) return snapshot_.term;
  const auto after = std::find_if(runs_.begin(), runs_.end(), [&](const Run& run) { return run.first > index; });
  return std::prev(after)->term;
}

bool Log::is_up_to_date(EntryId entry) const {
  const EntryId own = last();
  return entry.term > own.term || (entry.term == own.term && entry.index >= own.index);
}

Slice Log::slice(Index before, Index last) const {
  const std::optional<Term> known = term(before);
  assert(known && before <= last && last <= last_);
  Slice slice{{*known, before}, last};
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Index first = std::max(runs_[i].first, before + 1);
    if (first <= std::min(end_of(i), last)) slice.runs.push_back({runs_[i].term, first});
  }
  for (const Change& change : changes_) {
    if (change.index > before && change.index <= last) slice.changes.push_back(change);
  }
  return slice;
}

void Log::append(Term term, Index count) {
  assert(term >= last().term && count > 0);
  if (runs_.empty() || runs_.back().term != term) runs_.push_back({term, last_ + 1});
  last_ += count;
}

void Log::append(Term term, MemberSet members) {
  append(term);
  changes_.push_back({last_, members});
}

void Log::cut_after(Index index) {
  assert(index >= snapshot_.index && index <= last_);
  last_ = index;
  written_ = std::min(written_, index);
  std::erase_if(runs_, [&](const Run& run) { return run.first > index; });
  std::erase_if(changes_, [&](const Change& change) { return change.index > index; });
}

bool Log::take(const Slice& slice) {
  assert(has(slice.before));
  const auto slice_end = [&](std::size_t i) {
    return i + 1 < slice.runs.size() ? slice.runs[i + 1].first - 1 : slice.last;
  };
  // How far the slice is here already.
  Index agree = slice.before.index;
  for (std::size_t theirs = 0, own = 0; theirs < slice.runs.size() && own < runs_.size();) {
    if (end_of(own) <= agree) {
      ++own;
    } else if (slice_end(theirs) <= agree) {
      ++theirs;
    } else if (slice.runs[theirs].term == runs_[own].term) {
      agree = std::min(end_of(own), slice_end(theirs));
    } else {
      break;
    }
  }
  if (agree == slice.last) return false;
  cut_after(agree);
  for (std::size_t i = 0; i < slice.runs.size(); ++i) {
    const Index first = std::max(agree + 1, slice.runs[i].first);
    if (first <= slice_end(i)) append(slice.runs[i].term, slice_end(i) + 1 - first);
  }
  std::copy_if(slice.changes.begin(), slice.changes.end(), std::back_inserter(changes_),
               [&](const Change& change) { return change.index > agree; });
  return true;
}

bool Log::mark_written(EntryId entry) {
  // Writes end in their order: what stands before an entry is as safe as the entry. What was cut meanwhile is not here.
  const Index index = std::min(entry.index, last_);
  if (index <= written_ || term(index) != entry.term) return false;
  written_ = index;
  return true;
}

void Log::compact(Index index) {
  assert(index <= last_);
  if (index <= snapshot_.index) return;
  for (const Change& change : changes_) {
    if (change.index <= index) founders_ = change.members;
  }
  snapshot_ = {*term(index), index};
  std::erase_if(changes_, [&](const Change& change) { return change.index <= index; });
  while (!runs_.empty() && end_of(0) <= index) runs_.erase(runs_.begin());
  if (!runs_.empty()) runs_.front().first = std::max(runs_.front().first, index + 1);
  written_ = std::max(written_, index);  // a snapshot is written before the log gives way to it
}

void Log::install(EntryId snapshot, MemberSet members) {
  *this = Log(members);
  snapshot_ = snapshot;
  last_ = written_ = snapshot.index;
}

}  // namespace nines::models::rabbitmq::ra
