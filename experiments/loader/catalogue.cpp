#include "experiments/loader/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "experiments/loader/component_inputs.hpp"
#include "experiments/loader/data_files.hpp"
#include "experiments/loader/fields.hpp"
#include "experiments/loader/inert_keys.hpp"
#include "experiments/loader/kind_fields.hpp"
#include "experiments/loader/profile.hpp"
#include "models/scenario.hpp"
#include "models/service/kind.hpp"

namespace nines::loader {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> json_files(const fs::path& directory) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".json") files.push_back(at->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Name and title of a file; its problem instead of the title if it cannot be read.
NamedEntry named_file(const std::string& path) {
  NamedEntry entry{fs::path(path).stem().string(), "", path, ""};
  try {
    const Document document = Document::read(path);
    const Json& root = document.root();
    if (root.is_object() && root.contains("title") && root["title"].is_string())
      entry.about = root["title"].get<std::string>();
  } catch (const InputError& error) {
    entry.about = error.what();
  }
  return entry;
}

std::vector<NamedEntry> named_files(const fs::path& directory) {
  std::vector<NamedEntry> entries;
  for (const std::string& path : json_files(directory)) entries.push_back(named_file(path));
  return entries;
}

[[noreturn]] void unknown_key(std::string_view key) {
  std::vector<std::string_view> keys;
  for (const ParameterInfo& info : parameters()) keys.push_back(info.key);
  throw InputError(
      {{std::string(key.substr(0, 200)), 0, 0, "", "no parameter or field has this name." + did_you_mean(key, keys)}});
}

/// A field by its name or pointer: the meaning of the first field table that has it, outer objects first.
std::string field_meaning(std::string_view name) {
  const auto in = [&](std::span<const FieldSpec> fields) -> std::string {
    for (const FieldSpec& field : fields) {
      if (field.name == name) return std::string(field.meaning);
    }
    return {};
  };
  if (std::string found = in(topology_fields()); !found.empty()) return found;
  for (const std::string_view kind : {"topology", "scenario", "profile"}) {
    for (const ObjectSpec& object : object_specs(kind)) {
      if (std::string found = in(object.fields); !found.empty()) return fmt::format("{} ({})", found, object.meaning);
    }
  }
  return in(scenario_fields());
}

/// A key that some server reads and no model does.
std::string inert_meaning(std::string_view key) {
  for (const InertOf& inert : all_inert_keys()) {
    if (const std::string_view reason = inert.keys->reason(key); !reason.empty())
      return fmt::format("a key of {} that changes nothing in this model: {}", product_of(*inert.kind), reason);
  }
  return {};
}

std::string meaning_of(std::string_view key) {
  if (const ParameterInfo* info = find_parameter(key)) return std::string(info->meaning);
  if (const ComponentInputInfo* info = find_component_input(key)) return std::string(info->meaning);
  const std::string field = field_meaning(key);
  return field.empty() ? inert_meaning(key) : field;
}

/// Last step of a pointer, or the key itself.
std::string last_step(std::string_view key_or_pointer) {
  if (key_or_pointer.empty() || key_or_pointer[0] != '/') return std::string(key_or_pointer);
  return split_pointer(key_or_pointer).back();
}

/// Whether a pointer's steps exclude an assumption: /services/<name>/..., /services/<name>/<list>/<element>/...
bool selected(const Assumption& assumption, const LoadedTopology& loaded, std::string_view key_or_pointer) {
  if (key_or_pointer.empty() || key_or_pointer[0] != '/') return true;
  const std::vector<std::string> steps = split_pointer(key_or_pointer);
  const auto after = [&](std::string_view list) -> std::string {
    const auto found = std::find(steps.begin(), steps.end(), list);
    return found == steps.end() || found + 1 == steps.end() ? "" : *(found + 1);
  };
  const auto is = [](const std::string& step, const std::string& name, std::size_t index) {
    return step.empty() || step == name || step == std::to_string(index);
  };
  const ParameterInfo* info = find_parameter(assumption.key);
  const KindGroup* of_kind = info == nullptr ? nullptr : kind_group(info->group);
  if (of_kind == nullptr) return true;
  const models::service::ParameterGroup& group = *of_kind->group;
  for (const models::ServiceSpec& service : loaded.topology.services) {
    if (service.name != assumption.service || service.kind != of_kind->kind) continue;
    const auto position = std::find(loaded.services.begin(), loaded.services.end(), service.name);
    if (!is(after("services"), service.name, static_cast<std::size_t>(position - loaded.services.begin())))
      return false;
    for (std::size_t j = 0; !group.list.empty() && j < group.holders(service); ++j) {
      if (group.holder_name(service, j) == assumption.client && !is(after(group.list), assumption.client, j))
        return false;
    }
  }
  return true;
}

}  // namespace

std::vector<ParameterEntry> list_parameters() {
  std::vector<ParameterEntry> entries;
  for (const ParameterInfo& info : parameters()) {
    entries.push_back({std::string(info.key), std::string(group_name(info.group)),
                       std::string(dimension_name(info.dimension)), std::string(info.meaning)});
  }
  for (const ComponentInputInfo& info : component_inputs()) {
    entries.push_back({std::string(info.pattern), std::string(group_name(Group::component)),
                       std::string(dimension_name(info.dimension)), std::string(info.meaning)});
  }
  return entries;
}

