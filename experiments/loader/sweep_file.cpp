#include "experiments/loader/sweep_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "experiments/loader/fields.hpp"
#include "experiments/loader/parameters.hpp"
#include "experiments/loader/reader.hpp"

namespace nines::loader {

namespace {

constexpr std::size_t most_parameters = 100;
constexpr std::size_t most_figures = 50;
constexpr double usual_cost_indifference = 0.005;
constexpr double usual_indifference = 0.01;

bool of_cost(FigureKind kind) {
  return kind == FigureKind::cost_usd_per_month || kind == FigureKind::operator_hours_per_month;
}
/// Those that have no SLI.
bool of_design(FigureKind kind) { return of_cost(kind) || kind == FigureKind::failovers_per_year; }
/// Those that can be told apart by the fault that began the incident.
bool by_fault(FigureKind kind) {
  return kind == FigureKind::unavailability || kind == FigureKind::downtime_minutes_per_year ||
         kind == FigureKind::outages_per_year || kind == FigureKind::mean_outage_s ||
         kind == FigureKind::failovers_per_year;
}
/// Those that batches can be compared by.
bool comparable(FigureKind kind) { return kind != FigureKind::breach_probability && kind != FigureKind::p95_outage_s; }

bool read_sli(const Value& value, std::string& out) {
  std::string text;
  if (!read_text(value, text)) return false;
  if (text.find('/') == std::string::npos || text.front() == '/' || text.back() == '/') {
    value.expected("service/sli, such as \"orders/write\"");
    return false;
  }
  out = text;
  return true;
}

bool is_scalar(const Json& json) { return json.is_number() || json.is_string() || json.is_boolean(); }

std::string label_of(const Json& json) { return json.is_string() ? json.get<std::string>() : json.dump(); }

/// An edit's value as JSON text, so that a string stays one.
Override edit(std::string pointer, const Json& value) { return {std::move(pointer), value.dump(), true}; }

class SweepReader {
 public:
  SweepReader(const Document& document, Problems& problems, Sweep& sweep) : root_(document, problems), sweep_(sweep) {}

  void read() {
    const Object object(root_, sweep_fields(), "a sweep");
    object.read("name", read_name, sweep_.name);
    object.read("title", read_text, sweep_.title);
    for (const Value& note : object.elements("notes", 100)) {
      std::string text;
      if (read_text(note, text)) sweep_.notes.push_back(text);
    }
    object.read("topology", read_text, sweep_.topology);
    if (const auto set = object.get("set")) read_edits(*set, sweep_.sets);
    read_parameters(object);
    read_points(object);
    for (const Value& value : object.elements("where", 100)) read_condition(value);
    for (const Value& value : object.elements("require", most_figures)) read_requirement(value);
    for (const Value& value : object.elements("objectives", 4, true)) read_objective(value);
    for (const Value& value : object.elements("show", most_figures)) {
      FigureSpec figure;
      if (read_figure(Object(value, sweep_figure_fields(), "a figure"), figure)) add(figure);
    }
    sweep_.asked = sweep_.figures.size();
    add_losses();
    object.number("precision", sweep_.precision);
    object.number("risk", sweep_.risk);
    object.whole("max_incidents", sweep_.max_incidents);
  }

 private:
  static bool read_pointer(const Value& value, std::string& out) {
    if (!read_text(value, out)) return false;
    if (!out.empty() && out.front() == '/') return true;
    value.expected("a JSON pointer into the topology, such as \"/node_groups/0/capacity\"");
    return false;
  }

  static void read_edits(const Value& value, std::vector<Override>& out) {
    if (!value.json().is_object()) return value.expected("an object of JSON pointers and values");
    for (const auto& [pointer, json] : value.json().get_ref<const Json::object_t&>()) {
      if (pointer.empty() || pointer.front() != '/') {
        value.member(pointer).report_key("expected a JSON pointer into the topology: it begins with '/'.");
        continue;
      }
      out.push_back(edit(pointer, json));
    }
  }

  // ---- parameters ----

  void read_parameters(const Object& object) {
    std::vector<std::pair<std::string, Value>> names;
    for (const Value& value : object.elements("parameters", most_parameters, true)) {
      SweepParameter& parameter = sweep_.parameters.emplace_back();
      const Object fields(value, sweep_parameter_fields(), "a parameter of a sweep");
      if (fields.read("name", read_name, parameter.name)) names.emplace_back(parameter.name, value.member("name"));
      fields.read("given", read_boolean, parameter.given);
      std::string pointer;
      if (const auto at = fields.get("at")) {
        read_pointer(*at, pointer);
      } else if (find_parameter(parameter.name) != nullptr) {
        pointer = "/overrides/" + escape_token(parameter.name);
      }
      const bool levels = fields.has("values");
      if (fields.valid() && levels == fields.has("range")) value.report("expected either 'values' or 'range'.");
      if (levels)
        read_levels(fields, value, pointer, parameter);
      else if (const auto range = fields.get("range"))
        read_range(*range, value, pointer, parameter);
    }
    report_duplicates(names, "parameter");
  }

