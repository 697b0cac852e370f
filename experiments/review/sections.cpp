#include "experiments/review/sections.hpp"

#include <fmt/format.h>

#include <cmath>

#include "experiments/report/text.hpp"

namespace nines::experiments::review {

std::string_view side_text(Events::Side side) {
  switch (side) {
    case Events::Side::both: return "both";
    case Events::Side::as_it_is: return "as it is";
    case Events::Side::changed: break;
  }
  return "with the change";
}

std::string duration_or_dash(const std::optional<double>& seconds) {
  return seconds ? duration_text(*seconds) : std::string("-");
}

std::string made_by(const Value& result) {
  return fmt::format("nines {}, seed {}", result["version"].text(), result["seed"].whole());
}

void add_hashes(Bullets& facts, const Value& result) {
  for (const auto& [name, hash] : result["hashes"].members())
    facts.items.push_back(fmt::format("{} {}", name, hash.text()));
}

std::string money(double usd) { return money_text(static_cast<std::int64_t>(std::llround(usd * 100))); }

std::string interval_text(const sim::Estimate& estimate) {
  if (!estimate.value) return estimate.upper95 ? "< " + number_text(*estimate.upper95, 2) : "not known";
  if (!estimate.ci95 || estimate.ci95->lower == estimate.ci95->upper) return number_text(*estimate.value);
  return fmt::format("{} ({} to {})", number_text(*estimate.value), number_text(estimate.ci95->lower),
                     number_text(estimate.ci95->upper));
}

std::string difference_text(const sim::Estimate& estimate, std::string_view unit) {
  if (!estimate.value) return "not known";
  const auto sign = [](double value) { return (value > 0 ? "+" : "") + number_text(value); };
  if (!estimate.ci95 || estimate.ci95->lower == estimate.ci95->upper)
    return *estimate.value == 0 ? "the same" : fmt::format("{}{}", sign(*estimate.value), unit);
  const bool told = estimate.ci95->lower > 0 || estimate.ci95->upper < 0;
  const std::string ends = fmt::format("({} to {}){}", sign(estimate.ci95->lower), sign(estimate.ci95->upper), unit);
  return told ? sign(*estimate.value) + " " + ends : "not told apart " + ends;
}

void add_limits(Document& document, const Value& result) {
  const auto left_out = result.find("left_out");
  if (!left_out) return;
  document.blocks.emplace_back(Heading{"What is not modelled"});
  document.blocks.emplace_back(
      Paragraph{"No figure here holds what follows. In brackets: which way the truth differs because of it."});
  Bullets of_design;
  Bullets others;
  for (const Value& item : left_out->items()) {
    Bullets& list = item["of_design"].flag() ? of_design : others;
    list.items.push_back(fmt::format("{} (truth: {})", item["text"].text(), item["truth"].text()));
  }
  if (!of_design.items.empty()) document.blocks.emplace_back(std::move(of_design));
  others.folded_title = fmt::format("and {} of every design of this kind", counted(others.items.size(), "thing"));
  if (!others.items.empty()) document.blocks.emplace_back(std::move(others));
}

namespace {

constexpr std::string_view assessment_schema = "nines/assessment/1";
constexpr std::string_view comparison_schema = "nines/comparison/1";
constexpr std::string_view advice_schema = "nines/advice/1";
constexpr std::string_view sweep_schema = "nines/sweep-result/1";
constexpr std::string_view replay_schema = "nines/replay/1";

std::string schema_of(const Value& result) {
  constexpr std::string_view schemas[] = {assessment_schema, comparison_schema, advice_schema, sweep_schema,
                                          replay_schema};
  const Value schema = result["schema"];
  const std::string name = schema.text();
  for (const std::string_view known : schemas)
    if (name == known) return name;
  schema.refuse(fmt::format("a result that a page can be made of ({})", loader::one_of(schemas)));
}

}  // namespace

Document review(const std::vector<Value>& results) {
  Document document;
  for (const Value& result : results) {
    const std::string schema = schema_of(result);
    if (schema == assessment_schema) add_assessment(document, result);
    if (schema == comparison_schema) add_comparison(document, result);
    if (schema == advice_schema) add_advice(document, result);
    if (schema == sweep_schema) add_sweep(document, result);
    if (schema == replay_schema) add_replay(document, result);
  }
  // What an answer rests on comes behind all answers.
  for (const Value& result : results) {
    if (schema_of(result) == assessment_schema) add_assessment_basis(document, result);
  }
  return document;
}

}  // namespace nines::experiments::review
