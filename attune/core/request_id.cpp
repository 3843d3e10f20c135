// Request id: see the header.
#include "attune/core/request_id.h"

#include <array>
#include <cstdio>
#include <random>

#include "attune/core/random.h"

namespace attune {

std::string new_request_id(char first) {
  thread_local Random random = [] {
    std::random_device source;
    return Random(std::uint64_t{source()} << 32 | source());
  }();
  std::array<char, 24> text;
  const int length = std::snprintf(text.data(), text.size(), "%c%016llx%04x", first, static_cast<unsigned long long>(random.next()), static_cast<unsigned>(random.next() >> 48));
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace attune