  static void report_no_pointer(const Value& parameter, const std::string& name) {
    std::vector<std::string_view> keys;
    for (const ParameterInfo& info : parameters()) keys.push_back(info.key);
    parameter.report(fmt::format(
        "where in the topology is it? Expected 'at' with a JSON pointer, or a parameter's key as its name.{}",
        did_you_mean(name, keys)));
  }

  void read_levels(const Object& fields, const Value& value, const std::string& pointer, SweepParameter& parameter) {
    std::vector<std::pair<std::string, Value>> labels;
    bool missing = false;
    for (const Value& entry : fields.elements("values", most_levels, true)) {
      SweepLevel& level = parameter.levels.emplace_back();
      if (is_scalar(entry.json())) {
        level.label = label_of(entry.json());
        if (pointer.empty()) missing = true;
        level.sets.push_back(edit(pointer, entry.json()));
      } else {
        const Object object(entry, sweep_level_fields(), "a value: a number, a string, or an object");
        object.read("label", read_text, level.label);
        object.read("topology", read_text, level.topology);
        if (const auto set = object.get("set")) read_edits(*set, level.sets);
        if (const auto plain = object.get("value")) {
          if (pointer.empty()) missing = true;
          level.sets.push_back(edit(pointer, plain->json()));
        }
      }
      labels.emplace_back(level.label, entry);
    }
    if (missing) report_no_pointer(value, parameter.name);
    report_duplicates(labels, "value");
    read_numbers(fields, parameter);
  }

  /// "3", as a number is written; not "3.9" or "007", which may be names.
  static bool is_whole_number(std::string_view text) {
    constexpr std::size_t most_digits = 15;
    if (text.empty() || text.size() > most_digits || (text.front() == '0' && text.size() > 1)) return false;
    return text.find_first_not_of("0123456789") == std::string_view::npos;
  }

  /// Numbers, labels that are whole ones, and quantities that share a unit are numbers to whoever reads the results;
  /// anything else is text.
  static void read_numbers(const Object& fields, SweepParameter& parameter) {
    std::vector<double> numbers;
    std::string unit;
    std::size_t at = 0;
    for (const Value& entry : fields.elements("values", most_levels, true)) {
      double number = 0;
      std::string its;
      const std::string& label = parameter.levels[at++].label;
      if (entry.json().is_object() && is_whole_number(label)) {
        number = std::stod(label);
      } else if (entry.json().is_number()) {
        number = entry.json().get<double>();
      } else {
        const auto quantity =
            entry.json().is_string() ? split_quantity(entry.json().get_ref<const std::string&>()) : std::nullopt;
        if (!quantity || quantity->unit.empty()) return;
        number = quantity->number;
        its = quantity->unit;
      }
      if (!std::isfinite(number) || (!numbers.empty() && its != unit)) return;
      unit = its;
      numbers.push_back(number);
    }
    if (numbers.size() != parameter.levels.size()) return;
    for (std::size_t i = 0; i < numbers.size(); ++i) parameter.levels[i].number = numbers[i];
    parameter.unit = unit;
  }

  /// "0.1/yr" or 3000: a number, and a unit that both ends share.
  static bool read_end(const Value& value, double& number, std::string& unit) {
    if (value.json().is_number()) {
      number = value.json().get<double>();
      unit.clear();
      return std::isfinite(number);
    }
    const auto quantity =
        value.json().is_string() ? split_quantity(value.json().get_ref<const std::string&>()) : std::nullopt;
    if (!quantity) {
      value.expected("a number, or a string with a unit, such as \"0.1/yr\"");
      return false;
    }
    number = quantity->number;
    unit = quantity->unit;
    return true;
  }

  void read_range(const Value& value, const Value& owner, const std::string& pointer, SweepParameter& parameter) {
    const Object object(value, sweep_range_fields(), "a range");
    SweepRange range;
    range.pointer = pointer;
    std::string unit;
    const auto from = object.get("from");
    const auto to = object.get("to");
    if (!from || !to || !read_end(*from, range.from, range.unit) || !read_end(*to, range.to, unit)) return;
    if (unit != range.unit) return to->report(fmt::format("expected the unit of 'from' ('{}').", range.unit));
    if (range.from >= range.to) return value.report("expected from < to.");
    std::size_t scale = 0;
    if (object.read("scale", read_choice, scale, scale_kinds, std::string_view("a scale"))) {
      range.logarithmic = scale == 1;
    }
    if (range.logarithmic && range.from <= 0) return from->expected("a number > 0 on a logarithmic scale");
    object.read("whole", read_boolean, range.whole);
    object.whole("steps", range.steps);
    if (pointer.empty()) return report_no_pointer(owner, parameter.name);
    parameter.range = range;
    parameter.unit = range.unit;
  }

