// Learned vectors: gradients held against finite differences, users folded in, texts carried to catalogues that were not there.
#include <cmath>
#include <limits>
#include <numeric>

#include "attune/core/kernels.h"
#include "attune/model/alpharec.h"
#include "attune/model/alpharec_train.h"
#include "attune/model/catalogue_loss.h"
#include "attune/model/embedding_train.h"
#include "attune/model/factor_model.h"
#include "attune/model/graph.h"
#include "attune/model/text_factors.h"
#include "tests/support/test.h"
#include "tests/unit/model/plugins.h"
#include "tests/unit/model/worlds.h"

using namespace attune;
using namespace attune::model;
using namespace attune::model::testing;

namespace {

constexpr unsigned kUsers = 40, kItems = 20;   // of the checkerboard

void hold_against_finite_differences(const CatalogueLossOptions& options) {
  Random random(4);
  const attune::Run run;
  const data::Dataset data = dataset_of(9, random_histories(6, 9, 4, random, false));
  const auto weights = train::inverse_propensity_weights(data.popularity(), {.power = 0.5f, .clip = 0.1f});
  const std::vector<std::uint32_t> batch = {4, 0, 2};
  Matrix vectors = random_vectors(15, 3, random), gradient(15, 3);
  const auto loss_of = [&](Matrix& into) {
    Random draws(11);                                    // the same negatives every time
    CatalogueLoss loss(data, options, weights);
    const auto sum = loss.gradients(batch, vectors, into, draws, run);
    return sum.loss / sum.weight;
  };
  loss_of(gradient);
  Matrix unused(15, 3);
  const float h = 5e-3f;
  for (std::size_t k = 0; k < vectors.size(); ++k) {
    const float kept = vectors.all()[k];
    vectors.all()[k] = kept + h;
    const double up = loss_of(unused);
    vectors.all()[k] = kept - h;
    const double down = loss_of(unused);
    vectors.all()[k] = kept;
    EXPECT_NEAR(gradient.all()[k], (up - down) / (2 * static_cast<double>(h)), 4e-3) << "entry " << k;
  }
}

std::vector<float> scores_of(const Recommender& model, const std::vector<Touch>& history, std::optional<UserId> user = {}) {
  std::vector<float> out(model.item_count());
  model.score_all({.history = history, .user = user}, out);
  return out;
}

Json settings(std::initializer_list<std::pair<const char*, Json>> pairs) {
  Json json = Json::object();
  for (const auto& [key, value] : pairs) json[key] = value;
  return json;
}

// Two kinds of items told apart by the first number of their texts' vectors; the rest is noise.
data::Dataset with_texts(data::Dataset data, std::uint64_t seed) {
  Random random(seed);
  data::ItemFeatures features;
  features.dense = random_vectors(data.item_count(), 6, random);
  for (std::size_t i = 0; i < data.item_count(); ++i) features.dense(i, 0) = (i % 2 == 0 ? 3.0f : -3.0f) + 0.3f * features.dense(i, 0);
  data.with_features("plain", std::make_shared<const data::ItemFeatures>(std::move(features)));
  return data;
}

}  // namespace

TEST("softmax over the whole catalogue: gradients are the loss's derivatives") { hold_against_finite_differences({.tau = 0.5f}); }
TEST("softmax over drawn items: gradients are the loss's derivatives") { hold_against_finite_differences({.tau = 0.5f, .negatives = 4}); }
TEST("softmax of inner products: gradients are the loss's derivatives") { hold_against_finite_differences({.cosine = false, .tau = 2}); }
TEST("contrastive loss: gradients are the loss's derivatives") {
  hold_against_finite_differences({.is_softmax = false, .margin = 0.05f, .negative_weight = 3});
}

