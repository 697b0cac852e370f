#include "tests/fuzz/cases.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace nines::fuzz {

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(path.string() + ": cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

void spill(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  if (!out) throw std::runtime_error(path.string() + ": cannot be written");
}

void append(Words& words, const Words& further) { words.insert(words.end(), further.begin(), further.end()); }

const Words formats{"text", "json", "csv"};

/// A sweep of a handful of designs that takes a fraction of a second.
constexpr const char* small_topology = R"({
  "schema": "nines/topology/1", "name": "small", "title": "Two servers and a switch",
  "components": [
    {"name": "server", "count": 2, "failure": {"law": "exponential", "mean": "1000 h"},
     "repair": {"law": "exponential", "mean": "4 h"}},
    {"name": "switch", "failure": {"law": "exponential", "mean": "9000 h"},
     "repair": {"law": "exponential", "mean": "2 h"}}],
  "services": [{"name": "s", "kind": "composite", "slis": [{"name": "up",
    "requires": {"all": [{"at_least": 1, "of": ["server"]}, "switch"]},
    "sla": {"target": 0.999, "window_h": 730}}]}]
})";
constexpr const char* small_sweep = R"({
  "schema": "nines/sweep/1", "name": "small", "title": "How many, repaired how fast", "topology": "small.json",
  "parameters": [
    {"name": "servers", "at": "/components/server/count", "values": [1, 2, 3]},
    {"name": "repair", "at": "/components/switch/repair/mean", "values": ["1 h", "3 h"]}],
  "require": [{"figure": "downtime_minutes_per_year", "sli": "s/up", "at_most": 400}],
  "objectives": [
    {"figure": "downtime_minutes_per_year", "sli": "s/up"}, {"figure": "outages_per_year", "sli": "s/up"}],
  "precision": 0.5, "max_incidents": 2000
})";

/// Bounds of work, so that what takes long is a finding.
const Words little_work{"--max-incidents", "1000", "--precision", "10", "--threads", "1", "--quiet"};

struct Closed {
  void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// Values of the first column.
Words query(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  Words values;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK) return values;
  const std::unique_ptr<sqlite3_stmt, Closed> statement(raw);
  while (sqlite3_step(raw) == SQLITE_ROW) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, 0));
    values.emplace_back(text == nullptr ? "" : text);
  }
  return values;
}

/// Changes rows as somebody with a shell would.
std::string with_other_rows(const std::string& bytes, const std::string& path, Dice& dice) {
  spill(path, bytes);
  {
    sqlite3* handle = nullptr;
    sqlite3_open(path.c_str(), &handle);
    const std::unique_ptr<sqlite3, Closed> database(handle);
    const auto execute = [&](const std::string& sql) { sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr); };
    for (int i = dice.between(1, 3); i > 0; --i) {
      const Words tables = query(handle, "SELECT name FROM sqlite_schema WHERE type = 'table'");
      if (tables.empty()) break;
      const std::string& table = dice.of(tables);
      const Words columns = query(handle, fmt::format("SELECT name FROM pragma_table_info('{}')", table));
      if (columns.empty()) continue;
      const std::string& column = dice.of(columns);
      const Words values{"0",      "-1",          "1",     "NULL", "9e999",
                         "-9e999", "99999999999", "''",    "'x'",  fmt::format("{} + 1", column),
                         "'5'",    "x''",         "'yes'", "0.5",  "char(27)"};
      const std::string some = fmt::format("({0}) IN (SELECT {0} FROM {1} LIMIT 1 OFFSET {2})",
                                           fmt::join(columns, ", "), table, dice.below(40));
      switch (dice.below(12)) {
        case 0: execute(fmt::format("DELETE FROM {} WHERE {}", table, some)); break;
        case 1: execute(fmt::format("DELETE FROM {}", table)); break;
        case 2: execute(fmt::format("DROP TABLE {}", table)); break;
        case 3: execute(fmt::format("PRAGMA user_version = {}", dice.between(-1, 5))); break;
        case 4:
          execute(fmt::format("CREATE TRIGGER t{0} AFTER INSERT ON {0} BEGIN DELETE FROM {0}; END", table));
          break;
        case 5: execute(fmt::format("ALTER TABLE {} ADD COLUMN more TEXT", table)); break;
        case 6: execute(fmt::format("INSERT OR REPLACE INTO {0} SELECT * FROM {0} LIMIT 1", table)); break;
        default: execute(fmt::format("UPDATE {} SET {} = {} WHERE {}", table, column, dice.of(values), some)); break;
      }
    }
    if (dice.one_in(4)) execute("VACUUM");
  }
  std::string changed = slurp(path);
  fs::remove(path);
  return changed;
}

