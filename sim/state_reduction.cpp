#include "sim/state_reduction.hpp"

#include <Eigen/Core>
#include <Eigen/SparseCore>
// Eigen's ordering header uses the sparse module without including it.
#include <Eigen/OrderingMethods>
#include <algorithm>
#include <cassert>

namespace nines::sim {

namespace {

using Row = Eigen::Map<Eigen::ArrayXd>;
using ConstRow = Eigen::Map<const Eigen::ArrayXd>;

// Rows of a block are added four at a time: one pass over the target row instead of four.
constexpr std::size_t batch = 4;
// Rows of one block that are reduced together, so that the blocks before are read from memory once for all of them.
constexpr std::size_t panel = 8;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

/// target += factor[0] row 0 + factor[1] row 1 + ..., the rows `stride` apart.
void add_rows(double* target, std::size_t length, const double* rows, std::size_t stride, const double* factor,
              std::size_t count) {
  const auto n = static_cast<Eigen::Index>(length);
  Row sum(target, n);
  const auto row = [&](std::size_t r) { return ConstRow(rows + r * stride, n); };
  if (count == batch) {
    sum += (factor[0] * row(0) + factor[1] * row(1)) + (factor[2] * row(2) + factor[3] * row(3));
    return;
  }
  for (std::size_t r = 0; r < count; ++r) sum += factor[r] * row(r);
}

}  // namespace

StateReduction::StateReduction(std::span<const Transition> transitions, const std::vector<double>& leaving)
    : reached_(leaving.size(), 0), earlier_(leaving.size()), leaving_(leaving.size()), out_(leaving.size()) {
  assert(!leaving.empty());
  position_.resize(leaving.size());
  order(transitions);
  const Pattern pattern = symmetric_pattern(transitions);
  find_parents(pattern);
  find_blocks(pattern);

  const std::size_t n = leaving.size();
  std::vector<std::vector<std::pair<int, double>>> rates(n);
  for (const Transition& t : transitions) rates[index(position_[t.from])].emplace_back(position_[t.to], t.rate);
  for (std::size_t state = 0; state < n; ++state) leaving_[index(position_[state])] = leaving[state];

  std::vector<Work> work(panel, Work(n, 0));
  for (const Block& block : blocks_) {
    for (std::size_t first = block.first; first < block.first + block.count; first += panel) {
      const std::size_t end = std::min(first + panel, block.first + block.count);
      for (std::size_t row = first; row < end; ++row) {
        for (const auto& [to, rate] : rates[row]) work[row - first][index(to)] = rate;
      }
      reduce_rows(first, end, reach(pattern, first, end), work);
    }
  }
}

void StateReduction::order(std::span<const Transition> transitions) {
  const auto n = static_cast<int>(position_.size());
  std::vector<Eigen::Triplet<double>> entries;
  entries.reserve(2 * transitions.size() + position_.size());
  for (const Transition& t : transitions) {
    entries.emplace_back(static_cast<int>(t.from), static_cast<int>(t.to), 1.0);
    entries.emplace_back(static_cast<int>(t.to), static_cast<int>(t.from), 1.0);
  }
  // The ordering expects a full diagonal and returns the identity without one.
  for (int i = 0; i < n; ++i) entries.emplace_back(i, i, 1.0);
  Eigen::SparseMatrix<double> matrix(n, n);
  matrix.setFromTriplets(entries.begin(), entries.end());
  Eigen::PermutationMatrix<Eigen::Dynamic, Eigen::Dynamic, int> removed;
  Eigen::AMDOrdering<int>()(matrix, removed);
  for (int i = 0; i < n; ++i) position_[index(removed.indices()[i])] = i;
}

StateReduction::Pattern StateReduction::symmetric_pattern(std::span<const Transition> transitions) const {
  Pattern pattern(position_.size());
  for (const Transition& t : transitions) {
    pattern[index(position_[t.from])].push_back(position_[t.to]);
    pattern[index(position_[t.to])].push_back(position_[t.from]);
  }
  for (std::vector<int>& row : pattern) {
    std::sort(row.begin(), row.end());
    row.erase(std::unique(row.begin(), row.end()), row.end());
  }
  return pattern;
}

/// The elimination tree (Liu 1990), with shortcuts to the ancestors found so far.
void StateReduction::find_parents(const Pattern& pattern) {
  parent_.assign(pattern.size(), -1);
  std::vector<int> ancestor(pattern.size(), -1);
  for (std::size_t row = 0; row < pattern.size(); ++row) {
    const int r = static_cast<int>(row);
    for (int k : pattern[row]) {
      while (k != -1 && k < r) {
        const int next = ancestor[index(k)];
        ancestor[index(k)] = r;
        if (next == -1) parent_[index(k)] = r;
        k = next;
      }
    }
  }
}

/// What position k reaches when it is removed: its own later neighbours and those its children in the tree hand on.
void StateReduction::find_blocks(const Pattern& pattern) {
  const std::size_t n = pattern.size();
  std::vector<std::vector<int>> reached(n);
  std::vector<std::vector<int>> children(n);
  std::vector<int> mark(n, -1);
  block_of_.assign(n, 0);
  std::size_t size_before = 0;
  for (std::size_t k = 0; k < n; ++k) {
    const int position = static_cast<int>(k);
    std::vector<int>& later = reached[k];
    const auto take = [&](int j) {
      if (j <= position || mark[index(j)] == position) return;
      mark[index(j)] = position;
      later.push_back(j);
    };
    for (const int child : children[k]) {
      for (const int j : reached[index(child)]) take(j);
      std::vector<int>().swap(reached[index(child)]);
    }
    for (const int j : pattern[k]) take(j);
    if (!std::is_sorted(later.begin(), later.end())) std::sort(later.begin(), later.end());
    if (parent_[k] >= 0) children[index(parent_[k])].push_back(position);

    const bool joins = k > 0 && parent_[k - 1] == position && size_before == later.size() + 1;
    if (!joins) {
      blocks_.push_back({k, 0, later, {}});
      blocks_.back().columns.insert(blocks_.back().columns.begin(), position);
    }
    ++blocks_.back().count;
    block_of_[k] = static_cast<int>(blocks_.size()) - 1;
    size_before = later.size();
  }
  for (Block& block : blocks_) block.rates.assign(block.count * block.columns.size(), 0);
}

/// Positions before the rows first .. end - 1 that a path from one of them may pass, ascending.
std::vector<int> StateReduction::reach(const Pattern& pattern, std::size_t first, std::size_t end) {
  std::vector<int> reached;
  const int limit = static_cast<int>(first);
  for (std::size_t row = first; row < end; ++row) {
    for (int k : pattern[row]) {
      for (; k != -1 && k < limit && !reached_[index(k)]; k = parent_[index(k)]) {
        reached_[index(k)] = 1;
        reached.push_back(k);
      }
    }
  }
  for (const int k : reached) reached_[index(k)] = 0;
  std::sort(reached.begin(), reached.end());
  return reached;
}

void StateReduction::reduce_rows(std::size_t first, std::size_t end, const std::vector<int>& earlier,
                                 std::vector<Work>& work) {
  const std::span<Work> rows(work.data(), end - first);
  for (std::size_t at = 0; at < earlier.size();) {
    // A row that reaches a position of a block reaches all later ones of it.
    const Block& block = blocks_[index(block_of_[index(earlier[at])])];
    const std::size_t start = index(earlier[at]) - block.first;
    const std::size_t stop = std::min(block.count, first - block.first);
    remove(block, start, stop, first, rows);
    at += stop - start;
  }
  const Block& own = blocks_[index(block_of_[first])];
  for (std::size_t row = first; row < end; ++row) {
    if (row > first) remove(own, first - own.first, row - own.first, row, rows.subspan(row - first, 1));
    finish_row(row, rows[row - first]);
  }
}

/// Removes positions start .. stop - 1 of the block from the rows `first` and following.
void StateReduction::remove(const Block& block, std::size_t start, std::size_t stop, std::size_t first,
                            std::span<Work> work) {
  const std::size_t width = block.columns.size();
  std::vector<double> buffers(work.size() * width);
  for (std::size_t r = 0; r < work.size(); ++r) {
    for (std::size_t c = start; c < width; ++c) buffers[r * width + c] = work[r][index(block.columns[c])];
  }
  for (std::size_t q = start; q < stop; q += batch) {
    const std::size_t end = std::min(q + batch, stop);
    // All rows in turn while these few of the block are in the cache.
    for (std::size_t r = 0; r < work.size(); ++r) {
      double* buffer = buffers.data() + r * width;
      double factor[batch] = {};
      for (std::size_t a = q; a < end; ++a) {
        factor[a - q] = buffer[a] / out_[block.first + a];
        for (std::size_t c = a + 1; c < end; ++c) buffer[c] += factor[a - q] * block.rates[a * width + c];
      }
      add_rows(buffer + end, width - end, block.rates.data() + q * width + end, width, factor, end - q);
    }
  }
  for (std::size_t r = 0; r < work.size(); ++r) {
    const double* buffer = buffers.data() + r * width;
    for (std::size_t q = start; q < stop; ++q) {
      if (buffer[q] > 0) keep(first + r, block.first + q, buffer[q]);
      work[r][index(block.columns[q])] = 0;
    }
    for (std::size_t c = stop; c < width; ++c) work[r][index(block.columns[c])] = buffer[c];
  }
}

/// Notes the rate from `row` to the removed position k, and what leaves the system by way of it.
void StateReduction::keep(std::size_t row, std::size_t k, double rate) {
  earlier_[row].position.push_back(static_cast<int>(k));
  earlier_[row].rate.push_back(rate);
  leaving_[row] += rate / out_[k] * leaving_[k];
}

void StateReduction::finish_row(std::size_t row, Work& work) {
  Block& own = blocks_[index(block_of_[row])];
  const std::size_t r = row - own.first;
  double* rates = own.rates.data() + r * own.columns.size();
  double out = 0;
  for (std::size_t c = r + 1; c < own.columns.size(); ++c) {
    double& rate = work[index(own.columns[c])];
    rates[c] = rate;
    out += rate;
    rate = 0;
  }
  work[row] = 0;  // back to itself: no transition
  out_[row] = out + leaving_[row];
}

/// Hours in each position, from the mass that arrives there not by way of later positions.
std::vector<double> StateReduction::back_substitute(std::vector<double> mass) const {
  for (std::size_t i = mass.size(); i-- > 0;) {
    const Earlier& earlier = earlier_[i];
    for (std::size_t a = 0; a < earlier.position.size(); ++a) {
      const std::size_t k = index(earlier.position[a]);
      mass[k] += mass[i] * (earlier.rate[a] / out_[k]);
    }
  }
  std::vector<double> by_state(mass.size());
  for (std::size_t state = 0; state < mass.size(); ++state) by_state[state] = mass[index(position_[state])];
  return by_state;
}

std::vector<double> StateReduction::stationary() const {
  std::vector<double> mass(position_.size(), 0);
  mass.back() = 1;
  std::vector<double> share = back_substitute(std::move(mass));
  double total = 0;
  for (const double x : share) total += x;
  for (double& x : share) x /= total;
  return share;
}

std::vector<double> StateReduction::hours(const std::vector<double>& initial) const {
  std::vector<double> mass(position_.size());
  for (std::size_t state = 0; state < mass.size(); ++state) mass[index(position_[state])] = initial[state];
  for (const Block& block : blocks_) {
    const std::size_t width = block.columns.size();
    for (std::size_t r = 0; r < block.count; ++r) {
      const double hours = mass[block.first + r] / out_[block.first + r];
      for (std::size_t c = r + 1; c < width; ++c) mass[index(block.columns[c])] += hours * block.rates[r * width + c];
    }
  }
  for (std::size_t k = 0; k < mass.size(); ++k) mass[k] /= out_[k];
  return back_substitute(std::move(mass));
}

}  // namespace nines::sim
