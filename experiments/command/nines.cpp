// The `nines` command: reads the command line, hands over to a verb, turns whatever goes wrong into one clear message.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <functional>
#include <iterator>
#include <new>
#include <thread>
#include <utility>

#include "experiments/command/commands.hpp"
#include "experiments/loader/document.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/output.hpp"
#include "experiments/report/page.hpp"
#include "experiments/report/text.hpp"
#include "experiments/report/version.hpp"
#include "experiments/sweep/database.hpp"
#ifdef NINES_SIMGRID
#include "models/fabric/simgrid/simgrid_fabric.hpp"
#endif

namespace {

using namespace nines;
using namespace nines::experiments;

constexpr const char* examples = R"(Examples:
  nines assess topologies/kafka-eks.json                  availability, recovery, loss, cost, SLA verdict
  nines replay topologies/kafka-eks.json zone-outage      what happens second by second, and why
  nines replay kafka-eks zone-outage --runs 1000          the same over a thousand random phases
  nines compare kafka-eks kafka-eks-nvme                  the same faults on both: what differs, and why
  nines advise kafka-eks                                  which single changes buy most minutes for the money
  nines sweep session-timeout                             many designs: the front of nines against cost
  nines assess kafka-eks --set /services/kafka/topics/my-topic/replication_factor=2
  nines lab run 1                                         learn by prediction
  nines list scenarios
  nines explain broker.session.timeout.ms kafka-eks

Exit codes: 0 done; 1 --check missed; 2 bad input; 3 --check inconclusive; 4 internal error;
130 ended by Ctrl-C, 143 by SIGTERM.
Environment: NINES_DATA_DIR, the directory with topologies/ and experiments/
(default: share/nines beside the directory of the command); NINES_SEED,
NINES_THREADS; COLUMNS, NO_COLOR, FORCE_COLOR.
What a word of the output means: nines explain WORD. A verb's options: nines VERB --help.
)";

/// Examples of each verb, for its own help.
constexpr std::pair<std::string_view, const char*> examples_of_verbs[] = {
    {"assess", R"(Examples:
  nines assess kafka-eks
  nines assess my.json --check                            for CI: exit 1: a target is missed, 3: nobody can tell
  nines assess kafka-eks --set /services/kafka/topics/my-topic/replication_factor=2
  nines assess kafka-eks --sli kafka/read --precision 0.02
  nines assess kafka-eks --without-fault change --without-fault human
  nines assess workstation-cluster-4 --mission-h 2000
)"},
    {"replay", R"(Examples:
  nines replay kafka-eks zone-outage
  nines replay kafka-eks zone-outage --runs 1000
  nines replay kafka-eks zone-outage --format html -o outage.html
  nines replay kafka-eks broker-kill --fork-at 2 --set /services/kafka/config/broker.session.timeout.ms=5000
)"},
    {"compare", R"(Examples:
  nines compare kafka-eks kafka-eks-nvme
  nines compare kafka-eks --variant /services/kafka/config/broker.session.timeout.ms=6000
  nines compare kafka-eks --variant '/overrides/ebs.loss.rate="0.1/yr";/overrides/node.crash.rate="1/yr"'
)"},
    {"sweep", R"(Examples:
  nines sweep session-timeout
  nines sweep session-timeout --show                      what is known so far, while another process plays it
  nines sweep kafka-cheapest --plot front.svg
  nines sweep session-timeout --shard 2/10; nines sweep session-timeout --merge
  nines sweep session-timeout --point 17
)"},
    {"diff", R"(Examples:
  nines diff kafka-eks kafka-eks-nvme
  git show main:design.json > base.json; nines diff base.json design.json --format markdown --check
)"},
    {"report", R"(Examples:
  nines report kafka-eks -o review.html                   assesses it, tries what helps, writes the page
  nines assess my.json --json -o a.json; nines report a.json -o review.html
  nines compare A B --json -o c.json; nines report a.json c.json -o review.html
  nines report kafka-eks --format markdown >> "$GITHUB_STEP_SUMMARY"
)"},
    {"lab", R"(Examples:
  nines lab list
  nines lab run 1                                         the question; then predict:
  nines lab run 1 --predict 1.5 --seed 7                  the play, the truth, why, and a what-if
  nines lab check 1 1.5 --seed 7                          exit 0: right, 1: wrong, with a hint (--what-if: that too)
  nines lab key 1 --seeds 1-30 --format csv               for the teacher
  nines lab class predictions.csv                         columns student, lab, seed, answer
)"},
    {"list", R"(Examples:
  nines list scenarios kafka-eks                          those that can be played on it
  nines list parameters --format csv
)"},
    {"explain", R"(Examples:
  nines explain broker.session.timeout.ms kafka-eks       a parameter, as it is in a topology, and where it matters
  nines explain broker.session.timeout.ms result.json     the same by a result of assess
  nines explain /node_groups/kafka/capacity kafka-eks     a field
  nines explain "breach probability"                      a word of the output
  nines explain node-crash                                a fault
  nines explain downtime_minutes_per_year                 a key of the JSON
)"},
    {"schema", R"(Examples:
  nines schema topology > topology.schema.json
)"},
    {"export", R"(Examples:
  nines export kafka-eks --format simgrid -o platform.xml
)"},
};

