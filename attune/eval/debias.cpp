// Debiased figures: sums of weighted gains by user, then ratios of their means; so is every resample.
#include "attune/eval/debias.h"

#include <array>
#include <cmath>

#include "attune/eval/bootstrap.h"
#include "attune/train/propensity.h"

namespace attune::eval {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"debiased_hr", "debiased_ndcg", "debiased_mrr", "debiased_auc", "debiased_targets"};

std::vector<float> propensities_of(const data::Dataset& train, const Debias& debias) {
  if (debias.known.empty()) {
    if (!(debias.power >= 0 && debias.power <= 10)) throw Error(Code::bad_request, "debias: power must be 0..10, got " + std::to_string(debias.power));
    if (!(debias.clip > 0 && debias.clip <= 1)) throw Error(Code::bad_request, "debias: clip must be above 0 and at most 1, got " + std::to_string(debias.clip));
    return train::propensities(train.popularity(), {.power = debias.power, .clip = debias.clip});
  }
  if (debias.known.size() != train.item_count())
    throw Error(Code::bad_request, "debias: expected a propensity for each of " + std::to_string(train.item_count()) + " items, got " + std::to_string(debias.known.size()));
  for (const float p : debias.known)
    if (!(p > 0 && p <= 1)) throw Error(Code::bad_request, "debias: propensities must be above 0 and at most 1, got " + std::to_string(p));
  return {debias.known.begin(), debias.known.end()};
}

// Adds what one target adds: gains in the order of `names`, and its weight last.
void add_target(double place, double candidates, double weight, std::span<const int> ks, double* row) {
  std::size_t at = 0;
  for (const int k : ks) {
    const bool is_in = place <= k;
    row[at++] += is_in ? weight : 0;
    row[at++] += is_in ? weight / std::log2(place + 1) : 0;
  }
  row[at++] += std::isfinite(place) ? weight / place : 0;
  row[at++] += candidates > 1 && std::isfinite(place) ? weight * (candidates - place) / (candidates - 1) : 0;
  row[at] += weight;
}

}  // namespace

std::span<const std::string_view> debiased_names() { return kNames; }

std::vector<Figure> debiased_figures(const Ranked& ranked, const data::Dataset& train, const EvalOptions& options, const Run& run) {
  const std::vector<float> p = propensities_of(train, options.debias);
  std::vector<std::string> names;
  for (const int k : options.ks)
    for (const char* name : {"debiased_hr@", "debiased_ndcg@"}) names.push_back(name + std::to_string(k));
  names.insert(names.end(), {"debiased_mrr", "debiased_auc"});
  const std::size_t columns = names.size() + 1, users = ranked.cases.size();
  std::vector<double> sums(users * columns);
  double total = 0, squares = 0;
  bool is_whole = true;   // places below the end of a list are not known: no auc
  for (std::size_t u = 0; u < users; ++u) {
    const RankedCase& one = ranked.cases[u];
    is_whole = is_whole && one.candidates > 0;
    for (std::size_t t = 0; t < one.places.size(); ++t) {
      const double weight = 1 / static_cast<double>(p[to_index(one.asked->targets[t])]);
      const double place = one.places[t].is_found() ? one.places[t].mean() : std::numeric_limits<double>::infinity();
      add_target(place, static_cast<double>(one.candidates), weight, options.ks, &sums[u * columns]);
      total += weight;
      squares += weight * weight;
    }
  }
  std::vector<Figure> figures;
  if (!(total > 0)) return figures;
  std::vector<double> drawn;
  if (options.bootstrap > 0 && users > 1) drawn = bootstrap_means(sums, columns, options.bootstrap, run);
  for (std::size_t m = 0; m < names.size(); ++m) {
    if (names[m] == "debiased_auc" && !is_whole) continue;
    Figure figure{.name = names[m], .n = users};
    for (std::size_t u = 0; u < users; ++u) figure.mean += sums[u * columns + m] / total;
    figure.low = figure.high = figure.mean;
    if (!drawn.empty()) {
      std::vector<double> ratios;
      for (std::size_t b = 0; b < drawn.size() / columns; ++b) ratios.push_back(drawn[b * columns + m] / drawn[b * columns + columns - 1]);
      const Interval ends = intervals(ratios, 1, options.confidence).at(0);
      figure.low = ends.low;
      figure.high = ends.high;
      figure.has_interval = true;
    }
    figures.push_back(std::move(figure));
  }
  const double effective = total * total / squares;
  figures.push_back({.name = "debiased_targets", .mean = effective, .low = effective, .high = effective, .n = users});
  return figures;
}

}  // namespace attune::eval