TEST("every loss and shape of the trainer recovers a checkerboard") {
  const attune::Run run;
  const data::Dataset data = dataset_of(kItems, checkerboard());
  const EmbeddingOptions kinds[] = {
      {.model = "bpr", .loss = EmbeddingLoss::bpr, .factors = 4, .epochs = 300, .batch = 64, .lr = 0.01f, .reg = 0.01f},
      {.model = "ccl", .loss = EmbeddingLoss::contrastive, .cosine = true, .factors = 4, .epochs = 60, .batch = 8, .lr = 0.02f, .margin = 0.2f, .negative_weight = 2},
      {.model = "drawn", .loss = EmbeddingLoss::softmax, .cosine = true, .factors = 2, .epochs = 40, .batch = 8, .lr = 0.02f, .negatives = 6, .tau = 0.5f},
      {.model = "graph", .loss = EmbeddingLoss::softmax, .cosine = true, .factors = 4, .layers = 2, .epochs = 20, .batch = 8, .lr = 0.02f, .tau = 0.5f},
      {.model = "noisy", .loss = EmbeddingLoss::bpr, .factors = 4, .layers = 2, .with_own = false, .epochs = 60, .batch = 64, .lr = 0.01f, .noise = 0.1f, .contrast = 0.05f}};
  for (const EmbeddingOptions& options : kinds) {
    const Embeddings e = train_embeddings(data, options, run);
    std::size_t wrong = 0;
    for (unsigned u = 0; u < kUsers; ++u)
      for (unsigned i = u % 2; i < kItems; i += 2)                     // met or not: above the mean of the other kind
      {
        float others = 0;
        for (unsigned j = 1 - u % 2; j < kItems; j += 2) others += dot(e.users.row(u), e.items.row(j)) * 2 / kItems;
        wrong += dot(e.users.row(u), e.items.row(i)) > others ? 0 : 1;
      }
    EXPECT_LE(wrong, 8u) << options.model << " of " << kUsers * kItems / 2;
    EXPECT_EQ(e.epochs, options.epochs) << "without held-out cases all epochs are run";
  }
}

TEST("training gives the same bits for one thread and for three") {
  const data::Dataset data = dataset_of(kItems, checkerboard());
  attune::Run one, three;
  one.threads = 1;
  three.threads = 3;
  for (const bool by_pair : {true, false}) {
    const EmbeddingOptions options{.model = "graph", .loss = by_pair ? EmbeddingLoss::bpr : EmbeddingLoss::softmax, .cosine = !by_pair, .factors = 5, .layers = 2,
                                   .epochs = 3, .batch = 16, .noise = by_pair ? 0.1f : 0, .contrast = by_pair ? 0.1f : 0};
    const Embeddings a = train_embeddings(data, options, one), b = train_embeddings(data, options, three);
    for (std::size_t k = 0; k < a.items.size(); ++k) ASSERT_EQ(a.items.all()[k], b.items.all()[k]);
    for (std::size_t k = 0; k < a.users.size(); ++k) ASSERT_EQ(a.users.all()[k], b.users.all()[k]);
  }
}

TEST("late layers pass the learned vectors, made of length one, along the graph") {
  const attune::Run run;
  const data::Dataset data = dataset_of(kItems, checkerboard());
  EmbeddingOptions options{.model = "late", .loss = EmbeddingLoss::softmax, .cosine = true, .factors = 4, .epochs = 3, .batch = 16, .lr = 0.02f};
  const Embeddings plain = train_embeddings(data, options, run);
  options.late_layers = 2;
  const Embeddings late = train_embeddings(data, options, run);
  Matrix start(kUsers + kItems, 4), whole(kUsers + kItems, 4), room(kUsers + kItems, 4);
  std::copy_n(plain.users.data(), plain.users.size(), start.data());
  std::copy_n(plain.items.data(), plain.items.size(), start.row(kUsers).data());
  for (std::size_t n = 0; n < start.rows(); ++n) normalise(start.row(n));
  propagate_mean(make_graph(data.interactions(), data.audience()), start, 2, true, whole, room, run);
  for (std::size_t i = 0; i < kItems; ++i) {
    normalise(whole.row(kUsers + i));
    for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR(late.items(i, c), whole(kUsers + i, c), 1e-5);
  }
}

TEST("length counts the learned length of an item's vector to that power beside the cosine") {
  const attune::Run run;
  const data::Dataset data = dataset_of(kItems, checkerboard());
  EmbeddingOptions options{.model = "long", .loss = EmbeddingLoss::softmax, .cosine = true, .length = 1, .factors = 4, .layers = 2, .epochs = 3, .batch = 16, .lr = 0.02f};
  const Embeddings inner = train_embeddings(data, options, run);
  for (const float power : {0.0f, 0.3f}) {
    options.length = power;
    const Embeddings e = train_embeddings(data, options, run);
    for (std::size_t i = 0; i < kItems; ++i) {
      const float longer = std::sqrt(dot(inner.items.row(i), inner.items.row(i)));
      for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR(e.items(i, c), inner.items(i, c) / longer * std::pow(longer, power), 1e-5);
    }
  }
}

TEST("the step shrinks to nothing by the last epoch when asked to") {
  const attune::Run run;
  const data::Dataset data = dataset_of(kItems, checkerboard());
  EmbeddingOptions options{.model = "slow", .loss = EmbeddingLoss::softmax, .cosine = true, .factors = 4, .epochs = 2, .batch = 64, .lr = 0.05f, .lr_end = 0};
  const Embeddings shrunk = train_embeddings(data, options, run);   // one step an epoch: the second has none
  options.epochs = 1;
  const Embeddings one = train_embeddings(data, options, run);
  for (std::size_t k = 0; k < one.items.size(); ++k) EXPECT_EQ(shrunk.items.all()[k], one.items.all()[k]);
}

