#include "experiments/review/charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "experiments/report/escape.hpp"
#include "experiments/report/text.hpp"
#include "experiments/report/ticks.hpp"

namespace nines::experiments::review {

namespace {

constexpr double width = 680;
constexpr double height = 320;
constexpr double left = 78;
constexpr double right = 18;
constexpr double top = 14;
constexpr double bottom = 52;
/// Of a letter, at the size of the labels: rather too wide.
constexpr double letter_width = 6.6;

std::string text_at(double x, double y, std::string_view anchor, std::string_view text, std::string_view style = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>", x, y, anchor, style,
                     escape::markup(text));
}

std::string line_at(double x0, double y0, double x1, double y1, std::string_view style) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" class=\"{}\"/>", x0, y0, x1, y1,
                     style);
}

std::string open_svg(const std::string& title, const std::string& summary, const std::string& id) {
  return fmt::format(
      "<div class=\"chart\" tabindex=\"0\" role=\"region\" aria-labelledby=\"{}-t\"><svg viewBox=\"0 0 {} {}\" "
      "role=\"img\" aria-labelledby=\"{}-t {}-d\"><title "
      "id=\"{}-t\">{}</title><desc id=\"{}-d\">{}</desc>",
      id, width, height, id, id, id, escape::markup(title), id, escape::markup(summary));
}

/// From a number to its place on an axis.
struct Scale {
  double low = 0;
  double high = 1;
  double from = 0;
  double to = 1;
  bool log = false;

  [[nodiscard]] double at(double value) const {
    const double inner = log ? std::log10(value) : value;
    return from + (inner - low) / (high - low) * (to - from);
  }
};

/// REQUIRES: low <= high; both > 0 where logarithmic.
Scale scale_of(double low, double high, bool log, double from, double to) {
  if (log) {
    low = std::log10(low);
    high = std::log10(high);
  }
  // A single value has a place too.
  if (high - low < 1e-9 * std::max(1.0, std::abs(high))) {
    low -= log ? 0.5 : std::max(1.0, std::abs(low) * 0.1);
    high += log ? 0.5 : std::max(1.0, std::abs(high) * 0.1);
  }
  const double margin = (high - low) * 0.04;
  return {low - margin, high + margin, from, to, log};
}

/// Round numbers; of a logarithmic axis powers of ten, if it has two of them at least.
std::vector<double> ticks_of(const Scale& scale) {
  constexpr double few_decades = 0.9;
  if (!scale.log) return round_ticks(scale.low, scale.high).at;
  if (scale.high - scale.low < few_decades)
    return round_ticks(std::pow(10.0, scale.low), std::pow(10.0, scale.high)).at;
  std::vector<double> ticks;
  for (const double at : logarithmic_ticks(scale.low, scale.high).at) ticks.push_back(std::pow(10.0, at));
  return ticks;
}

/// Of a duration where people look for one: 1 s, 1 min, 1 h, 1 d and a few between.
std::vector<double> duration_ticks(const Scale& scale) {
  std::vector<double> ticks;
  for (const double at :
       {1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0, 60.0, 600.0, 3600.0, 36000.0, 86400.0, 864000.0, 8640000.0}) {
    if (std::log10(at) >= scale.low && std::log10(at) <= scale.high) ticks.push_back(at);
  }
  return ticks;
}

std::string axis_texts(const std::string& x_heading, const std::string& y_heading) {
  return text_at((left + width - right) / 2, height - 8, "middle", x_heading) +
         fmt::format("<text transform=\"translate(14 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
                     (top + height - bottom) / 2, escape::markup(y_heading));
}

std::string short_text(double seconds) {
  std::string text = duration_text(seconds);
  // "1.00 s" is 1 s here: a mark of an axis is exact.
  for (const std::string_view zeros : {".00 ", ".0 "}) {
    if (const auto found = text.find(zeros); found != std::string::npos) text.erase(found, zeros.size() - 1);
  }
  if (const auto found = text.find(" 00 "); found != std::string::npos) text.erase(found);
  return text;
}

}  // namespace

