// iALS: small worlds with known answers, and one epoch written plainly in double precision beside it.
#include <cmath>
#include <numeric>

#include "attune/core/kernels.h"
#include "attune/model/ials_train.h"
#include "tests/support/test.h"
#include "tests/unit/model/plugins.h"
#include "tests/unit/model/worlds.h"

using namespace attune;
using namespace attune::model;
using namespace attune::model::testing;

namespace {

constexpr unsigned kUsers = 40, kItems = 20;   // of the checkerboard

Json small(int factors = 8) {
  Json json = Json::object();
  json["factors"] = factors;
  json["steps"] = 8;
  return json;
}

std::vector<float> scores_of(const Recommender& model, const std::vector<Touch>& history) {
  std::vector<float> out(model.item_count());
  model.score_all({.history = history}, out);
  return out;
}

}  // namespace

// Two factors: with ten the model would learn by heart who has not met what.
TEST("a checkerboard is recovered: what a user has not met of the own kind comes first") {
  const Histories histories = checkerboard();
  const auto model = fit_ials(dataset_of(kItems, histories), small(2), attune::Run{});
  for (unsigned u = 0; u < kUsers; ++u) {
    const std::vector<Touch> history = touches(histories[u]);
    std::vector<ItemId> seen;
    for (const Touch& t : history) seen.push_back(t.item);
    const auto list = model->recommend({.history = history, .exclude = seen, .k = 2});
    ASSERT_EQ(list.size(), 2u);
    for (const Scored& hit : list) EXPECT_EQ(to_index(hit.item) % 2, u % 2) << "user " << u;
  }
}

TEST("the loss goes down with every epoch as computed by hand over all pairs") {
  Random random(3);
  const Histories histories = random_histories(30, 12, 6, random, false);
  const data::Dataset data = dataset_of(12, histories);
  double before = 1e300;
  for (const int epochs : {1, 2, 4, 8, 16}) {
    IalsOptions options{.factors = 6, .epochs = epochs, .steps = 30, .tolerance = 1e-6f, .reg = 0.01f, .unobserved = 0.2f};
    const IalsFactors f = train_ials(data.interactions(), data.audience(), {}, options, attune::Run{});
    // The users' best vectors for these items, solved plainly.
    const std::size_t items = static_cast<std::size_t>(std::count_if(data.popularity().begin(), data.popularity().end(), [](auto n) { return n > 0; }));
    double loss = 0;
    for (std::size_t u = 0; u < data.user_count(); ++u) {
      const auto taken = data.interactions().row_indices(u);
      std::vector<float> w(taken.size()), b(taken.size()), x(6), diagonal(6);
      const double n = confidences(data.interactions().row_values(u), 1, w, b);
      const float reg = regularisation(options, n, items);
      for (std::size_t k = 0; k < 6; ++k) diagonal[k] = options.unobserved * f.spectrum[k] + reg;
      plain_solve({diagonal, f.items, taken, w, b, {}}, x);
      for (std::size_t i = 0; i < 12; ++i) loss += static_cast<double>(options.unobserved) * std::pow(plain_dot(x, f.items.row(i)), 2);
      for (std::size_t k = 0; k < taken.size(); ++k) loss += static_cast<double>(w[k]) * std::pow(plain_dot(x, f.items.row(taken[k])) - 1, 2);
      loss += static_cast<double>(reg * plain_dot(x, x));
    }
    for (std::size_t i = 0; i < 12; ++i) {
      const double n = std::accumulate(data.audience().row_values(i).begin(), data.audience().row_values(i).end(), 0.0);
      if (n > 0) loss += static_cast<double>(regularisation(options, n, data.user_count()) * plain_dot(f.items.row(i), f.items.row(i)));
    }
    EXPECT_LT(loss, before * 1.0001) << epochs << " epochs";
    before = loss;
  }
}

