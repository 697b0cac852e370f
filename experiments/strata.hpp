// Strata of incidents: by the family of the initiating fault and by how many further faults are forced into it.
//
// Method (rare-event sheet, sections 1.1, 1.3 and 1.4). From health the first fault is of source i with probability
// lambda_i / Lambda. Let Y(0) be what an incident shows if nothing further fails, and let the next fault, were the
// incident to run on, be drawn inside its window: its probability W is known, not sampled. Then
//     E[Y] = E[Y(0)] + E[W1 (Y(1) - Y(0))] + E[W1 W2 (Y(2) - Y(1))] + ...
// where Y(k) has k further faults, and the last term runs on with all fault clocks, so that the sum is exact however
// many terms it has. Each term of each family is a stratum with its own sample; samples go where the variance is.
// Families that often strike during an incident need no force: their clocks run in every incident, whatever its depth
// (the background), and depth counts the others only.
// Only failures are forced. No protocol timer, repair or election is touched, so any distribution will do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiments/incident.hpp"

namespace nines::experiments {

/// How the further faults of an incident are chosen.
enum class Forcing : std::uint8_t {
  balanced,      ///< half by rate, half with every family alike: no cut set is starved
  proportional,  ///< by rate only ("simple" failure biasing): bad on unbalanced models, kept to show that it is
};

/// One family of sources.
struct Family {
  std::string name;  ///< of its first source: "node-crash kafka-us-west-2a-0", "bad-rollout/stops kafka"
  std::vector<std::uint32_t> sources;  ///< indices into Plan::faults
  std::vector<double> cumulative;      ///< of their rates per hour
  [[nodiscard]] double rate_per_hour() const { return cumulative.back(); }
};

/// The fault of a family's sources, whatever its form: how its name begins.
inline std::string fault_of(const Family& family) { return family.name.substr(0, family.name.find_first_of(" /")); }

/// Sources by family, with the law by which further faults are chosen.
class Families {
 public:
  /// `background`: by family, whether its clocks run in every incident; empty: none.
  Families(const models::Plan& plan, Forcing forcing, const std::vector<bool>& background = {});

  [[nodiscard]] const std::vector<Family>& all() const { return families_; }
  [[nodiscard]] double rate_per_hour() const { return total_; }
  [[nodiscard]] const std::vector<std::uint32_t>& background() const { return background_; }
  /// Of all others, those whose hazard does not depend on age.
  [[nodiscard]] double memoryless_rate_per_hour() const { return memoryless_; }
  /// And those that age.
  [[nodiscard]] const std::vector<std::uint32_t>& ageing() const { return ageing_; }
  /// The initiating source at u in (0, 1), each with its share of the family's rate.
  [[nodiscard]] std::uint32_t initiator(std::size_t family, double u) const;
  /// Probabilities of the families as further faults, before anything has been learnt.
  [[nodiscard]] const std::vector<double>& usual_choice() const { return usual_choice_; }
  /// A further source and the probability with which it is chosen, families having the probabilities `choice`.
  struct Choice {
    std::size_t family;
    std::uint32_t source;
    double probability;         ///< of the source
    double family_probability;  ///< of its family
  };
  [[nodiscard]] Choice further(const std::vector<double>& choice, double u_family, double u_source) const;

 private:
  std::vector<Family> families_;
  double total_ = 0;
  double memoryless_ = 0;
  std::vector<std::uint32_t> ageing_;
  std::vector<std::uint32_t> background_;
  std::vector<double> usual_choice_;
};

/// Samples of a stratum are numbered within so many bits of a run; the others tell strata apart.
inline constexpr int sample_bits = 24;
inline constexpr std::uint64_t most_samples = (std::uint64_t{1} << sample_bits) - 1;

/// A family at a depth.
struct Stratum {
  std::size_t family = 0;
  int depth = 0;          ///< further faults that are forced
  bool natural = false;   ///< the clocks run on after the last of them
  std::uint64_t key = 0;  ///< of its randomness
  /// By step: probability of each family as that further fault; empty: the usual ones. Any choice is unbiased if every
  /// family keeps a probability.
  std::vector<std::vector<double>> choices;
};

/// One sample of a stratum: the weighted difference between the incident with all its further faults and the same
/// incident without the last one.
struct IncidentSample {
  double weight = 0;                       ///< probability of the further faults, W1 W2 ...; 0: they cannot happen
  const IncidentRun* fresh = nullptr;      ///< with all of them
  const IncidentRun* before = nullptr;     ///< without the last one; null at depth 0
  std::span<const Families::Choice> path;  ///< the further faults
  std::size_t runs = 0;                    ///< incidents that were played
  std::uint64_t events = 0;
};

/// Draws samples. One for each thread.
class IncidentSampler {
 public:
  IncidentSampler(const models::Plan& plan, const Families& families)
      : plan_(plan), families_(families), player_(plan) {
    player_.set_background(families.background());
  }

  /// Sample number `index` of the stratum; a pure function of plan, stratum and index. Valid until the next call.
  IncidentSample draw(const Stratum& stratum, std::uint64_t index);

 private:
  /// The next fault inside the window from `last` to the end of the incident just played: weight and time, or 0.
  double force(const Families::Choice& choice, double u, sim::Time last, Strike& next);
  double hazard(std::uint32_t source, sim::Time from, sim::Time to);
  /// When an ageing source's hazard since `from` reaches `wanted`.
  sim::Time time_of_hazard(std::uint32_t source, sim::Time from, double wanted);

  const models::Plan& plan_;
  const Families& families_;
  IncidentPlayer player_;
  IncidentRun before_;
  std::vector<Strike> strikes_;
  std::vector<Families::Choice> path_;
};

/// Key of a stratum's randomness: by the name of its family, so that two designs that share it see the same incidents.
std::uint64_t stratum_key(const Family& family, int depth);

}  // namespace nines::experiments