  [[nodiscard]] std::optional<std::size_t> parameter_named(std::string_view name) const {
    for (std::size_t i = 0; i < sweep_.parameters.size(); ++i) {
      if (sweep_.parameters[i].name == name) return i;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string hint(std::string_view name) const {
    std::vector<std::string_view> names;
    for (const SweepParameter& parameter : sweep_.parameters) names.push_back(parameter.name);
    return did_you_mean(name, names);
  }

  // ---- points ----

  void read_points(const Object& object) {
    const auto points = object.get("points");
    if (points && points->json().is_array()) return read_list(*points);
    if (points && points->json().is_object()) return read_sample(*points);
    if (points && !(points->json().is_string() && points->json() == "grid")) {
      return points->expected("\"grid\", an array of points, or an object with 'sample' and 'count'");
    }
    sweep_.design = SweepDesign::grid;
    double size = 1;
    for (const SweepParameter& parameter : sweep_.parameters) {
      if (parameter.range && parameter.range->steps == 0) {
        root_.report(fmt::format("a grid needs 'steps' in the range of '{}' (or sample the points).", parameter.name));
      }
      size *= static_cast<double>(parameter.range ? std::max<std::int64_t>(1, parameter.range->steps)
                                                  : static_cast<std::int64_t>(parameter.levels.size()));
    }
    if (size > static_cast<double>(most_points)) {
      root_.report(
          fmt::format("the grid has {:.3g} points, more than {}: take fewer values, or sample the points "
                      "(\"points\": {{\"sample\": \"sobol\", \"count\": 1000}}).",
                      size, most_points));
    }
  }

  void read_sample(const Value& value) {
    const Object object(value, sweep_sample_fields(), "a sample");
    std::size_t kind = 0;
    if (object.read("sample", read_choice, kind, sample_kinds, std::string_view("a kind of sample"))) {
      sweep_.design = kind == 0 ? SweepDesign::latin_hypercube : SweepDesign::sobol;
    }
    object.whole("count", sweep_.count);
  }

  void read_list(const Value& value) {
    sweep_.design = SweepDesign::list;
    for (const Value& point : read_elements(value, most_points, true)) {
      std::vector<std::size_t> levels(sweep_.parameters.size(), 0);
      if (!point.json().is_object()) {
        point.expected("an object with one of its values for each parameter");
        continue;
      }
      for (const auto& [name, json] : point.json().get_ref<const Json::object_t&>()) {
        if (!parameter_named(name)) point.member(name).report_key("no such parameter." + hint(name));
      }
      for (std::size_t i = 0; i < sweep_.parameters.size(); ++i) {
        const SweepParameter& parameter = sweep_.parameters[i];
        if (!point.json().contains(parameter.name)) {
          point.report(fmt::format("missing parameter '{}'.", parameter.name));
          continue;
        }
        const Value chosen = point.member(parameter.name);
        const std::string label = label_of(chosen.json());
        std::vector<std::string_view> labels;
        for (const SweepLevel& level : parameter.levels) labels.push_back(level.label);
        const auto found = std::find(labels.begin(), labels.end(), label);
        if (found == labels.end()) {
          chosen.report(fmt::format("expected one of the values of '{}' ({}).{}", parameter.name,
                                    parameter.range ? "it has a range: a list needs values" : one_of(labels),
                                    did_you_mean(label, labels)));
          continue;
        }
        levels[i] = static_cast<std::size_t>(found - labels.begin());
      }
      sweep_.listed.push_back(std::move(levels));
    }
  }

  void read_condition(const Value& value) {
    SweepCondition condition;
    if (!read_text(value, condition.text)) return;
    constexpr std::array<std::string_view, 6> comparisons{"<=", ">=", "==", "!=", "<", ">"};
    for (const std::string_view comparison : comparisons) {
      const std::size_t at = condition.text.find(comparison);
      if (at == std::string::npos) continue;
      const auto trimmed = [](std::string text) {
        text.erase(0, text.find_first_not_of(' '));
        text.erase(text.find_last_not_of(' ') + 1);
        return text;
      };
      const std::string left = trimmed(condition.text.substr(0, at));
      const std::string right = trimmed(condition.text.substr(at + comparison.size()));
      const auto parameter = parameter_named(left);
      if (!parameter) return value.report(fmt::format("'{}' is no parameter of this sweep.{}", left, hint(left)));
      condition.left = *parameter;
      condition.comparison = comparison;
      condition.right = parameter_named(right);
      if (!condition.right) {
        const auto quantity = split_quantity(right);
        if (!quantity || !quantity->unit.empty()) {
          return value.report(
              fmt::format("'{}' is neither a parameter of this sweep nor a number.{}", right, hint(right)));
        }
        condition.number = quantity->number;
      }
      sweep_.where.push_back(std::move(condition));
      return;
    }
    value.expected("a comparison, such as \"min_isr <= rf\" (<, <=, ==, !=, >=, >)");
  }

  // ---- figures ----

  bool read_figure(const Object& object, FigureSpec& figure) const {
    std::size_t kind = 0;
    if (!object.read("figure", read_choice, kind, figure_kinds, std::string_view("a figure"))) return false;
    figure.kind = static_cast<FigureKind>(kind);
    const auto sli = object.get("sli");
    if (of_design(figure.kind)) {
      if (sli) sli->report_key(fmt::format("{} is of the whole design: remove 'sli'.", figure_kinds[kind]));
    } else if (!sli) {
      object.value().report(fmt::format("missing field 'sli': {} of which SLI?", figure_kinds[kind]));
      return false;
    } else if (!read_sli(*sli, figure.sli)) {
      return false;
    }
    if (const auto fault = object.get("fault")) {
      if (!by_fault(figure.kind)) {
        fault->report_key(fmt::format("{} is not told apart by fault: remove 'fault'.", figure_kinds[kind]));
      } else {
        std::size_t verb = 0;
        if (!read_choice(*fault, verb, verb_names(), "a fault")) return false;
        figure.fault = verb_names()[verb];
      }
    }
    return true;
  }

  std::size_t add(const FigureSpec& figure) {
    const auto found = std::find(sweep_.figures.begin(), sweep_.figures.end(), figure);
    if (found != sweep_.figures.end()) return static_cast<std::size_t>(found - sweep_.figures.begin());
    sweep_.figures.push_back(figure);
    return sweep_.figures.size() - 1;
  }

  /// Whoever looks at a price wants to know that it is that of a design which loses records.
  void add_losses() {
    for (std::size_t i = 0; i < sweep_.asked; ++i) {
      if (const std::string sli = sweep_.figures[i].sli; !sli.empty()) add({FigureKind::losses_per_year, sli, ""});
    }
  }

  void read_requirement(const Value& value) {
    const Object object(value, sweep_requirement_fields(), "a requirement");
    FigureSpec figure;
    SweepRequirement requirement;
    if (!read_figure(object, figure)) return;
    if (figure.kind == FigureKind::p95_outage_s) {
      return value.report("p95_outage_s has no interval to decide by: require mean_outage_s or breach_probability.");
    }
    if (!object.number("at_most", requirement.at_most)) return;
    requirement.figure = add(figure);
    sweep_.require.push_back(requirement);
  }

  void read_objective(const Value& value) {
    const Object object(value, sweep_objective_fields(), "an objective");
    FigureSpec figure;
    if (!read_figure(object, figure)) return;
    if (!comparable(figure.kind)) {
      return value.report(fmt::format("{} cannot be an objective: it is no mean over incidents. Require it instead.",
                                      figure_kinds[static_cast<std::size_t>(figure.kind)]));
    }
    SweepObjective objective;
    objective.indifference = of_cost(figure.kind) ? usual_cost_indifference : usual_indifference;
    object.number("indifference", objective.indifference);
    objective.figure = add(figure);
    sweep_.objectives.push_back(objective);
  }

  Value root_;
  Sweep& sweep_;
};

Sweep load(const Document& document) {
  Problems problems;
  if (!check_schema(Value(document, problems), "sweep")) problems.throw_if_any();
  Sweep sweep;
  SweepReader(document, problems, sweep).read();
  problems.throw_if_any();
  sweep.file = document.file();
  sweep.hash = document.hash();
  sweep.text = document.root().dump();
  return sweep;
}

}  // namespace

std::string FigureSpec::name() const {
  std::string text(figure_kinds[static_cast<std::size_t>(kind)]);
  if (!sli.empty()) text += " " + sli;
  if (!fault.empty()) text += " " + fault;
  return text;
}

std::string_view figure_unit(FigureKind kind) {
  switch (kind) {
    case FigureKind::downtime_minutes_per_year: return "min/yr";
    case FigureKind::outages_per_year:
    case FigureKind::losses_per_year:
    case FigureKind::failovers_per_year:
    case FigureKind::records_lost_per_year: return "/yr";
    case FigureKind::mean_outage_s:
    case FigureKind::p95_outage_s: return "s";
    case FigureKind::cost_usd_per_month: return "USD/month";
    case FigureKind::operator_hours_per_month: return "h/month";
    default: return "";
  }
}

Sweep load_sweep(const std::string& path) { return load(Document::read(path)); }

Sweep load_sweep_text(const std::string& file, std::string_view text) { return load(Document::parse(file, text)); }

}  // namespace nines::loader
