#include "experiments/advise/advise_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/estimate/assess_output.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/page.hpp"
#include "experiments/report/text.hpp"
#include "experiments/report/version.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

using Align = TextTable::Align;

const Change& change_of(const AdviseReport& report, const Advice& advice) {
  return (*report.variants)[advice.variant].change;
}

const SliResult& target_of(const AdviseReport& report) {
  return report.result->base.slis[*sli_named(report.base->plan, report.options.target)];
}

std::string_view effect_name(Effect effect) {
  constexpr std::string_view names[] = {"helps", "next-to-nothing", "within-noise", "harms"};
  return names[static_cast<std::size_t>(effect)];
}

std::string verdict_text(Verdict verdict, bool promised) {
  if (!promised) return "no target";
  return verdict == Verdict::meets ? "MEETS" : verdict == Verdict::breaches ? "BREACHES" : "OPEN";
}

std::string signed_text(double value, int digits = 3) {
  return (value > 0 ? "+" : value < 0 ? "-" : "") + number_text(std::abs(value), digits);
}

std::string interval_text(const Delta& delta, bool exact) {
  if (exact && delta.ci95.lower == delta.ci95.upper) return "exact";
  return fmt::format("{} to {}", signed_text(delta.ci95.lower), signed_text(delta.ci95.upper));
}

/// Of work on incidents the hours are sampled: what they may differ by by chance is no difference.
std::string dollars(const Delta& usd) {
  const double cents = std::round(usd.value * 100);
  const bool told = usd.told() || usd.ci95.lower == usd.ci95.upper;
  if (cents == 0 || !told) return "same";
  return (cents > 0 ? "+" : "-") + money_text(static_cast<std::int64_t>(std::abs(cents)));
}

std::string losses_text(const Advice& advice) {
  return advice.losses_per_year ? signed_text(advice.losses_per_year->value, 2) + " /yr" : "-";
}

/// What it is worth: minutes a year for a dollar a month; of what costs nothing more, that it is free.
std::string worth_text(const AdviseReport& report, const Advice& advice) {
  if (advice.effect != Effect::helps || !report.result->priced) return "-";
  return advice.minutes_per_dollar ? number_text(*advice.minutes_per_dollar, 2) : "free";
}

std::string table_text(const AdviseReport& report, const std::vector<const Advice*>& rows, bool bought) {
  if (rows.empty()) return "";
  TextTable table(
      {"", "change", "down min/yr", "95 %", bought ? "$ a month" : "", bought ? "min/yr per $" : "", "SLA", "losses"},
      {Align::right, Align::left, Align::right, Align::left, Align::right, Align::right, Align::left, Align::right});
  std::size_t number = 0;
  for (const Advice* advice : rows) {
    const Change& change = change_of(report, *advice);
    table.add({fmt::format("{}", ++number), change.title, signed_text(advice->downtime_minutes_per_year.value),
               interval_text(advice->downtime_minutes_per_year, advice->exact),
               bought ? report.result->priced ? dollars(advice->cost_usd_per_month) : "no price" : "",
               bought ? worth_text(report, *advice) : "", verdict_text(advice->verdict, advice->promised),
               losses_text(*advice)});
  }
  return table.text();
}

std::vector<std::string> sets_of(const Change& change) {
  std::vector<std::string> words;
  for (const std::string& set : change.sets) words.insert(words.end(), {"--set", set});
  return words;
}

std::vector<std::string> command_of(const AdviseReport& report, const Change& change) {
  CommonOptions inputs = *report.command;
  inputs.sets.insert(inputs.sets.end(), change.sets.begin(), change.sets.end());
  return command_words("assess", {report.topology_path}, inputs);
}

/// What to type to make a change.
std::string how_text(const AdviseReport& report, const std::vector<const Advice*>& rows, std::string_view title) {
  if (rows.empty()) return "";
  std::string text = fmt::format("\n{}\n", title);
  std::size_t number = 0;
  for (const Advice* advice : rows) {
    text += fmt::format("  {}. {}\n", ++number, change_of(report, *advice).name);
    text += command_text("     ", sets_of(change_of(report, *advice)));
  }
  return text;
}

