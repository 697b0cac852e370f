#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>

#include "experiments/advise/advise_output.hpp"
#include "experiments/command/commands.hpp"
#include "experiments/command/deliver.hpp"
#include "experiments/command/inputs.hpp"
#include "experiments/compare/compare_output.hpp"
#include "experiments/estimate/assess_output.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/report/output.hpp"
#include "experiments/report/version.hpp"
#include "experiments/review/html.hpp"
#include "experiments/review/markdown.hpp"
#include "experiments/review/sections.hpp"

namespace nines::experiments {

loader::DocumentLimits result_limits() {
  loader::DocumentLimits limits;
  limits.bytes = 64u << 20;
  limits.values = 2'000'000;
  limits.key_length = 2000;
  limits.index_bytes = 512u << 20;
  return limits;
}

namespace {

/// Day of the page: that of SOURCE_DATE_EPOCH where builds are to be the same again, else today, UTC.
std::string date_text() {
  std::time_t now = std::time(nullptr);
  if (const char* fixed = std::getenv("SOURCE_DATE_EPOCH"); fixed != nullptr && *fixed != '\0') {
    char* end = nullptr;
    const long long seconds = std::strtoll(fixed, &end, 10);
    if (*end == '\0') now = static_cast<std::time_t>(seconds);
  }
  std::tm day{};
  if (gmtime_r(&now, &day) == nullptr) return "an unknown day";
  return fmt::format("{:04}-{:02}-{:02}", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
}

std::string footer_text() {
  const std::string id = build();
  return fmt::format("Made by nines {}{} on {}.", version(),
                     id.empty() ? "" : fmt::format(" (build {})", id.substr(0, 12)), date_text());
}

bool is_result(const loader::Document& document) {
  const loader::Json& root = document.root();
  if (!root.is_object() || !root.contains("schema") || !root["schema"].is_string()) return false;
  const std::string schema = root["schema"].get<std::string>();
  return schema.starts_with("nines/") && !schema.starts_with("nines/topology/");
}

using Documents = std::vector<std::unique_ptr<loader::Document>>;

void add(Documents& documents, loader::Document document) {
  documents.push_back(std::make_unique<loader::Document>(std::move(document)));
}

/// The results of a topology that is played for the page.
int play(const ReportCommand& command, const std::string& topology, Documents& documents) {
  AssessCommand assess;
  assess.common = command.common;
  assess.common.output.clear();
  assess.topology = topology;
  assess.sli = command.sli;
  assess.precision = command.precision;
  assess.risk = command.risk;
  const int code = run_assess(assess, [&](const AssessReport& report) {
    add(documents, loader::Document::parse(topology, json_text(assess_json(report)), result_limits()));
  });
  if (!command.advice || command.common.dry_run) return code;
  AdviseCommand advise;
  advise.common = assess.common;
  advise.common.check = false;
  advise.topology = topology;
  advise.sli = command.sli;
  advise.risk = command.risk;
  try {
    run_advise(advise, [&](const AdviseReport& report) {
      add(documents, loader::Document::parse(topology, json_text(advise_json(report)), result_limits()));
    });
  } catch (const std::invalid_argument& error) {
    show_warnings({fmt::format("{}: the page has no advice: {}", topology, error.what())});
  } catch (const loader::InputError& error) {
    show_warnings({fmt::format("the page has no advice: {}", error.what())});
  }
  return code;
}

std::string render(const review::Document& document, const std::string& format) {
  return format == "markdown" ? review::markdown(document, footer_text()) : review::html(document, footer_text());
}

}  // namespace

std::string html_page(const std::string& name, const Json& result) {
  const loader::Document document = loader::Document::parse(name, json_text(result), result_limits());
  return render(review::review({review::Value(document)}), "html");
}

int run_report(const ReportCommand& command) {
  if (command.results.empty()) throw std::invalid_argument("report: RESULT is missing: a result file or a topology");
  check_output(command.common.output);
  Documents documents;
  int code = exit_code::done;
  for (const std::string& name : command.results) {
    std::error_code error;
    if (name == "-" || std::filesystem::is_regular_file(name, error)) {
      loader::Document document = loader::Document::read(name, result_limits());
      if (is_result(document)) {
        add(documents, std::move(document));
        continue;
      }
      // It is read once; a topology is read again for each change that is tried.
      if (name == "-") throw std::invalid_argument("report -: expected a result; give a topology as a file");
    }
    code = std::max(code, play(command, name, documents));
  }
  if (command.common.dry_run) return code;
  std::vector<review::Value> results;
  for (const auto& document : documents) results.emplace_back(*document);
  write_output(command.common.output, render(review::review(results), command.common.format));
  return code;
}

int run_diff(const DiffCommand& command) {
  CompareCommand compare;
  compare.common = command.common;
  compare.common.check = false;
  compare.topologies = {command.base, command.head};
  compare.sli = command.sli;
  compare.precision = command.precision;
  compare.max_incidents = command.max_incidents;
  compare.risk = command.risk;
  int code = exit_code::done;
  run_compare(compare, [&](const CompareReport& report) {
    const Json json = compare_json(report);
    const loader::Document document = loader::Document::parse("the comparison", json_text(json), result_limits());
    const review::Value result(document);
    const std::string& format = command.common.format;
    if (format == "json") {
      write_output(command.common.output, json_text(json));
    } else if (format == "text") {
      write_text(command.common.output, review::change_sentence(result) + "\n\n" + compare_text(report));
    } else {
      write_output(command.common.output, render(review::change(result), format));
    }
    if (command.common.check && review::surely_worse(result)) code = exit_code::missed;
  });
  return code;
}

}  // namespace nines::experiments
