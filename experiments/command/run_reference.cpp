// list, explain, schema: what there is to know without simulating anything.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "experiments/command/commands.hpp"
#include "experiments/command/inputs.hpp"
#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/data_files.hpp"
#include "experiments/loader/schema.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/glossary.hpp"
#include "experiments/report/json_text.hpp"
#include "experiments/report/output.hpp"
#include "experiments/report/text.hpp"

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

/// Scenarios whose targets, services and SLIs the design has, with `topology`; else all.
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

std::string value_text(const loader::Assumption& value) {
  std::string text = fmt::format("\n  {}", escape::visible(value.text));
  if (!value.service.empty())
    text += fmt::format("  (of {}{}{})", value.service, value.client.empty() ? "" : ", client ", value.client);
  text += '\n';
  if (!value.boolean && value.low != value.high) {
    text += fmt::format("    plausible  {} to {} {}\n", value.low, value.high, value.unit);
  }
  if (!value.origin.empty()) text += fmt::format("    from       {}\n", escape::visible(value.origin));
  if (!value.source.empty()) text += fmt::format("    source     {}\n", escape::visible(value.source));
  return text;
}

/// REQUIRES: at least one explanation; the first one is that of JSON, with further meanings beside it.
std::string explain_text(const std::vector<loader::Explanation>& explanations, const std::string& format) {
  if (format == "json") {
    const loader::Explanation& first = explanations.front();
    Json values = Json::array();
    for (const loader::Assumption& value : first.values) values.push_back(value_json(value));
    Json json = {{"key", first.key}, {"meaning", first.meaning}, {"values", std::move(values)}};
    Json further = Json::array();
    for (std::size_t i = 1; i < explanations.size(); ++i) further.push_back(explanations[i].meaning);
    if (!further.empty()) json["also"] = std::move(further);
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
    throw std::invalid_argument(fmt::format("list {}: takes no topology; list scenarios does, for those that can be "
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
  if (!topology.empty()) input.emplace(load_input(topology_path(topology), options.sets, options));
  if (input) show_warnings(input->loaded.warnings);
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
  write_result(options, explain_text(explanations, options.format));
  return exit_code::done;
}

int run_schema(const std::string& kind, const CommonOptions& options) {
  const auto& kinds = loader::schema_kinds;
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) unknown("schema", kind, kinds);
  write_output(options.output, loader::schema_text(kind));
  return exit_code::done;
}

}  // namespace nines::experiments
