// The four lines that come first: RTO, RPO, breach of a month and a year, single points of failure.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/estimate/assess_output.hpp"
#include "experiments/estimate/headline.hpp"
#include "experiments/estimate/incident_recipe.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/page.hpp"
#include "experiments/report/text.hpp"

namespace nines::experiments {

namespace {

/// Two digits, without those that nobody knows: "52", "30,000", "1e+12".
std::string round_text(double value) {
  if (value < 100) return number_text(value, 2);
  if (value >= 1e12) return fmt::format("{:.0e}", value);
  double unit = 1;
  while (value / unit >= 100) unit *= 10;
  std::string digits = fmt::format("{:.0f}", std::round(value / unit) * unit);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

/// "once in 52 years", "3.2 times a year".
std::string frequency_text(double per_year) {
  if (per_year <= 0) return "never";
  if (per_year < 0.9) {
    return fmt::format("once in {} years", round_text(1 / per_year));
  }
  return number_text(per_year, 2) + " times a year";
}

/// SLIs of which the same is to be said, by name.
struct Line {
  std::string text;
  std::vector<std::string> slis;
};

void add(std::vector<Line>& lines, const std::string& sli, const std::string& text) {
  const auto same = std::find_if(lines.begin(), lines.end(), [&](const Line& line) { return line.text == text; });
  (same == lines.end() ? lines.emplace_back(Line{text, {}}) : *same).slis.push_back(sli);
}

/// "RTO     write, visible: ..."; of a service's only SLI, or of all of them, without names.
std::string rendered(std::string_view title, const std::vector<Line>& lines, std::size_t of) {
  std::string text;
  for (const Line& line : lines) {
    const std::string names = line.slis.size() == of ? "" : fmt::format("{}: ", fmt::join(line.slis, ", "));
    text += hanging(fmt::format("  {:<8}", &line == &lines.front() ? title : ""), names + line.text);
  }
  return text;
}

std::string rto_text(const SliResult& sli, const Headline& headline) {
  const RecoveryTime& recovery = sli.recovery;
  std::string text;
  if (recovery.p50 && recovery.p95) {
    text = fmt::format("p50 {}, p95 {}", duration_text(*recovery.p50), duration_text(*recovery.p95));
  } else if (recovery.mean) {
    text = fmt::format("mean {}", duration_text(*recovery.mean));
  } else {
    return sli.outages > 0 ? "no outage ended" : "no outage seen";
  }
  if (recovery.censored_share > 0)
    text += fmt::format("; {} of outages never end", percent_text(recovery.censored_share, 2));
  if (!headline.longest) return text;
  const LongestFault& longest = *headline.longest;
  text += fmt::format("; longest by {}", longest.fault);
  if (longest.p95_s) text += fmt::format(": p95 {}", duration_text(*longest.p95_s));
  if (longest.never_ends) text += longest.p95_s ? ", some never end" : ": never ends";
  return text + ", " + frequency_text(longest.outages_per_year);
}

std::string lost_at_once(const DataLoss& loss) {
  if (loss.records_p50 && loss.records_p95) {
    if (*loss.records_p50 == *loss.records_p95) {
      const std::string of =
          loss.seconds_p95 ? fmt::format(" ({} of production)", duration_text(*loss.seconds_p95)) : std::string();
      return fmt::format("{} records{}", round_text(*loss.records_p95), of);
    }
    const std::string of = loss.seconds_p50 && loss.seconds_p95
                               ? fmt::format(" ({} and {} of production)", duration_text(*loss.seconds_p50),
                                             duration_text(*loss.seconds_p95))
                               : std::string();
    return fmt::format("p50 {}, p95 {} records{}", round_text(*loss.records_p50), round_text(*loss.records_p95), of);
  }
  if (!loss.records_per_year.value || !loss.events_per_year.value || *loss.events_per_year.value <= 0) return "records";
  return fmt::format("about {} records", round_text(*loss.records_per_year.value / *loss.events_per_year.value));
}

std::string rpo_text(const AssessReport& report, const SliResult& sli, const Headline& headline) {
  if (!headline.holds_data) return "not modelled: black boxes hold no records";
  const DataLoss& loss = sli.loss;
  switch (loss_known(loss)) {
    case LossKnown::unseen: {
      const std::string seen = fmt::format("no acknowledged record lost in {} incidents", report.result->incidents);
      if (!loss.events_per_year.upper95) return seen;
      return fmt::format("{}: losses at most {}", seen, frequency_text(*loss.events_per_year.upper95));
    }
    case LossKnown::beyond: return "records are lost less than once in 1,000,000 years";
    case LossKnown::few: {
      const std::uint64_t seen = loss.events_per_year.observations;
      return fmt::format("{}; seen in {} of {} incidents: at most {}", lost_at_once(loss), seen,
                         report.result->incidents, frequency_text(most_losses_per_year(loss).value_or(0)));
    }
    case LossKnown::seldom:
    case LossKnown::bounded:
    case LossKnown::a_figure: break;
  }
  std::string text = fmt::format("{}, {}", lost_at_once(loss), frequency_text(*loss.events_per_year.value));
  if (headline.lossiest) {
    text += fmt::format("; most by {}", headline.lossiest->fault);
    if (headline.lossiest->records_p95) {
      text += fmt::format(": p95 {} records", round_text(*headline.lossiest->records_p95));
    }
  }
  return text;
}

std::string chance_text(const sim::Estimate& breach, std::string_view of) {
  if (breach.value && breach.ci95 && breach.ci95->upper < beyond_belief) {
    return fmt::format("fewer than 0.0000001 % of {}", of);
  }
  if (breach.value) return fmt::format("{} of {}", percent_text(*breach.value, 2), of);
  if (breach.upper95) return fmt::format("at most {} of {}", percent_text(*breach.upper95, 2), of);
  if (breach.lower95) return fmt::format("at least {} of {}", percent_text(*breach.lower95, 2), of);
  return fmt::format("of {} not known", of);
}

std::string breach_text(const SliResult& sli) {
  return fmt::format("{} and {} miss {:.7g} %", chance_text(sli.breach.month, "months"),
                     chance_text(sli.breach.year, "years"), sli.sla->spec.target * 100);
}

std::string single_points_text(const Headline& headline) {
  constexpr std::size_t most = 6;
  const std::vector<std::string>& parts = headline.single_points;
  if (parts.empty()) return "none";
  const std::vector<std::string> shown(parts.begin(),
                                       parts.begin() + static_cast<std::ptrdiff_t>(std::min(most, parts.size())));
  return fmt::format("{}{}", fmt::join(shown, ", "),
                     parts.size() > most ? fmt::format(" and {} more", parts.size() - most) : "");
}

std::string faults_text(const models::Plan& plan, const IncidentRecipe& recipe) {
  std::vector<std::string> parts;
  for (const Strike& strike : recipe.strikes) {
    const double after = (strike.at - incident_start).to_seconds();
    parts.push_back(parts.empty() ? source_name(plan, strike.source)
                                  : fmt::format("{} after {}", source_name(plan, strike.source), duration_text(after)));
  }
  return fmt::format("{}", fmt::join(parts, ", then "));
}

std::vector<std::string> incident_words(const AssessReport& report, const IncidentRecipe& recipe) {
  std::vector<std::string> words =
      command_words("replay", {report.topology_path}, report.command != nullptr ? *report.command : CommonOptions());
  words.insert(words.end(), {"--incident", incident_word(recipe, incident_fingerprint(*report.input, *report.plan))});
  return words;
}

std::string worst_text(const AssessReport& report, WorstIncident::By by, std::string_view title) {
  std::string text;
  std::size_t number = 0;
  for (const WorstIncident& entry : report.result->worst) {
    if (entry.by != by) continue;
    const std::string sli = sli_name(*report.plan, report.result->slis[entry.sli].index);
    if (text.empty()) text = fmt::format("\n{} ({})\n", title, sli);
    const std::string size =
        by == WorstIncident::By::downtime
            ? fmt::format("out for {}{}", duration_text(entry.downtime_s), entry.never_ended ? " and on" : "")
            : fmt::format("{} records lost", number_text(entry.records_lost));
    text += hanging(fmt::format("  {}. ", ++number),
                    fmt::format("{}: {}; as bad or worse {}", size, faults_text(*report.plan, entry.recipe),
                                frequency_text(entry.as_bad_per_year)));
    text += command_text("     ", incident_words(report, entry.recipe));
  }
  return text;
}

}  // namespace

HeadlineWords headline_words(const AssessReport& report, const Headline& headline) {
  const SliResult& sli = report.result->slis[headline.sli];
  return {rto_text(sli, headline), rpo_text(report, sli, headline), sli.sla ? breach_text(sli) : ""};
}

std::string incident_command(const AssessReport& report, const IncidentRecipe& recipe) {
  return command_line(incident_words(report, recipe));
}

std::string headline_text(const AssessReport& report) {
  const std::vector<Headline> all = headlines(*report.plan, *report.result);
  std::string text;
  for (const models::ServiceId service : report.plan->services.ids()) {
    std::vector<Line> rto;
    std::vector<Line> rpo;
    std::vector<Line> breach;
    std::vector<Line> single;
    std::size_t slis = 0;
    std::size_t promised = 0;
    for (const Headline& headline : all) {
      const SliResult& sli = report.result->slis[headline.sli];
      if (plan_of(report, sli).service != service) continue;
      const std::string& name = plan_of(report, sli).name;
      ++slis;
      const HeadlineWords words = headline_words(report, headline);
      add(rto, name, words.rto);
      add(rpo, name, words.rpo);
      add(single, name, single_points_text(headline));
      if (!sli.sla) continue;
      ++promised;
      add(breach, name, words.breach);
    }
    if (slis == 0) continue;
    text += fmt::format("\n{}\n{}{}{}{}", report.plan->services[service].name, rendered("RTO", rto, slis),
                        rendered("RPO", rpo, slis),
                        promised == 0 ? "  breach  no SLI has a target\n" : rendered("breach", breach, promised),
                        rendered("single", single, slis));
  }
  return text;
}

std::string worst_incidents_text(const AssessReport& report) {
  return worst_text(report, WorstIncident::By::downtime, "Longest incidents of the sample, and how to see each") +
         worst_text(report, WorstIncident::By::loss, "Incidents of the sample that lost most");
}

std::string records_text(const DataLoss& loss) {
  switch (loss_known(loss)) {
    case LossKnown::unseen: return loss_text(loss.records_per_year);
    case LossKnown::beyond: return "< 1 loss in 10^6 yr";
    case LossKnown::few: return "at most " + frequency_text(most_losses_per_year(loss).value_or(0));
    case LossKnown::seldom:
      return fmt::format("{}: {}", frequency_text(*loss.events_per_year.value),
                         loss.records_p50 ? round_text(*loss.records_p50) : lost_at_once(loss));
    case LossKnown::bounded:
      if (loss.records_per_year.ci95) return "< " + number_text(loss.records_per_year.ci95->upper, 2);
      if (loss.records_per_year.upper95) return "< " + number_text(*loss.records_per_year.upper95, 2);
      return frequency_text(*loss.events_per_year.value);
    case LossKnown::a_figure: break;
  }
  return loss_text(loss.records_per_year);
}

}  // namespace nines::experiments
