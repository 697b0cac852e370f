#include <fmt/format.h>

#include "experiments/replay/replay_output.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/report/text.hpp"
#include "experiments/report/version.hpp"

namespace nines::experiments {

namespace {

std::string_view ending_name(RunEnd ending) {
  switch (ending) {
    case RunEnd::healthy:
    case RunEnd::healthy_at_limit: return "healthy";
    case RunEnd::limit: return "limit";
    case RunEnd::nothing_pending: break;
  }
  return "nothing-pending";
}

Json outage_json(const ReplayOutage& outage) {
  Json chain = Json::array();
  for (const Happening& link : outage.chain) {
    chain.push_back({{"at_s", seconds(link.at)}, {"event", link.event}, {"component", link.component}});
  }
  Json phases = Json::object();
  for (const auto& [name, length] : outage.phases) phases[name] = seconds(length);
  return {{"service", outage.service},
          {"sli", outage.sli},
          {"start_s", seconds(outage.start)},
          {"duration_s", seconds(outage.length)},
          {"censored", outage.censored},
          {"endless", outage.endless},
          {"chain", std::move(chain)},
          {"phases_s", std::move(phases)},
          {"dominant_parameter", outage.dominant_parameter}};
}

Json loss_json(const ReplayLoss& loss) {
  return {{"service", loss.service},
          {"topic", loss.topic},
          {"records", loss.records()},
          {"records_acks_all", loss.records_all},
          {"records_acks_one", loss.records_one},
          {"seconds", loss.seconds},
          {"rule", loss.rule}};
}

Json run_json(const ReplayRun& run) {
  Json outages = Json::array();
  for (const ReplayOutage& outage : run.outages) outages.push_back(outage_json(outage));
  Json milestones = Json::array();
  for (const Milestone& milestone : run.milestones) {
    milestones.push_back(
        {{"name", milestone.name}, {"at_s", seconds(milestone.at)}, {"component", milestone.component}});
  }
  Json losses = Json::array();
  for (const ReplayLoss& loss : run.losses) losses.push_back(loss_json(loss));
  return {{"run", run.run},
          {"outages", std::move(outages)},
          {"milestones", std::move(milestones)},
          {"data_loss", std::move(losses)},
          {"ended", ending_name(run.ending)},
          {"end_s", seconds(run.end)},
          {"events", run.events},
          {"usd_beyond_health", run.usd_beyond_health},
          {"actions_without_target", run.actions_without_target}};
}

void add_spread(Json& json, const std::optional<Spread>& spread) {
  const auto put = [&](const char* name, double Spread::*field) {
    json[name] = spread ? Json((*spread).*field) : Json(nullptr);
  };
  put("mean_s", &Spread::mean);
  put("p5_s", &Spread::p5);
  put("p25_s", &Spread::p25);
  put("p50_s", &Spread::p50);
  put("p75_s", &Spread::p75);
  put("p95_s", &Spread::p95);
  put("max_s", &Spread::max);
  json["histogram"] = nullptr;
  if (spread) json["histogram"] = {{"edges_s", spread->histogram.edges}, {"counts", spread->histogram.counts}};
}

Json summary_json(const Played& played) {
  Json milestones = Json::array();
  for (const auto& [name, spread] : played.milestones) {
    Json entry = {{"name", name}, {"n", spread.n}};
    add_spread(entry, spread);
    milestones.push_back(std::move(entry));
  }
  Json outages = Json::array();
  for (const OutageSummary& summary : played.outages) {
    Json entry = {{"service", summary.service},
                  {"sli", summary.sli},
                  {"n", summary.outages},
                  {"censored", summary.censored},
                  {"runs_without", summary.runs_without}};
    add_spread(entry, summary.length);
    outages.push_back(std::move(entry));
  }
  Json losses = Json::array();
  for (const LossSummary& summary : played.losses) {
    losses.push_back({{"service", summary.service},
                      {"rule", summary.rule},
                      {"runs", summary.runs},
                      {"mean_records", summary.mean_records},
                      {"max_records", summary.max_records},
                      {"max_seconds", summary.max_seconds}});
  }
  return {{"milestones", std::move(milestones)},
          {"outages", std::move(outages)},
          {"data_loss", std::move(losses)},
          {"mean_usd_beyond_health", played.mean_usd_beyond_health},
          {"max_usd_beyond_health", played.max_usd_beyond_health}};
}

Json expectations_json(const Played& played) {
  Json results = Json::array();
  for (const ExpectationResult& result : played.expectations) {
    results.push_back({{"text", result.text},
                       {"met_fraction", result.met_fraction},
                       {"worst", result.worst},
                       {"fraction", result.fraction},
                       {"met", result.met()},
                       {"open_fraction", result.open_fraction},
                       {"verdict", result.met()    ? "met"
                                   : result.open() ? "open"
                                                   : "missed"}});
  }
  return results;
}

Json timeline_json(const ReplayRun& run) {
  Json timeline = Json::array();
  for (const Happening& entry : run.timeline) {
    Json line = {{"at_s", seconds(entry.at)}, {"event", entry.event},          {"component", entry.component},
                 {"depth", entry.depth},      {"cause", or_null(entry.cause)}, {"text", entry.summary},
                 {"phase", entry.phase},      {"set_by", entry.set_by}};
    if (entry.noise) line["noise"] = true;
    if (!entry.state.empty()) {
      Json& state = line["state"] = Json::array();
      for (const StateChange& change : entry.state) {
        state.push_back({{"component", change.component},
                         {"what", change.what},
                         {"before", change.before},
                         {"after", change.after}});
      }
    }
    timeline.push_back(std::move(line));
  }
  return timeline;
}

Json lanes_json(const ReplayRun& run) {
  Json lanes = Json::array();
  for (const ReplayLane& lane : run.lanes) {
    Json spans = Json::array();
    for (const ReplaySpan& span : lane.spans)
      spans.push_back({{"state", span.state},
                       {"from_s", seconds(span.from)},
                       {"to_s", seconds(span.to)},
                       {"cause", or_null(span.cause)}});
    lanes.push_back({{"kind", lane.kind},
                     {"name", lane.name},
                     {"zone", lane.zone.empty() ? Json(nullptr) : Json(lane.zone)},
                     {"spans", std::move(spans)}});
  }
  return lanes;
}

void add_played(Json& json, const Played& played) {
  Json runs = Json::array();
  for (const ReplayRun& run : played.runs) runs.push_back(run_json(run));
  // Of a single run everything is told, as in the text.
  if (played.count == 1) {
    runs[0]["timeline"] = timeline_json(played.runs.front());
    runs[0]["lanes"] = lanes_json(played.runs.front());
  }
  json["runs"] = std::move(runs);
  if (played.runs.size() < played.count) json["runs_played"] = played.count;
  json["summary"] = summary_json(played);
  json["expectations"] = expectations_json(played);
}

/// Downtime with the changed plan less that without, run by run: the same randomness on both sides.
Json differences_json(const Replay& result) {
  Json differences = Json::array();
  for (std::size_t i = 0; i < result.differences.size(); ++i) {
    const OutageSummary& sli = result.base.outages[i];
    Json entry = {{"service", sli.service}, {"sli", sli.sli}, {"n", result.differences[i].n}};
    add_spread(entry, result.differences[i]);
    differences.push_back(std::move(entry));
  }
  return differences;
}

Json head(const ReplayReport& report, std::string_view schema) {
  return {{"schema", schema},
          {"version", version()},
          {"topology", report.plan->topology.name},
          {"scenario", report.scenario->name},
          {"hashes",
           {{"topology", report.input->input_hash},
            {"profiles", report.input->profile_hash},
            {"scenario", report.scenario->hash}}},
          {"seed", report.plan->seed}};
}

std::string line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

}  // namespace

Json replay_json(const ReplayReport& report) {
  Json json = head(report, "nines/replay/1");
  add_played(json, report.result->base);
  if (report.result->fork) {
    Json fork = {{"at_s", seconds(*report.options.fork_at)}, {"set", report.sets}};
    add_played(fork, *report.result->fork);
    fork["downtime_difference_s"] = differences_json(*report.result);
    json["fork"] = std::move(fork);
  }
  const std::vector<LeftOut> missing = left_out(*report.plan);
  json["not_modelled"] = left_out_lines(missing);
  json["left_out"] = left_out_json(missing);
  json["warnings"] = report.input->warnings;
  if (report.result->base.runs.size() < report.result->base.count) {
    json["warnings"].push_back(fmt::format("the first {} of {} runs are here; --format jsonl has all",
                                           report.result->base.runs.size(), report.result->base.count));
  }
  return json;
}

std::string replay_jsonl_head(const ReplayReport& report) { return line(head(report, "nines/replay-lines/1")); }

std::string replay_jsonl_run(const char* variant, const ReplayRun& run) {
  Json json = {{"variant", variant}};
  json.update(run_json(run));
  return line(json);
}

std::string replay_jsonl_summary(const ReplayReport& report) {
  const auto all = [](const char* variant, const Played& played) {
    return Json{{"variant", variant},
                {"runs_played", played.count},
                {"summary", summary_json(played)},
                {"expectations", expectations_json(played)}};
  };
  std::string text = line(all("base", report.result->base));
  if (report.result->fork) {
    Json fork = all("fork", *report.result->fork);
    fork["downtime_difference_s"] = differences_json(*report.result);
    text += line(fork);
  }
  return text;
}

std::string replay_csv_head() {
  return csv_line({"variant", "run", "kind", "name", "component", "at_s", "duration_s", "censored", "records"});
}

std::string replay_csv_run(const char* variant, const ReplayRun& run) {
  std::string text;
  const std::string number = std::to_string(run.run);
  for (const Milestone& milestone : run.milestones) {
    text += csv_line({variant, number, "milestone", milestone.name, milestone.component,
                      csv_number(seconds(milestone.at)), "", "", ""});
  }
  for (const ReplayOutage& outage : run.outages) {
    text +=
        csv_line({variant, number, "outage", outage.service + "/" + outage.sli, "", csv_number(seconds(outage.start)),
                  csv_number(seconds(outage.length)), outage.censored ? "true" : "false", ""});
  }
  for (const ReplayLoss& loss : run.losses) {
    text += csv_line(
        {variant, number, "loss", loss.service + "/" + loss.topic, loss.rule, "", "", "", csv_number(loss.records())});
  }
  return text;
}

}  // namespace nines::experiments
