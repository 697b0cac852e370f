#include "models/rabbitmq/delivery.hpp"

#include <algorithm>

namespace nines::models::rabbitmq::delivery {

namespace {

/// Less than this is none.
constexpr double nothing = 1e-9;

void append(Batches& batches, const Batch& batch) {
  if (batch.messages <= nothing) return;
  if (!batches.empty() && batches.back().failed == batch.failed)
    batches.back().messages += batch.messages;
  else
    batches.push_back(batch);
}

}  // namespace

double total(const Batches& batches) {
  double messages = 0;
  for (const Batch& batch : batches) messages += batch.messages;
  return messages;
}

double pace(const Terms& terms, double capacity_per_s, Duration holds_each) {
  if (terms.automatic || terms.prefetch <= 0 || holds_each <= Duration()) return capacity_per_s;
  return std::min(capacity_per_s, static_cast<double>(terms.prefetch) / holds_each.to_seconds());
}

double outstanding(const Terms& terms, double per_s, Duration holds_each, double waiting) {
  const double all = per_s * holds_each.to_seconds() + waiting;
  if (terms.automatic || terms.prefetch <= 0) return all;
  return std::min(all, static_cast<double>(terms.prefetch));
}

Batches send(Line& line, double messages) {
  Batches sent;
  std::size_t gone = 0;
  for (Batch& batch : line.returned) {
    if (messages <= nothing) break;
    const double part = std::min(batch.messages, messages);
    append(sent, {part, batch.failed});
    batch.messages -= part;
    messages -= part;
    gone += batch.messages <= nothing ? 1 : 0;
  }
  line.returned.erase(line.returned.begin(), line.returned.begin() + static_cast<std::ptrdiff_t>(gone));
  append(sent, {messages, 0});
  return sent;
}

void settle(Line& line, double messages) {
  if (!line.returned.empty()) send(line, messages);
}

void keep(Line& line, const Batches& held) {
  // What has never failed need not be told apart from what was never sent.
  Batches front;
  for (const Batch& batch : held) {
    if (batch.failed > 0) append(front, batch);
  }
  line.returned.insert(line.returned.begin(), front.begin(), front.end());
}

Returned give_back(const Rules& rules, Line& line, const Batches& held, End end) {
  const bool failed = rules.counts && (end == End::channel || (end == End::node && rules.lost_connections_count));
  Returned result;
  for (Batch batch : held) {
    batch.failed += failed ? 1 : 0;
    if (failed && rules.limit >= 0 && batch.failed > rules.limit) {
      result.dropped += batch.messages;
      continue;
    }
    result.again += batch.messages;
    append(line.returned, batch);
  }
  return result;
}

}  // namespace nines::models::rabbitmq::delivery
