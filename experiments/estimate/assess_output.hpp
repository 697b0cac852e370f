// An assessment as JSON for programs, as text for people, as CSV for tables: the same content.
#pragma once

#include <string>

#include "experiments/command/commands.hpp"
#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/headline.hpp"
#include "experiments/estimate/uncertainty.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/report/json_text.hpp"

namespace nines::experiments {

/// What a report says besides the result itself.
struct AssessReport {
  const loader::LoadedTopology* input = nullptr;
  const models::Plan* plan = nullptr;
  const Assessment* result = nullptr;
  const Uncertainty* uncertainty = nullptr;  ///< null: not asked
  AssessOptions options;
  std::string topology_path;  ///< as the user gave it, for the next command
  double wall_s = 0;          ///< in the JSON only if `command` asks for it
  /// What else the user gave, for the next command; null: nothing.
  const CommonOptions* command = nullptr;
  std::vector<std::string> words{};  ///< the whole command; empty: not known
};

/// RTO, RPO and the chance of a breach of an SLI as sentences.
struct HeadlineWords {
  std::string rto;
  std::string rpo;
  std::string breach;  ///< empty without a target
};
HeadlineWords headline_words(const AssessReport& report, const Headline& headline);
/// "0.13 % of windows breach it (...); 0.037 % to 3.6 % with the inputs anywhere in their ranges". REQUIRES: it has an
/// SLA.
std::string sla_sentence(const AssessReport& report, const SliResult& sli);
/// What stands where in health: zones, machines that are alike, what they carry, black boxes.
Json layout_json(const models::Plan& plan);

/// What to look at next, by what the answer is: a reason and a command to copy.
std::string next_text(const AssessReport& report);

Json assess_json(const AssessReport& report);
std::string assess_text(const AssessReport& report);
std::string assess_csv(const AssessReport& report);

/// RTO, RPO, breach of a month and a year, single points of failure of each service: the lines that come first.
std::string headline_text(const AssessReport& report);
/// The incidents that `--worst` asked for, each with its command.
std::string worst_incidents_text(const AssessReport& report);
/// The command that plays an incident again.
std::string incident_command(const AssessReport& report, const IncidentRecipe& recipe);
/// Acknowledged records lost a year, as a bound or as "once in N years" where losses are too few for such a figure.
std::string records_text(const DataLoss& loss);

const models::measurement::SliPlan& plan_of(const AssessReport& report, const SliResult& sli);
const std::string& service_of(const AssessReport& report, const SliResult& sli);
/// Losses, or records lost, a year. Few incidents lose anything: one digit, and "about", where half the 95 % interval
/// is as wide as half the figure or wider.
std::string loss_text(const sim::Estimate& a_year);
/// Expected SLA credit of a month if the charge is the monthly bill.
double credit_usd(const AssessReport& report, const SlaResult& sla);
/// What to know before one believes the figures.
std::vector<std::string> warnings_of(const AssessReport& report);
std::string_view verdict_name(Verdict verdict);
std::string_view method_name(Method method);
/// Why the method was taken: a sentence.
std::string method_reason(const AssessReport& report);
std::string_view category_name(models::Category category);
/// Probability that at least one window of a year breaches, windows judged one by one.
double year_breach(const SlaResult& sla, double window_breach);

}  // namespace nines::experiments
