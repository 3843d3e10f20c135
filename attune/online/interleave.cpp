// Interleaving by team draft: see the header.
#include "attune/online/interleave.h"

#include <string_view>
#include <unordered_set>

namespace attune::online {

Interleaved interleave(std::span<const std::string> a, std::span<const std::string> b, std::size_t k, Random& random) {
  Interleaved list;
  std::unordered_set<std::string_view> used;
  const std::span<const std::string> rankings[2] = {a, b};
  std::size_t next[2] = {0, 0};
  const auto pick = [&](int team) {
    std::size_t& at = next[team];
    while (at < rankings[team].size() && !used.insert(rankings[team][at]).second) ++at;
    if (at == rankings[team].size() || list.size() == k) return;
    list.from.push_back(at++);
    list.teams += team == 0 ? 'a' : 'b';
  };
  while (list.size() < k) {
    const std::size_t before = list.size();
    const int first = static_cast<int>(random.below(2));
    pick(first);
    if (list.size() < k) pick(1 - first);
    if (list.size() == before) break;
  }
  return list;
}

int preference(const std::string& teams, std::span<const std::size_t> taken) {
  int balance = 0;
  for (const std::size_t place : taken)
    if (place < teams.size()) balance += teams[place] == 'b' ? 1 : -1;
  return balance > 0 ? 1 : balance < 0 ? -1 : 0;
}

}  // namespace attune::online
