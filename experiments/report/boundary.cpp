#include "experiments/report/boundary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "experiments/report/escape.hpp"
#include "experiments/report/output.hpp"
#include "models/economics/cost.hpp"
#include "models/selector.hpp"
#include "models/service/kind.hpp"

namespace nines::experiments {

namespace {

struct General {
  std::string_view kind;
  std::string_view text;
  Truth truth = Truth::worse;
};

/// What platforms leave out, whatever runs on them.
constexpr General of_platforms[] = {
    {"region", "outages of a region's control planes (EC2, EBS, EKS APIs) and of the whole region"},
    {"controllers", "failures of Karpenter, the CSI drivers, cluster DNS and other controllers beside the operator"},
    {"platform-changes",
     "changes of the platform that go wrong, roll backs that fail, defects that show only later or under load"},
    {"deleted-data",
     "deleted or corrupted data: wrong commands here stop pods and machines, and leave network volumes alone"},
    {"grey-faults", "grey faults: slow disks, lossy links, overloaded machines, memory pressure"},
    {"pod-placement", "pods of one pool that share a machine: here each has its own, as if the manifest demanded it"},
};

constexpr General around_services[] = {
    {"names", "name resolution, load balancers and gateways in front of clients"},
    {"drain-cleaner",
     "operators that withdraw endpoints before they stop a pod, Strimzi's Drain Cleaner, a provider's drain time-out",
     Truth::either},
    {"probes", "graceful node shutdown, liveness probes, servers that stop being ready without stopping",
     Truth::either},
};

constexpr General of_black_boxes[] = {
    {"other-causes",
     "whatever the stated laws of failure and repair leave out: a black box has no other cause to fail"},
    {"partial-failures", "partial failures: a unit works or does not; none is slow, overloaded or wrong"},
    {"load-shift", "load that those which are left take over: no failure rate rises while others are down"},
    {"common-causes", "causes that several parts share, beyond the shocks, crews and masks that the topology names"},
    {"spare-parts",
     "what a repair waits for besides its crew: spare parts, machines, a platform; repairs that are done wrong"},
    {"changes",
     "planned work, changes that go wrong and people's slips, unless a component or a shock stands for them"},
    {"data-and-cost", "lost data, and what black boxes cost"},
};

/// "a, b, c and 7 more"
template <class Names>
std::string listed(const Names& names) {
  constexpr std::size_t most = 12;
  const auto shown = static_cast<std::ptrdiff_t>(std::min(most, names.size()));
  const std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
  return names.size() > most ? fmt::format("{} and {} more", text, names.size() - most) : text;
}

/// What a design, or the command, is responsible for.
class Design {
 public:
  explicit Design(const models::Plan& plan) : plan_(plan), topology_(plan.topology) {}

  std::vector<LeftOut> list() {
    if (plan_.hosts()) {
      masters();
      spot();
      planned_work();
    }
    switched_off();
    never();
    for (const models::ServiceSpec& service : topology_.services) {
      for (LeftOut& item : service.kind->left_out_here(topology_, service)) list_.push_back(std::move(item));
    }
    components();
    return std::move(list_);
  }

 private:
  void add(std::string_view kind, std::string text, Truth truth = Truth::worse) {
    list_.push_back({std::string(kind), std::move(text), truth, true});
  }

  void masters() {
    if (topology_.managed_control_plane) return;
    add("kubeadm-masters",
        "the masters of platform.kind 'kubeadm': none is modelled or billed. They never fail and are never upgraded, "
        "as "
        "if the control plane were perfect; the bill lacks their machines and volumes");
  }

  void spot() {
    std::vector<std::string> groups;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (group.capacity == models::Capacity::spot) groups.push_back(group.name);
    }
    if (groups.empty()) return;
    add("spot-capacity",
        fmt::format(
            "lack of Spot capacity (node group {}): each launch finds a machine with probability {:g} "
            "(1 - node.provision.failure_probability), whatever was reclaimed before; hours without capacity and "
            "reclaims of several types or zones at once do not happen",
            listed(groups), 1 - topology_.infrastructure.capacity_failure_probability));
  }

  [[nodiscard]] bool planned(std::string_view verb, const std::string& target) const {
    return std::any_of(topology_.operations.begin(), topology_.operations.end(),
                       [&](const models::OperationSpec& operation) {
                         return operation.verb == verb && operation.target == target && operation.rate.per_hour > 0;
                       });
  }