TEST("training that diverges stops with the step") {
  const data::Dataset data = dataset_of(kItems, checkerboard());
  for (const EmbeddingLoss loss : {EmbeddingLoss::bpr, EmbeddingLoss::softmax}) try {
      train_embeddings(data, {.model = "wild", .loss = loss, .init = 1e25f}, attune::Run{});
      ADD_FAILURE() << "went on with numbers that are none";
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find("wild: training diverged at step 1"), std::string::npos) << e.what();
    }
}

TEST("early stopping keeps the best epoch and says which it was") {
  Histories histories = checkerboard();
  data::Dataset data = dataset_of(kItems, histories);
  auto cases = std::make_shared<std::vector<data::Case>>();
  for (unsigned u = 0; u < kUsers; ++u) {
    data::Case one{.user = user_at(u), .input = touches(histories[u])};
    for (const Touch& t : one.input) one.seen.push_back(t.item);
    for (unsigned i = u % 2; i < kItems; i += 2)
      if ((i / 2 + u / 2) % 5 == 0) one.targets.push_back(item_at(i));
    cases->push_back(one);
  }
  data.with_held_out(cases);
  std::map<std::string, std::size_t> points;
  attune::Run run;
  run.curve = [&](std::string_view series, std::size_t, double) { ++points[std::string(series)]; };
  const auto model = fit_simplex(data, settings({{"epochs", 400}, {"judge_every", 1}, {"patience", 3}, {"factors", 4}, {"batch", 8}}), run);
  const double epochs = model->settings().at("epochs").as_number();
  EXPECT_LT(epochs, 400);
  EXPECT_EQ(points["simplex/loss"], points["simplex/ndcg@10"]);
  EXPECT_EQ(static_cast<double>(points["simplex/loss"]), epochs + 3);
}

// --- the factor model: who is answered how
namespace {
std::unique_ptr<const Recommender> small_factor_model(const data::Dataset& data, Matrix& users, Matrix& items, float own = 1) {
  Random random(5);
  users = random_vectors(data.user_count(), 3, random);
  items = random_vectors(data.item_count(), 3, random);
  return make_factor_model({.name = "bpr", .settings = Json::object(), .items = items.clone(), .users = users.clone(), .own = own}, data, attune::Run{});
}
}  // namespace

TEST("a user with the history of the fit gets the trained vector back, made of length one") {
  const Histories histories = checkerboard();
  const data::Dataset data = dataset_of(kItems, histories);
  Matrix users, items;
  const auto model = small_factor_model(data, users, items);
  for (unsigned u = 0; u < 5; ++u) {
    normalise(users.row(u));
    const auto scores = scores_of(*model, touches(histories[u]), user_at(u));
    for (unsigned i = 0; i < kItems; ++i) EXPECT_NEAR(scores[i], dot(users.row(u), items.row(i)), 1e-4);
  }
}

TEST("of what was learned of a user beside the history as much counts as is asked for") {
  const Histories histories = checkerboard();
  const data::Dataset data = dataset_of(kItems, histories);
  Matrix users, items;
  const auto whole = small_factor_model(data, users, items), half = small_factor_model(data, users, items, 0.5f);
  const auto history = touches(histories[3]);
  const auto alone = scores_of(*whole, history), all = scores_of(*whole, history, user_at(3)), some = scores_of(*half, history, user_at(3));
  for (unsigned i = 0; i < kItems; ++i) EXPECT_NEAR(some[i], (alone[i] + all[i]) / 2, 1e-4);
}

TEST("with fewer events than at the fit, or unknown, a user is folded in from the history alone") {
  const Histories histories = checkerboard();
  const data::Dataset data = dataset_of(kItems, histories);
  Matrix users, items;
  const auto model = small_factor_model(data, users, items);
  auto history = touches(histories[3]);
  const auto alone = scores_of(*model, history);
  EXPECT_EQ(scores_of(*model, history, user_at(kUsers + 7)), alone);
  EXPECT_NE(scores_of(*model, history, user_at(3)), alone);
  history.back().weight = 0;                             // set aside: it keeps its place and counts nothing
  EXPECT_EQ(scores_of(*model, history, user_at(3)), scores_of(*model, history));
}

