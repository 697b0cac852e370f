// Which further failures lead to an outage soon: ways to be down by the number of parts that have still to fail.
//
// For sampling rare incidents. The answer steers where samples go, never what they count, so it may be rough.
//
// Where units of a box can stand for each other, the minimal cuts are found box by box as numbers of failed units.
// Where they cannot, or there are too many such cuts, ways are counted bottom-up as polynomials in the number of
// failures: quick, but ways that share a part are then counted more than once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "models/ids.hpp"
#include "models/structure/dependency.hpp"
#include "models/structure/independent_parts.hpp"

namespace nines::models {
struct Plan;
}

namespace nines::models::structure {

class CutGuide {
 public:
  /// Most further failures that are looked at.
  static constexpr int most = 8;
  /// Coefficient m: the sum, over ways that take m failures, of the products of their parts' weights.
  using Ways = std::array<double, most + 1>;

  /// `weights`: of each unit, such as its unavailability by itself. REQUIRES: rests_on_boxes(plan, sli).
  CutGuide(const Plan& plan, SliIndex sli, std::vector<double> weights);

  /// Whether units of a box can stand for each other: none is masked unit by unit.
  [[nodiscard]] bool alike() const { return alike_; }

  /// Whether all that the SLI rests on are units of black boxes: else it has no guide.
  static bool rests_on_boxes(const Plan& plan, SliIndex sli);

  /// When the units `failed` (ascending) have failed. Coefficient 0 is 1 if the SLI is out already, else 0.
  [[nodiscard]] Ways ways(std::span<const UnitId> failed) const;

  /// By unit: the sum over ways that take `left` failures, this unit's among them, of the other parts' weights, when
  /// the units `failed` (ascending) have failed. Of `left` 0: over ways of any number, each number alike. All 0 if
  /// there is no such way. Of units that have failed it says nothing. Remembered: valid until the next call. REQUIRES:
  /// left <= most.
  const std::vector<double>& next(std::span<const UnitId> failed, int left);

 private:
  struct Child {
    Vertex vertex = 0;
    std::uint32_t weight = 1;
  };
  struct Condition {
    Vertex vertex = 0;
    UnitId unit;  ///< none of a condition
    std::uint32_t tolerated = 0;
    std::vector<Child> needs;
  };
  /// Adds the ways with the units in `failed` gone and no other shared unit failing; with `left` >= 0 also what each
  /// unit's failure adds to coefficient `left`, times `factor`.
  void add_ways(const std::vector<char>& failed, double factor, int extra, Ways& sum, int left,
                std::vector<double>* next) const;
  void add_shared(std::vector<char>& failed, Ways& sum, int left, std::vector<double>* next) const;

  [[nodiscard]] std::vector<double> find_next(std::vector<char>& failed, int left) const;
  /// Minimal cuts by numbers of failed units; false if there are too many.
  bool find_cuts(const Plan& plan, const Expanded& requirement);
  /// Calls `add(m, ways, cut)` for every cut that m failures complete when so many units have failed, by box.
  template <class Add>
  void follow_cuts(const std::vector<std::uint16_t>& failed, Add add) const;
  [[nodiscard]] Ways ways_of(const std::vector<std::uint16_t>& failed) const;
  [[nodiscard]] std::vector<std::uint16_t> count(std::span<const UnitId> failed) const;

  std::vector<Condition> inner_first_;
  Vertex root_ = 0;
  std::size_t vertices_ = 0;
  std::vector<double> weights_;  ///< by unit
  std::vector<UnitId> shared_;   ///< units that several alternatives rest on: looked at one by one and in pairs
  std::vector<char> is_shared_;  ///< by unit
  std::size_t boxes_ = 0;
  std::vector<std::uint16_t> first_;  ///< by box: its first unit
  std::vector<std::uint16_t> units_;  ///< by box: how many there are
  /// A minimal cut: boxes and how many of their units it takes.
  using Cut = std::vector<std::pair<std::uint16_t, std::uint16_t>>;
  std::vector<Cut> cuts_;
  bool by_cuts_ = false;
  std::vector<std::uint16_t> box_of_;                                ///< by unit
  bool alike_ = true;                                                ///< units of a box can stand for each other
  std::map<std::vector<std::uint16_t>, std::vector<double>> known_;  ///< by `left` and what has failed
};

}  // namespace nines::models::structure
