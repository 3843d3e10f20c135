// The passes by hand against MLX's automatic derivatives.
#include <gtest/gtest.h>

#include <cmath>

#include "attune/core/random.h"
#include "tests/mlx/reference.h"

namespace attune::model {
namespace {

using Ids = std::vector<std::uint32_t>;

Transformer lively(const TransformerShape& shape) {
  Transformer t = Transformer::drawn(shape, 11);
  Random random(12);
  for (float& x : t.body) x += static_cast<float>(0.1 * random.normal());
  for (float& x : t.items.all()) x = static_cast<float>(0.5 * random.normal());
  return t;
}

std::vector<Ids> walks(std::size_t count, const TransformerShape& shape) {
  Random random(13);
  std::vector<Ids> sequences(count);
  for (Ids& ids : sequences)
    for (std::size_t n = 2 + random.below(shape.length); n > 0; --n) ids.push_back(static_cast<std::uint32_t>(random.below(shape.items)));
  return sequences;
}

void expect_same(const TransformerShape& shape, const Ids& drawn) {
  const Transformer t = lively(shape);
  const std::vector<Ids> sequences = walks(20, shape);
  const SequenceGradient ours = sequence_gradient(t, sequences, drawn, attune::Run{}), theirs = mlx_reference::gradient(t, sequences, drawn);
  EXPECT_NEAR(ours.loss, theirs.loss, 1e-5 * theirs.loss);
  double largest = 0;
  for (const float g : theirs.body) largest = std::max(largest, std::abs(static_cast<double>(g)));
  EXPECT_GT(largest, 0.01);
  for (std::size_t i = 0; i < ours.body.size(); ++i) ASSERT_NEAR(ours.body[i], theirs.body[i], 1e-5 + 1e-3 * std::abs(theirs.body[i])) << "body " << i;
  for (std::size_t i = 0; i < ours.items.size(); ++i) ASSERT_NEAR(ours.items.all()[i], theirs.items.all()[i], 1e-5 + 1e-3 * std::abs(theirs.items.all()[i])) << "items " << i;
}

TEST(AgainstMlx, attention_alone_over_all_items) { expect_same({.items = 150, .width = 32, .inner = 48, .heads = 2, .length = 20}, {}); }
TEST(AgainstMlx, attention_and_filter_over_all_items) {
  expect_same({.items = 150, .width = 32, .inner = 48, .heads = 1, .length = 20, .filter_share = 0.7f, .waves = 3, .has_places = true}, {});
}
TEST(AgainstMlx, attention_and_filter_over_drawn_items) {
  Ids drawn;
  for (std::uint32_t i = 0; i < 60; ++i) drawn.push_back(i * 2 % 77);
  expect_same({.items = 150, .width = 32, .inner = 48, .heads = 4, .length = 20, .filter_share = 0.4f, .waves = 5}, drawn);
}
TEST(AgainstMlx, its_products_go_to_openblas) { EXPECT_NE(mlx_reference::blas_file().find("openblas"), std::string::npos) << mlx_reference::blas_file(); }

}  // namespace
}  // namespace attune::model
