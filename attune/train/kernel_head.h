// Kernel head: which class a row of features belongs to, by ridge regression on a Gaussian kernel: every row seen lends its
// neighbourhood to its class. In closed form; with ten rows a class it beats the softmax of linear scores, and words beside sentence
// vectors make it better still (bench/offline/desk_intents.cpp).
// Source: Saunders et al. 1998 (kernel ridge); one-against-all targets, Rifkin and Klautau 2004.
// Cost: n^3/3 + n^2 x width to fit, n^2 numbers held while fitting; n x (width + classes) a row to score, and for each of its words the
// rows that have it.
#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/sparse.h"
#include "attune/train/linear_head.h"

namespace attune::train {

struct KernelOptions {
  float reach = 1.0f;   // gamma of exp(-gamma |a - b|^2); > 0. For rows of about length 1
  float ridge = 0.3f;   // added to the kernel's diagonal; > 0
  bool balanced = false;   // every class counts alike, however many rows it has: the ridge of a row grows with its class
};

// Const after fit, safe from any thread; `learn` and `set_temperature` are for the owner alone.
class KernelHead {
 public:
  KernelHead() = default;
  // rows [n]: dense ones, and sparse ones beside them or none; labels [n] in 0..classes-1. Throws Error: bad_request, bad_data without
  // rows; NeedsMoreMemory when n^2 floats are beyond run.memory_bytes.
  static KernelHead fit(const FeatureRows& rows, std::span<const std::uint32_t> labels, std::size_t classes, const KernelOptions& options, const Run& run);

  std::size_t count() const noexcept { return dim_ == 0 ? 0 : rows_.size() / dim_; }     // rows seen
  std::size_t classes() const noexcept { return shares_.empty() ? 0 : classes_; }
  std::size_t dim() const noexcept { return dim_; }
  std::size_t sparse_dim() const noexcept { return words_.cols; }
  float temperature() const noexcept { return temperature_; }
  void set_temperature(float temperature) noexcept { temperature_ = temperature; }
  // [rows, classes]: about 1 for the class, about 0 for the others.
  // Throws Error: bad_request for rows of another width.
  Matrix scores(const FeatureRows& rows, const Run& run) const;
  // [rows, groups]: what the rows seen add to the score of one class, by the group each is of: a row of it sums to that score.
  //   group_of   [rows seen] in the order fitted and learnt; in 0..groups-1
  // Throws Error: bad_request for rows of another width, a class or a group out of range.
  Matrix parts(const FeatureRows& rows, std::uint32_t label, std::span<const std::uint32_t> group_of, std::size_t groups, const Run& run) const;
  // Takes row `r` of `rows` in at once: its own neighbourhood is added, so that its class gets what it lacked there.
  void learn(const FeatureRows& rows, std::size_t r, std::uint32_t label);

  void save(ByteWriter& out) const;
  static KernelHead load(ByteReader& in);   // throws Error: bad_data

 private:
  void check_width(const FeatureRows& rows) const;
  // [rows, columns]: the kernel of `rows` and the rows seen, times `weights` [n, columns].
  Matrix weighed(const FeatureRows& rows, std::span<const float> weights, std::size_t columns, const Run& run) const;
  // Remembers what the sparse part of row r of `rows` holds as that of the next row seen.
  void take_words(const Sparse& rows, std::size_t r);
  // Adds the products of row r of `rows` with the sparse parts of all rows seen to `products` [n].
  void add_words(const Sparse* rows, std::size_t r, std::span<float> products) const;

  std::vector<float> rows_, shares_;        // [n, dim], [n, classes]
  Sparse words_;                            // [n, sparse_dim]; no columns = none
  std::vector<std::vector<std::pair<std::uint32_t, float>>> seen_in_;   // a column of words_: rows that have it, and how much
  std::vector<float> squares_;              // [n] of the rows' lengths
  std::size_t dim_ = 0, classes_ = 0;
  KernelOptions options_;
  float temperature_ = 0.1f;                // scores lie between 0 and 1: softmax needs them further apart
};

}  // namespace attune::train
