// Kernel head: the kernel's matrix by one product, its system by Cholesky.
#include "attune/train/kernel_head.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/train/products.h"
#include "attune/train/rows.h"

namespace attune::train {
namespace {

// Rows of products become rows of the kernel: exp(-reach (a^2 + b^2 - 2 a b)).
void to_kernel(std::span<float> row, float square, std::span<const float> squares, float reach) {
  for (std::size_t k = 0; k < row.size(); ++k) row[k] = 2 * row[k] - squares[k];
  exp_all(row, square, reach);
}

}  // namespace

KernelHead KernelHead::fit(MatrixView rows, std::span<const std::uint32_t> labels, std::size_t classes, const KernelOptions& options, const Run& run) {
  const std::size_t n = rows.rows;
  if (n == 0 || rows.cols == 0) throw Error(Code::bad_data, "a kernel head has nothing to learn from: no rows");
  if (labels.size() != n) throw Error(Code::bad_request, "kernel head: expected " + std::to_string(n) + " labels, got " + std::to_string(labels.size()));
  if (!(options.reach > 0) || !(options.ridge > 0)) throw Error(Code::bad_request, "kernel head: reach and ridge must be above 0");
  for (const std::uint32_t label : labels)
    if (label >= classes) throw Error(Code::bad_request, "kernel head: label " + std::to_string(label) + " is not below the number of classes, " + std::to_string(classes));
  if (n * n > run.memory_bytes / sizeof(float))
    throw NeedsMoreMemory("a kernel head on " + std::to_string(n) + " rows needs " + std::to_string(n * n * sizeof(float) >> 20) + " MB, the budget is " + std::to_string(run.memory_bytes >> 20) + " MB");
  KernelHead head;
  head.options_ = options, head.dim_ = rows.cols, head.classes_ = classes;
  head.rows_.assign(rows.data, rows.data + n * rows.cols);
  for (std::size_t r = 0; r < n; ++r) {
    head.squares_.push_back(dot(rows.row(r), rows.row(r)));
    if (!std::isfinite(head.squares_.back())) throw Error(Code::bad_data, "a kernel head cannot learn from row " + std::to_string(r) + ": it holds numbers that are none");
  }
  run.report("fitting the kernel", 0, 2);
  Matrix kernel = multiply(rows, rows, {.transpose_b = true});
  parallel_for(0, n, 32, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r) {
      to_kernel(kernel.row(r), head.squares_[r], head.squares_, options.reach);
      kernel(r, r) += options.ridge;
    }
  });
  run.report("fitting the kernel", 1, 2);
  Matrix targets(n, classes);
  for (float& x : targets.all()) x = -1.0f / static_cast<float>(classes);
  for (std::size_t r = 0; r < n; ++r) targets(r, labels[r]) += 1;
  solve_spd(kernel, targets, "kernel head");
  head.shares_.assign(targets.all().begin(), targets.all().end());
  return head;
}

Matrix KernelHead::scores(MatrixView rows, const Run& run) const {
  if (shares_.empty()) throw Error(Code::bad_request, "a kernel head that was never fitted cannot score");
  if (rows.cols != dim_) throw Error(Code::bad_request, "a kernel head expects rows of " + std::to_string(dim_) + ", got " + std::to_string(rows.cols));
  constexpr std::size_t kAtOnce = 256;
  const std::size_t n = count();
  Matrix out(rows.rows, classes_);
  for (std::size_t at = 0; at < rows.rows; at += kAtOnce) {
    const std::size_t some = std::min(kAtOnce, rows.rows - at);
    Matrix kernel(some, n);
    product_right_turned({.rows = some, .inner = dim_, .cols = n, .a = rows.row(at).data(), .b = rows_.data(), .c = kernel.data()}, run);
    parallel_for(0, some, 8, run, [&](std::size_t first, std::size_t last) {
      for (std::size_t r = first; r < last; ++r) to_kernel(kernel.row(r), dot(rows.row(at + r), rows.row(at + r)), squares_, options_.reach);
    });
    product({.rows = some, .inner = n, .cols = classes_, .a = kernel.data(), .b = shares_.data(), .c = out.row(at).data()}, run);
  }
  return out;
}

void KernelHead::learn(std::span<const float> row, std::uint32_t label) {
  if (label >= classes_) throw Error(Code::bad_request, "kernel head: label " + std::to_string(label) + " is not below the number of classes, " + std::to_string(classes_));
  Run run;
  run.threads = 1;
  const Matrix now = scores({row.data(), 1, row.size()}, run);
  rows_.insert(rows_.end(), row.begin(), row.end());
  squares_.push_back(dot(row, row));
  for (std::uint32_t c = 0; c < classes_; ++c) shares_.push_back((c == label ? 1.0f : 0.0f) - 1.0f / static_cast<float>(classes_) - now(0, c));
}

void KernelHead::save(ByteWriter& out) const {
  out.text("kernel head 1");
  out.number(options_.reach), out.number(options_.ridge), out.number(temperature_);
  out.number(static_cast<std::uint64_t>(dim_)), out.number(static_cast<std::uint64_t>(classes_));
  out.array(std::span<const float>(rows_)), out.array(std::span<const float>(shares_));
}

KernelHead KernelHead::load(ByteReader& in) {
  const auto damaged = [] { return Error(Code::bad_data, "a saved kernel head is damaged or of another version; train again"); };
  if (in.text() != "kernel head 1") throw damaged();
  KernelHead head;
  head.options_.reach = in.number<float>(), head.options_.ridge = in.number<float>(), head.temperature_ = in.number<float>();
  head.dim_ = in.number<std::uint64_t>(), head.classes_ = in.number<std::uint64_t>();
  head.rows_ = in.array<float>(), head.shares_ = in.array<float>();
  if (head.dim_ == 0 || head.classes_ == 0 || head.rows_.size() % head.dim_ != 0 || head.shares_.size() != head.count() * head.classes_ || !(head.temperature_ > 0) || !(head.options_.reach > 0)) throw damaged();
  for (std::size_t r = 0; r < head.count(); ++r) {
    const auto row = std::span(head.rows_).subspan(r * head.dim_, head.dim_);
    head.squares_.push_back(dot(row, row));
  }
  return head;
}

}  // namespace attune::train
