// The loader knows no kind of service: two that this program adds are read, checked, edited, explained and described by
// the schema from their tables alone. One has fields of every sort, parameters and versions; the other has nothing but
// what every service has. They stand apart from the other tests because the lists of kinds are made once a process, and
// because no shipped profile holds their parameters.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/fields.hpp"
#include "experiments/loader/kind_fields.hpp"
#include "experiments/loader/profile.hpp"
#include "experiments/loader/schema.hpp"
#include "experiments/loader/topology_file.hpp"
#include "models/platform.hpp"
#include "models/service/fields.hpp"
#include "models/service/kind.hpp"
#include "tests/experiments/loader_support.hpp"

namespace nines::models::duo {

#define DUO_SERVER_PARAMETERS(X)                                                       \
  X(Duration, failover, "failover.timeout.ms", "silence that makes a standby primary") \
  X(Bytes, journal, "journal.bytes", "size of the journal")                            \
  X(Law, promote, "duo.promote", "a standby becomes primary")
#define DUO_READER_PARAMETERS(X) X(Duration, wait, "reader.wait.ms", "a reader gives up after this long")

NINES_PARAMETER_GROUP(ServerParameters, DUO_SERVER_PARAMETERS);
NINES_PARAMETER_GROUP(ReaderParameters, DUO_READER_PARAMETERS);

}  // namespace nines::models::duo

using namespace nines;
using models::duo::ReaderParameters;
using models::duo::ServerParameters;
using namespace nines::loader;
using namespace nines::loader::testing;
using Catch::Contains;

namespace {

// ---- the kinds ------------------------------------------------------------------------------------------------------

enum class Mode : std::uint8_t { synchronous, asynchronous };

struct ReaderSpec {
  std::string name;
  models::Duration patience;
  ReaderParameters parameters;
};
struct Journal {
  models::Bytes segment;
  models::Bandwidth rate;
};
struct SliSpec {
  std::string name;
  models::Duration deadline;
  std::optional<models::SlaSpec> sla;
};
struct DuoSpec {
  std::string version;
  ServerParameters parameters;
  Mode mode = Mode::synchronous;
  std::int64_t copies = 0;
  double load = 0;
  bool fenced = false;
  models::Duration lease;
  std::vector<std::string> tags;
  std::optional<Journal> journal;
  std::vector<ReaderSpec> readers;
  std::vector<SliSpec> slis;
  std::int64_t copies_of_readers = 0;  ///< filled by `complete`
  models::Duration longest;            ///< filled by `resolve`
};

using namespace models::service::rows;
using models::service::InertKeys;
using models::service::ParameterGroup;

constexpr std::string_view inert_keys[] = {"journal.colour"};
constexpr InertKeys::Reason reasons[] = {{"", "colours are not modelled"}};
constexpr InertKeys inert_server_keys{inert_keys, {}, reasons};

constexpr ParameterGroup groups[] = {
    models::service::held_by_service<&DuoSpec::parameters>({.name = "duo server",
                                                            .read_by = "servers",
                                                            .held_by = "the duo",
                                                            .timings = "duo.",
                                                            .inert = &inert_server_keys}),
    models::service::held_by_elements<&DuoSpec::readers, &ReaderSpec::name, &ReaderSpec::parameters>(
        {.name = "duo reader", .read_by = "readers", .held_by = "a reader", .list = "readers"}),
};

constexpr std::string_view modes[] = {"sync", "async"};
constexpr FieldSpec reader_rows[] = {
    into<&ReaderSpec::name>({"name", Shape::name, true, "name of the reader"}),
    into<&ReaderSpec::patience>(time_s("patience_s", true, "how long it waits", 60)),
    config_of({"settings", Shape::config, false, "the reader's keys"}, groups[1]),
};
// Kafka has a table "client" as well.
constexpr ObjectSpec reader_object{"client", "who reads", reader_rows, "a reader"};
constexpr FieldSpec journal_rows[] = {
    into<&Journal::segment>(above_zero({"segment", Shape::bytes, false, "size of a segment"})),
    into<&Journal::rate>({"rate", Shape::bandwidth, false, "how fast it is written"}),
};
constexpr ObjectSpec journal_object{"journal", "where writes go", journal_rows, "a journal"};
constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>({"name", Shape::name, true, "name of the SLI"}),
    into<&SliSpec::deadline>(time_s("deadline_s", true, "longest wait", 60)),
    into<&SliSpec::sla>(models::service::sla_row),
};
constexpr ObjectSpec sli_object{"duo_sli", "whether the duo answers", sli_rows, "an SLI of a duo"};
constexpr FieldSpec duo_rows[] = {
    into<&DuoSpec::version>({"version", Shape::version, true, "release of the duo"}),
    config_of({"config", Shape::config, false, "the server's keys"}, groups[0]),
    into<&DuoSpec::mode>(choice_of("mode", true, "how the standby follows", modes, "a mode")),
    into<&DuoSpec::copies>(whole("copies", true, "copies of the data", 1, 2)),
    into<&DuoSpec::load>(real("load", false, "writes a second", {0, 100})),
    into<&DuoSpec::fenced>({"fenced", Shape::boolean, false, "whether the old primary is shot"}),
    into<&DuoSpec::lease>(time_s("lease_s", false, "lease of the primary", 600, true)),
    into<&DuoSpec::tags>({"tags", Shape::texts, false, "words about it"}),
    object_in<&DuoSpec::journal>({"journal", Shape::object, false, "its journal"}, journal_object),
    list_of<&DuoSpec::readers>({"readers", Shape::objects, false, "who reads"}, reader_object, "reader", 2),
    list_of<&DuoSpec::slis>({"slis", Shape::objects, true, "what is measured"}, sli_object, "SLI", 10),
};
static_assert(models::service::describes<DuoSpec>(duo_rows));
constexpr ObjectSpec duo_object{"duo", "a primary with its standby", duo_rows};

