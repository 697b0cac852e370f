#include "experiments/loader/document.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "experiments/report/escape.hpp"
#include "sim/random.hpp"

namespace nines::loader {

namespace {

constexpr std::size_t kept_problems = 1000;
constexpr std::size_t kept_warnings = 100;
constexpr std::size_t quoted_length = 60;

/// Problems without a place (edits) come after those of the file.
void sort_by_position(std::vector<Problem>& problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    const auto key = [](const Problem& p) { return std::tuple(p.line == 0, p.line, p.column); };
    return key(a) < key(b);
  });
}

std::string joined_texts(std::vector<Problem>& problems, std::size_t total) {
  sort_by_position(problems);
  std::string text;
  const std::size_t shown_count = std::min(problems.size(), InputError::shown_problems);
  for (std::size_t i = 0; i < shown_count; ++i) text += (i ? "\n" : "") + problems[i].text();
  if (total > shown_count) text += fmt::format("\nand {} more", total - shown_count);
  return text;
}

}  // namespace

namespace {

/// Whatever it quotes, a problem is one line.
std::string line_of(const Problem& problem, std::string_view severity) {
  const std::string name = escape::visible(problem.file);
  const std::string place = problem.line > 0 ? fmt::format("{}:{}:{}", name, problem.line, problem.column) : name;
  return fmt::format("{}: {}: {}{}", place, severity,
                     problem.pointer.empty() ? "" : escape::visible(problem.pointer, 300) + ": ",
                     escape::visible(problem.message));
}

}  // namespace

std::string Problem::text() const { return line_of(*this, "error"); }

std::string Problem::warning() const { return line_of(*this, "warning"); }

InputError::InputError(std::vector<Problem> problems, std::size_t total)
    : std::runtime_error(joined_texts(problems, std::max(total, problems.size()))),
      problems_(std::make_shared<const std::vector<Problem>>(std::move(problems))) {}

void Problems::add(Problem problem) {
  ++total_;
  if (problems_.size() < kept_problems) problems_.push_back(std::move(problem));
}

void Problems::warn(Problem warning) {
  const bool known = std::any_of(warnings_.begin(), warnings_.end(), [&](const Problem& other) {
    return other.pointer == warning.pointer && other.message == warning.message && other.file == warning.file;
  });
  if (known) return;
  if (warnings_.size() < kept_warnings)
    warnings_.push_back(std::move(warning));
  else
    ++more_warnings_;
}

std::vector<std::string> Problems::warnings() const {
  std::vector<Problem> sorted = warnings_;
  sort_by_position(sorted);
  std::vector<std::string> lines;
  for (const Problem& warning : sorted) lines.push_back(warning.warning());
  if (more_warnings_ > 0) lines.push_back(fmt::format("and {} more warnings", more_warnings_));
  return lines;
}

void Problems::throw_if_any() const {
  if (total_ > 0) throw InputError(problems_, total_);
}

void Problems::throw_if_impossible() const {
  if (total_ > 0) throw ImpossibleInput(problems_, total_);
}

Override parse_override(std::string_view argument) {
  constexpr std::string_view example = "for example --set '/platform/kubernetes_version=1.34'";
  const auto reject = [&](std::string message) {
    throw InputError({{"--set " + escape::visible(argument, quoted_length), 0, 0, "", std::move(message)}});
  };
  const std::size_t equals = argument.find('=');
  // Else it could be neither printed exactly nor hashed.
  if (!escape::is_utf8(argument)) reject("expected UTF-8");
  if (equals == std::string_view::npos) reject(fmt::format("expected /json/pointer=value, found no '=': {}", example));
  const std::string_view pointer = argument.substr(0, equals);
  if (argument.empty() || argument[0] != '/')
    reject(fmt::format("expected a JSON pointer that begins with '/': {}", example));
  for (std::size_t at = pointer.find('~'); at != std::string_view::npos; at = pointer.find('~', at + 1)) {
    if (at + 1 < pointer.size() && (pointer[at + 1] == '0' || pointer[at + 1] == '1')) continue;
    reject("a '~' of a name is written '~0' in a JSON pointer, and a '/' of a name '~1'");
  }
  return {std::string(pointer), std::string(argument.substr(equals + 1))};
}

