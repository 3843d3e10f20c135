// Kernel head: the kernel's matrix by one product, its system by Cholesky.
#include "attune/train/kernel_head.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/core/parallel.h"
#include "attune/core/tall.h"
#include "attune/train/products.h"
#include "attune/train/rows.h"

namespace attune::train {
namespace {

constexpr std::size_t kAtOnce = 256;
constexpr std::size_t kFew = 4;     // up to here a product's turning of all rows seen costs more than it gains

// Rows of products become rows of the kernel: exp(-reach (a^2 + b^2 - 2 a b)).
void to_kernel(std::span<float> row, float square, std::span<const float> squares, float reach) {
  for (std::size_t k = 0; k < row.size(); ++k) row[k] = 2 * row[k] - squares[k];
  exp_all(row, square, reach);
}

float square_of(const FeatureRows& rows, std::size_t r) {
  float square = dot(rows.dense.row(r), rows.dense.row(r));
  if (rows.sparse != nullptr)
    for (const float x : rows.sparse->row_values(r)) square += x * x;
  return square;
}

}  // namespace

KernelHead KernelHead::fit(const FeatureRows& rows, std::span<const std::uint32_t> labels, std::size_t classes, const KernelOptions& options, const Run& run) {
  const std::size_t n = rows.dense.rows;
  if (n == 0 || rows.dense.cols == 0) throw Error(Code::bad_data, "a kernel head has nothing to learn from: no rows");
  if (rows.sparse != nullptr && rows.sparse->rows != n) throw Error(Code::bad_request, "kernel head: expected " + std::to_string(n) + " sparse rows, got " + std::to_string(rows.sparse->rows));
  if (labels.size() != n) throw Error(Code::bad_request, "kernel head: expected " + std::to_string(n) + " labels, got " + std::to_string(labels.size()));
  if (!(options.reach > 0) || !(options.ridge > 0)) throw Error(Code::bad_request, "kernel head: reach and ridge must be above 0");
  for (const std::uint32_t label : labels)
    if (label >= classes) throw Error(Code::bad_request, "kernel head: label " + std::to_string(label) + " is not below the number of classes, " + std::to_string(classes));
  if (n * n > run.memory_bytes / sizeof(float))
    throw NeedsMoreMemory("a kernel head on " + std::to_string(n) + " rows needs " + std::to_string(n * n * sizeof(float) >> 20) + " MB, the budget is " + std::to_string(run.memory_bytes >> 20) + " MB");
  KernelHead head;
  head.options_ = options, head.dim_ = rows.dense.cols, head.classes_ = classes;
  head.rows_.assign(rows.dense.data, rows.dense.data + n * rows.dense.cols);
  if (rows.sparse != nullptr) head.words_.cols = rows.sparse->cols, head.seen_in_.resize(rows.sparse->cols);
  for (std::size_t r = 0; r < n; ++r) {
    if (rows.sparse != nullptr) head.take_words(*rows.sparse, r);
    head.squares_.push_back(square_of(rows, r));
    if (!std::isfinite(head.squares_.back())) throw Error(Code::bad_data, "a kernel head cannot learn from row " + std::to_string(r) + ": it holds numbers that are none");
  }
  std::vector<float> ridges(classes, options.ridge);
  if (options.balanced)
    for (std::size_t c = 0; c < classes; ++c) ridges[c] *= static_cast<float>(classes * static_cast<std::size_t>(std::count(labels.begin(), labels.end(), c))) / static_cast<float>(n);
  run.report("fitting the kernel", 0, 2);
  Matrix kernel = multiply(rows.dense, rows.dense, {.transpose_b = true});
  parallel_for(0, n, 32, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t r = first; r < last; ++r) {
      head.add_words(rows.sparse, r, kernel.row(r));
      to_kernel(kernel.row(r), head.squares_[r], head.squares_, options.reach);
      kernel(r, r) += ridges[labels[r]];
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

void KernelHead::take_words(const Sparse& rows, std::size_t r) {
  const auto row = static_cast<std::uint32_t>(words_.rows++);
  for (std::size_t k = 0; k < rows.row_size(r); ++k) {
    const std::uint32_t column = rows.row_indices(r)[k];
    const float x = rows.row_values(r)[k];
    words_.indices.push_back(column), words_.values.push_back(x);
    seen_in_[column].emplace_back(row, x);
  }
  words_.offsets.push_back(words_.indices.size());
}

void KernelHead::add_words(const Sparse* rows, std::size_t r, std::span<float> products) const {
  if (rows == nullptr) return;
  for (std::size_t k = 0; k < rows->row_size(r); ++k)
    for (const auto& [row, x] : seen_in_[rows->row_indices(r)[k]]) products[row] += rows->row_values(r)[k] * x;
}

void KernelHead::check_width(const FeatureRows& rows) const {
  if (shares_.empty()) throw Error(Code::bad_request, "a kernel head that was never fitted cannot score");
  const std::size_t words = rows.sparse == nullptr ? 0 : rows.sparse->cols;
  if (rows.dense.cols != dim_ || words != words_.cols || (words > 0 && rows.sparse->rows != rows.dense.rows))
    throw Error(Code::bad_request, "a kernel head expects rows of " + std::to_string(dim_) + " and " + std::to_string(words_.cols) + " sparse columns, got " + std::to_string(rows.dense.cols) + " and " + std::to_string(words));
}

Matrix KernelHead::scores(const FeatureRows& rows, const Run& run) const {
  check_width(rows);
  return weighed(rows, shares_, classes_, run);
}

Matrix KernelHead::parts(const FeatureRows& rows, std::uint32_t label, std::span<const std::uint32_t> group_of, std::size_t groups, const Run& run) const {
  check_width(rows);
  if (label >= classes_ || group_of.size() != count())
    throw Error(Code::bad_request, "kernel head: expected a label below " + std::to_string(classes_) + " and the groups of " + std::to_string(count()) + " rows, got " + std::to_string(label) + " and " + std::to_string(group_of.size()));
  Matrix weights(count(), groups);
  for (std::size_t r = 0; r < count(); ++r) {
    if (group_of[r] >= groups) throw Error(Code::bad_request, "kernel head: group " + std::to_string(group_of[r]) + " is not below the number of groups, " + std::to_string(groups));
    weights(r, group_of[r]) = shares_[r * classes_ + label];
  }
  return weighed(rows, weights.all(), groups, run);
}

Matrix KernelHead::weighed(const FeatureRows& rows, std::span<const float> weights, std::size_t columns, const Run& run) const {
  const std::size_t n = count();
  Matrix out(rows.dense.rows, columns);
  const auto finish = [&](std::size_t r, std::span<float> products) {
    add_words(rows.sparse, r, products);
    to_kernel(products, square_of(rows, r), squares_, options_.reach);
  };
  if (rows.dense.rows <= kFew) {
    std::vector<float> kernel(n);
    for (std::size_t r = 0; r < rows.dense.rows; ++r) {
      row_dots({rows_.data(), n, dim_}, rows.dense.row(r), kernel);
      finish(r, kernel);
      for (std::size_t k = 0; k < n; ++k) axpy(kernel[k], weights.subspan(k * columns, columns), out.row(r));
    }
    return out;
  }
  for (std::size_t at = 0; at < rows.dense.rows; at += kAtOnce) {
    const std::size_t some = std::min(kAtOnce, rows.dense.rows - at);
    Matrix kernel(some, n);
    product_right_turned({.rows = some, .inner = dim_, .cols = n, .a = rows.dense.row(at).data(), .b = rows_.data(), .c = kernel.data()}, run);
    parallel_for(0, some, 8, run, [&](std::size_t first, std::size_t last) {
      for (std::size_t r = first; r < last; ++r) finish(at + r, kernel.row(r));
    });
    product({.rows = some, .inner = n, .cols = columns, .a = kernel.data(), .b = weights.data(), .c = out.row(at).data()}, run);
  }
  return out;
}

void KernelHead::learn(const FeatureRows& rows, std::size_t r, std::uint32_t label) {
  if (label >= classes_) throw Error(Code::bad_request, "kernel head: label " + std::to_string(label) + " is not below the number of classes, " + std::to_string(classes_));
  Run run;
  run.threads = 1;
  const Matrix all = scores(rows, run);
  const auto now = all.row(r);
  rows_.insert(rows_.end(), rows.dense.row(r).begin(), rows.dense.row(r).end());
  if (rows.sparse != nullptr) take_words(*rows.sparse, r);
  squares_.push_back(square_of(rows, r));
  for (std::uint32_t c = 0; c < classes_; ++c) shares_.push_back((c == label ? 1.0f : 0.0f) - 1.0f / static_cast<float>(classes_) - now[c]);
}

void KernelHead::save(ByteWriter& out) const {
  out.text("kernel head 2");
  out.number(options_.reach), out.number(options_.ridge), out.number(temperature_);
  out.number(static_cast<std::uint64_t>(dim_)), out.number(static_cast<std::uint64_t>(classes_));
  out.array(std::span<const float>(rows_)), out.array(std::span<const float>(shares_));
  out.sparse(words_);
}

KernelHead KernelHead::load(ByteReader& in) {
  const auto damaged = [] { return Error(Code::bad_data, "a saved kernel head is damaged or of another version; train again"); };
  if (in.text() != "kernel head 2") throw damaged();
  KernelHead head;
  head.options_.reach = in.number<float>(), head.options_.ridge = in.number<float>(), head.temperature_ = in.number<float>();
  head.dim_ = in.number<std::uint64_t>(), head.classes_ = in.number<std::uint64_t>();
  head.rows_ = in.array<float>(), head.shares_ = in.array<float>();
  const Sparse words = in.sparse();
  if (head.dim_ == 0 || head.classes_ == 0 || head.rows_.size() % head.dim_ != 0 || head.shares_.size() != head.count() * head.classes_ || !(head.temperature_ > 0) || !(head.options_.reach > 0)) throw damaged();
  if (words.cols > 0 && words.rows != head.count()) throw damaged();
  head.words_.cols = words.cols, head.seen_in_.resize(words.cols);
  const MatrixView dense{head.rows_.data(), head.count(), head.dim_};
  for (std::size_t r = 0; r < head.count(); ++r) {
    if (words.cols > 0) head.take_words(words, r);
    head.squares_.push_back(square_of({.dense = dense, .sparse = words.cols > 0 ? &words : nullptr}, r));
  }
  return head;
}

}  // namespace attune::train
