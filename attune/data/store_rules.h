// Store rules: what all stores do alike: refusing impossible input, erasing. For the stores of this folder only.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "attune/data/store.h"

namespace attune::data {

// Throw Error: bad_request (check of one event is in record.h).
void check(std::span<const Event> events);
void check(std::span<const Record> records);
void check(const Exposure& exposure);

// Does the text hold the name as a word of its own: "ana" in "x,ana,7", not in "x,susana,7".
bool names(std::string_view text, std::string_view name) noexcept;
// Of all its fields (XXH3): a row rejected once is not kept again. It is in the files.
std::int64_t hash_of(const Rejection& row);
// A receipt with its id, hash and time; `number` counts the receipts of the store from 1.
Receipt begin_receipt(Kind kind, std::string_view name, std::uint64_t number, Sequence last);
[[noreturn]] void nothing_to_erase(Kind kind, std::string_view name);

}  // namespace attune::data
