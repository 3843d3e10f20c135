// AlphaRec's training: the map from texts to factors by gradient descent on the softmax of cosines over the catalogue.
#pragma once
#include "attune/core/progress.h"
#include "attune/data/dataset.h"
#include "attune/model/alpharec.h"
#include "attune/train/propensity.h"

namespace attune::model {

struct AlphaOptions {
  bool is_linear = false;
  int factors = 64, hidden = 192, layers = 2;
  int epochs = 50, patience = 5, judge_every = 2, batch = 512;
  float lr = 1e-3f, tau = 0.15f;
  int negatives = 0;
  train::PropensityOptions propensity;
};

// Rows of users (the mean of their items' rows, by weight), then of items: [users + items, columns].
Matrix node_texts(const data::Dataset& data, MatrixView item_texts, const Run& run);
// The map of every row: [rows, factors].
Matrix apply(const TextMap& map, MatrixView rows);

struct AlphaFit {
  TextMap map;
  int epochs = 0;                      // how many were best
};
AlphaFit train_alpharec(const data::Dataset& data, MatrixView item_texts, const AlphaOptions& options, const Run& run);

}  // namespace attune::model
