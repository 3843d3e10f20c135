// Linear head: which of several classes a row of features belongs to, as a softmax of linear scores. Features are dense (sentence
// vectors), sparse (words, characters) or both side by side; ten rows a class are enough, and fifteen thousand take seconds.
// Source: multinomial logistic regression by L-BFGS (Nocedal 1980); temperature, Guo et al. 2017; single steps, Crammer and Singer 2003.
// Cost of a fit: a few dozen passes of 4 x rows x features x classes. The same bits for any number of threads.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/sparse.h"

namespace attune::train {

// n rows of features. A look only: what it points at must outlive the call. At least one of the two has columns.
struct FeatureRows {
  MatrixView dense = {};            // [n, d]
  const Sparse* sparse = nullptr;   // [n, s]; nullptr = none
  std::size_t count() const noexcept { return sparse != nullptr ? sparse->rows : dense.rows; }
};

struct HeadOptions {
  float reg = 1e-4f;        // lambda of mean cross-entropy + lambda/2 |weights|^2; the intercepts are not pulled; > 0
  float smoothing = 0;      // share of every label that is spread over all classes; 0..0.5
  bool balanced = false;    // every class counts alike, however many rows it has
  int steps = 150;          // of L-BFGS, at most; it ends sooner when the slope is small
};

// Const after fit, safe from any thread; `learn` and `calibrate` are for the owner alone.
class LinearHead {
 public:
  LinearHead() = default;

  //   labels   [n] in 0..classes-1; classes without rows are allowed and get low scores
  //   weights  [n] how much each row counts, >= 0; empty = all alike
  // Throws Error: bad_request (lengths, ranges, options), bad_data without rows or with numbers that are none, cancelled.
  static LinearHead fit(const FeatureRows& rows, std::span<const std::uint32_t> labels, std::size_t classes, std::span<const float> weights,
                        const HeadOptions& options, const Run& run);

  std::size_t classes() const noexcept { return weights_.cols(); }
  std::size_t dense_dim() const noexcept { return dense_; }
  std::size_t sparse_dim() const noexcept { return weights_.rows() == 0 ? 0 : weights_.rows() - 1 - dense_; }
  float temperature() const noexcept { return temperature_; }
  void set_temperature(float temperature);   // > 0; as best_temperature gives it

  // [n, classes], no unit. Throws Error: bad_request for rows of another width.
  Matrix scores(const FeatureRows& rows, const Run& run) const;
  // [n, classes] softmax(scores / temperature): each row sums to 1.
  Matrix chances(const FeatureRows& rows, const Run& run) const;

  // Chooses the temperature under which rows that were not fitted are least surprising.
  void calibrate(const FeatureRows& held_out, std::span<const std::uint32_t> labels, const Run& run);
  // Takes one row in at once: the least change of the weights after which `label` leads every other class by `margin`, times at
  // most `most`. Row `r` of `rows`. Returns whether anything had to change.
  bool learn(const FeatureRows& rows, std::size_t r, std::uint32_t label, float margin = 1, float most = 4);

  void save(ByteWriter& out) const;
  static LinearHead load(ByteReader& in);   // throws Error: bad_data

 private:
  void check_width(const FeatureRows& rows) const;
  Matrix weights_;             // [dense + sparse + 1, classes], the intercepts last
  std::size_t dense_ = 0;
  float temperature_ = 1;
};

// In place: each row becomes softmax(row / temperature).
void softmax_rows(Matrix& scores, float temperature, const Run& run);
// The temperature under which softmax(scores / temperature) gives `labels` most chance; 0.05..20.
float best_temperature(MatrixView scores, std::span<const std::uint32_t> labels);

}  // namespace attune::train
