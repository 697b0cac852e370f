#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <iostream>
#include <type_traits>

namespace nines::tests {

/// What `work` returns, worked out in a child process: SimGrid's engine is one a process.
template <class Work>
auto in_child(Work work) {
  using Result = decltype(work());
  static_assert(std::is_trivially_copyable_v<Result>);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  std::cout.flush();  // else the child has it to print too
  std::fflush(nullptr);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const Result result = work();
    const bool written = write(ends[1], &result, sizeof(result)) == static_cast<ssize_t>(sizeof(result));
    _exit(written ? 0 : 1);  // without the parent's and SimGrid's farewells
  }
  close(ends[1]);
  Result result{};
  const bool complete = read(ends[0], &result, sizeof(result)) == static_cast<ssize_t>(sizeof(result));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(complete);
  return result;
}

}  // namespace nines::tests
