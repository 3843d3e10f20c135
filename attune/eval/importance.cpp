// Importance by a forest of regression trees on points in [0, 1]: each tree is a sum of boxes, so the mean over all other
// coordinates is exact. Cost: trees x leaves x coordinates x cuts.
#include "attune/eval/importance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "attune/core/random.h"
#include "attune/eval/svg_plot.h"

namespace attune::eval {
namespace {

constexpr std::size_t kFewestTrials = 8, kTrees = 64, kSmallestLeaf = 2;

struct Box {
  std::vector<double> low, high;
  double value = 0;
  double volume() const {
    double v = 1;
    for (std::size_t d = 0; d < low.size(); ++d) v *= high[d] - low[d];
    return v;
  }
};

struct Data {
  std::vector<Point> points;
  std::vector<double> values;
};

double mean_of(const Data& data, std::span<const std::size_t> rows) {
  double sum = 0;
  for (const std::size_t r : rows) sum += data.values[r];
  return sum / static_cast<double>(rows.size());
}

// Splits where the squares fall most, until leaves are small or even.
void grow(const Data& data, std::vector<std::size_t> rows, Box box, std::vector<Box>& leaves) {
  box.value = mean_of(data, rows);
  std::size_t best_d = 0, best_at = 0;
  double best_gain = 1e-12, best_cut = 0;
  for (std::size_t d = 0; d < box.low.size(); ++d) {
    std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return data.points[a][d] < data.points[b][d]; });
    double left = 0, all = box.value * static_cast<double>(rows.size());
    for (std::size_t n = 1; n < rows.size(); ++n) {
      left += data.values[rows[n - 1]];
      const double before = data.points[rows[n - 1]][d], after = data.points[rows[n]][d];
      if (n < kSmallestLeaf || rows.size() - n < kSmallestLeaf || after <= before) continue;
      const double a = static_cast<double>(n), b = static_cast<double>(rows.size() - n);
      const double gain = left * left / a + (all - left) * (all - left) / b - all * all / (a + b);
      if (gain <= best_gain) continue;
      best_gain = gain, best_d = d, best_at = n, best_cut = (before + after) / 2;
    }
  }
  if (best_at == 0) {
    leaves.push_back(std::move(box));
    return;
  }
  std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return data.points[a][best_d] < data.points[b][best_d]; });
  Box lower = box, upper = box;
  lower.high[best_d] = upper.low[best_d] = best_cut;
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(best_at);
  grow(data, {rows.begin(), middle}, std::move(lower), leaves);
  grow(data, {middle, rows.end()}, std::move(upper), leaves);
}

// Variance over [0, 1] of the mean over all coordinates but d.
double main_effect(const std::vector<Box>& leaves, std::size_t d, double mean) {
  std::vector<double> cuts = {0, 1};
  for (const Box& leaf : leaves) cuts.push_back(leaf.low[d]);
  std::sort(cuts.begin(), cuts.end());
  double variance = 0;
  for (std::size_t c = 0; c + 1 < cuts.size(); ++c) {
    const double wide = cuts[c + 1] - cuts[c], at = (cuts[c] + cuts[c + 1]) / 2;
    if (wide <= 0) continue;
    double marginal = 0;
    for (const Box& leaf : leaves)
      if (leaf.low[d] <= at && at < leaf.high[d]) marginal += leaf.value * leaf.volume() / (leaf.high[d] - leaf.low[d]);
    variance += wide * (marginal - mean) * (marginal - mean);
  }
  return variance;
}

Data known_points(std::span<const Trial> trials, const std::string& model) {
  Data data;
  for (const Trial& trial : trials) {
    if (trial.model != model || !trial.counts() || std::any_of(trial.point.begin(), trial.point.end(), [](double u) { return std::isnan(u); })) continue;
    data.points.push_back(trial.point);
    data.values.push_back(trial.figure.mean);
  }
  return data;
}

Plot rise_of(const Tuned& tuned) {
  Plot plot{.title = "Best " + tuned.objective + " so far, " + tuned.split, .x_label = "trial", .y_label = tuned.objective};
  for (const std::string& model : tuned.models()) {
    Series best{.name = model};
    Series each{.name = model + ", each trial", .draw = Series::Draw::points};
    double top = -INFINITY;
    for (const Trial& trial : tuned.trials) {
      if (trial.model != model || !trial.counts()) continue;
      top = std::max(top, trial.figure.mean);
      best.x.push_back(static_cast<double>(trial.number + 1));
      best.y.push_back(top);
      each.x.push_back(best.x.back());
      each.y.push_back(trial.figure.mean);
    }
    plot.series.push_back(std::move(best));
    plot.series.push_back(std::move(each));
  }
  return plot;
}

