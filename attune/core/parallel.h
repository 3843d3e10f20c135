// Parallel loops over a shared pool of threads.
// Do not call BLAS or ggml inside the body: they bring their own threads, and nested pools fight for the cores.
#pragma once
#include <cstddef>
#include <functional>

#include "attune/core/progress.h"

namespace attune {

// Cores this process may use (affinity and cgroup respected); at least 1.
int core_count();

// Calls body(first, last) for chunks of begin..end, each at most `grain` long, on run.threads threads (0 = all cores).
// Returns when all are done. The first exception of a body is rethrown here, the rest of the chunks are dropped.
// Throws Error: cancelled when run.stop is set. Chunk order is not fixed: write results by index, never by arrival.
// Nested calls run in the calling thread.
void parallel_for(std::size_t begin, std::size_t end, std::size_t grain, const Run& run,
                  const std::function<void(std::size_t first, std::size_t last)>& body);

}  // namespace attune
