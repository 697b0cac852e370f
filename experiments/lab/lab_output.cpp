#include "experiments/lab/lab_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/estimate/sli_names.hpp"
#include "experiments/replay/replay_output.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/page.hpp"
#include "experiments/report/text.hpp"
#include "models/scenario.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

using loader::Lab;
using loader::LabPrediction;
using Align = TextTable::Align;

constexpr std::size_t most_budget_rows = 5;
constexpr int truth_digits = 4;
constexpr std::size_t most_timeline_lines = 60;

char letter(std::size_t option) { return static_cast<char>('a' + option); }

void replace_all(std::string& text, std::string_view what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

/// A paragraph for the page, without the hanging lines of a report.
std::string paragraph(std::string_view words) {
  std::string text;
  for (const std::string& line : wrapped(escape::visible(words), page().width)) text += line + "\n";
  return text;
}

std::string paragraphs(const std::vector<std::string>& texts) {
  std::string text;
  for (const std::string& words : texts) text += (text.empty() ? "" : "\n") + paragraph(words);
  return text;
}

/// Explanations with what the plays gave in them.
std::vector<std::string> told(std::vector<std::string> texts, LabSession& session, bool what_if) {
  for (std::string& text : texts) {
    if (text.find("{truth}") != std::string::npos)
      replace_all(text, "{truth}", lab_number(session.lab().predict, session.truth()));
    if (what_if && text.find("{what_if_truth}") != std::string::npos)
      replace_all(text, "{what_if_truth}", lab_number(session.lab().what_if.predict, session.what_if_truth()));
  }
  return texts;
}

std::string options_text(const LabPrediction& prediction) {
  std::string text;
  for (std::size_t i = 0; i < prediction.options.size(); ++i)
    text += hanging(fmt::format("  {})  ", letter(i)), escape::visible(prediction.options[i].text));
  if (!prediction.choice()) {
    text += fmt::format("  A number{}; right within {}.\n",
                        prediction.unit.empty() ? "" : " of " + escape::visible(prediction.unit),
                        prediction.tolerance > 0 && prediction.within > 0
                            ? fmt::format("{} of the truth, or {}", percent_text(prediction.tolerance),
                                          lab_number(prediction, prediction.within))
                        : prediction.tolerance > 0 ? percent_text(prediction.tolerance) + " of the truth"
                                                   : lab_number(prediction, prediction.within));
  }
  return text;
}

std::vector<std::string> go_on(const LabSession& session, const LabView& view,
                               const std::vector<std::string>& options) {
  std::vector<std::string> words{"nines", "lab", "run", view.lab};
  if (session.seed() != 1) words.insert(words.end(), {"--seed", std::to_string(session.seed())});
  words.insert(words.end(), options.begin(), options.end());
  return words;
}

/// What to type for an answer: something that is plainly no hint.
std::string example_answer(const LabPrediction& prediction) { return prediction.choice() ? "a" : "1"; }

// ---- plays ----

std::string steps_text(const LabPlay& play) {
  std::string text;
  for (const models::Action& action : play.scenario.actions) {
    text += fmt::format("  at {} s: {} {}{}{}\n", seconds_text(action.at),
                        models::verbs[static_cast<std::size_t>(action.verb)].name, escape::visible(action.target),
                        action.from.empty() ? "" : " from " + escape::visible(action.from),
                        action.duration ? fmt::format(" for {}", duration_text(seconds(*action.duration))) : "");
  }
  return text;
}

/// The timeline; of a long one the beginning, unless `full`.
std::string shortened_timeline(const ReplayRun& run, bool full) {
  const std::string text = fitted(timeline_text(run, false));
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (full || lines <= most_timeline_lines) return text;
  std::size_t end = 0;
  for (std::size_t line = 0; line < most_timeline_lines; ++line) end = text.find('\n', end) + 1;
  return text.substr(0, end) + fmt::format("  ... {} more lines: --full shows them\n", lines - most_timeline_lines);
}

/// Every outage in a line; the longest one of the SLI in question with its chain of causes.
std::string outages_in_short(const ReplayRun& run, const std::string& sli, bool full) {
  if (full || run.outages.empty()) return outages_text(run);
  TextTable table({"outage of", "from s", "for s", "longest wait set by"},
                  {Align::left, Align::right, Align::right, Align::left});
  ReplayRun longest;
  for (const ReplayOutage& outage : run.outages) {
    const std::string name = outage.service + "/" + outage.sli;
    table.add({name, seconds_text(outage.start), seconds_text(outage.length) + (outage.censored ? ", not over" : ""),
               outage.dominant_parameter});
    if (name != sli) continue;
    if (longest.outages.empty() || longest.outages.front().length < outage.length) longest.outages = {outage};
  }
  return "\nOutages, one a line\n" + table.text() + (longest.outages.empty() ? "" : outages_text(longest));
}

std::string losses_in_short(const ReplayRun& run) {
  std::string text;
  for (const ReplayLoss& loss : run.losses)
    text +=
        fmt::format("  {} lost {} records: {}\n", loss.service, number_text(loss.records(), truth_digits), loss.rule);
  return text.empty() ? "" : "\nRecords lost\n" + text;
}

std::string spread_text(const LabPlay& play, const loader::LabFigure& figure, const LabPrediction& prediction) {
  const std::vector<double> values = lab_figures(play, figure);
  if (play.played().count < 2 || values.empty()) return "";
  const Spread spread = spread_of(values);
  return fmt::format("\nOver {}: mean {}, p5 {}, p50 {}, p95 {}, max {}.{}\n", counted(play.played().count, "run"),
                     lab_number(prediction, spread.mean), lab_number(prediction, spread.p5),
                     lab_number(prediction, spread.p50), lab_number(prediction, spread.p95),
                     lab_number(prediction, spread.max),
                     values.size() < play.played().count
                         ? fmt::format(" ({} have no such moment.)", play.played().count - values.size())
                         : "");
}

std::string assessment_text(const LabPlay& play, const loader::LabFigure& figure) {
  const Assessment& result = *play.assessment;
  TextTable table({"SLI", "availability", "down min/yr", "outages/yr", "mean outage"},
                  {Align::left, Align::left, Align::right, Align::right, Align::right});
  for (const SliResult& sli : result.slis) {
    const auto number = [](const std::optional<double>& value) { return value ? number_text(*value) : "-"; };
    table.add({sli_name(play.plan, sli.index), availability_text(sli.unavailability),
               sli.unavailability.value ? number_text(*sli.unavailability.value * sim::minutes_per_year) : "-",
               number(sli.outages_per_year.value), sli.recovery.mean ? duration_text(*sli.recovery.mean) : "-"});
  }
  std::string text = "\nAssessed\n" + table.text();
  TextTable budget({"share", "fault", "target", "mean outage", "set by"},
                   {Align::right, Align::left, Align::left, Align::right, Align::left});
  std::size_t rows = 0;
  for (const BudgetRow& row : result.budget) {
    if (sli_name(play.plan, result.slis[row.sli].index) != figure.sli || rows == most_budget_rows) continue;
    ++rows;
    budget.add({percent_text(row.downtime_share), row.fault, row.target,
                row.mean_outage_s ? duration_text(*row.mean_outage_s) : "-", row.dominant_parameter});
  }
  if (rows > 0) text += fmt::format("\nWhat its downtime is spent on ({})\n", figure.sli) + budget.text();
  return text;
}

std::string play_text(const LabPlay& play, const loader::LabFigure& figure, const LabPrediction& prediction,
                      bool full) {
  std::string text = fmt::format("{}: {}\n", play.plan.topology.name, escape::visible(play.loaded.topology.title));
  for (const loader::LabEdit& set : play.run->sets)
    text += fmt::format("  with {} = {}\n", escape::visible(set.edit.pointer), escape::visible(set.edit.value));
  if (play.assessment) return text + assessment_text(play, figure);
  text += steps_text(play);
  if (play.replay.fork) {
    text += fmt::format("  from {} s on with", seconds_text(*play.options.fork_at));
    for (const loader::LabEdit& set : play.run->fork_sets)
      text += fmt::format(" {} = {}", escape::visible(set.edit.pointer), escape::visible(set.edit.value));
    text += "\n";
  }
  const ReplayRun& first = play.played().runs.front();
  if (play.played().count > 1) text += fmt::format("\nThe first of {}:\n", counted(play.played().count, "run"));
  return text + shortened_timeline(first, full) + outages_in_short(first, figure.sli, full) + losses_in_short(first) +
         spread_text(play, figure, prediction);
}

std::string answer_words(const LabPrediction& prediction, const std::string& given) {
  const LabAnswer answer = *parse_answer(prediction, given);
  if (!prediction.choice())
    return fmt::format("{:g}{}", answer.number, prediction.unit.empty() ? "" : " " + escape::visible(prediction.unit));
  return fmt::format("{}) {}", letter(answer.option), escape::visible(prediction.options[answer.option].text));
}

std::string truth_words(const Lab& lab, const LabPrediction& prediction, double truth) {
  if (!prediction.choice()) return lab_number(prediction, truth);
  const std::size_t right = right_option(lab, prediction, truth);
  return fmt::format("{}) {}", letter(right), escape::visible(prediction.options[right].text));
}

std::string verdict_text(const Lab& lab, const LabPrediction& prediction, double truth, const std::string& given) {
  const LabAnswer answer = *parse_answer(prediction, given);
  const bool right = is_right(lab, prediction, truth, answer);
  std::string text = hanging("  You said  ", answer_words(prediction, given));
  text += hanging("  Played    ", truth_words(lab, prediction, truth));
  text += fmt::format("  {}", painted(right ? Tone::good : Tone::bad, right ? "RIGHT" : "NOT SO"));
  if (!prediction.choice() && truth != 0)
    text += fmt::format(", {} {} the truth", percent_text(std::abs(answer.number / truth - 1)),
                        answer.number < truth ? "below" : "above");
  if (prediction.choice() && !right && !prediction.options[answer.option].hint.empty())
    text += ": " + escape::visible(prediction.options[answer.option].hint);
  return text + "\n";
}

std::string held_text(const Lab& lab, const LabPlay& play, bool what_if) {
  std::string text;
  for (const LabHeld& held : statements_of(lab, play, what_if)) {
    text +=
        fmt::format("  {}  {}: {}{}\n", painted(held.held() ? Tone::good : Tone::bad, held.held() ? "HOLDS" : "FAILS"),
                    escape::visible(held.statement->text), number_text(held.figure, truth_digits),
                    held.statement->by.empty() ? "" : fmt::format(" ({})", escape::visible(held.statement->by)));
  }
  return text.empty() ? "" : "\nHeld against the play\n" + text;
}

std::string head_text(const LabSession& session) {
  const Lab& lab = session.lab();
  std::string text = fmt::format("Lab {}, {}: {}\n", lab.number, lab.level, escape::visible(lab.title));
  if (lab.variants > 1)
    text += fmt::format("Seed {}: variant {} of {}\n", session.seed(), lab.variant + 1, lab.variants);
  return text;
}

std::string question_text(const LabSession& session) {
  const Lab& lab = session.lab();
  return fmt::format("\n{}\nQuestion\n{}\n{}", paragraphs(lab.about), paragraph(lab.question),
                     options_text(lab.predict));
}

// ---- JSON ----

Json prediction_json(const LabPrediction& prediction) {
  if (!prediction.choice())
    return {{"unit", prediction.unit}, {"tolerance", prediction.tolerance}, {"within", prediction.within}};
  Json options = Json::array();
  for (std::size_t i = 0; i < prediction.options.size(); ++i)
    options.push_back({{"answer", std::string(1, letter(i))}, {"text", prediction.options[i].text}});
  return {{"options", std::move(options)}};
}

Json result_json(LabSession& session, const LabPlay& play, const LabPrediction& prediction, double truth,
                 const std::string& given, bool what_if) {
  const Lab& lab = session.lab();
  Json holds = Json::array();
  for (const LabHeld& held : statements_of(lab, play, what_if))
    holds.push_back({{"text", held.statement->text},
                     {"figure", held.statement->figure.name()},
                     {"value", held.figure},
                     {"holds", held.held()},
                     {"by", held.statement->by}});
  Json result = {{"answer", given},
                 {"right", is_right(lab, prediction, truth, *parse_answer(prediction, given))},
                 {"truth", {{"value", truth}, {"unit", prediction.unit}}}};
  if (prediction.choice()) result["truth"]["answer"] = right_answer(lab, prediction, truth);
  result["why"] = told(what_if ? lab.what_if.why : lab.why, session, what_if);
  result["holds"] = std::move(holds);
  if (play.assessment) return result;
  ReplayReport report{&play.loaded, &play.plan, &play.scenario, &play.replay, play.options, {}, "", "", nullptr};
  for (const loader::LabEdit& set : play.run->fork_sets) report.sets.push_back(set.edit.pointer + "=" + set.edit.value);
  // Of many runs the first shows what happens; the others are in the figure.
  Json replayed = replay_json(report);
  if (replayed.contains("runs") && replayed["runs"].size() > 1) replayed["runs"] = Json::array({replayed["runs"][0]});
  result["replay"] = std::move(replayed);
  return result;
}

Json lab_summary(const Lab& lab) {
  return {{"number", lab.number}, {"name", lab.name},         {"title", lab.title},
          {"level", lab.level},   {"variants", lab.variants}, {"asks", lab.predict.choice() ? "choice" : "number"}};
}

}  // namespace

