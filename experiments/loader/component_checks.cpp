#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "experiments/loader/component_reader.hpp"
#include "models/composite/spec.hpp"

namespace nines::loader {

namespace {

using models::Topology;
using models::components::ComponentSpec;
using models::components::CrewPolicy;
using models::components::CrewSpec;
using models::structure::RequirementSpec;

class ComponentChecker {
 public:
  ComponentChecker(const TopologyInput& input, const Topology& topology) : input_(input), topology_(topology) {
    for (std::size_t i = 0; i < topology.components.size(); ++i) index_[topology.components[i].name] = i;
  }

  void check() {
    check_units();
    for (std::size_t i = 0; i < topology_.components.size(); ++i) check_masks(i);
    for (std::size_t i = 0; i < topology_.crews.size(); ++i) check_crew(i);
    check_mask_cycles();
    check_sli_cycles();
    warn_unmentioned();
  }

 private:
  void report(const std::string& pointer, std::string message) {
    input_.problems->add(input_.document->problem(pointer, std::move(message)));
  }

  void check_units() {
    models::Count units = 0;
    for (const ComponentSpec& component : topology_.components) units += component.count;
    if (units > most_units_in_all)
      report("/components", fmt::format("expected at most {} units in all, got {}.", most_units_in_all, units));
  }

  void check_masks(std::size_t i) {
    const ComponentSpec& spec = topology_.components[i];
    for (std::size_t m = 0; m < spec.masked_by.size(); ++m) {
      const ComponentSpec& mask = topology_.components[index_.at(spec.masked_by[m])];
      if (mask.count != 1 && mask.count != spec.count)
        report(fmt::format("/components/{}/masked_by/{}", i, m),
               fmt::format("expected a component of one unit, or of {} as '{}', but '{}' has {}.", spec.count,
                           spec.name, mask.name, mask.count));
    }
  }

