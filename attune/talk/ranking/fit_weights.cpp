// Weights of the figures, by a softmax over the items: each new item that was named is one draw.
#include <algorithm>
#include <cmath>
#include <map>

#include "attune/core/random.h"
#include "attune/talk/ranking/learn.h"

namespace attune::talk::ranking {
namespace {

// Adds the gradient of one question's -ln softmax; returns how many items it wanted.
double add_gradient(const Example& example, std::span<const double> w, std::span<double> gradient) {
  if (example.items.empty()) return 0;
  std::vector<double> chance(example.items.size());
  double most = -INFINITY, sum = 0, wanted = 0;
  for (std::size_t i = 0; i < chance.size(); ++i) {
    for (std::size_t f = 0; f < w.size(); ++f) chance[i] += w[f] * example.z(i, f);
    most = std::max(most, chance[i]);
  }
  for (double& c : chance) sum += c = std::exp(c - most);
  for (const float y : example.wanted) wanted += y;
  for (std::size_t i = 0; i < chance.size(); ++i) {
    const double error = wanted * chance[i] / sum - example.wanted[i];
    for (std::size_t f = 0; f < w.size(); ++f) gradient[f] += error * example.z(i, f);
  }
  return wanted;
}

}  // namespace

// What figures weigh before anything is learned: enough to bring the wanted items among the candidates.
double first_weight(const std::string& name) {
  static const std::map<std::string, double> first = {{"language", 0.125}, {"language_last", 0.05}, {"words", 0.1}, {"words_last", 0.05}, {"title", 0.075}, {"takers", 0.25},
                                                     {"recommended", 0.3}, {"mentioned", 0.3}, {"lately", 0.2}, {"together", 1}, {"together_closed", 0.5}, {"together_last", 0.3},
                                                     {"alike", 0.7}, {"alike_language", 0.4}, {"told", 0.4}};
  const auto at = first.find(name);
  if (at != first.end()) return at->second;
  if (name.starts_with("called:")) return 0.4;
  if (name.starts_with("named:")) return 0.2;
  if (name.starts_with("model:") && name != "model:popularity") return 0.15;
  return name.starts_with("shared:") ? 0.125 : name.starts_with("near:") ? 0.05 : 0;
}

// Least mean over the items wanted of -ln softmax(z w) + ridge/2 |w|^2, by gradient steps with a step length of their own (RMSProp).
std::vector<double> fit_weights(const std::vector<Example>& examples, std::vector<double> w, double ridge, const Run& run) {
  constexpr int kEpochs = 12, kBatch = 100;
  std::vector<double> gradient(w.size()), square(w.size(), 0.0), mean(w.size(), 0.0);
  std::vector<std::size_t> order(examples.size());
  for (std::size_t q = 0; q < order.size(); ++q) order[q] = q;
  Random random(run.seed);
  std::size_t averaged = 0;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    run.check();
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    for (std::size_t first = 0; first < order.size(); first += kBatch) {
      std::fill(gradient.begin(), gradient.end(), 0.0);
      double draws = 0;
      for (std::size_t o = first; o < std::min(first + kBatch, order.size()); ++o) draws += add_gradient(examples[order[o]], w, gradient);
      const double rate = 0.02 / (1 + 0.5 * epoch);
      for (std::size_t f = 0; f < w.size(); ++f) {
        const double g = gradient[f] / std::max(draws, 1.0) + ridge * w[f];
        square[f] = 0.95 * square[f] + 0.05 * g * g;
        w[f] -= rate * g / (std::sqrt(square[f]) + 1e-6);
      }
      if (epoch + 3 < kEpochs) continue;
      ++averaged;
      for (std::size_t f = 0; f < w.size(); ++f) mean[f] += (w[f] - mean[f]) / static_cast<double>(averaged);   // the last epochs' mean: steps are noisy
    }
  }
  return averaged > 0 ? mean : w;
}

}  // namespace attune::talk::ranking
