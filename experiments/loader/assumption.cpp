#include "experiments/loader/assumption.hpp"

#include "experiments/loader/entry.hpp"

namespace nines::loader {

Assumption assumption_of(const ParameterInfo& info, const Entry& entry) {
  Assumption a;
  a.key = info.key;
  a.law = entry.law;
  a.center = entry.center;
  a.value = entry.number;
  a.low = entry.low;
  a.high = entry.high;
  a.text = entry_text(info, entry);
  a.unit = entry.unit;
  a.boolean = info.dimension == Dimension::boolean;
  a.whole = info.dimension == Dimension::count;
  a.share = info.dimension == Dimension::ratio && entry.high <= 1;
  a.meaning = info.meaning;
  a.source = entry.source;
  a.origin = entry.origin;
  return a;
}

}  // namespace nines::loader
