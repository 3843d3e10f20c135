// Process: read from /proc/self/status.
#include "attune/core/process.h"

#include <cstdio>
#include <cstring>

namespace attune {
namespace {

std::size_t status_bytes(const char* field) noexcept {
  std::FILE* file = std::fopen("/proc/self/status", "r");
  if (file == nullptr) return 0;
  char line[256];
  unsigned long kib = 0;
  const std::size_t length = std::strlen(field);
  while (std::fgets(line, sizeof line, file) != nullptr)
    if (std::strncmp(line, field, length) == 0 && std::sscanf(line + length, ": %lu", &kib) == 1) break;
  std::fclose(file);
  return static_cast<std::size_t>(kib) * 1024;
}

}  // namespace

std::size_t peak_rss_bytes() noexcept { return status_bytes("VmHWM"); }

bool reset_peak_rss() noexcept {
  std::FILE* file = std::fopen("/proc/self/clear_refs", "w");
  if (file == nullptr) return false;
  const bool written = std::fputs("5", file) >= 0;
  return std::fclose(file) == 0 && written;
}

}  // namespace attune
