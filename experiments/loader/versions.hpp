// Versions of servers: which of the known ones stands for the one that a file names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/loader/reader.hpp"

namespace nines::loader {

/// A release's number. A patch, a build ("1.31.4-eks-7f9249a") and a leading "v" are read and kept apart.
struct Release {
  int major = 0;
  int minor = 0;
  bool exact = true;  ///< nothing but major and minor was written

  friend bool operator<(const Release& a, const Release& b) {
    return a.major != b.major ? a.major < b.major : a.minor < b.minor;
  }
};

/// What a product's releases are numbered by. PostgreSQL 17.2 is a patch of release 17.
enum class Numbers : unsigned char { major_and_minor, major };

/// Nothing of a text that is no version: "latest", "3.x", "0.0", and of products with two numbers "3".
std::optional<Release> parse_release(std::string_view text, Numbers numbers = Numbers::major_and_minor);

/// 1.9 before 1.10, and 9 before 10.
bool version_less(const std::string& a, const std::string& b);

/// Reads the version of a server ("Kafka", "Kubernetes") into `out`: one of `known`, which are sorted. One that is not
/// known stands for the nearest that is not newer, one before all of them for the oldest; either way a warning says so.
/// Whether releases have one number or two is seen from `known`.
/// Reported is what is no version, or lies so far beyond `known` that it must be a slip.
bool read_version(const Value& value, std::string& out, const std::vector<std::string>& known, std::string_view server);

}  // namespace nines::loader
