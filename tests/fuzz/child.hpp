// One run of the command with bounds of time, memory and output.
#pragma once

#include <string>
#include <vector>

namespace nines::fuzz {

struct Bounds {
  double seconds = 20;           ///< of processor time; ten times as long by the clock
  std::size_t memory_mb = 1024;  ///< resident
  std::size_t output_mb = 64;
};

struct Outcome {
  int code = -1;  ///< exit code; -1: ended by a signal
  int signal = 0;
  bool late = false;          ///< killed, as its time was over
  double seconds = 0;         ///< of processor time
  std::size_t memory_mb = 0;  ///< resident, at most
  std::string out;
  std::string err;
};

/// Runs `program` with the arguments in the directory. Variables that batch systems set are taken away.
Outcome run(const std::string& program, const std::vector<std::string>& arguments, const std::string& directory,
            const Bounds& bounds);

}  // namespace nines::fuzz