/// As in a scenario: ten years.
constexpr double longest_replay_s = 10.0 * 8760 * 3600;
/// A century.
constexpr double longest_mission_h = 100.0 * 8760;

/// One verb: its options, and what runs it.
struct Verb {
  CLI::App* app = nullptr;
  std::function<int()> run;
};

struct Arguments {
  CommonOptions common;
  AssessCommand assess;
  CompareCommand compare;
  AdviseCommand advise;
  SweepCommand sweep;
  ReplayCommand replay;
  ExportCommand exported;
  ReportCommand report;
  DiffCommand diff;
  std::string page_format = "html";
  LabCommand lab;
  std::string kind;
  std::string key;
  std::string topology;
  bool json = false;
  std::vector<std::string> shard_files;
  std::size_t point = 0;
  std::size_t run = 0;
  int rung = 0;
};

/// Bad usage, in words for people.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A number from `low` to `high`. CLI::Range lets "nan" pass, for it compares with nothing.
CLI::Validator between(double low, double high) {
  return {[low, high](const std::string& text) {
            double number = 0;
            const bool good = CLI::detail::lexical_cast(text, number) && number >= low && number <= high;
            return good ? std::string() : fmt::format("expected a number from {:g} to {:g}, got {}", low, high, text);
          },
          fmt::format("[{:g} - {:g}]", low, high), "between"};
}

/// A whole number that 64 bits hold: others would be taken for another one in silence.
CLI::Validator in_64_bits() {
  return {[](const std::string& text) {
            return whole_number(text) ? std::string()
                                      : fmt::format("expected a whole number from 0 to 2^64 - 1, got {}", text);
          },
          "", "whole number"};
}

void add_output_options(CLI::App& app, Arguments& arguments) {
  if (app.get_name() == "replay") {
    app.add_option(
           "--format", arguments.common.format,
           "text, json, csv, jsonl: JSON Lines, a line for each run, junit: expectations as tests, or trace: of "
           "one run, for Perfetto and Chrome, or html: a page to go through")
        ->check(CLI::IsMember({"text", "json", "csv", "jsonl", "junit", "trace", "html"}));
  } else if (app.get_name() == "assess") {
    app.add_option("--format", arguments.common.format, "text, json, csv or junit: promises as tests")
        ->check(CLI::IsMember({"text", "json", "csv", "junit"}));
  } else if (app.get_name() == "diff") {
    app.add_option("--format", arguments.common.format, "text, json, markdown or html")
        ->check(CLI::IsMember({"text", "json", "markdown", "html"}));
  } else if (app.get_name() == "report") {
    app.add_option("--format", arguments.page_format, "html or markdown")
        ->check(CLI::IsMember({"html", "markdown"}))
        ->capture_default_str();
  } else {
    app.add_option("--format", arguments.common.format, "text, json or csv")
        ->check(CLI::IsMember({"text", "json", "csv"}));
  }
  if (app.get_name() != "report") app.add_flag("--json", arguments.json, "same as --format json");
  app.add_option("-o,--output", arguments.common.output,
                 "write to this file, complete or not at all; - is standard output");
  app.add_flag("--no-color", arguments.common.no_colour, "no colours (as NO_COLOR=1)");
}

