// Search by an even spread and by Parzen estimators. Cost: candidates x trials x coordinates, far below a millisecond.
#include "attune/eval/search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "attune/core/random.h"

namespace attune::eval {
namespace {

constexpr double kGoodShare = 0.2;        // Bergstra et al. use .15 to .25
constexpr std::size_t kFewestGood = 2, kMostGood = 25, kCandidates = 32;
constexpr double kWidth = 0.2;            // of a kernel with one trial; falls with n^(-1 / (dimensions + 4)) (Scott, 1992)
constexpr double kNarrowest = 0.01;
constexpr double kOtherAlternative = 0.3;  // share of a kernel that goes to all alternatives evenly

// The root of x^(d+1) = x + 1.
double golden(std::size_t dimensions) {
  double x = 2;
  for (int i = 0; i < 60; ++i) x = std::pow(1 + x, 1.0 / static_cast<double>(dimensions + 1));
  return x;
}

std::size_t alternative(double u, std::size_t count) { return std::min(static_cast<std::size_t>(u * static_cast<double>(count)), count - 1); }
double normal_share(double z) { return 0.5 * std::erfc(-z * M_SQRT1_2); }

// Sum of one kernel a trial and the even density.
struct Density {
  const std::vector<std::size_t>& sizes;
  std::vector<const Point*> centres;
  double width = kWidth;

  double of_one(std::size_t d, double centre, double u) const {
    if (std::isnan(centre)) return 1;
    if (sizes[d] > 0) {
      const double m = static_cast<double>(sizes[d]);
      return (alternative(centre, sizes[d]) == alternative(u, sizes[d]) ? (1 - kOtherAlternative) * m : 0) + kOtherAlternative;
    }
    const double z = (u - centre) / width, inside = normal_share((1 - centre) / width) - normal_share(-centre / width);
    return std::exp(-0.5 * z * z) / (width * 2.5066282746310002 * inside);
  }
  double log_at(const Point& u) const {
    double sum = 1;
    for (const Point* centre : centres) {
      double product = 1;
      for (std::size_t d = 0; d < u.size(); ++d) product *= of_one(d, (*centre)[d], u[d]);
      sum += product;
    }
    return std::log(sum / static_cast<double>(centres.size() + 1));
  }
  Point drawn(Random& random) const {
    const std::size_t which = random.below(centres.size() + 1);
    Point u(sizes.size());
    for (std::size_t d = 0; d < u.size(); ++d) {
      const double centre = which < centres.size() ? (*centres[which])[d] : NAN;
      u[d] = random.uniform();
      if (std::isnan(centre)) continue;
      if (sizes[d] > 0) {
        if (random.uniform() >= kOtherAlternative) u[d] = (static_cast<double>(alternative(centre, sizes[d])) + 0.5) / static_cast<double>(sizes[d]);
        continue;
      }
      do u[d] = centre + width * random.normal();
      while (u[d] < 0 || u[d] >= 1);
    }
    return u;
  }
};

Density density_of(const std::vector<std::size_t>& sizes, std::vector<const Point*> centres) {
  const double n = static_cast<double>(std::max<std::size_t>(centres.size(), 1));
  const double width = std::max(kWidth * std::pow(n, -1.0 / static_cast<double>(sizes.size() + 4)), kNarrowest);
  return {sizes, std::move(centres), width};
}

Random random_for(std::uint64_t seed, std::size_t number) {
  Random mixed(seed);
  return Random(mixed.next() + 0x9e3779b97f4a7c15u * static_cast<std::uint64_t>(number));
}

}  // namespace

Search::Search(std::vector<Choice> space, std::uint64_t seed) : space_(std::move(space)), seed_(seed) {
  for (const Choice& choice : space_) {
    firsts_.push_back(sizes_.size());
    const std::size_t size = choice.dimensions();
    for (std::size_t d = 0; d < size; ++d) sizes_.push_back(d == 0 && choice.alternatives.size() > 1 ? choice.alternatives.size() : 0);
  }
  firsts_.push_back(sizes_.size());
}

Point Search::spread(std::size_t number) const {
  Point point(dimensions());
  const double base = golden(dimensions());
  Random random(seed_);
  for (std::size_t d = 0; d < point.size(); ++d) {
    const double at = random.uniform() + static_cast<double>(number) * std::pow(base, -static_cast<double>(d + 1));
    point[d] = at - std::floor(at);
  }
  return point;
}

Point Search::tpe(std::size_t number, std::span<const Tried> tried, const Point& fixed) const {
  const auto with_fixed = [&](Point point) {
    for (std::size_t d = 0; d < fixed.size(); ++d)
      if (!std::isnan(fixed[d])) point[d] = fixed[d];
    return point;
  };
  if (tried.size() < kWarmUp || dimensions() == 0) return with_fixed(spread(number));
  std::vector<const Tried*> order;
  for (const Tried& one : tried) order.push_back(&one);
  std::stable_sort(order.begin(), order.end(), [](const Tried* a, const Tried* b) { return a->value > b->value; });
  const auto share = static_cast<std::size_t>(std::ceil(kGoodShare * static_cast<double>(order.size())));
  const std::size_t good = std::clamp(share, kFewestGood, kMostGood);
  std::vector<const Point*> of_good, of_rest;
  for (std::size_t n = 0; n < order.size(); ++n) (n < good ? of_good : of_rest).push_back(&order[n]->point);
  const Density l = density_of(sizes_, std::move(of_good)), g = density_of(sizes_, std::move(of_rest));
  Random random = random_for(seed_, number);
  Point best;
  double best_ratio = -std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < kCandidates; ++c) {
    Point candidate = with_fixed(l.drawn(random));
    const double ratio = l.log_at(candidate) - g.log_at(candidate);
    if (ratio <= best_ratio) continue;
    best_ratio = ratio;
    best = std::move(candidate);
  }
  return best;
}

Json Search::settings_at(const Point& point, const Json& start) const {
  Json settings = start.is_null() ? Json::object() : start;
  for (std::size_t c = 0; c < space_.size(); ++c) {
    const auto own = std::span(point).subspan(firsts_[c], firsts_[c + 1] - firsts_[c]);
    if (std::none_of(own.begin(), own.end(), [](double u) { return std::isnan(u); })) settings[space_[c].setting] = space_[c].at(own);
  }
  return settings;
}

Point Search::point_of(const Json& settings, const Json& standard) const {
  Point point(dimensions(), NAN);
  for (std::size_t c = 0; c < space_.size(); ++c) {
    const Json* value = settings.find(space_[c].setting);
    if (value == nullptr) value = standard.find(space_[c].setting);
    if (value == nullptr) continue;
    if (const auto own = space_[c].find(*value)) std::copy(own->begin(), own->end(), point.begin() + static_cast<std::ptrdiff_t>(firsts_[c]));
  }
  return point;
}

}  // namespace attune::eval
