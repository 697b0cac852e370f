#include "experiments/review/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "experiments/report/escape.hpp"
#include "experiments/report/json_text.hpp"
#include "experiments/review/bundles.hpp"
#include "experiments/review/charts.hpp"
#include "experiments/review/style.hpp"

namespace nines::experiments::review {

namespace {

/// Text of others, harmless and on one line: what may be copied into a shell.
std::string plain_text(std::string_view text) { return escape::markup(escape::visible(text)); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// The same for people: a number stays with its unit.
std::string html_text(std::string_view text) {
  constexpr std::string_view units[] = {"s",  "m",  "h",  "d",  "ms",  "us",  "ns",  "min", "yr", "B",
                                        "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB", "USD"};
  const std::string plain = plain_text(text);
  std::string result;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (plain[i] != ' ' || i == 0 || !is_digit(plain[i - 1])) {
      result += plain[i];
      continue;
    }
    std::size_t end = i + 1;
    while (end < plain.size() && is_letter(plain[end])) ++end;
    const bool percent = end < plain.size() && end == i + 1 && plain[end] == '%';
    const std::string_view word = std::string_view(plain).substr(i + 1, end - i - 1);
    const bool unit = std::find(std::begin(units), std::end(units), word) != std::end(units);
    result += percent || unit ? "&nbsp;" : " ";
  }
  return result;
}

std::string_view tone_class(Tone tone) {
  switch (tone) {
    case Tone::good: return " good";
    case Tone::bad: return " bad";
    case Tone::open: return " open";
    case Tone::plain: break;
  }
  return "";
}

/// Writes a document block by block.
class HtmlWriter {
 public:
  explicit HtmlWriter(const Document& document) : document_(document) {}

  std::string page(const std::string& footer) {
    std::string body;
    for (const Block& block : document_.blocks) body += std::visit([&](const auto& its) { return write(its); }, block);
    // The policy proves that the page asks for nothing; the only script of it is named by being inline.
    std::string text = fmt::format(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'; img-src data:\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
        "<style>{}</style></head>\n<body>\n<a class=\"skip\" href=\"#content\">Skip to the content</a>\n"
        "<header><h1>{}</h1>\n<p class=\"subtitle\">{}</p></header>\n",
        html_text(document_.title), style_sheet(), html_text(document_.title), html_text(document_.subtitle));
    text += contents() + "<main id=\"content\">\n" + body + "</main>\n";
    text += fmt::format("<footer><p>{}</p></footer>\n", html_text(footer));
    if (events_ > 0) text += fmt::format("<script>{}</script>\n", replay_script());
    if (sortable_) text += fmt::format("<script>{}</script>\n", sort_script());
    return text + "</body></html>\n";
  }

 private:
  std::string contents() const {
    std::string text;
    std::size_t number = 0;
    for (const Block& block : document_.blocks) {
      if (const auto* heading = std::get_if<Heading>(&block))
        text += fmt::format("<li><a href=\"#s{}\">{}</a></li>\n", ++number, html_text(heading->text));
    }
    return text.empty() ? "" : fmt::format("<nav aria-label=\"Contents\"><ul>\n{}</ul></nav>\n", text);
  }

  std::string write(const Heading& heading) {
    return fmt::format("<h2 id=\"s{}\">{}</h2>\n", ++headings_, html_text(heading.text));
  }
  static std::string write(const Paragraph& paragraph) { return fmt::format("<p>{}</p>\n", html_text(paragraph.text)); }
  static std::string write(const Verdict& verdict) {
    return fmt::format("<p class=\"verdict{}\"><strong>{}</strong> {}</p>\n", tone_class(verdict.tone),
                       html_text(verdict.word), html_text(verdict.text));
  }
  static std::string write(const Bullets& bullets) {
    std::string text;
    for (const std::string& item : bullets.items) text += fmt::format("<li>{}</li>\n", html_text(item));
    text = "<ul>\n" + text + "</ul>\n";
    if (bullets.folded_title.empty()) return text;
    return fmt::format("<details><summary>{}</summary>\n{}</details>\n", html_text(bullets.folded_title), text);
  }
  static std::string write(const Command& command) {
    return fmt::format("<pre><code>{}</code></pre>\n", plain_text(command.line));
  }
  static std::string write(const Cards& cards) {
    std::string text = "<div class=\"cards\">\n";
    for (const Card& card : cards.cards) {
      text += fmt::format(
          "<div class=\"card{}\"><div class=\"label\">{}</div><div class=\"value\">{}</div><p>{}</p></div>\n",
          tone_class(card.tone), html_text(card.label), html_text(card.value), html_text(card.detail));
    }
    return text + "</div>\n";
  }

