// Input text with positions: a JSON document that knows the line and column of every value, and the problems found in
// it.
//
// One pass of the parser builds the values and the map from JSON pointer to position, and rejects what a plain parser
// lets through: duplicate keys, deep nesting, huge files. `--set` edits are applied here, before any typed reading, so
// that they are checked exactly like the file.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace nines::loader {

/// Objects keep the order of their file.
using Json = nlohmann::ordered_json;

/// Something wrong with an input, at a place of it.
struct Problem {
  std::string file;  ///< file name as given, or "--set /pointer"
  int line = 0;      ///< from 1; 0: the problem has no place in a file
  int column = 0;
  std::string pointer;  ///< JSON pointer (RFC 6901); empty: the whole document
  std::string message;  ///< what was expected, what was got, nearest valid name

  /// `file:line:column: error: /pointer: message`
  [[nodiscard]] std::string text() const;
  /// The same of something that is legal, but not what it seems: `file:line:column: warning: /pointer: message`
  [[nodiscard]] std::string warning() const;
};

/// Input that cannot be used. `what()` is what to print: one line a problem, sorted by position, at most
/// `shown_problems`.
class InputError : public std::runtime_error {
 public:
  /// `total` >= problems.size(): how many were found before counting only.
  explicit InputError(std::vector<Problem> problems, std::size_t total = 0);
  [[nodiscard]] const std::vector<Problem>& problems() const { return *problems_; }

  static constexpr std::size_t shown_problems = 20;

 private:
  std::shared_ptr<const std::vector<Problem>> problems_;  ///< exceptions are copied without throwing
};

/// Input that says something clearly, but something that cannot exist: more replicas than brokers, a pod that fits on
/// no machine. A slip of the pen is none of these.
class ImpossibleInput : public InputError {
 public:
  using InputError::InputError;
};

/// Collects the problems of one input.
class Problems {
 public:
  void add(Problem problem);
  [[nodiscard]] bool empty() const { return total_ == 0; }
  [[nodiscard]] std::size_t count() const { return total_; }
  /// Throws InputError if anything was added.
  void throw_if_any() const;
  /// The same as ImpossibleInput.
  void throw_if_impossible() const;

  /// Adds what does not stop the input from being used, but must be said. The same again is kept once.
  void warn(Problem warning);
  /// Every warning as a line of text, sorted by position.
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  std::vector<Problem> warnings_;
  std::size_t more_warnings_ = 0;  ///< beyond those that are kept
  std::vector<Problem> problems_;
  std::size_t total_ = 0;
};

/// One `--set /json/pointer=value`. `value` is JSON, or else a string.
struct Override {
  std::string pointer;
  std::string value;
  bool typed = false;  ///< from a file: a number is one, and not a text that only looks like one
};

/// Splits "/json/pointer=value" at its first "=". Throws InputError when there is none, when the pointer lacks its "/",
/// when it has a "~" that is not part of "~0" or "~1", or when it is no UTF-8.
Override parse_override(std::string_view argument);

/// `token` with "~" and "/" escaped, as a step of a JSON pointer.
std::string escape_token(std::string_view token);
/// The steps of a JSON pointer, unescaped. `pointer` is empty or begins with "/".
std::vector<std::string> split_pointer(std::string_view pointer);

/// The candidate closest to `name` by edit distance (a transposition counts once), if it is close enough to be meant.
/// Ties go to the earlier candidate. Empty if none.
std::string nearest(std::string_view name, std::span<const std::string_view> candidates);
/// " Did you mean 'x'?" or nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);
/// `names` as "a, b or c".
std::string one_of(std::span<const std::string_view> names);

/// A value as messages quote it: JSON text, shortened, made visible.
std::string shown(const Json& value);

/// Limits that stop accidents before memory is taken.
struct DocumentLimits {
  std::size_t bytes = 4u << 20;
  std::size_t depth = 24;
  std::size_t values = 100'000;
  std::size_t key_length = 200;
  std::size_t index_bytes = 64u << 20;  ///< all pointers together
};

/// The text of a regular file; "-" is standard input. Throws InputError for anything else, and for more than so many
/// bytes.
std::string read_input(const std::string& path, std::size_t most_bytes);

class Document {
 public:
  /// Reads a regular file; "-" is standard input. Throws InputError for anything that is not well-formed JSON within
  /// the limits: missing file, directory, device, bad UTF-8, duplicate key, ...
  static Document read(const std::string& path, const DocumentLimits& limits = {});
  /// The same for text that is already here; `file` is its name in messages.
  static Document parse(std::string file, std::string_view text, const DocumentLimits& limits = {});

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const Json& root() const { return root_; }

  /// Puts an empty object at `pointer` unless something is there, so that edits below it have a parent.
  /// Does nothing if the parent is not an object.
  void ensure_object(const std::string& pointer);
  /// Replaces or adds the value at `edit.pointer`. A step may be the `name` of an element of an array; "-" appends.
  /// Reports a parent that does not exist, with the nearest pointer that does.
  void apply(const Override& edit, Problems& problems);

  /// Replaces every string by what `make` makes of it, given its pointer; places stay those of the file.
  void replace_strings(const std::function<Json(const std::string& pointer, const std::string& text)>& make);

  /// A problem at the value at `pointer` (or at the nearest value around it).
  [[nodiscard]] Problem problem(const std::string& pointer, std::string message) const;
  /// The same at the value's key: for fields that should not be there.
  [[nodiscard]] Problem problem_at_key(const std::string& pointer, std::string message) const;

  /// Whether the value at `pointer` was put there by `--set`.
  [[nodiscard]] bool set_by_override(const std::string& pointer) const;
  /// What the user typed for a number or literal at `pointer`: `1.30` means "1.30" where a text is wanted. Nothing if
  /// the value is from a file, or is no such scalar.
  [[nodiscard]] std::optional<std::string> typed_text(const std::string& pointer) const;

  /// FNV-1a of the document's values (after edits, whitespace aside), 16 hexadecimal digits.
  [[nodiscard]] std::string hash() const;

 private:
  friend class DocumentBuilder;
  struct Spot {
    int line = 0;
    int column = 0;
    int key_line = 0;
    int key_column = 0;
    int edit = -1;  ///< index into edits_
  };
  [[nodiscard]] const Spot& spot(const std::string& pointer) const;
  [[nodiscard]] Problem problem_at(const Spot& spot, int line, int column, const std::string& pointer,
                                   std::string message) const;
  void forget_below(const std::string& pointer);

  std::string file_;
  Json root_;
  std::map<std::string, Spot, std::less<>> spots_;
  std::vector<Override> edits_;  ///< as the user gave them
};

}  // namespace nines::loader
