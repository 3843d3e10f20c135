// Strangeness: signs are put on one scale by their spread among known messages, then weighed by logistic regression.
#include "attune/talk/desk/strangeness.h"

#include <algorithm>
#include <cmath>

#include "attune/core/error.h"
#include "attune/train/logistic.h"

namespace attune::talk::desk {
namespace {

constexpr std::size_t kLeastLessons = 20, kMostKnown = 1000;

// How much each sign, scaled, says that a message is of no intent; never less than nothing.
Signs learned_shares(std::span<const Signs> inside, std::span<const Signs> outside, const Signs& means, const Signs& scales, const Run& run) {
  Sparse rows{.rows = inside.size() + outside.size(), .cols = kSigns};
  std::vector<float> labels(inside.size(), 0.0f);
  labels.resize(rows.rows, 1.0f);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const Signs& signs = r < inside.size() ? inside[r] : outside[r - inside.size()];
    for (std::size_t s = 0; s < kSigns; ++s) {
      rows.indices.push_back(static_cast<std::uint32_t>(s));
      rows.values.push_back(static_cast<float>(scales[s] * (signs[s] - means[s])));
    }
    rows.offsets.push_back(rows.indices.size());
  }
  const train::Logistic mix = train::Logistic::fit(rows, labels, 1.0f, run);
  Signs shares;
  for (std::size_t s = 0; s < kSigns; ++s) shares[s] = std::max(0.0, mix.weights()[s]);
  return shares;
}

}  // namespace

Strangeness Strangeness::learn(std::span<const Signs> inside, std::span<const Signs> outside, double kept, const Run& run) {
  if (inside.empty()) throw Error(Code::bad_data, "the bar of strangeness has no known messages to be set by");
  Strangeness made;
  const auto n = static_cast<double>(inside.size());
  for (std::size_t s = 0; s < kSigns; ++s) {
    double sum = 0, squares = 0;
    for (const Signs& one : inside) sum += one[s], squares += one[s] * one[s];
    made.means_[s] = sum / n;
    const double spread = std::sqrt(std::max(0.0, squares / n - made.means_[s] * made.means_[s]));
    made.weights_[s] = spread > 1e-9 ? 1 / spread : 0;
  }
  if (outside.size() >= kLeastLessons) {
    const Signs shares = learned_shares(inside, outside, made.means_, made.weights_, run);
    for (std::size_t s = 0; s < kSigns; ++s) made.weights_[s] *= shares[s];
  }
  std::vector<double> scores;
  for (const Signs& one : inside) scores.push_back(made.of(one));
  std::sort(scores.begin(), scores.end());
  const std::size_t shown = std::min(scores.size(), kMostKnown);
  for (std::size_t i = 0; i < shown; ++i) made.known_.push_back(scores[i * scores.size() / shown]);
  made.bar_ = scores[std::min(scores.size() - 1, static_cast<std::size_t>(kept * n))];
  return made;
}

double Strangeness::of(const Signs& signs) const noexcept {
  double sum = 0;
  for (std::size_t s = 0; s < kSigns; ++s) sum += weights_[s] * (signs[s] - means_[s]);
  return sum;
}

double Strangeness::usual() const noexcept { return known_.empty() ? bar_ : std::min(bar_, known_[known_.size() / 2]); }

double Strangeness::common(double strangeness) const noexcept {
  const auto first = std::lower_bound(known_.begin(), known_.end(), strangeness);
  return static_cast<double>(known_.end() - first) / static_cast<double>(std::max<std::size_t>(1, known_.size()));
}

void Strangeness::save(ByteWriter& out) const {
  out.number(bar_);
  out.array(std::span<const double>(means_)), out.array(std::span<const double>(weights_)), out.array(std::span<const double>(known_));
}

Strangeness Strangeness::load(ByteReader& in) {
  Strangeness made;
  made.bar_ = in.number<double>();
  const std::vector<double> means = in.array<double>(), weights = in.array<double>();
  made.known_ = in.array<double>();
  if (means.size() != kSigns || weights.size() != kSigns) throw Error(Code::bad_data, "the trained intents are damaged or of another version; run: attune desk train");
  std::copy(means.begin(), means.end(), made.means_.begin());
  std::copy(weights.begin(), weights.end(), made.weights_.begin());
  return made;
}

}  // namespace attune::talk::desk
