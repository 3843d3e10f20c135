// Ordering: what is wanted by name, and the end of it that a superlative picks: "the cheapest", "the newest".
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "attune/talk/listing.h"

namespace attune::talk {

// The words of the newest wish. Cost: looks up every piece of it in all texts.
std::vector<WishWord> newest_words(const Lexicon& lexicon, const Wants& wants);
// [items of the world] 1 = meets the conditions and has the `words`: all of them, else the last, else whatever it has.
std::vector<std::uint8_t> wanted_items(const Lexicon& lexicon, const Wants& wants, std::span<const WishWord> words);

// Of a request, bars all but the k items at the end that wants.order names: of those wanted, or of `among` (names; empty = of those wanted). Nothing
// without an order, or when its attribute is no number.
void keep_first(const Lexicon& lexicon, const Wants& wants, std::span<const std::string> among, std::size_t k, rank::Request& request);
void put_in_order(const Lexicon& lexicon, const Order& order, std::vector<rank::Candidate>& candidates);

}  // namespace attune::talk