std::string row_svg(const std::vector<Mark>& marks) {
  // Stretched to its cell: so nothing round and nothing stroked.
  std::string svg =
      "<svg class=\"row\" viewBox=\"0 0 1000 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\" "
      "focusable=\"false\"><rect class=\"ground\" x=\"0\" y=\"18.5\" width=\"1000\" height=\"1\"/>";
  for (const Mark& mark : marks) {
    const double from = std::clamp(std::min(mark.from, mark.to), 0.0, 1.0) * 1000;
    const double to = std::clamp(std::max(mark.from, mark.to), 0.0, 1.0) * 1000;
    const auto rect = [&](double x, double y, double w, double h) {
      svg += fmt::format("<rect class=\"s{}\" x=\"{:.1f}\" y=\"{:g}\" width=\"{:.1f}\" height=\"{:g}\"/>", mark.series,
                         x, y, w, h);
    };
    switch (mark.shape) {
      case Mark::Shape::bar: rect(from, 3, std::max(to - from, 1.0), 14); break;
      case Mark::Shape::range: rect(from, 8.5, std::max(to - from, 1.0), 3); break;
      case Mark::Shape::column: {
        constexpr double ground = 18.5;
        const double high = std::clamp(mark.height, 0.0, 1.0) * ground;
        rect(from, ground - high, std::max(to - from, 1.5), high);
        break;
      }
      case Mark::Shape::differs:
        svg += fmt::format("<rect class=\"differs\" x=\"{:.1f}\" y=\"17\" width=\"{:.1f}\" height=\"3\"/>", from,
                           std::max(to - from, 2.0));
        break;
      case Mark::Shape::dot: rect(std::max(0.0, from - 5), 3, 10, 14); break;
      case Mark::Shape::line:
        svg += fmt::format("<rect class=\"ink\" x=\"{:.1f}\" y=\"0\" width=\"4\" height=\"20\"/>",
                           std::max(0.0, from - 2));
        break;
    }
  }
  return svg + "</svg>";
}

std::string curve_svg(const Curve& curve, const std::string& id) {
  double low = curve.points.front().x;
  double high = curve.points.back().x;
  for (const Curve::Point& point : curve.points) {
    low = std::min(low, point.low.value_or(point.x));
    high = std::max(high, point.high.value_or(point.x));
  }
  const Scale x = scale_of(low, high, true, left, width - right);
  const Scale y{0, 1, height - bottom, top, false};
  std::string svg = open_svg(curve.title, curve.summary, id);
  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    svg += line_at(left, y.at(tick), width - right, y.at(tick), "grid") +
           text_at(left - 6, y.at(tick) + 4, "end", fmt::format("{:g} %", tick * 100));
  }
  for (const double tick : curve.duration ? duration_ticks(x) : ticks_of(x)) {
    svg += line_at(x.at(tick), top, x.at(tick), height - bottom, "grid") +
           text_at(x.at(tick), height - bottom + 17, "middle", curve.duration ? short_text(tick) : number_text(tick));
  }
  // The band goes up where the quantile's lower end is, and back where its upper end is.
  std::string band;
  for (const Curve::Point& point : curve.points) {
    if (point.low && point.high) band += fmt::format("{:.1f},{:.1f} ", x.at(*point.low), y.at(point.y));
  }
  for (auto point = curve.points.rbegin(); point != curve.points.rend(); ++point) {
    if (point->low && point->high) band += fmt::format("{:.1f},{:.1f} ", x.at(*point->high), y.at(point->y));
  }
  if (!band.empty()) svg += fmt::format("<polygon class=\"band\" points=\"{}\"/>", band);
  std::string path;
  for (const Curve::Point& point : curve.points) path += fmt::format("{:.1f},{:.1f} ", x.at(point.x), y.at(point.y));
  svg += fmt::format("<polyline class=\"curve\" points=\"{}\"/>", path);
  double taken = -1e9;
  double row = 0;
  for (const Curve::Sign& sign : curve.signs) {
    const double at = x.at(sign.x);
    // Labels that would touch go below each other.
    row = at < taken ? row + 15 : 0;
    const double wide = static_cast<double>(sign.text.size()) * letter_width;
    const bool fits = at + 4 + wide < width - right;
    svg += line_at(at, top, at, height - bottom, "sign") +
           text_at(fits ? at + 4 : at - 4, height - bottom - 8 - row, fits ? "start" : "end", sign.text);
    taken = fits ? at + 8 + wide : at;
  }
  return svg + axis_texts(curve.x_heading, curve.y_heading) + "</svg></div>";
}

