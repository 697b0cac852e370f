#include "experiments/loader/scenario_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "experiments/loader/fields.hpp"
#include "experiments/loader/reader.hpp"
#include "models/selector.hpp"

namespace nines::loader {

namespace {

using models::Action;
using models::Duration;
using models::Verb;

constexpr std::size_t most_actions = 10'000;
constexpr std::size_t most_expectations = 200;

constexpr std::array<std::string_view, 4> selector_names{"leader", "follower", "random", "all"};

bool is_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || c == '/';
  };
  return !text.empty() && text.size() <= 200 && std::all_of(text.begin(), text.end(), allowed) && text.front() != '/' &&
         text.back() != '/' && text.find("//") == std::string_view::npos;
}

bool read_seconds(const Object& object, std::string_view field, std::optional<Duration>& out) {
  double seconds = 0;
  if (!object.number(field, seconds)) return false;
  out = Duration::from_seconds(seconds);
  return true;
}

bool read_target(const Value& value, std::string& out) {
  std::string text;
  if (!read_text(value, text)) return false;
  const auto selector = models::parse_selector(text);
  if (selector && is_name(selector->name)) {
    out = text;
    return true;
  }
  const std::string kind = text.substr(0, text.find('('));
  const bool known = std::find(selector_names.begin(), selector_names.end(), kind) != selector_names.end();
  value.report(fmt::format("expected a name, or leader(x), follower(x), random(x), all(x) with a name x, got {}.{}",
                           shown(value.json()),
                           known || kind.size() == text.size() ? "" : did_you_mean(kind, selector_names)));
  return false;
}

/// Names of milestones: dotted, as results print them.
bool read_milestone(const Value& value, std::string& out) {
  std::string text;
  if (!read_text(value, text)) return false;
  if (!is_name(text) || text.find('.') == std::string::npos) {
    value.expected("the dotted name of a milestone, such as \"infra.node_down\"");
    return false;
  }
  out = text;
  return true;
}

bool read_sli_name(const Value& value, SliName& out) {
  std::string text;
  if (!read_text(value, text)) return false;
  const std::size_t slash = text.find('/');
  if (!is_name(text) || slash == std::string::npos || text.find('/', slash + 1) != std::string::npos) {
    value.expected("service/sli, such as \"orders/write\"");
    return false;
  }
  out = {text.substr(0, slash), text.substr(slash + 1)};
  return true;
}

bool read_bounds(const Value& value, Bounds& out) {
  const Object object(value, bounds_fields(), "an interval");
  if (!object.valid()) return false;
  for (auto [field, end] : {std::pair{"min", &out.min}, std::pair{"max", &out.max}}) {
    double number = 0;
    if (object.number(field, number)) *end = number;
  }
  if (!out.min && !out.max)
    value.report("expected 'min', 'max' or both.");
  else if (out.min && out.max && *out.min > *out.max)
    value.report("expected min <= max.");
  else
    return true;
  return false;
}

class ScenarioReader {
 public:
  ScenarioReader(const Document& document, Problems& problems, Scenario& scenario)
      : root_(document, problems), scenario_(scenario), stem_(std::filesystem::path(document.file()).stem().string()) {}

  void read() {
    const Object object(root_, scenario_fields(), "a scenario");
    if (!object.read("name", read_name, scenario_.name)) scenario_.name = stem_;
    if (!object.read("title", read_text, scenario_.title)) scenario_.title = scenario_.name;
    for (const Value& action : object.elements("actions", most_actions, true)) read_action(action);
    read_seconds(object, "until_s", scenario_.until);
    for (const Value& expectation : object.elements("expect", most_expectations)) read_expectation(expectation);
    sort_actions();
  }

