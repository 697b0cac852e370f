#include "experiments/loader/lab_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "experiments/loader/fields.hpp"
#include "experiments/loader/reader.hpp"

namespace nines::loader {

namespace {

constexpr std::size_t most_variants = 100;
constexpr std::size_t most_paragraphs = 20;
constexpr std::size_t most_statements = 20;
/// Stand in explanations for what is known only when it was played.
constexpr std::array<std::string_view, 2> lab_truths{"truth", "what_if_truth"};

bool is_value_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// The variants of a lab, and what their values make of a text.
class Variants {
 public:
  explicit Variants(const Value& root) {
    if (!root.json().is_object() || !root.json().contains("variants")) return;
    for (const Value& variant : read_elements(root.member("variants"), most_variants, true)) read(variant);
  }
  [[nodiscard]] std::size_t count() const { return std::max<std::size_t>(1, all_.size()); }
  [[nodiscard]] Json at(std::size_t index) const { return all_.empty() ? Json::object() : all_[index]; }

 private:
  void read(const Value& variant) {
    if (!variant.json().is_object()) return variant.expected("an object of values by name");
    std::vector<std::string> names;
    for (const auto& [name, value] : variant.json().get_ref<const Json::object_t&>()) {
      names.push_back(name);
      if (!is_value_name(name))
        variant.member(name).report_key("expected a name of small letters, digits and '_'.");
      else if (std::find(lab_truths.begin(), lab_truths.end(), name) != lab_truths.end())
        variant.member(name).report_key("this name stands for what a play gives.");
      else if (!value.is_number() && !value.is_string())
        variant.member(name).expected("a number or a string");
    }
    std::sort(names.begin(), names.end());
    if (all_.empty()) names_ = names;
    if (names != names_) variant.report("expected the same names as in the first variant.");
    all_.push_back(variant.json());
  }

