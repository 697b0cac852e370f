// Sparse elimination of the states of a Markov chain without a subtraction; the engine of sim/markov.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sim/markov.hpp"

namespace nines::sim {

/// Removes the states one by one: a path i -> k -> j through the removed state k becomes part of the rate i -> j. The
/// rate out of k is the sum of its remaining rates (Grassmann, Taksar and Heyman 1985), never a difference, so every
/// number keeps its digits. Order: minimum degree (Amestoy, Davis and Duff 1996) on the symmetric pattern. Row by
/// row; neighbours in the order whose rows reach the same later states form a block that is worked on as a dense
/// matrix.
class StateReduction {
 public:
  /// `leaving[i]` is the rate out of the system from state i. Either it is 0 everywhere and the chain irreducible, or
  /// every state can leave at last. REQUIRES: transitions as those of a MarkovChain with leaving.size() states.
  StateReduction(std::span<const Transition> transitions, const std::vector<double>& leaving);

  /// Steady state, normalised. REQUIRES: irreducible, nothing leaves.
  [[nodiscard]] std::vector<double> stationary() const;
  /// Expected hours in each state until the system is left. REQUIRES: every state can leave.
  [[nodiscard]] std::vector<double> hours(const std::vector<double>& initial) const;

 private:
  /// Consecutive positions of the order with one pattern of later positions.
  struct Block {
    std::size_t first = 0;
    std::size_t count = 0;
    std::vector<int> columns;   ///< ascending: the block's own positions, then the later ones its rows reach
    std::vector<double> rates;  ///< `count` rows of columns.size(); row r is used from column r + 1 on
  };
  /// Rates from one state to those removed before it.
  struct Earlier {
    std::vector<int> position;
    std::vector<double> rate;
  };
  /// Neighbours of each position in either direction, ascending.
  using Pattern = std::vector<std::vector<int>>;
  /// One row under reduction, spread out; all 0 between rows.
  using Work = std::vector<double>;

  void order(std::span<const Transition> transitions);
  [[nodiscard]] Pattern symmetric_pattern(std::span<const Transition> transitions) const;
  void find_parents(const Pattern& pattern);
  void find_blocks(const Pattern& pattern);
  std::vector<int> reach(const Pattern& pattern, std::size_t first, std::size_t end);
  void reduce_rows(std::size_t first, std::size_t end, const std::vector<int>& earlier, std::vector<Work>& work);
  void remove(const Block& block, std::size_t start, std::size_t stop, std::size_t first, std::span<Work> work);
  void keep(std::size_t row, std::size_t k, double rate);
  void finish_row(std::size_t row, Work& work);
  [[nodiscard]] std::vector<double> back_substitute(std::vector<double> mass) const;

  std::vector<int> position_;  ///< of each state in the order of removal
  std::vector<int> parent_;    ///< first later position a position reaches once removed; -1 if none
  std::vector<int> block_of_;
  std::vector<Block> blocks_;
  std::vector<char> reached_;  ///< marks of a search, all 0 between searches
  std::vector<Earlier> earlier_;
  std::vector<double> leaving_;  ///< by position
  std::vector<double> out_;      ///< rate out of each position when it is removed
};

}  // namespace nines::sim
