// Independent tasks on several threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace nines::experiments {

/// Calls `task(index)` for every index below `count`, each once, on at most `threads` threads. The first exception is
/// thrown again here; tasks not yet begun are then skipped. What a task computes must depend on its index only.
template <class Task>
void parallel_for(std::size_t threads, std::size_t count, const Task& task) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  const auto work = [&] {
    for (std::size_t index = next++; index < count; index = next++) {
      try {
        task(index);
      } catch (...) {
        const std::lock_guard lock(guard);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  std::vector<std::jthread> helpers;
  for (std::size_t helper = 1; helper < threads && helper < count; ++helper) helpers.emplace_back(work);
  work();
  helpers.clear();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace nines::experiments
