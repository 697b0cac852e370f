// The house is open: outside its folder, the list of kinds and data nothing names a protocol.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "models/service/kind.hpp"
#include "tests/places.hpp"

namespace house_test {

namespace {

namespace fs = std::filesystem;
using nines::tests::source_file;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The line without its comments, schemes of addresses and the attribute of HTML that is called after one.
std::string code_of(std::string line) {
  for (const std::string_view scheme : {"http://", "https://", "http-equiv"}) {
    for (std::size_t at = line.find(scheme); at != std::string::npos; at = line.find(scheme))
      line.erase(at, scheme.size());
  }
  for (std::size_t begin = line.find("/*"); begin != std::string::npos; begin = line.find("/*")) {
    const std::size_t end = line.find("*/", begin);
    line.erase(begin, end == std::string::npos ? end : end + 2 - begin);
  }
  return line.substr(0, line.find("//"));
}

}  // namespace

TEST_CASE("house: outside its own folder and the list of kinds no code names a protocol", "[house]") {
  // Examples in help texts are for people, who know services by name.
  const std::vector<std::string> examples{"experiments/command/nines.cpp", "experiments/report/glossary.cpp",
                                          // Settings of a server that no model reads, by the server's own names.
                                          "models/kafka/inert_keys.cpp", "models/postgresql/inert_keys.cpp",
                                          // The same of those that models read, and of the field that says where they
                                          // come from.
                                          "models/kafka/parameters.hpp", "models/kafka/zk/names.hpp"};
  const fs::path root = source_file("");
  std::size_t files = 0;
  for (const char* room : {"models", "experiments"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
      const std::string name = fs::relative(entry.path(), root).string();
      const std::string ending = entry.path().extension().string();
      if (ending != ".cpp" && ending != ".hpp" && ending != ".def") continue;
      ++files;
      if (std::find(examples.begin(), examples.end(), name) != examples.end()) continue;
      // Products of a provider, and types of their nodes, bear the names of what they run.
      const auto sells = [&](const nines::models::service::Kind* kind) {
        return kind->provider_runs && name.starts_with(fmt::format("models/{}/", kind->name));
      };
      if (std::any_of(nines::models::service::kinds().begin(), nines::models::service::kinds().end(), sells)) continue;
      std::ifstream in(entry.path());
      std::size_t number = 0;
      for (std::string line; std::getline(in, line);) {
        ++number;
        const std::string code = lower(code_of(line));
        for (const nines::models::service::Kind* kind : nines::models::service::kinds()) {
          // A composite is a word of the structure, not a protocol; what runs the platform is a part of it; node groups
          // and control planes are managed too.
          // MirrorMaker's workers are a group of consumers of their own kind, and built on it.
          if (kind->name == "consumer_group" && name.starts_with("models/mirror_maker/")) continue;
          if (!kind->hosted || kind->runs_platform || kind->provider_runs ||
              name.starts_with(fmt::format("models/{}/", kind->name)))
            continue;
          if (name == "models/service/kinds.def") continue;
          INFO(name << ":" << number << ": " << line);
          CHECK(code.find(kind->name) == std::string::npos);
        }
      }
    }
  }
  CHECK(files > 200);
}

}  // namespace house_test
