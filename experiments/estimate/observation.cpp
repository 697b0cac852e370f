#include "experiments/estimate/observation.hpp"

namespace nines::experiments {

namespace measurement = models::measurement;

OutageSeen seen(const models::World& world, const measurement::Outage& outage, sim::Time until) {
  const bool over = outage.end != sim::Time::never();
  const sim::Time end = over ? outage.end : until;
  return {outage.sli,
          origin_of(world, outage.opened),
          outage.start,
          end,
          end - outage.start,
          !over,
          measurement::explain(world, outage, end).phases};
}

LossSeen seen(const models::World& world, const measurement::Loss& loss) {
  const bool known = world.trace.holds(loss.cause);
  return {loss.service,     known ? origin_of(world, loss.cause) : Occurrence{},
          loss.records_all, loss.records_one,
          loss.records_any, loss.seconds};
}

double records_lost(const measurement::SliPlan& sli, const LossSeen& loss) {
  if (sli.service != loss.service) return 0;
  const bool any = sli.counts_replicated_losses || sli.counts_unreplicated_losses;
  return (any ? loss.records_any : 0) + (sli.counts_replicated_losses ? loss.records_all : 0) +
         (sli.counts_unreplicated_losses ? loss.records_one : 0);
}

double records_lost(const measurement::SliPlan& sli, const std::vector<LossSeen>& losses) {
  double records = 0;
  for (const LossSeen& loss : losses) records += records_lost(sli, loss);
  return records;
}

}  // namespace nines::experiments