 private:
  void read_action(const Value& value) {
    Action& action = scenario_.actions.emplace_back();
    const Object object(value, action_fields(), "an action");
    std::optional<Duration> at;
    if (read_seconds(object, "at_s", at)) action.at = *at;
    object.read("target", read_target, action.target);
    std::size_t choice = 0;
    if (!object.read("do", read_choice, choice, verb_names(), std::string_view("a verb"))) return;
    const models::VerbInfo& verb = models::verbs[choice];
    action.verb = verb.verb;
    for (const models::OptionInfo& option : models::verb_options) read_option(object, verb, option, action);
    if (const auto problem = models::check_options(action)) value.report(*problem + ".");
    if (verb.verb == Verb::partition && !object.has("from") && object.valid())
      object.value().report("missing field 'from' of a partition: its other side.");
  }

  static void read_option(const Object& object, const models::VerbInfo& verb, const models::OptionInfo& option,
                          Action& action) {
    const auto field = object.get(option.name);
    if (!field) return;
    if (!verb.takes.has(option.option)) {
      field->report_key(
          fmt::format("{} does not take '{}'; it takes {}.", verb.name, option.name, models::options_taken(verb)));
      return;
    }
    std::visit([&](const auto member) { read_value(object, *field, verb, option.name, action.*member); },
               option.member);
  }

  static void read_value(const Object& object, const Value&, const models::VerbInfo&, std::string_view name,
                         std::optional<Duration>& out) {
    read_seconds(object, name, out);
  }
  static void read_value(const Object& object, const Value&, const models::VerbInfo&, std::string_view name,
                         std::optional<double>& out) {
    double number = 0;
    if (object.number(name, number)) out = number;
  }
  static void read_value(const Object&, const Value& value, const models::VerbInfo&, std::string_view,
                         std::string& out) {
    read_target(value, out);
  }
  static void read_value(const Object&, const Value& value, const models::VerbInfo&, std::string_view, bool& out) {
    read_boolean(value, out);
  }
  /// One of the forms of its verb.
  static void read_value(const Object&, const Value& value, const models::VerbInfo& verb, std::string_view,
                         models::Variant& out) {
    std::vector<std::string_view> names;
    std::vector<models::Variant> values;
    for (const models::VariantInfo& info : models::verb_variants) {
      if (info.verb != verb.verb) continue;
      names.push_back(info.name);
      values.push_back(info.variant);
    }
    std::size_t choice = 0;
    if (read_choice(value, choice, names, std::string_view("a variant"))) out = values[choice];
  }

  /// The first action defines time 0: anything else would shift every expectation silently.
  void sort_actions() {
    if (scenario_.actions.empty()) return;
    std::stable_sort(scenario_.actions.begin(), scenario_.actions.end(),
                     [](const Action& a, const Action& b) { return a.at < b.at; });
    // Times count from the first action.
    const Duration first = scenario_.actions.front().at;
    for (Action& action : scenario_.actions) action.at = action.at - first;
  }

  void read_expectation(const Value& value) {
    const Object object(value, expectation_fields(), "an expectation");
    Expectation expectation;
    object.read("text", read_text, expectation.text);
    object.number("fraction", expectation.fraction);
    if (object.valid() && read_check(object, expectation)) scenario_.expectations.push_back(std::move(expectation));
  }

  /// A form of expectation: its subject, and fields of which exactly one says what of it.
  struct Form {
    std::string_view subject;
    std::array<std::string_view, 2> measures;
  };
  static constexpr std::array forms{Form{"sli", {"outage_s", "count"}}, Form{"milestone", {"at_s", "absent"}},
                                    Form{"order", {"", ""}}, Form{"data_loss", {"records", ""}}};

