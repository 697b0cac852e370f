// list, explain, schema: what there is to know without simulating anything.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "experiments/command/commands.hpp"
#include "experiments/command/deliver.hpp"
#include "experiments/command/inputs.hpp"
#include "experiments/estimate/assess_output.hpp"
#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/data_files.hpp"
#include "experiments/loader/schema.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/glossary.hpp"
#include "experiments/report/json_text.hpp"
#include "experiments/report/output.hpp"
#include "experiments/report/text.hpp"
#include "experiments/review/value.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

/// Rows of names and whatever else there is to say, in any format.
std::string render(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                   const std::string& format) {
  if (format == "csv") {
    std::string text = csv_line(header);
    for (const auto& row : rows) text += csv_line(row);
    return text;
  }
  if (format == "json") {
    Json list = Json::array();
    for (const auto& row : rows) {
      Json entry;
      for (std::size_t column = 0; column < row.size(); ++column) entry[header[column]] = row[column];
      list.push_back(std::move(entry));
    }
    return json_text(list);
  }
  TextTable table(header, std::vector<TextTable::Align>(header.size(), TextTable::Align::left));
  table.leave_out({"path", "dimension", "group"});
  table.text_at_least(40);
  for (const auto& row : rows) table.add(row);
  return table.text(0);
}

std::vector<std::vector<std::string>> rows_of(const std::vector<loader::NamedEntry>& entries, bool paths) {
  std::vector<std::vector<std::string>> rows;
  for (const loader::NamedEntry& entry : entries) {
    rows.push_back({entry.name, entry.about});
    if (paths) rows.back().push_back(entry.path);
  }
  return rows;
}

/// Scenarios whose targets, services, SLIs and milestones the design has, with `topology`; else all.
std::vector<loader::NamedEntry> scenarios_for(const std::string& topology, const CommonOptions& options) {
  std::vector<loader::NamedEntry> scenarios = loader::list_scenarios(scenario_directory().string());
  if (topology.empty()) return scenarios;
  const Input input = load_input(topology_path(topology), options.sets, options);
  std::erase_if(scenarios, [&](const loader::NamedEntry& entry) {
    try {
      const loader::Scenario scenario = loader::load_scenario(entry.path);
      check_targets(input.plan, scenario, entry.path);
      check_expected(input.plan, scenario, entry.path);
      return false;
    } catch (const loader::InputError&) {
      return true;
    }
  });
  return scenarios;
}

std::string list_text(const std::string& kind, const std::string& topology, const CommonOptions& options) {
  loader::LoadOptions load;
  load.profile = options.profile;
  load.prices = options.prices;
  const std::vector<std::string> named{"name", "about"};
  const std::vector<std::string> filed{"name", "about", "path"};
  if (kind == "topologies") {
    std::vector<std::vector<std::string>> topologies;
    for (const loader::NamedEntry& entry : loader::list_topologies())
      topologies.push_back({entry.name, entry.group, entry.about, entry.path});
    return render({"name", "group", "about", "path"}, topologies, options.format);
  }
  if (kind == "profiles") return render(filed, rows_of(loader::list_profiles(load), true), options.format);
  if (kind == "faults") return render(named, rows_of(loader::list_verbs(), false), options.format);
  if (kind == "metrics") return render(named, rows_of(loader::list_metrics(), false), options.format);
  if (kind == "instance-types") return render(named, rows_of(loader::list_instance_types(load), false), options.format);
  if (kind == "scenarios") {
    return render(filed, rows_of(scenarios_for(topology, options), true), options.format);
  }
  if (kind == "sweeps") {
    return render(filed, rows_of(loader::list_sweeps(sweep_directory().string()), true), options.format);
  }
  if (kind == "labs") {
    return render(filed, rows_of(loader::list_labs(loader::labs_directory().string()), true), options.format);
  }
  std::vector<std::vector<std::string>> rows;
  if (kind == "schemas") {
    for (const std::string_view name : loader::schema_kinds) rows.push_back({std::string(name)});
    return render({"name"}, rows, options.format);
  }
  for (const loader::ParameterEntry& entry : loader::list_parameters()) {
    rows.push_back({entry.key, entry.group, entry.dimension, entry.meaning});
  }
  return render({"key", "group", "dimension", "meaning"}, rows, options.format);
}

