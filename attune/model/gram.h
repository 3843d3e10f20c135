// Gram matrices: what EASE, SLIST and item-kNN learn from, counted from the histories.
#pragma once
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/sparse.h"
#include "attune/data/dataset.h"

namespace attune::model {

// G = X'X [items, items], whole. X(u, i) = the weight user u gave item i in all, at most 1 (so a set of purchases is 0/1 and
// a view of weight .2 counts .2).
//   O(sum over users of squared history size), each row written by one thread: the same numbers for any thread count.
// With `level` G = X' D X, D(u) = (sum of row u / the mean of such sums)^-level: long histories count less.
Matrix set_gram(const data::Dataset& data, const Run& run, float level = 0);

// A sequence's training rows are its prefixes: input s_t = decay^age over the last `window` events before event t, times
// their weights (a log's events never share a place, Touch::joined is not read); target = event t, if its weight is positive, which is also how much the row counts.
struct SequenceRule {
  float alpha = 0.1f;  // share of plain co-occurrence, alpha X'X
  float decay = 0.8f;
  int window = 50;     // 0 = whole history
};
struct SequenceGram {
  Matrix a;  // alpha X'X + S'S, dense [items, items]
  Sparse r;  // alpha X'X + S'T, rows ascending
};
// O(events x window): a pair of events (a before b) meets in the prefixes t = b..b+M, and the sum of its products
// decay^(t-a) decay^(t-b) over them is a difference of two running sums.
SequenceGram sequence_gram(const data::Dataset& data, const SequenceRule& rule, const Run& run);

}  // namespace attune::model
