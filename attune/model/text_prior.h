// Text prior: C [items, items] = EASE from texts alone, with zero diagonal, never made as such: what a model needs is P C.
// Sources: L3AE (Moon et al. 2025) for the prior, the identities below to stay out of item-by-item inverses.
//   C = Y M Y' diag(s) - diag(d),   s_j = 1 / (1 - h_j),   d_j = (Y M Y')_jj s_j
// Dense features X (whitened, rows of length 1): Y = X, M = (X'X + lf I)^-1, h = diag(X M X').
// Sparse features F (TF-IDF): words of one item only say nothing of two items; they go into the diagonal E = q + lf, q_j = the
// squared length of item j's own words. With Y = E^-1 F over the shared words: M = lf (I + F' E^-1 F)^-1, h = 1 - lf / E + diag(Y M Y').
// When the shared words outnumber the items, C = -B diag(s) off the diagonal with B = lf (F F' + E)^-1, items by items.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/sparse.h"
#include "attune/data/dataset.h"
#include "attune/model/score_parts.h"

namespace attune::model {

// One prior as asked for in settings: "tfidf=8,e5=41".
struct PriorWeight {
  std::string feature;
  float weight = 0;
};
// Throws Error: bad_request when the text is not NAME=WEIGHT,... with weights of 0 or more.
std::vector<PriorWeight> parse_priors(std::string_view text);
// The priors that a setting asks for. "auto" = every feature of the dataset: words alone 16, vectors alone 80, words beside
// vectors 8 and 60, several of a kind share: the best on the validation parts of Amazon Beauty, Toys and Games alike
// (bench/offline/settings.json). "" or "none" = none.
std::vector<PriorWeight> chosen_priors(const data::Dataset& data, std::string_view text);
// As a setting reads it: "tfidf=8,e5=41".
std::string text_of(const std::vector<PriorWeight>& priors);
// The features of the dataset by that name. Throws Error: bad_request naming the features there are.
const data::ItemFeatures& features_named(const data::Dataset& data, std::string_view name);

struct TextPriorOptions {
  float lf_dense = 10, lf_sparse = 3;  // ridge of the text EASE
  float whiten_eps = 1;                // share of the mean variance added to each direction
};

struct TextPrior {
  std::string feature;
  Matrix dense;                     // Y of dense features
  Sparse sparse;                    // Y of sparse features
  Matrix m;                         // M; or -B diag(s) when there are more words than items
  bool by_items = false;            // which of the two m is
  std::vector<float> scale, diagonal;  // s, d
};
TextPrior text_prior(std::string feature, const data::ItemFeatures& features, const TextPriorOptions& options, const Run& run);

// out += weight * P C for symmetric P. Tells `parts` (if any), so that the text's share of an entry can be looked up.
void add_prior(MatrixView p, const TextPrior& prior, float weight, Matrix& out, ScoreParts* parts, const Run& run);

// The same for every prior of the settings.
void add_priors(MatrixView p, const data::Dataset& data, const std::vector<PriorWeight>& priors, const TextPriorOptions& options,
                Matrix& out, ScoreParts* parts, const Run& run);

// Bytes that add_prior and text_prior take beside P and out.
std::size_t prior_bytes(const data::ItemFeatures& features);

}  // namespace attune::model
