// What no figure holds.
#pragma once

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

}  // namespace nines::models::service