std::string with_other_bytes(std::string bytes, Dice& dice) {
  const auto at = [&] { return bytes.empty() ? 0 : dice.below(bytes.size()); };
  switch (dice.below(7)) {
    case 0: return bytes.substr(0, at());
    case 1: return bytes.substr(0, at() / 4096 * 4096);
    case 2: return bytes + std::string(4096, '\0');
    case 3: {
      const std::size_t page = at() / 4096 * 4096;
      return bytes.replace(page, std::min<std::size_t>(4096, bytes.size() - page), 4096, '\0');
    }
    case 4: {
      const std::size_t a = at() / 4096 * 4096;
      const std::size_t b = at() / 4096 * 4096;
      const std::string page = bytes.substr(a, 4096);
      return bytes.replace(b, std::min(page.size(), bytes.size() - b), page);
    }
    default:
      for (int i = dice.between(1, 20); i > 0; --i) bytes[at()] = static_cast<char>(dice.below(256));
      return bytes;
  }
}

}  // namespace

Corpus::Corpus(const std::string& source, const std::string& program, const std::string& directory) : source_(source) {
  for (const char* kind : {"topology", "scenario", "sweep", "lab", "profile"}) {
    schemas_[kind] = Json::parse(slurp(fs::path(source) / "topologies/schemas" / (std::string(kind) + ".json")));
  }
  topologies_ = read("topologies");
  for (const File& file : read("topologies/benchmarks")) topologies_.push_back(file);
  scenarios_ = read("experiments/scenarios");
  profiles_ = read("topologies/profiles");
  labs_ = read("experiments/labs");
  sweeps_ = read("experiments/sweeps");
  for (int i = 0; i < 6; ++i) sweeps_.push_back({"small.json", small_sweep, Json::parse(small_sweep), false});
  spill(fs::path(directory) / "small.json", small_topology);
  spill(fs::path(directory) / "sweep.json", small_sweep);
  const auto must = [&](const Words& words) {
    Words all{"sweep", "sweep.json", "--threads", "1", "--quiet"};
    append(all, words);
    const Outcome outcome = run(program, all, directory, {120, 1024, 64});
    if (outcome.code != 0) throw std::runtime_error("the small sweep cannot be played: " + outcome.err);
    return outcome.out;
  };
  prices_ = run(program, {"assess", "--help"}, directory, {}).out.find("--prices") != std::string::npos;
  state_.answer = must({"--results", "whole.sqlite", "--format", "csv"});
  must({"--results", "parts.sqlite", "--shard", "0/2"});
  must({"--results", "parts.sqlite", "--shard", "1/2"});
  state_.whole = slurp(fs::path(directory) / "whole.sqlite");
  state_.shard = slurp(fs::path(directory) / "parts.rung-0.shard-0-of-2.sqlite");
  state_.second = slurp(fs::path(directory) / "parts.rung-0.shard-1-of-2.sqlite");
}

std::vector<Corpus::File> Corpus::read(const std::string& folder) const {
  std::vector<File> files;
  for (const auto& entry : fs::directory_iterator(fs::path(source_) / folder)) {
    if (entry.path().extension() != ".json") continue;
    File file{entry.path().filename().string(), slurp(entry.path()), {}, false};
    file.json = Json::parse(file.text);
    file.kafka = file.json.contains("node_groups");
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.name < b.name; });
  return files;
}

std::string Corpus::mutant(const File& file, const std::string& kind, Dice& dice) const {
  if (dice.one_in(15)) return mutate_text(file.text, dice);
  Json json = file.json;
  mutate(json, schemas_.at(kind), dice);
  return json.dump(1, ' ', false, Json::error_handler_t::replace);
}

