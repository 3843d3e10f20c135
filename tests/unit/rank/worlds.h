// Small worlds for lists: models whose every number is written down here or drawn from a seed.
#pragma once
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "attune/core/random.h"
#include "attune/data/split.h"
#include "attune/rank/pipeline.h"

namespace attune::rank_tests {

using namespace attune::rank;

// score(j) = sum over touches of weight * decay^age * W(i, j); touches that are joined share a place.
class Linear final : public model::Recommender {
 public:
  Linear(std::string name, Matrix w, float decay = 1) : name_(std::move(name)), w_(std::move(w)), decay_(decay) {}
  std::string name() const override { return name_; }
  std::size_t item_count() const override { return w_.rows(); }
  void score(const model::Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    const std::vector<float> weights = touch_weights(query);
    for (std::size_t n = 0; n < items.size(); ++n) {
      out[n] = 0;
      for (std::size_t t = 0; t < weights.size(); ++t) out[n] += weights[t] * w_(to_index(query.history[t].item), to_index(items[n]));
    }
  }
  Explanation explain(const model::Query& query, ItemId item) const override {
    Explanation whole{.what = "model:" + name_};
    for (const Scored& in : input(query)) {
      const double value = static_cast<double>(in.score) * w_(to_index(in.item), to_index(item));
      whole.value += value;
      whole.parts.push_back({"item:" + std::to_string(to_index(in.item)), value, {{"behaviour", 0.75 * value, {}}, {"text:tiny", 0.25 * value, {}}}});
    }
    return whole;
  }
  std::optional<Matrix> contributions(const model::Query& query, std::span<const ItemId> items) const override {
    Matrix shares(items.size(), query.history.size());
    const std::vector<float> weights = touch_weights(query);
    for (std::size_t n = 0; n < items.size(); ++n)
      for (std::size_t t = 0; t < weights.size(); ++t) shares(n, t) = weights[t] * w_(to_index(query.history[t].item), to_index(items[n]));
    return shares;
  }
  std::vector<Scored> input(const model::Query& query) const override {
    const std::vector<float> weights = touch_weights(query);
    std::vector<Scored> pairs;
    for (std::size_t t = 0; t < weights.size(); ++t) {
      bool is_known = false;
      for (Scored& pair : pairs)
        if (pair.item == query.history[t].item) pair.score += weights[t], is_known = true;
      if (!is_known) pairs.push_back({query.history[t].item, weights[t]});
    }
    return pairs;
  }
  std::size_t size_bytes() const override { return w_.size_bytes(); }
  Json settings() const override { return Json::object(); }
  void save(ByteWriter&) const override {}

 private:
  std::vector<float> touch_weights(const model::Query& query) const {
    std::vector<float> weights(query.history.size());
    float scale = 1;
    for (std::size_t t = weights.size(); t-- > 0;) {
      weights[t] = scale * query.history[t].weight;
      if (!query.history[t].joined) scale *= decay_;
    }
    return weights;
  }
  std::string name_;
  Matrix w_;
  float decay_;
};

// Knows nobody: the same scores for all, explained as popularity. Or, told so, one leaf without parts.
class Fixed final : public model::Recommender {
 public:
  Fixed(std::string name, std::vector<float> scores, bool tells = true) : name_(std::move(name)), scores_(std::move(scores)), tells_(tells) {}
  std::string name() const override { return name_; }
  std::size_t item_count() const override { return scores_.size(); }
  void score(const model::Query& query, std::span<const ItemId> items, std::span<float> out) const override {
    check_score_arguments(item_count(), query, items, out);
    for (std::size_t n = 0; n < items.size(); ++n) out[n] = scores_[to_index(items[n])];
  }
  Explanation explain(const model::Query& query, ItemId item) const override {
    Explanation whole = Recommender::explain(query, item);
    if (tells_) whole.parts.push_back({"popularity", whole.value, {}});
    return whole;
  }
  std::vector<Scored> input(const model::Query&) const override { return {}; }
  std::size_t size_bytes() const override { return 0; }
  Json settings() const override { return Json::object(); }
  void save(ByteWriter&) const override {}

