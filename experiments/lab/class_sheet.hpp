// A class's predictions beside the truth: how many were right, what else was believed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/lab/play.hpp"
#include "experiments/report/json_text.hpp"

namespace nines::experiments {

/// A line of a class sheet: student,lab,seed,answer.
struct SheetLine {
  std::string student;
  std::string lab;  ///< number or name
  std::uint64_t seed = 0;
  std::string answer;  ///< empty: none was given
  int line = 0;
};

/// Reads a CSV file (RFC 4180) with these columns, in any order; others are not looked at. Throws loader::InputError
/// with the line of each problem.
std::vector<SheetLine> read_sheet(const std::string& file, std::string_view text);

/// What a class predicted of one lab.
struct ClassLab {
  std::int64_t number = 0;
  std::string name;
  std::string title;
  std::size_t answers = 0;
  std::size_t without = 0;  ///< lines without an answer
  std::size_t right = 0;
  /// Of a choice, by option in the order of the lab's file (each seed has its own letters): how often it was chosen,
  /// and how often it was right to.
  struct Chosen {
    std::string text;  ///< with the values of the first student's variant
    std::size_t chosen = 0;
    std::size_t right = 0;
  };
  std::vector<Chosen> options;
  /// Of a number: quantiles of answer / truth (answers where a truth is 0 are left out), and how many were too low and
  /// too high.
  std::optional<Spread> ratio;
  std::size_t low = 0;
  std::size_t high = 0;
};

/// The lab that a line names, for its seed, as long as the sheet is read. Throws loader::InputError.
using LabOfLine = std::function<LabSession&(const SheetLine&)>;

/// By the labs' numbers. Throws loader::InputError, with the line, for answers that are none.
std::vector<ClassLab> class_sheet(const std::string& file, const std::vector<SheetLine>& lines,
                                  const LabOfLine& session_of);

std::string class_text(const std::vector<ClassLab>& labs);
std::string class_csv(const std::vector<ClassLab>& labs);
Json class_json(const std::vector<ClassLab>& labs);

}  // namespace nines::experiments
