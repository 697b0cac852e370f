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
    : earlier_(leaving.size()), leaving_(leaving.size()), out_(leaving.size()) {
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

  std::vector<double> work(n, 0);
  std::vector<int> mark(n, -1);
  for (std::size_t row = 0; row < n; ++row) {
    for (const auto& [to, rate] : rates[row]) work[index(to)] = rate;
    const int r = static_cast<int>(row);
    reduce_row(r, reach(pattern[row], r, mark), work);
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

/// Positions before `row` that a path from it may pass, ascending.
std::vector<int> StateReduction::reach(const std::vector<int>& neighbours, int row, std::vector<int>& mark) const {
  std::vector<int> reached;
  for (int k : neighbours) {
    for (; k != -1 && k < row && mark[index(k)] != row; k = parent_[index(k)]) {
      mark[index(k)] = row;
      reached.push_back(k);
    }
  }
  std::sort(reached.begin(), reached.end());
  return reached;
}

void StateReduction::reduce_row(int row, const std::vector<int>& earlier, std::vector<double>& work) {
  std::vector<double> buffer;
  Earlier& kept = earlier_[index(row)];
  kept.position = earlier;
  kept.rate.reserve(earlier.size());
  for (std::size_t at = 0; at < earlier.size();) {
    // A row that reaches a position of a block reaches all later ones of it.
    const Block& block = blocks_[index(block_of_[index(earlier[at])])];
    const std::size_t width = block.columns.size();
    const std::size_t start = index(earlier[at]) - block.first;
    const std::size_t end = std::min(block.count, index(row) - block.first);
    buffer.resize(width);
    for (std::size_t c = start; c < width; ++c) buffer[c] = work[index(block.columns[c])];
    for (std::size_t q = start; q < end;) {
      const std::size_t stop = std::min(q + batch, end);
      double factor[batch] = {};
      for (std::size_t a = q; a < stop; ++a) {
        factor[a - q] = buffer[a] / out_[block.first + a];
        for (std::size_t c = a + 1; c < stop; ++c) buffer[c] += factor[a - q] * block.rates[a * width + c];
      }
      add_rows(buffer.data() + stop, width - stop, block.rates.data() + q * width + stop, width, factor, stop - q);
      q = stop;
    }
    for (std::size_t q = start; q < end; ++q) {
      kept.rate.push_back(buffer[q]);
      leaving_[index(row)] += buffer[q] / out_[block.first + q] * leaving_[block.first + q];
      buffer[q] = 0;
    }
    for (std::size_t c = start; c < width; ++c) work[index(block.columns[c])] = buffer[c];
    at += end - start;
  }

  Block& own = blocks_[index(block_of_[index(row)])];
  const std::size_t r = index(row) - own.first;
  double* rates = own.rates.data() + r * own.columns.size();
  double out = 0;
  for (std::size_t c = r + 1; c < own.columns.size(); ++c) {
    double& rate = work[index(own.columns[c])];
    rates[c] = rate;
    out += rate;
    rate = 0;
  }
  work[index(row)] = 0;  // back to itself: no transition
  out_[index(row)] = out + leaving_[index(row)];
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