  void planned_work() {
    if (topology_.operations.empty()) {
      add("planned-work",
          "planned work: the topology has no 'operations', so that no rolling restart and no drain is in any figure");
      return;
    }
    std::vector<std::string> services;
    for (const models::ServiceSpec& service : topology_.services) {
      if (service.kind->hosted && !planned("rolling-restart", service.name)) services.push_back(service.name);
    }
    std::vector<std::string> groups;
    for (const models::NodeGroupSpec& group : topology_.node_groups) {
      if (!planned("drain", group.name)) groups.push_back(group.name);
    }
    if (!services.empty())
      add("planned-restarts", fmt::format("planned work: no operation restarts {}", listed(services)));
    if (!groups.empty())
      add("planned-drains",
          fmt::format("planned work: no operation drains the machines of {} (upgrades of machines)", listed(groups)));
  }

  void switched_off() {
    if (topology_.without_faults.empty()) return;
    add("faults-left-out", fmt::format("faults that --without-fault leaves out: {}", listed(topology_.without_faults)));
  }

  /// Faults that could strike here and have rate 0.
  void never() {
    std::vector<models::Verb> possible;
    if (plan_.hosts()) {
      using enum models::Verb;
      possible = {process_kill,   process_pause, node_crash,     node_loss,     zone_power_loss,
                  zone_isolation, bad_rollout,   failed_upgrade, wrong_command, expired_certificate};
      for (const models::VolumePlan& volume : plan_.volumes) {
        if (volume.node.exists()) continue;
        possible.push_back(volume_loss);
        break;
      }
      if (std::any_of(plan_.nodes.begin(), plan_.nodes.end(),
                      [](const auto& node) { return node.spot_reclaim.per_hour > 0; }))
        possible.push_back(spot_reclaim);
    }
    std::vector<std::string_view> names;
    for (const models::Verb verb : possible) {
      const std::string_view name = models::verb_info(verb).name;
      const auto& without = topology_.without_faults;
      const bool strikes = std::any_of(plan_.faults.begin(), plan_.faults.end(),
                                       [&](const models::FaultSource& source) { return source.verb == verb; });
      if (!strikes && std::find(without.begin(), without.end(), name) == without.end()) names.push_back(name);
    }
    const bool retired = !plan_.hosts() || topology_.infrastructure.node_retirement_rate.per_hour > 0;
    if (!retired) names.emplace_back("retirement of machines");
    if (!names.empty()) add("faults-never", fmt::format("faults whose rate is 0 here: {}", listed(names)));
    if (!plan_.hosts()) return;
    const bool launched = std::any_of(topology_.node_groups.begin(), topology_.node_groups.end(),
                                      [](const auto& group) { return group.provisioner != models::Provisioner::none; });
    if (launched && topology_.infrastructure.capacity_failure_probability <= 0)
      add("launches-never-fail",
          "lack of capacity: node.provision.failure_probability is 0, so that every launch succeeds");
    if (topology_.infrastructure.volume_stuck_probability <= 0)
      add("attachments-never-hang", "attachments that hang: ebs.attach.stuck_probability is 0");
  }

  // ---- black boxes ----

  [[nodiscard]] bool shocked(const std::string& component) const {
    return std::any_of(topology_.shocks.begin(), topology_.shocks.end(), [&](const auto& shock) {
      return std::find(shock.hits.begin(), shock.hits.end(), component) != shock.hits.end();
    });
  }

  void list_names(std::string_view kind, std::string_view text, const std::vector<std::string>& names) {
    if (!names.empty()) add(kind, fmt::format("{}: {}", text, listed(names)));
  }

  void components() {
    std::vector<std::string> alone;
    std::vector<std::string> unbound;
    std::vector<std::string> seamless;
    std::vector<std::string> cold;
    models::Count unshared = 0;
    for (const models::components::ComponentSpec& spec : topology_.components) {
      if (spec.repair && spec.crew.empty()) {
        unshared += spec.count;
        alone.push_back(spec.name);
      }
      if (spec.count > 1 && !shocked(spec.name)) unbound.push_back(spec.name);
      if (!spec.standby) continue;
      const bool switched = spec.standby->switchover.has_value();
      if (!switched || spec.standby->switchover->coverage >= 1) seamless.push_back(spec.name);
      if (spec.standby->dormant_factor <= 0) cold.push_back(spec.name);
    }
    if (unshared > 1)
      list_names("own-repairers",
                 "repairs that wait for somebody: without a crew every failed unit is repaired at once, of", alone);
    list_names("independent-units", "failures that units share: no shock hits several units at once, of", unbound);
    list_names("sure-switchover", "takeovers that fail: a standby always takes over, of", seamless);
    list_names("cold-standby", "failures while standing by: dormant_factor is 0, of", cold);
  }

