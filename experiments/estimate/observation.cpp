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
          measurement::tell(world, outage, end).phases};
}

LossSeen seen(const models::World& world, const measurement::Loss& loss) {
  const bool known = world.trace.holds(loss.cause);
  return {loss.service, known ? origin_of(world, loss.cause) : Occurrence{}, loss.records_all, loss.records_one,
          loss.seconds};
}

double records_lost(const models::Plan& plan, const measurement::SliPlan& sli, const LossSeen& loss) {
  const measurement::ServicePlan& service = plan.services[sli.service];
  if (service.kind != measurement::ServiceKind::kafka || service.index != loss.service) return 0;
  switch (plan.topology.services[service.index].slis[sli.spec].kind) {
    case models::SliKind::write: return loss.records_all;
    case models::SliKind::write_acks1: return loss.records_one;
    case models::SliKind::read:
    case models::SliKind::visible: break;
  }
  return loss.records_all + loss.records_one;
}

double records_lost(const models::Plan& plan, const measurement::SliPlan& sli, const std::vector<LossSeen>& losses) {
  double records = 0;
  for (const LossSeen& loss : losses) records += records_lost(plan, sli, loss);
  return records;
}

}  // namespace nines::experiments
