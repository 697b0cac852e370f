// A page that people file: what it says, apart from how it looks. Readers of results build it; html.hpp and
// markdown.hpp write it.
//
// All text is plain: whoever writes it out makes it harmless (report/escape.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nines::experiments::review {

/// What a word means; the word itself always says it too.
enum class Tone : std::uint8_t { plain, good, bad, open };

struct Heading {
  std::string text;
};

struct Paragraph {
  std::string text;
};

/// A sentence that stands out, with its verdict: "MEETS".
struct Verdict {
  Tone tone = Tone::plain;
  std::string word;
  std::string text;
};

struct Bullets {
  std::vector<std::string> items;
  std::string folded_title{};  ///< not empty: behind this line, which is opened to see them
};

/// A command to copy.
struct Command {
  std::string line;
};

/// One of the few figures that come first.
struct Card {
  std::string label;
  std::string value;
  std::string detail;
  Tone tone = Tone::plain;
};

struct Cards {
  std::vector<Card> cards;
};

/// A part of a drawing beside a row. Places are shares of its width, in [0, 1].
struct Mark {
  enum class Shape : std::uint8_t {
    bar,
    range,
    dot,
    line,
    column,   ///< stands on the ground line: of a histogram
    differs,  ///< a strip at the bottom: here the row is not as the one that it is held against
  };
  Shape shape = Shape::bar;
  double from = 0;
  double to = 0;      ///< of dot and line the same as `from`
  int series = 0;     ///< colour; the row says the same in words
  double height = 1;  ///< of a column, in [0, 1]
};

struct Column {
  std::string heading;
  bool number = false;
  bool code = false;  ///< to be copied: broken anywhere
};

struct Table {
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows{};
  /// Beside each row, before the column `drawing_at`; empty: none.
  std::vector<std::vector<Mark>> drawings{};
  std::string drawing_heading{};
  std::size_t drawing_at = 1;
  std::vector<std::string> series{};  ///< names of colours, for a legend; empty: one colour that needs none
  bool folded = false;                ///< long, and not for everybody
  bool sortable = false;
  bool lanes = false;  ///< drawings share the time axis of the events that follow
  bool tall = false;   ///< drawings have something to show upward
};

/// A share of all (y, 0 to 1) over a positive amount (x, logarithmic), with a band where it is known.
struct Curve {
  struct Point {
    double x = 0;
    double y = 0;
    std::optional<double> low, high;  ///< of x
  };
  struct Sign {
    double x = 0;
    std::string text;
  };
  std::string title;
  std::string summary;  ///< what it shows, in a sentence: for who cannot see it
  std::string x_heading;
  std::string y_heading;
  std::vector<Point> points;
  std::vector<Sign> signs;
  bool duration = true;  ///< x is in seconds
};

/// Designs by two figures.
struct Scatter {
  struct Point {
    double x = 0;
    double y = 0;
    std::optional<double> low, high;  ///< of y
    std::string label;                ///< empty: none
    bool front = false;               ///< joined by a line
    int series = 0;
  };
  std::string title;
  std::string summary;
  std::string x_heading;
  std::string y_heading;
  bool y_log = false;
  bool y_down = false;  ///< less is higher: nines upward
  std::vector<Point> points;
  std::optional<double> y_limit;
  std::vector<std::string> series;
};

/// Boxes in boxes: zones, machines, pods.
struct Layout {
  struct Machine {
    std::string name;
    std::string detail;
    std::vector<std::string> pods;
  };
  struct Zone {
    std::string name;
    std::vector<Machine> machines;
    std::size_t more = 0;  ///< machines that are not shown
  };
  std::vector<Zone> zones;
};

/// What happened, line by line, in one play or in two that part at a fork. A page lets the reader go through it: the
/// line's causes are marked, and where it stands in the lanes.
struct Events {
  /// In which of two plays something is so.
  enum class Side : std::uint8_t { both, as_it_is, changed };
  struct Line {
    std::string at;
    std::string after;  ///< since its cause
    std::string component;
    std::string text;
    std::string changed;
    std::string set_by;
    std::optional<std::size_t> cause{};  ///< index of the line that it follows from
    double place = 0;                    ///< in the lanes' drawings, in [0, 1]
    double at_s = 0;
    Side side = Side::both;
    std::string beside{};  ///< how the other play differs here: "as it is 3.9 s later"
  };
  /// A state of a lane for some time, seconds; `cause`: the line that began it.
  struct Span {
    std::string state;
    double from = 0;
    double to = 0;
    std::optional<std::size_t> cause{};
  };
  struct Lane {
    std::string kind;
    std::string name;
    std::string zone;  ///< empty: of no one zone
    std::vector<Span> spans;
    std::optional<std::vector<Span>> changed{};  ///< in the play with the change, where it is another
  };
  std::string caption;
  std::vector<Line> lines;
  // For the drawing that a reader goes through; the tables say the same.
  std::vector<Lane> lanes{};
  double end_s = 0;
  std::optional<double> fork_s{};  ///< from when on two plays differ
};

/// "both", "as it is", "with the change"
std::string_view side_text(Events::Side side);

using Block = std::variant<Heading, Paragraph, Verdict, Bullets, Command, Cards, Table, Curve, Scatter, Layout, Events>;

struct Document {
  std::string title;
  std::string subtitle;
  std::vector<Block> blocks;
};

}  // namespace nines::experiments::review