// A picture a series of training curves; at most as many trials as can be told apart: the best ones.
std::vector<NamedPicture> curves_of(const Tuned& tuned, const std::string& model) {
  constexpr std::size_t kMost = 8;
  std::map<std::string, std::vector<const Trial*>> by_series;
  for (const Trial& trial : tuned.trials)
    if (trial.model == model)
      for (const auto& [series, curve] : trial.curves) by_series[series].push_back(&trial);
  std::vector<NamedPicture> pictures;
  for (auto& [series, trials] : by_series) {
    std::stable_sort(trials.begin(), trials.end(), [](const Trial* a, const Trial* b) { return a->figure.mean > b->figure.mean; });
    trials.resize(std::min(trials.size(), kMost));
    Plot plot{.title = series + ", the best " + std::to_string(trials.size()) + " trials", .x_label = "epoch", .y_label = series};
    for (const Trial* trial : trials) {
      Series line{.name = "trial " + std::to_string(trial->number + 1), .is_dashed = !trial->stopped.empty()};
      for (const auto& [step, value] : trial->curves.at(series)) {
        line.x.push_back(static_cast<double>(step));
        line.y.push_back(value);
      }
      plot.series.push_back(std::move(line));
    }
    std::string name = series;
    for (char& c : name)
      if (c == '/' || c == ' ' || c == '@') c = '-';
    pictures.push_back({"curve-" + name + ".svg", svg_file(plot)});
  }
  return pictures;
}

}  // namespace

std::vector<Importance> importance(std::span<const Trial> trials, const Tunable& model, std::uint64_t seed) {
  const Data data = known_points(trials, model.name);
  const Search search(model.space, seed);
  if (data.points.size() < kFewestTrials || search.dimensions() == 0) return {};
  std::vector<double> shares(search.dimensions(), 0.0);
  Random random(seed);
  std::size_t trees = 0;
  for (std::size_t t = 0; t < kTrees; ++t) {
    std::vector<std::size_t> rows(data.points.size());
    for (std::size_t& row : rows) row = random.below(rows.size());
    std::vector<Box> leaves;
    grow(data, std::move(rows), {std::vector<double>(search.dimensions(), 0.0), std::vector<double>(search.dimensions(), 1.0)}, leaves);
    double mean = 0, variance = 0;
    for (const Box& leaf : leaves) mean += leaf.volume() * leaf.value;
    for (const Box& leaf : leaves) variance += leaf.volume() * (leaf.value - mean) * (leaf.value - mean);
    if (variance <= 0) continue;
    ++trees;
    for (std::size_t d = 0; d < shares.size(); ++d) shares[d] += main_effect(leaves, d, mean) / variance;
  }
  if (trees == 0) return {};
  std::vector<Importance> list;
  for (std::size_t c = 0; c < search.space().size(); ++c) {
    const auto [first, last] = search.coordinates(c);
    const double sum = std::accumulate(shares.begin() + static_cast<std::ptrdiff_t>(first), shares.begin() + static_cast<std::ptrdiff_t>(last), 0.0);
    list.push_back({search.space()[c].setting, sum / static_cast<double>(trees)});
  }
  std::stable_sort(list.begin(), list.end(), [](const Importance& a, const Importance& b) { return a.share > b.share; });
  return list;
}

std::vector<NamedPicture> pictures_of(const Tuned& tuned, const std::vector<Tunable>& models, std::uint64_t seed) {
  std::vector<NamedPicture> pictures = {{"best.svg", svg_file(rise_of(tuned))}};
  for (const Tunable& model : models) {
    const std::vector<Importance> list = importance(tuned.trials, model, seed);
    if (!list.empty()) {
      Plot plot{.title = model.name + ": share of the spread of " + tuned.objective + " that each setting explains alone (fANOVA)", .y_label = "share", .is_lying = true};
      plot.height = 110 + 34 * static_cast<int>(list.size());
      plot.series.push_back({.name = "share", .draw = Series::Draw::bars});
      for (const Importance& one : list) {
        plot.series[0].x.push_back(static_cast<double>(plot.categories.size()));
        plot.series[0].y.push_back(one.share);
        plot.categories.push_back(one.setting);
      }
      pictures.push_back({"importance-" + model.name + ".svg", svg_file(plot)});
    }
    for (NamedPicture& picture : curves_of(tuned, model.name)) pictures.push_back(std::move(picture));
  }
  return pictures;
}

}  // namespace attune::eval
