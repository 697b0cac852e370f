// A lab as text for students and as JSON for programs: the question alone, or what was played beside the prediction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiments/lab/play.hpp"
#include "experiments/report/json_text.hpp"

namespace nines::experiments {

/// What a student has said so far.
struct LabView {
  std::string lab;  ///< as the student named it, for the next command
  std::optional<std::string> predict;
  std::optional<std::string> what_if;
  bool full = false;  ///< the whole timeline, and every outage with its causes
};

/// The question, and how to go on; with a prediction the play, the truth and why; with one of the what-if that too.
/// REQUIRES: predictions that parse_answer takes.
std::string lab_text(LabSession& session, const LabView& view);
Json lab_json(LabSession& session, const LabView& view);

/// Whether an answer is right; a hint if it is not, and never the truth. REQUIRES: parse_answer takes it.
struct LabCheck {
  bool right = false;
  std::string hint;
};
LabCheck check_answer(LabSession& session, const std::string& answer);
/// The same of an answer to the what-if.
LabCheck check_what_if(LabSession& session, const std::string& answer);

/// A figure with the question's unit: "1.28 s", "12 %".
std::string lab_number(const loader::LabPrediction& prediction, double value);
/// The right answer in short: "b", or a number.
std::string right_answer(const loader::Lab& lab, const loader::LabPrediction& prediction, double truth);

/// A row of a teacher's key.
struct LabKeyRow {
  const loader::Lab* lab = nullptr;
  std::uint64_t seed = 0;
  double truth = 0;
  double what_if_truth = 0;
};
std::string key_text(const std::vector<LabKeyRow>& rows);
std::string key_csv(const std::vector<LabKeyRow>& rows);
Json key_json(const std::vector<LabKeyRow>& rows);

std::string lab_list_text(const std::vector<loader::Lab>& labs);
std::string lab_list_csv(const std::vector<loader::Lab>& labs);
Json lab_list_json(const std::vector<loader::Lab>& labs);

}  // namespace nines::experiments
