// Rating error: sums by user, then roots of ratios of their means; so is every resample.
#include "attune/eval/rating_error.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "attune/core/parallel.h"
#include "attune/eval/bootstrap.h"
#include "attune/model/rating.h"

namespace attune::eval {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"rmse", "mae", "plain_rmse", "plain_mae"};
constexpr std::size_t kColumns = kNames.size() + 1;   // the errors, and how many
constexpr float kPullItems = 3, kPullUsers = 5;       // as tuned_cosine's defaults: best on MovieLens 100K's validation part

double weight_in(const data::Dataset& whole, UserId user, ItemId item) {
  const auto items = whole.interactions().row_indices(to_index(user));
  const auto at = std::lower_bound(items.begin(), items.end(), static_cast<std::uint32_t>(to_index(item)));
  if (at == items.end() || *at != to_index(item)) return 0;
  return static_cast<double>(whole.interactions().row_values(to_index(user))[static_cast<std::size_t>(at - items.begin())]);
}

void add_case(const data::Case& asked, const data::Dataset& whole, const RateFn& ratings, const model::RatingBias& bias, double* row) {
  std::vector<float> guesses(asked.targets.size());
  ratings(asked, asked.targets, guesses);
  const double user = bias.user(asked.input);
  for (std::size_t t = 0; t < guesses.size(); ++t) {
    const ItemId item = asked.targets[t];
    const double truth = weight_in(whole, asked.user, item);
    if (truth == 0) continue;   // nothing was said of it
    if (!std::isfinite(guesses[t]))
      throw Error(Code::bad_data, "the rating of item " + std::to_string(to_index(item)) + " by user " + std::to_string(to_index(asked.user)) + " is not a number");
    const double gap = static_cast<double>(guesses[t]) - truth, plain = bias.item(to_index(item)) + user - truth;
    row[0] += gap * gap;
    row[1] += std::abs(gap);
    row[2] += plain * plain;
    row[3] += std::abs(plain);
    row[4] += 1;
  }
}

double figure_of(std::size_t column, const double* means) {
  const double ratio = means[kColumns - 1] > 0 ? means[column] / means[kColumns - 1] : 0;
  return column % 2 == 0 ? std::sqrt(ratio) : ratio;
}

}  // namespace

std::span<const std::string_view> rating_names() { return kNames; }

std::vector<Figure> rating_figures(const data::Split& split, const data::Dataset& whole, const RateFn& ratings, const EvalOptions& options, const Run& run) {
  const model::RatingBias bias(*split.train, kPullItems, kPullUsers);
  const std::size_t users = split.cases.size();
  std::vector<double> sums(users * kColumns);
  parallel_for(0, users, 64, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t u = first; u < last; ++u) add_case(split.cases[u], whole, ratings, bias, &sums[u * kColumns]);
  });
  std::vector<double> means(kColumns);
  for (std::size_t k = 0; k < sums.size(); ++k) means[k % kColumns] += sums[k] / static_cast<double>(users);
  std::vector<Figure> figures;
  if (!(means[kColumns - 1] > 0)) return figures;
  std::vector<double> drawn;
  if (options.bootstrap > 0 && users > 1) drawn = bootstrap_means(sums, kColumns, options.bootstrap, run);
  for (std::size_t m = 0; m < kNames.size(); ++m) {
    Figure figure{.name = std::string(kNames[m]), .mean = figure_of(m, means.data()), .n = users};
    figure.low = figure.high = figure.mean;
    if (!drawn.empty()) {
      std::vector<double> values;
      for (std::size_t b = 0; b < drawn.size() / kColumns; ++b) values.push_back(figure_of(m, &drawn[b * kColumns]));
      const Interval ends = intervals(values, 1, options.confidence).at(0);
      figure.low = ends.low;
      figure.high = ends.high;
      figure.has_interval = true;
    }
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace attune::eval