Json value_json(const loader::Assumption& value) {
  Json json = {
      {"text", value.text},     {"value", value.boolean ? Json(value.value != 0) : Json(value.value)},
      {"unit", value.unit},     {"range", value.boolean ? Json(nullptr) : Json::array({value.low, value.high})},
      {"source", value.source}, {"origin", value.origin}};
  if (!value.law.empty()) json["law"] = value.law;
  if (!value.service.empty()) json["service"] = value.service;
  if (!value.client.empty()) json["client"] = value.client;
  return json;
}

/// The unit behind a number; nothing of a number without one.
std::string after_number(const std::string& unit) { return unit == "1" ? "" : " " + unit; }

std::string value_text(const loader::Assumption& value) {
  std::string text = fmt::format("\n  {}", escape::visible(value.text));
  if (!value.service.empty())
    text += fmt::format("  (of {}{}{})", value.service, value.client.empty() ? "" : ", client ", value.client);
  text += '\n';
  if (!value.boolean && value.low != value.high) {
    text += fmt::format("    plausible  {} to {}{}\n", value.low, value.high, after_number(value.unit));
  }
  if (!value.origin.empty()) text += fmt::format("    from       {}\n", escape::visible(value.origin));
  if (!value.source.empty()) text += fmt::format("    source     {}\n", escape::visible(value.source));
  return text;
}

/// REQUIRES: at least one explanation; the first one is that of JSON, with further meanings beside it.
std::string explain_text(const std::vector<loader::Explanation>& explanations, const std::optional<Json>& bearing,
                         const std::string& format) {
  if (format == "json") {
    const loader::Explanation& first = explanations.front();
    Json values = Json::array();
    for (const loader::Assumption& value : first.values) values.push_back(value_json(value));
    Json json = {{"key", first.key}, {"meaning", first.meaning}, {"values", std::move(values)}};
    Json further = Json::array();
    for (std::size_t i = 1; i < explanations.size(); ++i) further.push_back(explanations[i].meaning);
    if (!further.empty()) json["also"] = std::move(further);
    if (bearing) json["here"] = *bearing;
    return json_text(json);
  }
  if (format == "csv") {
    std::string text =
        csv_line({"key", "service", "client", "text", "low", "high", "unit", "origin", "source", "meaning"});
    for (const loader::Explanation& explanation : explanations) {
      for (const loader::Assumption& value : explanation.values) {
        text += csv_line({explanation.key, value.service, value.client, value.text, csv_number(value.low),
                          csv_number(value.high), value.unit, value.origin, value.source, explanation.meaning});
      }
      if (!explanation.values.empty()) continue;
      text += csv_line({explanation.key, "", "", "", "", "", "", "", "", explanation.meaning});
    }
    return text;
  }
  std::string text;
  for (const loader::Explanation& explanation : explanations) {
    text += fmt::format("{}{}: {}\n", text.empty() ? "" : "\n", escape::visible(explanation.key),
                        escape::visible(explanation.meaning));
    for (const loader::Assumption& value : explanation.values) text += value_text(value);
  }
  return text;
}

/// Of the assessment that explains where something matters: enough for the order of what matters most.
constexpr std::uint64_t rough_incidents = 8000;
constexpr std::size_t rough_draws = 24;
constexpr std::uint64_t rough_draw_incidents = 200;

/// What an assessment says of a parameter, fault or phase: where in that topology it matters, and how much.
struct Bearing {
  struct Row {
    std::string sli;
    std::string fault;
    double share = 0;  ///< of the SLI's downtime
    std::string how;
  };
  std::string topology;
  std::optional<std::uint64_t> incidents;  ///< at most, of a short assessment; none of a result that was kept
  bool of_input = false;                   ///< it is about a parameter: that nothing is set by it says something
  std::vector<std::string> values;         ///< in effect there
  std::vector<std::string> figures;        ///< of a key of results: what it is there, by SLI
  std::vector<Row> rows;                   ///< by SLI, the largest share first
  std::vector<std::string> sentences;      ///< of the tornado
};

