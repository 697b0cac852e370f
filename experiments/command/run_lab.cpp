// lab: questions about clusters that fail, to be answered by prediction first and by playing them then.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <stdexcept>

#include "experiments/command/commands.hpp"
#include "experiments/lab/class_sheet.hpp"
#include "experiments/lab/lab_output.hpp"
#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/data_files.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/output.hpp"
#include "experiments/report/text.hpp"

namespace nines::experiments {

namespace {

using loader::Lab;

/// Seeds of a key: a class, and more.
constexpr std::uint64_t most_key_seeds = 10'000;
constexpr std::size_t most_sheet_bytes = 16u << 20;

/// All shipped labs, by number.
std::vector<Lab> shipped_labs(std::uint64_t seed) {
  std::vector<Lab> labs;
  for (const loader::NamedEntry& entry : loader::list_labs(loader::labs_directory().string()))
    labs.push_back(loader::load_lab(entry.path, seed));
  std::sort(labs.begin(), labs.end(), [](const Lab& a, const Lab& b) { return a.number < b.number; });
  return labs;
}

/// Where a lab is that is called by number, by name, or is a file of one's own. A class asks for each again and again.
class LabFiles {
 public:
  const std::string& path(const std::string& called) {
    std::error_code error;
    if (called.ends_with(".json") && std::filesystem::exists(called, error)) return called;
    if (labs_.empty()) labs_ = shipped_labs(0);  // which variant says nothing of number and name
    std::vector<std::string_view> names;
    for (const Lab& lab : labs_) {
      if (lab.name == called || std::to_string(lab.number) == called) return lab.document->file();
      names.push_back(lab.name);
    }
    throw std::invalid_argument(
        fmt::format("lab: there is no lab '{}'.{} See nines lab list.", called, loader::did_you_mean(called, names)));
  }
  Lab load(const std::string& called, std::uint64_t seed) { return loader::load_lab(path(called), seed); }

 private:
  std::vector<Lab> labs_;
};

void check_answer_form(const loader::LabPrediction& prediction, std::string_view what, const std::string& answer) {
  if (parse_answer(prediction, answer)) return;
  throw std::invalid_argument(fmt::format("{}: expected {}, got '{}'", what, answers_taken(prediction), answer));
}

/// Text, JSON or CSV of the same thing.
template <class Text, class Csv, class Made>
void write_made(const LabCommand& command, const Text& text, const Csv& csv, const Made& json) {
  const std::string& format = command.common.format;
  write_result(command.common, format == "json" ? json_text(json()) : format == "csv" ? csv() : text());
}

/// What a student at a terminal says to the question; nothing if nobody is there, or says nothing.
std::optional<std::string> asked(const loader::LabPrediction& prediction) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0) return std::nullopt;
  std::string answer;
  while (true) {
    std::fputs(fmt::format("\nYour prediction ({}; nothing: later): ", answers_taken(prediction)).c_str(), stdout);
    std::fflush(stdout);
    if (!std::getline(std::cin, answer) || answer.empty()) return std::nullopt;
    if (parse_answer(prediction, answer)) return answer;
    std::fputs(fmt::format("'{}' is none: expected {}.\n", escape::visible(answer), answers_taken(prediction)).c_str(),
               stdout);
  }
}

int run_one(const LabCommand& command) {
  LabSession session(LabFiles().load(command.lab, command.common.seed), command.common.seed, command.common.threads);
  LabView view{command.lab, command.predict, command.what_if, command.full};
  if (view.what_if && !view.predict) throw std::invalid_argument("--what-if comes after --predict: first the question");
  if (view.predict) check_answer_form(session.lab().predict, "--predict", *view.predict);
  if (view.what_if) check_answer_form(session.lab().what_if.predict, "--what-if", *view.what_if);
  if (command.common.format == "csv") throw std::invalid_argument("lab run: --format text or json");
  const auto write = [&] {
    if (command.common.format == "json")
      write_result(command.common, json_text(lab_json(session, view)));
    else
      write_result(command.common, lab_text(session, view));
  };
  write();
  if (command.common.format == "json" || !command.common.output.empty()) return exit_code::done;
  // At a terminal it goes on by itself.
  if (!view.predict && (view.predict = asked(session.lab().predict))) write();
  if (view.predict && !view.what_if && (view.what_if = asked(session.lab().what_if.predict))) write();
  return exit_code::done;
}

int check_one(const LabCommand& command) {
  LabSession session(LabFiles().load(command.lab, command.common.seed), command.common.seed, command.common.threads);
  check_answer_form(session.lab().predict, "lab check", command.answer);
  if (command.what_if) check_answer_form(session.lab().what_if.predict, "--what-if", *command.what_if);
  const LabCheck result = check_answer(session, command.answer);
  std::optional<LabCheck> what_if;
  if (command.what_if) what_if = check_what_if(session, *command.what_if);
  const auto words = [](const LabCheck& check) {
    return check.right ? std::string("Right.") : fmt::format("Not so. {}", escape::visible(check.hint));
  };
  write_made(
      command, [&] { return words(result) + "\n" + (what_if ? "What if: " + words(*what_if) + "\n" : ""); },
      [&] {
        std::string text = fmt::format("question,right,hint\npredict,{},{}\n", result.right, escape::csv(result.hint));
        if (what_if) text += fmt::format("what_if,{},{}\n", what_if->right, escape::csv(what_if->hint));
        return text;
      },
      [&] {
        Json json{
            {"lab", session.lab().number}, {"seed", session.seed()}, {"right", result.right}, {"hint", result.hint}};
        if (what_if) json["what_if"] = {{"right", what_if->right}, {"hint", what_if->hint}};
        return json;
      });
  return result.right && (!what_if || what_if->right) ? exit_code::done : exit_code::missed;
}

