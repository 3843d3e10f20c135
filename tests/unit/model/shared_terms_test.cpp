// Fits that share: the same models as fits on their own, and what is in common is made once, within the memo's bound.
#include "attune/core/memo.h"

#include <cmath>

#include "attune/core/random.h"
#include "attune/model/shared_terms.h"
#include "tests/support/test.h"
#include "tests/unit/model/plugins.h"
#include "tests/unit/model/worlds.h"

namespace attune::model {
using testing::dataset_of;
namespace {

std::unique_ptr<const Recommender> fit_named(std::string_view name, const data::Dataset& data, const Json& settings, const attune::Run& run) {
  return name == "ease" ? fit_ease(data, settings, run) : fit_slist(data, settings, run);
}

// 40 people, 30 items with words and vectors.
data::Dataset with_texts() {
  Random random(5);
  data::Dataset data = dataset_of(30, testing::random_histories(40, 30, 8, random, false));
  auto words = std::make_shared<data::ItemFeatures>(), vectors = std::make_shared<data::ItemFeatures>();
  words->sparse = {.rows = 30, .cols = 12};
  for (std::uint32_t i = 0; i < 30; ++i) {
    for (const std::uint32_t w : {i % 5, 5 + i % 7}) {
      words->sparse.indices.push_back(w);
      words->sparse.values.push_back(0.7f);
    }
    words->sparse.offsets.push_back(words->sparse.indices.size());
  }
  vectors->dense = Matrix(30, 6);
  for (float& x : vectors->dense.all()) x = static_cast<float>(random.normal());
  data.with_features("words", words);
  data.with_features("vectors", vectors);
  return data;
}

Json settings_of(std::initializer_list<std::pair<const char*, Json>> pairs) {
  Json json = Json::object();
  json["split"] = false;
  for (const auto& [name, value] : pairs) json[name] = value;
  return json;
}

double largest_difference(const Recommender& a, const Recommender& b) {
  double largest = 0;
  std::vector<float> x(a.item_count()), y(a.item_count());
  for (std::size_t i = 0; i < a.item_count(); ++i) {
    const Touch touch{.item = item_at(i)};
    a.score_all({.history = {&touch, 1}}, x);
    b.score_all({.history = {&touch, 1}}, y);
    for (std::size_t j = 0; j < x.size(); ++j) largest = std::max<double>(largest, std::abs(x[j] - y[j]));
  }
  return largest;
}

}  // namespace

TEST("fits that share by a memo are the models that fits on their own give") {
  const data::Dataset data = with_texts();
  Memo memo(std::size_t{1} << 30);
  const attune::Run alone{}, sharing{.memo = &memo};
  for (const char* model : {"ease", "slist"})
    for (const char* priors : {"none", "words=4,vectors=10", "words=1,vectors=30", "vectors=5"})
      for (const double lambda : {20.0, 80.0})
        for (const char* decay : {"0.7", "0.9"}) {
          const Json settings = settings_of({{"lambda", lambda}, {"priors", priors}, {"decay", decay}});
          EXPECT_LT(largest_difference(*fit_named(model, data, settings, alone), *fit_named(model, data, settings, sharing)), 2e-6) << model << " " << settings.dump();
        }
  const Json relaxed = settings_of({{"xi", 0.2}, {"dropout", 0.3}, {"priors", "words=4"}});
  EXPECT_LT(largest_difference(*fit_named("ease", data, relaxed, alone), *fit_named("ease", data, relaxed, sharing)), 2e-6);
}

TEST("other weights of the priors make nothing anew, another lambda makes no Gram matrix anew") {
  const data::Dataset data = with_texts();
  for (const char* model : {"ease", "slist"}) {
    Memo memo(std::size_t{1} << 30);
    const attune::Run run{.memo = &memo};
    fit_named(model, data, settings_of({{"priors", "words=4,vectors=10"}}), run);
    const std::size_t first = memo.made();
    fit_named(model, data, settings_of({{"priors", "words=9,vectors=1"}}), run);
    EXPECT_EQ(memo.made(), first) << model;
    fit_named(model, data, settings_of({{"priors", "words=9,vectors=1"}, {"lambda", 7}}), run);
    // Inverse, a product with each text, for slist that with the behaviour: the Gram matrix and the texts' own are there.
    EXPECT_EQ(memo.made() - first, std::string_view(model) == "slist" ? 4u : 3u) << model;
  }
}

TEST("a memo keeps to its bound, drops what was used longest ago and forgets another dataset's") {
  Memo memo(100);
  int made = 0;
  const auto ask = [&](const void* subject, const char* key, std::size_t bytes) { return *memo.get<int>(subject, key, bytes, [&] { return ++made; }); };
  const int one = 0, other = 0;
  EXPECT_EQ(ask(&one, "a", 40), 1);
  EXPECT_EQ(ask(&one, "b", 40), 2);
  EXPECT_EQ(ask(&one, "a", 40), 1);
  EXPECT_EQ(ask(&one, "c", 40), 3);   // b goes
  EXPECT_LE(memo.size_bytes(), 100u);
  EXPECT_EQ(ask(&one, "a", 40), 1);
  EXPECT_EQ(ask(&one, "b", 40), 4);
  EXPECT_EQ(ask(&one, "huge", 101), 5);
  EXPECT_EQ(ask(&one, "huge", 101), 6);
  EXPECT_EQ(ask(&other, "b", 40), 7);
  EXPECT_EQ(ask(&other, "b", 40), 7);
}

}  // namespace attune::model