std::string escape_token(std::string_view token) {
  std::string out;
  for (const char c : token) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

std::vector<std::string> split_pointer(std::string_view pointer) {
  std::vector<std::string> steps;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/')
      steps.emplace_back();
    else if (steps.empty())
      continue;
    else if (pointer[i] == '~' && i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1'))
      steps.back() += pointer[++i] == '0' ? '~' : '/';
    else
      steps.back() += pointer[i];
  }
  return steps;
}

namespace {

/// Edit distance in which swapping two neighbours counts once.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c - 'A' + 'a');
    else
      out += c == '-' ? '_' : c;
  }
  return out;
}

}  // namespace

std::string nearest(std::string_view name, std::span<const std::string_view> candidates) {
  constexpr std::size_t longest = 80;
  if (name.empty() || name.size() > longest) return {};
  const std::string wanted = folded(name);
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > longest) continue;
    const std::size_t d = distance(wanted, folded(candidate));
    // Two three-letter words that share nothing are two edits apart: not a misspelling.
    if (d < best_distance && d < std::max(name.size(), candidate.size())) {
      best = candidate;
      best_distance = d;
    }
  }
  return std::string(best);
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates) {
  const std::string best = nearest(name, candidates);
  return best.empty() ? "" : fmt::format(" Did you mean '{}'?", best);
}

std::string one_of(std::span<const std::string_view> names) {
  constexpr std::size_t most = 12;
  std::string text;
  const std::size_t count = std::min(names.size(), most);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return names.size() > most ? text + ", ..." : text;
}

std::string shown(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (value.is_string()) return '"' + escape::visible(value.get_ref<const std::string&>(), quoted_length) + '"';
  return escape::visible(value.dump(-1, ' ', false, Json::error_handler_t::replace), quoted_length);
}

// ---------------------------------------------------------------------------------------------------- reading the text

/// Of this file alone; named, because DocumentBuilder holds one. Where the parser stands: position of the last
/// character read and of the token it belongs to.
struct Tracker {
  int line = 1;
  int column = 0;
  int token_line = 1;
  int token_column = 1;
  bool in_string = false;
  bool escaped = false;
  bool in_scalar = false;

  void advance(char c) {
    if (last_newline_) {
      ++line;
      column = 0;
    }
    last_newline_ = c == '\n';
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column;  // columns count characters, not bytes
    if (in_string) {
      if (escaped)
        escaped = false;
      else if (c == '\\')
        escaped = true;
      else if (c == '"')
        in_string = false;
      return;
    }
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    const bool separator = c == ',' || c == ':' || c == ']' || c == '}';
    if (space || separator) {
      in_scalar = false;
    } else if (c == '"' || c == '{' || c == '[' || !in_scalar) {
      token_line = line;
      token_column = column;
      in_string = c == '"';
      in_scalar = c != '"' && c != '{' && c != '[';
    }
  }

 private:
  bool last_newline_ = false;
};

namespace {

/// Input iterator over text that tells the tracker of every character consumed.
class TrackedText {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedText(const char* at, Tracker* tracker) : at_(at), tracker_(tracker) {}
  reference operator*() const { return *at_; }
  TrackedText& operator++() {
    tracker_->advance(*at_++);
    return *this;
  }
  TrackedText operator++(int) {
    TrackedText old = *this;
    ++*this;
    return old;
  }
  bool operator==(const TrackedText& other) const { return at_ == other.at_; }
  bool operator!=(const TrackedText& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  Tracker* tracker_;
};

/// "[json.exception.parse_error.101] parse error at line 3, column 5: reason" -> its place and reason.
struct ParserMessage {
  int line = 0;
  int column = 0;
  std::string reason;
};
ParserMessage split_parser_message(const std::string& text) {
  ParserMessage message;
  const std::size_t bracket = text.find("] ");
  message.reason = bracket == std::string::npos ? text : text.substr(bracket + 2);
  if (std::sscanf(message.reason.c_str(), "parse error at line %d, column %d", &message.line, &message.column) == 2) {
    const std::size_t colon = message.reason.find(": ");
    if (colon != std::string::npos) message.reason.erase(0, colon + 2);
  }
  return message;
}

}  // namespace

/// Receives the parser's events: builds values and positions, enforces the limits.
class DocumentBuilder {
 public:
  using number_integer_t = Json::number_integer_t;
  using number_unsigned_t = Json::number_unsigned_t;
  using number_float_t = Json::number_float_t;
  using string_t = Json::string_t;
  using binary_t = Json::binary_t;