  /// Finds the form and the measure; reports none, several, and measures of another form.
  static bool find_form(const Object& object, const Form*& form, std::string_view& measure) {
    std::size_t subjects = 0;
    std::size_t measures = 0;
    for (const Form& candidate : forms) {
      if (object.has(candidate.subject)) {
        ++subjects;
        form = &candidate;
      }
    }
    if (subjects != 1) {
      object.value().report("expected exactly one of 'sli', 'milestone', 'order' and 'data_loss'.");
      return false;
    }
    bool good = true;
    for (const Form& candidate : forms) {
      for (const std::string_view field : candidate.measures) {
        if (field.empty() || !object.has(field)) continue;
        if (&candidate == form) {
          ++measures;
          measure = field;
        } else {
          object.at(field).report_key(fmt::format("'{}' does not go with '{}'.", field, form->subject));
          good = false;
        }
      }
    }
    if (good && !form->measures[0].empty() && measures != 1) {
      object.value().report(form->measures[1].empty()
                                ? fmt::format("expected '{}' with '{}'.", form->measures[0], form->subject)
                                : fmt::format("expected exactly one of '{}' and '{}' with '{}'.", form->measures[0],
                                              form->measures[1], form->subject));
      good = false;
    }
    return good;
  }

  static bool read_check(const Object& object, Expectation& out) {
    const Form* form = nullptr;
    std::string_view measure;
    if (!find_form(object, form, measure)) return false;
    Bounds bounds;
    bool good = true;
    if (!measure.empty() && measure != "absent") good = object.read(measure, read_bounds, bounds);
    if (form->subject == "sli") return read_sli_check(object, measure, bounds, out) && good;
    if (form->subject == "milestone") return read_milestone_check(object, measure, bounds, out) && good;
    if (form->subject == "data_loss") {
      DataLossExpectation check{{}, bounds};
      good = object.read("data_loss", read_name, check.service) && good;
      out.check = std::move(check);
      return good;
    }
    return read_order_check(object, out);
  }

  static bool read_sli_check(const Object& object, std::string_view measure, const Bounds& bounds, Expectation& out) {
    SliName name;
    const bool good = object.read("sli", read_sli_name, name);
    if (measure == "count")
      out.check = CountExpectation{name, bounds};
    else
      out.check = OutageExpectation{name, bounds};
    return good;
  }

  static bool read_milestone_check(const Object& object, std::string_view measure, const Bounds& bounds,
                                   Expectation& out) {
    std::string name;
    bool good = object.read("milestone", read_milestone, name);
    if (measure == "at_s") {
      out.check = MilestoneExpectation{name, bounds};
      return good;
    }
    bool absent = false;
    if (object.read("absent", read_boolean, absent) && !absent) {
      object.at("absent").expected("true (or at_s)");
      good = false;
    }
    out.check = AbsentExpectation{name};
    return good;
  }

  static bool read_order_check(const Object& object, Expectation& out) {
    OrderExpectation check;
    const std::vector<Value> elements = object.elements("order", 100);
    for (const Value& element : elements) {
      std::string name;
      if (read_milestone(element, name)) check.milestones.push_back(name);
    }
    if (elements.size() < 2) object.at("order").report("expected at least two milestones.");
    const bool good = elements.size() >= 2 && check.milestones.size() == elements.size();
    out.check = std::move(check);
    return good;
  }

  Value root_;
  Scenario& scenario_;
  std::string stem_;
};

Scenario load(Document document, std::span<const Override> sets) {
  Problems problems;
  if (!check_schema(Value(document, problems), "scenario", true)) problems.throw_if_any();
  for (const Override& edit : sets) document.apply(edit, problems);
  if (!check_schema(Value(document, problems), "scenario", true)) problems.throw_if_any();
  Scenario scenario;
  ScenarioReader(document, problems, scenario).read();
  problems.throw_if_any();
  scenario.hash = document.hash();
  return scenario;
}

}  // namespace

Scenario load_scenario(const std::string& path, std::span<const Override> sets) {
  return load(Document::read(path), sets);
}

Scenario load_scenario_text(const std::string& file, std::string_view text, std::span<const Override> sets) {
  return load(Document::parse(file, text), sets);
}

}  // namespace nines::loader