/// Arguments that do something with a topology.
Words Corpus::play(const std::string& topology, bool kafka, Dice& dice, Case& made) const {
  const std::string& format = dice.of(formats);
  made.expected.format = format;
  Words words;
  const std::size_t verb = dice.below(kafka ? 13 : 10);
  if (verb < 4) {
    words = {"assess", topology, "--dry-run"};
    made.expected.format = "text";
  } else if (verb < 7) {
    static const Words methods{"auto", "incidents", "timeline", "exact"};
    words = {
        "assess", topology,  "--method", dice.of(methods), "--draws", dice.one_in(2) ? "0" : "2", "--draw-incidents",
        "50",     "--years", "0.1",      "--max-years",    "1"};
    append(words, little_work);
    if (dice.one_in(8)) append(words, {"--check"});
    if (dice.one_in(12)) append(words, {"--mission-h", "1000"});
    if (dice.one_in(4)) append(words, {"--worst", "2"});
  } else if (verb == 7) {
    words = {"explain", dice.one_in(2) ? "people.engage" : "/components/0/failure", topology, "--dry-run"};
  } else if (verb == 8) {
    words = {"compare", topology, topology, "--variant", "/name=other"};
    append(words, little_work);
  } else if (verb == 9) {
    // All changes of the catalogue are many designs: mostly their list.
    words = {"advise", topology};
    if (kafka || dice.one_in(2)) {
      append(words, {"--dry-run"});
      made.expected.format = "text";
    } else {
      append(words, {"--change", "faster-repair"});
      append(words, little_work);
    }
  } else if (verb == 10) {
    made.expected.format = "";
    return {"export", topology};
  } else {
    words = {"replay",
             topology,
             fs::path(dice.of(scenarios_).name).stem().string(),
             dice.one_in(4) ? "--run" : "--runs",
             dice.one_in(2) ? "1" : "3",
             "--threads",
             "1",
             "--quiet"};
  }
  append(words, {"--format", format});
  return words;
}

void Corpus::topology(Case& made, Dice& dice) const {
  const File& file = dice.of(topologies_);
  made.files["mutant.json"] = mutant(file, "topology", dice);
  made.expected.file = "mutant.json";
  made.arguments = play("mutant.json", file.kafka, dice, made);
  // A scenario has targets that the topology may have lost, `explain` a place in it.
  if (made.arguments[0] == "replay" || made.arguments[0] == "explain") made.expected.file.clear();
}

void Corpus::scenario(Case& made, Dice& dice) const {
  made.files["mutant.json"] = mutant(dice.of(scenarios_), "scenario", dice);
  made.expected = {"mutant.json", dice.of(formats)};
  made.arguments = {"replay",    "kafka-eks", "mutant.json", "--runs",   dice.one_in(2) ? "1" : "2",
                    "--threads", "1",         "--quiet",     "--format", made.expected.format};
  if (dice.one_in(3)) made.arguments.emplace_back("--dry-run");
  if (dice.one_in(3)) made.arguments.emplace_back("--check");
}

void Corpus::profile(Case& made, Dice& dice) const {
  made.files["mutant.json"] = mutant(dice.of(profiles_), "profile", dice);
  const Words topologies{"kafka-eks", "kafka-eks-nvme", "kafka-eks-spot", "single-unit", "common-cause"};
  const std::string& topology = dice.of(topologies);
  if (dice.one_in(6)) {
    made.expected.format = dice.of(formats);
    made.arguments = {"list", dice.one_in(2) ? "profiles" : "instance-types", "--format", made.expected.format};
  } else {
    made.arguments = play(topology, topology.starts_with("kafka"), dice, made);
  }
  append(made.arguments,
         {prices_ && made.arguments[0] != "list" && dice.one_in(3) ? "--prices" : "--profile", "mutant.json"});
  // What a number makes impossible is told of the topology.
  made.expected.file.clear();
}

void Corpus::sweep(Case& made, Dice& dice) const {
  const File& file = dice.of(sweeps_);
  Json json = file.json;
  mutate(json, schemas_.at("sweep"), dice);
  bool small = file.name == "small.json" && json.is_object();
  if (small) {
    // What takes long because it was asked for is no finding.
    json["max_incidents"] = 1000;
    json["precision"] = 10;
    double points = 1;
    if (json.contains("parameters") && json["parameters"].is_array()) {
      for (const Json& parameter : json["parameters"]) {
        if (!parameter.is_object()) continue;
        points *= parameter.contains("values") ? static_cast<double>(parameter["values"].size()) : 1.0;
        if (parameter.contains("range")) small = false;
      }
    }
    small = small && points <= 12 && !json.contains("points");
  }
  made.files["small.json"] = small_topology;
  made.files["mutant.json"] =
      dice.one_in(15) ? mutate_text(file.text, dice) : json.dump(1, ' ', false, Json::error_handler_t::replace);
  made.expected = {"mutant.json", dice.of(formats)};
  made.arguments = {"sweep", "mutant.json", "--results", "r.sqlite",          "--threads",
                    "1",     "--quiet",     "--format",  made.expected.format};
  if (!small || dice.one_in(4)) {
    made.arguments.emplace_back("--dry-run");
  } else if (dice.one_in(3)) {
    append(made.arguments, {"--plot", "plot.svg"});
  }
}