/// Files whose numbers count before the shipped ones.
void add_number_options(CLI::App& app, Arguments& arguments) {
  app.add_option("--profile", arguments.common.profile, "a profile whose numbers replace the default ones");
  app.add_option("--prices", arguments.common.prices,
                 "a price list: its prices replace those of all profiles, item by item (README: Prices of your own)");
}

void add_input_options(CLI::App& app, Arguments& arguments) {
  app.add_option("--set", arguments.common.sets,
                 "/json/pointer=value: change the topology; repeatable, checked like the file")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_number_options(app, arguments);
}

void add_seed(CLI::App& app, Arguments& arguments, const std::string& meaning) {
  app.add_option("--seed", arguments.common.seed, meaning)
      ->envname("NINES_SEED")
      ->check(in_64_bits())
      ->capture_default_str();
}

void add_threads(CLI::App& app, Arguments& arguments) {
  app.add_option("--threads", arguments.common.threads, "threads; the result does not depend on them")
      ->envname("NINES_THREADS")
      ->check(CLI::Range(1, 1024));
}

void add_run_options(CLI::App& app, Arguments& arguments) {
  add_seed(app, arguments, "seed of all randomness; same seed, same result");
  add_threads(app, arguments);
  app.add_flag("-n,--dry-run", arguments.common.dry_run, "check the input and say what would run");
  app.add_flag("--check", arguments.common.check, "exit 1 if a target or expectation is missed, 3 if nobody can tell");
  app.add_flag("-q,--quiet", arguments.common.quiet, "no progress, no times");
  app.add_flag("--timing", arguments.common.timing, "JSON says how long the run took, so that no two are the same");
}

