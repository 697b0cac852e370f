// What a page says of each kind of result. The pages are made from the JSON of results alone, so that a page can be
// made of any that somebody has kept.
#pragma once

#include <string>
#include <vector>

#include "experiments/review/document.hpp"
#include "experiments/review/value.hpp"

namespace nines::experiments::review {

/// Results on one page, each of a schema that is known; the first one names it. REQUIRES: at least one. Throws
/// loader::InputError for what is no such result.
Document review(const std::vector<Value>& results);

/// The page of a change: the second design of a comparison against the first one.
Document change(const Value& comparison);
/// "This change saves 0.4 min/yr (0.3 to 0.5) and costs $120.00 a month."
std::string change_sentence(const Value& comparison);
/// The second design is surely out more than the first one.
bool surely_worse(const Value& comparison);

void add_assessment(Document& document, const Value& result);
/// What it rests on: assumptions, limits, how to make it again.
void add_assessment_basis(Document& document, const Value& result);
void add_comparison(Document& document, const Value& result);
void add_advice(Document& document, const Value& result);
void add_sweep(Document& document, const Value& result);
void add_replay(Document& document, const Value& result);

/// What no figure of a result holds, and what was said when it was made.
void add_limits(Document& document, const Value& result);

/// "5.03 s"; "-" of what is not known.
std::string duration_or_dash(const std::optional<double>& seconds);
/// What made a result: "nines 0.1.0, seed 1".
std::string made_by(const Value& result);
/// The hashes of its inputs, a line each.
void add_hashes(Bullets& facts, const Value& result);
/// "$2,979.39"
std::string money(double usd);
/// "5.9 (5.7 to 6.2)", with the digits that the interval supports; "< 3" of what was not seen.
std::string interval_text(const sim::Estimate& estimate);
/// The same of a difference, with its sign; "not told apart" where the interval holds 0.
std::string difference_text(const sim::Estimate& estimate, std::string_view unit);

}  // namespace nines::experiments::review