/// "7" or "1-30".
std::pair<std::uint64_t, std::uint64_t> seeds_of(const std::string& text) {
  const std::string_view all = text;
  const std::size_t dash = all.find('-');
  const auto first = whole_number(all.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : whole_number(all.substr(dash + 1));
  if (!first || !last || *first > *last || *last - *first >= most_key_seeds)
    throw std::invalid_argument(
        fmt::format("--seeds: expected a seed, or a first and a last one such as 1-30 (at most {}), got '{}'",
                    most_key_seeds, text));
  return {*first, *last};
}

int write_key(const LabCommand& command) {
  const auto [first, last] = seeds_of(command.seeds);
  check_output(command.common.output);
  std::vector<std::string> called;
  if (!command.lab.empty())
    called.push_back(command.lab);
  else
    for (const Lab& lab : shipped_labs(first)) called.push_back(lab.name);
  LabFiles files;
  std::vector<std::unique_ptr<LabSession>> sessions;
  std::vector<LabKeyRow> rows;
  Progress progress(!command.common.quiet && last > first);
  const auto all = static_cast<double>(called.size()) * static_cast<double>(last - first + 1);
  for (const std::string& name : called) {
    for (std::uint64_t seed = first;; ++seed) {
      sessions.push_back(std::make_unique<LabSession>(files.load(name, seed), seed, command.common.threads));
      LabSession& session = *sessions.back();
      rows.push_back({&session.lab(), seed, session.truth(), session.what_if_truth()});
      session.forget();
      progress.show(Advance{"", static_cast<double>(rows.size()), all, false, "answers", ""});
      if (seed == last) break;
    }
  }
  progress.clear();
  write_made(
      command, [&] { return key_text(rows); }, [&] { return key_csv(rows); }, [&] { return key_json(rows); });
  return exit_code::done;
}

std::string sheet_text(const std::string& path) {
  std::error_code error;
  if (path != "-" && !std::filesystem::is_regular_file(path, error))
    throw loader::InputError({{path, 0, 0, "",
                               "cannot be read: expected a CSV file with the columns student, lab, "
                               "seed, answer."}});
  return loader::read_input(path, most_sheet_bytes);
}

int write_class(const LabCommand& command) {
  const std::vector<SheetLine> lines = read_sheet(command.lab, sheet_text(command.lab));
  check_output(command.common.output);
  LabFiles files;
  std::map<std::pair<std::string, std::uint64_t>, std::unique_ptr<LabSession>> sessions;
  const auto session_of = [&](const SheetLine& line) -> LabSession& {
    std::unique_ptr<LabSession>& session = sessions[{line.lab, line.seed}];
    if (session) return *session;
    try {
      session = std::make_unique<LabSession>(files.load(line.lab, line.seed), line.seed, command.common.threads);
    } catch (const std::invalid_argument& error) {
      throw loader::InputError({{command.lab, line.line, 1, "", error.what()}});
    }
    return *session;
  };
  const std::vector<ClassLab> sheet = class_sheet(command.lab, lines, session_of);
  write_made(
      command, [&] { return class_text(sheet); }, [&] { return class_csv(sheet); }, [&] { return class_json(sheet); });
  return exit_code::done;
}

void check_words(const LabCommand& command, bool lab, bool answer) {
  if (lab && command.lab.empty())
    throw std::invalid_argument(fmt::format("lab {}: {} is missing. See nines lab --help.", command.action,
                                            command.action == "class" ? "FILE" : "LAB"));
  if (answer && command.answer.empty())
    throw std::invalid_argument(fmt::format("lab {}: ANSWER is missing. See nines lab --help.", command.action));
  if (!answer && !command.answer.empty())
    throw std::invalid_argument(fmt::format("lab {}: unexpected argument '{}'.", command.action, command.answer));
  if (command.action != "run" && command.predict)
    throw std::invalid_argument(fmt::format("lab {}: --predict is of lab run", command.action));
  if (command.action != "run" && command.action != "check" && command.what_if)
    throw std::invalid_argument(fmt::format("lab {}: --what-if is of lab run and lab check", command.action));
}

}  // namespace

int run_lab(const LabCommand& command) {
  if (command.action == "list") {
    check_words(command, false, false);
    if (!command.lab.empty())
      throw std::invalid_argument(fmt::format("lab list: unexpected argument '{}'.", command.lab));
    const std::vector<Lab> labs = shipped_labs(command.common.seed);
    write_made(
        command, [&] { return lab_list_text(labs); }, [&] { return lab_list_csv(labs); },
        [&] { return lab_list_json(labs); });
    return exit_code::done;
  }
  if (command.action == "run") {
    check_words(command, true, false);
    return run_one(command);
  }
  if (command.action == "check") {
    check_words(command, true, true);
    return check_one(command);
  }
  if (command.action == "key") {
    check_words(command, false, false);
    return write_key(command);
  }
  if (command.action == "class") {
    check_words(command, true, false);
    return write_class(command);
  }
  const std::vector<std::string_view> actions(std::begin(lab_actions), std::end(lab_actions));
  throw std::invalid_argument(fmt::format("lab: expected {}, got '{}'.{}", loader::one_of(actions), command.action,
                                          loader::did_you_mean(command.action, actions)));
}

}  // namespace nines::experiments
