// Ordering: "the cheapest" picks among what is wanted and shows it first; it bounds nothing.
#include "attune/talk/ordering.h"

#include <algorithm>
#include <cmath>

#include "attune/core/sorted.h"
#include "attune/talk/constraints.h"

namespace attune::talk {
namespace {

void keep(std::vector<std::uint8_t>& mask, std::span<const std::uint32_t> items) {
  std::vector<std::uint8_t> named(mask.size(), 0);
  for (const std::uint32_t i : items) named[i] = mask[i];
  mask = std::move(named);
}

bool is_any(const std::vector<std::uint8_t>& mask) { return std::find(mask.begin(), mask.end(), 1) != mask.end(); }

double number_of(const Attribute& attribute, ItemId id) { return to_index(id) < attribute.numbers.size() ? attribute.numbers[to_index(id)] : NAN; }

}  // namespace

std::vector<WishWord> newest_words(const Lexicon& lexicon, const Wants& wants) {
  std::string gloss;
  return wants.wish.empty() ? std::vector<WishWord>() : wish_words(lexicon, wants.wish.back(), gloss);
}

std::vector<std::uint8_t> wanted_items(const Lexicon& lexicon, const Wants& wants, std::span<const WishWord> words) {
  std::vector<std::uint8_t> mask = fitting(lexicon, wants.constraints);
  if (words.empty()) return mask;
  std::vector<std::uint8_t> all = mask;
  for (const WishWord& word : words) keep(all, word.items);
  if (is_any(all)) return all;
  all = mask;
  keep(all, words.back().items);      // what the others are said of: a garden lantern is a lantern
  return is_any(all) ? all : mask;
}

void keep_first(const Lexicon& lexicon, const Wants& wants, std::span<const std::string> among, std::size_t k, rank::Request& request) {
  const rank::World& world = lexicon.world();
  const Attribute* attribute = wants.order ? lexicon.attribute(wants.order->attribute) : nullptr;
  if (attribute == nullptr || !attribute->is_number) return;
  std::vector<std::uint8_t> mask = wanted_items(lexicon, wants, newest_words(lexicon, wants));
  if (!among.empty()) {
    mask.assign(world.item_count(), 0);
    for (const std::string& name : among)
      if (const auto id = world.find(name)) mask[to_index(*id)] = 1;
    request.seen.clear();      // they were shown
    request.exclude.clear();
  }
  for (const ItemId id : request.exclude) mask[to_index(id)] = 0;
  for (const ItemId id : request.seen) mask[to_index(id)] = 0;
  std::vector<ItemId> first;
  for (std::size_t i = 0; i < mask.size(); ++i)
    if (mask[i] != 0 && !std::isnan(number_of(*attribute, item_at(i)))) first.push_back(item_at(i));
  std::stable_sort(first.begin(), first.end(), [&](ItemId a, ItemId b) { return wants.order->direction * (number_of(*attribute, a) - number_of(*attribute, b)) > 0; });
  if (first.size() > k) first.resize(k);
  std::sort(first.begin(), first.end());
  request.exclude.clear();
  for (std::size_t i = 0; i < mask.size(); ++i)
    if (!std::binary_search(first.begin(), first.end(), item_at(i))) request.exclude.push_back(item_at(i));
  request.caps.clear();      // the cheapest five may be of one maker
  request.diversity = 0;
}

void put_in_order(const Lexicon& lexicon, const Order& order, std::vector<rank::Candidate>& candidates) {
  const Attribute* attribute = lexicon.attribute(order.attribute);
  if (attribute == nullptr || !attribute->is_number) return;
  std::stable_sort(candidates.begin(), candidates.end(), [&](const rank::Candidate& a, const rank::Candidate& b) { return order.direction * (number_of(*attribute, a.item) - number_of(*attribute, b.item)) > 0; });
}

}  // namespace attune::talk
