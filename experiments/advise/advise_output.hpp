// Advice as text for people, as JSON for programs, as CSV for tables: the same content.
#pragma once

#include <string>
#include <vector>

#include "experiments/advise/advise.hpp"
#include "experiments/report/json_text.hpp"

namespace nines::experiments {

/// A change whose design cannot exist.
struct Impossible {
  Change change;
  std::string reason;
};

struct AdviseReport {
  const Input* base = nullptr;
  const std::vector<Variant>* variants = nullptr;
  const std::vector<Impossible>* impossible = nullptr;
  const AdviceResult* result = nullptr;
  AdviseOptions options;
  std::string topology_path;               ///< as the user gave it, for the next command
  double wall_s = 0;                       ///< in the JSON only if `command` asks for it
  const CommonOptions* command = nullptr;  ///< what else the user gave
};

std::string advise_text(const AdviseReport& report);
Json advise_json(const AdviseReport& report);
std::string advise_csv(const AdviseReport& report);

}  // namespace nines::experiments
