// Top-k: a bounded heap whose worst member sets the bar; most scores fail one comparison.
#include "attune/core/top_k.h"

#include <algorithm>
#include <cmath>

namespace attune {

std::vector<Scored> top_k(std::span<const float> scores, std::size_t k, std::span<const ItemId> excluded) {
  std::vector<Scored> heap;
  if (k == 0 || scores.empty()) return heap;
  k = std::min(k, scores.size());
  std::vector<ItemId> skip(excluded.begin(), excluded.end());
  std::sort(skip.begin(), skip.end());
  heap.reserve(k + 1);
  auto skipped = skip.begin();
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const Scored candidate{item_at(i), scores[i]};
    while (skipped != skip.end() && *skipped < candidate.item) ++skipped;
    if (skipped != skip.end() && *skipped == candidate.item) continue;
    if (!(candidate.score > -INFINITY)) continue;  // also NaN
    if (heap.size() < k) {
      heap.push_back(candidate);
      std::push_heap(heap.begin(), heap.end(), better);
    } else if (better(candidate, heap.front())) {
      std::pop_heap(heap.begin(), heap.end(), better);
      heap.back() = candidate;
      std::push_heap(heap.begin(), heap.end(), better);
    }
  }
  std::sort_heap(heap.begin(), heap.end(), better);
  return heap;
}

}  // namespace attune
