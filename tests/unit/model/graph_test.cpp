#include "attune/model/graph.h"

#include <gtest/gtest.h>

#include <cmath>

#include "attune/core/random.h"

namespace attune::model {
namespace {

// Two users, three items: user 0 took 0 and 1, user 1 took 1; nobody took item 2.
Sparse pairs() { return {.rows = 2, .cols = 3, .offsets = {0, 2, 3}, .indices = {0, 1, 1}, .values = {5, 1, 2}}; }

TEST(Graph, passes_vectors_divided_by_the_roots_of_both_degrees) {
  const attune::Run run;
  const Graph graph = make_graph(pairs(), transpose(pairs()));
  Matrix in(5, 1), out(5, 1);
  for (std::size_t n = 0; n < 5; ++n) in(n, 0) = static_cast<float>(n + 1);   // users 1, 2; items 3, 4, 5
  propagate(graph, in, out, run);
  const float root = std::sqrt(2.0f);
  EXPECT_FLOAT_EQ(out(0, 0), 3 / root + 4 / 2.0f);     // degrees 2 x 1 and 2 x 2
  EXPECT_FLOAT_EQ(out(1, 0), 4 / root);
  EXPECT_FLOAT_EQ(out(2, 0), 1 / root);
  EXPECT_FLOAT_EQ(out(3, 0), 1 / 2.0f + 2 / root);
  EXPECT_EQ(out(4, 0), 0);
}

TEST(Graph, mean_of_layers_is_what_the_layers_give_one_by_one) {
  const attune::Run run;
  const Graph graph = make_graph(pairs(), transpose(pairs()));
  Random random(1);
  Matrix in(5, 3), one(5, 3), two(5, 3), out(5, 3), room(5, 3);
  for (float& x : in.all()) x = static_cast<float>(random.normal());
  propagate(graph, in, one, run);
  propagate(graph, one, two, run);
  propagate_mean(graph, in, 2, true, out, room, run);
  for (std::size_t k = 0; k < in.size(); ++k) EXPECT_NEAR(out.all()[k], (in.all()[k] + one.all()[k] + two.all()[k]) / 3, 1e-6);
  propagate_mean(graph, in, 2, false, out, room, run);
  for (std::size_t k = 0; k < in.size(); ++k) EXPECT_NEAR(out.all()[k], (one.all()[k] + two.all()[k]) / 2, 1e-6);
}

// What the gradient of LightGCN rests on: <y, A x> = <A y, x>.
TEST(Graph, passing_is_symmetric_so_the_gradient_goes_back_by_the_same_passing) {
  const attune::Run run;
  const Graph graph = make_graph(pairs(), transpose(pairs()));
  Random random(2);
  Matrix x(5, 1), y(5, 1), ax(5, 1), ay(5, 1), room(5, 1);
  for (float& v : x.all()) v = static_cast<float>(random.normal());
  for (float& v : y.all()) v = static_cast<float>(random.normal());
  propagate_mean(graph, x, 3, true, ax, room, run);
  propagate_mean(graph, y, 3, true, ay, room, run);
  float left = 0, right = 0;
  for (std::size_t n = 0; n < 5; ++n) {
    left += y(n, 0) * ax(n, 0);
    right += x(n, 0) * ay(n, 0);
  }
  EXPECT_NEAR(left, right, 1e-5);
}

}  // namespace
}  // namespace attune::model
