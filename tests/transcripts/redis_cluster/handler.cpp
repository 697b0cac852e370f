// The bus of a Redis Cluster as a pure machine: who runs, who reaches whom and how much time passes is commanded.
//
//   nodes masters=3 [replicas=1] [timeout=2s] [validity=10] [barrier=1] [no-full-coverage] [valkey-9]   begins; all is
//   well crash n1 | start n1            the node; nodes.conf stays cut n1 n2 | heal               nothing passes
//   between the two, from now on; everything passes again moves n5                       of several replicas that may
//   migrate the one whose name comes first data n5 100                    bytes of the stream that a node has away n4
//   60s                    a replica has had no link to its master for so long draws 0.5                      every
//   draw is this, from now on run 3s                         so much time passes: each node's cron each 100 ms, one
//   after the other state
//
// n1 and so on are the masters, those after them replicas of n1, n2 and so on. Draws are evenly spread and not random.
// Times count from the beginning of a `run`.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "models/redis/bus.hpp"
#include "tests/transcripts/transcript.hpp"

namespace redis_cluster_handler {

namespace {

using namespace nines::models::redis::bus;
using namespace nines::tests::transcripts;
using nines::models::Duration;
using nines::sim::Time;

std::string called(Number number) { return number == nobody ? "nobody" : fmt::format("n{}", number + 1); }

class Cluster : public Handler, private Surroundings {
 public:
  Cluster() {
    command("nodes", [this](Arguments& a) { return begin(a); });
    command("state", [this](Arguments&) { return state(); });
    command("crash", [this](Arguments& a) {
      runs_[node(a)] = false;
      return std::string();
    });
    command("start", [this](Arguments& a) {
      const Number who = node(a);
      runs_[who] = true;
      restart(rules_, all_, who, now_);
      return std::string();
    });
    command("cut", [this](Arguments& a) {
      const Number one = node(a);
      const Number other = node(a);
      cuts_.insert(std::minmax(one, other));
      return std::string();
    });
    command("heal", [this](Arguments&) {
      cuts_.clear();
      return std::string();
    });
    command("moves", [this](Arguments& a) {
      first_ = node(a);
      return std::string();
    });
    command("data", [this](Arguments& a) {
      const Number who = node(a);
      data_[who] = std::stod(a.word("bytes"));
      return std::string();
    });
    command("away", [this](Arguments& a) {
      const Number who = node(a);
      since_[who] = now_ - Duration::from_seconds(seconds(a.word("how long")));
      return std::string();
    });
    command("draws", [this](Arguments& a) {
      always_ = std::stod(a.word("a number between 0 and 1"));
      return std::string();
    });
    command("run", [this](Arguments& a) { return run(Duration::from_seconds(seconds(a.word("how long")))); });
  }

 private:
  [[nodiscard]] bool reaches(Number from, Number to) const override {
    return runs_[from] && runs_[to] && !cuts_.contains(std::minmax(from, to));
  }
  double draw(Number) override {
    constexpr double golden = 0.6180339887498949;
    drawn_ = std::fmod(drawn_ + golden, 1.0);
    return always_.value_or(drawn_);
  }
  [[nodiscard]] std::uint32_t name(Number who) const override { return who == first_ ? 0 : who + 1U; }
  [[nodiscard]] double offset(Number who) const override { return data_[who]; }
  [[nodiscard]] Duration link_down(Number who) const override {
    const Number master = all_.nodes[who].views[who].master;
    if (since_[who] != Time::never()) return now_ - since_[who];
    return master == nobody || reaches(who, master) ? Duration() : now_ - lost_[who];
  }

  Number node(Arguments& arguments) const {
    const std::string text = arguments.word("a node");
    for (Number i = 0; i < all_.nodes.size(); ++i) {
      if (called(i) == text) return i;
    }
    throw Refused("there is no node '" + text + "'");
  }

  std::string begin(Arguments& arguments) {
    const auto number = [&](const char* key, int otherwise) {
      const std::optional<std::string> text = arguments.option(key);
      return text ? std::stoi(*text) : otherwise;
    };
    const auto masters = static_cast<std::size_t>(number("masters", 3));
    const std::size_t count = masters * static_cast<std::size_t>(1 + number("replicas", 1));
    rules_ = {};
    rules_.node_timeout = Duration::from_seconds(seconds(arguments.option("timeout").value_or("2s")));
    rules_.cron_period = Duration::milliseconds(100);
    rules_.election_fixed = rules_.election_random = Duration::milliseconds(500);
    rules_.rank_delay = Duration::milliseconds(1000);
    rules_.repl_ping_period = Duration::seconds(10);
    rules_.writable_delay = Duration::seconds(2);
    rules_.migration_delay = Duration::seconds(5);
    rules_.migration_barrier = number("barrier", 1);
    rules_.validity_factor = number("validity", 10);
    while (const std::optional<std::string> word = arguments.next()) {
      if (*word != "no-full-coverage" && *word != "valkey-9") throw Refused("'" + *word + "' means nothing here");
      if (*word == "valkey-9") rules_.scaled_delay = true;
      if (*word == "no-full-coverage") rules_.full_coverage = false;
    }
    now_ = Time::zero();
    all_ = beginning(count, masters, now_);
    runs_.assign(count, true);
    data_.assign(count, 0);
    since_.assign(count, Time::never());
    lost_.assign(count, now_);
    cuts_.clear();
    always_.reset();
    return state();
  }