// One epoch with d x d systems in double precision from the same start. Scores are compared: factors may be turned.
TEST("one epoch equals alternating least squares written plainly") {
  Random random(5);
  const Histories histories = random_histories(25, 15, 8, random, true);
  const data::Dataset data = dataset_of(15, histories);
  constexpr std::size_t d = 5;
  const double a0 = 0.3, reg = 0.02;
  Json json = Json::object();
  json["factors"] = static_cast<int>(d);
  json["epochs"] = 1;
  json["steps"] = 50;
  json["tolerance"] = 1e-6;
  json["reg"] = reg;
  json["unobserved"] = a0;
  json["power"] = 0.5;
  attune::Run run;
  const auto model = fit_ials(data, json, run);

  Plain x = zeros(25, 15);
  for (std::size_t u = 0; u < 25; ++u)
    for (const auto& [item, weight] : histories[u]) x[u][item] += static_cast<double>(weight);
  for (auto& row : x)
    for (double& v : row) v = std::abs(v) < 1e-6 ? 0 : std::copysign(std::sqrt(std::abs(v)), v);
  std::size_t seen_items = 0, seen_users = 0;
  for (std::size_t i = 0; i < 15; ++i) seen_items += std::any_of(x.begin(), x.end(), [&](const auto& row) { return row[i] != 0; }) ? 1 : 0;
  for (std::size_t u = 0; u < 25; ++u) seen_users += std::any_of(x[u].begin(), x[u].end(), [](double v) { return v != 0; }) ? 1 : 0;

  Plain v = zeros(15, d);   // the start: drawn in the order of the items somebody took or disliked
  Random start(run.seed);
  for (std::size_t i = 0; i < 15; ++i)
    if (std::any_of(x.begin(), x.end(), [&](const auto& row) { return row[i] != 0; }))
      for (double& c : v[i]) c = static_cast<float>(start.normal() * (0.1 / std::sqrt(static_cast<double>(d))));
  const auto solve_side = [&](const Plain& fixed, const std::vector<double>& row, std::size_t others) {
    Plain a = product(turned(fixed), fixed);
    Plain b = zeros(d, 1);
    double n = 0;
    for (auto& r : a)
      for (double& c : r) c *= a0;
    for (std::size_t k = 0; k < row.size(); ++k) {
      n += std::abs(row[k]);
      for (std::size_t i = 0; i < d; ++i) {
        if (row[k] > 0) b[i][0] += row[k] * fixed[k][i];
        for (std::size_t j = 0; j < d; ++j) a[i][j] += std::abs(row[k]) * fixed[k][i] * fixed[k][j];
      }
    }
    for (std::size_t i = 0; i < d; ++i) a[i][i] += reg * (n + a0 * static_cast<double>(others));
    return turned(product(inverse(a), b))[0];
  };
  Plain u = zeros(25, d);
  for (std::size_t r = 0; r < 25; ++r)
    if (std::any_of(x[r].begin(), x[r].end(), [](double c) { return c != 0; })) u[r] = solve_side(v, x[r], seen_items);
  const Plain xt = turned(x);
  for (std::size_t i = 0; i < 15; ++i)
    if (std::any_of(xt[i].begin(), xt[i].end(), [](double c) { return c != 0; })) v[i] = solve_side(u, xt[i], seen_users);

  for (std::size_t r = 0; r < 25; ++r) {
    const std::vector<double> folded = solve_side(v, x[r], seen_items);
    const std::vector<float> scores = scores_of(*model, touches(histories[r]));
    for (std::size_t i = 0; i < 15; ++i) {
      double wanted = 0;
      for (std::size_t k = 0; k < d; ++k) wanted += folded[k] * v[i][k];
      EXPECT_NEAR(scores[i], wanted, 2e-4) << "user " << r << ", item " << i;
    }
  }
}

TEST("the shares of a history add up to the score, touch by touch and item by item") {
  Random random(11);
  const data::Dataset data = dataset_of(30, random_histories(60, 30, 9, random, true));
  const auto model = fit_ials(data, small(), attune::Run{});
  const std::vector<Touch> history = touches({{3, 1.0f}, {7, 2.0f}, {3, 0.5f}, {9, -1.0f}, {11, 0.0f}, {12, 1.0f}});
  const std::vector<ItemId> items = {ItemId{0}, ItemId{3}, ItemId{29}};
  std::vector<float> scores(items.size());
  model->score({.history = history}, items, scores);
  const auto shares = model->contributions({.history = history}, items);
  ASSERT_TRUE(shares.has_value());
  for (std::size_t j = 0; j < items.size(); ++j) {
    const auto row = shares->row(j);
    EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), scores[j], 1e-5);
    EXPECT_EQ(row[3], 0.0f);   // a dislike changes the others' shares, it has none
    EXPECT_EQ(row[4], 0.0f);
    const Explanation e = model->explain({.history = history}, items[j]);
    EXPECT_NEAR(e.value, static_cast<double>(scores[j]), 1e-6);
    EXPECT_LT(gap(e), 1e-5);
    EXPECT_EQ(e.parts.size(), 3u);   // items 3, 7, 12
  }
}