  DocumentBuilder(Document& document, const Tracker& tracker, const DocumentLimits& limits)
      : document_(document), tracker_(tracker), limits_(limits) {}

  bool null() { return value(Json()); }
  bool boolean(bool v) { return value(Json(v)); }
  bool number_integer(number_integer_t v) { return value(Json(v)); }
  bool number_unsigned(number_unsigned_t v) { return value(Json(v)); }
  bool number_float(number_float_t v, const string_t&) { return value(Json(v)); }
  bool string(string_t& v) { return value(Json(std::move(v))); }
  bool binary(binary_t&) { return false; }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(string_t& name) {
    if (name.size() > limits_.key_length) return fail(fmt::format("a key longer than {} bytes", limits_.key_length));
    Level& level = levels_.back();
    const std::string pointer = level.pointer + '/' + escape_token(name);
    const auto found = document_.spots_.find(pointer);
    if (found != document_.spots_.end()) {
      return fail(fmt::format("duplicate key '{}'; the first is on line {}", escape::visible(name, quoted_length),
                              found->second.key_line),
                  pointer);
    }
    level.key = name;
    level.key_line = tracker_.token_line;
    level.key_column = tracker_.token_column;
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) {
    const ParserMessage message = split_parser_message(error.what());
    problem_ = {document_.file_, message.line > 0 ? message.line : tracker_.line,
                message.line > 0 ? std::max(message.column, 1) : tracker_.column, "",
                escape::visible(message.reason, 300)};
    return false;
  }

  [[nodiscard]] const Problem& problem() const { return problem_; }

 private:
  struct Level {
    Json* container = nullptr;
    std::string pointer;
    std::string key;
    int key_line = 0;
    int key_column = 0;
  };

  bool fail(std::string message, const std::string& pointer = {}) {
    problem_ = {document_.file_, tracker_.token_line, tracker_.token_column, pointer, std::move(message)};
    return false;
  }

  /// Adds a value to the container being read and remembers its place. Null on a broken limit.
  Json* add(Json value, std::string& pointer) {
    Document::Spot spot{tracker_.token_line, tracker_.token_column, tracker_.token_line, tracker_.token_column, -1};
    Json* place = &document_.root_;
    if (!levels_.empty()) {
      Level& level = levels_.back();
      const bool array = level.container->is_array();
      pointer = level.pointer + '/' + (array ? std::to_string(level.container->size()) : escape_token(level.key));
      if (!array) {
        spot.key_line = level.key_line;
        spot.key_column = level.key_column;
      }
      place = append(*level.container, level.key, std::move(value));
    } else {
      document_.root_ = std::move(value);
    }
    index_bytes_ += pointer.size();
    if (++values_ > limits_.values || index_bytes_ > limits_.index_bytes) {
      fail(fmt::format("more than {} values in one document", limits_.values));
      return nullptr;
    }
    document_.spots_.emplace(pointer, spot);
    return place;
  }

  /// Appends without looking for the key: duplicates are found by pointer, and a linear search would be quadratic.
  static Json* append(Json& container, const std::string& key, Json value) {
    if (container.is_array()) {
      auto& items = container.get_ref<Json::array_t&>();
      items.push_back(std::move(value));
      return &items.back();
    }
    auto& members = static_cast<Json::object_t::Container&>(container.get_ref<Json::object_t&>());
    members.emplace_back(key, std::move(value));
    return &members.back().second;
  }