/// What both kinds say of the world: nothing here runs it.
struct Idle : models::service::WithProcesses {
  static std::string member_name(const models::ServiceSpec&, const models::PoolSpec& pool, std::size_t number) {
    return pool.name + std::to_string(number);
  }
  static void build(models::Plan&, models::Namer&, models::ServiceId) {}
  static void initialise(models::World&, models::ServiceId) {}
  static void process_started(models::World&, models::ServiceId, models::ProcessId) {}
  static void process_died(models::World&, models::ServiceId, models::ProcessId) {}
  static void process_terminating(models::World&, models::ServiceId, models::ProcessId) {}
  static void contacts_changed(models::World&, models::ServiceId) {}
  static bool ready(const models::World&, models::ServiceId, models::ProcessId) { return true; }
  static bool healthy(const models::World&, models::ServiceId) { return true; }
  static void needs(models::structure::DependencyBuilder&, models::structure::Vertex, models::measurement::SliIndex) {}
};

constexpr models::service::Role duo_roles[] = {{"primary", "takes writes"}, {"standby", "waits"}};

struct Duo : Idle, models::service::SlisOf<DuoSpec> {
  using Spec = DuoSpec;
  static constexpr std::string_view name = "duo";
  static constexpr std::string_view title = "a duo";
  static constexpr std::span<const models::service::Role> roles = duo_roles;
  static constexpr std::string_view product = "Duo";
  static constexpr const ObjectSpec* fields = &duo_object;
  static constexpr std::span<const ParameterGroup> parameters = groups;
  static void complete(models::service::Report& report, const models::Topology&, models::ServiceSpec& service) {
    Spec& spec = service.own.as<Spec>();
    spec.copies_of_readers = spec.copies * static_cast<std::int64_t>(spec.readers.size());
    if (spec.copies == 1 && report.given(report.at() + "/readers"))
      report.expected(report.at() + "/copies", "2 where there are readers");
  }
  static void resolve(models::service::Report&, models::ServiceSpec& service) {
    Spec& spec = service.own.as<Spec>();
    spec.longest = spec.parameters.failover;
    for (const ReaderSpec& reader : spec.readers) spec.longest = std::max(spec.longest, reader.parameters.wait);
  }
};

struct Bare : Idle {
  struct Spec {};
  static constexpr std::string_view name = "bare";
  static constexpr std::string_view title = "a bare service";
  static constexpr std::span<const models::service::Role> roles = {};
  static std::vector<std::string> sli_names(const models::ServiceSpec&) { return {}; }
  static const models::SlaSpec* sla_of(const models::ServiceSpec&, std::size_t) { return nullptr; }
};

const models::service::Kind duo_kind = models::service::row_of<Duo>();
const models::service::Kind bare_kind = models::service::row_of<Bare>();
const bool added = [] {
  models::service::add_kind(duo_kind);
  models::service::add_kind(bare_kind);
  return true;
}();

// ---- files ----------------------------------------------------------------------------------------------------------