/// Part of a row's outages that passes in a phase.
double phase_share(const review::Value& row, const std::string& phase) {
  double all = 0;
  double its = 0;
  for (const auto& [name, length] : row["phases_s"].members()) {
    all += length.number();
    if (name == phase) its += length.number();
  }
  return all > 0 ? its / all : 0;
}

void add_budget_rows(Bearing& bearing, const review::Value& result, const std::string& key) {
  constexpr double worth_saying = 5e-4;
  for (const review::Value& row : result["budget"].items()) {
    const double share = review::number_at(row, "downtime_share").value_or(0);
    const std::string fault = row["fault"].text();
    const std::string set_by = review::text_at(row, "dominant_parameter");
    const double in_phase = phase_share(row, key);
    Bearing::Row added{review::sli_of_row(row), fault, 0, ""};
    if (set_by == key) {
      added.share = share;
      added.how = "sets the longest wait";
    } else if (fault == key) {
      added.share = share;
      added.how = set_by.empty() ? "begins it" : "begins it; the longest wait is set by " + set_by;
    } else if (in_phase > 0) {
      added.share = share * in_phase;
      added.how = "time in this phase";
    }
    if (added.share <= 0) continue;
    const auto same = std::find_if(bearing.rows.begin(), bearing.rows.end(), [&](const Bearing::Row& its) {
      return its.sli == added.sli && its.fault == added.fault && its.how == added.how;
    });
    if (same == bearing.rows.end()) {
      bearing.rows.push_back(added);
    } else {
      same->share += added.share;
    }
  }
  std::erase_if(bearing.rows, [](const Bearing::Row& row) { return row.share < worth_saying; });
  std::stable_sort(bearing.rows.begin(), bearing.rows.end(), [](const Bearing::Row& a, const Bearing::Row& b) {
    return a.sli != b.sli ? a.sli < b.sli : a.share > b.share;
  });
}

/// A figure with the interval that it is known to.
std::string figure_text(const review::Value& value) {
  const auto estimate = value.find("estimate");
  if (!estimate) return value.shown();
  std::string text = fmt::format("{:.6g}", estimate->number());
  for (const char* interval : {"credible95", "ci95"}) {
    const auto ends = review::interval_at(value, interval);
    if (ends) return fmt::format("{} (95 %: {:.5g} to {:.5g})", text, ends->lower, ends->upper);
  }
  return text;
}

/// What a key of results is for each SLI.
void add_figures(Bearing& bearing, const review::Value& result, const std::string& key) {
  for (const review::Value& service : result["services"].items()) {
    for (const review::Value& sli : service["slis"].items()) {
      const auto found = sli.find(key);
      if (!found || (found->is_compound() && !found->find("estimate"))) continue;
      bearing.figures.push_back(
          fmt::format("{}/{}: {}", service["name"].text(), sli["name"].text(), figure_text(*found)));
    }
  }
}

/// Throws loader::InputError for what is no assessment.
Bearing bearing_of(const review::Value& result, const std::string& key, bool is_input) {
  Bearing bearing;
  bearing.topology = result["topology"].text();
  bearing.of_input = is_input;
  for (const review::Value& item : result["assumptions"].items()) {
    if (item["parameter"].text() != key) continue;
    const std::string unit = after_number(item["unit"].text());
    const std::string owner = review::text_at(item, "service");
    const auto range = review::interval_at(item, "range");
    bearing.values.push_back(
        fmt::format("{}{}{}{}; source: {}", owner.empty() ? "" : owner + ": ", item["value"].shown(), unit,
                    range ? fmt::format(", plausible {:g} to {:g}{}", range->lower, range->upper, unit) : "",
                    item["source"].text()));
  }
  add_figures(bearing, result, key);
  add_budget_rows(bearing, result, key);
  const auto open = result.find("uncertainty");
  const auto tornado = open ? open->find("tornado") : std::nullopt;
  if (!tornado) return bearing;
  for (const review::Value& effect : tornado->items()) {
    if (effect["parameter"].text() != key) continue;
    const sim::Interval range = effect["range"].interval();
    const sim::Interval ends = effect["unavailability"].interval();
    const std::string unit = after_number(effect["unit"].text());
    bearing.sentences.push_back(
        fmt::format("From {:g} to {:g}{} it moves {} from {} to {} minutes of downtime a year, all else as it is.",
                    range.lower, range.upper, unit, review::text_at(*open, "sli"),
                    number_text(ends.lower * sim::minutes_per_year), number_text(ends.upper * sim::minutes_per_year)));
  }
  return bearing;
}