std::string lab_number(const LabPrediction& prediction, double value) {
  const std::string number = number_text(value, truth_digits);
  return prediction.unit.empty() ? number : fmt::format("{} {}", number, escape::visible(prediction.unit));
}

std::string right_answer(const Lab& lab, const LabPrediction& prediction, double truth) {
  return prediction.choice() ? std::string(1, letter(right_option(lab, prediction, truth)))
                             : number_text(truth, truth_digits);
}

std::string lab_text(LabSession& session, const LabView& view) {
  const Lab& lab = session.lab();
  std::string text = head_text(session);
  if (!view.predict) {
    return text + question_text(session) + "\nPredict first, then see it happen:\n" +
           command_text(command_label, go_on(session, view, {"--predict", example_answer(lab.predict)}));
  }
  text += fmt::format("\nQuestion\n{}", paragraph(lab.question));
  text += "\nWhat happens\n" + play_text(session.run(), lab.truth, lab.predict, view.full);
  text += "\nPrediction and truth\n" + verdict_text(lab, lab.predict, session.truth(), *view.predict);
  text += "\nWhy\n" + paragraphs(told(lab.why, session, false));
  text += list_text("Sources", lab.sources);
  text += held_text(lab, session.run(), false);
  text += fmt::format("\nWhat if\n{}\n{}", paragraph(lab.what_if.question), options_text(lab.what_if.predict));
  if (!view.what_if) {
    return text + "\nPredict that too:\n" +
           command_text(
               command_label,
               go_on(session, view, {"--predict", *view.predict, "--what-if", example_answer(lab.what_if.predict)}));
  }
  text += "\nWhat happens then\n" + play_text(session.what_if(), lab.what_if.truth, lab.what_if.predict, view.full);
  text += "\nPrediction and truth\n" + verdict_text(lab, lab.what_if.predict, session.what_if_truth(), *view.what_if);
  text += "\nWhy\n" + paragraphs(told(lab.what_if.why, session, true));
  return text + held_text(lab, session.what_if(), true);
}

