// The page of an assessment: question, verdict, the figures that come first, what they are made of.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "experiments/report/text.hpp"
#include "experiments/review/sections.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments::review {

namespace {

struct Sli {
  std::string name;  ///< service/sli
  Value value;
  sim::Estimate unavailability;
  std::optional<sim::Interval> credible;  ///< of the unavailability
  std::optional<Value> sla;
};

std::vector<Sli> slis_of(const Value& result) {
  std::vector<Sli> list;
  for (const Value& service : result["services"].items()) {
    for (const Value& sli : service["slis"].items()) {
      const Value unavailability = sli["unavailability"];
      list.push_back({service["name"].text() + "/" + sli["name"].text(), sli, unavailability.estimate(),
                      interval_at(unavailability, "credible95"), sli.find("sla")});
    }
  }
  return list;
}

/// What the page is about first: the SLI that decided how long was played, else the first that is promised.
std::size_t lead_of(const Value& result, const std::vector<Sli>& slis) {
  const auto promised = std::find_if(slis.begin(), slis.end(), [](const Sli& sli) { return sli.sla.has_value(); });
  if (const auto open = result.find("uncertainty")) {
    const std::string name = text_at(*open, "sli");
    for (std::size_t i = 0; i < slis.size(); ++i)
      if (slis[i].name == name && (slis[i].sla || promised == slis.end())) return i;
  }
  return promised == slis.end() ? 0 : static_cast<std::size_t>(promised - slis.begin());
}

Tone tone_of(const std::string& verdict) {
  return verdict == "meets" ? Tone::good : verdict == "breaches" ? Tone::bad : Tone::open;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

std::string promise_text(const Sli& sli) {
  return fmt::format("{}, {:.10g} % in {:.0f} h", sli.name, (*sli.sla)["target"].number() * 100,
                     (*sli.sla)["window_h"].number());
}

std::string verdict_sentence(std::size_t promised, std::size_t kept, std::size_t broken, std::size_t open) {
  if (kept == promised) return promised == 1 ? "It keeps it." : fmt::format("It keeps all {}.", promised);
  std::string text = fmt::format("Of {}, {} {} kept", counted(promised, "promise"), kept, kept == 1 ? "is" : "are");
  if (broken > 0) text += fmt::format(", {} broken", broken);
  if (open > 0) text += fmt::format(", {} open: nobody can tell yet", open);
  return text + ".";
}

void add_verdicts(Document& document, const Value& result, const std::vector<Sli>& slis) {
  std::map<std::string, std::size_t> verdicts;
  std::size_t promised = 0;
  double risk = 0;
  for (const Sli& sli : slis) {
    if (!sli.sla) continue;
    ++promised;
    ++verdicts[(*sli.sla)["verdict"].text()];
    risk = number_at(*sli.sla, "risk").value_or(risk);
  }
  const std::string name = result["topology"].text();
  if (promised == 0) {
    document.blocks.emplace_back(Verdict{
        Tone::plain, "NO TARGET", fmt::format("{} promises nothing: no SLI has an SLA to be held against.", name)});
  } else {
    document.blocks.emplace_back(Paragraph{
        fmt::format("Does {} keep its {}? A promise counts as kept if at most {} of its windows may breach it.", name,
                    promised == 1 ? "promise" : fmt::format("{} promises", promised), percent_text(risk))});
    const std::string worst = verdicts.contains("breaches") ? "breaches" : verdicts.contains("open") ? "open" : "meets";
    document.blocks.emplace_back(
        Verdict{tone_of(worst), upper(worst),
                verdict_sentence(promised, verdicts["meets"], verdicts["breaches"], verdicts["open"])});
  }
  for (const Sli& sli : slis) {
    const std::vector<std::string> alarms = sli.value["alarms"].texts();
    if (!alarms.empty())
      document.blocks.emplace_back(Verdict{Tone::bad, "NOT TO BE TRUSTED",
                                           fmt::format("The interval of {}: {}.", sli.name, fmt::join(alarms, "; "))});
  }
  Table table{"What was promised, and what comes of it",
              {{"promise"}, {"verdict"}, {"windows that breach it"}, {"credit a month", true}}};
  for (const Sli& sli : slis) {
    if (!sli.sla) continue;
    const auto credit = number_at(*sli.sla, "expected_credit_usd_per_month");
    table.rows.push_back({promise_text(sli), upper((*sli.sla)["verdict"].text()), text_at(*sli.sla, "text"),
                          credit ? money(*credit) : "-"});
  }
  if (!table.rows.empty()) document.blocks.emplace_back(std::move(table));
}

std::optional<Value> headline_of(const Value& result, const std::string& sli) {
  const auto headline = result.find("headline");
  if (!headline) return std::nullopt;
  for (const Value& row : headline->items())
    if (sli_of_row(row) == sli) return row;
  return std::nullopt;
}

std::string minutes_text(double unavailability, int digits = 3) {
  return number_text(unavailability * sim::minutes_per_year, digits);
}

std::string known_to(const Sli& sli) {
  std::string text;
  if (sli.unavailability.value) text = fmt::format("down {} min a year", minutes_text(*sli.unavailability.value));
  if (sli.unavailability.ci95 && sli.unavailability.ci95->lower < sli.unavailability.ci95->upper)
    text += fmt::format("; sampling, 95 %: {} to {}", minutes_text(sli.unavailability.ci95->lower),
                        minutes_text(sli.unavailability.ci95->upper));
  if (sli.credible)
    text += fmt::format("; with the inputs anywhere in their ranges: {} to {}", minutes_text(sli.credible->lower, 2),
                        minutes_text(sli.credible->upper, 2));
  return text;
}

Card rpo_card(const Value& headline, const std::string& detail) {
  const auto rpo = headline.find("rpo");
  if (!rpo) return {"Data loss (RPO)", "not modelled", detail, Tone::plain};
  const auto records = number_at(*rpo, "records_p95");
  const auto seconds = number_at(*rpo, "seconds_p95");
  std::string value = "none seen";
  if (seconds && *seconds > 0) {
    value = fmt::format("p95 {}", duration_text(*seconds));
  } else if (records) {
    value = fmt::format("p95 {} records", number_text(*records, 2));
  } else if (number_at(*rpo, "losses_per_year")) {
    value = "some";
  }
  return {"Data loss (RPO)", value, detail, Tone::plain};
}

void add_cards(Document& document, const Value& result, const Sli& lead) {
  Cards cards;
  // The nines go below the percentage: so the figure is one line.
  std::string share = availability_text(lead.unavailability);
  std::string nines;
  if (const std::size_t at = share.find(" ("); at != std::string::npos) {
    nines = share.substr(at + 2, share.size() - at - 3) + ", ";
    share.erase(at);
  }
  cards.cards.push_back({"Availability", share, nines + known_to(lead), Tone::plain});
  if (const auto headline = headline_of(result, lead.name)) {
    const auto words = headline->find("text");
    const auto say = [&](std::string_view key) { return words ? text_at(*words, key) : std::string(); };
    const auto p95 = number_at((*headline)["rto"], "p95_s");
    cards.cards.push_back(
        {"Recovery time (RTO)", p95 ? "p95 " + duration_text(*p95) : "not known", say("rto"), Tone::plain});
    cards.cards.push_back(rpo_card(*headline, say("rpo")));
    if (const auto breach = headline->find("breach_probability")) {
      const sim::Estimate month = (*breach)["month"].estimate();
      const Tone tone = lead.sla ? tone_of((*lead.sla)["verdict"].text()) : Tone::plain;
      cards.cards.push_back({"Breach",
                             (month.value     ? percent_text(*month.value, 2)
                              : month.upper95 ? "< " + percent_text(*month.upper95, 2)
                                              : std::string("unknown part")) +
                                 " of months",
                             say("breach"), tone});
    }
    const std::vector<std::string> single = (*headline)["single_points_of_failure"].texts();
    cards.cards.push_back(
        {"Single points of failure", single.empty() ? "none" : fmt::format("{}", single.size()),
         single.empty() ? "no part alone takes it down, by the structure" : fmt::format("{}", fmt::join(single, ", ")),
         single.empty() ? Tone::good : Tone::bad});
  }
  const Value cost = result["cost"];
  const double usd = cost["monthly_usd"].number();
  if (usd > 0)
    cards.cards.push_back({"Cost", money(usd) + " a month",
                           fmt::format("{}, {}", cost["region"].text(), text_at(cost, "price_source")), Tone::plain});
  document.blocks.emplace_back(Paragraph{fmt::format("Of {}:", lead.name)});
  document.blocks.emplace_back(std::move(cards));
}

void add_slis(Document& document, const std::vector<Sli>& slis) {
  document.blocks.emplace_back(Heading{"What clients see"});
  Table table{"Every SLI; the drawing is minutes of downtime a year, logarithmic: best value, and the inputs' range",
              {{"SLI"},
               {"availability"},
               {"down min/yr", true},
               {"inputs' range", true},
               {"outages/yr", true},
               {"p50", true},
               {"p95", true},
               {"p99", true},
               {"requests served"}}};
  // From a second to a month of downtime a year.
  const double low = std::log10(1.0 / 60);
  const double high = std::log10(43'800.0);
  const auto place = [&](double unavailability) {
    return (std::log10(std::max(1e-9, unavailability * sim::minutes_per_year)) - low) / (high - low);
  };
  table.drawing_heading = "1 s to a month a year";
  table.drawing_at = 2;
  for (const Sli& sli : slis) {
    std::vector<Mark> marks;
    if (sli.credible) marks.push_back({Mark::Shape::range, place(sli.credible->lower), place(sli.credible->upper), 4});
    if (sli.unavailability.value) {
      const double at = place(*sli.unavailability.value);
      marks.push_back({Mark::Shape::dot, at, at, 0});
    }
    table.drawings.push_back(std::move(marks));
    const Value recovery = sli.value["recovery_time_s"];
    const auto outages = sli.value["outages_per_year"].estimate();
    const auto requests = sli.value.find("request_availability");
    const auto served = requests ? number_at(*requests, "estimate") : std::nullopt;
    table.rows.push_back({sli.name, availability_text(sli.unavailability),
                          sli.unavailability.value     ? minutes_text(*sli.unavailability.value)
                          : sli.unavailability.upper95 ? "< " + minutes_text(*sli.unavailability.upper95, 2)
                                                       : "-",
                          sli.credible ? fmt::format("{} to {}", minutes_text(sli.credible->lower, 2),
                                                     minutes_text(sli.credible->upper, 2))
                                       : "-",
                          outages.value ? number_text(*outages.value) : "none seen",
                          duration_or_dash(number_at(recovery, "p50")), duration_or_dash(number_at(recovery, "p95")),
                          duration_or_dash(number_at(recovery, "p99")), served ? availability_text(1 - *served) : "-"});
  }
  document.blocks.emplace_back(std::move(table));
}

void add_cuts(Document& document, const Value& result) {
  const auto cuts = result.find("cut_sets");
  if (!cuts || cuts->items().empty()) return;
  document.blocks.emplace_back(Heading{"What must not fail"});
  Table table{"Parts that take an SLI down if they are lost together, by the structure",
              {{"SLI"}, {"lost together"}, {"parts", true}, {"sets", true}, {"times a year", true}}};
  for (const Value& sli : cuts->items()) {
    const std::string name = sli_of_row(sli);
    const std::vector<std::string> single = sli["single_points_of_failure"].texts();
    if (!single.empty()) {
      document.blocks.emplace_back(
          Verdict{Tone::bad, "SINGLE POINT", fmt::format("{}: {}", name, fmt::join(single, ", "))});
    }
    for (const Value& group : sli["groups"].items()) {
      const auto per_year = number_at(group, "times_per_year");
      table.rows.push_back({name,
                            group["lost_together"].text() + (group["order_matters"].flag() ? " (in this order)" : ""),
                            fmt::format("{}", group["parts"].whole()), fmt::format("{}", group["sets"].whole()),
                            per_year ? number_text(*per_year, 2) : "-"});
    }
  }
  constexpr std::size_t many = 12;
  table.folded = table.rows.size() > many;
  if (!table.rows.empty()) document.blocks.emplace_back(std::move(table));
}

void add_layout(Document& document, const Value& result) {
  const auto layout = result.find("layout");
  if (!layout) return;
  Layout block;
  for (const Value& zone : (*layout)["zones"].items()) {
    Layout::Zone& box = block.zones.emplace_back();
    box.name = zone["name"].text();
    box.more = zone["machines_more"].whole();
    for (const Value& machine : zone["machines"].items()) {
      const std::uint64_t count = machine["count"].whole();
      std::string detail = text_at(machine, "type");
      if (!text_at(machine, "capacity").empty()) detail += ", " + text_at(machine, "capacity");
      if (detail.empty()) detail = "host";
      box.machines.push_back(
          {count == 1 ? machine["name"].text() : fmt::format("{} machines of {}", count, machine["group"].text()),
           detail, machine["pods"].texts()});
    }
  }
  Layout::Zone components{"black boxes", {}, 0};
  for (const Value& component : (*layout)["components"].items())
    components.machines.push_back({component["name"].text(), counted(component["count"].whole(), "unit"), {}});
  if (!components.machines.empty()) block.zones.push_back(std::move(components));
  if (block.zones.empty()) return;
  document.blocks.emplace_back(Heading{"What stands where"});
  document.blocks.emplace_back(std::move(block));
}

/// A fault over all its targets, for one SLI.
struct Mode {
  std::string fault;
  std::string category;
  double rate = 0;
  double outages = 0;
  double seconds = 0;  ///< of its outages a year
  double p95 = 0;
  double share = 0;
  double loss_share = 0;
  std::size_t targets = 0;
  std::map<std::string, double> phases;      ///< seconds a year
  std::map<std::string, double> parameters;  ///< share of the downtime
  std::vector<std::string> also;             ///< other SLIs that it puts out
};

std::vector<Mode> modes_of(const Value& result, const std::string& lead) {
  std::vector<Mode> modes;
  std::map<std::string, std::size_t> known;
  for (const Value& row : result["budget"].items()) {
    const std::string sli = sli_of_row(row);
    const std::string fault = row["fault"].text();
    const auto outages = number_at(row, "outages_per_year");
    if (sli != lead) {
      if (!known.contains(fault) || outages.value_or(0) <= 0) continue;
      std::vector<std::string>& also = modes[known[fault]].also;
      if (std::find(also.begin(), also.end(), sli) == also.end()) also.push_back(sli);
      continue;
    }
    const auto [found, fresh] = known.try_emplace(fault, modes.size());
    if (fresh) modes.push_back({});
    Mode& mode = modes[found->second];
    mode.fault = fault;
    mode.category = text_at(row, "category");
    mode.rate += row["rate_per_year"].number();
    mode.outages += outages.value_or(0);
    const double times = outages.value_or(0);
    mode.seconds += times * number_at(row, "mean_outage_s").value_or(0);
    mode.p95 = std::max(mode.p95, number_at(row, "p95_outage_s").value_or(0));
    mode.share += row["downtime_share"].number();
    mode.loss_share += row["loss_share"].number();
    mode.targets += times > 0 ? 1 : 0;
    for (const auto& [phase, seconds] : row["phases_s"].members()) mode.phases[phase] += times * seconds.number();
    if (const std::string parameter = row["dominant_parameter"].text(); !parameter.empty())
      mode.parameters[parameter] += row["downtime_share"].number();
  }
  std::stable_sort(modes.begin(), modes.end(), [](const Mode& a, const Mode& b) { return a.share > b.share; });
  return modes;
}

std::vector<std::pair<std::string, double>> by_size(const std::map<std::string, double>& parts) {
  std::vector<std::pair<std::string, double>> list(parts.begin(), parts.end());
  std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return list;
}

std::string share_text(double share) {
  constexpr double least = 1e-4;
  return share < least && share > 0 ? "< 0.01 %" : percent_text(share, 2);
}

std::string set_by(const Mode& mode) {
  const auto list = by_size(mode.parameters);
  return list.empty() ? "-" : list.front().first;
}

void add_budget(Document& document, const std::vector<Mode>& modes, const std::string& lead) {
  document.blocks.emplace_back(Heading{"Downtime budget"});
  if (modes.empty()) {
    document.blocks.emplace_back(Paragraph{"No fault put it out, or the method does not tell them apart."});
    return;
  }
  Table table{fmt::format("Failure modes of {}: how often, how long until noticed and until over, how many things "
                          "it strikes and SLIs it puts out, what sets the time",
                          lead),
              {{"fault"},
               {"share", true},
               {"faults/yr", true},
               {"outages/yr", true},
               {"mean outage", true},
               {"p95", true},
               {"detect, decide", true},
               {"recover", true},
               {"targets", true},
               {"SLIs", true},
               {"set by", false, true},
               {"losses", true}}};
  table.drawing_heading = "share of the downtime";
  for (const Mode& mode : modes) {
    double noticing = 0;
    double all = 0;
    for (const auto& [phase, seconds] : mode.phases) {
      all += seconds;
      if (phase == "detect" || phase == "decide") noticing += seconds;
    }
    const auto of_outage = [&](double seconds) {
      constexpr double visible = 1e-4;  // less is no time to anybody
      if (mode.outages <= 0 || all <= 0) return std::string("-");
      return seconds / mode.outages < visible ? std::string("0 s") : duration_text(seconds / mode.outages);
    };
    table.drawings.push_back({{Mark::Shape::bar, 0, mode.share, 0}});
    table.rows.push_back({mode.fault, share_text(mode.share), number_text(mode.rate, 2), number_text(mode.outages, 2),
                          mode.outages > 0 && mode.seconds > 0 ? duration_text(mode.seconds / mode.outages) : "-",
                          mode.p95 > 0 ? duration_text(mode.p95) : "-", of_outage(noticing), of_outage(all - noticing),
                          fmt::format("{}", mode.targets), fmt::format("{}", mode.also.size() + 1), set_by(mode),
                          mode.loss_share > 0 ? share_text(mode.loss_share) : "-"});
  }
  // Where nothing is lost, nobody asks by what.
  const bool loses = std::any_of(modes.begin(), modes.end(), [](const Mode& mode) { return mode.loss_share > 0; });
  if (!loses) {
    table.columns.pop_back();
    for (std::vector<std::string>& row : table.rows) row.pop_back();
  }
  document.blocks.emplace_back(std::move(table));
}

void add_phases(Document& document, const std::vector<Mode>& modes) {
  std::map<std::string, double> phases;
  std::map<std::string, double> parameters;
  double most = 0;
  for (const Mode& mode : modes) {
    double all = 0;
    for (const auto& [phase, seconds] : mode.phases) all += seconds;
    if (all > 0)
      for (const auto& [phase, seconds] : mode.phases) phases[phase] += mode.share * seconds / all;
    for (const auto& [parameter, share] : mode.parameters) parameters[parameter] += share;
    most = std::max(most, mode.share);
  }
  if (phases.empty()) return;
  document.blocks.emplace_back(Heading{"Where the time goes"});
  const auto ranked = by_size(phases);
  constexpr int colours = 8;
  const auto series_of = [&](const std::string& phase) {
    for (std::size_t i = 0; i < ranked.size(); ++i)
      if (ranked[i].first == phase) return std::min(static_cast<int>(i), colours - 1);
    return colours - 1;
  };
  Table table{"Phases of the outages by fault; the bar is as long as its share of the downtime",
              {{"fault"}, {"spent in"}}};
  table.drawing_heading = "phases";
  for (std::size_t i = 0; i < ranked.size() && i < static_cast<std::size_t>(colours); ++i)
    table.series.push_back(i + 1 == static_cast<std::size_t>(colours) && ranked.size() > i + 1 ? "others"
                                                                                               : ranked[i].first);
  constexpr std::size_t most_rows = 12;
  for (std::size_t i = 0; i < modes.size() && i < most_rows; ++i) {
    const Mode& mode = modes[i];
    double all = 0;
    for (const auto& [phase, seconds] : mode.phases) all += seconds;
    if (all <= 0 || most <= 0) continue;
    std::vector<Mark> marks;
    std::string words;
    double at = 0;
    for (const auto& [phase, seconds] : by_size(mode.phases)) {
      const double part = seconds / all;
      const double wide = mode.share / most * part;
      marks.push_back({Mark::Shape::bar, at, at + wide, series_of(phase)});
      at += wide;
      constexpr double worth_saying = 0.02;
      if (part >= worth_saying)
        words += fmt::format("{}{} {}", words.empty() ? "" : ", ", phase, percent_text(part, 2));
    }
    table.drawings.push_back(std::move(marks));
    table.rows.push_back({mode.fault, words});
  }
  document.blocks.emplace_back(std::move(table));
  Table settings{"Whose timer it is: the parameter that sets the longest wait, by its share of the downtime",
                 {{"parameter"}, {"share", true}}};
  settings.drawing_heading = "share of the downtime";
  constexpr std::size_t most_settings = 8;
  for (const auto& [parameter, share] : by_size(parameters)) {
    if (settings.rows.size() >= most_settings) break;
    settings.drawings.push_back({{Mark::Shape::bar, 0, share, 0}});
    settings.rows.push_back({parameter, percent_text(share, 2)});
  }
  if (!settings.rows.empty()) document.blocks.emplace_back(std::move(settings));
}

void add_recovery(Document& document, const Sli& lead) {
  const Value recovery = lead.value["recovery_time_s"];
  document.blocks.emplace_back(Heading{"How long an outage lasts"});
  Curve curve;
  if (const auto points = recovery.find("quantiles")) {
    for (const Value& row : points->items()) {
      const std::vector<Value> cells = row.items();
      if (cells.size() != 4) row.refuse("[share, seconds, its interval]");
      const double seconds = cells[1].number();
      if (seconds <= 0) continue;
      Curve::Point point{seconds, cells[0].number(), std::nullopt, std::nullopt};
      // An end of the band is null where the sample is too small.
      if (cells[2].shown() != "null" && cells[3].shown() != "null") {
        point.low = cells[2].number();
        point.high = cells[3].number();
        if (*point.low <= 0) point.low = seconds;
      }
      curve.points.push_back(point);
    }
  }
  const auto p50 = number_at(recovery, "p50");
  const auto p95 = number_at(recovery, "p95");
  const auto p99 = number_at(recovery, "p99");
  if (!curve.points.empty()) {
    for (const auto& [name, value] : {std::pair{"p50", p50}, {"p95", p95}, {"p99", p99}})
      if (value && *value > 0) curve.signs.push_back({*value, fmt::format("{} {}", name, duration_text(*value))});
    curve.title = fmt::format("Outages of {} by their length", lead.name);
    curve.summary = fmt::format(
        "Half the outages of {} last less than {}, nineteen in twenty less than {}, ninety-nine in a hundred less than "
        "{}. The band is the 95 % interval of the sample.",
        lead.name, duration_or_dash(p50), duration_or_dash(p95), duration_or_dash(p99));
    curve.x_heading = "length of an outage";
    curve.y_heading = "share that is over by then";
    document.blocks.emplace_back(std::move(curve));
  }
  Table table{fmt::format("Length of outages of {}", lead.name),
              {{"figure"}, {"length", true}, {"95 % interval", true}}};
  const auto add = [&](std::string_view name, const std::optional<double>& value, std::string_view interval) {
    const auto ends = interval.empty() ? std::nullopt : interval_at(recovery, interval);
    table.rows.push_back(
        {std::string(name), duration_or_dash(value),
         ends ? fmt::format("{} to {}", duration_text(ends->lower), duration_text(ends->upper)) : "-"});
  };
  add("mean", number_at(recovery, "mean"), "");
  add("p50", p50, "p50_ci95");
  add("p95", p95, "p95_ci95");
  add("p99", p99, "p99_ci95");
  document.blocks.emplace_back(std::move(table));
  if (const auto endless = number_at(recovery, "censored_share"); endless && *endless > 0)
    document.blocks.emplace_back(
        Paragraph{fmt::format("{} of the outages are ended by nothing that is modelled; they are in no percentile.",
                              percent_text(*endless, 2))});
}

/// "99.87 %" of what 0.13 % is beyond: as many digits as tell it.
std::string within_text(double beyond) {
  constexpr int most_digits = 10;
  const double percent = beyond * 100;
  const int digits = percent > 0 ? static_cast<int>(std::ceil(-std::log10(percent))) + 1 : 0;
  return fmt::format("{:.{}f} %", 100 - percent, std::clamp(digits, 1, most_digits));
}

/// Downtime of a month: how likely it is at most so long, with the promise's own limit among them.
void add_month(Document& document, const Sli& lead) {
  const auto points = lead.value.find("month_downtime");
  if (!points || points->items().empty()) return;
  document.blocks.emplace_back(Heading{"Downtime of a month"});
  Table table{
      fmt::format("Months of {} (any 730 h) that are down for at most so long, and those that are down for longer",
                  lead.name),
      {{"downtime"},
       {"months within", true},
       {"months beyond", true},
       {"95 % interval", true},
       {"one month in", true}}};
  // Most months are well; what is beyond is seen on a logarithmic axis.
  constexpr double decades = 8;
  const auto place = [](double share) {
    return std::clamp(1 + std::log10(std::max(share, 1e-12)) / decades, 0.0, 1.0);
  };
  table.drawing_heading = "months beyond, 1 in 100 million to all";
  table.drawing_at = 3;
  for (const Value& point : points->items()) {
    const double minutes = point["minutes"].number();
    const sim::Estimate exceeded = point["exceeded_probability"].estimate();
    const bool allowed = point["allowed"].flag();
    std::vector<Mark> marks;
    if (exceeded.ci95)
      marks.push_back({Mark::Shape::range, place(exceeded.ci95->lower), place(exceeded.ci95->upper), 4});
    if (exceeded.value)
      marks.push_back({Mark::Shape::dot, place(*exceeded.value), place(*exceeded.value), allowed ? 3 : 0});
    table.drawings.push_back(std::move(marks));
    const std::string length = minutes == 0 ? "none at all" : duration_text(minutes * 60);
    table.rows.push_back({allowed ? fmt::format("{}, what is promised", length) : length,
                          exceeded.value ? within_text(*exceeded.value) : "-",
                          exceeded.value     ? percent_text(*exceeded.value, 3)
                          : exceeded.upper95 ? "< " + percent_text(*exceeded.upper95, 2)
                                             : "-",
                          exceeded.ci95 ? fmt::format("{} to {}", percent_text(exceeded.ci95->lower, 3),
                                                      percent_text(exceeded.ci95->upper, 3))
                                        : "-",
                          exceeded.value && *exceeded.value > 0 ? number_text(1 / *exceeded.value, 3) : "-"});
  }
  document.blocks.emplace_back(std::move(table));
}

void add_tornado(Document& document, const Value& result, const Sli& lead) {
  const auto open = result.find("uncertainty");
  if (!open || open->find("tornado") == std::nullopt) return;
  const std::vector<Value> effects = (*open)["tornado"].items();
  if (effects.empty() || !lead.unavailability.value) return;
  double low = *lead.unavailability.value;
  double high = low;
  for (const Value& effect : effects) {
    const sim::Interval ends = effect["unavailability"].interval();
    low = std::min({low, ends.lower, ends.upper});
    high = std::max({high, ends.lower, ends.upper});
  }
  if (!(high > low)) return;
  document.blocks.emplace_back(Heading{"Which inputs leave it open"});
  Table table{fmt::format("What {} comes to at both ends of an input's range, each by itself; the line is the value as "
                          "it is ({} inputs, drawn {} times together)",
                          text_at(*open, "sli"), (*open)["inputs"].whole(), (*open)["draws"].whole()),
              {{"input"}, {"its range"}, {"down min/yr at its ends", true}, {"explains alone", true}}};
  table.drawing_heading = fmt::format("{} to {} min/yr", minutes_text(low, 2), minutes_text(high, 2));
  const auto place = [&](double value) { return (value - low) / (high - low); };
  for (const Value& effect : effects) {
    const sim::Interval range = effect["range"].interval();
    const sim::Interval ends = effect["unavailability"].interval();
    const double base = place(*lead.unavailability.value);
    table.drawings.push_back(
        {{Mark::Shape::bar, place(ends.lower), place(ends.upper), 1}, {Mark::Shape::line, base, base, 3}});
    const std::string unit = effect["unit"].text() == "1" ? "" : " " + effect["unit"].text();
    const std::string owner = text_at(effect, "service");
    table.rows.push_back({effect["parameter"].text() + (owner.empty() ? "" : fmt::format(" ({})", owner)),
                          fmt::format("{:.4g} to {:.4g}{}", range.lower, range.upper, unit),
                          fmt::format("{} to {}", minutes_text(std::min(ends.lower, ends.upper)),
                                      minutes_text(std::max(ends.lower, ends.upper))),
                          percent_text(std::max(0.0, effect["sobol_first"].number()), 2)});
  }
  document.blocks.emplace_back(std::move(table));
}

/// Of composites: which part answers for how much of the downtime.
void add_parts(Document& document, const std::vector<Sli>& slis) {
  Table table{
      "Downtime of each journey by its parts; a moment in which several are down is shared among those that matter",
      {{"SLI"}, {"part"}, {"down min/yr", true}, {"share", true}}};
  table.drawing_heading = "share";
  for (const Sli& sli : slis) {
    const auto parts = sli.value.find("parts");
    if (!parts || sli.unavailability.value.value_or(0) <= 0) continue;
    for (const Value& part : parts->items()) {
      const auto share = number_at(part, "share");
      const sim::Estimate minutes = part["downtime_minutes_per_year"].estimate();
      table.drawings.push_back({{Mark::Shape::bar, 0, std::clamp(share.value_or(0), 0.0, 1.0), 2}});
      table.rows.push_back({sli.name, part["part"].text(), minutes.value ? number_text(*minutes.value) : "not seen",
                            share ? percent_text(*share, 2) : "-"});
    }
  }
  if (table.rows.empty()) return;
  document.blocks.emplace_back(Heading{"Whose downtime it is"});
  document.blocks.emplace_back(std::move(table));
}

void add_alerts(Document& document, const Value& result) {
  const auto alerts = result.find("alerts");
  if (!alerts || alerts->items().empty()) return;
  document.blocks.emplace_back(Heading{"What alerts are good for"});
  Table table{"How often each tells people, and how often somebody learns by it of what nobody knew",
              {{"alert"}, {"tells people/yr", true}, {"of use/yr", true}, {"in vain", true}, {"after", true}}};
  for (const Value& alert : alerts->items()) {
    const sim::Estimate told = alert["told_per_year"].estimate();
    const sim::Estimate helped = alert["helped_per_year"].estimate();
    table.rows.push_back(
        {alert["name"].text(), told.value ? number_text(*told.value, 2) : "not seen to fire",
         helped.value ? number_text(*helped.value, 2) : "never",
         told.value ? percent_text(std::clamp(1 - helped.value.value_or(0) / *told.value, 0.0, 1.0), 3) : "-",
         duration_or_dash(number_at(alert, "mean_after_s"))});
  }
  document.blocks.emplace_back(std::move(table));
}

void add_backups(Document& document, const Value& result) {
  const auto backups = result.find("backups");
  if (!backups || backups->items().empty()) return;
  document.blocks.emplace_back(Heading{"What backups are worth against people"});
  Table table{"Means of what a restore loses and takes after somebody has deleted the data; replicas follow a deletion",
              {{"service"},
               {"backup every", true},
               {"kept for", true},
               {"writes lost", true},
               {"restored after", true},
               {"nothing left", true},
               {"noticed too late", true}}};
  for (const Value& backup : backups->items()) {
    const bool any = number_at(backup, "every_s").has_value();
    table.rows.push_back({backup["service"].text(), duration_or_dash(number_at(backup, "every_s")),
                          duration_or_dash(number_at(backup, "retention_s")),
                          any ? duration_or_dash(number_at(backup, "mean_rpo_s")) : "all",
                          duration_or_dash(number_at(backup, "mean_rto_s")),
                          percent_text(backup["nothing_left_probability"].number(), 2),
                          percent_text(backup["too_late_probability"].number(), 2)});
  }
  document.blocks.emplace_back(std::move(table));
}

void add_cost(Document& document, const Value& result) {
  const Value cost = result["cost"];
  const double all = cost["monthly_usd"].number();
  if (all <= 0) return;
  document.blocks.emplace_back(Heading{"What it costs"});
  Table table{fmt::format("{} a month in {}", money(all), cost["region"].text()), {{"item"}, {"a month", true}}};
  table.drawing_heading = "share of the bill";
  for (const Value& item : cost["items"].items()) {
    const double usd = item["monthly_usd"].number();
    table.drawings.push_back({{Mark::Shape::bar, 0, usd / all, 2}});
    table.rows.push_back({item["name"].text(), money(usd)});
  }
  document.blocks.emplace_back(std::move(table));
  Bullets left{cost["not_included"].texts(), "not in this bill"};
  if (!left.items.empty()) document.blocks.emplace_back(std::move(left));
}

void add_worst(Document& document, const Value& result) {
  const auto worst = result.find("worst_incidents");
  if (!worst || worst->items().empty()) return;
  document.blocks.emplace_back(Heading{"The worst incidents of the sample"});
  for (const Value& incident : worst->items()) {
    std::string faults;
    for (const Value& fault : incident["faults"].items())
      faults += (faults.empty() ? "" : ", then ") + fault["fault"].text();
    const bool loss = incident["by"].text() == "loss";
    document.blocks.emplace_back(Paragraph{fmt::format(
        "{}/{}: {} by {}; as bad or worse {} times a year.", incident["service"].text(), incident["sli"].text(),
        loss ? fmt::format("{} records lost", number_text(incident["records_lost"].number()))
             : fmt::format("out for {}", duration_text(incident["downtime_s"].number())),
        faults, number_text(incident["as_bad_per_year"].number(), 2))});
    document.blocks.emplace_back(Command{incident["command"].text()});
  }
}

void add_assumptions(Document& document, const Value& result) {
  const std::vector<Value> list = result["assumptions"].items();
  document.blocks.emplace_back(Heading{"Assumptions"});
  const std::vector<std::string> notes = result.find("notes") ? result["notes"].texts() : std::vector<std::string>{};
  if (!notes.empty()) document.blocks.emplace_back(Bullets{notes});
  Table table{fmt::format("All {} inputs with range and source", list.size()),
              {{"input"}, {"value", true}, {"unit"}, {"range"}, {"source"}, {"from"}}};
  table.folded = true;
  table.sortable = true;
  for (const Value& item : list) {
    const auto range = interval_at(item, "range");
    const std::string unit = item["unit"].text();
    const std::string owner = text_at(item, "service");
    table.rows.push_back({item["parameter"].text() + (owner.empty() ? "" : fmt::format(" ({})", owner)),
                          item["value"].shown(), unit == "1" ? "" : unit,
                          range ? fmt::format("{:.4g} to {:.4g}", range->lower, range->upper) : "-",
                          item["source"].text(), text_at(item, "origin")});
  }
  document.blocks.emplace_back(std::move(table));
}

void add_provenance(Document& document, const Value& result) {
  document.blocks.emplace_back(Heading{"How to make this again"});
  if (const std::string command = text_at(result, "command"); !command.empty())
    document.blocks.emplace_back(Command{command});
  Bullets facts{{fmt::format("{}, method {}", made_by(result), result["method"].text())}};
  if (const std::string reason = text_at(result, "method_reason"); !reason.empty()) facts.items.push_back(reason);
  add_hashes(facts, result);
  const Value run = result["run"];
  if (const auto incidents = number_at(run, "incidents"); incidents && *incidents > 0)
    facts.items.push_back(
        fmt::format("{:.0f} incidents, {:.0f} events", *incidents, number_at(run, "events").value_or(0)));
  document.blocks.emplace_back(std::move(facts));
}

}  // namespace

void add_assessment(Document& document, const Value& result) {
  const std::vector<Sli> slis = slis_of(result);
  if (document.title.empty()) {
    document.title = result["topology"].text();
    document.subtitle = text_at(result, "title");
  } else {
    document.blocks.emplace_back(Heading{result["topology"].text()});
    document.blocks.emplace_back(Paragraph{text_at(result, "title")});
  }
  if (slis.empty()) {
    document.blocks.emplace_back(Paragraph{"It has no SLI: nothing was asked of it."});
    return;
  }
  const Sli& lead = slis[lead_of(result, slis)];
  add_verdicts(document, result, slis);
  add_cards(document, result, lead);
  if (const std::vector<std::string> warnings = result["warnings"].texts(); !warnings.empty())
    document.blocks.emplace_back(Bullets{warnings});
  add_slis(document, slis);
  add_parts(document, slis);
  add_cuts(document, result);
  add_layout(document, result);
  const std::vector<Mode> modes = modes_of(result, lead.name);
  add_budget(document, modes, lead.name);
  add_recovery(document, lead);
  add_month(document, lead);
  add_phases(document, modes);
  add_alerts(document, result);
  add_backups(document, result);
  add_tornado(document, result, lead);
  add_cost(document, result);
  add_worst(document, result);
}

void add_assessment_basis(Document& document, const Value& result) {
  add_assumptions(document, result);
  add_limits(document, result);
  add_provenance(document, result);
}

}  // namespace nines::experiments::review
