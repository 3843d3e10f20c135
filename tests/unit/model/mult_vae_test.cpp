// Mult-VAE: gradients by finite differences, the loss by hand, and a world whose right answers are known.
#include <cmath>

#include "attune/core/kernels.h"
#include "attune/model/mult_vae_train.h"
#include "tests/support/test.h"
#include "tests/unit/model/plugins.h"
#include "tests/unit/model/worlds.h"

using namespace attune;
using namespace attune::model;
using namespace attune::model::testing;

namespace {

constexpr std::size_t kItems = 9, kHidden = 5, kLatent = 3;

Sparse rows(std::initializer_list<std::vector<std::pair<unsigned, float>>> lists) {
  Sparse m{.rows = lists.size(), .cols = kItems};
  for (const auto& list : lists) {
    for (const auto& [item, value] : list) {
      m.indices.push_back(item);
      m.values.push_back(value);
    }
    m.offsets.push_back(m.indices.size());
  }
  return m;
}
const Sparse kInputs = rows({{{0, 0.6f}, {3, 0.8f}}, {{1, 1.2f}}, {{2, 0.5f}, {5, -0.5f}, {8, 1.0f}}, {}});
const Sparse kTargets = rows({{{0, 1.0f}, {3, 2.0f}}, {{1, 0.5f}, {7, 1.5f}}, {{2, 1.0f}}, {{4, 1.0f}}});

double loss_of(const VaeWeights& w, MatrixView noise, float beta) {
  return vae_loss(w, kInputs, kTargets, noise, beta, nullptr, attune::Run{}).total(static_cast<double>(beta));
}

Json small_network() {
  Json json = Json::object();
  json["hidden"] = 32;
  json["latent"] = 8;
  json["epochs"] = 200;
  json["lr"] = 0.01;
  json["anneal"] = 400;
  return json;
}

}  // namespace

TEST("the gradient of every layer agrees with finite differences") {
  Random random(3);
  VaeWeights w = random_vae(kItems, kHidden, kLatent, 5), gradient = zero_vae(kItems, kHidden, kLatent);
  const Matrix noise = random_vectors(4, kLatent, random);
  const float beta = 0.7f;
  vae_loss(w, kInputs, kTargets, noise, beta, &gradient, attune::Run{});
  const std::pair<Matrix*, Matrix*> layers[] = {{&w.in, &gradient.in}, {&w.latent, &gradient.latent}, {&w.back, &gradient.back}, {&w.out, &gradient.out}};
  for (const auto& [weights, slopes] : layers)
    for (std::size_t k = 0; k < weights->size(); ++k) {
      float& x = weights->all()[k];
      const float was = x, h = 1e-2f;
      x = was + h;
      const double up = loss_of(w, noise, beta);
      x = was - h;
      const double down = loss_of(w, noise, beta);
      x = was;
      EXPECT_NEAR(slopes->all()[k], (up - down) / (2 * static_cast<double>(h)), 2e-3) << "layer " << (weights - &w.in) << " entry " << k;
    }
}

TEST("a network of zeros gives every item the same chance and has no divergence") {
  const VaeWeights w = zero_vae(kItems, kHidden, kLatent);
  const VaeLoss loss = vae_loss(w, kInputs, kTargets, Matrix(4, kLatent), 1, nullptr, attune::Run{});
  EXPECT_NEAR(loss.likelihood, (3 + 2 + 1 + 1) * std::log(9.0) / 4, 1e-5);   // mean of (sum t) log items
  EXPECT_NEAR(loss.divergence, 0, 1e-9);
}

TEST("what is asked at a question is the network without noise") {
  Random random(4);
  const VaeWeights w = random_vae(kItems, kHidden, kLatent, 6);
  const std::vector<std::uint32_t> items = {0, 3};
  const std::vector<float> values = {0.6f, 0.8f};
  const std::vector<float> h = vae_hidden(w, items, values);
  ASSERT_EQ(h.size(), kHidden + 1);
  double sum = 0;
  std::vector<double> chance(kItems);
  for (std::size_t i = 0; i < kItems; ++i) sum += chance[i] = std::exp(static_cast<double>(dot(h, w.out.row(i))));
  const Sparse one = rows({{{0, 0.6f}, {3, 0.8f}}}), target = rows({{{5, 1.0f}}});
  const VaeLoss loss = vae_loss(w, one, target, Matrix(1, kLatent), 0, nullptr, attune::Run{});
  EXPECT_NEAR(loss.likelihood, -std::log(chance[5] / sum), 1e-5);
}

TEST("even and odd users are told apart, and an item nobody of the kind took comes last") {
  Histories histories(60);
  for (unsigned u = 0; u < 60; ++u)
    for (unsigned i = u % 2; i < 20; i += 2)
      if ((i / 2 + u / 2) % 5 != 0) histories[u].emplace_back(i, 1.0f);
  const auto model = fit_mult_vae(dataset_of(20, histories), small_network(), attune::Run{});
  for (unsigned u = 0; u < 60; ++u) {
    const std::vector<Touch> history = touches(histories[u]);
    std::vector<ItemId> seen;
    for (const Touch& t : history) seen.push_back(t.item);
    const auto list = model->recommend({.history = history, .exclude = seen, .k = 2});
    for (const Scored& hit : list) EXPECT_EQ(to_index(hit.item) % 2, u % 2) << "user " << u;
  }
}

TEST("weighing by inverse propensity lifts rare items above their share") {
  Random random(8);
  Histories histories(400);
  for (auto& history : histories)
    for (unsigned i = 0; i < 12; ++i)
      if (random.uniform() < (i < 6 ? 0.6 : 0.1)) history.emplace_back(i, 1.0f);   // six items seen often, six seldom
  Json naive = small_network(), weighed = small_network();
  naive["epochs"] = 60;
  weighed["epochs"] = 60;
  weighed["ips_power"] = 1;
  const data::Dataset data = dataset_of(12, histories);
  const auto gap = [&](const Json& settings) {
    const auto model = fit_mult_vae(data, settings, attune::Run{});
    std::vector<float> scores(12);
    model->score_all({}, scores);
    float sum = 0;
    for (std::size_t i = 0; i < 12; ++i) sum += i < 6 ? scores[i] : -scores[i];
    return sum / 6;
  };
  EXPECT_GT(gap(naive), 1.2f);                  // log(.6 / .1) = 1.8
  EXPECT_LT(std::abs(gap(weighed)), 0.4f * gap(naive));      // seen seldom, but as welcome
}

TEST("with power 1 an item whose events weigh more has the better chance; with power 0 weights are not read") {
  Histories histories(100);
  for (unsigned u = 0; u < 100; ++u)
    for (unsigned i = 0; i < 6; ++i) histories[u].emplace_back(i, i == 2 ? 4.0f : 1.0f);
  const data::Dataset data = dataset_of(6, histories);
  Json json = small_network();
  json["epochs"] = 60;
  for (const int power : {0, 1}) {
    json["power"] = power;
    const auto model = fit_mult_vae(data, json, attune::Run{});
    std::vector<float> scores(6);
    model->score_all({.history = data.history(user_at(0))}, scores);
    EXPECT_NEAR(scores[2] - scores[0], power == 0 ? 0 : std::log(4.0), 0.25) << power;
  }
}

TEST("settings out of range are refused by name") {
  Json json = Json::object();
  json["dropout"] = 1.0;
  try {
    fit_mult_vae(dataset_of(3, {{{0, 1.0f}, {1, 1.0f}}}), json, attune::Run{});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("mult_vae.dropout"), std::string::npos);
  }
}