  const models::Plan& plan_;
  const models::Topology& topology_;
  std::vector<LeftOut> list_;
};

std::string_view truth_name(Truth truth) {
  switch (truth) {
    case Truth::worse: return "worse";
    case Truth::better: return "better";
    case Truth::either: break;
  }
  return "either way";
}

}  // namespace

std::vector<LeftOut> left_out(const models::Plan& plan) {
  std::vector<LeftOut> list = Design(plan).list();
  const auto add = [&](const auto& lines) {
    for (const General& line : lines)
      list.push_back({std::string(line.kind), std::string(line.text), line.truth, false});
  };
  const auto add_kinds = [&](bool hosted) {
    std::vector<const models::service::Kind*> seen;
    for (const models::ServicePlan& service : plan.services) {
      if (service.kind->hosted != hosted || std::find(seen.begin(), seen.end(), service.kind) != seen.end()) continue;
      seen.push_back(service.kind);
      const std::span<const LeftOut> its = service.kind->left_out();
      list.insert(list.end(), its.begin(), its.end());
    }
  };
  if (plan.hosts()) {
    add(of_platforms);
    add_kinds(true);
    add(around_services);
  }
  if (!plan.topology.components.empty()) add(of_black_boxes);
  add_kinds(false);
  return list;
}

std::vector<LeftOut> left_out(const std::vector<const models::Plan*>& plans) {
  std::vector<LeftOut> list;
  for (const models::Plan* plan : plans) {
    for (LeftOut& item : left_out(*plan)) {
      const bool known =
          std::any_of(list.begin(), list.end(), [&](const LeftOut& other) { return other.text == item.text; });
      if (!known) list.push_back(std::move(item));
    }
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const LeftOut& a, const LeftOut& b) { return a.of_design && !b.of_design; });
  return list;
}

std::string left_out_line(const LeftOut& item) {
  return fmt::format("{} (truth: {})", item.text, truth_name(item.truth));
}

std::vector<std::string> left_out_lines(const std::vector<LeftOut>& items) {
  std::vector<std::string> lines;
  for (const LeftOut& item : items) lines.push_back(left_out_line(item));
  return lines;
}

Json left_out_json(const std::vector<LeftOut>& items) {
  Json list = Json::array();
  for (const LeftOut& item : items) {
    list.push_back(
        {{"kind", item.kind}, {"text", item.text}, {"truth", truth_name(item.truth)}, {"of_design", item.of_design}});
  }
  return list;
}

std::string boundary_text(const std::vector<LeftOut>& items, bool all) {
  if (items.empty()) return "";
  std::string text = "\nNot modelled: the truth is worse for each, unless it says otherwise\n";
  std::size_t general = 0;
  for (const LeftOut& item : items) {
    if (!item.of_design && !all) {
      ++general;
      continue;
    }
    text += fmt::format("  - {}\n",
                        item.truth == Truth::worse ? escape::visible(item.text) : escape::visible(left_out_line(item)));
  }
  if (general > 0)
    text += fmt::format("  - and {} causes of every design of its kind: --format json lists them\n", general);
  return text;
}

std::vector<std::string> not_billed(const models::Plan& plan) {
  if (plan.topology.node_groups.empty()) return {"everything: black boxes have no price"};
  std::vector<std::string> list;
  if (!plan.topology.managed_control_plane)
    list.emplace_back("the masters of platform.kind 'kubeadm': their machines, volumes and traffic");
  const auto& always = models::economics::not_included();
  list.insert(list.end(), always.begin(), always.end());
  return list;
}

void show_warnings(const std::vector<std::string>& warnings) {
  constexpr std::size_t most = 20;
  std::set<std::string> shown;
  std::size_t more = 0;
  for (const std::string& warning : warnings) {
    if (!shown.insert(warning).second) continue;
    if (shown.size() > most)
      ++more;
    else
      write_message(escape::visible(warning));
  }
  if (more > 0) write_message(fmt::format("and {} more warnings", more));
}

std::string option_warning(std::string_view option, std::string_view message) {
  return fmt::format("nines: warning: {}: {}", option, message);
}

}  // namespace nines::experiments
