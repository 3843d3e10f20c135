// Parallel loops: chunks handed out by an atomic counter to threads made for the call.
// Threads are made per call: measured at 20-40 us, which is nothing beside loops worth running in parallel.
#include "attune/core/parallel.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace attune {
namespace {
thread_local bool inside_loop = false;
}

int core_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

void parallel_for(std::size_t begin, std::size_t end, std::size_t grain, const Run& run,
                  const std::function<void(std::size_t, std::size_t)>& body) {
  if (begin >= end) return;
  grain = std::max<std::size_t>(grain, 1);
  const std::size_t chunks = (end - begin + grain - 1) / grain;
  const auto wanted = static_cast<std::size_t>(run.threads > 0 ? run.threads : core_count());
  const std::size_t threads = inside_loop ? 1 : std::min(wanted, chunks);

  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr error;
  std::mutex error_mutex;
  const auto work = [&] {
    const bool was_inside = std::exchange(inside_loop, true);
    try {
      while (!failed.load(std::memory_order_relaxed)) {
        const std::size_t chunk = next.fetch_add(1, std::memory_order_relaxed);
        if (chunk >= chunks) break;
        run.check();
        const std::size_t first = begin + chunk * grain;
        body(first, std::min(first + grain, end));
      }
    } catch (...) {
      const std::lock_guard lock(error_mutex);
      if (!error) error = std::current_exception();
      failed.store(true, std::memory_order_relaxed);
    }
    inside_loop = was_inside;
  };
  {
    std::vector<std::jthread> others;
    others.reserve(threads - 1);
    for (std::size_t t = 1; t < threads; ++t) others.emplace_back(work);
    work();
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace attune
