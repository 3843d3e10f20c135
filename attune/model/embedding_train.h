// Embedding training: a vector for every user and every item, learned by gradient descent on who took what. BPR, SimpleX, LightGCN
// and XSimGCL are settings of this one loop: a loss, whether vectors first pass along the graph, whether two views of them are held
// against each other.
//   loss bpr: batches of pairs, each with one drawn negative. contrastive, softmax: batches of users, all their items at once against
//   the whole catalogue (or a drawn part): one matrix product a block of users, so on a CPU the whole costs less than a sample would.
// Deterministic for a seed, whatever the number of threads of parallel_for.
// Memory: 4 to 8 times (users + items) x factors floats, and a block of 128 users x items.
#pragma once
#include <string>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/data/dataset.h"
#include "attune/train/propensity.h"

namespace attune::model {

enum class EmbeddingLoss { bpr, contrastive, softmax };

struct EmbeddingOptions {
  std::string model;                 // for messages and learning curves
  EmbeddingLoss loss = EmbeddingLoss::bpr;
  bool cosine = false;               // learned on cosines; false = on inner products
  float length = 0;                  // cosine: how far the length of an item's vector counts in the end, cos x |v|^length; 1 = the inner product
  int factors = 64;
  int layers = 0;                    // passes along the graph; 0 = the vectors as they are
  bool with_own = true;              // the mean over layers counts a node's own vector
  int epochs = 100, patience = 10, judge_every = 1;
  int batch = 2048;                  // pairs (bpr) or users (the others) a step
  float lr = 1e-3f, reg = 0, init = 0.1f;
  float lr_end = 1;                  // the step shrinks in a straight line to this share of lr at the last epoch
  int late_layers = 0;               // layers == 0: passes along the graph once the vectors are learned (Ju et al. 2024)
  int negatives = 0;                 // contrastive, softmax: items drawn a step; 0 = all
  float negative_power = 0;          // drawn in step with popularity^power
  float tau = 0.15f;                 // softmax
  float margin = 0.9f, negative_weight = 250;   // contrastive
  train::PropensityOptions propensity;
  float noise = 0;                   // length of the noise added to every layer while training
  float contrast = 0, contrast_tau = 0.2f;      // weight of InfoNCE between the vectors and layer `contrast_layer`
  int contrast_layer = 1;
};

struct Embeddings {
  Matrix users, items;               // after the graph; where cosines were learned, items of their length ^ `length`
  int epochs = 0;                    // how many were best
};
// Throws Error: bad_request (settings, memory), bad_data (nothing to learn from, diverged), cancelled.
Embeddings train_embeddings(const data::Dataset& data, const EmbeddingOptions& options, const Run& run);

// Throws Error: bad_request naming MODEL.SETTING.
void check_embedding_options(const EmbeddingOptions& options);

}  // namespace attune::model