  std::string write(const Table& table) {
    sortable_ = sortable_ || table.sortable;
    const std::string attributes = table.sortable ? " class=\"sortable\""
                                   : table.lanes  ? fmt::format(" class=\"lanes\" data-of=\"e{}\"", events_ + 1)
                                   : table.tall   ? " class=\"tall\""
                                                  : "";
    std::string text = fmt::format("<table{}>\n<caption>{}{}</caption>\n<thead><tr>", attributes,
                                   html_text(table.caption), legend(table));
    const bool drawn = !table.drawings.empty();
    const auto head = [](const Column& column) {
      return fmt::format("<th scope=\"col\"{}>{}</th>", column.number ? " class=\"n\"" : "", html_text(column.heading));
    };
    const std::string drawing = fmt::format("<th scope=\"col\" data-fixed>{}</th>", html_text(table.drawing_heading));
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (drawn && i == table.drawing_at) text += drawing;
      text += head(table.columns[i]);
    }
    if (drawn && table.drawing_at >= table.columns.size()) text += drawing;
    text += "</tr></thead>\n<tbody>\n";
    for (std::size_t row = 0; row < table.rows.size(); ++row) text += row_text(table, row);
    text = "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"" + region_name(table.caption) + "\">" +
           text + "</tbody></table></div>\n";
    if (!table.folded) return text;
    return fmt::format("<details><summary>{}</summary>\n{}</details>\n", html_text(table.caption), text);
  }

  static std::string row_text(const Table& table, std::size_t row) {
    const bool drawn = !table.drawings.empty();
    const auto drawing = [&] { return fmt::format("<td class=\"d\">{}</td>", row_svg(table.drawings[row])); };
    std::string text = "<tr>";
    const std::vector<std::string>& cells = table.rows[row];
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (drawn && i == table.drawing_at) text += drawing();
      const bool number = i < table.columns.size() && table.columns[i].number;
      if (i == 0) {
        // A name is not broken at its hyphens.
        constexpr std::size_t longest_name = 28;
        const bool name = !number && cells[i].size() <= longest_name;
        text += fmt::format("<th scope=\"row\"{}>{}</th>",
                            number ? " class=\"n\""
                            : name ? " class=\"k\""
                                   : "",
                            html_text(cells[i]));
      } else {
        const bool code = i < table.columns.size() && table.columns[i].code;
        text += code ? fmt::format("<td class=\"w\"><code>{}</code></td>", plain_text(cells[i]))
                     : fmt::format("<td{}>{}</td>", number ? " class=\"n\"" : "", html_text(cells[i]));
      }
    }
    if (drawn && table.drawing_at >= cells.size()) text += drawing();
    return text + "</tr>\n";
  }

  static std::string legend(const Table& table) {
    std::string text;
    for (std::size_t i = 0; i < table.series.size(); ++i)
      text += fmt::format("<span class=\"key k{}\"></span>{}", i, html_text(table.series[i]));
    return text.empty() ? "" : "<br>" + text;
  }

  std::string write(const Curve& curve) {
    std::string text = curve_svg(curve, fmt::format("c{}", ++charts_));
    return text + fmt::format("<p class=\"note\">{}</p>\n", html_text(curve.summary));
  }
  std::string write(const Scatter& scatter) {
    std::string text = scatter_svg(scatter, fmt::format("c{}", ++charts_));
    std::string keys;
    for (std::size_t i = 0; i < scatter.series.size(); ++i)
      keys += fmt::format("<span class=\"key k{}\"></span>{}", i, html_text(scatter.series[i]));
    return text + fmt::format("<p class=\"note\">{} {}</p>\n", html_text(scatter.summary), keys);
  }

  static std::string write(const Layout& layout) {
    std::string text = "<ul class=\"zones\">\n";
    for (const Layout::Zone& zone : layout.zones) {
      text += fmt::format("<li class=\"zone\">{}\n<ul>\n", html_text(zone.name));
      for (const Layout::Machine& machine : zone.machines) {
        text += fmt::format("<li class=\"machine\">{}<br><span class=\"subtitle\">{}</span>", html_text(machine.name),
                            html_text(machine.detail));
        if (!machine.pods.empty()) {
          text += "<ul>";
          for (const std::string& pod : machine.pods) text += fmt::format("<li class=\"pod\">{}</li>", html_text(pod));
          text += "</ul>";
        }
        text += "</li>\n";
      }
      if (zone.more > 0) text += fmt::format("<li class=\"machine\">and {} more machines</li>\n", zone.more);
      text += "</ul></li>\n";
    }
    return text + "</ul>\n";
  }