  std::vector<Json> all_;
  std::vector<std::string> names_;
};

std::string value_words(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// A text with the values of a variant in it. One that is nothing but a placeholder becomes the value itself.
class Filler {
 public:
  Filler(const Document& document, Problems& problems, const Json& values)
      : document_(document), problems_(problems), values_(values) {}

  Json operator()(const std::string& pointer, const std::string& text) const {
    std::string filled;
    std::size_t at = 0;
    for (std::size_t open = text.find('{'); open != std::string::npos; open = text.find('{', at)) {
      const std::size_t close = text.find('}', open);
      const std::string name = close == std::string::npos ? "" : text.substr(open + 1, close - open - 1);
      if (!is_value_name(name)) {
        problems_.add(document_.problem(pointer, "expected the name of a variant's value between '{' and '}'."));
        return text;
      }
      filled += text.substr(at, open - at);
      at = close + 1;
      if (std::find(lab_truths.begin(), lab_truths.end(), name) != lab_truths.end()) {
        filled += text.substr(open, at - open);
        continue;
      }
      const auto found = values_.find(name);
      if (found == values_.end()) {
        problems_.add(document_.problem(pointer, unknown(name)));
        return text;
      }
      if (open == 0 && at == text.size()) return *found;
      filled += value_words(*found);
    }
    return filled + text.substr(at);
  }

 private:
  [[nodiscard]] std::string unknown(const std::string& name) const {
    std::vector<std::string_view> known(lab_truths.begin(), lab_truths.end());
    for (const auto& [key, value] : values_.get_ref<const Json::object_t&>()) known.emplace_back(key);
    return fmt::format("no variant has a value '{}'.{}", name, did_you_mean(name, known));
  }

  const Document& document_;
  Problems& problems_;
  const Json& values_;
};

bool read_lab_bounds(const Object& object, Bounds& out) {
  for (auto [field, end] : {std::pair{"min", &out.min}, std::pair{"max", &out.max}}) {
    double number = 0;
    if (object.number(field, number)) *end = number;
  }
  if (!object.valid()) return false;
  if (!out.min && !out.max)
    object.value().report("expected 'min', 'max' or both.");
  else if (out.min && out.max && *out.min > *out.max)
    object.value().report("expected min <= max.");
  else
    return true;
  return false;
}

/// What a figure is about, by kind.
std::string_view subject_of(LabFigureKind kind) {
  switch (kind) {
    case LabFigureKind::milestone_s:
    case LabFigureKind::milestones:
    case LabFigureKind::milestone_share: return "milestone";
    case LabFigureKind::records_lost:
    case LabFigureKind::loss_share: return "service";
    default: return "sli";
  }
}

void read_lab_figure(const Object& object, LabFigure& out) {
  out.pointer = object.value().pointer();
  std::size_t choice = 0;
  if (!object.read("figure", read_choice, choice, lab_figure_kinds, std::string_view("a figure"))) return;
  out.kind = static_cast<LabFigureKind>(choice);
  object.read("milestone", read_text, out.milestone);
  object.read("sli", read_text, out.sli);
  object.read("service", read_text, out.service);
  const std::string_view subject = subject_of(out.kind);
  for (const std::string_view field : {"milestone", "sli", "service"}) {
    if (object.has(field) && field != subject)
      object.at(field).report_key(fmt::format("'{}' does not go with the figure {}.", field, lab_figure_kinds[choice]));
    if (!object.has(field) && field == subject)
      object.value().report(fmt::format("the figure {} needs '{}'.", lab_figure_kinds[choice], field));
  }
  if (object.read("of", read_choice, choice, lab_of_kinds, std::string_view("what of the runs"))) {
    out.of = static_cast<LabFigure::Of>(choice);
    if (out.of_assessment()) object.at("of").report_key("'of' does not go with a figure of an assessment.");
  }
  object.number("times", out.times);
}

bool read_figure(const Value& value, LabFigure& out) {
  read_lab_figure(Object(value, lab_figure_fields(), "a figure"), out);
  return true;
}

bool read_input(const Value& value, LabInput& out) {
  out = {};
  out.pointer = value.pointer();
  if (value.json().is_object()) {
    out.text = value.json().dump();
    return true;
  }
  return read_name(value, out.name);
}

void read_lab_edits(const Value& value, std::vector<LabEdit>& out) {
  if (!value.json().is_object()) return value.expected("an object of JSON pointers and values");
  for (const auto& [pointer, json] : value.json().get_ref<const Json::object_t&>()) {
    if (pointer.empty() || pointer.front() != '/') {
      value.member(pointer).report_key("expected a JSON pointer into the topology: it begins with '/'.");
      continue;
    }
    out.push_back({{pointer, json.dump(), true}, value.member(pointer).pointer()});
  }
}

class LabReader {
 public:
  LabReader(const Document& document, Problems& problems, Lab& lab) : root_(document, problems), lab_(lab) {}

  void read() {
    const Object object(root_, lab_fields(), "a lab");
    object.whole("number", lab_.number);
    object.read("name", read_name, lab_.name);
    object.read("title", read_text, lab_.title);
    std::size_t level = 0;
    if (object.read("level", read_choice, level, lab_levels, std::string_view("a level")))
      lab_.level = lab_levels[level];
    read_paragraphs(object, "about", lab_.about);
    object.read("question", read_text, lab_.question);
    if (const auto predict = object.get("predict")) read_prediction(*predict, lab_.predict);
    if (const auto run = object.get("run")) read_first_run(*run);
    object.read("truth", read_figure, lab_.truth);
    read_paragraphs(object, "why", lab_.why);
    read_paragraphs(object, "sources", lab_.sources);
    for (const Value& value : object.elements("holds", most_statements)) read_statement(value);
    if (const auto what_if = object.get("what_if")) read_what_if(*what_if);
    check_figures(object);
  }

 private:
  static void read_paragraphs(const Object& object, std::string_view field, std::vector<std::string>& out) {
    for (const Value& value : object.elements(field, most_paragraphs, true)) {
      std::string text;
      if (read_text(value, text)) out.push_back(std::move(text));
    }
  }

  static void read_prediction(const Value& value, LabPrediction& out) {
    const Object object(value, lab_prediction_fields(), "a prediction");
    out.pointer = value.pointer();
    object.read("unit", read_text, out.unit);
    object.number("tolerance", out.tolerance);
    object.number("within", out.within);
    object.read("hint", read_text, out.hint);
    if (!object.valid()) return;
    if (!object.has("options")) {
      if (!object.has("tolerance") && !object.has("within"))
        value.report("expected 'options', or a number's 'tolerance', 'within' or both.");
      return;
    }
    for (const std::string_view field : {"tolerance", "within"}) {
      if (object.has(field)) object.at(field).report_key(fmt::format("'{}' does not go with 'options'.", field));
    }
    const std::vector<Value> options = object.elements("options", most_options);
    if (options.size() < least_options)
      object.at("options").report(fmt::format("expected {} to {} options.", least_options, most_options));
    bool good = true;
    for (const Value& option : options) good = read_option(option, out) && good;
    if (good && out.options.size() >= least_options) check_cover(object, out);
  }

  static bool read_option(const Value& value, LabPrediction& out) {
    const Object object(value, lab_option_fields(), "an option");
    LabOption& option = out.options.emplace_back();
    option.place = out.options.size() - 1;
    object.read("text", read_text, option.text);
    object.read("hint", read_text, option.hint);
    return read_lab_bounds(object, option.bounds);
  }

  /// Each figure is in one option: no two are right, and one is.
  static void check_cover(const Object& object, const LabPrediction& prediction) {
    std::vector<const LabOption*> sorted;
    for (const LabOption& option : prediction.options) sorted.push_back(&option);
    const auto from = [](const LabOption* option) {
      return option->bounds.min.value_or(-std::numeric_limits<double>::infinity());
    };
    std::sort(sorted.begin(), sorted.end(), [&](const LabOption* a, const LabOption* b) { return from(a) < from(b); });
    bool meets = !sorted.front()->bounds.min && !sorted.back()->bounds.max;
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      const auto& end = sorted[i - 1]->bounds.max;
      meets = meets && end && sorted[i]->bounds.min && *end == *sorted[i]->bounds.min;
    }
    if (!meets)
      object.at("options").report(
          "expected intervals that meet end to end: the lowest without 'min', the highest without 'max', and each "
          "'max' the 'min' of another option.");
  }

  /// What the fields of `object` say, over what `out` says already.
  static void read_run(const Object& object, LabRun& out) {
    out.pointer = object.value().pointer();
    object.read("topology", read_input, out.topology);
    object.read("scenario", read_input, out.scenario);
    std::int64_t runs = 1;
    if (object.whole("runs", runs)) out.runs = static_cast<std::size_t>(runs);
    double number = 0;
    if (object.number("until_s", number)) out.until_s = number;
    if (object.number("fork_at_s", number)) out.fork_at_s = number;
    if (const auto assess = object.get("assess")) {
      const Object options(*assess, lab_assess_fields(), "an assessment");
      options.number("precision", out.precision);
      std::int64_t incidents = 0;
      if (options.whole("max_incidents", incidents)) out.max_incidents = static_cast<std::uint64_t>(incidents);
      if (object.has("scenario")) assess->report_key("'assess' does not go with 'scenario'.");
    }
  }

  void read_first_run(const Value& value) {
    const Object object(value, lab_run_fields(), "a run");
    read_run(object, lab_.run);
    if (const auto set = object.get("set")) read_lab_edits(*set, lab_.run.sets);
    if (!object.valid()) return;
    if (!object.has("topology")) value.report("missing field 'topology' of a run: a shipped design, or a whole one.");
    if (!object.has("scenario") && !object.has("assess")) value.report("expected 'scenario' or 'assess'.");
    if (object.has("fork_at_s")) object.at("fork_at_s").report_key("only a what-if forks.");
  }

  void read_what_if(const Value& value) {
    const Object object(value, lab_what_if_fields(), "a what-if");
    LabWhatIf& out = lab_.what_if;
    object.read("question", read_text, out.question);
    if (const auto predict = object.get("predict")) read_prediction(*predict, out.predict);
    read_paragraphs(object, "why", out.why);
    out.truth = lab_.truth;
    if (const auto truth = object.get("truth")) {
      out.truth = {};
      read_figure(*truth, out.truth);
    }
    const auto run = object.get("run");
    if (!run) return;
    out.run = lab_.run;
    const Object changes(*run, lab_run_fields(), "a run");
    if (changes.has("topology")) out.run.sets.clear();  // edits of another design
    read_run(changes, out.run);
    std::vector<LabEdit> sets;
    if (const auto set = changes.get("set")) read_lab_edits(*set, sets);
    std::vector<LabEdit>& to = out.run.fork_at_s ? out.run.fork_sets : out.run.sets;
    to.insert(to.end(), sets.begin(), sets.end());
    if (!out.run.fork_at_s) return;
    if (sets.empty()) run->report("'fork_at_s' needs 'set': what is different from then on.");
    for (const std::string_view field : {"topology", "scenario", "assess"}) {
      if (changes.has(field)) changes.at(field).report_key(fmt::format("'{}' does not go with 'fork_at_s'.", field));
    }
  }

  void read_statement(const Value& value) {
    const Object object(value, lab_statement_fields(), "a statement");
    LabStatement& out = lab_.holds.emplace_back();
    object.read("text", read_text, out.text);
    object.read("by", read_text, out.by);
    std::size_t play = 0;
    if (object.read("in", read_choice, play, lab_plays, std::string_view("a play"))) out.what_if = play == 1;
    read_lab_figure(object, out.figure);
    read_lab_bounds(object, out.bounds);
  }

  /// Figures of assessments are read from those, others from replays.
  void check_figures(const Object& object) const {
    if (!object.valid() || lab_.run.pointer.empty()) return;
    const auto check = [&](const LabFigure& figure, const LabRun& run) {
      if (figure.pointer.empty() || run.pointer.empty() || figure.of_assessment() != run.scenario.given()) return;
      root_.problems().add(root_.document().problem(
          figure.pointer,
          fmt::format("the figure {} is one of {}.", lab_figure_kinds[std::size_t(figure.kind)],
                      figure.of_assessment() ? "'assess', not of a replay" : "a replay, not of 'assess'")));
    };
    check(lab_.truth, lab_.run);
    check(lab_.what_if.truth, lab_.what_if.run);
    for (const LabStatement& statement : lab_.holds)
      check(statement.figure, statement.what_if ? lab_.what_if.run : lab_.run);
  }

  Value root_;
  Lab& lab_;
};

Lab load_of(Document read, std::uint64_t seed) {
  Problems problems;
  Lab lab;
  lab.hash = read.hash();
  if (!check_schema(Value(read, problems), "lab")) problems.throw_if_any();
  std::uint64_t shift = 0;
  {
    const Variants variants(Value(read, problems));
    problems.throw_if_any();
    lab.variants = variants.count();
    // Neighbours in a class have different ones, and not the same in every lab.
    const Json& number = read.root().value("number", Json(0));
    if (number.is_number_unsigned()) shift = number.get<std::uint64_t>();
    lab.variant = static_cast<std::size_t>((seed % lab.variants + shift % lab.variants) % lab.variants);
    lab.values = variants.at(lab.variant);
  }
  read.replace_strings(Filler(read, problems, lab.values));
  problems.throw_if_any();
  const auto document = std::make_shared<const Document>(std::move(read));
  LabReader(*document, problems, lab).read();
  problems.throw_if_any();
  // Neighbours see the options in different orders, too.
  for (std::vector<LabOption>* options : {&lab.predict.options, &lab.what_if.predict.options}) {
    const std::uint64_t turn = options->empty() ? 0 : (seed / lab.variants + shift) % options->size();
    std::rotate(options->begin(), options->begin() + static_cast<std::ptrdiff_t>(turn), options->end());
  }
  lab.document = document;
  return lab;
}

}  // namespace

std::string LabFigure::name() const {
  std::string text(lab_figure_kinds[static_cast<std::size_t>(kind)]);
  if (!of_assessment() && of != Of::mean)
    text = fmt::format("{} of {}", lab_of_kinds[static_cast<std::size_t>(of)], text);
  return fmt::format("{} {}{}{}", text, milestone, sli, service);
}

double LabPrediction::margin(double truth) const { return std::max(within, tolerance * std::abs(truth)); }

Lab load_lab(const std::string& path, std::uint64_t seed) { return load_of(Document::read(path), seed); }

Lab load_lab_text(const std::string& file, std::string_view text, std::uint64_t seed) {
  return load_of(Document::parse(file, text), seed);
}

}  // namespace nines::loader
