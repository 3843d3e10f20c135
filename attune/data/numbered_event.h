// Numbered event: an event as the databases keep it, its names by their numbers; and when two are one and the same. For the stores of this
// folder only.
#pragma once
#include <cstdint>
#include <string>

#include "attune/data/store.h"

namespace attune::data {

struct NumberedEvent {
  std::int64_t user = 0, item = 0, type = 0, hash = 0;
};

// Of all fields (XXH3). It is in the files: another one needs another version of the store. `scratch` is room for it, kept between calls.
std::int64_t hash_of(const NumberedEvent& row, const Event& event, std::string& scratch);
// All fields are equal: events that share a hash by chance are two.
bool is_same(const NumberedEvent& a, const Event& x, const NumberedEvent& b, const Event& y);

}  // namespace attune::data