  bool value(Json json) {
    std::string pointer;
    return add(std::move(json), pointer) != nullptr;
  }

  bool open(Json container) {
    if (levels_.size() >= limits_.depth) return fail(fmt::format("nested deeper than {} levels", limits_.depth));
    Level level;
    level.container = add(std::move(container), level.pointer);
    if (level.container == nullptr) return false;
    levels_.push_back(std::move(level));
    return true;
  }

  bool close() {
    levels_.pop_back();
    return true;
  }

  Document& document_;
  const Tracker& tracker_;
  DocumentLimits limits_;
  std::vector<Level> levels_;
  std::size_t values_ = 0;
  std::size_t index_bytes_ = 0;
  Problem problem_;
};

Document Document::parse(std::string file, std::string_view text, const DocumentLimits& limits) {
  Document document;
  document.file_ = std::move(file);
  if (text.size() > limits.bytes)
    throw InputError({{document.file_, 0, 0, "", fmt::format("larger than {} MiB", limits.bytes >> 20)}});
  Tracker tracker;
  DocumentBuilder builder(document, tracker, limits);
  const bool good =
      Json::sax_parse(TrackedText(text.data(), &tracker), TrackedText(text.data() + text.size(), &tracker), &builder);
  if (!good) throw InputError({builder.problem()});
  return document;
}

namespace {

[[noreturn]] void cannot_read(const std::string& path, const std::string& why) {
  throw InputError({{escape::visible(path, 300), 0, 0, "", why}});
}

std::string read_stream(std::istream& in, const std::string& path, std::size_t most) {
  std::string text;
  char block[1 << 14];
  while (in.read(block, sizeof block), in.gcount() > 0) {
    text.append(block, static_cast<std::size_t>(in.gcount()));
    if (text.size() > most) cannot_read(path, fmt::format("larger than {} MiB", most >> 20));
  }
  if (in.bad()) cannot_read(path, "cannot be read");
  return text;
}

}  // namespace

std::string read_input(const std::string& path, std::size_t most_bytes) {
  if (path == "-") return read_stream(std::cin, "<stdin>", most_bytes);
  if (path.empty()) cannot_read("''", "expected a file name");
  if (path.find('\0') != std::string::npos) cannot_read(path, "no such file");
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    cannot_read(path, errno == ENOENT ? "no such file" : std::string("cannot be opened: ") + std::strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) cannot_read(path, "expected a file, got a directory");
  if (!S_ISREG(status.st_mode)) cannot_read(path, "expected a regular file");
  std::ifstream in(path, std::ios::binary);
  if (!in) cannot_read(path, std::string("cannot be opened: ") + std::strerror(errno));
  return read_stream(in, path, most_bytes);
}

Document Document::read(const std::string& path, const DocumentLimits& limits) {
  return parse(path == "-" ? "<stdin>" : path, read_input(path, limits.bytes), limits);
}

// ------------------------------------------------------------------------------------------------------------- editing

namespace {

bool is_index(std::string_view token) {
  return !token.empty() && token.size() <= 6 && token.find_first_not_of("0123456789") == std::string_view::npos &&
         (token == "0" || token[0] != '0');
}

/// Names by which the children of `json` can be addressed.
std::vector<std::string> child_tokens(const Json& json) {
  std::vector<std::string> tokens;
  if (json.is_object()) {
    for (const auto& [key, value] : json.get_ref<const Json::object_t&>()) tokens.push_back(key);
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) {
      const bool named = json[i].is_object() && json[i].contains("name") && json[i]["name"].is_string();
      tokens.push_back(named ? json[i]["name"].get<std::string>() : std::to_string(i));
    }
  }
  return tokens;
}

/// The child of `json` that `token` addresses, and the canonical token; null if there is none.
Json* child(Json& json, const std::string& token, std::string& canonical) {
  if (json.is_object()) {
    const auto found = json.find(token);
    canonical = token;
    return found == json.end() ? nullptr : &*found;
  }
  if (!json.is_array()) return nullptr;
  if (is_index(token) && std::stoul(token) < json.size()) {
    canonical = token;
    return &json[std::stoul(token)];
  }
  const std::vector<std::string> tokens = child_tokens(json);
  const auto found = std::find(tokens.begin(), tokens.end(), token);
  if (found == tokens.end()) return nullptr;
  canonical = std::to_string(found - tokens.begin());
  return &json[static_cast<std::size_t>(found - tokens.begin())];
}

std::string joined(const std::vector<std::string>& steps, std::size_t count) {
  std::string pointer;
  for (std::size_t i = 0; i < count; ++i) pointer += '/' + escape_token(steps[i]);
  return pointer;
}

/// Whether `text` begins as only JSON does: such a text is never meant as it stands.
bool begins_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first != std::string_view::npos && std::string_view("{[\"").find(text[first]) != std::string_view::npos;
}

