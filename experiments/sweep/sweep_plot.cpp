// One objective of a sweep over the other, as an SVG picture.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "experiments/report/escape.hpp"
#include "experiments/report/page.hpp"
#include "experiments/report/text.hpp"
#include "experiments/report/ticks.hpp"
#include "experiments/sweep/sweep_words.hpp"

namespace nines::experiments {

namespace {

constexpr double width = 960;
constexpr double left = 110;
constexpr double right = 30;
constexpr double top = 96;
constexpr double bottom = 62;
constexpr double plot_height = 470;
constexpr double font = 13;
constexpr double label_font = 11;
/// Of a sans-serif letter, as a part of its size: rather too wide, so that labels do not touch.
constexpr double letter = 0.58;
constexpr std::size_t most_labels = 24;
/// Designs of which each is shown with its interval, and kept clear of labels.
constexpr std::size_t few = 60;

// Okabe and Ito's colours, told apart by whoever sees few.
constexpr const char* black = "#000000";
constexpr const char* vermilion = "#D55E00";
constexpr const char* blue = "#0072B2";
constexpr const char* amber = "#E69F00";
constexpr const char* grey = "#999999";
constexpr const char* green = "#009E73";
constexpr const char* purple = "#AA3377";

struct Box {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  [[nodiscard]] bool meets(const Box& other) const {
    return x0 < other.x1 && other.x0 < x1 && y0 < other.y1 && other.y0 < y1;
  }
};

std::string text_at(double x, double y, std::string_view anchor, double size, std::string_view text,
                    std::string_view more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" font-size=\"{}\"{}>{}</text>\n", x, y, anchor,
                     size, more, escape::markup(text));
}

std::string line(double x0, double y0, double x1, double y1, std::string_view style) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x0, y0, x1, y1, style);
}

Ticks ticks_of(double low, double high, bool log) {
  return log ? logarithmic_ticks(low, high) : round_ticks(low, high);
}

class Plot {
 public:
  Plot(const SweepReport& report, const Axes& axes)
      : report_(report), axes_(axes), nines_(is_unavailability(axes.y->kind)) {
    head_ = wrapped(report.sweep.title, static_cast<std::size_t>((width - 32) / (15 * letter)));
    shift_ = static_cast<double>(head_.size() - 1) * 20;
  }

  [[nodiscard]] std::string svg() {
    // What must not be covered comes first into `taken_`, what is drawn upon the rest last into the text.
    const std::string grid_lines = grid();
    const std::string limit_lines = limits();
    const std::string spots = dots();
    const std::string names = labels();
    return opening() + grid_lines + limit_lines + fronts() + intervals() + spots + names + legend() + "</svg>\n";
  }

 private:
  [[nodiscard]] double px(double x) const {
    return left + (x - axes_.x_low) / (axes_.x_high - axes_.x_low) * (width - left - right);
  }
  [[nodiscard]] double py(double y) const {
    const double up = (y - axes_.y_low) / (axes_.y_high - axes_.y_low);
    // More nines are up; less of anything else is up too.
    return top + shift_ + (nines_ ? 1 - up : up) * plot_height;
  }
  [[nodiscard]] double bottom_edge() const { return top + shift_ + plot_height; }

