// Events of alerting rules.
#pragma once

#include "models/ids.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::alerts {

using sim::EventInfo;

// clang-format off
struct ThresholdCrossed {
  std::uint16_t rule;
  static constexpr EventInfo info{"alert.threshold", "", "", "what an alert watches passes its threshold"};
};
struct TargetRead {
  std::uint16_t rule;
  static constexpr EventInfo info{"alert.read", "detect", "alerts.scrape_interval", "a reading shows that what an alert watches has passed its threshold"};
};
struct RuleEvaluated {
  std::uint16_t rule;
  static constexpr EventInfo info{"alert.evaluated", "detect", "alerts.evaluation_interval", "an alert's rule is evaluated"};
};
struct AlertFires {
  std::uint16_t rule;
  static constexpr EventInfo info{"alert.fires", "", "", "a rule has held for long enough", true};
};
struct PeopleTold {
  std::uint16_t rule;
  static constexpr EventInfo info{"alert.people_told", "person", "alerts.group_wait", "the notification of an alert goes out", true};
};
// clang-format on

ComponentId subject(const Plan& plan, const ThresholdCrossed& event);
ComponentId subject(const Plan& plan, const TargetRead& event);
ComponentId subject(const Plan& plan, const RuleEvaluated& event);
ComponentId subject(const Plan& plan, const AlertFires& event);
ComponentId subject(const Plan& plan, const PeopleTold& event);

void on(World& world, const ThresholdCrossed& event);
void on(World& world, const TargetRead& event);
void on(World& world, const RuleEvaluated& event);
void on(World& world, const PeopleTold& event);

}  // namespace nines::models::alerts

#define NINES_ROOM alerts
#define NINES_ROOM_EVENTS "models/alerts/events.def"
#include "models/number_events.hpp"
