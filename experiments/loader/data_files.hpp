// Where the shipped files are: topologies with their profiles, scenarios, sweeps, labs, the catalogue of changes.
//
// They are found from where the program itself is, so that nothing has to be told when it is installed or moved, and no
// path of the machine that built it is in it. Looked at, in this order:
//  1. the directory that `use_data` was given (programs that link the library), else the one in NINES_DATA_DIR;
//  2. `../share/nines` beside the executable's directory: an installation, moved or not; a link to the executable is
//     followed first. Programs of a build tree that stand one directory below it find its link to the source tree so;
//  3. `share/nines` in the executable's directory: the build tree, or an unpacked directory.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nines::loader {

/// The data directory that is looked for: it holds `topologies/` and `experiments/`, as the source tree does.
/// Throws InputError, which says where it was looked for, if there is none.
std::filesystem::path data_root();

/// From now on the data are those of `root`, whatever the environment says; empty: as before. For programs that link
/// the library and stand somewhere else. Not while other threads use it.
void use_data(std::filesystem::path root);

/// Shipped topologies; below it `profiles/` and `benchmarks/`. As all that follow, it throws like `data_root`.
std::filesystem::path topologies_directory();
std::filesystem::path scenarios_directory();
std::filesystem::path sweeps_directory();
std::filesystem::path labs_directory();
/// The file of changes that `nines advise` tries.
std::filesystem::path changes_file();

/// The directories in which an executable at `executable` (links followed) looks, in order.
std::vector<std::filesystem::path> data_beside(const std::filesystem::path& executable);

}  // namespace nines::loader