  void check_crew(std::size_t i) {
    const CrewSpec& crew = topology_.crews[i];
    std::vector<std::string> members;
    for (const ComponentSpec& component : topology_.components) {
      if (component.crew == crew.name) members.push_back(component.name);
    }
    if (members.empty())
      return report(fmt::format("/crews/{}", i), fmt::format("no component is repaired by crew '{}'.", crew.name));
    if (crew.policy != CrewPolicy::priority) return;
    const auto has = [](const std::vector<std::string>& names, const std::string& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (std::size_t o = 0; o < crew.order.size(); ++o) {
      if (!has(members, crew.order[o]))
        report(fmt::format("/crews/{}/order/{}", i, o),
               fmt::format("'{}' is not repaired by crew '{}'.", crew.order[o], crew.name));
    }
    for (const std::string& member : members) {
      if (!has(crew.order, member))
        report(fmt::format("/crews/{}/order", i),
               fmt::format("expected every component of the crew, '{}' is missing.", member));
    }
  }

  /// Depth-first walk that reports the first edge back to a node that is being visited.
  template <class Next, class Report>
  static void find_cycles(std::size_t nodes, Next next, Report found) {
    enum class Mark : std::uint8_t { fresh, open, done };
    std::vector<Mark> marks(nodes, Mark::fresh);
    for (std::size_t start = 0; start < nodes; ++start) {
      if (marks[start] != Mark::fresh) continue;
      std::vector<std::pair<std::size_t, std::vector<std::size_t>>> path;
      path.emplace_back(start, next(start));
      marks[start] = Mark::open;
      while (!path.empty()) {
        auto& [node, rest] = path.back();
        if (rest.empty()) {
          marks[node] = Mark::done;
          path.pop_back();
          continue;
        }
        const std::size_t to = rest.back();
        rest.pop_back();
        if (marks[to] == Mark::open) return found(node, to);
        if (marks[to] == Mark::done) continue;
        marks[to] = Mark::open;
        path.emplace_back(to, next(to));
      }
    }
  }

  void check_mask_cycles() {
    const auto masks = [&](std::size_t i) {
      std::vector<std::size_t> to;
      for (const std::string& name : topology_.components[i].masked_by) to.push_back(index_.at(name));
      return to;
    };
    find_cycles(topology_.components.size(), masks, [&](std::size_t from, std::size_t to) {
      const std::string& name = topology_.components[to].name;
      const auto& list = topology_.components[from].masked_by;
      report(fmt::format("/components/{}/masked_by/{}", from, std::find(list.begin(), list.end(), name) - list.begin()),
             from == to ? fmt::format("'{}' cannot mask itself.", name)
                        : fmt::format("'{}' is masked by '{}', which masks it in turn.",
                                      topology_.components[from].name, name));
    });
  }

  template <class Use>
  static void for_each_part(const RequirementSpec& requirement, Use use) {
    if (!requirement.part.empty()) use(requirement.part);
    for (const RequirementSpec& inner : requirement.of) for_each_part(inner, use);
  }

  void check_sli_cycles() {
    struct Sli {
      std::string pointer;
      const models::composite::SliSpec* spec;
    };
    std::vector<Sli> slis;
    std::map<std::string, std::size_t> by_name;
    for (std::size_t c = 0; c < topology_.services.size(); ++c) {
      const models::ServiceSpec& service = topology_.services[c];
      if (!service.own.holds<models::composite::Spec>()) continue;
      const auto& its = models::composite::spec_of(service).slis;
      for (std::size_t s = 0; s < its.size(); ++s) {
        by_name[fmt::format("{}/{}", service.name, its[s].name)] = slis.size();
        slis.push_back({fmt::format("/services/{}/slis/{}/requires", c, s), &its[s]});
      }
    }
    const auto parts = [&](std::size_t i) {
      std::vector<std::size_t> to;
      for_each_part(slis[i].spec->requirement, [&](const std::string& part) {
        if (const auto found = by_name.find(part); found != by_name.end()) to.push_back(found->second);
      });
      return to;
    };
    find_cycles(slis.size(), parts, [&](std::size_t from, std::size_t to) {
      report(slis[from].pointer,
             fmt::format("SLI '{}' {}.", slis[from].spec->name,
                         from == to ? "cannot require itself"
                                    : fmt::format("requires '{}', which requires it in turn", slis[to].spec->name)));
    });
  }

  /// A component that nothing requires, masks or shares a crew with changes no result.
  void warn_unmentioned() {
    std::set<std::string> mentioned;
    for (const models::ServiceSpec& service : topology_.services) {
      if (!service.own.holds<models::composite::Spec>()) continue;
      for (const models::composite::SliSpec& sli : models::composite::spec_of(service).slis)
        for_each_part(sli.requirement, [&](const std::string& part) { mentioned.insert(part); });
    }
    std::map<std::string, std::size_t> crews;
    for (const ComponentSpec& component : topology_.components) {
      mentioned.insert(component.masked_by.begin(), component.masked_by.end());
      if (!component.crew.empty()) ++crews[component.crew];
    }
    for (std::size_t i = 0; i < topology_.components.size(); ++i) {
      const ComponentSpec& component = topology_.components[i];
      const bool competes = !component.crew.empty() && crews[component.crew] > 1;
      if (!competes && !mentioned.contains(component.name))
        input_.problems->warn(input_.document->problem(
            fmt::format("/components/{}", i),
            fmt::format("component '{}' changes no figure: no SLI requires it and it masks nothing. Name it in a "
                        "'requires' or a 'masked_by', or remove it.",
                        component.name)));
    }
  }

  const TopologyInput& input_;
  const Topology& topology_;
  std::map<std::string, std::size_t> index_;
};

}  // namespace

void check_components(const TopologyInput& input, const Topology& topology) {
  ComponentChecker(input, topology).check();
}

}  // namespace nines::loader