  [[nodiscard]] std::string opening() const {
    const double height = bottom_edge() + bottom;
    std::string text = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
        "font-family=\"sans-serif\" font-size=\"{2}\">\n<title>{3}</title>\n<desc>{4}</desc>\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
        width, height, font, escape::markup(report_.sweep.title),
        escape::markup(fmt::format("{} over {}, {}", heading(*axes_.y), heading(*axes_.x),
                                   counted(axes_.spots.size(), "design"))));
    for (std::size_t i = 0; i < head_.size(); ++i) {
      text += text_at(16, 26 + 20 * static_cast<double>(i), "start", 15, head_[i]);
    }
    return text;
  }

  [[nodiscard]] std::string grid() const {
    std::string text;
    const Ticks across = ticks_of(axes_.x_low, axes_.x_high, axes_.x_log);
    double free_from = 0;
    for (const double x : across.at) {
      text += line(px(x), top + shift_, px(x), bottom_edge(), "stroke=\"#dddddd\"");
      const std::string name = tick_text(*axes_.x, axes_.x_log, x, across.step);
      const double half = static_cast<double>(display_width(name)) * font * letter / 2;
      if (px(x) - half < free_from) continue;
      free_from = px(x) + half + 6;
      text += text_at(px(x), bottom_edge() + 20, "middle", font, name);
    }
    const Ticks up = ticks_of(axes_.y_low, axes_.y_high, axes_.y_log);
    for (const double y : up.at) {
      text += line(left, py(y), width - right, py(y), "stroke=\"#dddddd\"");
      text += text_at(left - 8, py(y) + 4, "end", font, tick_text(*axes_.y, axes_.y_log, y, up.step));
    }
    text += text_at((left + width - right) / 2, bottom_edge() + 46, "middle", font,
                    axis_text(*axes_.x, axes_.x_log) + (is_unavailability(axes_.x->kind) ? "" : " (less is better)"));
    const double middle = (top + shift_ + bottom_edge()) / 2;
    text +=
        text_at(18, middle, "middle", font, axis_text(*axes_.y, axes_.y_log) + (nines_ ? "" : " (less is better, up)"),
                fmt::format(" transform=\"rotate(-90 18 {:.1f})\"", middle));
    return text;
  }

  /// Requirements on the axes as lines; the others in words below the title.
  [[nodiscard]] std::string limits() {
    std::string text;
    std::vector<std::string> words;
    for (const loader::SweepRequirement& requirement : report_.sweep.require) {
      const loader::FigureSpec& figure = report_.sweep.figures[requirement.figure];
      const std::string limit = is_unavailability(figure.kind) ? "at least " + value_text(figure, requirement.at_most)
                                                               : "at most " + value_text(figure, requirement.at_most);
      const std::string style = fmt::format("stroke=\"{}\" stroke-width=\"1.5\" stroke-dasharray=\"7 4\"", green);
      const std::string fill = fmt::format(" fill=\"{}\"", green);
      if (&figure == axes_.y && axes_.y_limit) {
        text += line(left, py(*axes_.y_limit), width - right, py(*axes_.y_limit), style);
        const double wide = static_cast<double>(limit.size() + 9) * label_font * letter;
        const double y = py(*axes_.y_limit) - 4;
        taken_.push_back({width - right - wide, y - label_font, width - right, y + 2});
        text += text_at(width - right - 2, y, "end", label_font, "required " + limit, fill);
      } else if (&figure == axes_.x && axes_.x_limit) {
        text += line(px(*axes_.x_limit), top + shift_, px(*axes_.x_limit), bottom_edge(), style);
        const double wide = static_cast<double>(limit.size() + 9) * label_font * letter;
        const bool before = px(*axes_.x_limit) + wide > width - right;
        const double x = px(*axes_.x_limit) + (before ? -4 : 4);
        const double y = top + shift_ + 12;
        taken_.push_back({before ? x - wide : x, y - label_font, before ? x : x + wide, y + 2});
        text += text_at(x, y, before ? "end" : "start", label_font, "required " + limit, fill);
      } else {
        words.push_back(heading(figure) + " " + limit);
      }
    }
    if (!words.empty()) {
      text += text_at(16, 48 + shift_, "start", 12, fmt::format("Required: {}", fmt::join(words, "; ")),
                      fmt::format(" fill=\"{}\"", green));
    }
    return text;
  }

  [[nodiscard]] std::vector<const Spot*> front_of(const SweepReport::Race& race) const {
    std::vector<const Spot*> spots;
    for (const Spot& spot : axes_.spots) {
      if (std::find(race.front.begin(), race.front.end(), spot.row->point->index) != race.front.end()) {
        spots.push_back(&spot);
      }
    }
    std::sort(spots.begin(), spots.end(), [](const Spot* a, const Spot* b) { return a->x < b->x; });
    return spots;
  }

  [[nodiscard]] std::string fronts() const {
    std::string text;
    for (const SweepReport::Race& race : report_.races) {
      std::string path;
      for (const Spot* spot : front_of(race)) path += fmt::format("{:.1f},{:.1f} ", px(spot->x), py(spot->y));
      if (path.empty()) continue;
      text +=
          fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"/>\n", path, vermilion);
    }
    return text;
  }

  /// 95 % intervals of what is on the front or near it; of all others where there are few.
  [[nodiscard]] std::string intervals() const {
    std::string text;
    const auto x_at = [&](double x) { return std::clamp(px(x), left, width - right); };
    const auto y_at = [&](double y) { return std::clamp(py(y), top + shift_, bottom_edge()); };
    for (const Spot& spot : axes_.spots) {
      const int rank = importance(spot.row->status);
      if (rank < 2 && axes_.spots.size() > few) continue;
      const std::string style = fmt::format("stroke=\"{}\" stroke-opacity=\"{}\"", colour(rank), rank >= 3 ? 0.9 : 0.4);
      constexpr double least = 1.5;
      if (spot.y_ci95) {
        const double a = y_at(spot.y_ci95->lower);
        const double b = y_at(spot.y_ci95->upper);
        if (std::abs(a - b) > least) text += line(px(spot.x), a, px(spot.x), b, style);
      }
      if (spot.x_ci95) {
        const double a = x_at(spot.x_ci95->lower);
        const double b = x_at(spot.x_ci95->upper);
        if (std::abs(a - b) > least) text += line(a, py(spot.y), b, py(spot.y), style);
      }
    }
    return text;
  }

  [[nodiscard]] static const char* colour(int rank) {
    constexpr std::array<const char*, 5> colours{grey, amber, blue, vermilion, black};
    return colours[static_cast<std::size_t>(rank)];
  }

  [[nodiscard]] std::string losses_of(const Spot& spot) const { return losses_text(report_.sweep, *spot.row->last); }

  [[nodiscard]] std::string dots() {
    std::vector<const Spot*> order;
    for (const Spot& spot : axes_.spots) order.push_back(&spot);
    std::stable_sort(order.begin(), order.end(), [](const Spot* a, const Spot* b) {
      return importance(a->row->status) < importance(b->row->status);
    });
    std::string text;
    for (const Spot* spot : order) {
      const int rank = importance(spot->row->status);
      const double radius = rank >= 3 ? 5 : 3;
      const double x = px(spot->x);
      const double y = py(spot->y);
      const std::string losses = losses_of(*spot);
      losing_ = losing_ || !losses.empty();
      if (!losses.empty()) {
        text += fmt::format(
            "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"none\" stroke=\"{}\" "
            "stroke-width=\"2\"/>\n",
            x, y, radius + 3, purple);
      }
      text += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"{}\"><title>{}</title></circle>\n", x, y, radius,
          colour(rank),
          escape::markup(fmt::format("point {} ({}): {}: {}, {}: {}{}", spot->row->point->index, spot->row->status,
                                     settings_text(report_.sweep, *spot->row->point), heading(*axes_.x),
                                     tick_text(*axes_.x, axes_.x_log, spot->x, 0.001),
                                     heading(*axes_.y) + " " + tick_text(*axes_.y, axes_.y_log, spot->y, 0.001),
                                     losses.empty() ? "" : "; loses acknowledged records " + losses)));
      if (rank >= 2 || axes_.spots.size() <= few)
        taken_.push_back({x - radius - 2, y - radius - 2, x + radius + 2, y + radius + 2});
    }
    return text;
  }

  /// What tells the labelled designs apart.
  [[nodiscard]] std::string name_of(const Spot& spot, const std::vector<const Spot*>& among) const {
    std::string text = fmt::format("{}", spot.row->point->index);
    std::string separator = ": ";
    for (std::size_t i = 0; i < report_.sweep.parameters.size(); ++i) {
      const std::string& label = spot.row->point->labels[i];
      const bool differs = std::any_of(among.begin(), among.end(),
                                       [&](const Spot* other) { return other->row->point->labels[i] != label; });
      if (!differs && among.size() > 1) continue;
      text += fmt::format("{}{} {}", separator, report_.sweep.parameters[i].name, label);
      separator = ", ";
    }
    constexpr std::size_t longest = 64;
    if (display_width(text) > longest) {
      while (display_width(text) > longest - 3) {
        // A character of several bytes goes as a whole.
        do text.pop_back();
        while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0U) == 0x80U);
      }
      text += "...";
    }
    return text;
  }

  /// Names of those on the fronts, the best first, each where nothing is yet; none where there is no such place.
  [[nodiscard]] std::string labels() {
    std::vector<const Spot*> named;
    for (const SweepReport::Race& race : report_.races) {
      for (const Spot* spot : front_of(race)) named.push_back(spot);
    }
    std::stable_sort(named.begin(), named.end(), [](const Spot* a, const Spot* b) {
      return importance(a->row->status) > importance(b->row->status);
    });
    std::string text;
    for (std::size_t i = 0; i < std::min(most_labels, named.size()); ++i) text += label(*named[i], named);
    return text;
  }

  [[nodiscard]] std::string label(const Spot& spot, const std::vector<const Spot*>& among) {
    const std::string losses = losses_of(spot);
    std::vector<std::string> lines{name_of(spot, among)};
    if (!losses.empty()) lines.push_back("loses records " + losses);
    double wide = 0;
    for (const std::string& text : lines) {
      wide = std::max(wide, static_cast<double>(display_width(text)) * label_font * letter);
    }
    const double high = static_cast<double>(lines.size()) * (label_font + 2);
    const double x = px(spot.x);
    const double y = py(spot.y);
    for (const double away : {10.0, 22.0, 36.0, 52.0, 70.0, 90.0, 112.0}) {
      const Box places[] = {{x + away, y - high / 2, x + away + wide, y + high / 2},
                            {x - away - wide, y - high / 2, x - away, y + high / 2},
                            {x + away * 0.7, y - away * 0.7 - high, x + away * 0.7 + wide, y - away * 0.7},
                            {x + away * 0.7, y + away * 0.7, x + away * 0.7 + wide, y + away * 0.7 + high},
                            {x - away * 0.7 - wide, y - away * 0.7 - high, x - away * 0.7, y - away * 0.7},
                            {x - away * 0.7 - wide, y + away * 0.7, x - away * 0.7, y + away * 0.7 + high},
                            {x - wide / 2, y - away - high, x + wide / 2, y - away},
                            {x - wide / 2, y + away, x + wide / 2, y + away + high}};
      for (const Box& place : places) {
        if (place.x0 < left + 2 || place.x1 > width - 4 || place.y0 < top + shift_ || place.y1 > bottom_edge())
          continue;
        if (std::any_of(taken_.begin(), taken_.end(), [&](const Box& other) { return place.meets(other); })) continue;
        taken_.push_back(place);
        return draw_label(spot, lines, place, away);
      }
    }
    return "";
  }

  [[nodiscard]] std::string draw_label(const Spot& spot, const std::vector<std::string>& lines, const Box& place,
                                       double away) const {
    std::string text;
    constexpr double near = 12;
    if (away > near) {
      const double to_x = std::clamp(px(spot.x), place.x0, place.x1);
      const double to_y = std::clamp(py(spot.y), place.y0, place.y1);
      text += line(px(spot.x), py(spot.y), to_x, to_y, "stroke=\"#777777\" stroke-width=\"0.7\"");
    }
    double y = place.y0 + label_font;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      // A white edge keeps it readable on the grid.
      text +=
          text_at(place.x0, y, "start", label_font, lines[i],
                  fmt::format(" paint-order=\"stroke\" stroke=\"#ffffff\" stroke-width=\"3\" fill=\"{}\"{}",
                              i > 0 ? purple : "#222222", spot.row->status == "winner" ? " font-weight=\"bold\"" : ""));
      y += label_font + 2;
    }
    return text;
  }

  [[nodiscard]] std::string legend() const {
    std::vector<std::pair<const char*, const char*>> entries{{report_.complete ? "best" : "best so far", black},
                                                             {"front", vermilion},
                                                             {"not told apart", blue},
                                                             {"out", grey}};
    for (const Spot& spot : axes_.spots) {
      if (importance(spot.row->status) != 1) continue;
      entries.insert(entries.begin() + 3, {report_.complete ? "not known" : "in the race", amber});
      break;
    }
    std::string text;
    double x = left;
    const double y = 72 + shift_;
    for (const auto& [name, fill] : entries) {
      text += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5\" fill=\"{}\"/>\n", x, y, fill);
      text += text_at(x + 10, y + 4, "start", 12, name);
      x += 34 + static_cast<double>(std::string_view(name).size()) * 12 * letter;
    }
    if (losing_) {
      text += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"6\" fill=\"none\" stroke=\"{}\" "
          "stroke-width=\"2\"/>\n",
          x, y, purple);
      text += text_at(x + 12, y + 4, "start", 12, "loses acknowledged records");
      x += 40 + 26 * 12 * letter;
    }
    text += line(x, y - 7, x, y + 7, fmt::format("stroke=\"{}\"", vermilion));
    text += text_at(x + 8, y + 4, "start", 12, "95 % interval");
    return text;
  }

  const SweepReport& report_;
  const Axes& axes_;
  bool nines_;
  std::vector<std::string> head_;
  double shift_ = 0;        ///< of everything below the title
  std::vector<Box> taken_;  ///< where no label may stand
  bool losing_ = false;
};

}  // namespace

std::string sweep_svg(const SweepReport& report) {
  const auto axes = axes_of(report);
  if (!axes) throw std::invalid_argument("--plot needs a sweep with two objectives and at least one result of both");
  return Plot(report, *axes).svg();
}

}  // namespace nines::experiments
