// Shared terms: what closed forms with text priors have in common between fits of one dataset, by way of Run::memo.
//   W = P R + sum_k l_k P C_k: neither P nor the products depend on the weights l_k, so other weights cost a sum.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/memo.h"
#include "attune/data/dataset.h"
#include "attune/model/text_prior.h"

namespace attune::model {

// The inverse that a key stands for, made when it is asked for.
struct KeyedInverse {
  std::string key;    // names everything that P depends on
  std::function<std::shared_ptr<const Matrix>()> get;
};

// out += sum_k weight_k P C_k, each P C_k and each C_k from run.memo. Needs a memo.
void add_shared_priors(const KeyedInverse& inverse, const data::Dataset& data, const std::vector<PriorWeight>& priors,
                       const TextPriorOptions& options, Matrix& out, const Run& run);

// "name a=1 b=2" with numbers written so that different ones differ.
std::string memo_key(const std::string& name, std::initializer_list<std::pair<const char*, double>> settings);

}  // namespace attune::model
