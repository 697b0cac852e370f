#include "experiments/loader/profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "experiments/loader/data_files.hpp"
#include "experiments/loader/fields.hpp"
#include "experiments/loader/kind_fields.hpp"
#include "experiments/loader/versions.hpp"
#include "sim/math.hpp"
#include "sim/random.hpp"

namespace nines::loader {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_types = 2000;

const ParameterInfo price_info{"price", Group::prices, Dimension::money, "price per hour"};
const ParameterInfo probability_info{"spot_reclaim_monthly", Group::infrastructure, Dimension::ratio,
                                     "probability of a reclaim in a month"};

const std::vector<std::string_view>& parameter_keys() {
  static const std::vector<std::string_view> keys = [] {
    std::vector<std::string_view> all;
    for (const ParameterInfo& info : parameters()) all.push_back(info.key);
    return all;
  }();
  return keys;
}

/// Whose numbers a file holds.
enum class Source : std::uint8_t { shipped, user, prices };

/// How assumptions name the file that a number is from.
std::string origin_of(const Profile& profile, Source source) {
  return fmt::format("{} {}", source == Source::prices ? "prices" : "profile", profile.name);
}

/// Prices, those of people's hours among them: all that a price list may hold.
bool is_price(const ParameterInfo& info) { return info.dimension == Dimension::money || info.group == Group::prices; }

void read_entries(const Value& value, const std::string& origin, Source source, Entries& out) {
  if (!value.json().is_object()) {
    value.expected("an object of parameters");
    return;
  }
  std::size_t unknown = 0;
  for (const auto& [key, ignored] : value.json().get_ref<const Json::object_t&>()) {
    const ParameterInfo* info = find_parameter(key);
    if (info == nullptr) {
      if (++unknown > InputError::shown_problems) break;
      value.member(key).report_key("no model reads this parameter." + did_you_mean(key, parameter_keys()));
      continue;
    }
    if (source == Source::prices && !is_price(*info)) {
      value.member(key).report_key("a price list holds prices only: give this by --profile.");
      continue;
    }
    Entry entry;
    entry.origin = origin;
    if (read_profile_entry(value.member(key), *info, entry)) out.emplace(key, std::move(entry));
  }
}

/// `known`: names that the default profiles have, of a user's versions; empty: any name will do.
void read_variants(const Value& value, const Profile& profile, Source source, bool regions,
                   const std::vector<std::string>& known, std::map<std::string, Variant, std::less<>>& out) {
  if (!value.json().is_object()) {
    value.expected("an object of versions or regions");
    return;
  }
  constexpr std::size_t most = 100;
  if (value.json().size() > most) {
    value.report(fmt::format("expected at most {} members.", most));
    return;
  }
  for (const auto& [name, ignored] : value.json().get_ref<const Json::object_t&>()) {
    if (!known.empty() && std::find(known.begin(), known.end(), name) == known.end()) {
      const std::vector<std::string_view> views(known.begin(), known.end());
      value.member(name).report_key(
          fmt::format("no model knows this version (known: {}).{}", one_of(views), did_you_mean(name, views)));
      continue;
    }
    const Object object(value.member(name), variant_fields(), "a version or region");
    Variant& variant = out[name];
    object.read("date", read_text, variant.date);
    if (regions && object.valid() && variant.date.empty())
      object.value().report("missing field 'date': day of the prices.");
    if (const std::optional<Value> entries = object.get("parameters"))
      read_entries(*entries, fmt::format("{} ({})", origin_of(profile, source), name), source, variant.entries);
  }
}

void read_type_region(const Value& value, const std::string& origin, Source source, TypeInRegion& out) {
  const Object object(value, type_region_fields(), "an instance type in a region");
  const auto price = [&](std::string_view field, const ParameterInfo& info, Entry& entry) {
    entry.origin = origin;
    entry.number = -1;
    if (const std::optional<Value> found = object.get(field)) read_profile_entry(*found, info, entry);
  };
  price("on_demand", price_info, out.on_demand);
  price("spot", price_info, out.spot);
  price("spot_reclaim_monthly", probability_info, out.spot_reclaim);
  if (object.valid() && source == Source::shipped && !object.has("on_demand"))
    value.report("missing field 'on_demand' of an instance type in a region: price per hour.");
  if (object.valid() && source == Source::shipped && object.has("spot") != object.has("spot_reclaim_monthly"))
    value.report("expected both 'spot' and 'spot_reclaim_monthly', or neither.");
  if (out.spot_reclaim.number >= 1) value.report("expected a monthly probability below 1.");
}

void read_burst(const Object& type, std::string_view field, models::Bandwidth sustained, models::Burst& out) {
  const std::optional<Value> found = type.get(field);
  if (!found) return;
  const Object object(*found, burst_fields(), "a burst");
  double full_for_s = 0;
  object.number("full_for_s", full_for_s);
  if (!object.read("rate", read_quantity, out.rate.bytes_per_s, Dimension::bandwidth, true)) return;
  if (!(out.rate > sustained)) object.at("rate").expected("more than the sustained bandwidth");
  out.bucket.count = (out.rate.bytes_per_s - sustained.bytes_per_s) * full_for_s;
}

/// `known`: types whose sizes are known already, so that an entry may say less.
void read_type(const Value& value, const Profile& profile, Source source, const TypeEntries& known, TypeEntry& out) {
  const Object object(value, type_fields(), "an instance type");
  models::InstanceType& type = out.type;
  object.read("name", read_name, type.name);
  object.read("source", read_text, out.source);
  object.number("vcpu", type.vcpu);
  object.read("memory", read_quantity, type.memory.count, Dimension::bytes, true);
  object.read("network", read_quantity, type.network.bytes_per_s, Dimension::bandwidth, true);
  object.read("ebs", read_quantity, type.ebs.bytes_per_s, Dimension::bandwidth, true);
  object.number("cpu_baseline", type.cpu_baseline);
  object.whole("enis", type.interfaces);
  object.whole("ips_per_eni", type.addresses);
  if (object.valid() && object.has("enis") != object.has("ips_per_eni"))
    value.report("expected both 'enis' and 'ips_per_eni', or neither.");
  read_burst(object, "network_burst", type.network, type.network_burst);
  read_burst(object, "ebs_burst", type.ebs, type.ebs_burst);
  object.read("local_disk", read_quantity, type.local_disk.count, Dimension::bytes, true);
  object.read("local_disk_rate", read_quantity, type.local_disk_rate.bytes_per_s, Dimension::bandwidth, true);
  if (object.valid() && object.has("local_disk") != object.has("local_disk_rate"))
    value.report("expected both 'local_disk' and 'local_disk_rate', or neither.");
  if (object.valid() && !known.contains(type.name)) {
    for (const std::string_view field : {"vcpu", "memory", "network", "ebs", "source"}) {
      if (!object.has(field)) value.report(fmt::format("missing field '{}' of an instance type.", field));
    }
  }
  const std::optional<Value> regions = object.get("regions");
  if (!regions) return;
  if (!regions->json().is_object() || regions->json().size() > 100) {
    regions->expected("an object of regions");
    return;
  }
  for (const auto& [region, ignored] : regions->json().get_ref<const Json::object_t&>())
    read_type_region(regions->member(region), origin_of(profile, source), source, out.regions[region]);
}

/// What the profiles before have, against which one of the user's is checked; of the shipped ones empty.
struct Known {
  std::vector<std::string> versions;
  const TypeEntries& types;
};

Profile read_profile(const std::string& path, Source source, const Known& known) {
  const Document document = Document::read(path);
  Problems problems;
  const Value root(document, problems);
  Profile profile;
  profile.file = path;
  if (check_schema(root, "profile")) {
    const Object object(root, profile_fields(), "a profile");
    object.read("name", read_name, profile.name);
    object.read("title", read_text, profile.title);
    if (source != Source::shipped) profile.name = path;
    if (const auto entries = object.get("parameters"))
      read_entries(*entries, origin_of(profile, source), source, profile.entries);
    if (const auto versions = object.get("versions")) {
      if (source == Source::prices)
        versions->report_key("a price list holds prices only: give this by --profile.");
      else
        read_variants(*versions, profile, source, false, known.versions, profile.versions);
    }
    if (const auto regions = object.get("regions")) read_variants(*regions, profile, source, true, {}, profile.regions);
    std::vector<std::pair<std::string, Value>> names;
    for (const Value& type : object.elements("instance_types", most_types)) {
      read_type(type, profile, source, known.types, profile.types.emplace_back());
      names.emplace_back(profile.types.back().type.name, type);
    }
    report_duplicates(names, "instance type");
  }
  problems.throw_if_any();
  profile.hash = document.hash();
  return profile;
}

const std::map<std::string, Variant, std::less<>>& variants_of(const Profile& profile, Group group) {
  return group == Group::prices ? profile.regions : profile.versions;
}

bool has_variants(Group group) {
  if (const KindGroup* of_kind = kind_group(group)) return version_field(*of_kind->kind) != nullptr;
  return group == Group::prices || group == Group::kubernetes;
}

/// Whether the profile says anything about the group: its versions are then versions of that group.
bool covers(const Profile& profile, Group group) {
  const auto in = [&](const Entries& entries) {
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) {
      const ParameterInfo* info = find_parameter(entry.first);
      return info != nullptr && info->group == group;
    });
  };
  if (in(profile.entries)) return true;
  const auto& variants = variants_of(profile, group);
  return std::any_of(variants.begin(), variants.end(), [&](const auto& variant) { return in(variant.second.entries); });
}

}  // namespace