std::string names_text(const AdviseReport& report, const std::vector<const Advice*>& rows) {
  std::vector<std::string> names;
  for (const Advice* advice : rows) names.push_back(change_of(report, *advice).title);
  return fmt::format("{}", fmt::join(names, "; "));
}

std::string head_text(const AdviseReport& report) {
  const AdviceResult& result = *report.result;
  const SliResult& target = target_of(report);
  const sim::Estimate minutes = sim::scaled(target.unavailability, sim::minutes_per_year);
  std::string how = result.exact ? "solved exactly" : "";
  if (result.incidents > 0) {
    how += fmt::format("{}the same faults on all: {} incidents, seed {}",
                       how.empty() ? "" : " where that is possible, else ", result.incidents, report.base->plan.seed);
  }
  std::string text = fmt::format("{}: {}\n{} against the design as it is, {}.\n", report.base->plan.topology.name,
                                 escape::visible(report.base->plan.topology.title),
                                 counted(report.variants->size(), "single change"), how);
  const std::string now = minutes.value     ? number_text(*minutes.value) + " min/yr"
                          : minutes.upper95 ? "at most " + number_text(*minutes.upper95) + " min/yr"
                                            : "not known";
  return text + fmt::format("As it is: {} down {}, {}{}.\n", report.options.target, now,
                            verdict_text(result.verdict, result.promised),
                            result.priced ? fmt::format(", {} a month", money_text(result.base.bill.cents())) : "");
}

struct Parts {
  std::vector<const Advice*> helps, what_if, little, noise, harms;
};

Parts parts_of(const AdviseReport& report) {
  Parts parts;
  for (const Advice& advice : report.result->ranked) {
    const bool what_if = change_of(report, advice).what_if;
    auto& list = advice.effect == Effect::within_noise      ? parts.noise
                 : advice.effect == Effect::harms           ? parts.harms
                 : advice.effect == Effect::next_to_nothing ? parts.little
                 : what_if                                  ? parts.what_if
                                                            : parts.helps;
    list.push_back(&advice);
  }
  // Nobody sells these: what counts is what they would be worth.
  std::stable_sort(parts.what_if.begin(), parts.what_if.end(), [](const Advice* a, const Advice* b) {
    return a->downtime_minutes_per_year.value < b->downtime_minutes_per_year.value;
  });
  return parts;
}

}  // namespace

std::string advise_text(const AdviseReport& report) {
  const Parts parts = parts_of(report);
  std::string text = head_text(report);
  if (parts.helps.empty()) {
    text += "\nNo single change of the catalogue surely helps.\n";
  } else {
    text += fmt::format("\nWhat helps, most for the money first (change of {} a year)\n", report.options.target) +
            table_text(report, parts.helps, true);
  }
  if (!parts.what_if.empty()) {
    text += "\nWhat it would be worth, if it were so\n" + table_text(report, parts.what_if, false);
  }
  if (!parts.harms.empty()) text += "\nWhat harms\n" + table_text(report, parts.harms, true);
  if (!parts.noise.empty()) {
    text += "\nWithin noise: no difference told by this sample\n" + hanging("  ", names_text(report, parts.noise));
  }
  if (!parts.little.empty()) {
    text += "\nNext to nothing: below a thousandth of the downtime\n" + hanging("  ", names_text(report, parts.little));
  }
  text += how_text(report, parts.helps, "How to make each");
  if (!report.impossible->empty()) {
    text += fmt::format("\n{} of the catalogue cannot be made here (--format json says why).\n",
                        counted(report.impossible->size(), "change"));
  }
  if (!report.result->priced) text += "\nBlack boxes have no price: changes are ranked by minutes.\n";
  text +=
      "\nVerdicts are for the inputs as they are; changes are single: two together may give more or less than their "
      "sum.\n";
  if (!parts.helps.empty()) {
    text += command_text(command_label, command_of(report, change_of(report, *parts.helps.front())));
  }
  return text;
}

