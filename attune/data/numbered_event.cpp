// Numbered event: see the header.
#include "attune/data/numbered_event.h"

#include <xxhash.h>

#include <bit>

namespace attune::data {

std::int64_t hash_of(const NumberedEvent& row, const Event& event, std::string& scratch) {
  const double value = event.value.value_or(0) + 0.0;  // -0 is 0
  const std::int64_t numbers[] = {row.user,      row.item, row.type, std::bit_cast<std::int64_t>(value), event.value ? 1 : 0,
                                  event.time_ms, static_cast<std::int64_t>(event.session.size())};
  scratch.assign(reinterpret_cast<const char*>(numbers), sizeof numbers);
  scratch += event.session;
  scratch += event.request;
  return static_cast<std::int64_t>(XXH3_64bits(scratch.data(), scratch.size()));
}

bool is_same(const NumberedEvent& a, const Event& x, const NumberedEvent& b, const Event& y) {
  return a.user == b.user && a.item == b.item && a.type == b.type && x.value == y.value && x.time_ms == y.time_ms && x.session == y.session && x.request == y.request;
}

}  // namespace attune::data
