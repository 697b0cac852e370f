#include "experiments/review/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "experiments/report/escape.hpp"

namespace nines::experiments::review {

namespace {

/// Text of others that neither marks up anything nor ends a cell or mentions anybody.
std::string markdown_text(std::string_view text) {
  std::string result;
  for (const char c : escape::visible(text)) {
    if (std::string_view("\\`*_[]<>|#~").find(c) != std::string_view::npos) {
      result += '\\';
      result += c;
    } else if (c == '@') {
      result += "&#64;";  // nobody is called
    } else if (c == '&') {
      result += "&amp;";
    } else {
      result += c;
    }
  }
  return result;
}

/// A command between fences that are longer than any row of back quotes in it.
std::string fenced(const std::string& line) {
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char c : line) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fmt::format("\n{}sh\n{}\n{}\n\n", fence, escape::visible(line), fence);
}

std::string folded(const std::string& title, const std::string& inner) {
  return fmt::format("\n<details><summary>{}</summary>\n\n{}\n</details>\n\n", escape::markup(escape::visible(title)),
                     inner);
}

std::string write(const Heading& heading) { return fmt::format("\n### {}\n\n", markdown_text(heading.text)); }
std::string write(const Paragraph& paragraph) { return markdown_text(paragraph.text) + "\n\n"; }
std::string write(const Verdict& verdict) {
  return fmt::format("> **{}** {}\n\n", markdown_text(verdict.word), markdown_text(verdict.text));
}
std::string write(const Bullets& bullets) {
  std::string text;
  for (const std::string& item : bullets.items) text += fmt::format("- {}\n", markdown_text(item));
  return bullets.folded_title.empty() ? text + "\n" : folded(bullets.folded_title, text);
}
std::string write(const Command& command) { return fenced(command.line); }
std::string write(const Cards& cards) {
  std::string text = "| | | |\n| --- | --- | --- |\n";
  for (const Card& card : cards.cards)
    text += fmt::format("| {} | **{}** | {} |\n", markdown_text(card.label), markdown_text(card.value),
                        markdown_text(card.detail));
  return text + "\n";
}
std::string write(const Table& table) {
  std::string text = "|";
  std::string rule = "|";
  for (const Column& column : table.columns) {
    text += fmt::format(" {} |", markdown_text(column.heading));
    rule += column.number ? " ---: |" : " --- |";
  }
  text += "\n" + rule + "\n";
  for (const std::vector<std::string>& row : table.rows) {
    text += "|";
    for (const std::string& cell : row) text += fmt::format(" {} |", markdown_text(cell));
    text += "\n";
  }
  if (table.folded) return folded(table.caption, text);
  return fmt::format("{}\n\n{}\n", markdown_text(table.caption), text);
}
std::string write(const Curve& curve) { return markdown_text(curve.summary) + "\n\n"; }
std::string write(const Scatter& scatter) { return markdown_text(scatter.summary) + "\n\n"; }
std::string write(const Layout& layout) {
  std::string text;
  for (const Layout::Zone& zone : layout.zones) {
    text += fmt::format("- {}\n", markdown_text(zone.name));
    for (const Layout::Machine& machine : zone.machines) {
      std::string pods;
      for (const std::string& pod : machine.pods) pods += (pods.empty() ? ": " : ", ") + markdown_text(pod);
      text += fmt::format("  - {} ({}){}\n", markdown_text(machine.name), markdown_text(machine.detail), pods);
    }
    if (zone.more > 0) text += fmt::format("  - and {} more machines\n", zone.more);
  }
  return folded("What stands where", text);
}

std::string write(const Events& events) {
  std::string text = events.fork_s ? "| line | at | in | what | happens | from line | after | wait set by |\n"
                                     "| ---: | ---: | --- | --- | --- | ---: | ---: | --- |\n"
                                   : "| line | at | what | happens | from line | after | wait set by |\n"
                                     "| ---: | ---: | --- | --- | ---: | ---: | --- |\n";
  for (std::size_t i = 0; i < events.lines.size(); ++i) {
    const Events::Line& line = events.lines[i];
    const std::string side =
        events.fork_s ? fmt::format(" {}{} |", side_text(line.side), line.beside.empty() ? "" : "; " + line.beside)
                      : std::string();
    text +=
        fmt::format("| {} | {} |{} {} | {}{} | {} | {} | {} |\n", i + 1, line.at, side, markdown_text(line.component),
                    markdown_text(line.text), line.changed.empty() ? "" : ": " + markdown_text(line.changed),
                    line.cause ? fmt::format("{}", *line.cause + 1) : "", line.after, markdown_text(line.set_by));
  }
  return folded(events.caption, text);
}

/// What stands in the place of a block that is too long; nothing for what is never left out.
std::optional<std::string> left_out_note(const Block& block) {
  const auto note = [](const std::string& what, std::size_t count, std::string_view of) {
    return fmt::format("{}{} {}, left out for the length of this page.\n\n", what, count, of);
  };
  if (const auto* table = std::get_if<Table>(&block))
    return note(markdown_text(table->caption) + ": ", table->rows.size(), "rows");
  if (const auto* events = std::get_if<Events>(&block))
    return note(markdown_text(events->caption) + ": ", events->lines.size(), "lines");
  if (const auto* bullets = std::get_if<Bullets>(&block)) return note("", bullets->items.size(), "items");
  return std::nullopt;
}

}  // namespace

std::string markdown(const Document& document, const std::string& footer, std::size_t most) {
  const std::string head =
      fmt::format("## {}\n\n{}\n\n", markdown_text(document.title), markdown_text(document.subtitle));
  const std::string foot = fmt::format("\n<sub>{}</sub>\n", escape::markup(escape::visible(footer)));
  std::vector<std::string> parts;
  std::size_t bytes = head.size() + foot.size();
  for (const Block& block : document.blocks) {
    parts.push_back(std::visit([](const auto& its) { return write(its); }, block));
    bytes += parts.back().size();
  }
  // The last long ones go first: what is asked first stands first.
  for (std::size_t i = parts.size(); i-- > 0 && bytes > most;) {
    const std::optional<std::string> note = left_out_note(document.blocks[i]);
    if (!note || note->size() >= parts[i].size()) continue;
    bytes -= parts[i].size() - note->size();
    parts[i] = *note;
  }
  std::string text = head;
  for (const std::string& part : parts) text += part;
  return text + foot;
}

}  // namespace nines::experiments::review
