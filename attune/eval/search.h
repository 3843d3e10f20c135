// Search: which point of a space is tried next, given what was tried. Points live in [0, 1) a coordinate (search_space.h).
//   spread   points spread evenly from a random start: the additive recurrence on powers of the generalised golden ratio (Roberts, 2018)
//   tpe      tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011), all coordinates at once as in Falkner et al., ICML 2018:
//            density l of the good fifth, g of the rest, the candidate with the largest l/g
// What comes next depends on the seed, its number and what was tried, never on the moment: a search taken up again goes on as it was.
#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "attune/eval/search_space.h"

namespace attune::eval {

// Coordinates of all choices, one after the other. NaN = not known (a start outside the space).
using Point = std::vector<double>;

struct Tried {
  Point point;
  double value = 0;       // higher is better; -infinity = failed or hopeless
};

class Search {
 public:
  Search(std::vector<Choice> space, std::uint64_t seed);
  std::size_t dimensions() const noexcept { return sizes_.size(); }

  Point spread(std::size_t number) const;
  // `fixed`: coordinates that are kept (NaN = free); empty = all are free. With fewer than kWarmUp tried: a spread point.
  Point tpe(std::size_t number, std::span<const Tried> tried, const Point& fixed = {}) const;
  // Settings at a point over `start`; a choice with an unknown coordinate keeps what start says.
  Json settings_at(const Point& point, const Json& start) const;
  // The point of settings, NaN for choices whose value is not in the space. `standard`: defaults of what `settings` does not say.
  Point point_of(const Json& settings, const Json& standard) const;
  // Coordinates [first, last) of a choice.
  std::pair<std::size_t, std::size_t> coordinates(std::size_t choice) const { return {firsts_[choice], firsts_[choice + 1]}; }
  const std::vector<Choice>& space() const noexcept { return space_; }

  static constexpr std::size_t kWarmUp = 6;

 private:
  std::vector<Choice> space_;
  std::uint64_t seed_;
  std::vector<std::size_t> firsts_;   // [choices + 1]
  std::vector<std::size_t> sizes_;    // [dimensions] alternatives of a coordinate that says which; 0 = a number
};

}  // namespace attune::eval
