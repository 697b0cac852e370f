#include "experiments/sweep/sampling_json.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace nines::experiments {

std::string sampling_text(const JointSampling& sampling) {
  nlohmann::ordered_json strata = nlohmann::ordered_json::array();
  for (const JointStratum& stratum : sampling.strata) {
    strata.push_back({{"family", stratum.fault_class},
                      {"depth", stratum.depth},
                      {"samples", stratum.samples},
                      {"useful", stratum.useful}});
  }
  return nlohmann::ordered_json{{"depth", sampling.depth},
                                {"background", sampling.background},
                                {"samples_of_others", sampling.samples_of_others},
                                {"strata", strata}}
      .dump();
}

JointSampling sampling_from(const std::string& text) {
  JointSampling sampling;
  try {
    const auto json = nlohmann::json::parse(text);
    json.at("depth").get_to(sampling.depth);
    json.at("background").get_to(sampling.background);
    json.at("samples_of_others").get_to(sampling.samples_of_others);
    for (const auto& entry : json.at("strata")) {
      JointStratum& stratum = sampling.strata.emplace_back();
      entry.at("family").get_to(stratum.fault_class);
      entry.at("depth").get_to(stratum.depth);
      entry.at("samples").get_to(stratum.samples);
      entry.at("useful").get_to(stratum.useful);
    }
  } catch (const nlohmann::json::exception&) {
    throw std::invalid_argument("the plan of its samples cannot be read");
  }
  return sampling;
}

}  // namespace nines::experiments
