// The boundary of an answer: what it leaves out and which way that errs, and what was read but does not do what it
// seems to. Every verb says it, as text and as JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "experiments/report/json_text.hpp"
#include "models/plan.hpp"
#include "models/service/left_out.hpp"

namespace nines::experiments {

using models::service::LeftOut;
using models::service::Truth;

/// What the plan leaves out, what this design is responsible for first.
std::vector<LeftOut> left_out(const models::Plan& plan);
/// The same of several designs, each once.
std::vector<LeftOut> left_out(const std::vector<const models::Plan*>& plans);
/// "... (truth: worse)"
std::string left_out_line(const LeftOut& item);
std::vector<std::string> left_out_lines(const std::vector<LeftOut>& items);
/// Array of {kind, text, truth, of_design}.
Json left_out_json(const std::vector<LeftOut>& items);

/// For people. In answers that are short not `all`: what is left out because of the design, and how much more there is.
std::string boundary_text(const std::vector<LeftOut>& items, bool all = false);

/// What the bill leaves out.
std::vector<std::string> not_billed(const models::Plan& plan);

/// Prints warnings to standard error, each once and at most twenty.
void show_warnings(const std::vector<std::string>& warnings);
/// "nines: warning: --check: ...", as warnings about options look.
std::string option_warning(std::string_view option, std::string_view message);

}  // namespace nines::experiments