std::string type_key(const std::string& type, std::string_view what) {
  return fmt::format("instance-type/{}/{}", type, what);
}

namespace {

void merge(TypeInRegion& into, const TypeInRegion& from) {
  for (Entry TypeInRegion::*price : {&TypeInRegion::on_demand, &TypeInRegion::spot, &TypeInRegion::spot_reclaim}) {
    if ((from.*price).number >= 0) into.*price = from.*price;
  }
}

/// What a later file says of a type, item by item.
void merge(TypeEntry& into, const TypeEntry& from) {
  models::InstanceType& type = into.type;
  if (from.type.vcpu > 0) type.vcpu = from.type.vcpu;
  if (from.type.memory.count > 0) type.memory = from.type.memory;
  if (from.type.network.bytes_per_s > 0) type.network = from.type.network;
  if (from.type.ebs.bytes_per_s > 0) type.ebs = from.type.ebs;
  if (from.type.cpu_baseline > 0) type.cpu_baseline = from.type.cpu_baseline;
  if (from.type.interfaces > 0) {
    type.interfaces = from.type.interfaces;
    type.addresses = from.type.addresses;
  }
  if (from.type.network_burst.rate.bytes_per_s > 0) type.network_burst = from.type.network_burst;
  if (from.type.ebs_burst.rate.bytes_per_s > 0) type.ebs_burst = from.type.ebs_burst;
  if (from.type.local_disk.count > 0) {
    type.local_disk = from.type.local_disk;
    type.local_disk_rate = from.type.local_disk_rate;
  }
  if (!from.source.empty()) into.source = from.source;
  for (const auto& [region, prices] : from.regions) {
    const auto [place, fresh] = into.regions.emplace(region, prices);
    if (!fresh) merge(place->second, prices);
  }
}

}  // namespace

