// iALS training: factors of users and items by alternating least squares over all pairs, seen and unseen.
//   L = sum_seen c (u'v - t)^2 + a0 sum_all (u'v)^2 + reg [ sum_u (n_u + a0 I)^nu |u|^2 + sum_i (n_i + a0 U)^nu (|v|^2 + prior |v - B z|^2) ]
// with c = |weight|^power the confidence, t = 1 for liked and 0 for disliked pairs, n the confidence a row adds up to. An item
// that nobody took gets v = B z.
// Source: Rendle et al. 2022 (revisiting iALS); the prior mean B z of an item's text z as in feature-aware iALS (irspack).
// How: before each half epoch the fixed side is turned into the eigenvectors of its Gram matrix. Turning changes no score,
// and every row's system becomes diagonal plus its own few rows: normal_equations.h solves it in a handful of steps that
// never touch a d x d matrix. Cost an epoch: O(steps nnz d + (U + I) d^2), the last term as plain matrix products.
#pragma once
#include <span>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/normal_equations.h"
#include "attune/core/progress.h"
#include "attune/core/sparse.h"

namespace attune::model {

struct IalsOptions {
  int factors = 128, epochs = 16, steps = 3;
  float tolerance = 0.01f;   // of a row's solution while training
  float reg = 0.003f, unobserved = 0.03f, nu = 1, power = 1;
  float prior = 1;           // pull to B z; 0 = texts are not read
};

// What a query needs: items in the basis in which V'V is diagonal.
struct IalsFactors {
  Matrix items;                 // V [items, factors]; zeros for items nobody took (without a text)
  std::vector<float> spectrum;  // diagonal of V'V [factors], of the items that somebody took
  Matrix text_map;              // B [text columns, factors] or empty
};

// Pull towards zero of a row whose confidences add up to `confidence`.
float regularisation(const IalsOptions& options, double confidence, std::size_t others);

//   by_user  [users, items]  values = weights, negative = disliked
//   by_item  its transpose
//   text     [items, columns] or empty
IalsFactors train_ials(const Sparse& by_user, const Sparse& by_item, MatrixView text, const IalsOptions& options, const Run& run);

// One row's system over `others`: fills weights and pulls of `confidence` from signed weights. Returns their sum.
double confidences(std::span<const float> signed_weights, float power, std::span<float> weights, std::span<float> pulls);

}  // namespace attune::model
