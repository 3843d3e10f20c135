// Clock: the time of day of this machine.
#pragma once
#include <chrono>
#include <cstdint>

namespace attune {

// Milliseconds since 1970 UTC.
inline std::int64_t now_ms() noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace attune
