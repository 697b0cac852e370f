// Single changes of a design by kind, as data (catalogue.json), and what each comes to in a given topology: edits that
// a user can paste behind --set.
//
// A change is a list of edits. Each names a place ("at": pointer, "*" for every element of a list, "^" for the root in
// place of what "each" matched) or a parameter, and what happens to the value there: "add", "multiply", "multiply_rest"
// (of a share: what is missing to 1), "set" ({"copy": pointer} within it takes a value of the document), "merge" and
// "without" (of an object), "next_type" (machine types of the same family by size), "add_zones" (as many as the node
// group has zones), "share_out" (machines of a group over a longer list of zones). "where" says to what it applies.
#pragma once

#include <string>
#include <vector>

#include "experiments/command/inputs.hpp"

namespace nines::experiments {

/// A change of one thing of one topology.
struct Change {
  std::string name;      ///< of its entry in the catalogue
  std::string kind;      ///< "replication", "capacity", "placement", "storage", "detection", "client", "platform",
                         ///< "people", "component", "what-if"
  std::string title;     ///< in words, with the names and numbers of this topology
  bool what_if = false;  ///< nothing that one can set: what it would be worth if it were so
  std::vector<std::string> sets;  ///< arguments of --set
};

/// Path of the shipped catalogue.
std::string catalogue_path();
/// Names of its entries. Throws loader::InputError for a catalogue that cannot be read.
std::vector<std::string> names_of_changes(const std::string& catalogue);

/// All changes of the catalogue that have something to change in `topology`, in the catalogue's order. Whether what
/// they make can exist is not checked. `base`: the topology at `path` after `edits`.
std::vector<Change> changes_of(const std::string& catalogue, const std::string& path,
                               const std::vector<std::string>& edits, const CommonOptions& options,
                               const loader::LoadedTopology& base);

}  // namespace nines::experiments
