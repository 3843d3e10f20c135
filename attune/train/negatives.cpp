// Negatives: by place in the running sum of the weights; O(log items) a draw, O(1) when all are alike.
#include "attune/train/negatives.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace attune::train {

Negatives::Negatives(std::span<const std::uint32_t> popularity, float power) : items_(popularity.size()) {
  if (power == 0) return;
  double sum = 0;
  for (const std::uint32_t n : popularity) up_to_.push_back(sum += std::pow(std::max<double>(n, 1), static_cast<double>(power)));
}

std::uint32_t Negatives::draw(Random& random) const {
  if (up_to_.empty()) return static_cast<std::uint32_t>(random.below(items_));
  const auto place = std::upper_bound(up_to_.begin(), up_to_.end(), random.uniform() * up_to_.back());
  return static_cast<std::uint32_t>(std::min<std::size_t>(static_cast<std::size_t>(place - up_to_.begin()), items_ - 1));
}

std::uint32_t Negatives::draw_unlike(std::span<const std::uint32_t> taken, Random& random) const {
  std::uint32_t item = draw(random);
  for (int tries = 0; tries < 64 && std::binary_search(taken.begin(), taken.end(), item); ++tries) item = draw(random);
  return item;
}

std::vector<std::uint32_t> Negatives::draw_distinct(std::size_t n, Random& random) const {
  std::vector<std::uint32_t> drawn;
  if (n >= items_) {
    drawn.resize(items_);
    std::iota(drawn.begin(), drawn.end(), 0u);
    return drawn;
  }
  std::vector<std::uint8_t> is_drawn(items_);
  for (std::size_t tries = 0; drawn.size() < n && tries < 20 * n; ++tries) {
    const std::uint32_t item = draw(random);
    if (is_drawn[item] == 0) drawn.push_back(item);
    is_drawn[item] = 1;
  }
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

}  // namespace attune::train
