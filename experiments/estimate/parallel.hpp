// Independent tasks on several threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace nines::experiments {

/// Calls `task(tool, index)` for every index below `count`, each once, on at most `threads` threads; every thread makes
/// its own `tool` with `make_tool()`. The first exception is thrown again here; tasks not yet begun are then skipped.
/// What a task computes must depend on its index only.
template <class MakeTool, class Task>
void parallel_for(std::size_t threads, std::size_t count, const MakeTool& make_tool, const Task& task) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  const auto work = [&] {
    try {
      auto tool = make_tool();
      for (std::size_t index = next++; index < count; index = next++) task(tool, index);
    } catch (...) {
      const std::lock_guard lock(guard);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  std::vector<std::jthread> helpers;
  for (std::size_t helper = 1; helper < threads && helper < count; ++helper) {
    try {
      helpers.emplace_back(work);
    } catch (const std::system_error&) {
      break;  // the system gives no more of them: those that there are do the work
    }
  }
  work();
  helpers.clear();
  if (failure) std::rethrow_exception(failure);
}

/// The same for tasks that need no tool: `task(index)`.
template <class Task>
void parallel_for(std::size_t threads, std::size_t count, const Task& task) {
  struct None {};
  parallel_for(
      threads, count, [] { return None{}; }, [&](None&, std::size_t index) { task(index); });
}

}  // namespace nines::experiments
