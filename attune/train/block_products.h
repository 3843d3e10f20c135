// Products of training: scores of a block of users against many items, and the gradients that come back from them. Matrices of few
// columns (factors) on parallel_for, so that a step of training does not go back and forth between BLAS's threads and ours, with
// every sum in one fixed order: the same bits whatever the number of threads. Each has its plain twin.
// Cost: 2 x rows x items x factors each.
#pragma once
#include "attune/core/matrix.h"
#include "attune/core/progress.h"

namespace attune::train {

// out[b, j] = users_b . items_j; users [B, d], items [N, d], out [B, N].
void scores_of(MatrixView users, MatrixView items, Matrix& out, const Run& run);
// out_b = sum over j of weights[b, j] items_j; weights [B, N], out [B, d] (overwritten).
void sum_by_row(MatrixView weights, MatrixView items, Matrix& out, const Run& run);
// out_j += sum over b of weights[b, j] users_b; out [N, d].
void sum_by_column(MatrixView weights, MatrixView users, Matrix& out, const Run& run);

void plain_scores_of(MatrixView users, MatrixView items, Matrix& out);
void plain_sum_by_row(MatrixView weights, MatrixView items, Matrix& out);
void plain_sum_by_column(MatrixView weights, MatrixView users, Matrix& out);

}  // namespace attune::train