Json lab_json(LabSession& session, const LabView& view) {
  const Lab& lab = session.lab();
  Json json = {{"schema", "nines/lab-result/1"}};
  json.update(lab_summary(lab));
  json["seed"] = session.seed();
  json["values"] = lab.values;
  json["about"] = lab.about;
  json["question"] = lab.question;
  json["predict"] = prediction_json(lab.predict);
  if (!view.predict) return json;
  json["result"] = result_json(session, session.run(), lab.predict, session.truth(), *view.predict, false);
  json["sources"] = lab.sources;
  json["what_if"] = {{"question", lab.what_if.question}, {"predict", prediction_json(lab.what_if.predict)}};
  if (view.what_if)
    json["what_if"]["result"] =
        result_json(session, session.what_if(), lab.what_if.predict, session.what_if_truth(), *view.what_if, true);
  return json;
}

namespace {

LabCheck check_of(const Lab& lab, const LabPrediction& prediction, double truth, const std::string& given) {
  const LabAnswer answer = *parse_answer(prediction, given);
  LabCheck check;
  check.right = is_right(lab, prediction, truth, answer);
  if (check.right) return check;
  if (!prediction.choice())
    check.hint = answer.number < truth ? "Too low." : "Too high.";
  else
    check.hint = prediction.options[answer.option].hint;
  if (!prediction.hint.empty()) check.hint += (check.hint.empty() ? "" : " ") + prediction.hint;
  return check;
}

}  // namespace