ProfileSet::ProfileSet(const LoadOptions& options) {
  const fs::path directory =
      options.profiles_dir.empty() ? topologies_directory() / "profiles" : fs::path(options.profiles_dir);
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".json") files.push_back(at->path().string());
  }
  if (error || files.empty())
    throw InputError({{directory.string(), 0, 0, "", "expected a directory with the default profiles"}});
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) add(read_profile(file, Source::shipped, {{}, {}}));
  defaults_ = profiles_.size();
  check_complete(directory.string());
  // Nobody gives numbers of a version that no shipped profile knows.
  std::vector<std::string> versions;
  const auto add_versions = [&](Group group) {
    for (std::string& version : variants(group)) {
      if (std::find(versions.begin(), versions.end(), version) == versions.end())
        versions.push_back(std::move(version));
    }
  };
  for (const Kind* kind : models::service::kinds()) {
    for (const Group group : groups_of(*kind)) add_versions(group);
  }
  add_versions(Group::kubernetes);
  if (!options.profile.empty()) add(read_profile(options.profile, Source::user, {versions, types_}));
  if (!options.prices.empty()) add(read_profile(options.prices, Source::prices, {versions, types_}));
}

void ProfileSet::add(Profile profile) {
  for (const TypeEntry& type : profile.types) {
    const auto [place, fresh] = types_.emplace(type.type.name, type);
    if (!fresh) merge(place->second, type);
  }
  profiles_.push_back(std::move(profile));
}

void ProfileSet::check_complete(const std::string& directory) const {
  Problems problems;
  for (const ParameterInfo& info : parameters()) {
    std::size_t holders = 0;
    for (const Profile& profile : profiles_) holders += profile.entries.count(info.key);
    if (holders > 1)
      problems.add({directory, 0, 0, "", fmt::format("more than one default profile holds '{}'", info.key)});
    if (holders > 0) continue;
    const std::vector<std::string> names = variants(info.group);
    const bool everywhere = !names.empty() && std::all_of(names.begin(), names.end(),
                                                          [&](const std::string& name) { return entry(info, name); });
    if (!everywhere)
      problems.add({directory, 0, 0, "", fmt::format("no default profile holds '{}' ({})", info.key, info.meaning)});
  }
  problems.throw_if_any();
}