TEST("a dislike pushes what is alike down") {
  const Histories histories = checkerboard();
  const auto model = fit_ials(dataset_of(kItems, histories), small(), attune::Run{});
  const auto liked = scores_of(*model, touches({{0, 1.0f}, {2, 1.0f}, {4, 1.0f}}));
  const auto mixed = scores_of(*model, touches({{0, 1.0f}, {2, 1.0f}, {4, 1.0f}, {6, -1.0f}}));
  EXPECT_LT(mixed[6], liked[6] - 0.05f);    // itself, and what the same people take
  EXPECT_LT(mixed[16], liked[16] - 0.05f);
}

TEST("an empty history scores nothing above anything") {
  const auto model = fit_ials(dataset_of(kItems, checkerboard()), small(), attune::Run{});
  for (const float s : scores_of(*model, {})) EXPECT_EQ(s, 0.0f);
}

TEST("the model is the same bits whatever the number of threads, and another with another seed") {
  Random random(2);
  const data::Dataset data = dataset_of(300, random_histories(4000, 300, 12, random, false));
  const auto one = fit_ials(data, small(), attune::Run{.threads = 1}), three = fit_ials(data, small(), attune::Run{.threads = 3});
  const auto other = fit_ials(data, small(), attune::Run{.seed = 43});
  const auto a = *one->item_vectors(), b = *three->item_vectors(), c = *other->item_vectors();
  CHECK(std::equal(a.data, a.data + a.rows * a.cols, b.data));
  CHECK(!std::equal(a.data, a.data + a.rows * a.cols, c.data));
}

TEST("scores are inner products of the query's vector and the items' vectors") {
  Random random(12);
  const data::Dataset data = dataset_of(30, random_histories(60, 30, 9, random, true));
  const auto model = fit_ials(data, small(), attune::Run{});
  const std::vector<Touch> history = touches({{3, 1.0f}, {7, 2.0f}});
  const auto user = *model->query_vector({.history = history});
  const auto vectors = *model->item_vectors();
  const auto scores = scores_of(*model, history);
  for (std::size_t i = 0; i < 30; ++i) EXPECT_NEAR(dot(user, vectors.row(i)), scores[i], 1e-6f);
}

namespace {
// The checkerboard with a text that tells the kinds apart, and two items that nobody took, one of each kind.
data::Dataset checkerboard_with_text(bool sparse) {
  Histories histories = checkerboard();
  data::Dataset data = dataset_of(kItems + 2, histories);
  auto features = std::make_shared<data::ItemFeatures>();
  if (sparse) {
    features->sparse.rows = kItems + 2;
    features->sparse.cols = 6;
    for (std::uint32_t i = 0; i < kItems + 2; ++i) {
      features->sparse.indices.push_back(i % 2);          // the kind
      features->sparse.values.push_back(0.9f);
      features->sparse.indices.push_back(2 + i % 4);      // something else
      features->sparse.values.push_back(0.3f);
      features->sparse.offsets.push_back(features->sparse.indices.size());
    }
  } else {
    Random random(4);
    features->dense = random_vectors(kItems + 2, 4, random);
    for (std::size_t i = 0; i < kItems + 2; ++i) features->dense(i, 0) = (i % 2 == 0 ? 3.0f : -3.0f) + 10;
  }
  data.with_features(sparse ? "tfidf" : "minilm", features);
  return data;
}
}  // namespace

TEST("an item nobody took is known by its text, dense or sparse") {
  for (const bool sparse : {false, true}) {
    const auto model = fit_ials(checkerboard_with_text(sparse), small(), attune::Run{});
    for (unsigned u = 0; u < 2; ++u) {
      const auto scores = scores_of(*model, touches({{u, 1.0f}, {u + 2, 1.0f}, {u + 6, 1.0f}}));
      EXPECT_GT(scores[kItems + u], scores[kItems + 1 - u] + 0.1f) << (sparse ? "sparse" : "dense");
    }
  }
}