Json advise_json(const AdviseReport& report) {
  const AdviceResult& result = *report.result;
  const auto delta = [](const Delta& of) {
    return Json{{"estimate", of.value}, {"ci95", Json::array({of.ci95.lower, of.ci95.upper})}};
  };
  const auto verdict = [](Verdict of, bool promised) { return promised ? Json(verdict_name(of)) : Json(nullptr); };
  const auto change_json = [](const Change& change) {
    return Json{{"name", change.name},
                {"kind", change.kind},
                {"title", change.title},
                {"what_if", change.what_if},
                {"set", change.sets}};
  };
  Json changes = Json::array();
  for (const Advice& advice : result.ranked) {
    Json json = change_json(change_of(report, advice));
    json["effect"] = effect_name(advice.effect);
    json["exact"] = advice.exact;
    json["downtime_minutes_per_year"] = delta(advice.downtime_minutes_per_year);
    json["cost_usd_per_month"] = result.priced ? delta(advice.cost_usd_per_month) : Json(nullptr);
    json["minutes_per_dollar"] = or_null(advice.minutes_per_dollar);
    json["verdict"] = verdict(advice.verdict, advice.promised);
    json["losses_per_year"] = advice.losses_per_year ? delta(*advice.losses_per_year) : Json(nullptr);
    changes.push_back(std::move(json));
  }
  Json impossible = Json::array();
  for (const Impossible& entry : *report.impossible) {
    Json json = change_json(entry.change);
    json["reason"] = entry.reason;
    impossible.push_back(std::move(json));
  }
  const SliResult& target = target_of(report);
  const sim::Estimate minutes = sim::scaled(target.unavailability, sim::minutes_per_year);
  Json json = {
      {"schema", "nines/advice/1"},
      {"version", version()},
      {"topology", report.base->plan.topology.name},
      {"hashes", {{"topology", report.base->loaded.input_hash}, {"profiles", report.base->loaded.profile_hash}}},
      {"seed", report.base->plan.seed},
      {"target", report.options.target},
      {"method", result.exact ? "exact" : "incidents"},
      {"base",
       {{"downtime_minutes_per_year",
         {{"estimate", or_null(minutes.value)},
          {"ci95", minutes.ci95 ? Json::array({minutes.ci95->lower, minutes.ci95->upper}) : Json(nullptr)},
          {"upper95_if_unseen", or_null(minutes.upper95)}}},
        {"cost_usd_per_month", result.priced ? Json(result.base.bill.usd()) : Json(nullptr)},
        {"verdict", verdict(result.verdict, result.promised)}}},
      {"changes", std::move(changes)},
      {"impossible", std::move(impossible)},
      {"not_modelled", left_out_lines(left_out(report.base->plan))},
      {"left_out", left_out_json(left_out(report.base->plan))},
      {"run", {{"incidents", result.incidents}, {"blocks", result.blocks}}}};
  if (report.command->timing) json["run"]["wall_s"] = report.wall_s;
  return json;
}

std::string advise_csv(const AdviseReport& report) {
  std::string text =
      csv_line({"rank", "name", "kind", "title", "what_if", "effect", "downtime_minutes_per_year", "ci95_low",
                "ci95_high", "cost_usd_per_month", "minutes_per_dollar", "verdict", "losses_per_year", "set"});
  std::size_t rank = 0;
  for (const Advice& advice : report.result->ranked) {
    const Change& change = change_of(report, advice);
    const Delta& downtime = advice.downtime_minutes_per_year;
    text += csv_line({std::to_string(++rank), change.name, change.kind, change.title, change.what_if ? "true" : "false",
                      std::string(effect_name(advice.effect)), csv_number(downtime.value),
                      csv_number(downtime.ci95.lower), csv_number(downtime.ci95.upper),
                      report.result->priced ? csv_number(advice.cost_usd_per_month.value) : "",
                      advice.minutes_per_dollar ? csv_number(*advice.minutes_per_dollar) : "",
                      advice.promised ? std::string(verdict_name(advice.verdict)) : "",
                      advice.losses_per_year ? csv_number(advice.losses_per_year->value) : "",
                      fmt::format("{}", fmt::join(change.sets, " "))});
  }
  return text;
}

}  // namespace nines::experiments
