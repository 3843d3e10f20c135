// Propensities: how likely an item was to be seen at all. What people took is what they were shown, and popular items are shown
// more; weighing each positive pair by 1 / propensity takes that out of a loss.
// Source: Schnabel et al. 2016; Yang et al. 2018 (popularity as propensity); Swaminathan and Joachims 2015 (self-normalised).
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace attune::train {

struct PropensityOptions {
  float power = 0;      // p_i = (n_i / max n)^power; 0 = every item was as likely to be seen: no weighing
  float clip = 0.01f;   // p_i is at least this: bounds the weights, so that a few rare items do not rule
};

// p_i of every item from how many people took it [items]; 0 < p_i <= 1. An item nobody took has p = clip, or 1 without a power.
inline std::vector<float> propensities(std::span<const std::uint32_t> popularity, PropensityOptions options) {
  std::vector<float> p(popularity.size(), 1.0f);
  const std::uint32_t most = popularity.empty() ? 0 : *std::max_element(popularity.begin(), popularity.end());
  if (options.power == 0 || most == 0) return p;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double share = static_cast<double>(popularity[i]) / static_cast<double>(most);
    p[i] = std::max(std::max(options.clip, 1e-9f), static_cast<float>(std::pow(share, static_cast<double>(options.power))));
  }
  return p;
}

// 1 / p_i, scaled so that the mean over all pairs is 1 (self-normalised): the loss keeps its size, so the learning rate does too.
inline std::vector<float> inverse_propensity_weights(std::span<const std::uint32_t> popularity, PropensityOptions options) {
  std::vector<float> w = propensities(popularity, options);
  double pairs = 0, sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    w[i] = 1 / w[i];
    pairs += popularity[i];
    sum += static_cast<double>(popularity[i]) * static_cast<double>(w[i]);
  }
  if (sum > 0)
    for (float& x : w) x = static_cast<float>(static_cast<double>(x) * pairs / sum);
  return w;
}

}  // namespace attune::train
