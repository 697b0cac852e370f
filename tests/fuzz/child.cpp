#include "tests/fuzz/child.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

namespace nines::fuzz {

namespace {

/// On a busy machine a process waits; one that waits for ever does no more.
constexpr double waiting = 10;

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Outcome run(const std::string& program, const std::vector<std::string>& arguments, const std::string& directory,
            const Bounds& bounds) {
  const std::string out = directory + "/.out";
  const std::string err = directory + "/.err";
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto begin = std::chrono::steady_clock::now();
  const ::pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    constexpr int mode = 0600;
    const rlimit file{bounds.output_mb << 20U, bounds.output_mb << 20U};
    const rlimit none{0, 0};
    const auto cpu_s = static_cast<rlim_t>(bounds.seconds) + 1;
    const rlimit cpu{cpu_s, cpu_s + 1};
    ::setrlimit(RLIMIT_CPU, &cpu);
    ::setrlimit(RLIMIT_FSIZE, &file);
    ::setrlimit(RLIMIT_CORE, &none);
    for (const char* name : {"SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX", "NINES_SEED",
                             "NINES_THREADS", "COLUMNS", "FORCE_COLOR"}) {
      ::unsetenv(name);
    }
    ::setenv("ASAN_OPTIONS", "detect_leaks=0:abort_on_error=1:symbolize=1:allocator_may_return_null=1", 0);
    ::setenv("UBSAN_OPTIONS", "print_stacktrace=1:abort_on_error=1", 0);
    if (::chdir(directory.c_str()) != 0) std::_Exit(126);
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, mode), STDOUT_FILENO);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, mode), STDERR_FILENO);
    ::execv(program.c_str(), argv.data());
    std::_Exit(127);
  }
  Outcome outcome;
  rusage used{};
  int status = 0;
  std::chrono::microseconds nap(500);
  for (;;) {
    const ::pid_t ended = ::wait4(child, &status, WNOHANG, &used);
    if (ended == child) break;
    outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (outcome.seconds > bounds.seconds * waiting && !outcome.late) {
      outcome.late = true;
      ::kill(child, SIGKILL);
    }
    std::this_thread::sleep_for(nap);
    if (nap < std::chrono::milliseconds(10)) nap += nap / 4;
  }
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  outcome.seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  outcome.late = outcome.late || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  outcome.memory_mb = static_cast<std::size_t>(used.ru_maxrss) >> 10U;
  outcome.out = slurp(out);
  outcome.err = slurp(err);
  return outcome;
}

}  // namespace nines::fuzz