std::string bearing_text(const Bearing& bearing) {
  std::string text;
  if (!bearing.values.empty()) text += fmt::format("\nIn effect in {}\n", escape::visible(bearing.topology));
  for (const std::string& value : bearing.values) text += hanging("  ", escape::visible(value));
  if (!bearing.figures.empty()) text += fmt::format("\nIn {}\n", escape::visible(bearing.topology));
  for (const std::string& figure : bearing.figures) text += hanging("  ", escape::visible(figure));
  if (bearing.rows.empty() && bearing.sentences.empty() && !bearing.of_input) return text;
  text += fmt::format("\nWhere it matters in {}\n", escape::visible(bearing.topology));
  TextTable table({"SLI", "fault", "share", "how"},
                  {TextTable::Align::left, TextTable::Align::left, TextTable::Align::right, TextTable::Align::left});
  for (const Bearing::Row& row : bearing.rows)
    table.add(
        {escape::visible(row.sli), escape::visible(row.fault), percent_text(row.share, 2), escape::visible(row.how)});
  if (bearing.rows.empty() && bearing.sentences.empty())
    return text +
           "  This assessment does not tell: it sets the longest wait of no outage, and is not among the inputs whose "
           "effect the assessment lists.\n";
  if (!bearing.rows.empty()) text += table.text(2);
  for (const std::string& sentence : bearing.sentences) text += hanging("  ", escape::visible(sentence));
  return text;
}

Json bearing_json(const Bearing& bearing) {
  Json rows = Json::array();
  for (const Bearing::Row& row : bearing.rows)
    rows.push_back({{"sli", row.sli}, {"fault", row.fault}, {"downtime_share", row.share}, {"how", row.how}});
  return {{"topology", bearing.topology}, {"short_assessment_incidents", or_null(bearing.incidents)},
          {"in_effect", bearing.values},  {"figures", bearing.figures},
          {"where", std::move(rows)},     {"effect", bearing.sentences}};
}

/// A short assessment of a topology: rough, but soon there.
loader::Document short_assessment(const std::string& topology, const CommonOptions& options) {
  AssessCommand assess;
  assess.common = options;
  assess.common.output.clear();
  assess.topology = topology;
  assess.max_incidents = rough_incidents;
  assess.draws = rough_draws;
  assess.draw_incidents = rough_draw_incidents;
  std::optional<loader::Document> document;
  const auto keep = [&](const AssessReport& report) {
    document.emplace(loader::Document::parse(topology, json_text(assess_json(report)), result_limits()));
  };
  try {
    run_assess(assess, keep);
  } catch (const loader::InputError&) {
    // Too few for a design with so many kinds of faults.
    assess.max_incidents = AssessCommand().max_incidents;
    run_assess(assess, keep);
  }
  return std::move(*document);
}

/// Whether an assessment has anything to say of the key: of inputs, faults and phases, and of its own figures.
bool bears(const std::string& key, bool is_input, const std::vector<Word>& words) {
  const bool told = std::any_of(words.begin(), words.end(), [](const Word& word) {
    return word.meaning.starts_with("Fault") || word.meaning.starts_with("Phase");
  });
  if (is_input || told) return true;
  const Json schema = Json::parse(loader::schema_text("assessment"));
  const Json::json_pointer slis("/properties/services/items/properties/slis/items/properties");
  if (!schema.contains(slis) || !schema[slis].contains(key)) return false;
  const Json& figure = schema[slis][key];
  return !figure.contains("properties") || figure["properties"].contains("estimate");
}

/// An assessment that somebody has kept, if the file is one.
std::optional<loader::Document> kept_assessment(const std::string& name) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(name, error)) return std::nullopt;
  loader::Document document = loader::Document::read(name, result_limits());
  const loader::Json& root = document.root();
  const bool is = root.is_object() && root.contains("schema") && root["schema"] == "nines/assessment/1";
  if (!is) return std::nullopt;
  return document;
}

