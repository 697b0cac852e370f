// list, explain, schema: what there is to know without simulating anything.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "experiments/boundary.hpp"
#include "experiments/commands.hpp"
#include "experiments/inputs.hpp"
#include "experiments/json_text.hpp"
#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/schema.hpp"
#include "experiments/output.hpp"
#include "experiments/text.hpp"

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

std::string list_text(const std::string& kind, const CommonOptions& options) {
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
    return render(filed, rows_of(loader::list_scenarios(scenario_directory().string()), true), options.format);
  }
  if (kind == "sweeps") {
    return render(filed, rows_of(loader::list_sweeps(sweep_directory().string()), true), options.format);
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
  std::string text = fmt::format("\n  {}", value.text);
  if (!value.service.empty())
    text += fmt::format("  (of {}{}{})", value.service, value.client.empty() ? "" : ", client ", value.client);
  text += '\n';
  if (!value.boolean && value.low != value.high) {
    text += fmt::format("    plausible  {} to {} {}\n", value.low, value.high, value.unit);
  }
  if (!value.origin.empty()) text += fmt::format("    from       {}\n", value.origin);
  if (!value.source.empty()) text += fmt::format("    source     {}\n", value.source);
  return text;
}

std::string explain_text(const loader::Explanation& explanation, const std::string& format) {
  if (format == "json") {
    Json values = Json::array();
    for (const loader::Assumption& value : explanation.values) values.push_back(value_json(value));
    return json_text({{"key", explanation.key}, {"meaning", explanation.meaning}, {"values", std::move(values)}});
  }
  if (format == "csv") {
    std::string text = csv_line({"key", "service", "client", "text", "low", "high", "unit", "origin", "source"});
    for (const loader::Assumption& value : explanation.values) {
      text += csv_line({explanation.key, value.service, value.client, value.text, csv_number(value.low),
                        csv_number(value.high), value.unit, value.origin, value.source});
    }
    return text;
  }
  std::string text = fmt::format("{}: {}\n", explanation.key, explanation.meaning);
  for (const loader::Assumption& value : explanation.values) text += value_text(value);
  return text;
}

template <class Names>
[[noreturn]] void unknown(std::string_view what, const std::string& name, const Names& names) {
  const std::vector<std::string_view> candidates(std::begin(names), std::end(names));
  throw std::invalid_argument(fmt::format("{}: expected {}, got '{}'.{}", what, loader::one_of(candidates), name,
                                          loader::did_you_mean(name, candidates)));
}

}  // namespace

int run_list(const std::string& kind, const CommonOptions& options) {
  if (std::find(std::begin(list_kinds), std::end(list_kinds), kind) == std::end(list_kinds)) {
    unknown("list", kind, list_kinds);
  }
  write_output(options.output, list_text(kind, options));
  return exit_code::done;
}

int run_explain(const std::string& key, const std::string& topology, const CommonOptions& options) {
  loader::LoadOptions load;
  load.profile = options.profile;
  load.prices = options.prices;
  loader::Explanation explanation;
  if (topology.empty()) {
    explanation = loader::explain(key, load);
  } else {
    const Input input = load_input(topology_path(topology), options.sets, options);
    show_warnings(input.loaded.warnings);
    explanation = loader::explain(input.loaded, key);
  }
  write_output(options.output, explain_text(explanation, options.format));
  return exit_code::done;
}

int run_schema(const std::string& kind, const CommonOptions& options) {
  const auto& kinds = loader::schema_kinds;
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) unknown("schema", kind, kinds);
  write_output(options.output, loader::schema_text(kind));
  return exit_code::done;
}

}  // namespace nines::experiments
