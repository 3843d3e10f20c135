#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "attune/core/kernels.h"
#include "attune/core/random.h"
#include "attune/model/sequence_batch.h"
#include "attune/model/sequence_train.h"
#include "attune/model/transformer.h"
#include "tests/unit/model/plugins.h"

namespace attune::model {
namespace {

using Ids = std::vector<std::uint32_t>;

TransformerShape small_shape() {
  return {.items = 9, .width = 8, .inner = 12, .blocks = 2, .heads = 2, .length = 6, .filter_share = 0.6f, .waves = 2, .has_places = true};
}
// Weights large enough that every part matters: drawn ones are so small that attention is flat.
Transformer lively(const TransformerShape& shape, std::uint64_t seed = 5) {
  Transformer t = Transformer::drawn(shape, seed);
  Random random(seed + 1);
  for (float& x : t.body) x += static_cast<float>(0.3 * random.normal());
  for (float& x : t.items.all()) x = static_cast<float>(random.normal());
  return t;
}
const std::vector<Ids> kSequences = {{1, 4, 2, 8, 0}, {3, 3}, {7, 6, 5, 4, 3, 2, 1}, {0, 8, 0}};

std::vector<Touch> touches(const Ids& ids) {
  std::vector<Touch> history;
  for (const std::uint32_t id : ids) history.push_back({.item = item_at(id)});
  return history;
}

void expect_slopes(const TransformerShape& shape, const Ids& drawn) {
  Transformer t = lively(shape);
  const SequenceGradient g = sequence_gradient(t, kSequences, drawn, attune::Run{});
  const auto loss = [&] { return sequence_gradient(t, kSequences, drawn, attune::Run{}).loss; };
  const auto expect = [&](float& weight, float slope, const std::string& what) {
    const float kept = weight, step = 4e-3f;
    weight = kept + step;
    const double above = loss();
    weight = kept - step;
    const double below = loss();
    weight = kept;
    EXPECT_NEAR(slope, (above - below) / (2 * static_cast<double>(step)), 2e-3 + 0.01 * std::abs(static_cast<double>(slope))) << what;
  };
  for (std::size_t i = 0; i < t.body.size(); i += 3) expect(t.body[i], g.body[i], "body " + std::to_string(i));
  for (std::size_t i = 0; i < t.items.size(); ++i) expect(t.items.all()[i], g.items.all()[i], "items " + std::to_string(i));
}

TEST(SequenceGradients, agree_with_finite_differences_over_all_items) { expect_slopes(small_shape(), {}); }
TEST(SequenceGradients, agree_with_finite_differences_over_drawn_items) { expect_slopes(small_shape(), {2, 5, 5, 7}); }
TEST(SequenceGradients, agree_with_finite_differences_without_a_filter) {
  TransformerShape shape = small_shape();
  shape.filter_share = 0;
  shape.has_places = false;
  shape.heads = 1;
  expect_slopes(shape, {});
}

TEST(Transformer, serves_the_state_that_it_was_trained_with) {
  for (const float share : {0.0f, 0.6f}) {
    TransformerShape shape = small_shape();
    shape.filter_share = share;
    const Transformer t = lively(shape);
    SequencePass pass(shape);
    SequenceBatch batch;
    for (const Ids& ids : kSequences) batch.push_back(std::span(ids).last(std::min<std::size_t>(ids.size(), shape.length)), {});
    const std::span<const float> states = pass.forward(t, batch, {}, attune::Run{});
    for (std::size_t s = 0; s < kSequences.size(); ++s) {
      const std::vector<float> served = t.state(touches(kSequences[s]));
      for (std::size_t c = 0; c < shape.width; ++c) EXPECT_NEAR(served[c], states[(batch.offsets[s + 1] - 1) * shape.width + c], 1e-4) << s;
    }
  }
}

TEST(Transformer, a_later_event_never_changes_an_earlier_state) {
  TransformerShape shape = small_shape();
  shape.has_places = false;
  const Transformer t = lively(shape);
  const Ids ids = {1, 4, 2, 8, 0, 3};
  SequencePass pass(shape);
  SequenceBatch whole;
  whole.push_back(ids, {});
  const std::span<const float> seen = pass.forward(t, whole, {}, attune::Run{});
  const std::vector<float> states(seen.begin(), seen.end());
  for (std::size_t n = 1; n < ids.size(); ++n) {
    const std::vector<float> earlier = t.state(touches({ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(n)}));
    for (std::size_t c = 0; c < shape.width; ++c) EXPECT_NEAR(states[(n - 1) * shape.width + c], earlier[c], 1e-4) << n;
  }
}

TEST(Transformer, a_touch_of_no_weight_keeps_its_place_and_counts_nothing) {
  const Transformer t = lively(small_shape());
  std::vector<Touch> history = touches({1, 4, 2});
  history[1].weight = 0;
  const std::vector<float> without = t.state(history);
  history[1].item = item_at(7);
  EXPECT_EQ(without, t.state(history));                 // what it was does not matter
  EXPECT_NE(without, t.state(touches({1, 2})));         // that something was there does
  for (Touch& touch : history) touch.weight = -1;
  EXPECT_EQ(t.state(history), std::vector<float>(8));
}

TEST(Transformer, joined_touches_are_one_event) {
  Transformer t = lively(small_shape());
  for (std::size_t c = 0; c < 8; ++c) t.items(8, c) = 0.25f * t.items(1, c) + 0.75f * t.items(2, c);
  std::vector<Touch> joined = touches({4, 1, 2});
  joined[1].weight = 1;
  joined[2].weight = 3;
  joined[2].joined = true;
  const std::vector<float> a = t.state(joined), b = t.state(touches({4, 8}));
  for (std::size_t c = 0; c < 8; ++c) EXPECT_NEAR(a[c], b[c], 1e-5);
}

TEST(Transformer, the_filter_passes_what_does_not_change) {
  const std::vector<float> taps = filter_taps(10, 3);
  double sum = 0;
  for (const float tap : taps) sum += static_cast<double>(tap);
  EXPECT_NEAR(sum, 1, 1e-6);                            // a constant history is low as a whole
  const std::vector<float> all = filter_taps(10, 6);    // every wave is low: the newest event itself
  EXPECT_NEAR(all[0], 1, 1e-6);
  for (std::size_t k = 1; k < 10; ++k) EXPECT_NEAR(all[k], 0, 1e-6);
}

// Users walk round a ring of items from different starts: the next item is certain.
data::Dataset ring(std::size_t items, std::size_t users, std::size_t steps, std::size_t stride = 1) {
  std::vector<data::CatalogueItem> catalogue(items);
  std::vector<std::string> names(users);
  std::vector<std::vector<data::HistoryRow>> rows(users);
  for (std::size_t i = 0; i < items; ++i) catalogue[i].name = "item" + std::to_string(i);
  for (std::size_t u = 0; u < users; ++u) {
    names[u] = "user" + std::to_string(u);
    for (std::size_t k = 0; k < steps; ++k)
      rows[u].push_back({.touch = {.item = item_at((u * 5 + k * stride) % items), .time_ms = static_cast<std::int64_t>(k)}});
  }
  return data::Dataset(std::make_shared<const data::Catalogue>(std::move(catalogue), std::move(names)), std::move(rows));
}

Json quick(std::initializer_list<std::pair<const char*, Json>> more = {}) {
  Json settings = Json::object();
  settings["width"] = 32;
  settings["inner"] = 32;
  settings["epochs"] = 60;
  settings["batch"] = 64;
  settings["lr"] = 0.005;
  settings["dropout"] = 0.1;
  for (const auto& [name, value] : more) settings[name] = value;
  return settings;
}

void expect_ring_learned(const Recommender& model, const char* what) {
  std::size_t right = 0;
  for (std::uint32_t i = 0; i < 24; ++i) {
    const std::vector<Touch> history = touches({(i + 22) % 24, (i + 23) % 24, i});
    right += model.recommend({.history = history, .k = 1}).at(0).item == item_at((i + 1) % 24) ? 1 : 0;
  }
  EXPECT_GE(right, 23u) << what;
}

TEST(Sequence, learns_a_ring_by_every_loss_and_network) {
  const data::Dataset data = ring(24, 40, 8);
  expect_ring_learned(*fit_sasrec(data, quick(), attune::Run{}), "sasrec");
  expect_ring_learned(*fit_bsarec(data, quick(), attune::Run{}), "bsarec");
  expect_ring_learned(*fit_sasrec(data, quick({{"negatives", Json(8)}}), attune::Run{}), "drawn items");
  expect_ring_learned(*fit_sasrec(data, quick({{"has_places", Json(true)}, {"heads", Json(2)}}), attune::Run{}), "places");
  expect_ring_learned(*fit_sasrec(data, quick({{"average", Json(0.9)}}), attune::Run{}), "mean of the weights");
}

TEST(Sequence, learns_from_all_windows_of_a_long_history_or_from_the_newest) {
  const data::Dataset data = ring(24, 3, 100);
  expect_ring_learned(*fit_sasrec(data, quick({{"length", Json(5)}}), attune::Run{}), "all windows");
  const auto newest = fit_sasrec(ring(24, 1, 100), quick({{"length", Json(5)}, {"whole_history", Json(false)}}), attune::Run{});   // ends 94..99: items 22 23 0 1 2 3
  const auto history = touches({22});
  EXPECT_EQ(newest->recommend({.history = history, .k = 1}).at(0).item, item_at(23));
  const auto unseen = touches({10});
  EXPECT_NE(newest->recommend({.history = unseen, .k = 1}).at(0).item, item_at(11));
}

TEST(Sequence, stops_early_and_keeps_the_best_epoch) {
  data::Dataset data = ring(24, 40, 8);
  auto cases = std::make_shared<std::vector<data::Case>>();
  for (std::size_t u = 0; u < 40; ++u) {
    const auto history = data.history(user_at(u));
    cases->push_back({.user = user_at(u), .input = {history.begin(), history.end()}, .targets = {item_at((u * 5 + 8) % 24)}});
  }
  data.with_held_out(cases);
  std::vector<double> ndcg, loss;
  attune::Run run;
  run.curve = [&](std::string_view series, std::size_t, double value) {
    if (series == "sasrec/ndcg@10") ndcg.push_back(value);
    if (series == "sasrec/loss") loss.push_back(value);
  };
  const auto model = fit_sasrec(data, quick({{"patience", Json(3)}}), run);
  ASSERT_EQ(ndcg.size(), loss.size());
  EXPECT_LT(ndcg.size(), 60u);                                             // certain targets are learned long before
  EXPECT_GT(*std::max_element(ndcg.begin(), ndcg.end()), 0.95);
  const auto best = static_cast<std::size_t>(model->settings().find("epochs")->as_number());
  EXPECT_EQ(ndcg[best - 1], *std::max_element(ndcg.begin(), ndcg.end()));
  EXPECT_LT(loss.back(), loss.front());
}

TEST(Sequence, says_where_training_diverged) {
  try {
    fit_sasrec(ring(24, 40, 8), quick({{"lr", Json(1e30)}}), attune::Run{});
    FAIL() << "such a step cannot go well";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("diverged at step"), std::string::npos) << e.what();
  }
}

TEST(Sequence, names_the_setting_that_is_out_of_range) {
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, Json>>{
           {"width", Json(0)}, {"heads", Json(3)}, {"length", Json(0)}, {"lr", Json(0)}, {"dropout", Json(1)}, {"negatives", Json(-1)}, {"text", Json("some")}, {"batch", Json(0)}})
    try {
      fit_sasrec(ring(24, 4, 4), quick({{name, value}}), attune::Run{});
      FAIL() << name;
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(std::string("sasrec.") + name), std::string::npos) << e.what();
    }
}

