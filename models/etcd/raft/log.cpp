#include "models/etcd/raft/log.hpp"

#include <algorithm>

namespace nines::models::etcd::raft {

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

const Members& Log::members_at(Index index) const {
  const Members* found = &founders_;
  for (const Change& change : changes_) {
    if (change.index <= index) found = &change.members;
  }
  return *found;
}

Slice Log::after(Index index) const {
  const std::optional<Term> before = term(index);
  assert(before);
  Slice slice{{*before, index}, last_};
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Index end = i + 1 < runs_.size() ? runs_[i + 1].first : last_ + 1;
    if (end > index + 1) slice.runs.push_back({runs_[i].term, std::max(runs_[i].first, index + 1)});
  }
  for (const Change& change : changes_) {
    if (change.index > index) slice.changes.push_back(change);
  }
  return slice;
}

EntryId Log::hint(Index index, Term term_limit) const {
  constexpr Term unknown = 0;
  if (index > last_) return {unknown, index};
  for (std::size_t i = runs_.size(); i-- > 0;) {
    const Index end = i + 1 < runs_.size() ? runs_[i + 1].first - 1 : last_;
    if (runs_[i].first <= index && runs_[i].term <= term_limit) return {runs_[i].term, std::min(index, end)};
  }
  if (index < snapshot_.index) return {unknown, index};
  if (snapshot_.term <= term_limit || snapshot_.index == 0) return snapshot_;
  return {unknown, snapshot_.index - 1};
}

void Log::append(Term term, Index count) {
  assert(term >= last().term && count > 0);
  if (runs_.empty() || runs_.back().term != term) runs_.push_back({term, last_ + 1});
  last_ += count;
}

void Log::append(Term term, const Members& members) {
  append(term);
  changes_.push_back({last_, members});
}

void Log::cut_after(Index index) {
  assert(index >= committed_);
  last_ = index;
  std::erase_if(runs_, [&](const Run& run) { return run.first > index; });
  std::erase_if(changes_, [&](const Change& change) { return change.index > index; });
}

bool Log::accept(const Slice& slice, Index leader_commit) {
  if (!has(slice.before)) return false;
  // The first entry that is not here, or is another's: from there on the leader's are taken.
  Index agree = slice.before.index;
  for (std::size_t i = 0; i < slice.runs.size(); ++i) {
    const Index end = i + 1 < slice.runs.size() ? slice.runs[i + 1].first - 1 : slice.last;
    const Index first = slice.runs[i].first;
    if (first > last_ || term(first) != slice.runs[i].term) break;
    // Within one term a log only grows: the entries of a term agree as far as both have them.
    Index own_end = first;
    for (std::size_t own = 0; own < runs_.size(); ++own) {
      if (runs_[own].term != slice.runs[i].term) continue;
      own_end = own + 1 < runs_.size() ? runs_[own + 1].first - 1 : last_;
    }
    agree = std::min(end, own_end);
    if (own_end < end) break;
  }
  if (agree < slice.last) {
    cut_after(agree);
    for (std::size_t i = 0; i < slice.runs.size(); ++i) {
      const Index end = i + 1 < slice.runs.size() ? slice.runs[i + 1].first - 1 : slice.last;
      if (end > agree) append(slice.runs[i].term, end - std::max(agree, slice.runs[i].first - 1));
    }
    for (const Change& change : slice.changes) {
      if (change.index > agree) changes_.push_back(change);
    }
  }
  commit(std::max(committed_, std::min(leader_commit, slice.last)));
  return true;
}

void Log::commit(Index index) {
  assert(index >= committed_ && index <= last_);
  committed_ = index;
}

void Log::compact(Index index) {
  assert(index <= committed_);
  if (index <= snapshot_.index) return;
  founders_ = members_at(index);
  snapshot_ = {*term(index), index};
  std::erase_if(changes_, [&](const Change& change) { return change.index <= index; });
  while (!runs_.empty() && (runs_.size() > 1 ? runs_[1].first - 1 : last_) <= index) runs_.erase(runs_.begin());
  if (!runs_.empty()) runs_.front().first = std::max(runs_.front().first, index + 1);
}

void Log::restore(EntryId snapshot, const Members& members) {
  assert(snapshot.index > committed_);
  *this = Log(members, snapshot);
}

}  // namespace nines::models::etcd::raft
