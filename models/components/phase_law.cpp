#include "models/components/phase_law.hpp"

#include <fmt/format.h>

namespace nines::models::components {

namespace {

constexpr double seconds_per_hour = 3600;

Phases stages(double mean_hours, double count) {
  if (mean_hours <= 0) return {};
  return {static_cast<std::size_t>(count), count / mean_hours};
}

}  // namespace

double hours(Duration duration) { return duration.to_seconds() / seconds_per_hour; }

std::optional<Phases> phases_of(const Law& law) {
  switch (law.law) {
    case Law::Law::exponential: return stages(hours(law.a), 1);
    case Law::Law::erlang: return stages(hours(law.a), law.shape);
    case Law::Law::constant:
      if (law.a == Duration()) return Phases{};
      break;
    case Law::Law::uniform:
      if (law.b == Duration()) return Phases{};
      break;
    case Law::Law::weibull:
      if (law.shape == 1 && law.b == Duration()) return stages(hours(law.a), 1);
      break;
    case Law::Law::lognormal: break;
  }
  return std::nullopt;
}

std::string describe(const Law& law) {
  const double a = law.a.to_seconds();
  switch (law.law) {
    case Law::Law::constant: return fmt::format("constant, {:g} s", a);
    case Law::Law::uniform: return fmt::format("uniform, {:g} to {:g} s", a, law.b.to_seconds());
    case Law::Law::exponential: return fmt::format("exponential, mean {:g} s", a);
    case Law::Law::lognormal: return fmt::format("lognormal, median {:g} s, sigma {:g}", a, law.shape);
    case Law::Law::erlang: return fmt::format("Erlang, mean {:g} s, {:g} stages", a, law.shape);
    case Law::Law::weibull: return fmt::format("Weibull, scale {:g} s, shape {:g}", a, law.shape);
  }
  return "unknown";
}

}  // namespace nines::models::components