std::vector<NamedEntry> list_verbs() {
  std::vector<NamedEntry> entries;
  for (const models::VerbInfo& verb : models::verbs)
    entries.push_back({std::string(verb.name),
                       verb.takes.bits == 0 ? std::string(verb.meaning)
                                            : fmt::format("{}; takes {}", verb.meaning, models::options_taken(verb)),
                       "", ""});
  return entries;
}

std::vector<NamedEntry> list_metrics() {
  std::vector<NamedEntry> entries;
  for (const models::service::Kind* kind : models::service::kinds()) {
    for (const models::service::Metric& metric : kind->metrics())
      entries.push_back({fmt::format("{}: {}", kind->name, metric.name), std::string(metric.meaning), "", ""});
  }
  return entries;
}

namespace {

/// "; 0.904 (us-east-1) to 1.168 USD/h (ap-northeast-1) in 14 regions"
std::string prices_of(const TypeEntry& type) {
  const std::pair<const std::string, TypeInRegion>* least = nullptr;
  const std::pair<const std::string, TypeInRegion>* most = nullptr;
  std::size_t regions = 0;
  for (const auto& priced : type.regions) {
    const double price = priced.second.on_demand.number;
    if (price < 0) continue;
    ++regions;
    if (least == nullptr || price < least->second.on_demand.number) least = &priced;
    if (most == nullptr || price > most->second.on_demand.number) most = &priced;
  }
  if (regions == 0) return "; no on-demand price";
  if (regions == 1) return fmt::format("; {} {:g} USD/h", least->first, least->second.on_demand.number);
  return fmt::format("; {:g} ({}) to {:g} USD/h ({}) in {} regions", least->second.on_demand.number, least->first,
                     most->second.on_demand.number, most->first, regions);
}

}  // namespace

std::vector<NamedEntry> list_instance_types(const LoadOptions& options) {
  const ProfileSet profiles(options);
  std::vector<NamedEntry> entries;
  for (const std::string& name : profiles.type_names()) {
    const TypeEntry& entry = *profiles.type(name);
    std::string about = fmt::format("{:g} vcpu, {:g} GiB", entry.type.vcpu, entry.type.memory.gib());
    if (entry.type.local_disk.count > 0)
      about += fmt::format(", {:g} GB local disk", entry.type.local_disk.count / 1e9);
    about += prices_of(entry);
    entries.push_back({name, about, "", ""});
  }
  return entries;
}

std::vector<NamedEntry> list_topologies() {
  std::vector<NamedEntry> entries = named_files(topologies_directory());
  for (NamedEntry& entry : entries) entry.group = "designs";
  for (NamedEntry& entry : named_files(topologies_directory() / "benchmarks")) {
    entry.group = "benchmarks";
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<NamedEntry> list_profiles(const LoadOptions& options) {
  return named_files(options.profiles_dir.empty() ? topologies_directory() / "profiles"
                                                  : fs::path(options.profiles_dir));
}

std::vector<NamedEntry> list_scenarios(const std::string& directory) { return named_files(directory); }
std::vector<NamedEntry> list_sweeps(const std::string& directory) { return named_files(directory); }
std::vector<NamedEntry> list_labs(const std::string& directory) { return named_files(directory); }

Explanation explain(const LoadedTopology& topology, std::string_view key_or_pointer) {
  const std::string of_component = component_key(topology.topology, key_or_pointer);
  const std::string key = of_component.empty() ? last_step(key_or_pointer) : of_component;
  Explanation explanation{key, meaning_of(key), {}};
  for (const Assumption& assumption : topology.assumptions) {
    const bool same = assumption.key == key || assumption.key == key_or_pointer;
    if (same && selected(assumption, topology, key_or_pointer)) explanation.values.push_back(assumption);
  }
  if (explanation.meaning.empty() && !explanation.values.empty()) explanation.meaning = explanation.values[0].meaning;
  if (explanation.meaning.empty()) unknown_key(key_or_pointer);
  if (explanation.values.empty() && find_component_input(key) != nullptr) {
    std::vector<std::string_view> keys;
    for (const Assumption& assumption : topology.assumptions) keys.push_back(assumption.key);
    throw InputError({{key, 0, 0, "", "the topology states no such number." + did_you_mean(key, keys)}});
  }
  return explanation;
}

Explanation explain(std::string_view key_or_pointer, const LoadOptions& options) {
  const std::string key = last_step(key_or_pointer);
  const ParameterInfo* info = find_parameter(key);
  Explanation explanation{key, meaning_of(key), {}};
  if (info == nullptr) {
    if (explanation.meaning.empty()) unknown_key(key_or_pointer);
    return explanation;
  }
  // One line for every version or region that has a value of its own.
  const ProfileSet profiles(options);
  std::vector<std::string> variants = profiles.variants(info->group);
  if (variants.empty()) variants.emplace_back();
  std::string before;
  for (const std::string& variant : variants) {
    const Entry* entry = profiles.entry(*info, variant);
    if (entry == nullptr || entry->origin == before) continue;
    before = entry->origin;
    explanation.values.push_back(assumption_of(*info, *entry));
  }
  return explanation;
}

}  // namespace nines::loader
