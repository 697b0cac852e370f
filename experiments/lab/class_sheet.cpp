#include "experiments/lab/class_sheet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "experiments/report/escape.hpp"
#include "experiments/report/page.hpp"
#include "experiments/report/text.hpp"

namespace nines::experiments {

namespace {

constexpr std::array<std::string_view, 4> sheet_columns{"student", "lab", "seed", "answer"};
constexpr std::size_t most_sheet_lines = 100'000;

struct SheetRecord {
  int line = 0;
  std::vector<std::string> cells;
};

/// Records of a CSV file; a quoted cell may hold commas, line ends and doubled quotes.
std::vector<SheetRecord> records_of(const std::string& file, std::string_view text) {
  std::vector<SheetRecord> records;
  SheetRecord record{1, {}};
  std::string cell;
  int line = 1;
  bool quoted = false;
  const auto end_record = [&] {
    record.cells.push_back(std::move(cell));
    cell.clear();
    const bool blank = record.cells.size() == 1 && record.cells[0].empty();
    if (!blank) records.push_back(std::move(record));
    if (records.size() > most_sheet_lines)
      throw loader::InputError({{file, line, 1, "", fmt::format("more than {} lines.", most_sheet_lines)}});
    record = {line, {}};
  };
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark, as spreadsheets write it
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (quoted) {
      if (c != '"') {
        cell += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        cell += '"';
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"' && cell.empty()) {
      quoted = true;
    } else if (c == ',') {
      record.cells.push_back(std::move(cell));
      cell.clear();
    } else if (c == '\n') {
      end_record();
    } else if (c != '\r') {
      cell += c;
    }
  }
  if (quoted) throw loader::InputError({{file, record.line, 1, "", "a quoted cell that does not end."}});
  if (!cell.empty() || !record.cells.empty()) end_record();
  return records;
}

Json sheet_spread(const Spread& s) {
  return {{"n", s.n},     {"mean", s.mean}, {"p5", s.p5},   {"p25", s.p25},
          {"p50", s.p50}, {"p75", s.p75},   {"p95", s.p95}, {"max", s.max}};
}

/// The wrong option that most of the class chose; none if nobody was wrong.
const ClassLab::Chosen* common_wrong(const ClassLab& lab) {
  const ClassLab::Chosen* worst = nullptr;
  for (const ClassLab::Chosen& option : lab.options) {
    if (option.chosen == option.right) continue;
    if (worst == nullptr || option.chosen - option.right > worst->chosen - worst->right) worst = &option;
  }
  return worst;
}

/// Its place in the lab's file, from 1. A letter would be one of some seed.
std::string option_place(const ClassLab& lab, const ClassLab::Chosen& option) {
  return std::to_string(&option - lab.options.data() + 1);
}

}  // namespace

std::vector<SheetLine> read_sheet(const std::string& file, std::string_view text) {
  const std::vector<SheetRecord> records = records_of(file, text);
  loader::Problems problems;
  const std::string wanted = fmt::format("expected a header with the columns {}", fmt::join(sheet_columns, ", "));
  if (records.empty()) throw loader::InputError({{file, 1, 1, "", wanted + ", got an empty file."}});
  const std::vector<std::string>& header = records.front().cells;
  std::array<std::size_t, sheet_columns.size()> at{};
  for (std::size_t i = 0; i < sheet_columns.size(); ++i) {
    const auto found = std::find(header.begin(), header.end(), sheet_columns[i]);
    at[i] = static_cast<std::size_t>(found - header.begin());
    if (found != header.end()) continue;
    const std::vector<std::string_view> known(header.begin(), header.end());
    problems.add({file, records.front().line, 1, "",
                  fmt::format("{}; there is no '{}'.{}", wanted, sheet_columns[i],
                              loader::did_you_mean(sheet_columns[i], known))});
  }
  problems.throw_if_any();
  std::vector<SheetLine> lines;
  for (std::size_t i = 1; i < records.size(); ++i) {
    const SheetRecord& record = records[i];
    if (record.cells.size() != header.size()) {
      problems.add({file, record.line, 1, "",
                    fmt::format("expected {} cells as in the header, got {}.", header.size(), record.cells.size())});
      continue;
    }
    const auto seed = whole_number(record.cells[at[2]]);
    if (!seed) {
      problems.add(
          {file, record.line, 1, "",
           fmt::format("expected a whole number as 'seed', got '{}'.", escape::visible(record.cells[at[2]], 40))});
      continue;
    }
    lines.push_back({record.cells[at[0]], record.cells[at[1]], *seed, record.cells[at[3]], record.line});
  }
  problems.throw_if_any();
  return lines;
}

std::vector<ClassLab> class_sheet(const std::string& file, const std::vector<SheetLine>& lines,
                                  const LabOfLine& session_of) {
  loader::Problems problems;
  std::map<std::int64_t, ClassLab> labs;
  std::map<std::int64_t, std::vector<double>> ratios;
  for (const SheetLine& line : lines) {
    LabSession& session = session_of(line);
    const loader::Lab& lab = session.lab();
    ClassLab& entry = labs[lab.number];
    if (entry.name.empty()) {
      entry.number = lab.number;
      entry.name = lab.name;
      entry.title = lab.title;
      entry.options.resize(lab.predict.options.size());
      for (const loader::LabOption& option : lab.predict.options) entry.options[option.place].text = option.text;
    }
    if (line.answer.empty()) {
      ++entry.without;
      continue;
    }
    const auto answer = parse_answer(lab.predict, line.answer);
    if (!answer) {
      problems.add({file, line.line, 1, "",
                    fmt::format("expected {} as an answer to lab {}, got '{}'.", answers_taken(lab.predict), lab.number,
                                escape::visible(line.answer, 40))});
      continue;
    }
    const double truth = session.truth();
    const bool right = is_right(lab, lab.predict, truth, *answer);
    ++entry.answers;
    entry.right += right ? 1 : 0;
    if (lab.predict.choice()) {
      ClassLab::Chosen& chosen = entry.options.at(lab.predict.options[answer->option].place);
      ++chosen.chosen;
      chosen.right += right ? 1 : 0;
      continue;
    }
    if (!right) ++(answer->number < truth ? entry.low : entry.high);
    if (truth != 0) ratios[lab.number].push_back(answer->number / truth);
  }
  problems.throw_if_any();
  std::vector<ClassLab> sheet;
  for (auto& [number, lab] : labs) {
    if (const auto found = ratios.find(number); found != ratios.end()) lab.ratio = spread_of(found->second);
    sheet.push_back(std::move(lab));
  }
  return sheet;
}

std::string class_text(const std::vector<ClassLab>& labs) {
  std::string text;
  for (const ClassLab& lab : labs) {
    text += fmt::format("{}Lab {}: {}\n", text.empty() ? "" : "\n", lab.number, escape::visible(lab.title));
    text += fmt::format(
        "  {}, {} right{}{}\n", counted(lab.answers, "answer"), lab.right,
        lab.answers == 0
            ? ""
            : fmt::format(" ({})", percent_text(static_cast<double>(lab.right) / static_cast<double>(lab.answers))),
        lab.without == 0 ? "" : fmt::format(", {} without an answer", lab.without));
    if (lab.answers == 0) continue;
    for (const ClassLab::Chosen& option : lab.options) {
      const double share = static_cast<double>(option.chosen) / static_cast<double>(lab.answers);
      constexpr double bar = 20;
      text += hanging(fmt::format("  {}{} {:>4}  {:<20}  ", option.right > 0 ? "*" : " ", option_place(lab, option),
                                  option.chosen, std::string(static_cast<std::size_t>(std::lround(share * bar)), '#')),
                      escape::visible(option.text));
    }
    if (const ClassLab::Chosen* wrong = common_wrong(lab))
      text += hanging("  Most believed of what is wrong: ",
                      fmt::format("{}) {}", option_place(lab, *wrong), escape::visible(wrong->text)));
    if (lab.ratio)
      text += fmt::format("  answer / truth: p5 {}, p25 {}, p50 {}, p75 {}, p95 {}\n", number_text(lab.ratio->p5),
                          number_text(lab.ratio->p25), number_text(lab.ratio->p50), number_text(lab.ratio->p75),
                          number_text(lab.ratio->p95));
    if (lab.low + lab.high > 0) text += fmt::format("  {} too low, {} too high\n", lab.low, lab.high);
  }
  return text;
}

std::string class_csv(const std::vector<ClassLab>& labs) {
  std::string text = csv_line({"lab", "name", "answers", "without", "right", "option", "chosen", "right_to_choose",
                               "too_low", "too_high", "ratio_p5", "ratio_p50", "ratio_p95"});
  for (const ClassLab& lab : labs) {
    const auto row = [&](std::vector<std::string> more) {
      std::vector<std::string> cells{fmt::format("{}", lab.number), lab.name, fmt::format("{}", lab.answers),
                                     fmt::format("{}", lab.without), fmt::format("{}", lab.right)};
      cells.insert(cells.end(), more.begin(), more.end());
      text += csv_line(cells);
    };
    for (const ClassLab::Chosen& option : lab.options)
      row({option_place(lab, option), fmt::format("{}", option.chosen), fmt::format("{}", option.right), "", "", "", "",
           ""});
    if (!lab.options.empty()) continue;
    const auto ratio = [&](double Spread::*field) { return lab.ratio ? csv_number((*lab.ratio).*field) : ""; };
    row({"", "", "", fmt::format("{}", lab.low), fmt::format("{}", lab.high), ratio(&Spread::p5), ratio(&Spread::p50),
         ratio(&Spread::p95)});
  }
  return text;
}

Json class_json(const std::vector<ClassLab>& labs) {
  Json list = Json::array();
  for (const ClassLab& lab : labs) {
    Json json = {
        {"lab", lab.number},
        {"name", lab.name},
        {"title", lab.title},
        {"answers", lab.answers},
        {"without", lab.without},
        {"right", lab.right},
        {"right_share",
         lab.answers == 0 ? Json(nullptr) : Json(static_cast<double>(lab.right) / static_cast<double>(lab.answers))}};
    if (!lab.options.empty()) {
      Json options = Json::array();
      for (const ClassLab::Chosen& option : lab.options)
        options.push_back({{"option", option_place(lab, option)},
                           {"text", option.text},
                           {"chosen", option.chosen},
                           {"right", option.right}});
      json["options"] = std::move(options);
      const ClassLab::Chosen* wrong = common_wrong(lab);
      json["most_believed_wrong"] = wrong == nullptr ? Json(nullptr) : Json(option_place(lab, *wrong));
    } else {
      json["answer_to_truth"] = lab.ratio ? sheet_spread(*lab.ratio) : Json(nullptr);
      json["too_low"] = lab.low;
      json["too_high"] = lab.high;
    }
    list.push_back(std::move(json));
  }
  return list;
}

}  // namespace nines::experiments
