// Verbs whose result another verb makes a page of: the work without the writing.
#pragma once

#include <functional>

#include "experiments/command/commands.hpp"
#include "experiments/report/json_text.hpp"

namespace nines::experiments {

struct AssessReport;
struct AdviseReport;
struct CompareReport;

using DeliverAssessment = std::function<void(const AssessReport&)>;
using DeliverAdvice = std::function<void(const AdviseReport&)>;
using DeliverComparison = std::function<void(const CompareReport&)>;

/// The same as the verbs of those names; the result goes to `deliver` in place of a file. A dry run delivers nothing.
int run_assess(const AssessCommand& command, const DeliverAssessment& deliver);
int run_advise(const AdviseCommand& command, const DeliverAdvice& deliver);
int run_compare(const CompareCommand& command, const DeliverComparison& deliver);

/// The page of a result that is at hand. `name`: of it in messages.
std::string html_page(const std::string& name, const Json& result);

}  // namespace nines::experiments
