// Graph: sums over neighbours, row by row.
#include "attune/model/graph.h"

#include <algorithm>
#include <cmath>

#include "attune/core/parallel.h"
#include "attune/train/rows.h"

namespace attune::model {
namespace {

Sparse weighted(const Sparse& pairs, const Sparse& other_way, std::size_t moved_up) {
  Sparse a = pairs;
  a.cols = pairs.cols + moved_up;
  a.values.assign(pairs.nnz(), 0.0f);
  for (std::size_t r = 0; r < pairs.rows; ++r)
    for (std::size_t k = pairs.offsets[r]; k < pairs.offsets[r + 1]; ++k) {
      const double degrees = static_cast<double>(pairs.row_size(r)) * static_cast<double>(other_way.row_size(pairs.indices[k]));
      a.values[k] = static_cast<float>(1 / std::sqrt(degrees));
      a.indices[k] += static_cast<std::uint32_t>(moved_up);
    }
  return a;
}

}  // namespace

Graph make_graph(const Sparse& pairs, const Sparse& audience) {
  return {.items_of_users = weighted(pairs, audience, pairs.rows), .users_of_items = weighted(audience, pairs, 0)};
}

void propagate(const Graph& graph, MatrixView in, Matrix& out, const Run& run) {
  const std::size_t users = graph.users();
  parallel_for(0, graph.nodes(), 512, run, [&](std::size_t first, std::size_t last) {
    for (std::size_t n = first; n < last; ++n) {
      const Sparse& side = n < users ? graph.items_of_users : graph.users_of_items;
      const std::size_t r = n < users ? n : n - users;
      train::weighted_sum(in, side.row_indices(r), side.row_values(r), 1, out.row(n));
    }
  });
}

void propagate_mean(const Graph& graph, MatrixView in, int layers, bool with_own, Matrix& out, Matrix& room, const Run& run) {
  // Horner: in + A (in + A (in + ...)); without the own layer the outermost `in` is left off.
  const std::size_t n = in.rows * in.cols;
  std::copy_n(in.data, n, out.data());
  for (int k = 1; k <= layers; ++k) {
    propagate(graph, out, room, run);
    std::swap(out, room);
    const bool adds = k < layers || with_own;
    const float share = k < layers ? 1.0f : 1.0f / static_cast<float>(layers + (with_own ? 1 : 0));
    parallel_for(0, n, std::size_t{1} << 18, run, [&](std::size_t first, std::size_t last) {
      float* o = out.data();
      if (adds)
        for (std::size_t x = first; x < last; ++x) o[x] = (o[x] + in.data[x]) * share;
      else
        for (std::size_t x = first; x < last; ++x) o[x] *= share;
    });
  }
}

}  // namespace attune::model
