// Linear models: inputs, explanations that add up, shares that hold, columns of new items, files.
#include "attune/model/linear_model.h"

#include "attune/core/kernels.h"
#include "tests/support/test.h"
#include "tests/unit/model/plugins.h"
#include "tests/unit/model/worlds.h"

namespace attune::model {
namespace {

using namespace testing;

// A world with texts of both kinds.
data::Dataset told_world(std::size_t items, std::uint64_t seed) {
  Random random(seed);
  auto words = std::make_shared<data::ItemFeatures>(), vectors = std::make_shared<data::ItemFeatures>();
  words->sparse = random_words(items, 9, random);
  vectors->dense = random_vectors(items, 5, random);
  data::Dataset data = dataset_of(items, random_histories(80, items, 8, random, false));
  data.with_features("tfidf", words).with_features("e5", vectors);
  return data;
}

using Fit = std::unique_ptr<const Recommender> (*)(const data::Dataset&, const Json&, const attune::Run&);
using Load = std::unique_ptr<const Recommender> (*)(ByteReader&);
struct Named {
  const char* name;
  Fit fit;
  Load load;
};
const Named kLinear[] = {{"item_knn", fit_item_knn, load_item_knn}, {"ease", fit_ease, load_ease}, {"slist", fit_slist, load_slist}};

const std::vector<Touch> kHistory = touches({{1, 1}, {4, 0.2f}, {1, 2}, {7, -1}, {5, 1}});

TEST("decay counts places, windows cut, joined touches share a place") {
  std::vector<Touch> history = touches({{0, 1}, {1, 1}, {2, 1}, {3, 1}});
  EXPECT_EQ(touch_weights({.decay = 0.5f}, history), (std::vector<float>{0.125f, 0.25f, 0.5f, 1}));
  EXPECT_EQ(touch_weights({.decay = 0.5f, .window = 2}, history), (std::vector<float>{0, 0, 0.5f, 1}));
  history[3].joined = true;  // 2 and 3 are one event
  EXPECT_EQ(touch_weights({.decay = 0.5f}, history), (std::vector<float>{0.25f, 0.5f, 1, 1}));
  EXPECT_EQ(touch_weights({.decay = 0.5f, .window = 1}, history), (std::vector<float>{0, 0, 1, 1}));
}

TEST("repeats add up, or the latest alone counts") {
  const std::vector<Touch> history = touches({{0, 1}, {1, 1}, {0, 1}});
  EXPECT_EQ(input_row({.decay = 0.5f}, history), (std::vector<Scored>{{item_at(0), 1.25f}, {item_at(1), 0.5f}}));
  EXPECT_EQ(input_row({.decay = 0.5f, .latest = true}, history), (std::vector<Scored>{{item_at(0), 1}, {item_at(1), 0.5f}}));
}

TEST("explanations add up to the score, down to behaviour and texts") {
  const data::Dataset data = told_world(12, 21);
  for (const Named& model : kLinear) {
    const auto fitted = model.fit(data, Json(), attune::Run{});
    std::vector<float> scores(12);
    fitted->score_all({.history = kHistory}, scores);
    for (std::size_t j = 0; j < 12; ++j) {
      const Explanation why = fitted->explain({.history = kHistory}, item_at(j));
      EXPECT_NEAR(why.value, scores[j], 1e-6) << model.name;
      EXPECT_LT(gap(why), 1e-6) << model.name;
    }
  }
}

TEST("the text share of a weight is what leaving the text out takes away") {
  Random random(22);
  const data::Dataset few_words = told_world(12, 22);
  data::Dataset many_words = dataset_of(6, random_histories(40, 6, 6, random, false));  // more shared words than items
  auto words = std::make_shared<data::ItemFeatures>(), vectors = std::make_shared<data::ItemFeatures>();
  words->sparse = crowded_words(6, 20, random);
  vectors->dense = random_vectors(6, 3, random);
  many_words.with_features("tfidf", words).with_features("e5", vectors);
  for (const data::Dataset* data : {&few_words, static_cast<const data::Dataset*>(&many_words)}) {
    const auto fitted = [&](const char* priors) {
      Json settings = Json::parse(R"({"lambda": 5})");
      settings["priors"] = priors;
      return fit_slist(*data, settings, attune::Run{});  // the inverse does not depend on the priors
    };
    const auto whole = fitted("tfidf=8,e5=41");
    const Plain w = weights_of(*whole), words_only = weights_of(*fitted("tfidf=8")), none = weights_of(*fitted("none"));
    for (std::size_t i = 0; i < w.size(); ++i)
      for (std::size_t j = 0; j < w.size(); ++j) {
        const Touch one{.item = item_at(i)};
        const Explanation why = whole->explain({.history = {&one, 1}}, item_at(j));
        ASSERT_EQ(why.parts.size(), 1u);
        EXPECT_EQ(why.parts[0].what, "item:" + std::to_string(i));
        const auto& parts = why.parts[0].parts;
        ASSERT_EQ(parts.size(), 3u);
        EXPECT_EQ(parts[0].what + parts[1].what + parts[2].what, "behaviourtext:tfidftext:e5");
        EXPECT_NEAR(parts[0].value, none[i][j], 1e-3);  // halves: right to a thousandth
        EXPECT_NEAR(parts[1].value, words_only[i][j] - none[i][j], 1e-3);
        EXPECT_NEAR(parts[2].value, w[i][j] - words_only[i][j], 1e-3);
      }
  }
}

TEST("a touch whose weight becomes 0 takes away exactly its share") {
  const data::Dataset data = told_world(12, 23);
  std::vector<ItemId> items;
  for (std::size_t j = 0; j < 12; ++j) items.push_back(item_at(j));
  for (const Named& model : kLinear)
    for (const char* settings : {R"({})", R"({"latest": true})"}) {
      if (std::string(model.name) == "slist" && std::string(settings) != "{}") continue;
      const auto fitted = model.fit(data, Json::parse(settings), attune::Run{});
      std::vector<float> before(12), after(12);
      fitted->score_all({.history = kHistory}, before);
      const auto shares = fitted->contributions({.history = kHistory}, items);
      ASSERT_TRUE(shares.has_value());
      for (std::size_t t = 0; t < kHistory.size(); ++t) {
        std::vector<Touch> less = kHistory;
        less[t].weight = 0;
        fitted->score_all({.history = less}, after);
        for (std::size_t j = 0; j < 12; ++j) EXPECT_NEAR(before[j] - after[j], (*shares)(j, t), 1e-6) << model.name;
      }
    }
}

TEST("a model read back from its file scores and explains the same") {
  const data::Dataset data = told_world(12, 24);
  for (const Named& model : kLinear) {
    const auto fitted = model.fit(data, Json(), attune::Run{});
    const Scratch file("linear_model");
    write_model(*fitted, file.path);
    ByteReader in(file.path);
    const auto again = model.load(in);
    EXPECT_TRUE(in.at_end());
    EXPECT_EQ(again->settings().dump(), fitted->settings().dump());
    EXPECT_EQ(again->size_bytes(), fitted->size_bytes());
    std::vector<float> a(12), b(12);
    fitted->score_all({.history = kHistory}, a);
    again->score_all({.history = kHistory}, b);
    EXPECT_EQ(a, b);
    EXPECT_LT(gap(again->explain({.history = kHistory}, item_at(2))), 1e-6);
  }
}

// Even items and odd items speak of two different things; an item's twin says the same as it does.
TEST("a new item that reads like a known one is scored among its like, the twin's own way first") {
  constexpr std::size_t kItems = 60;
  Random random(25);
  auto vectors = std::make_shared<data::ItemFeatures>();
  vectors->dense = random_vectors(kItems, 8, random);
  Histories histories;
  for (unsigned u = 0; u < 80; ++u) {
    histories.emplace_back();
    for (std::size_t n = 0; n < 8; ++n) histories.back().emplace_back(static_cast<unsigned>(random.below(kItems / 2) * 2 + u % 2), 1.0f);
  }
  for (std::size_t i = 0; i < kItems; ++i) vectors->dense(i, 0) = i % 2 == 0 ? 6.0f : -6.0f;
  data::Dataset data = dataset_of(kItems, histories);
  data.with_features("e5", vectors);
  for (const Named& model : kLinear) {
    const auto fitted = model.fit(data, Json(), attune::Run{});
    NewItem twin;
    twin.features["e5"].dense.assign(vectors->dense.row(10).begin(), vectors->dense.row(10).end());
    const auto column = fitted->column(twin);
    ASSERT_TRUE(column.has_value()) << model.name;
    double even = 0, odd = 0;
    for (std::size_t i = 0; i < kItems; ++i) (i % 2 == 0 ? even : odd) += (*column)[i];
    EXPECT_GT(even, odd + 0.01) << model.name;
    if (model.fit != fit_item_knn) {   // W has no weight from an item to itself: the twin's own column does not speak for it
      EXPECT_GT((*column)[10], even / (kItems / 2)) << model.name << ": who took the known twin is not offered the new one";
    }
    EXPECT_FALSE(fitted->column(NewItem{}).has_value());
    twin.features["e5"].dense.pop_back();
    EXPECT_THROW((void)fitted->column(twin), Error);
  }
}

TEST("the one nearest item lends its column whole") {
  const data::Dataset data = told_world(12, 26);
  const TextSpace space("e5", *data.features("e5"), {});
  const TextNeighbours nearest(TextSpace("e5", *data.features("e5"), {}), 1);
  NewItem twin;
  const auto row = data.features("e5")->dense.row(3);
  twin.features["e5"].dense.assign(row.begin(), row.end());
  const auto near = nearest.nearest(twin);
  ASSERT_EQ(near.size(), 1u);
  EXPECT_EQ(near[0].item, item_at(3));
  EXPECT_FLOAT_EQ(near[0].score, 1.0f);
}

TEST("encoders side by side have equal votes on who is near, and one that is silent has none") {
  constexpr std::size_t kItems = 12;
  data::Dataset data = told_world(kItems, 26);
  auto other = std::make_shared<data::ItemFeatures>();   // by it, every item is like itself alone
  other->dense = Matrix(kItems, kItems);
  for (std::size_t i = 0; i < kItems; ++i) other->dense(i, i) = 1;
  data.with_features("other", other);
  std::vector<TextSpace> spaces;
  spaces.emplace_back("e5", *data.features("e5"), TextSpace::Options{});
  spaces.emplace_back("other", *other, TextSpace::Options{.whiten_eps = 0});
  const TextNeighbours nearest(std::move(spaces), 1);
  NewItem twin;
  twin.features["e5"].dense.assign(data.features("e5")->dense.row(3).begin(), data.features("e5")->dense.row(3).end());
  ASSERT_EQ(nearest.nearest(twin).size(), 1u);
  EXPECT_FLOAT_EQ(nearest.nearest(twin)[0].score, 1.0f);
  twin.features["other"].dense.assign(other->dense.row(5).begin(), other->dense.row(5).end());
  const auto near = nearest.nearest(twin);
  ASSERT_EQ(near.size(), 2u);
  EXPECT_EQ(near[0].item, item_at(3));
  EXPECT_EQ(near[1].item, item_at(5));
  EXPECT_FLOAT_EQ(near[0].score, 0.5f);
  EXPECT_FLOAT_EQ(near[1].score, 0.5f);
  EXPECT_NE(nearest.nearest(twin, item_at(3))[0].item, item_at(3));   // itself left out
}

TEST("ridge sees what in a text matters to taste where neighbours hear what is loud") {
  constexpr std::size_t kMany = 120, kLoud = 10;
  Random random(31);
  auto features = std::make_shared<data::ItemFeatures>();
  features->dense = Matrix(kMany, 2 + kLoud);
  const auto speak = [&](std::span<float> row, std::size_t taste) {
    row[taste] = 1;
    for (std::size_t c = 2; c < row.size(); ++c) row[c] = 3 * static_cast<float>(random.normal());
  };
  Matrix w(kMany, kMany);
  for (std::size_t i = 0; i < kMany; ++i) {
    speak(features->dense.row(i), i % 2);
    for (std::size_t j = 0; j < kMany; ++j) w(i, j) = i % 2 == j % 2 ? 1.0f : 0.0f;
  }
  Histories histories(20);
  for (std::size_t u = 0; u < histories.size(); ++u)
    for (unsigned i = 0; i < kMany; ++i) histories[u].emplace_back(i, 1.0f);
  data::Dataset data = dataset_of(kMany, histories);
  data.with_features("e5", features);
  std::vector<TextSpace> space;
  space.emplace_back("e5", *features, TextSpace::Options{.whiten_eps = 0});   // as the encoder speaks
  const TextNeighbours neighbours(std::move(space), 20);
  const auto ridge = TextRidge::fit(data, w, neighbours, "", attune::Run{});
  ASSERT_TRUE(ridge.has_value());
  const Scratch file("text_ridge");
  {
    ByteWriter out(file.path);
    ridge->save(out);
    out.close();
  }
  ByteReader in(file.path);
  const TextRidge loaded = TextRidge::load(in);
  double near = 0, both = 0;
  for (int n = 0; n < 20; ++n) {
    NewItem item;
    item.features["e5"].dense.resize(2 + kLoud);
    speak(item.features["e5"].dense, 0);
    std::vector<float> column(kMany, 0.0f);
    for (const Scored& one : neighbours.nearest(item))
      for (std::size_t i = 0; i < kMany; ++i) column[i] += one.score * w(i, to_index(one.item));
    const auto contrast = [](const std::vector<float>& c) { return c[0] - c[1]; };
    near += contrast(column);
    std::vector<float> again = column;
    ridge->blend(item, {}, column);
    loaded.blend(item, {}, again);
    EXPECT_EQ(column, again);
    both += contrast(column);
    const auto size = [](const std::vector<float>& c) { return std::sqrt(dot(c, c)); };
    std::vector<float> loud(kMany, 100.0f), louder(kMany, 10000.0f);
    ridge->blend(item, {}, loud);
    ridge->blend(item, {}, louder);
    EXPECT_NEAR(size(louder) / size(loud), 10, 1);   // half the way to one size
  }
  EXPECT_GT(both, 1.3 * near);
}

TEST("with too little memory to tell behaviour and texts apart a model is fitted all the same and says so") {
  const data::Dataset data = told_world(12, 29);
  for (const Fit fit : {fit_slist, fit_ease}) {
    const auto whole = fit(data, Json(), attune::Run{});
    std::string said;
    attune::Run tight;
    tight.say = [&](const std::string& text) { said += text; };
    std::unique_ptr<const Recommender> fitted;
    for (tight.memory_bytes = 600; fitted == nullptr; tight.memory_bytes += 100) {
      try {
        fitted = fit(data, Json(), tight);
      } catch (const Error& e) {
        ASSERT_EQ(e.code(), Code::bad_request);
      }
    }
    EXPECT_NE(said.find("no memory to tell behaviour and texts apart"), std::string::npos);
    EXPECT_LT(largest_gap(weights_of(*fitted), weights_of(*whole)), 1e-6);
    const Explanation why = fitted->explain({.history = kHistory}, item_at(2));
    EXPECT_TRUE(why.parts.at(0).parts.empty());
    EXPECT_LT(gap(why), 1e-6);
  }
}

TEST("priors read from settings are named, weighed or refused") {
  const data::Dataset data = told_world(12, 27);
  const auto fitted = fit_slist(data, Json(), attune::Run{});
  EXPECT_EQ(fitted->settings().at("priors").as_string(), "e5=60,tfidf=8");
  for (const char* bad : {"tfidf", "tfidf=", "=3", "tfidf=x", "tfidf=-1", "tfidf=1;e5=2", "nobody=1"}) {
    Json settings = Json::object();
    settings["priors"] = bad;
    EXPECT_THROW(fit_slist(data, settings, attune::Run{}), Error) << bad;
  }
}

TEST("kNN by cosine counts shared people over the lengths plus shrink") {
  // Items 0 and 1 share two people of 2 and 3: 2 / (sqrt 2 sqrt 3 + 1).
  const Histories histories = {{{0, 1}, {1, 1}}, {{1, 1}, {2, 1}}, {{0, 1}, {1, 1}}};
  const auto model = fit_item_knn(dataset_of(3, histories), Json::parse(R"({"shrink": 1})"), attune::Run{});
  const Plain w = weights_of(*model);
  EXPECT_NEAR(w[0][1], 2 / (std::sqrt(6.0) + 1), 1e-6);
  EXPECT_NEAR(w[1][0], w[0][1], 1e-6);
  EXPECT_NEAR(w[0][2], 0, 1e-6);
  EXPECT_NEAR(w[0][0], 0, 1e-6);
}

TEST("kNN keeps only as many neighbours as asked, under every weighting") {
  Random random(28);
  const data::Dataset data = dataset_of(20, random_histories(60, 20, 9, random, false));
  for (const char* weighting : {"cosine", "tfidf", "bm25"}) {
    Json settings = Json::parse(R"({"neighbours": 3})");
    settings["weighting"] = weighting;
    for (const auto& row : weights_of(*fit_item_knn(data, settings, attune::Run{}))) {
      EXPECT_EQ(std::count_if(row.begin(), row.end(), [](double x) { return x > 0; }), 3) << weighting;
    }
  }
}

}  // namespace
}  // namespace attune::model
