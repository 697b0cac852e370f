// What no figure holds.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>

namespace nines::models::service {

/// How the truth differs from the figures because something is left out.
enum class Truth : std::uint8_t { worse, better, either };

/// Something that no figure holds.
struct LeftOut {
  std::string kind;  ///< short and stable, for programs: "kubeadm-masters"
  std::string text;
  Truth truth = Truth::worse;
  bool of_design = false;  ///< because of what this topology or command says; else of every one with such services
};

/// "a, b, c and 7 more"
template <class Names>
std::string listed(const Names& names) {
  constexpr std::size_t most = 12;
  const auto shown = static_cast<std::ptrdiff_t>(std::min(most, names.size()));
  const std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
  return names.size() > most ? fmt::format("{} and {} more", text, names.size() - most) : text;
}

}  // namespace nines::models::service
