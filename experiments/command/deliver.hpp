// Verbs whose result another verb makes a page of: the work without the writing.
#pragma once

#include <functional>

#include "experiments/command/commands.hpp"

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

}  // namespace nines::experiments