TEST("a new item gets the vector that an untaken item of the same text has") {
  for (const bool sparse : {false, true}) {
    const data::Dataset data = checkerboard_with_text(sparse);
    const auto model = fit_ials(data, small(), attune::Run{});
    NewItem item;
    if (sparse) item.features["tfidf"] = {.indices = {kItems % 2, 2 + kItems % 4}, .values = {0.9f, 0.3f}};
    else {
      const auto row = data.features("minilm")->dense.row(kItems);
      item.features["minilm"] = {.dense = {row.begin(), row.end()}};
    }
    const auto v = model->item_vector(item);
    ASSERT_TRUE(v.has_value());
    const auto vectors = *model->item_vectors();
    for (std::size_t k = 0; k < v->size(); ++k) EXPECT_NEAR((*v)[k], vectors.row(kItems)[k], 1e-5f);
    CHECK(!model->item_vector(NewItem{}).has_value());
  }
}

TEST("without texts untaken items score zero and new items have no vector") {
  const auto model = fit_ials(dataset_of(kItems + 1, checkerboard()), small(), attune::Run{});
  EXPECT_EQ(scores_of(*model, touches({{0, 1.0f}}))[kItems], 0.0f);
  NewItem item;
  item.features["minilm"] = {.dense = {1, 2, 3, 4}};
  CHECK(!model->item_vector(item).has_value());
}

TEST("a saved model answers as the one that was fitted") {
  for (const bool sparse : {false, true}) {
    const data::Dataset data = checkerboard_with_text(sparse);
    const auto model = fit_ials(data, small(), attune::Run{});
    const Scratch file("ials");
    write_model(*model, file.path);
    ByteReader in(file.path);
    const auto loaded = load_ials(in);
    CHECK(in.at_end());
    EXPECT_EQ(loaded->settings().dump(), model->settings().dump());
    const auto history = touches({{0, 1.0f}, {4, 2.0f}, {3, -1.0f}});
    EXPECT_EQ(scores_of(*loaded, history), scores_of(*model, history));
    NewItem item;
    if (sparse) item.features["tfidf"] = {.indices = {0, 3}, .values = {0.9f, 0.3f}};
    else item.features["minilm"] = {.dense = {7, 0, 1, 0}};
    EXPECT_EQ(loaded->item_vector(item), model->item_vector(item));
  }
}

TEST("settings out of range, nothing to learn and too small a budget are refused with what to do") {
  const data::Dataset data = dataset_of(kItems, checkerboard());
  const auto code_of = [&](const data::Dataset& some, const Json& json, const attune::Run& run) {
    try {
      (void)fit_ials(some, json, run);
    } catch (const Error& e) {
      return e.code();
    }
    return Code::internal;
  };
  for (const auto& [name, value] : std::vector<std::pair<std::string, double>>{{"factors", 0}, {"epochs", 0}, {"reg", 0}, {"unobserved", -1}, {"prior", -1}}) {
    Json json = Json::object();
    json[name] = value;
    EXPECT_EQ(code_of(data, json, {}), Code::bad_request) << name;
  }
  Json named = Json::object();
  named["texts"] = "minilm";
  EXPECT_EQ(code_of(data, named, {}), Code::bad_request);
  EXPECT_EQ(code_of(data, {}, attune::Run{.memory_bytes = 1000}), Code::bad_request);
  EXPECT_EQ(code_of(dataset_of(3, {{{0, -1.0f}}, {{1, 0.0f}}}), {}, {}), Code::bad_data);
}

TEST("iALS that weighs by inverse propensity is iALS on weights over propensities") {
  Random random(21);
  const Histories histories = random_histories(40, 12, 6, random, false);
  const data::Dataset data = dataset_of(12, histories);
  const std::uint32_t most = *std::max_element(data.popularity().begin(), data.popularity().end());
  double pairs = 0, sum = 0;
  for (const std::uint32_t n : data.popularity()) {
    pairs += n;
    sum += n > 0 ? most : 0;   // n / (n / most)
  }
  Histories weighed(histories.size());
  for (std::size_t u = 0; u < histories.size(); ++u)
    for (const auto& [item, weight] : histories[u])
      weighed[u].emplace_back(item, weight * static_cast<float>(static_cast<double>(most) / data.popularity()[item] * pairs / sum));
  Json ips = small(4);
  ips["ips_power"] = 1;
  ips["ips_clip"] = 0.001;
  const auto a = fit_ials(data, ips, attune::Run{}), b = fit_ials(dataset_of(12, weighed), small(4), attune::Run{});
  for (std::size_t u = 0; u < 5; ++u) {
    const std::vector<float> x = scores_of(*a, touches(histories[u])), y = scores_of(*b, touches(weighed[u]));
    for (std::size_t i = 0; i < 12; ++i) EXPECT_NEAR(x[i], y[i], 1e-3) << u << " " << i;
  }
}
