// Profiles: sourced numbers. The default profiles of a directory plus one of the user's make one set of values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/loader/entry.hpp"
#include "experiments/loader/topology_file.hpp"

namespace nines::loader {

using Entries = std::map<std::string, Entry, std::less<>>;

/// Values that hold for one version of a server or for one region only.
struct Variant {
  std::string date;  ///< of prices
  Entries entries;
};

/// Prices of an instance type in one region.
struct TypeInRegion {
  Entry on_demand;     ///< `number` < 0: not known
  Entry spot;          ///< the same: Spot cannot be used
  Entry spot_reclaim;  ///< probability of a reclaim in a month of 730 h
};
struct TypeEntry {
  models::InstanceType type;  ///< without prices
  std::string about;
  std::string source;
  std::map<std::string, TypeInRegion, std::less<>> regions;
};

using TypeEntries = std::map<std::string, TypeEntry, std::less<>>;

struct Profile {
  std::string name;
  std::string title;
  std::string file;
  Entries entries;
  std::map<std::string, Variant, std::less<>> versions;
  std::map<std::string, Variant, std::less<>> regions;
  std::vector<TypeEntry> types;
  std::string hash;
};

/// Names an instance-type parameter in assumptions: "instance-type/r8g.4xlarge/spot".
std::string type_key(const std::string& type, std::string_view what);

class ProfileSet {
 public:
  /// Reads all `*.json` of the profile directory, then the user's profile and price list; what is read later counts,
  /// item by item. Throws InputError on anything wrong in them, a default profile set that lacks a parameter, or one
  /// that holds a parameter twice.
  explicit ProfileSet(const LoadOptions& options);

  /// The entry in effect, or null if the variant is unknown. `variant`: version of the server of a
  /// kind's parameters, Kubernetes version, or region of prices; of other groups it is not looked at.
  [[nodiscard]] const Entry* entry(const ParameterInfo& info, std::string_view variant) const;
  /// Versions (or regions) for which the group's values are known, sorted by number.
  [[nodiscard]] std::vector<std::string> variants(Group group) const;
  [[nodiscard]] const TypeEntry* type(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> type_names() const;
  /// Day of the list prices.
  [[nodiscard]] std::string price_date(std::string_view region) const;
  /// Where the prices of a bill are from, for its head: "list prices of 2026-07-20; prices mine.json for
  /// price.gp3.storage".
  [[nodiscard]] std::string price_source(std::string_view region, const std::vector<Assumption>& assumptions) const;
  [[nodiscard]] const std::vector<Profile>& profiles() const { return profiles_; }
  [[nodiscard]] std::string hash() const;

 private:
  void check_complete(const std::string& directory) const;
  void add(Profile profile);
  std::vector<Profile> profiles_;  ///< defaults by name, then the user's profile, then the price list
  TypeEntries types_;              ///< what all of them say
  std::size_t defaults_ = 0;
};

}  // namespace nines::loader