TEST("what came since the fit moves a user as it moves anybody") {
  const Histories histories = checkerboard();
  const data::Dataset data = dataset_of(kItems, histories);
  Matrix users, items;
  const auto model = small_factor_model(data, users, items);
  const auto before = touches(histories[3]);
  auto after = before;
  after.push_back({.item = item_at(4)});
  const auto known_before = scores_of(*model, before, user_at(3)), known_after = scores_of(*model, after, user_at(3));
  const auto alone_before = scores_of(*model, before), alone_after = scores_of(*model, after);
  for (unsigned i = 0; i < kItems; ++i) EXPECT_NEAR(known_after[i] - known_before[i], alone_after[i] - alone_before[i], 1e-4);
}

TEST("shares of a factor model's score are the history's part of it") {
  const Histories histories = checkerboard();
  const data::Dataset data = dataset_of(kItems, histories);
  Matrix users, items;
  const auto model = small_factor_model(data, users, items);
  const auto history = touches(histories[6]);
  const std::vector<ItemId> asked = {item_at(2), item_at(11)};
  const auto shares = model->contributions({.history = history, .user = user_at(6)}, asked);
  const auto scores = scores_of(*model, history, user_at(6));
  for (std::size_t j = 0; j < asked.size(); ++j) {
    const Explanation why = model->explain({.history = history, .user = user_at(6)}, asked[j]);
    double sum = 0;
    for (std::size_t t = 0; t < history.size(); ++t) sum += static_cast<double>((*shares)(j, t));
    EXPECT_EQ(why.parts.back().what, "rest");
    EXPECT_NEAR(sum + why.parts.back().value, scores[to_index(asked[j])], 1e-4);
  }
}

// --- alpharec
namespace {
// Ten users, four items each, none twice.
Histories stars() {
  Histories histories(10);
  for (unsigned u = 0; u < 10; ++u)
    for (unsigned n = 0; n < 4; ++n) histories[u].emplace_back((u * 5 + n * (1 + u % 3)) % 12, 1.0f);
  return histories;
}
}  // namespace

// Adam's first step is the rate against the gradient's sign: so the signs must be those of finite differences of the loss, worked out
// from the definition.
TEST("alpharec: the first step goes down the loss in every weight of the map") {
  const attune::Run run;
  const data::Dataset data = with_texts(dataset_of(12, stars()), 3);
  const Matrix rows = TextFactors(data, "", run).rows(data), nodes = node_texts(data, rows, run);
  const Graph graph = make_graph(data.interactions(), data.audience());
  std::vector<std::uint32_t> everybody(10);
  std::iota(everybody.begin(), everybody.end(), 0u);
  const std::vector<float> alike(12, 1.0f);
  const auto loss_of = [&](const TextMap& map) {
    const Matrix start = apply(map, nodes);
    Matrix whole(22, 4), room(22, 4), unused(22, 4);
    propagate_mean(graph, start, 2, true, whole, room, run);
    Random random(1);
    const auto sum = CatalogueLoss(data, {.tau = 0.15f}, alike).gradients(everybody, whole, unused, random, run);
    return sum.loss / sum.weight;
  };
  for (const bool is_linear : {true, false}) {
    AlphaOptions options{.is_linear = is_linear, .factors = 4, .hidden = 5, .epochs = 1, .lr = 1e-30f};
    TextMap map = train_alpharec(data, rows, options, run).map;      // where it starts
    options.lr = 1e-3f;
    const TextMap after = train_alpharec(data, rows, options, run).map;
    std::size_t held = 0;
    const auto hold = [&](std::span<float> weights, std::span<const float> then) {
      for (std::size_t k = 0; k < weights.size(); ++k) {
        const float kept = weights[k], h = 1e-2f;
        weights[k] = kept + h;
        const double up = loss_of(map);
        weights[k] = kept - h;
        const double slope = (up - loss_of(map)) / (2 * static_cast<double>(h));
        weights[k] = kept;
        if (std::abs(slope) < 5e-3) continue;
        ++held;
        EXPECT_NEAR((then[k] - kept) / options.lr, slope > 0 ? -1 : 1, 0.01) << "weight " << k << " of " << weights.size();
      }
    };
    hold(map.last.all(), after.last.all());
    hold(map.last_bias, after.last_bias);
    hold(map.hidden.all(), after.hidden.all());
    hold(map.hidden_bias, after.hidden_bias);
    EXPECT_GT(held, is_linear ? 15u : 30u);
  }
}