LabCheck check_answer(LabSession& session, const std::string& given) {
  return check_of(session.lab(), session.lab().predict, session.truth(), given);
}

LabCheck check_what_if(LabSession& session, const std::string& given) {
  return check_of(session.lab(), session.lab().what_if.predict, session.what_if_truth(), given);
}

// ---- key ----

namespace {

std::string values_words(const Lab& lab) {
  std::string text;
  for (const auto& [name, value] : lab.values.items())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name,
                        value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

/// The letter with the figure behind it, or the number alone.
std::string key_answer(const Lab& lab, const LabPrediction& prediction, double truth) {
  if (!prediction.choice()) return lab_number(prediction, truth);
  return fmt::format("{} ({})", right_answer(lab, prediction, truth), lab_number(prediction, truth));
}

}  // namespace

std::string key_text(const std::vector<LabKeyRow>& rows) {
  TextTable table({"lab", "name", "seed", "values", "truth", "what if"},
                  {Align::right, Align::left, Align::right, Align::left, Align::left, Align::left});
  table.leave_out({"values"});
  for (const LabKeyRow& row : rows) {
    table.add({fmt::format("{}", row.lab->number), row.lab->name, fmt::format("{}", row.seed), values_words(*row.lab),
               key_answer(*row.lab, row.lab->predict, row.truth),
               key_answer(*row.lab, row.lab->what_if.predict, row.what_if_truth)});
  }
  return table.text(0);
}

std::string key_csv(const std::vector<LabKeyRow>& rows) {
  std::string text = csv_line({"lab", "name", "seed", "variant", "answer", "truth", "unit", "margin", "what_if_answer",
                               "what_if_truth", "what_if_unit"});
  for (const LabKeyRow& row : rows) {
    const Lab& lab = *row.lab;
    text +=
        csv_line({fmt::format("{}", lab.number), lab.name, fmt::format("{}", row.seed),
                  fmt::format("{}", lab.variant + 1), right_answer(lab, lab.predict, row.truth), csv_number(row.truth),
                  lab.predict.unit, lab.predict.choice() ? "" : csv_number(lab.predict.margin(row.truth)),
                  right_answer(lab, lab.what_if.predict, row.what_if_truth), csv_number(row.what_if_truth),
                  lab.what_if.predict.unit});
  }
  return text;
}

Json key_json(const std::vector<LabKeyRow>& rows) {
  Json list = Json::array();
  const auto truth_json = [](const Lab& lab, const LabPrediction& prediction, double truth) {
    Json json = {{"value", truth}, {"unit", prediction.unit}};
    if (prediction.choice())
      json["answer"] = right_answer(lab, prediction, truth);
    else
      json["margin"] = prediction.margin(truth);
    return json;
  };
  for (const LabKeyRow& row : rows) {
    const Lab& lab = *row.lab;
    list.push_back({{"lab", lab.number},
                    {"name", lab.name},
                    {"seed", row.seed},
                    {"values", lab.values},
                    {"truth", truth_json(lab, lab.predict, row.truth)},
                    {"what_if", truth_json(lab, lab.what_if.predict, row.what_if_truth)}});
  }
  return list;
}

// ---- list ----

std::string lab_list_text(const std::vector<Lab>& labs) {
  TextTable table({"lab", "name", "level", "about"}, {Align::right, Align::left, Align::left, Align::left});
  table.text_at_least(30);
  for (const Lab& lab : labs) table.add({fmt::format("{}", lab.number), lab.name, lab.level, lab.title});
  return table.text(0);
}

std::string lab_list_csv(const std::vector<Lab>& labs) {
  std::string text = csv_line({"lab", "name", "level", "title", "variants", "asks"});
  for (const Lab& lab : labs)
    text += csv_line({fmt::format("{}", lab.number), lab.name, lab.level, lab.title, fmt::format("{}", lab.variants),
                      lab.predict.choice() ? "choice" : "number"});
  return text;
}

Json lab_list_json(const std::vector<Lab>& labs) {
  Json list = Json::array();
  for (const Lab& lab : labs) list.push_back(lab_summary(lab));
  return list;
}

}  // namespace nines::experiments
