// What an assessment says to look at next.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "experiments/command/inputs.hpp"
#include "experiments/estimate/assess_output.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/loader/catalogue.hpp"
#include "experiments/report/page.hpp"
#include "models/selector.hpp"

namespace nines::experiments {

namespace {

/// What costs an SLI most.
struct Blame {
  std::string fault;
  std::string parameter;
};

std::string most(const std::map<std::string, double>& shares) {
  const auto found =
      std::max_element(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return found == shares.end() ? "" : found->first;
}

Blame blame_of(const AssessReport& report, std::size_t sli) {
  std::map<std::string, double> faults;
  std::map<std::string, double> parameters;
  for (const BudgetRow& row : report.result->budget) {
    if (row.sli == sli) faults[row.fault] += row.downtime_share;
  }
  Blame blame{most(faults), ""};
  for (const BudgetRow& row : report.result->budget) {
    if (row.sli == sli && row.fault == blame.fault) parameters[row.dominant_parameter] += row.downtime_share;
  }
  blame.parameter = most(parameters);
  return blame;
}

/// The key by which `nines explain` knows a parameter: of black boxes that of the component that the SLI lost most by.
std::string key_of(const AssessReport& report, std::size_t sli, const std::string& parameter) {
  constexpr std::string_view of_boxes = "component.";
  if (!parameter.starts_with(of_boxes)) return parameter;
  const BudgetRow* worst = nullptr;
  for (const BudgetRow& row : report.result->budget) {
    if (row.sli != sli || row.dominant_parameter != parameter) continue;
    if (worst == nullptr || worst->downtime_share < row.downtime_share) worst = &row;
  }
  if (worst == nullptr) return parameter;
  const std::string what = "/" + parameter.substr(of_boxes.size());
  for (const loader::Assumption& known : report.input->assumptions) {
    if (!known.key.starts_with("component/") || !known.key.ends_with(what)) continue;
    const std::string name = known.key.substr(10, known.key.size() - 10 - what.size());
    if (worst->target == name || worst->target.starts_with(name + "-")) return known.key;
  }
  return parameter;
}

bool can_be_explained(const AssessReport& report, const std::string& key) {
  return std::any_of(report.input->assumptions.begin(), report.input->assumptions.end(),
                     [&](const loader::Assumption& known) { return known.key == key; });
}

/// The shortest shipped scenario that begins with the fault and can be played on this topology.
std::string scenario_of(const models::Plan& plan, std::string_view fault) {
  std::string name;
  std::size_t shortest = 0;
  for (const loader::NamedEntry& entry : loader::list_scenarios(scenario_directory().string())) {
    try {
      const loader::Scenario scenario = loader::load_scenario(entry.path);
      if (scenario.actions.empty() || models::verb_info(scenario.actions.front().verb).name != fault) continue;
      if (!name.empty() && scenario.actions.size() >= shortest) continue;
      check_targets(plan, scenario, entry.path);
      check_expected(plan, scenario, entry.path);
      name = entry.name;
      shortest = scenario.actions.size();
    } catch (const loader::InputError&) {
      // Made for other topologies.
    }
  }
  return name;
}

/// Whether what the sample leaves open is what keeps the verdict open, and not the inputs.
bool opened_by_sampling(const AssessReport& report, const SliResult& sli) {
  if (!sli.alarms.empty() || !sli.sla->breach_probability.ci95) return true;
  const sim::Interval& ci95 = *sli.sla->breach_probability.ci95;
  return ci95.lower <= report.options.risk && report.options.risk < ci95.upper;
}

/// The SLI that needs attention most: breached, else open, else the one that was asked for.
std::size_t worst_of(const AssessReport& report) {
  for (const Verdict verdict : {Verdict::breaches, Verdict::open}) {
    for (std::size_t i = 0; i < report.result->slis.size(); ++i) {
      const auto& sla = report.result->slis[i].sla;
      if (sla && sla->verdict == verdict) return i;
    }
  }
  return report.options.target;
}

class Next {
 public:
  explicit Next(const AssessReport& report)
      : report_(report),
        at_(worst_of(report)),
        sli_(report.result->slis[at_]),
        name_(sli_name(*report.plan, sli_.index)) {}

  [[nodiscard]] std::string text() const {
    const bool open = sli_.sla && sli_.sla->verdict == Verdict::open;
    const Assessment& result = *report_.result;
    const bool sampled = result.method != Method::exact;
    if (sampled && ((open && opened_by_sampling(report_, sli_)) || (!sli_.sla && !result.precise))) return more();
    if (open && report_.uncertainty != nullptr && !report_.uncertainty->effects.empty()) return input();
    return look();
  }

 private:
  [[nodiscard]] std::vector<std::string> command(std::string_view verb, const std::vector<std::string>& names) const {
    return command_words(verb, names, report_.command != nullptr ? *report_.command : CommonOptions());
  }

  static std::string say(const std::string& reason, const std::vector<std::string>& words) {
    return "\n" + reason + "\n" + command_text("Next: ", words);
  }

  /// Asks for more of the same.
  [[nodiscard]] std::string more() const {
    constexpr std::uint64_t more_incidents = 4;
    constexpr double finer = 4;
    const bool timeline = report_.result->method == Method::timeline;
    std::vector<std::string> words = command("assess", {report_.topology_path});
    if (timeline) words.insert(words.end(), {"--method", "timeline"});
    if (at_ != 0) words.insert(words.end(), {"--sli", name_});
    if (!report_.result->precise) {
      words.insert(
          words.end(),
          timeline ? std::initializer_list<std::string>{"--max-years",
                                                        fmt::format("{:g}", std::ceil(report_.result->years * finer))}
                   : std::initializer_list<std::string>{
                         "--max-incidents", fmt::format("{}", report_.options.max_incidents * more_incidents)});
    } else {
      words.insert(words.end(), {"--precision", fmt::format("{:.2g}", report_.options.precision / finer)});
    }
    return say(fmt::format("{} is not known precisely enough to judge.", name_), words);
  }

  /// Points at what somebody should measure.
  [[nodiscard]] std::string input() const {
    const auto& effects = report_.uncertainty->effects;
    const auto& effect = *std::max_element(effects.begin(), effects.end(),
                                           [](const auto& a, const auto& b) { return a.sobol_first < b.sobol_first; });
    const std::string& key = report_.input->assumptions[effect.assumption].key;
    return say(fmt::format("The inputs leave {} open, {} most of all: a measured value would tell.", name_, key),
               explain(key));
  }

  [[nodiscard]] std::vector<std::string> explain(const std::string& key) const {
    CommonOptions inputs = report_.command != nullptr ? *report_.command : CommonOptions();
    inputs.without_faults.clear();
    inputs.seed = 1;
    return command_words("explain", {key, report_.topology_path}, inputs);
  }

  /// Points at what costs most: played, where a scenario does it, or else its number.
  [[nodiscard]] std::string look() const {
    const Blame blame = blame_of(report_, at_);
    const std::string scenario = scenario_of(*report_.plan, blame.fault);
    const bool out = sli_.sla && sli_.sla->verdict == Verdict::breaches;
    const std::string what = fmt::format("{}{} costs {} most{}", out ? "To mend first: " : "", blame.fault, name_,
                                         blame.parameter.empty() ? "" : ", by " + blame.parameter);
    if (!scenario.empty()) {
      CommonOptions inputs = report_.command != nullptr ? *report_.command : CommonOptions();
      inputs.without_faults.clear();
      return say(what + ".", command_words("replay", {report_.topology_path, scenario}, inputs));
    }
    if (const std::string key = key_of(report_, at_, blame.parameter); can_be_explained(report_, key)) {
      return say(what + ".", explain(key));
    }
    if (blame.fault.empty()) return "";
    CommonOptions plain;
    return say(what + ".", command_words("explain", {blame.fault}, plain));
  }

  const AssessReport& report_;
  std::size_t at_;
  const SliResult& sli_;
  std::string name_;
};

}  // namespace

std::string next_text(const AssessReport& report) { return report.result->slis.empty() ? "" : Next(report).text(); }

}  // namespace nines::experiments