TEST(Sequence, has_nothing_to_learn_from_single_events) { EXPECT_THROW(fit_sasrec(ring(24, 10, 1), quick(), attune::Run{}), Error); }

// Items come in three kinds that texts tell apart and users keep to one kind; the last item of each kind was never taken.
TEST(Sequence, gives_an_unseen_item_the_vector_of_its_text) {
  const std::size_t items = 30;
  data::Dataset data = [&] {
    std::vector<data::CatalogueItem> catalogue(items);
    std::vector<std::string> names(60);
    std::vector<std::vector<data::HistoryRow>> rows(60);
    Random random(3);
    for (std::size_t i = 0; i < items; ++i) catalogue[i].name = "item" + std::to_string(i);
    for (std::size_t u = 0; u < 60; ++u) names[u] = "user" + std::to_string(u);
    for (std::size_t u = 0; u < 60; ++u)
      for (std::size_t k = 0; k < 6; ++k) rows[u].push_back({.touch = {.item = item_at(3 * random.below(9) + u % 3), .time_ms = static_cast<std::int64_t>(k)}});
    return data::Dataset(std::make_shared<const data::Catalogue>(std::move(catalogue), std::move(names)), std::move(rows));
  }();
  auto features = std::make_shared<data::ItemFeatures>();
  features->dense = Matrix(items, 6);
  Random random(4);
  for (std::size_t i = 0; i < items; ++i)
    for (std::size_t c = 0; c < 6; ++c) features->dense(i, c) = static_cast<float>((c == i % 3 ? 1 : 0) + 0.1 * random.normal());
  data.with_features("kinds", features);
  for (const char* use : {"start", "fixed", "map"}) {
    const auto model = fit_sasrec(data, quick({{"text", Json(use)}, {"text_width", Json(6)}}), attune::Run{});
    for (std::uint32_t kind = 0; kind < 3; ++kind) {
      NewItem item;
      item.features["kinds"].dense.assign(features->dense.row(27 + kind).begin(), features->dense.row(27 + kind).end());
      const auto vector = model->item_vector(item);
      ASSERT_TRUE(vector) << use;
      const auto score_of = [&](std::uint32_t other) {
        const auto history = touches({other, other + 3, other + 6});
        return dot(*model->query_vector({.history = history}), *vector);
      };
      for (const std::uint32_t other : {(kind + 1) % 3, (kind + 2) % 3})
        EXPECT_GT(score_of(kind), score_of(other)) << use << ": its own kind's people should like it more";
    }
    EXPECT_FALSE(model->item_vector(NewItem{})) << use;
  }
  EXPECT_THROW(fit_sasrec(ring(24, 40, 8), quick({{"text", Json("start")}}), attune::Run{}), Error);   // no texts there
}

}  // namespace
}  // namespace attune::model