/// What an edit's value means: JSON, or else the text itself; nothing if it begins like JSON and is none.
std::optional<Json> edit_value(const std::string& text, std::string& reason) {
  constexpr std::size_t longest = 1 << 16;
  if (text.size() <= longest) {
    try {
      Document parsed = Document::parse("", text);
      return parsed.root();
    } catch (const InputError& error) {
      reason = error.problems().front().message;
    }
  } else {
    reason = fmt::format("more than {} bytes", longest);
  }
  if (begins_like_json(text)) return std::nullopt;
  return text;
}

}  // namespace

void Document::ensure_object(const std::string& pointer) {
  const std::vector<std::string> steps = split_pointer(pointer);
  Json* at = &root_;
  std::string canonical;
  for (std::size_t i = 0; i + 1 < steps.size() && at != nullptr; ++i) at = child(*at, steps[i], canonical);
  if (at == nullptr || !at->is_object() || at->contains(steps.back())) return;
  (*at)[steps.back()] = Json::object();
}

void Document::forget_below(const std::string& pointer) {
  const std::string prefix = pointer + '/';
  auto first = spots_.lower_bound(prefix);
  while (first != spots_.end() && first->first.compare(0, prefix.size(), prefix) == 0) first = spots_.erase(first);
}

void Document::apply(const Override& edit, Problems& problems) {
  const auto reject = [&](const std::string& pointer, std::string message) {
    problems.add({"--set " + escape::visible(edit.pointer, 300), 0, 0, pointer, std::move(message)});
  };
  const std::vector<std::string> steps = split_pointer(edit.pointer);
  if (steps.empty() || edit.pointer[0] != '/')
    return reject("", "expected a JSON pointer to a value inside the document");
  std::string reason;
  std::optional<Json> value = edit_value(edit.value, reason);
  if (!value)
    return reject(edit.pointer,
                  fmt::format("the value begins like JSON and is none ({}). In a shell put all of it between "
                              "single quotes, and names and texts in it between double ones: "
                              "--set '{}={{\"value\": 1, \"unit\": \"h\"}}'.",
                              reason, escape::visible(edit.pointer, 100)));
  // null takes a member away, as in a JSON merge patch (RFC 7396): files have no null.
  const bool removes = value->is_null();
  Json* at = &root_;
  Json* parent = nullptr;
  std::string name;
  std::string pointer;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool last = i + 1 == steps.size();
    std::string canonical = steps[i];
    Json* next = child(*at, steps[i], canonical);
    if (next == nullptr && last && at->is_object() && !removes) next = &(*at)[steps[i]];
    if (next == nullptr && last && at->is_array() && !removes &&
        (steps[i] == "-" || steps[i] == std::to_string(at->size()))) {
      canonical = std::to_string(at->size());
      next = &at->get_ref<Json::array_t&>().emplace_back();
    }
    if (next == nullptr) {
      const std::vector<std::string> tokens = child_tokens(*at);
      const std::vector<std::string_view> views(tokens.begin(), tokens.end());
      const std::string best = nearest(steps[i], views);
      std::string hint;
      if (!best.empty()) {
        hint = " Did you mean '" + joined(steps, i) + '/' + escape_token(best);
        for (std::size_t j = i + 1; j < steps.size(); ++j) hint += '/' + escape_token(steps[j]);
        hint += "'?";
      } else {
        hint = fmt::format(" The nearest that exists is '{}'.", i == 0 ? "/" : joined(steps, i));
      }
      if (edit.value.find('=') != std::string::npos) hint += " The value begins behind the first '='.";
      return reject(joined(steps, i + 1), "nothing is there." + hint);
    }
    if (removes && last && !at->is_object())
      return reject(edit.pointer, "null takes away what has a name: give the whole list without this element.");
    parent = at;
    name = canonical;
    at = next;
    pointer += '/' + escape_token(canonical);
  }
  if (removes) {
    parent->erase(name);
  } else {
    *at = std::move(*value);
  }
  forget_below(pointer);
  Spot& place = spots_[pointer];
  place = Spot{};
  place.edit = static_cast<int>(edits_.size());
  edits_.push_back(edit);
}

