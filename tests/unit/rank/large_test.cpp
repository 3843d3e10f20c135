// Large catalogues: an index brings the candidates, every score stays exact.
#include "attune/core/kernels.h"
#include "attune/rank/scores.h"
#include "tests/support/test.h"
#include "tests/unit/rank/worlds.h"

using namespace attune;
using namespace attune::rank_tests;

namespace {

// score(j) = user vector . item vector, the user vector the sum over the history.
class Factors final : public model::Recommender {
 public:
  explicit Factors(Matrix vectors) : vectors_(std::move(vectors)) {}
  std::string name() const override { return "factors"; }
  std::size_t item_count() const override { return vectors_.rows(); }
  void score(const model::Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    const std::vector<float> user = *query_vector(query);
    for (std::size_t n = 0; n < items.size(); ++n) out[n] = dot(user, vectors_.row(to_index(items[n])));
  }
  std::optional<MatrixView> item_vectors() const override { return MatrixView(vectors_); }
  std::optional<std::vector<float>> query_vector(const model::Query& query) const override {
    std::vector<float> user(vectors_.cols(), 0.0f);
    for (const Touch& touch : query.history) axpy(touch.weight, vectors_.row(to_index(touch.item)), user);
    return user;
  }
  std::size_t size_bytes() const override { return 0; }
  Json settings() const override { return {}; }
  void save(ByteWriter&) const override {}

 private:
  Matrix vectors_;
};

World factors_world(std::size_t n, bool with_popularity) {
  World world = empty_world(n);
  Random random(5);
  Matrix vectors(n, 8);
  for (float& x : vectors.all()) x = static_cast<float>(random.normal());
  const std::shared_ptr<const index::Index> index = index::build_exact(vectors, {}, attune::Run{});
  add(world, std::make_shared<Factors>(std::move(vectors)));
  world.sources[0].index = index;
  if (with_popularity) {
    std::vector<float> counts(n);
    for (float& x : counts) x = static_cast<float>(random.below(100));
    add(world, std::make_shared<Fixed>("popularity", std::move(counts)));
  }
  auto fresh = std::make_shared<FreshItem>();
  fresh->item = item("fresh", "fresh");
  fresh->item_vectors["factors"] = std::vector<float>(8, 3.0f);
  world.fresh = {fresh};
  return world;
}

}  // namespace

TEST("through an index the list is the one of the whole catalogue") {
  for (const bool with_popularity : {false, true}) {
    const World world = factors_world(3000, with_popularity);
    Request request;
    request.history = {{.item = item_at(3)}, {.item = item_at(77), .weight = 0.5f}};
    request.seen = ids({3, 77});
    request.filter = Filter::parse("not name contains 5");
    const Slate whole = ranking().run(world, request), found = ranking(100).run(world, request);
    // The fresh item has the vector 3 3 3 ...: it is in both or neither; scales are the same, as all 3,000 are sampled.
    EXPECT_EQ(rows(found), rows(whole));
    for (std::size_t n = 0; n < whole.candidates.size(); ++n) EXPECT_NEAR(found.candidates[n].score, whole.candidates[n].score, 1e-4);
    EXPECT_EQ(score_world(world, request, {.exact_below = 100, .depth = 200}).items.size() < 1000, true);
  }
}

TEST("through an index nothing barred comes in, and k are found where k exist") {
  const World world = factors_world(3000, false);
  Request request;
  request.history = {{.item = item_at(3)}};
  request.filter = Filter::parse("name contains 99");   // few of 3,000
  request.k = 30;
  const Slate slate = ranking(100).run(world, request);
  EXPECT_EQ(slate.candidates.size(), 30u);
  for (const Candidate& c : slate.candidates) EXPECT_TRUE(request.filter.passes(world.item(c.item)));
}

TEST("a fresh item is scored by its vector") {
  const World world = factors_world(50, false);
  Request request;
  request.history = {{.item = item_at(3)}};
  const Scores scores = score_world(world, request);
  const std::vector<float> user = *world.sources[0].model->query_vector({.history = request.history});
  float sum = 0;
  for (const float x : user) sum += 3 * x;
  EXPECT_NEAR(scores.raw[0][50], sum, 1e-4);
}

TEST("the scale of a large catalogue is near that of all its items") {
  const World world = factors_world(40000, false);
  Request request;
  request.history = {{.item = item_at(3)}};
  const Scale whole = score_world(world, request).scales[0], sampled = score_world(world, request, {.exact_below = 100}).scales[0];
  EXPECT_NEAR(sampled.mean, whole.mean, 0.06 * whole.sd);
  EXPECT_NEAR(sampled.sd, whole.sd, 0.06 * whole.sd);
}