void Corpus::lab(Case& made, Dice& dice) const {
  const File& file = dice.of(labs_);
  Json json = file.json;
  mutate(json, schemas_.at("lab"), dice);
  // What takes long because it was asked for is no finding.
  if (json.is_object() && json.contains("run") && json["run"].is_object()) json["run"]["runs"] = 2;
  made.files["mutant.json"] =
      dice.one_in(15) ? mutate_text(file.text, dice) : json.dump(1, ' ', false, Json::error_handler_t::replace);
  made.expected = {"mutant.json", dice.one_in(2) ? "text" : "json"};
  made.arguments = {"lab", "run", "mutant.json", "--seed", "2", "--threads", "1", "--format", made.expected.format};
  if (dice.one_in(2)) return;
  // An answer of the wrong form is told of the option.
  append(made.arguments, {"--predict", json.dump().find("\"options\"") != std::string::npos ? "a" : "1"});
  made.expected.file.clear();
}

void Corpus::set(Case& made, Dice& dice) const {
  const File& file = dice.of(topologies_);
  const Words places = pointers(file.json);
  Words sets;
  for (int i = dice.between(1, 3); i > 0; --i) {
    std::string pointer = dice.of(places);
    if (dice.one_in(8)) pointer += "/" + nasty_text(dice);
    if (dice.one_in(12)) pointer = mutate_text(pointer, dice);
    Json changed = file.json;
    mutate(changed, schemas_.at("topology"), dice);
    // What a changed file holds there, or anything.
    std::string value;
    try {
      value = changed.at(Json::json_pointer(pointer)).dump(-1, ' ', false, Json::error_handler_t::replace);
    } catch (const Json::exception&) {
      value = nasty_text(dice);
    }
    if (dice.one_in(3)) value = dice.one_in(2) ? nasty_text(dice) : mutate_text(value, dice);
    std::string set = pointer;
    set += dice.one_in(30) ? "" : "=";
    set += value;
    // Words of a command line hold no NUL.
    set.erase(std::remove(set.begin(), set.end(), '\0'), set.end());
    sets.push_back(std::move(set));
  }
  const std::string name = fs::path(file.name).stem().string();
  made.arguments = play(name, file.kafka, dice, made);
  if (made.arguments[0] == "compare") {
    made.arguments = {"compare", name, "--variant", sets.front()};
    append(made.arguments, little_work);
    made.expected.format = "text";
    return;
  }
  for (const std::string& set : sets) append(made.arguments, {"--set", set});
}

