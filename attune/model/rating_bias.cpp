// Rating bias: see rating.h.
#include <cmath>

#include "attune/model/rating.h"

namespace attune::model {

RatingBias::RatingBias(const data::Dataset& data, float pull_items, float pull_users) : pull_items_(pull_items), pull_users_(pull_users) {
  double sum = 0, squares = 0, n = 0;
  for (std::size_t u = 0; u < data.user_count(); ++u)
    for (const Touch& touch : data.history(user_at(u))) {
      const auto r = static_cast<double>(touch.weight);
      if (r == 0) continue;
      has_dislikes_ = has_dislikes_ || r < 0;
      sum += r;
      squares += r * r;
      ++n;
    }
  if (n > 0) {
    mean_ = sum / n;
    const double variance = squares / n - mean_ * mean_;
    spread_ = variance > 1e-9 * (1 + mean_ * mean_) ? std::sqrt(variance) : 0;
  }
  std::vector<double> sums(data.item_count());
  counts_.resize(data.item_count());
  for (std::size_t u = 0; u < data.user_count(); ++u)
    for (const Touch& touch : data.history(user_at(u))) {
      if (touch.weight == 0) continue;
      sums[to_index(touch.item)] += static_cast<double>(touch.weight) - mean_;
      ++counts_[to_index(touch.item)];
    }
  sums_.assign(sums.begin(), sums.end());
}

double RatingBias::user(std::span<const Touch> history) const noexcept {
  double sum = 0, n = 0;
  for (const Touch& touch : history) {
    if (touch.weight == 0) continue;
    sum += static_cast<double>(touch.weight) - item(to_index(touch.item));
    ++n;
  }
  return user_of(sum, n);
}

void RatingBias::save(ByteWriter& out) const {
  out.number(mean_);
  out.number(spread_);
  out.number(static_cast<std::uint8_t>(has_dislikes_));
  out.number(pull_items_);
  out.number(pull_users_);
  out.array(std::span<const float>(sums_));
  out.array(std::span<const float>(counts_));
}

RatingBias RatingBias::load(ByteReader& in) {
  RatingBias bias;
  bias.mean_ = in.number<double>();
  bias.spread_ = in.number<double>();
  bias.has_dislikes_ = in.number<std::uint8_t>() != 0;
  bias.pull_items_ = in.number<float>();
  bias.pull_users_ = in.number<float>();
  bias.sums_ = in.array<float>();
  bias.counts_ = in.array<float>();
  if (bias.counts_.size() != bias.sums_.size())
    throw Error(Code::bad_data, "the ratings of a model are damaged: sizes do not fit; fit again");
  return bias;
}

}  // namespace attune::model
