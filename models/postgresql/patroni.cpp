#include "models/postgresql/patroni.hpp"

namespace nines::models::postgresql::patroni {

namespace {

Decision with_key(const View& view) {
  if (!view.data) return Decision::release;
  if (view.busy) return view.overdue && view.rival ? Decision::release : Decision::renew;
  if (!view.primary) return Decision::promote;
  return view.sync_changes ? Decision::change_syncs : Decision::renew;
}

Decision without_leader(const View& view) {
  if (!view.data || view.busy) return Decision::nothing;
  if (view.primary) return view.superseded ? Decision::demote : Decision::stand;
  const bool healthiest = !view.excluded && !view.lagging && !view.primary_alive && !view.ahead;
  return healthiest ? Decision::stand : Decision::nothing;
}

}  // namespace

Decision decide(const View& view) {
  const bool leads = view.primary && view.data && !view.busy;
  if (!view.store) {
    if (!leads) return Decision::nothing;
    return view.all_answer ? Decision::go_on : Decision::step_down;
  }
  switch (view.holder) {
    case Holder::self: return with_key(view);
    case Holder::nobody: return without_leader(view);
    case Holder::other: return leads ? Decision::demote : Decision::nothing;
  }
  return Decision::nothing;
}

}  // namespace nines::models::postgresql::patroni