const Entry* ProfileSet::entry(const ParameterInfo& info, std::string_view variant) const {
  const Entry* best = nullptr;
  const auto look_in = [&](const Entries& entries) {
    const auto found = entries.find(info.key);
    if (found != entries.end()) best = &found->second;
  };
  for (const Profile& profile : profiles_) {
    look_in(profile.entries);
    if (!has_variants(info.group)) continue;
    const auto& variants = variants_of(profile, info.group);
    const auto found = variants.find(variant);
    if (found != variants.end()) look_in(found->second.entries);
  }
  return best;
}

std::vector<std::string> ProfileSet::variants(Group group) const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < defaults_; ++i) {
    if (!has_variants(group) || !covers(profiles_[i], group)) continue;
    for (const auto& [name, variant] : variants_of(profiles_[i], group)) names.push_back(name);
  }
  for (std::size_t i = defaults_; group == Group::prices && i < profiles_.size(); ++i) {
    for (const auto& [name, variant] : profiles_[i].regions) names.push_back(name);
  }
  std::sort(names.begin(), names.end(), version_less);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

const TypeEntry* ProfileSet::type(std::string_view name) const {
  const auto found = types_.find(name);
  return found == types_.end() ? nullptr : &found->second;
}

std::vector<std::string> ProfileSet::type_names() const {
  std::vector<std::string> names;
  for (const auto& [name, type] : types_) names.push_back(name);
  return names;
}

std::string ProfileSet::price_date(std::string_view region) const {
  std::string date;
  for (std::size_t i = 0; i < profiles_.size(); ++i) {
    const auto found = profiles_[i].regions.find(region);
    const bool known = found != profiles_[i].regions.end();
    if (known && (i < defaults_ || date.empty())) date = found->second.date;
  }
  return date;
}

std::string ProfileSet::price_source(std::string_view region, const std::vector<Assumption>& assumptions) const {
  std::size_t listed = 0;
  std::vector<std::pair<std::string, std::vector<std::string>>> others;
  for (const Assumption& assumption : assumptions) {
    const ParameterInfo* info = find_parameter(assumption.key);
    const bool of_type = assumption.key.starts_with("instance-type/") && !assumption.key.ends_with("/spot_reclaim");
    if (!of_type && (info == nullptr || info->dimension != Dimension::money)) continue;
    const std::string origin = assumption.origin.substr(0, assumption.origin.rfind(" ("));
    const bool shipped = std::any_of(profiles_.begin(), profiles_.begin() + static_cast<std::ptrdiff_t>(defaults_),
                                     [&](const Profile& profile) { return origin == "profile " + profile.name; });
    if (shipped) {
      ++listed;
      continue;
    }
    auto place = std::find_if(others.begin(), others.end(), [&](const auto& other) { return other.first == origin; });
    if (place == others.end()) place = others.insert(others.end(), {origin, {}});
    place->second.push_back(assumption.key);
  }
  std::string text = listed > 0 || others.empty() ? fmt::format("list prices of {}", price_date(region)) : "";
  for (const auto& [origin, keys] : others) {
    constexpr std::size_t most = 4;
    std::string date;
    for (std::size_t i = defaults_; i < profiles_.size(); ++i) {
      const auto found = profiles_[i].regions.find(region);
      if (origin.ends_with(' ' + profiles_[i].name) && found != profiles_[i].regions.end())
        date = " of " + found->second.date;
    }
    const std::vector<std::string> first(keys.begin(),
                                         keys.begin() + static_cast<std::ptrdiff_t>(std::min(most, keys.size())));
    text += fmt::format("{}{}{} for {}{}", text.empty() ? "" : "; ", origin, date, fmt::join(first, ", "),
                        keys.size() > most ? fmt::format(" and {} more", keys.size() - most) : "");
  }
  return text;
}

std::string ProfileSet::hash() const {
  std::uint64_t hash = sim::fnv1a("profiles");
  for (const Profile& profile : profiles_) hash = sim::fnv1a(profile.hash, hash);
  return fmt::format("{:016x}", hash);
}

}  // namespace nines::loader