void Corpus::option(Case& made, Dice& dice) const {
  static const Words values{"-1",
                            "0",
                            "1",
                            "nan",
                            "NaN",
                            "inf",
                            "-inf",
                            "1e309",
                            "1e-320",
                            "",
                            "abc",
                            "1e3",
                            "0x10",
                            " 5",
                            "5 ",
                            "1,5",
                            "18446744073709551615",
                            "18446744073709551616",
                            "-0",
                            "1e18",
                            "99999999999999999999999",
                            "1/2",
                            "0/1000000",
                            "3/2",
                            "0.5",
                            "2",
                            "10",
                            "1e-9",
                            "+1"};
  static const Words paths{"out.txt", "no/such/place/x", ".",      "", "/dev/full", "/dev/null", "-x",
                           "a\nb",    "\033[31m",        "x;y$(z)"};
  static const Words amounts{"--max-incidents", "--max-years", "--runs", "--draws", "--draw-incidents", "--threads"};
  struct Verb {
    Words begin;
    Words options;
  };
  static const std::vector<Verb> verbs{
      {{"assess", "single-unit", "--draws", "0"},
       {"--precision", "--years", "--risk", "--mission-h", "--seed", "--sli", "--method", "--further-faults",
        "--format", "--max-incidents", "--max-years", "--draws", "--draw-incidents", "--threads", "--output",
        "--without-fault", "--profile", "--set"}},
      {{"assess", "kafka-eks", "--max-incidents", "1000", "--draws", "0", "--precision", "10"},
       {"--risk", "--seed", "--sli", "--without-fault", "--output", "--profile", "--method"}},
      {{"replay", "kafka-eks", "broker-kill"},
       {"--runs", "--until", "--fork-at", "--fabric", "--seed", "--threads", "--format", "--output", "--set"}},
      {{"compare", "single-unit", "common-cause", "--max-incidents", "1000"},
       {"--sli", "--precision", "--risk", "--seed", "--variant", "--format", "--output", "--without-fault"}},
      {{"sweep", "sweep.json", "--results", "r.sqlite"},
       {"--shard", "--shards", "--point", "--rung", "--seed", "--plot", "--results", "--merge", "--format",
        "--without-fault", "--profile", "--threads"}},
      {{"list", "topologies"}, {"--format", "--output", "--profile"}},
      {{"explain", "people.engage", "kafka-eks"}, {"--set", "--format", "--profile"}},
  };
  const Verb& verb = dice.of(verbs);
  made.files["small.json"] = small_topology;
  made.files["sweep.json"] = small_sweep;
  made.arguments = verb.begin;
  if (dice.one_in(20)) made.arguments[dice.below(made.arguments.size())] = dice.of(values);
  bool much = false;
  for (int i = dice.between(1, 3); i > 0; --i) {
    const std::string& option = dice.of(verb.options);
    const bool path = option == "--output" || option == "--results" || option == "--plot";
    much = much || std::find(amounts.begin(), amounts.end(), option) != amounts.end() || option == "--until" ||
           option == "--precision";
    std::string value = path ? dice.of(paths) : dice.one_in(4) ? nasty_text(dice) : dice.of(values);
    value.erase(std::remove(value.begin(), value.end(), '\0'), value.end());
    if (dice.one_in(3)) {
      std::string word = option;
      word += '=';
      word += value;
      made.arguments.push_back(std::move(word));
    } else {
      append(made.arguments, {option, value});
    }
  }
  if (dice.one_in(10)) made.arguments.push_back(dice.of(values));
  if (much && verb.begin[0] != "list") made.arguments.emplace_back("--dry-run");
}

void Corpus::state(Case& made, Dice& dice) const {
  const bool shard = dice.one_in(2);
  std::string bytes = shard ? state_.shard : state_.whole;
  const std::string scratch = (fs::temp_directory_path() / fmt::format("nines-fuzz-{:x}.sqlite", dice.bits())).string();
  switch (dice.below(10)) {
    case 0: bytes = nasty_text(dice) + std::string(dice.below(3) * 512, 'x'); break;
    case 1: bytes = shard ? state_.whole : state_.shard; break;
    case 2:
    case 3:
    case 4: bytes = with_other_bytes(bytes, dice); break;
    default: bytes = with_other_rows(bytes, scratch, dice); break;
  }
  made.files = {{"small.json", small_topology}, {"sweep.json", small_sweep}, {"mutant.sqlite", bytes}};
  made.expected = {"mutant.sqlite", "csv"};
  made.arguments = {"sweep", "sweep.json", "--threads", "1", "--quiet", "--format", "csv"};
  if (shard) {
    made.files["second.sqlite"] = state_.second;
    append(made.arguments, {"--results", "r.sqlite", "--merge", "second.sqlite", "mutant.sqlite"});
    return;
  }
  append(made.arguments, {"--results", "mutant.sqlite"});
  switch (dice.below(4)) {
    case 0: append(made.arguments, {"--point", "2"}); break;
    case 1: append(made.arguments, {"--shard", "0/2"}); break;
    // Refused, or as if nothing had happened.
    default: made.same_output = state_.answer; break;
  }
}

Case Corpus::make(std::uint64_t seed, std::uint64_t number) const {
  Dice dice(seed, number);
  Case made;
  const std::size_t kind = dice.below(100);
  const auto with = [&](const char* name, auto member) {
    made.kind = name;
    (this->*member)(made, dice);
  };
  if (kind < 36) {
    with("topology", &Corpus::topology);
  } else if (kind < 48) {
    with("scenario", &Corpus::scenario);
  } else if (kind < 60) {
    with("profile", &Corpus::profile);
  } else if (kind < 68) {
    with("sweep", &Corpus::sweep);
  } else if (kind < 70) {
    with("lab", &Corpus::lab);
  } else if (kind < 82) {
    with("set", &Corpus::set);
  } else if (kind < 90) {
    with("option", &Corpus::option);
  } else {
    with("state", &Corpus::state);
  }
  return made;
}

void write(const Case& made, const std::string& directory) {
  for (const auto& [name, text] : made.files) spill(fs::path(directory) / name, text);
}

}  // namespace nines::fuzz