/// The shipped profiles, and one of the duo's.
const std::string& profiles_directory() {
  static const std::string directory = [] {
    namespace fs = std::filesystem;
    const fs::path path = fs::temp_directory_path() / ("nines-kinds-" + std::to_string(getpid()));
    fs::remove_all(path);
    fs::copy(source_file("topologies/profiles"), path, fs::copy_options::recursive);
    std::ofstream(path / "duo.json") << R"({"schema": "nines/profile/1", "name": "duo", "title": "numbers of a toy",
      "parameters": {
        "failover.timeout.ms": {"value": 3000, "unit": "ms", "range": [1000, 9000], "source": "toy"},
        "journal.bytes": {"value": 1024, "unit": "B", "range": [1024, 4096], "source": "toy"},
        "reader.wait.ms": {"value": 500, "unit": "ms", "range": [100, 900], "source": "toy"}},
      "versions": {
        "1.2": {"parameters": {"duo.promote": {"law": "constant", "value": 1, "unit": "s", "range": [1, 2],
                                                "source": "toy"}}},
        "1.10": {"parameters": {"duo.promote": {"law": "constant", "value": 4, "unit": "s", "range": [4, 5],
                                                 "source": "toy"}}}}})";
    return path.string();
  }();
  return directory;
}

const std::string duo_text = R"({
  "name": "db", "kind": "duo", "version": "1.10", "mode": "async", "copies": 2, "load": 2.5, "fenced": true,
  "lease_s": 90, "tags": ["old", "loved"],
  "journal": {"segment": "16Mi", "rate": "8MiB/s"},
  "pdb": {"max_unavailable": 1},
  "pools": [{"name": "server", "roles": ["primary", "standby"], "replicas": 2, "node_group": "core", "cpu": 1,
    "memory": "1Gi", "storage": {"kind": "gp3", "size": "20Gi", "iops": 3000, "throughput": "125MiB/s"}}],
  "readers": [{"name": "app", "patience_s": 2}, {"name": "batch", "patience_s": 5, "settings": {"reader.wait.ms": 700}}],
  "slis": [{"name": "write", "deadline_s": 0.5, "sla": {"target": 0.999, "window_h": 730}}]
})";
const std::string bare_text = R"({
  "name": "cache", "kind": "bare", "pdb": {"max_unavailable": 1},
  "pools": [{"name": "cache-server", "replicas": 1, "node_group": "core", "cpu": 1, "memory": "1Gi",
    "storage": {"kind": "gp3", "size": "20Gi", "iops": 3000, "throughput": "125MiB/s"}}]
})";

std::string topology(const std::string& duo = duo_text) {
  Json json = Json::parse(read_file(source_file("topologies/kafka-eks.json")));
  json.erase("operations");
  json.erase("$schema");
  json["node_groups"].erase(1);
  json["services"] = Json::array({Json::parse(duo), Json::parse(bare_text)});
  return json.dump(2);
}

LoadOptions options() {
  LoadOptions load;
  load.profiles_dir = profiles_directory();
  return load;
}

LoadedTopology load(const std::string& duo = duo_text, const std::vector<Override>& sets = {}) {
  return load_topology_text("in.json", topology(duo), sets, options());
}

const DuoSpec& spec_of(const LoadedTopology& loaded) { return loaded.topology.services.at(0).own.as<DuoSpec>(); }

std::string error_with(std::string_view from, std::string_view to) {
  return error_of([&] { (void)load(replaced(duo_text, from, to)); });
}

}  // namespace

TEST_CASE("a kind of the program's own is read by its tables", "[loader][kinds]") {
  const LoadedTopology loaded = load();
  REQUIRE(loaded.topology.services.size() == 2);
  CHECK(loaded.topology.services[0].kind == &duo_kind);
  CHECK(loaded.topology.services[1].kind == &bare_kind);
  CHECK(loaded.topology.services[0].pools.at(0).roles == 3);
  CHECK(loaded.topology.services[1].pools.at(0).roles == 0);
  const DuoSpec& spec = spec_of(loaded);
  CHECK(spec.version == "1.10");
  CHECK(spec.mode == Mode::asynchronous);
  CHECK(spec.copies == 2);
  CHECK(spec.load == 2.5);
  CHECK(spec.fenced);
  CHECK(spec.lease == models::Duration::seconds(90));
  CHECK(spec.tags == std::vector<std::string>{"old", "loved"});
  REQUIRE(spec.journal.has_value());
  CHECK(spec.journal->segment.count == 16 * 0x1p20);
  CHECK(spec.journal->rate.bytes_per_s == 8 * 0x1p20);
  REQUIRE(spec.readers.size() == 2);
  CHECK(spec.readers[1].name == "batch");
  CHECK(spec.readers[1].patience == models::Duration::seconds(5));
  REQUIRE(spec.slis.size() == 1);
  REQUIRE(spec.slis[0].sla.has_value());
  CHECK(spec.slis[0].sla->target == 0.999);
  CHECK(spec.copies_of_readers == 4);
  CHECK_FALSE(spec_of(load(replaced(duo_text, R"("journal": {"segment": "16Mi", "rate": "8MiB/s"},)", ""))).journal);
}