  std::string state() {
    std::string text;
    for (Number i = 0; i < all_.nodes.size(); ++i) {
      const Node& its = all_.nodes[i];
      text += called(i) + ": ";
      if (!runs_[i]) {
        text += "down\n";
        continue;
      }
      const Number master = its.views[i].master;
      text += master == nobody ? "master" : "replica of " + called(master);
      text += fmt::format(", epoch {}, state {}", its.current_epoch, its.ok ? "ok" : "fail");
      std::string maybe, failed;
      for (Number other = 0; other < all_.nodes.size(); ++other) {
        if (its.views[other].maybe_failed) maybe += " " + called(other);
        if (its.views[other].failed) failed += " " + called(other);
      }
      if (!maybe.empty()) text += "; PFAIL" + maybe;
      if (!failed.empty()) text += "; FAIL" + failed;
      text += "\n";
    }
    return text;
  }

  std::string describe(const Happened& happened) const {
    const std::string about = called(happened.about);
    switch (happened.what) {
      case What::maybe_failed: return "takes " + about + " for PFAIL";
      case What::failed: return "marks " + about + " FAIL, and tells everybody";
      case What::delay_drawn: {
        const Election& election = all_.nodes[happened.node].election;
        return fmt::format("stands for election in {:.2f} s, rank {}", (election.at - now_).to_seconds(),
                           election.rank);
      }
      case What::asks_for_votes: {
        const Node& its = all_.nodes[happened.node];
        return fmt::format("asks for votes in epoch {}, and gets {}", its.election.epoch, its.election.votes);
      }
      case What::expired: return "has not been elected, and begins again";
      case What::promoted: return "is master in the place of " + about;
      case What::demoted: return "follows " + about;
      case What::state_ok: return "state ok";
      case What::state_fail: return "state fail";
      case What::migrated: return "goes over to " + about + ", which has no replica left";
      case What::too_old: return "does not stand: its data are too old";
    }
    return "";
  }

  std::string run(Duration length) {
    const Time from = now_;
    const Time until = now_ + length;
    std::set<std::string> said;
    std::vector<Line> lines;
    const auto say = [&](const std::vector<Happened>& all) {
      for (const Happened& happened : all) {
        const std::string what = describe(happened);
        const std::string who = called(happened.node);
        // Said once in a run: a replica whose data are too old finds that at each turn.
        if (happened.what == What::too_old && !said.insert(who + what).second) continue;
        if (!lines.empty() && lines.back().at == now_ && lines.back().what == what) {
          lines.back().who += " " + who;
        } else {
          lines.push_back({now_, who, what});
        }
      }
    };
    for (; now_ < until; now_ = now_ + rules_.cron_period) {
      for (Number i = 0; i < all_.nodes.size(); ++i) {
        const Number master = all_.nodes[i].views[i].master;
        if (master == nobody || reaches(i, master)) lost_[i] = now_;
      }
      // Answers to requests for votes are there when all have had their turn.
      std::vector<Number> asked;
      for (Number i = 0; i < all_.nodes.size(); ++i) {
        if (!runs_[i]) continue;
        std::vector<Happened> happened;
        cron(rules_, all_, i, now_, *this, happened);
        say(happened);
        const bool asks = std::any_of(happened.begin(), happened.end(),
                                      [](const Happened& what) { return what.what == What::asks_for_votes; });
        if (asks) asked.push_back(i);
      }
      for (const Number i : asked) {
        std::vector<Happened> happened;
        count_votes(rules_, all_, i, now_, *this, happened);
        say(happened);
      }
    }
    std::string text;
    for (const Line& line : lines)
      text += fmt::format("{:.1f} s, {}: {}\n", (line.at - from).to_seconds(), line.who, line.what);
    return text;
  }

  struct Line {
    Time at;
    std::string who;
    std::string what;
  };

  Rules rules_;
  Nodes all_;
  Time now_;
  std::vector<bool> runs_;
  std::vector<double> data_;
  std::vector<Time> since_;
  std::vector<Time> lost_;
  std::set<std::pair<Number, Number>> cuts_;
  double drawn_ = 0;
  std::optional<double> always_;
  Number first_ = nobody;
};

NINES_TRANSCRIPTS("redis_cluster", Cluster);

}  // namespace

}  // namespace redis_cluster_handler
