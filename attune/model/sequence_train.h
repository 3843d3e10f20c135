// Sequence training: a Transformer learns to foretell the next item at every place of every history, by Adam on the softmax over
// all items or over drawn ones, with dropout, judged epoch by epoch on the held-out cases of the dataset.
// Source: SASRec, BSARec; losses in sequence_loss.h, passes in sequence_batch.h. Cost an epoch: events x (6 width x items or drawn + passes).
#pragma once
#include <string>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/data/dataset.h"
#include "attune/model/transformer.h"

namespace attune::model {

// How texts enter the items' vectors. `rows` [items, k <= width unless map].
struct SequenceTexts {
  enum class Use {
    none,
    start,   // the first k numbers of an item's vector begin as its text's and learn on
    fixed,   // the first k numbers are its text's and stay; the others learn (the null space of the texts: AlphaFuse)
    map      // vector = text x learned matrix + own numbers
  };
  Use use = Use::none;
  Matrix rows;
};

struct SequenceOptions {
  std::string model;           // name, for errors and the learning curve
  int epochs = 100, patience = 10;
  float minutes = 0;           // after which the epoch under way is the last; 0 = no limit
  int batch = 2048;            // places a step
  float lr = 0.001f, decay = 0;
  float average = 0;           // running mean of the weights: this share stays at each step; 0 = the weights themselves
  float dropout = 0.2f, attention_dropout = 0.2f;
  int negatives = 0;           // items drawn a batch; 0 = all items
  bool whole_history = true;   // long histories are cut into windows; false: their newest window alone
};

struct TrainedSequence {
  Transformer transformer;
  int epochs = 0;              // of the weights kept
  double ndcg = 0;             // on the held-out cases; 0 without
  std::size_t steps = 0;
  double seconds_an_epoch = 0;
};
// Throws Error: bad_data (nobody has two events; training diverged), cancelled.
TrainedSequence train_sequences(const data::Dataset& data, const TransformerShape& shape, const SequenceOptions& options, const SequenceTexts& texts, const Run& run);

// The mean loss of these sequences (each foretells its items from the second on) and its gradients, without dropout, over all
// items or over `drawn`. For tests and comparisons.
struct SequenceGradient {
  double loss = 0;
  Matrix items;
  std::vector<float> body;
};
SequenceGradient sequence_gradient(const Transformer& transformer, const std::vector<std::vector<std::uint32_t>>& sequences, std::span<const std::uint32_t> drawn, const Run& run);

}  // namespace attune::model