std::string scatter_svg(const Scatter& scatter, const std::string& id) {
  double x_low = scatter.points.front().x;
  double x_high = x_low;
  double y_low = scatter.y_limit.value_or(scatter.points.front().y);
  double y_high = y_low;
  for (const Scatter::Point& point : scatter.points) {
    x_low = std::min(x_low, point.x);
    x_high = std::max(x_high, point.x);
    y_low = std::min({y_low, point.y, point.low.value_or(point.y)});
    y_high = std::max({y_high, point.y, point.high.value_or(point.y)});
  }
  const Scale x = scale_of(x_low, x_high, false, left, width - right);
  const double up = height - bottom;
  const Scale y = scale_of(y_low, y_high, scatter.y_log, scatter.y_down ? top : up, scatter.y_down ? up : top);
  std::string svg = open_svg(scatter.title, scatter.summary, id);
  for (const double tick : ticks_of(y)) {
    svg += line_at(left, y.at(tick), width - right, y.at(tick), "grid") +
           text_at(left - 6, y.at(tick) + 4, "end", number_text(tick));
  }
  for (const double tick : ticks_of(x)) {
    svg +=
        line_at(x.at(tick), top, x.at(tick), up, "grid") + text_at(x.at(tick), up + 17, "middle", number_text(tick, 4));
  }
  if (scatter.y_limit) svg += line_at(left, y.at(*scatter.y_limit), width - right, y.at(*scatter.y_limit), "limit");
  std::vector<const Scatter::Point*> front;
  for (const Scatter::Point& point : scatter.points) {
    if (point.front) front.push_back(&point);
  }
  std::stable_sort(front.begin(), front.end(), [](const auto* a, const auto* b) { return a->x < b->x; });
  std::string path;
  for (const Scatter::Point* point : front) path += fmt::format("{:.1f},{:.1f} ", x.at(point->x), y.at(point->y));
  if (front.size() > 1) svg += fmt::format("<polyline class=\"front\" points=\"{}\"/>", path);
  for (const Scatter::Point& point : scatter.points) {
    if (point.low && point.high)
      svg += fmt::format("<line class=\"whisker s{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>",
                         point.series, x.at(point.x), y.at(*point.low), x.at(point.x), y.at(*point.high));
    svg += fmt::format("<circle class=\"s{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"/>", point.series, x.at(point.x),
                       y.at(point.y), point.front ? 5.5 : 4.0);
  }
  // Labels that would touch another one are left out: the table beside names every point.
  std::vector<std::array<double, 4>> taken;
  for (const Scatter::Point& point : scatter.points) {
    if (point.label.empty()) continue;
    const double at = x.at(point.x);
    const double wide = static_cast<double>(point.label.size()) * letter_width;
    const bool fits = at + 9 + wide < width - right;
    const double begin = fits ? at + 9 : at - 9 - wide;
    const double base = y.at(point.y) - 6;
    const std::array<double, 4> box{begin, base - 11, begin + wide, base + 3};
    const bool touches = std::any_of(taken.begin(), taken.end(), [&](const auto& other) {
      return box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3];
    });
    if (touches) continue;
    taken.push_back(box);
    svg += text_at(begin, base, "start", point.label);
  }
  return svg + axis_texts(scatter.x_heading, scatter.y_heading) + "</svg></div>";
}

}  // namespace nines::experiments::review
