// Graph: who took what as a graph of users and items, and the passing of vectors along it (LightGCN's convolution): a node's new
// vector is the sum of its neighbours', each divided by the root of both degrees. Symmetric, so the gradient goes back by the same
// passing. Source: He et al. 2020. Cost: 2 x pairs x factors multiply-adds a layer.
#pragma once
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/sparse.h"

namespace attune::model {

// Nodes are users, then items: node of item i is users + i.
struct Graph {
  Sparse items_of_users;   // [users, items], columns moved up by `users`: they are nodes; values 1 / root(degree x degree)
  Sparse users_of_items;   // [items, users]
  std::size_t users() const noexcept { return items_of_users.rows; }
  std::size_t nodes() const noexcept { return items_of_users.rows + users_of_items.rows; }
};
// `pairs` [users, items] and the same the other way round; values are not read: a pair is a pair.
Graph make_graph(const Sparse& pairs, const Sparse& audience);

// out = A in, both [nodes, factors]; out is overwritten and is not `in`. Parallel over nodes; the same bits for any number of threads.
void propagate(const Graph& graph, MatrixView in, Matrix& out, const Run& run);

// Mean of the layers first..layers of `in` (layer 0 = in itself, layer k = A layer k-1), into `out`. `room` [nodes, factors] is scratch.
void propagate_mean(const Graph& graph, MatrixView in, int layers, bool with_own, Matrix& out, Matrix& room, const Run& run);

}  // namespace attune::model
