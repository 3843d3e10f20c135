// Debiased figures: how well targets stand, each weighing 1 / its propensity: the chance that the item was seen at all. Held-out events
// are what people were shown, and popular items are shown more, so plain figures flatter models that recommend what is popular.
// Source: Yang et al. 2018 (unbiased offline evaluation for implicit feedback), with the weights normalised over all users at once
// (SNIPS; Swaminathan and Joachims 2015): with one target a user, normalising by user would cancel them.
//   debiased_c = sum over users and targets of c(place) / p  /  sum of 1 / p      hr: c = 1[place <= K]   ndcg: c = 1[...] / log2(place + 1)
//   mrr: c = 1 / place    auc: c = share of the other candidates below
#pragma once
#include <span>
#include <string_view>
#include <vector>

#include "attune/data/dataset.h"
#include "attune/eval/ranked.h"

namespace attune::eval {

// Names without "@K" of what debiased_figures() gives.
std::span<const std::string_view> debiased_names();

// Figures "debiased_hr@10", ..., and "debiased_targets": how many targets of one weight would say as much ((sum 1/p)^2 / sum 1/p^2).
// Intervals resample users, weights and all. Propensities: options.debias.known, else (users who took it / most)^power of `train`, at
// least clip. Throws Error: bad_request for options out of range or a wrong number of propensities.
std::vector<Figure> debiased_figures(const Ranked& ranked, const data::Dataset& train, const EvalOptions& options, const Run& run);

}  // namespace attune::eval
