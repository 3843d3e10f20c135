// Negatives: items a user did not take, drawn for a loss.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "attune/core/random.h"

namespace attune::train {

class Negatives {
 public:
  // Items are drawn in step with popularity^power; 0 = all alike. Items nobody took are drawn like those one took.
  Negatives(std::span<const std::uint32_t> popularity, float power);

  std::uint32_t draw(Random& random) const;
  // One that is not in `taken` (ascending). After 64 tries any: a user who took nearly everything.
  std::uint32_t draw_unlike(std::span<const std::uint32_t> taken, Random& random) const;
  // n draws without repeats, ascending; at most as many as there are items.
  std::vector<std::uint32_t> draw_distinct(std::size_t n, Random& random) const;

 private:
  std::size_t items_;
  std::vector<double> up_to_;   // running sum of the weights; empty = all alike
};

}  // namespace attune::train
