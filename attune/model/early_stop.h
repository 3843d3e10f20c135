// Early stop: a model in training judges itself by the held-out cases of its dataset and keeps the best epoch.
//   EarlyStop stop(data, {.patience = p.patience}, run);
//   for (int epoch = 1; epoch <= p.epochs && !stop.is_over(); ++epoch) {
//     train(...);
//     if (stop.judge(epoch, scores, run)) best = weights;      // copy: the best so far
//   }
//   p.epochs = stop.best_epoch();                              // what settings() says: a later fit without cases does as many
// Without held-out cases every epoch is "the best so far" and all of them are run. Source: common practice; RecBole's early stopping.
// Cost: scoring of at most `most_cases` cases a judgement. Not for several threads.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "attune/core/progress.h"
#include "attune/data/dataset.h"

namespace attune::model {

struct EarlyStopOptions {
  std::string model;               // for the learning curve: "sasrec/ndcg@10"
  int patience = 10;               // judgements without a better one before it is over; 0 = never stop, still keep the best
  std::size_t most_cases = 4000;   // drawn by run.seed
};

class EarlyStop {
 public:
  // Fills the score of every item for one case [items]; called from many threads.
  using Scores = std::function<void(const data::Case& asked, std::span<float> scores)>;

  EarlyStop(const data::Dataset& data, EarlyStopOptions options, const Run& run);
  bool has_cases() const noexcept { return !cases_.empty(); }
  // NDCG@10 over the cases, full ranking without what is seen; recorded in run's curve. True when it is the best so far (or there
  // are no cases). Throws Error: bad_data for a score that is not finite, cancelled.
  bool judge(int epoch, const Scores& scores, const Run& run);
  bool is_over() const noexcept { return has_cases() && options_.patience > 0 && since_best_ >= options_.patience; }
  int best_epoch() const noexcept { return best_epoch_; }   // 0 = nothing judged yet
  double best() const noexcept { return best_; }            // NDCG@10; 0 without cases

 private:
  EarlyStopOptions options_;
  std::vector<const data::Case*> cases_;
  std::size_t items_ = 0;
  int best_epoch_ = 0, since_best_ = 0;
  double best_ = 0;
};

// Throws Error: bad_data "NAME: training diverged at step N: the loss is X; try a smaller learning rate" unless the loss is finite.
void check_loss(const std::string& model, std::size_t step, double loss);

}  // namespace attune::model