TEST_CASE("parameters of a kind of the program's own come from profile, version, config and overrides",
          "[loader][kinds]") {
  const LoadedTopology plain = load();
  CHECK(spec_of(plain).parameters.failover == models::Duration::milliseconds(3000));
  CHECK(spec_of(plain).parameters.promote.a == models::Duration::seconds(4));
  CHECK(spec_of(plain).readers[0].parameters.wait == models::Duration::milliseconds(500));
  CHECK(spec_of(plain).readers[1].parameters.wait == models::Duration::milliseconds(700));
  CHECK(spec_of(plain).longest == models::Duration::milliseconds(3000));
  const LoadedTopology old = load(replaced(duo_text, R"("1.10")", R"("1.9")"));
  CHECK(spec_of(old).version == "1.2");
  CHECK(spec_of(old).parameters.promote.a == models::Duration::seconds(1));
  REQUIRE(old.warnings.size() == 1);
  CHECK_THAT(old.warnings[0], Contains("Duo 1.9 is not modelled: 1.2, the nearest that is not newer"));

  // Configurations that the file lacks can be edited; elements of lists by name.
  const LoadedTopology set = load(duo_text, {{"/services/db/config/failover.timeout.ms", "5000"},
                                             {"/services/db/config/journal.colour", "red"},
                                             {"/services/db/readers/app/settings/reader.wait.ms", "900"},
                                             {"/services/db/journal/rate", "1MiB/s"},
                                             {"/overrides/duo.promote", "9 s"}});
  CHECK(spec_of(set).parameters.failover == models::Duration::milliseconds(5000));
  CHECK(spec_of(set).parameters.promote.a == models::Duration::seconds(9));
  CHECK(spec_of(set).readers[0].parameters.wait == models::Duration::milliseconds(900));
  CHECK(spec_of(set).journal->rate.bytes_per_s == 0x1p20);
  REQUIRE(set.warnings.size() == 1);
  CHECK_THAT(set.warnings[0], Contains("Duo reads this key, but it changes nothing in this model: colours"));
  std::size_t waits = 0;
  for (const Assumption& assumption : set.assumptions) {
    if (assumption.key != "reader.wait.ms") continue;
    ++waits;
    CHECK(assumption.service == "db");
    CHECK(assumption.origin == (assumption.client == "app" ? "--set" : "topology"));
    models::Topology moved = set.topology;
    assign(moved, assumption, 800);
    const std::size_t reader = assumption.client == "app" ? 0 : 1;
    CHECK(moved.services[0].own.as<DuoSpec>().readers[reader].parameters.wait == models::Duration::milliseconds(800));
  }
  CHECK(waits == 2);
}