[[noreturn]] void unknown_word(const std::string& key) {
  std::vector<std::string> known = glossary_terms();
  for (const loader::ParameterEntry& parameter : loader::list_parameters()) known.push_back(parameter.key);
  const std::vector<std::string_view> names(known.begin(), known.end());
  throw std::invalid_argument(fmt::format("explain: '{}' is no parameter, field, fault, event or word of the output.{}",
                                          key, loader::did_you_mean(key, names)));
}

template <class Names>
[[noreturn]] void unknown(std::string_view what, const std::string& name, const Names& names) {
  const std::vector<std::string_view> candidates(std::begin(names), std::end(names));
  throw std::invalid_argument(fmt::format("{}: expected {}, got '{}'.{}", what, loader::one_of(candidates), name,
                                          loader::did_you_mean(name, candidates)));
}

}  // namespace

int run_list(const std::string& kind, const std::string& topology, const CommonOptions& options) {
  if (std::find(std::begin(list_kinds), std::end(list_kinds), kind) == std::end(list_kinds)) {
    unknown("list", kind, list_kinds);
  }
  if (!topology.empty() && kind != "scenarios") {
    throw std::invalid_argument(
        fmt::format("list {}: takes no topology; list scenarios does, for those that can be "
                    "played on it",
                    kind));
  }
  write_result(options, list_text(kind, topology, options));
  return exit_code::done;
}

int run_explain(const std::string& key, const std::string& topology, const CommonOptions& options) {
  loader::LoadOptions load;
  load.profile = options.profile;
  load.prices = options.prices;
  const std::vector<Word> words = words_for(key);
  std::optional<Input> input;
  const std::optional<loader::Document> kept = kept_assessment(topology);
  if (!topology.empty() && !kept) input.emplace(load_input(topology_path(topology), options.sets, options));
  std::vector<loader::Explanation> explanations;
  try {
    explanations.push_back(input ? loader::explain(input->loaded, key) : loader::explain(key, load));
  } catch (const loader::InputError&) {
    if (words.empty()) {
      // What is wrong with the data or with a profile hides every parameter; it is said rather than "no parameter".
      const std::vector<loader::ParameterEntry> known = loader::list_parameters();
      const auto is_key = [&](const loader::ParameterEntry& parameter) { return parameter.key == key; };
      if (std::any_of(known.begin(), known.end(), is_key)) throw;
      loader::data_root();
      unknown_word(key);
    }
  }
  // A field and a word of the output may have the same name, and mean different things.
  for (const Word& word : words) explanations.push_back({word.term, word.meaning, {}});
  std::optional<Bearing> bearing;
  const bool is_input = !explanations.front().values.empty();
  // A field that leads to a parameter is about that.
  const std::string about = is_input ? explanations.front().key : key;
  if (kept && !options.sets.empty())
    throw std::invalid_argument("explain: --set changes a topology, and this is a result: assess what you change");
  const bool told = input && !options.dry_run && bears(about, is_input, words);
  if (kept) bearing = bearing_of(review::Value(*kept), about, is_input);
  // Its warnings are those of the topology.
  if (told) {
    bearing = bearing_of(review::Value(short_assessment(topology, options)), about, is_input);
    bearing->incidents = rough_incidents;
  }
  if (input && !told) show_warnings(input->loaded.warnings);
  std::optional<Json> json;
  if (bearing) json = bearing_json(*bearing);
  if (told && is_input) bearing->values.clear();  // of a text they stand above
  std::string text = explain_text(explanations, json, options.format);
  const std::string here = bearing && options.format == "text" ? bearing_text(*bearing) : "";
  text += here;
  if (told && !here.empty())
    text += "\n" +
            hanging("", fmt::format("By a short assessment. Better: {} --json -o result.json, then "
                                    "nines explain {} result.json",
                                    command_line(command_words("assess", {topology}, options)), escape::shell(about)));
  write_result(options, text);
  return exit_code::done;
}

int run_schema(const std::string& kind, const CommonOptions& options) {
  const auto& kinds = loader::schema_kinds;
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) unknown("schema", kind, kinds);
  write_output(options.output, loader::schema_text(kind));
  return exit_code::done;
}

}  // namespace nines::experiments
