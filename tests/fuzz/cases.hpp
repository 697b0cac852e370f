// Cases: what is run on what. A case is a function of seed and number.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/mutate.hpp"

namespace nines::fuzz {

struct Case {
  std::string kind;                          ///< topology, scenario, profile, sweep, set, option, state
  std::map<std::string, std::string> files;  ///< by name in the case's directory
  std::vector<std::string> arguments;
  Expected expected;
  std::optional<std::string> same_output;  ///< if it is done, it must have said this
};

/// What cases begin with: the shipped files, their schemas, results files of a small sweep.
class Corpus {
 public:
  /// `source`: the tree. Plays the small sweep with `program` in `directory`.
  Corpus(const std::string& source, const std::string& program, const std::string& directory);
  [[nodiscard]] Case make(std::uint64_t seed, std::uint64_t number) const;

 private:
  struct File {
    std::string name;
    std::string text;
    Json json;
    bool kafka = false;
  };
  struct State {
    std::string whole;   ///< a complete results file
    std::string shard;   ///< shard 0 of 2 of its first rung
    std::string second;  ///< shard 1
    std::string answer;  ///< as CSV
  };

  [[nodiscard]] std::vector<File> read(const std::string& folder) const;
  [[nodiscard]] std::string mutant(const File& file, const std::string& kind, Dice& dice) const;
  [[nodiscard]] std::vector<std::string> play(const std::string& topology, bool kafka, Dice& dice, Case& made) const;
  void topology(Case& made, Dice& dice) const;
  void scenario(Case& made, Dice& dice) const;
  void profile(Case& made, Dice& dice) const;
  void sweep(Case& made, Dice& dice) const;
  void lab(Case& made, Dice& dice) const;
  void set(Case& made, Dice& dice) const;
  void option(Case& made, Dice& dice) const;
  void state(Case& made, Dice& dice) const;

  std::string source_;
  std::map<std::string, Json> schemas_;
  std::vector<File> topologies_;
  std::vector<File> scenarios_;
  std::vector<File> profiles_;
  std::vector<File> sweeps_;
  std::vector<File> labs_;
  State state_;
  bool prices_ = false;  ///< whether the command reads files of prices
};

/// Writes the files of the case.
void write(const Case& made, const std::string& directory);

}  // namespace nines::fuzz