TEST_CASE("what is wrong with a service of the program's own is said at its place", "[loader][kinds]") {
  CHECK_THAT(error_with(R"("async")", R"("asinc")"),
             Contains("/services/0/mode: expected a mode (sync or async), got \"asinc\". Did you mean 'async'?"));
  CHECK_THAT(error_with(R"("copies": 2)", R"("copies": 3)"),
             Contains("/services/0/copies: expected a whole number from 1 to 2, got 3."));
  CHECK_THAT(error_with(R"("copies": 2)", R"("copies": 1)"),
             Contains("/services/0/copies: expected 2 where there are readers, got 1."));
  CHECK_THAT(error_with(R"("lease_s": 90)", R"("lease_s": 0)"),
             Contains("/services/0/lease_s: expected a number > 0 and <= 600, got 0."));
  CHECK_THAT(error_with(R"("fenced")", R"("fence")"),
             Contains("/services/0/fence: unknown field of a duo. Did you mean 'fenced'?"));
  CHECK_THAT(error_with(R"("copies": 2,)", ""), Contains("/services/0: missing field 'copies' of a duo"));
  CHECK_THAT(error_with(R"("copies": 2,)", R"("copies": 2, "rack_aware": true,)"),
             Contains("no model reads 'rack_aware' of a duo: it is a field of a Kafka service."));
  CHECK_THAT(error_with(R"("deadline_s": 0.5,)", R"("deadline_s": 0.5, "scope": "all",)"),
             Contains("no model reads 'scope' of an SLI of a duo: it is a field of SLIs of a Kafka service."));
  CHECK_THAT(error_with(R"("name": "batch")", R"("name": "app")"),
             Contains("/services/0/readers/1: expected a name that no other reader has, got 'app' again"));
  CHECK_THAT(error_with(R"("segment": "16Mi")", R"("segment": "0Mi")"),
             Contains("/services/0/journal/segment: expected a value > 0"));
  CHECK_THAT(error_with(R"(["primary", "standby"])", R"(["primary", "broker"])"),
             Contains("/services/0/pools/0/roles/1: expected a role (primary or standby), got \"broker\"."));
  CHECK_THAT(error_with(R"("1.10")", R"("1.x")"), Contains("there is no Duo version '1.x' (known: 1.2 or 1.10)."));
  CHECK_THAT(error_with(R"("reader.wait.ms": 700)", R"("failover.timeout.ms": 700)"),
             Contains("this is a key of servers: set it in the config of the duo."));
  CHECK_THAT(error_with(R"("reader.wait.ms": 700)", R"("duo.promote": 7)"),
             Contains("this is a key of servers") || Contains("set it under /overrides"));
  CHECK_THAT(error_with(R"("kind": "duo")", R"("kind": "dou")"),
             Contains("expected a kind of service (kafka, composite, etcd, control-plane, eks, http, redis, rabbitmq, "
                      "addon, cronjob, zookeeper, postgresql, ...), got "
                      "\"dou\". Did you mean 'duo'?"));
  // Without a name that is near, the first kind stands for it.
  CHECK_THAT(error_with(R"("kind": "duo")", R"("kind": "mainframe")"), Contains("got \"mainframe\"."));
}

TEST_CASE("the schema and the lists hold what a kind of the program's own says", "[loader][kinds]") {
  const Json schema = Json::parse(schema_text("topology"));
  const Json& definitions = schema["definitions"];
  const Json& duo = definitions.at("duo_service");
  CHECK(duo["description"] == "a primary with its standby");
  CHECK(duo["properties"]["kind"]["enum"] == Json::array({"duo"}));
  CHECK(duo["properties"]["mode"]["enum"] == Json::array({"sync", "async"}));
  CHECK(duo["properties"]["copies"]["maximum"] == 2);
  CHECK(duo["properties"]["lease_s"]["exclusiveMinimum"] == 0);
  CHECK(duo["properties"]["config"]["properties"].contains("failover.timeout.ms"));
  CHECK(duo["properties"]["config"]["properties"].contains("journal.colour"));
  CHECK_FALSE(duo["properties"]["config"]["properties"].contains("duo.promote"));
  CHECK(duo["required"] == Json::array({"name", "kind", "version", "mode", "copies", "pools", "slis"}));
  // Two kinds may call a table the same.
  CHECK(duo["properties"]["readers"]["items"]["$ref"] == "#/definitions/duo_client");
  CHECK(definitions.at("duo_client")["properties"]["patience_s"]["maximum"] == 60);
  CHECK(definitions.at("client")["properties"].contains("place"));
  CHECK(definitions.at("bare_service")["required"] == Json::array({"name", "kind", "pools"}));
  CHECK(definitions["service"]["anyOf"].size() == models::service::kinds().size());
  CHECK(definitions["pool"]["required"].dump().find("roles") == std::string::npos);
  CHECK(schema["properties"]["overrides"]["properties"].contains("duo.promote"));
  for (const ObjectSpec& object : object_specs("topology")) CHECK(definitions.contains(std::string(object.name)));

  std::size_t listed = 0;
  for (const ParameterEntry& entry : list_parameters()) listed += entry.group == "duo server" ? 1u : 0u;
  CHECK(listed == 3);
  CHECK_THAT(explain("lease_s", options()).meaning, Contains("lease of the primary (a primary with its standby)"));
  CHECK_THAT(explain("journal.colour", options()).meaning, Contains("a key of Duo that changes nothing"));
  CHECK(explain("duo.promote", options()).values.size() == 2);
  const LoadedTopology loaded = load();
  CHECK(explain(loaded, "/services/db/readers/batch/settings/reader.wait.ms").values.size() == 1);
  CHECK(explain(loaded, "/services/db/readers/batch/settings/reader.wait.ms").values[0].value == 700);
  CHECK(explain(loaded, "reader.wait.ms").values.size() == 2);
}
