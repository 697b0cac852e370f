#include "experiments/loader/topology_file.hpp"

#include "experiments/loader/topology_reader.hpp"

namespace nines::loader {

namespace {

LoadedTopology load(Document document, std::span<const Override> sets, const LoadOptions& options) {
  const ProfileSet profiles(options);
  Problems problems;
  if (!check_schema(Value(document, problems), "topology")) problems.throw_if_any();
  prepare_for_edits(document);
  for (const Override& edit : sets) document.apply(edit, problems);
  // An edit may have replaced anything, the schema's name included.
  if (!check_schema(Value(document, problems), "topology")) problems.throw_if_any();
  LoadedTopology loaded;
  const TopologyInput input{&document, &profiles, &problems};
  read_structure(input, loaded);
  read_parameters(input, loaded.topology, loaded.assumptions);
  problems.throw_if_any();
  check_topology(input, loaded.topology, loaded.warnings);
  problems.throw_if_impossible();
  loaded.topology.price_date = profiles.price_date(loaded.topology.region);
  loaded.input_hash = document.hash();
  loaded.profile_hash = profiles.hash();
  return loaded;
}

}  // namespace

LoadedTopology load_topology(const std::string& path, std::span<const Override> sets, const LoadOptions& options) {
  return load(Document::read(path), sets, options);
}

LoadedTopology load_topology_text(const std::string& file, std::string_view text, std::span<const Override> sets,
                                  const LoadOptions& options) {
  return load(Document::parse(file, text), sets, options);
}

}  // namespace nines::loader
