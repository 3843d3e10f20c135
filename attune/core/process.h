// Process: what this process has taken of the machine's memory, as the kernel counts it.
#pragma once
#include <cstddef>

namespace attune {

// The most bytes in memory since the process began or reset_peak_rss() last worked. 0 = not known.
std::size_t peak_rss_bytes() noexcept;
// Starts the peak again from what is in memory now. False where the kernel does not allow it (the peak goes on as it was).
bool reset_peak_rss() noexcept;

}  // namespace attune