// ----------------------------------------------------------------------------------------------------------- positions

const Document::Spot& Document::spot(const std::string& pointer) const {
  static const Spot nowhere;
  std::string_view at = pointer;
  while (true) {
    const auto found = spots_.find(at);
    if (found != spots_.end()) return found->second;
    const std::size_t slash = at.rfind('/');
    if (slash == std::string_view::npos) return nowhere;
    at = at.substr(0, slash);
  }
}

void Document::replace_strings(const std::function<Json(const std::string& pointer, const std::string& text)>& make) {
  // Depth is bounded by DocumentLimits.
  const auto visit = [&make](const auto& self, Json& node, const std::string& pointer) -> void {
    if (node.is_string()) {
      node = make(pointer, node.get<std::string>());
    } else if (node.is_object()) {
      for (auto& [key, value] : node.get_ref<Json::object_t&>()) self(self, value, pointer + '/' + escape_token(key));
    } else if (node.is_array()) {
      for (std::size_t i = 0; i < node.size(); ++i) self(self, node[i], pointer + '/' + std::to_string(i));
    }
  };
  visit(visit, root_, "");
}

Problem Document::problem_at(const Spot& spot, int line, int column, const std::string& pointer,
                             std::string message) const {
  if (spot.edit >= 0)
    return {"--set " + escape::visible(edits_[static_cast<std::size_t>(spot.edit)].pointer, 300), 0, 0, pointer,
            std::move(message)};
  return {file_, line, column, pointer, std::move(message)};
}

Problem Document::problem(const std::string& pointer, std::string message) const {
  const Spot& place = spot(pointer);
  return problem_at(place, place.line, place.column, pointer, std::move(message));
}

Problem Document::problem_at_key(const std::string& pointer, std::string message) const {
  const Spot& place = spot(pointer);
  return problem_at(place, place.key_line, place.key_column, pointer, std::move(message));
}

bool Document::set_by_override(const std::string& pointer) const { return spot(pointer).edit >= 0; }

std::optional<std::string> Document::typed_text(const std::string& pointer) const {
  const auto found = spots_.find(pointer);
  if (found == spots_.end() || found->second.edit < 0) return std::nullopt;
  const Override& edit = edits_[static_cast<std::size_t>(found->second.edit)];
  const Json value = Json::parse(edit.value, nullptr, false);
  const bool scalar = value.is_number() || value.is_boolean() || value.is_null();
  if (!scalar || edit.typed) return std::nullopt;
  const std::size_t first = edit.value.find_first_not_of(" \t\r\n");
  return edit.value.substr(first, edit.value.find_last_not_of(" \t\r\n") + 1 - first);
}

std::string Document::hash() const { return fmt::format("{:016x}", sim::fnv1a(root_.dump())); }

}  // namespace nines::loader
