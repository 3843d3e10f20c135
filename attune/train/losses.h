// Losses of rankings: what is wrong with some scores, and how it changes with each. All take the scores of what a user took
// (positives) and of what others are to stand below them (negatives), and give gradients by those scores.
// Sources: BPR, Rendle et al. 2009; CCL (SimpleX), Mao et al. 2021; sampled softmax on cosine, Wu et al. 2022; InfoNCE, Oord et al. 2018.
#pragma once
#include <span>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"

namespace attune::train {

// -ln sigma(positive - negative). `slope`: by the positive's score; by the negative's it is -slope.
struct PairLoss {
  double loss;
  float slope;
};
PairLoss bpr(float positive, float negative);

// What one user took, against negatives that all of it shares. `negatives` come in as scores and go out as gradients; minus
// infinity in = left out (the user took it), 0 out. `slopes` [positives] are filled with the gradients by the positives.
// `weights` [positives]: how much each positive counts; empty = 1.
struct RowScores {
  std::span<const float> positives, weights;
  std::span<float> slopes, negatives;
};

// Softmax of each positive against the negatives: sum over p of w_p (-s_p/tau + ln(e^(s_p/tau) + sum_j e^(s_j/tau))).
// Other positives of the user stand in nobody's way. `each`: how many items a negative stands for, where they were drawn from more:
// with it the sum estimates that over all of them. Returns the loss.
double softmax_loss(RowScores row, float tau, float each = 1);

// Cosine contrastive loss: sum over p of w_p ((1 - s_p) + weight * mean over j of max(0, s_j - margin)).
double contrastive_loss(RowScores row, float margin, float weight);

// InfoNCE of two views of the same things: mean over i of -ln(e^(cos(a_i, b_i)/tau) / sum_j e^(cos(a_i, b_j)/tau)).
// a, b [n, d] of any length; gradients are put into da, db [n, d] (overwritten).
double info_nce(MatrixView a, MatrixView b, float tau, Matrix& da, Matrix& db, const Run& run);

// Rows of `m` made of length 1, their lengths put into `lengths` [rows] (0 for a row of zeros, which stays).
void normalise_rows(Matrix& m, std::span<float> lengths, const Run& run);
// Gradient by a row before it was made of length 1, in place: unit = the row after, length = its length before.
void backward_normalise(std::span<const float> unit, float length, std::span<float> gradient);

}  // namespace attune::train