 private:
  std::string name_;
  std::vector<float> scores_;
  bool tells_;
};

inline Matrix matrix(std::size_t n, const std::vector<float>& values) {
  Matrix m(n, n);
  std::copy(values.begin(), values.end(), m.data());
  return m;
}

inline data::CatalogueItem item(std::string name, std::string text, Json attributes = Json::object()) {
  return {.name = std::move(name), .text = std::move(text), .attributes = std::move(attributes)};
}

// n items "i0".. with texts "item 0"..., all taken by 10 users or more; no sources yet.
inline World empty_world(std::size_t n) {
  std::vector<data::CatalogueItem> items;
  for (std::size_t i = 0; i < n; ++i) items.push_back(item("i" + std::to_string(i), "item " + std::to_string(i)));
  World world;
  world.catalogue = std::make_shared<const data::Catalogue>(std::move(items), std::vector<std::string>{});
  world.popularity = std::make_shared<const std::vector<std::uint32_t>>(n, 10);
  return world;
}

inline void add(World& world, std::shared_ptr<const model::Recommender> model) {
  world.sources.push_back({model->name(), model});
  std::vector<std::string> names;
  for (const Source& source : world.sources) names.push_back(source.name);
  world.weights = FusionWeights::equal(std::move(names));
}

// n items, two linear models and a fixed one, all random; weights that differ by cell; sometimes a fresh item with a column.
inline World random_world(std::uint64_t seed, std::size_t n, bool with_fresh = false) {
  Random random(seed);
  World world = empty_world(n);
  const auto noise = [&] {
    Matrix w(n, n);
    for (float& x : w.all()) x = static_cast<float>(random.normal());
    return w;
  };
  add(world, std::make_shared<Linear>("one", noise(), 0.8f));
  add(world, std::make_shared<Linear>("two", noise(), 1.0f));
  std::vector<float> counts(n);
  for (float& x : counts) x = static_cast<float>(random.below(50));
  add(world, std::make_shared<Fixed>("popularity", std::move(counts)));
  for (auto& row : world.weights.table)
    for (auto& cell : row)
      for (float& w : cell) w = static_cast<float>(0.1 + random.uniform());
  std::vector<std::uint32_t> takers(n);
  for (std::uint32_t& t : takers) t = static_cast<std::uint32_t>(random.below(20));
  world.popularity = std::make_shared<const std::vector<std::uint32_t>>(std::move(takers));
  if (with_fresh) {
    auto fresh = std::make_shared<FreshItem>();
    fresh->item = item("fresh", "a fresh item");
    fresh->columns["one"].resize(n);
    for (float& x : fresh->columns["one"]) x = static_cast<float>(random.normal());
    fresh->neighbours = {{.item = item_at(0), .weight = 0.7f}, {.item = item_at(1), .weight = 0.3f}};
    world.fresh.push_back(fresh);
  }
  return world;
}

inline constexpr std::size_t kWishItems = 60;
// Each user asks after one item i and wants i + 1. Items from `untaken` on were taken by nobody.
inline data::Split wishes(std::size_t users, std::size_t untaken = kWishItems) {
  std::vector<data::CatalogueItem> items;
  for (std::size_t i = 0; i < kWishItems; ++i) items.push_back(item("i" + std::to_string(i), ""));
  std::vector<std::string> names;
  std::vector<std::vector<data::HistoryRow>> rows(users);
  data::Split split;
  for (std::size_t u = 0; u < users; ++u) {
    names.push_back("u" + std::to_string(u));
    const std::size_t i = u % (kWishItems - 1);
    split.cases.push_back({.user = user_at(u), .input = {{.item = item_at(i)}}, .seen = {item_at(i)}, .targets = {item_at(i + 1)}});
    if (i < untaken) rows[u].push_back({.touch = {.item = item_at(i)}});
  }
  auto catalogue = std::make_shared<const data::Catalogue>(std::move(items), std::move(names));
  split.train = std::make_shared<const data::Dataset>(catalogue, std::move(rows));
  return split;
}

inline std::vector<ItemId> ids(const std::vector<std::size_t>& rows) {
  std::vector<ItemId> out;
  for (const std::size_t r : rows) out.push_back(item_at(r));
  return out;
}

inline std::vector<std::size_t> rows(const Slate& slate) {
  std::vector<std::size_t> out;
  for (const Candidate& c : slate.candidates) out.push_back(to_index(c.item));
  return out;
}

inline Pipeline ranking(int exact_below = 50000) {
  std::vector<std::unique_ptr<const Stage>> stages;
  Json retrieve = Json::object();
  retrieve["exact_below"] = exact_below;
  stages.push_back(make_retrieve(retrieve));
  stages.push_back(make_fuse({}));
  stages.push_back(make_diversify({}));
  stages.push_back(make_cut({}));
  return Pipeline(std::move(stages));
}

}  // namespace attune::rank_tests
