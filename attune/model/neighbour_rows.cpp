// Neighbour rows: O(items) scratch a thread.
#include "attune/model/neighbour_rows.h"

#include <algorithm>
#include <vector>

#include "attune/core/parallel.h"
#include "attune/core/top_k.h"

namespace attune::model {

Sparse neighbour_rows(std::size_t items, std::size_t kept, const FillRow& fill, const Run& run) {
  std::vector<std::vector<Scored>> rows(items);
  parallel_for(0, items, 16, run, [&](std::size_t first, std::size_t last) {
    std::vector<float> row(items);
    for (std::size_t i = first; i < last; ++i) {
      std::fill(row.begin(), row.end(), 0.0f);
      fill(i, row);
      const ItemId own = item_at(i);
      std::vector<Scored> best = top_k(row, kept, {&own, 1});
      std::erase_if(best, [](const Scored& s) { return !(s.score > 0); });
      std::sort(best.begin(), best.end(), [](const Scored& a, const Scored& b) { return a.item < b.item; });
      rows[i] = std::move(best);
    }
  });
  Sparse w{.rows = items, .cols = items};
  for (const auto& row : rows) {
    for (const Scored& s : row) {
      w.indices.push_back(static_cast<std::uint32_t>(to_index(s.item)));
      w.values.push_back(s.score);
    }
    w.offsets.push_back(w.indices.size());
  }
  return w;
}

}  // namespace attune::model
