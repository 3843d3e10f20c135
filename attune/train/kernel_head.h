// Kernel head: which class a dense row belongs to, by ridge regression on a Gaussian kernel: every row seen lends its neighbourhood to
// its class. In closed form; with ten rows a class it beats the softmax of linear scores (bench/offline/desk_intents.cpp).
// Source: Saunders et al. 1998 (kernel ridge); one-against-all targets, Rifkin and Klautau 2004.
// Cost: n^3/3 + n^2 x width to fit, n^2 numbers held while fitting; n x (width + classes) a row to score.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/matrix.h"
#include "attune/core/progress.h"

namespace attune::train {

struct KernelOptions {
  float reach = 1.0f;   // gamma of exp(-gamma |a - b|^2); > 0. For rows of about length 1
  float ridge = 0.3f;   // added to the kernel's diagonal; > 0
};

// Const after fit, safe from any thread; `learn` and `set_temperature` are for the owner alone.
class KernelHead {
 public:
  KernelHead() = default;
  // rows [n, d], labels [n] in 0..classes-1. Throws Error: bad_request, bad_data without rows; NeedsMoreMemory when n^2 floats are
  // beyond run.memory_bytes.
  static KernelHead fit(MatrixView rows, std::span<const std::uint32_t> labels, std::size_t classes, const KernelOptions& options, const Run& run);

  std::size_t classes() const noexcept { return shares_.empty() ? 0 : classes_; }
  std::size_t dim() const noexcept { return dim_; }
  float temperature() const noexcept { return temperature_; }
  void set_temperature(float temperature) noexcept { temperature_ = temperature; }
  // [rows, classes]: about 1 for the class, about 0 for the others.
  Matrix scores(MatrixView rows, const Run& run) const;
  // Takes one row in at once: its own neighbourhood is added, so that its class gets what it lacked there.
  void learn(std::span<const float> row, std::uint32_t label);

  void save(ByteWriter& out) const;
  static KernelHead load(ByteReader& in);   // throws Error: bad_data

 private:
  std::size_t count() const noexcept { return dim_ == 0 ? 0 : rows_.size() / dim_; }
  std::vector<float> rows_, shares_;        // [n, dim], [n, classes]
  std::vector<float> squares_;              // [n] of the rows' lengths
  std::size_t dim_ = 0, classes_ = 0;
  KernelOptions options_;
  float temperature_ = 0.1f;                // scores lie between 0 and 1: softmax needs them further apart
};

}  // namespace attune::train