  /// Of tables with one caption each has a name of its own.
  std::string region_name(const std::string& caption) {
    const std::size_t number = ++regions_[caption];
    return html_text(number == 1 ? caption : fmt::format("{} ({})", caption, number));
  }

  std::string write(const Events& events) {
    const std::string id = fmt::format("e{}", ++events_);
    const std::string caption = html_text(events.caption);
    std::string text = fmt::format(
        "<p class=\"note\" id=\"{}-said\" aria-live=\"polite\">Each line names the line that it comes from.</p>\n"
        "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"events\" "
        "id=\"{}\">\n<caption>{}</caption>\n<thead><tr>",
        id, region_name(events.caption), id, caption);
    for (const char* heading : {"line", "at", "in", "what", "happens", "from line", "after", "wait set by"}) {
      if (heading == std::string_view("in") && !events.fork_s) continue;
      text += fmt::format("<th scope=\"col\">{}</th>", heading);
    }
    text += "</tr></thead>\n<tbody>\n";
    for (std::size_t i = 0; i < events.lines.size(); ++i)
      text += line_text(events.lines[i], i, id, events.fork_s.has_value());
    return text + "</tbody></table></div>\n" + data_text(events, id);
  }

  static std::string line_text(const Events::Line& line, std::size_t number, const std::string& id, bool sides) {
    const std::string changed =
        line.changed.empty() ? "" : fmt::format("<br><span class=\"subtitle\">{}</span>", html_text(line.changed));
    const std::string cause =
        line.cause ? fmt::format("<a href=\"#{}-{}\">{}</a>", id, *line.cause, *line.cause + 1) : std::string();
    const std::string from = line.cause ? fmt::format(" data-cause=\"{}\"", *line.cause) : std::string();
    const std::string side =
        sides ? fmt::format("<td>{}{}</td>", side_text(line.side),
                            line.beside.empty()
                                ? ""
                                : fmt::format("<br><span class=\"subtitle\">{}</span>", html_text(line.beside)))
              : std::string();
    return fmt::format(
        "<tr id=\"{}-{}\" data-x=\"{:.5f}\"{}><th scope=\"row\" class=\"n\">{}</th><td class=\"n\">{}</td>{}<td>{}</td>"
        "<td>{}{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
        id, number, line.place, from, number + 1, html_text(line.at), side, html_text(line.component),
        html_text(line.text), changed, cause, html_text(line.after), html_text(line.set_by));
  }

  /// What the script needs beside the table of the events: exact times, and the lanes.
  static std::string data_text(const Events& events, const std::string& id) {
    const auto spans_json = [](const std::vector<Events::Span>& spans) {
      Json list = Json::array();
      for (const Events::Span& span : spans) {
        Json entry = {escape::visible(span.state), span.from, span.to};
        if (span.cause) entry.push_back(*span.cause);
        list.push_back(std::move(entry));
      }
      return list;
    };
    Json lanes = Json::array();
    for (const Events::Lane& lane : events.lanes) {
      Json entry = {escape::visible(lane.kind), escape::visible(lane.name), escape::visible(lane.zone),
                    spans_json(lane.spans)};
      if (lane.changed) entry.push_back(spans_json(*lane.changed));
      lanes.push_back(std::move(entry));
    }
    Json times = Json::array();
    Json sides = Json::array();
    for (const Events::Line& line : events.lines) {
      times.push_back(line.at_s);
      sides.push_back(static_cast<int>(line.side));
    }
    Json data = {{"end", events.end_s},
                 {"fork", or_null(events.fork_s)},
                 {"lanes", std::move(lanes)},
                 {"times", std::move(times)}};
    if (events.fork_s) data["sides"] = std::move(sides);
    // Nothing in it may end the element.
    std::string text;
    for (const char c : data.dump(-1, ' ', false, Json::error_handler_t::replace)) {
      if (c == '<') {
        text += "\\u003c";
      } else {
        text += c;
      }
    }
    return fmt::format("<script type=\"application/json\" id=\"{}-data\">{}</script>\n", id, text);
  }

  const Document& document_;
  std::size_t events_ = 0;
  std::map<std::string, std::size_t> regions_;
  std::size_t headings_ = 0;
  std::size_t charts_ = 0;
  bool sortable_ = false;
};

}  // namespace

std::string html(const Document& document, const std::string& footer) { return HtmlWriter(document).page(footer); }

}  // namespace nines::experiments::review