void add_without_fault(CLI::App& app, Arguments& arguments) {
  app.add_option("--without-fault", arguments.common.without_faults,
                 "leave a fault out: its name (nines list faults), or component, planned, change, human; repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

// ---- options that several verbs have ----

/// `least`: below it a verb would play for ever.
void add_precision(CLI::App& verb, double& precision, double least, const std::string& meaning) {
  verb.add_option("--precision", precision, meaning)->check(between(least, 10))->capture_default_str();
}

void add_max_incidents(CLI::App& verb, std::uint64_t& incidents, const std::string& meaning) {
  verb.add_option("--max-incidents", incidents, meaning)
      ->check(CLI::Range(std::uint64_t{1000}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
}

void add_risk(CLI::App& verb, double& risk) {
  verb.add_option("--risk", risk, "share of SLA windows that may breach the target")
      ->check(between(1e-9, 1))
      ->capture_default_str();
}

Verb assess_verb(CLI::App& app, Arguments& arguments) {
  CLI::App* verb =
      app.add_subcommand("assess", "availability, recovery time, data loss, cost and SLA verdict of a topology");
  AssessCommand& command = arguments.assess;
  verb->add_option("TOPOLOGY", command.topology, "topology file, or the name of a shipped one");
  verb->add_option("--method", command.method,
                   "auto: exact for small models of black boxes, cross-checked, else incidents; incidents: from each "
                   "fault to health again; timeline: simulated years; exact: solve black boxes")
      ->check(CLI::IsMember({"auto", "incidents", "timeline", "exact"}))
      ->capture_default_str();
  verb->add_option("--sli", command.sli, "service/sli whose unavailability decides when to stop (default: the first)");
  add_precision(*verb, command.precision, 1e-4, "relative half-width of that SLI's unavailability to stop at");
  add_max_incidents(*verb, command.max_incidents, "incidents: how many are played at most");
  verb->add_option("--further-faults", command.forcing,
                   "incidents: how a second fault is chosen; proportional (to the rates) is only for comparison")
      ->check(CLI::IsMember({"balanced", "proportional"}))
      ->capture_default_str();
  verb->add_option("--years", command.years, "timeline: simulated years of one replication")
      ->check(between(0.01, 100))
      ->capture_default_str();
  verb->add_option("--max-years", command.max_years, "timeline: simulated years in all, at most")
      ->check(between(0.01, 1e8))
      ->capture_default_str();
  add_risk(*verb, command.risk);
  verb->add_option(
          "--draws", command.draws,
          "draws of all inputs within their ranges, for credible intervals and tornado; 0: none (timeline: none)")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  verb->add_option("--draw-incidents", command.draw_incidents, "incidents played for each draw")
      ->check(CLI::Range(50, 10'000'000))
      ->capture_default_str();
  verb->add_option("--mission-h", command.mission_h,
                   "exact: probability of an outage within these hours of health, in place of the long run")
      ->check(between(1e-9, longest_mission_h));
  verb->add_option("--worst", command.worst,
                   "incidents: name so many of the longest and of those that lose most, each with the command that "
                   "plays it again")
      ->check(CLI::Range(0, 1000));
  add_without_fault(*verb, arguments);
  return {verb, [&arguments] {
            arguments.assess.common = arguments.common;
            return run_assess(arguments.assess);
          }};
}

Verb replay_verb(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = app.add_subcommand("replay", "play a scenario: what happens, second by second, and why");
  ReplayCommand& command = arguments.replay;
  verb->add_option("TOPOLOGY", command.topology, "topology file, or the name of a shipped one");
  verb->add_option("SCENARIO", command.scenario, "scenario file, or the name of a shipped one");
  verb->add_option("--runs", command.runs, "repeat over random phases")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  verb->add_option("--run", arguments.run, "this run of --runs alone, from 0, event by event")
      ->check(CLI::Range(std::size_t{0}, std::size_t{9'999'999}));
  verb->add_option("--incident", command.incident,
                   "in place of a scenario: an incident of an assessment, as nines assess --worst names it");
  verb->add_flag("--detail", command.detail, "tell also what changes nothing: polls, repetitions, internal partitions");
  verb->add_option("--until", command.until_s,
                   "seconds from the first action that a run lasts (default: until all is well again, a day at most)")
      ->check(between(1e-9, longest_replay_s));
  verb->add_option("--fork-at", command.fork_at_s,
                   "play on from this second also with the --set changes, same randomness, and compare")
      ->check(between(0, longest_replay_s));
  verb->add_option("--fabric", command.fabric,
                   "what shares bandwidth: native, or simgrid: SimGrid's engine, for one run without fork")
      ->check(CLI::IsMember({"native", "simgrid"}))
      ->capture_default_str();
#ifdef NINES_SIMGRID
  command.make_simgrid = [] { return models::fabric::make_simgrid_fabric(models::fabric::SimGridModel::max_min); };
#endif
  add_without_fault(*verb, arguments);
  return {verb, [verb, &arguments] {
            arguments.replay.common = arguments.common;
            if (verb->count("--run") > 0) arguments.replay.run = arguments.run;
            return run_replay(arguments.replay);
          }};
}

Verb compare_verb(CLI::App& app, Arguments& arguments) {
  CLI::App* verb =
      app.add_subcommand("compare", "the same faults on several designs: what differs, how surely, by which faults");
  CompareCommand& command = arguments.compare;
  verb->add_option("TOPOLOGY", command.topologies, "two or more topology files or names of shipped ones");
  verb->add_option("--variant", command.variants,
                   "one more design: the first one with '/json/pointer=value', several joined by ';'; repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb->add_option("--sli", command.sli, "service/sli whose difference decides when to stop (default: the first)");
  add_precision(*verb, command.precision, 1e-3, "relative half-width of that difference to stop at");
  add_max_incidents(*verb, command.max_incidents,
                    "how many are played at most, all designs together, planning included");
  add_risk(*verb, command.risk);
  verb->add_flag("--independent", command.independent,
                 "different faults for each design: only to see what common ones are worth");
  add_without_fault(*verb, arguments);
  return {verb, [&arguments] {
            arguments.compare.common = arguments.common;
            return run_compare(arguments.compare);
          }};
}

Verb advise_verb(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = app.add_subcommand(
      "advise", "which single changes of a design buy most minutes for the money, with the new verdict");
  AdviseCommand& command = arguments.advise;
  verb->add_option("TOPOLOGY", command.topology, "topology file, or the name of a shipped one");
  verb->add_option("--sli", command.sli, "service/sli whose downtime counts (default: the first)");
  verb->add_option("--change", command.changes, "only this change of the catalogue, by name; repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  verb->add_option("--method", command.method,
                   "auto: exact where all designs are small models of black boxes, else incidents")
      ->check(CLI::IsMember({"auto", "incidents"}))
      ->capture_default_str();
  add_precision(*verb, command.precision, 1e-3, "relative half-width of each difference to stop at");
  add_max_incidents(*verb, command.max_incidents,
                    "how many are played at most, all designs together, planning included");
  add_risk(*verb, command.risk);
  add_without_fault(*verb, arguments);
  return {verb, [&arguments] {
            arguments.advise.common = arguments.common;
            return run_advise(arguments.advise);
          }};
}

Verb sweep_verb(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = app.add_subcommand(
      "sweep",
      "many designs: the cheapest that meets its SLA, the front of nines against cost; goes on where it was "
      "interrupted");
  SweepCommand& command = arguments.sweep;
  verb->add_option("SWEEP", command.sweep, "sweep file, or the name of a shipped one");
  verb->add_option("--results", command.results, "results file (default: NAME.sqlite); an existing one is continued");
  verb->add_option("--shard", command.shard, "play part i of n only, i from 0, into a file of its own: i/n");
  verb->add_option("--shards", command.shards,
                   "number of parts where a job array tells which one this is (Kubernetes, AWS Batch)")
      ->check(CLI::Range(1, 1'000'000));
  verb->add_option("--merge", arguments.shard_files,
                   "join the files of shards (default: those beside the results file) and decide who goes on; exit 3: "
                   "another rung is to be played")
      ->expected(0, -1);
  verb->add_option("--point", arguments.point, "remake this point's result alone, as JSON");
  verb->add_option("--rung", arguments.rung, "with --point: at this rung (default: its last)");
  verb->add_flag("--show", command.show,
                 "say what the results file holds so far, those of shards included, and play nothing; also while "
                 "another process plays");
  verb->add_option("--plot", command.plot, "write one objective over the other as an SVG file");
  verb->add_flag("!--without-racing", command.racing, "play every design until it is known precisely enough");
  add_without_fault(*verb, arguments);
  return {verb, [verb, &arguments] {
            SweepCommand& sweep = arguments.sweep;
            sweep.common = arguments.common;
            if (verb->count("--merge") > 0) {
              // Without values the parser makes an empty one.
              std::erase(arguments.shard_files, "");
              sweep.merge = arguments.shard_files;
            }
            if (verb->count("--point") > 0) sweep.point = arguments.point;
            if (verb->count("--rung") > 0) sweep.rung = arguments.rung;
            return run_sweep(sweep);
          }};
}

Verb report_verb(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = app.add_subcommand(
      "report", "one self-contained page to file, of results or of a topology: HTML, or Markdown for a pull request");
  ReportCommand& command = arguments.report;
  verb->add_option("RESULT", command.results,
                   "files that --format json has written (assess, compare, advise, sweep), or a topology to assess");
  verb->add_option("--sli", command.sli, "of a topology: service/sli that the page is about (default: the first)");
  add_precision(*verb, command.precision, 1e-5, "of a topology: relative half-width of that SLI's unavailability");
  add_risk(*verb, command.risk);
  verb->add_flag("!--without-advice", command.advice, "of a topology: do not try what single changes would do");
  add_without_fault(*verb, arguments);
  return {verb, [verb, &arguments] {
            arguments.report.common = arguments.common;
            // A file says by its name what it holds.
            const bool told = verb->count("--format") > 0;
            const bool markdown = !told && arguments.common.output.ends_with(".md");
            arguments.report.common.format = markdown ? "markdown" : arguments.page_format;
            return run_report(arguments.report);
          }};
}

Verb diff_verb(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = app.add_subcommand(
      "diff",
      "what a change of a design saves or costs, in a sentence and in full; --check: exit 1 if it surely costs "
      "downtime");
  DiffCommand& command = arguments.diff;
  verb->add_option("BASE", command.base, "topology before the change: a file, or the name of a shipped one");
  verb->add_option("HEAD", command.head, "topology after it");
  verb->add_option("--sli", command.sli, "service/sli whose difference it is about (default: the first)");
  add_precision(*verb, command.precision, 1e-3, "relative half-width of that difference to stop at");
  add_max_incidents(*verb, command.max_incidents, "how many are played at most, both designs together");
  add_risk(*verb, command.risk);
  add_without_fault(*verb, arguments);
  return {verb, [&arguments] {
            arguments.diff.common = arguments.common;
            return run_diff(arguments.diff);
          }};
}

Verb export_verb(CLI::App& app, Arguments& arguments) {
  CLI::App* verb = app.add_subcommand("export", "a topology's machines and network as another simulator's input");
  verb->add_option("TOPOLOGY", arguments.exported.topology, "topology file, or the name of a shipped one");
  verb->add_option("--format", arguments.exported.as, "simgrid: a platform file")
      ->check(CLI::IsMember({"simgrid"}))
      ->capture_default_str();
  add_input_options(*verb, arguments);
  verb->add_option("-o,--output", arguments.common.output,
                   "write to this file, complete or not at all; - is standard output");
  return {verb, [&arguments] {
            arguments.exported.common = arguments.common;
            return run_export(arguments.exported);
          }};
}

Verb lab_verb(CLI::App& app, Arguments& arguments) {
  CLI::App* verb =
      app.add_subcommand("lab", "learn by prediction: a question about a cluster that fails, then the play");
  LabCommand& command = arguments.lab;
  verb->add_option("ACTION", command.action,
                   "list; run LAB; check LAB ANSWER; for teachers key [LAB] and class FILE: a CSV file of predictions");
  verb->add_option("LAB", command.lab, "number or name (nines lab list), or a lab file");
  verb->add_option("ANSWER", command.answer, "check: a letter, or a number");
  verb->add_option("--predict", command.predict, "run: the prediction; without it the question alone");
  verb->add_option("--what-if", command.what_if, "run, check: the prediction of the what-if");
  verb->add_flag("--full", command.full, "run: the whole timeline, and every outage with its causes");
  verb->add_option("--seeds", command.seeds, "key: of which students, first-last")->capture_default_str();
  add_seed(*verb, arguments, "a student's seed: it chooses the variant and all randomness");
  add_threads(*verb, arguments);
  verb->add_flag("-q,--quiet", arguments.common.quiet, "no progress");
  add_output_options(*verb, arguments);
  return {verb, [&arguments] {
            arguments.lab.common = arguments.common;
            return run_lab(arguments.lab);
          }};
}

std::vector<Verb> add_verbs(CLI::App& app, Arguments& arguments) {
  std::vector<Verb> verbs{assess_verb(app, arguments), replay_verb(app, arguments), compare_verb(app, arguments),
                          advise_verb(app, arguments), diff_verb(app, arguments),   report_verb(app, arguments)};
  for (const Verb& verb : verbs) add_input_options(*verb.app, arguments);
  // What a sweep changes stands in its file.
  verbs.push_back(sweep_verb(app, arguments));
  add_number_options(*verbs.back().app, arguments);
  for (const Verb& verb : verbs) add_run_options(*verb.app, arguments);
  CLI::App* list = app.add_subcommand(
      "list",
      "list topologies, scenarios, sweeps, labs, faults, parameters, metrics, instance-types, profiles or "
      "schemas");
  list->add_option("KIND", arguments.kind, "what to list");
  list->add_option("TOPOLOGY", arguments.topology, "of scenarios: those that can be played on it");
  add_input_options(*list, arguments);
  verbs.push_back({list, [&] { return run_list(arguments.kind, arguments.topology, arguments.common); }});
  CLI::App* explain = app.add_subcommand("explain",
                                         "what a word means: a parameter or field with value, range and source, a "
                                         "fault, a word of the output, a JSON key");
  explain->add_option("KEY", arguments.key, "parameter key, JSON pointer, field, fault, word of the output");
  explain->add_option("TOPOLOGY", arguments.topology,
                      "of a parameter its values in this topology; of parameters, faults, phases and figures where it "
                      "matters there and how much, by a short assessment; or by a result of assess (a file)");
  explain->add_flag("-n,--dry-run", arguments.common.dry_run, "values only: simulate nothing");
  explain->add_flag("-q,--quiet", arguments.common.quiet, "no progress, no times");
  add_input_options(*explain, arguments);
  verbs.push_back({explain, [&] { return run_explain(arguments.key, arguments.topology, arguments.common); }});
  CLI::App* schema = app.add_subcommand("schema", "JSON Schema of a kind of file (nines list schemas)");
  schema->add_option("KIND", arguments.kind, "which one");
  verbs.push_back({schema, [&] { return run_schema(arguments.kind, arguments.common); }});
  for (const Verb& verb : verbs) add_output_options(*verb.app, arguments);
  verbs.push_back(export_verb(app, arguments));
  verbs.push_back(lab_verb(app, arguments));
  for (const Verb& verb : verbs) {
    verb.app->allow_extras();
    for (const auto& [name, text] : examples_of_verbs) {
      if (verb.app->get_name() == name) verb.app->footer(text);
    }
  }
  return verbs;
}

// ---- what is wrong with a command line ----

std::vector<std::string> names_of_options(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::string suggestion(const std::string& name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  return loader::did_you_mean(name, candidates);
}

[[noreturn]] void refuse_extras(const CLI::App& verb) {
  const std::vector<std::string> extras = verb.remaining();
  const auto option = std::find_if(extras.begin(), extras.end(),
                                   [](const std::string& text) { return text.size() > 1 && text.front() == '-'; });
  if (option == extras.end()) {
    throw UsageError(fmt::format("{}: unexpected argument '{}'.", verb.get_name(), extras.front()));
  }
  const std::string name = option->substr(0, option->find('='));
  throw UsageError(fmt::format("{}: no option '{}'.{} See nines {} --help.", verb.get_name(), name,
                               suggestion(name, names_of_options(verb)), verb.get_name()));
}

/// A verb that does not exist; options before the verb other than --help and --version.
void check_verb(const std::vector<std::string>& words, const std::vector<Verb>& verbs) {
  if (words.empty()) return;
  const std::string& first = words.front();
  std::vector<std::string> names{"help", "version"};
  for (const Verb& verb : verbs) names.push_back(verb.app->get_name());
  if (first == "-h" || first == "--help" || first == "--version") return;
  if (std::find(names.begin(), names.end(), first) != names.end()) return;
  if (first.front() == '-') throw UsageError(fmt::format("expected a verb before '{}'. See nines --help.", first));
  throw UsageError(fmt::format("no verb '{}'.{} See nines --help.", first, suggestion(first, names)));
}

/// Positional arguments that were not given.
void check_positionals(const CLI::App& verb) {
  for (const CLI::Option* option : verb.get_options()) {
    const std::string name = option->get_name(true);
    if (!option->get_positional() || option->count() > 0) continue;
    if ((verb.get_name() == "explain" || verb.get_name() == "list") && name == "TOPOLOGY") continue;
    if (verb.get_name() == "lab" && name != "ACTION") continue;
    if (verb.get_name() == "replay" && name == "SCENARIO" && verb.count("--incident") > 0) continue;
    throw UsageError(fmt::format("{}: {} is missing: {}. See nines {} --help.", verb.get_name(), name,
                                 option->get_description(), verb.get_name()));
  }
}

int run(const std::vector<std::string>& words) {
  Arguments arguments;
  arguments.common.threads = std::max(1u, std::thread::hardware_concurrency());
  CLI::App app(
      "nines: how many nines will this cluster get, how long does each failure take, what is lost, what does it cost?",
      "nines");
  app.footer(examples);
  app.require_subcommand(0, 1);  // the names of verbs may then be arguments of one
  app.set_version_flag("--version", fmt::format("nines {}", version()));
  const std::vector<Verb> verbs = add_verbs(app, arguments);
  set_page(output_page(std::find(words.begin(), words.end(), "--no-color") != words.end()));
  check_verb(words, verbs);
  if (words.empty() || words.front() == "help") {
    const auto named = std::find_if(verbs.begin(), verbs.end(), [&](const Verb& verb) {
      return words.size() > 1 && verb.app->get_name() == words[1];
    });
    write_text("", named == verbs.end() ? app.help() : named->app->help("nines"));
    return exit_code::done;
  }
  if (words.front() == "version") {
    write_output("", fmt::format("nines {}\n", version()));
    return exit_code::done;
  }
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    const auto chosen = std::find_if(verbs.begin(), verbs.end(), [](const Verb& verb) { return verb.app->parsed(); });
    write_text("", chosen == verbs.end() ? app.help() : chosen->app->help("nines"));
    return exit_code::done;
  } catch (const CLI::CallForVersion&) {
    write_output("", fmt::format("nines {}\n", version()));
    return exit_code::done;
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
  for (const Verb& verb : verbs) {
    if (!verb.app->parsed()) continue;
    if (!verb.app->remaining().empty()) refuse_extras(*verb.app);
    check_positionals(*verb.app);
    if (arguments.json) arguments.common.format = "json";
    // A file is for any screen; its lines are as long as the user's, its colours none unless they are asked for.
    const std::string& file = arguments.common.output;
    if (!file.empty() && file != "-") set_page({page().width, false});
    return verb.run();
  }
  throw UsageError("expected a verb. See nines --help.");
}

/// Whatever it quotes, it is one line.
void report(std::string_view error) { write_message(fmt::format("nines: error: {}", escape::visible(error))); }

}  // namespace

int main(int argc, char** argv) {
  open_closed_streams();
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  try {
    return run(words);
  } catch (const loader::InputError& error) {
    write_message(error.what());
  } catch (const UsageError& error) {
    report(error.what());
  } catch (const DatabaseError& error) {
    report(error.what());
  } catch (const OutputError& error) {
    report(error.what());
  } catch (const std::invalid_argument& error) {
    report(error.what());
  } catch (const std::bad_alloc&) {
    report("out of memory: the input is too large for this machine, or several programs share it");
  } catch (const std::exception& error) {
    write_message(fmt::format("nines: internal error: {}\nPlease report it with version {} and the command: {}",
                              escape::visible(error.what()), version(), "nines " + command_line(words)));
    return exit_code::internal;
  }
  return exit_code::bad_input;
}
