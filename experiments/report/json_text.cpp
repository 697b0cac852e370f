#include "experiments/report/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiments/report/escape.hpp"

namespace nines::experiments {

namespace {

std::string json_number(double value) {
  if (!(value - value == 0)) return "null";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

class Writer {
 public:
  void write(const Json& value, std::size_t indent) {
    if (value.is_object()) {
      write_object(value, indent);
    } else if (value.is_array()) {
      write_array(value, indent);
    } else if (value.is_number_float()) {
      text += json_number(value.get<double>());
    } else if (value.is_string()) {
      text += escape::json(value.get_ref<const std::string&>());
    } else {
      text += value.dump();
    }
  }

  std::string text;

 private:
  void new_line(std::size_t indent) { text.append("\n").append(indent * 2, ' '); }

  void write_object(const Json& value, std::size_t indent) {
    text += '{';
    bool first = true;
    for (const auto& [key, item] : value.items()) {
      if (!first) text += ',';
      first = false;
      new_line(indent + 1);
      text += escape::json(key) + ": ";
      write(item, indent + 1);
    }
    if (!first) new_line(indent);
    text += '}';
  }

  void write_array(const Json& value, std::size_t indent) {
    const bool flat = std::none_of(value.begin(), value.end(), [](const Json& item) { return item.is_structured(); }) &&
                      std::none_of(value.begin(), value.end(), [](const Json& item) { return item.is_string(); });
    text += '[';
    bool first = true;
    for (const Json& item : value) {
      if (!first) text += flat ? ", " : ",";
      first = false;
      if (!flat) new_line(indent + 1);
      write(item, indent + 1);
    }
    if (!first && !flat) new_line(indent);
    text += ']';
  }
};

}  // namespace

std::string json_text(const Json& value) {
  Writer writer;
  writer.write(value, 0);
  writer.text += '\n';
  return writer.text;
}

}  // namespace nines::experiments
