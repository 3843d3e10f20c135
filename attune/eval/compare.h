// Comparison of two models on the same users: paired, so that what makes a user easy or hard cancels out.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/eval/evaluate.h"

namespace attune::eval {

struct Comparison {
  std::string metric, first, second;  // names of the two models
  double difference = 0;              // mean of second - first
  double low = 0, high = 0;           // interval of the difference, paired bootstrap
  double p_t = 1;                     // paired t-test, two-sided
  double p_wilcoxon = 1;              // signed ranks, zeros dropped, normal approximation with tie correction, two-sided
  double p_holm = 1;                  // p_t after Holm's correction over all comparisons made together
  std::size_t better = 0, worse = 0, same = 0, n = 0;  // users
  Json to_json() const;
};

// Throws Error: bad_request when the two were not measured on the same users or lack the metric.
Comparison compare(const Evaluation& first, const Evaluation& second, std::string_view metric, double confidence, int resamples,
                   const Run& run);
// Sets p_holm of each, taking them as one family.
void correct(std::span<Comparison> family);

double paired_t_test(std::span<const double> differences);
double wilcoxon_signed_rank(std::span<const double> differences);
// Holm's step-down: adjusted p-values in the order given.
std::vector<double> holm(std::span<const double> p);

}  // namespace attune::eval
