// Shared terms: see the header. Cost of a weighting whose terms are there: one pass over items by items a prior.
#include "attune/model/shared_terms.h"

#include <fmt/core.h>

#include "attune/core/kernels.h"
#include "attune/core/parallel.h"

namespace attune::model {

std::string memo_key(const std::string& name, std::initializer_list<std::pair<const char*, double>> settings) {
  std::string key = name;
  for (const auto& [setting, value] : settings) key += fmt::format(" {}={}", setting, value);
  return key;
}

void add_shared_priors(const KeyedInverse& inverse, const data::Dataset& data, const std::vector<PriorWeight>& priors,
                       const TextPriorOptions& options, Matrix& out, const Run& run) {
  ATTUNE_ASSERT(run.memo != nullptr, "without a memo add_priors is quicker");
  for (const PriorWeight& prior : priors) {
    const data::ItemFeatures& features = features_named(data, prior.feature);
    const double lf = features.is_sparse() ? options.lf_sparse : options.lf_dense, eps = features.is_sparse() ? 0 : options.whiten_eps;
    const std::string text_key = memo_key("text " + prior.feature, {{"lf", lf}, {"eps", eps}});
    const auto term = run.memo->get<Matrix>(&data, inverse.key + " x " + text_key, out.size_bytes(), [&] {
      const auto p = inverse.get();
      const auto text = run.memo->get<TextPrior>(&data, text_key, prior_bytes(features), [&] { return text_prior(prior.feature, features, options, run); });
      Matrix product(out.rows(), out.cols());
      add_prior(*p, *text, 1.0f, product, nullptr, run);
      return product;
    });
    parallel_for(0, out.rows(), 64, run, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) axpy(prior.weight, term->row(i), out.row(i));
    });
  }
}

}  // namespace attune::model