// The same map trained by itself, then the definition: texts of the nodes, map, two passes along the graph, mean of the layers.
TEST("alpharec: a fitted user's vector, made again from the history alone, is what the graph gives") {
  const attune::Run run;
  const data::Dataset data = with_texts(dataset_of(12, stars()), 3);
  for (const bool is_linear : {true, false}) {
    const auto model = fit_alpharec(data, settings({{"map", is_linear ? "linear" : "mlp"}, {"factors", 4}, {"hidden", 5}, {"epochs", 3}}), run);
    const Matrix rows = TextFactors(data, "", run).rows(data);
    const AlphaFit fit = train_alpharec(data, rows, {.is_linear = is_linear, .factors = 4, .hidden = 5, .epochs = 3, .lr = 0.002f}, run);
    const Matrix start = apply(fit.map, node_texts(data, rows, run));
    Matrix whole(start.rows(), 4), room(start.rows(), 4);
    propagate_mean(make_graph(data.interactions(), data.audience()), start, 2, true, whole, room, run);
    for (std::size_t n = 0; n < whole.rows(); ++n) normalise(whole.row(n));
    for (std::size_t u = 0; u < data.user_count(); ++u) {
      const auto made = *model->query_vector({.history = data.history(user_at(u))});
      for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR(made[c], whole(u, c), 1e-4);
    }
    for (std::size_t i = 0; i < 12; ++i)
      for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR((*model->item_vectors())(i, c), whole(10 + i, c), 1e-4);
  }
}

TEST("alpharec carries taste to a catalogue it has never seen, and to items without events") {
  const data::Dataset here = with_texts(dataset_of(kItems, checkerboard()), 3);
  const data::Dataset there = with_texts(dataset_of(30, Histories(2)), 9);     // other items, other noise, nobody took anything
  for (const char* kind : {"linear", "mlp"}) {
    const auto model = fit_alpharec(here, settings({{"map", kind}, {"factors", 4}, {"hidden", 8}, {"batch", 8}, {"lr", 0.01}, {"layers", 0}}), attune::Run{});
    const auto moved = move_alpharec(*model, there, attune::Run{});
    const auto scores = scores_of(*moved, {{.item = item_at(4)}, {.item = item_at(8)}});
    float even = 0, odd = 0;
    for (std::size_t i = 0; i < 30; ++i) (i % 2 == 0 ? even : odd) += scores[i] / 15;
    EXPECT_GT(even, odd + 0.3f) << kind;
    NewItem item;
    item.features["plain"].dense = {3, 0, 0, 0, 0, 0};
    const auto v = model->item_vector(item);
    ASSERT_TRUE(v.has_value());
    const std::vector<Touch> evens = {{.item = item_at(2)}, {.item = item_at(6)}}, odds = {{.item = item_at(1)}, {.item = item_at(5)}};
    EXPECT_GT(dot(*v, *model->query_vector({.history = evens})), dot(*v, *model->query_vector({.history = odds})) + 0.3f) << kind;
  }
  EXPECT_THROW(move_alpharec(*fit_bpr(here, Json(), attune::Run{}), there, attune::Run{}), Error);
}

TEST("alpharec with a linear map is a sum over the history, exactly") {
  const data::Dataset data = with_texts(dataset_of(kItems, checkerboard()), 3);
  const auto model = fit_alpharec(data, settings({{"map", "linear"}, {"factors", 4}, {"epochs", 5}}), attune::Run{});
  const auto history = touches(checkerboard()[7]);
  const std::vector<ItemId> asked = {item_at(3), item_at(10)};
  const auto shares = model->contributions({.history = history}, asked);
  const auto scores = scores_of(*model, history);
  for (std::size_t j = 0; j < asked.size(); ++j) {
    double sum = 0;
    for (std::size_t t = 0; t < history.size(); ++t) sum += static_cast<double>((*shares)(j, t));
    EXPECT_NEAR(sum, scores[to_index(asked[j])], 1e-4);
  }
}

TEST("settings out of range are named with the model") {
  const data::Dataset data = dataset_of(kItems, checkerboard());
  for (const auto& [key, value] : std::vector<std::pair<const char*, Json>>{{"loss", "hinge"}, {"tau", 0}, {"lr", -1}, {"ips_power", 3}})
    try {
      fit_simplex(data, settings({{key, value}}), attune::Run{});
      ADD_FAILURE() << key << " was taken";
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(std::string("simplex.") + key), std::string::npos) << e.what();
    }
}

TEST("a memory budget that is too small is refused with what it would take") {
  const data::Dataset data = dataset_of(kItems, checkerboard());
  attune::Run run;
  run.memory_bytes = 1000;
  EXPECT_THROW(fit_bpr(data, Json(), run), Error);
  EXPECT_THROW(fit_alpharec(with_texts(dataset_of(kItems, checkerboard()), 1), Json(), run), Error);
}
