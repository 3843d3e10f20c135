// Factor model: vectors of items, and a user's vector made from the history at the moment of the question: what a linear map makes
// of the mean of the history's items, plus what was learned of that user beside it. What BPR, SimpleX, LightGCN and XSimGCL become
// once they are trained.
//   u = centre + (mean of v_i over the history) M + own x residual of the user;   score of j = u . v_j
// M is ridge regression from the mean of each fitted user's items to the user's trained vector, so a user with the history of the fit
// gets the trained vector back (own = 1), one with more is moved by what came since, and anybody else is folded in.
// The map is learned from all users and so is less noisy than one user's vector where histories are long, and says less where they are
// short: NDCG on validation with own = 1, .6 or .7, 0..3: MovieLens-1M (111 events a user) XSimGCL .2169, .2195, .2220, BPR .1979, .2012,
// .2015; Gowalla (24) LightGCN with softmax .1144, .1134, .1118. So it is a setting.
// Cost: a request is O(history x factors + factors^2) for u and one pass over the item vectors.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/matrix.h"
#include "attune/data/dataset.h"
#include "attune/model/recommender.h"

namespace attune::model {

struct FactorParts {
  std::string name;
  Json settings;
  Matrix items;       // [items, factors]; of length 1 each where scores are cosines
  Matrix users;       // [users, factors]; length does not matter: they are made of length 1
  float own = 1;      // how much of what was learned of a user beside the history counts: 1 = the trained vector, 0 = the history alone
};
// `data`: what it was trained on. Throws Error: cancelled.
std::unique_ptr<const Recommender> make_factor_model(FactorParts parts, const data::Dataset& data, const Run& run);
// Reads what save() wrote. Throws Error: bad_data when the parts do not fit together or it is not a model named `name`.
std::unique_ptr<const Recommender> load_factor_model(ByteReader& in, const std::string& name);

}  // namespace attune::model
