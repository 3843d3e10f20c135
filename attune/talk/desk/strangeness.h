// Strangeness: how little a message is like any known one, as a mixture of signs, and the bar above which it is of no known intent.
// The bar is set so that a chosen share of known messages stays in; messages of no intent, where there are some, teach the mixture.
// Source: signs of novelty: largest chance, Hendrycks and Gimpel 2017; energy, Liu et al. 2020; nearest neighbours, Sun et al. 2022.
#pragma once
#include <array>
#include <span>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/progress.h"

namespace attune::talk::desk {

// Higher is stranger; each has a scale of its own.
enum Sign : std::size_t {
  kSurprise,         // of the linear head: how far the best class is from all
  kEnergy,           // of the linear head
  kDistance,         // to the nearest known messages
  kOutOfReach,       // of the kernel head: how little the best class gets
  kTunedSurprise,    // the same of tuned encoders
  kTunedEnergy,
  kTunedDistance,    // to the nearest class
  kSigns
};
using Signs = std::array<double, kSigns>;

// Const after learn, safe from any thread.
class Strangeness {
 public:
  //   inside   signs of known messages that were not learned, one at least
  //   outside  signs of messages of no intent; below 20 of them all signs count alike
  //   kept     share of known messages that is to stay below the bar
  static Strangeness learn(std::span<const Signs> inside, std::span<const Signs> outside, double kept, const Run& run);

  double of(const Signs& signs) const noexcept;   // no unit
  double bar() const noexcept { return bar_; }
  // What a known message has as a rule; at most the bar.
  double usual() const noexcept;
  // Share of known messages that are at least as strange.
  double common(double strangeness) const noexcept;

  void save(ByteWriter& out) const;
  static Strangeness load(ByteReader& in);   // throws Error: bad_data

 private:
  Signs means_{}, weights_{};
  double bar_ = 0;
  std::vector<double> known_;   // of known messages that were not learned, ascending; at most 1,000 of them, evenly
};

}  // namespace attune::talk::desk
