// Sequence loss: see the header.
#include "attune/model/sequence_loss.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "attune/core/kernels.h"
#include "attune/core/parallel.h"
#include "attune/train/products.h"
#include "attune/train/row_kernels.h"

namespace attune::model {
namespace {
constexpr std::size_t kBlockScores = std::size_t{1} << 21;   // 8 MB: stays in the last cache between the three products
// Rows a thread takes at once: fewer scores than this are not worth handing out.
std::size_t grain(std::size_t scores_a_row) { return std::max<std::size_t>(1, (std::size_t{1} << 16) / scores_a_row); }
}

double SequenceLoss::full(std::span<const float> states, std::span<const std::uint32_t> targets, const Matrix& items, std::span<float> dstates, Matrix& ditems, const Run& run) {
  const std::size_t n = targets.size(), count = items.rows(), d = items.cols();
  const std::size_t block = std::clamp<std::size_t>(kBlockScores / count, 16, 1024);
  const float scale = 1.0f / static_cast<float>(n);
  scores_.resize(std::max(scores_.size(), std::min(block, n) * count));
  std::vector<double> losses(n);
  rows_.resize(count * d);
  train::turn(items.data(), count, d, rows_.data(), run);
  for (std::size_t first = 0; first < n; first += block) {
    const std::size_t rows = std::min(block, n - first);
    const float* h = states.data() + first * d;
    train::product({.rows = rows, .inner = d, .cols = count, .a = h, .b = rows_.data(), .c = scores_.data()}, run);
    parallel_for(0, rows, grain(count), run, [&](std::size_t begin, std::size_t end) {
      for (std::size_t r = begin; r < end; ++r) losses[first + r] = train::softmax_gradient({scores_.data() + r * count, count}, targets[first + r], scale);
    });
    train::product({.rows = rows, .inner = count, .cols = d, .a = scores_.data(), .b = items.data(), .c = dstates.data() + first * d}, run);
    train::product_left_turned({.rows = count, .inner = rows, .cols = d, .a = scores_.data(), .b = h, .c = ditems.data(), .add = true}, run);
  }
  return std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(n);
}

double SequenceLoss::sampled(std::span<const float> states, std::span<const std::uint32_t> targets, std::span<const std::uint32_t> drawn, const Matrix& items,
                             std::span<float> dstates, Matrix& ditems, const Run& run) {
  const std::size_t n = targets.size(), d = items.cols(), count = drawn.size() + 1;   // the last column is the target's
  const float scale = 1.0f / static_cast<float>(n);
  rows_.assign(count * d, 0.0f);
  drows_.resize(count * d);
  scores_.resize(std::max(scores_.size(), n * count));
  for (std::size_t j = 0; j < drawn.size(); ++j) std::copy_n(items.row(drawn[j]).data(), d, rows_.data() + j * d);
  train::product_right_turned({.rows = n, .inner = d, .cols = count, .a = states.data(), .b = rows_.data(), .c = scores_.data()}, run);
  std::vector<double> losses(n);
  parallel_for(0, n, grain(count), run, [&](std::size_t begin, std::size_t end) {
    for (std::size_t t = begin; t < end; ++t) {
      const std::span<float> row{scores_.data() + t * count, count};
      for (std::size_t j = 0; j < drawn.size(); ++j)
        if (drawn[j] == targets[t]) row[j] = -INFINITY;
      row.back() = dot(states.subspan(t * d, d), items.row(targets[t]));
      losses[t] = train::softmax_gradient(row, count - 1, scale);
    }
  });
  train::product({.rows = n, .inner = count, .cols = d, .a = scores_.data(), .b = rows_.data(), .c = dstates.data()}, run);
  train::product_left_turned({.rows = count, .inner = n, .cols = d, .a = scores_.data(), .b = states.data(), .c = drows_.data()}, run);
  for (std::size_t j = 0; j < drawn.size(); ++j) train::add({drows_.data() + j * d, d}, ditems.row(drawn[j]));
  for (std::size_t t = 0; t < n; ++t) {
    const float g = scores_[t * count + count - 1];
    axpy(g, items.row(targets[t]), dstates.subspan(t * d, d));
    axpy(g, states.subspan(t * d, d), ditems.row(targets[t]));
  }
  return std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(n);
}

}  // namespace attune::model
