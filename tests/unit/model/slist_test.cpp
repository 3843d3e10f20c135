// SLIST against the formula written out in double precision, prefix by prefix.
#include "attune/core/linear_algebra.h"
#include "attune/core/whiten.h"
#include "attune/core/kernels.h"
#include "attune/model/gram.h"
#include "attune/model/slist.h"
#include "tests/support/test.h"
#include "tests/unit/model/plugins.h"
#include "tests/unit/model/worlds.h"

namespace attune::model {
namespace {

using namespace testing;

Plain plain_slist(std::size_t items, const Histories& histories, double lambda, double alpha, double decay, std::size_t window,
                  const Plain& text) {
  auto [a, r] = plain_sequence_gram(items, histories, alpha, decay, window);
  for (std::size_t i = 0; i < items; ++i) a[i][i] += lambda;
  if (!text.empty())
    for (std::size_t i = 0; i < items; ++i)
      for (std::size_t j = 0; j < items; ++j) r[i][j] += text[i][j];
  return product(inverse(a), r);
}

Plain scaled(Plain m, double by) {
  for (auto& row : m)
    for (double& x : row) x *= by;
  return m;
}

Plain sum(Plain a, const Plain& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < a[0].size(); ++j) a[i][j] += b[i][j];
  return a;
}

Plain whitened(const Matrix& vectors) {
  Matrix x = Whitening::fit(vectors, 1).apply(vectors);
  for (std::size_t i = 0; i < x.rows(); ++i) normalise(x.row(i));
  return plain(x);
}

TEST("counting pairs of events gives what counting prefixes gives, for any window, decay and weights") {
  Random random(3);
  for (const int window : {0, 1, 3, 50})
    for (const float decay : {1.0f, 0.8f, 0.3f}) {
      const Histories histories = random_histories(30, 9, 12, random, true);
      const auto gram = sequence_gram(dataset_of(9, histories), {.alpha = 0.1f, .decay = decay, .window = window}, attune::Run{});
      const auto [a, r] = plain_sequence_gram(9, histories, 0.1f, decay, static_cast<std::size_t>(window));
      EXPECT_LT(largest_gap(plain(gram.a), a), 1e-4) << window << " " << decay;
      EXPECT_LT(largest_gap(plain(gram.r), r), 1e-4) << window << " " << decay;
    }
}

TEST("the weights agree with the formula in double precision") {
  Random random(4);
  const Histories histories = random_histories(50, 40, 9, random, true);
  const auto model = fit_slist(dataset_of(40, histories), Json::parse(R"({"lambda": 4, "alpha": 0.2, "decay": 0.7, "window": 4})"), attune::Run{});
  EXPECT_LT(largest_gap(weights_of(*model), plain_slist(40, histories, 4, 0.2, 0.7, 4, {})), 1e-5);
}

TEST("two priors agree with the long way through items by items, with few words and with many") {
  Random random(8);
  for (const std::size_t words : {10, 200}) {
    const Histories histories = random_histories(60, 16, 8, random, false);
    auto tfidf = std::make_shared<data::ItemFeatures>(), dense = std::make_shared<data::ItemFeatures>();
    tfidf->sparse = random_words(16, words, random);
    dense->dense = random_vectors(16, 5, random);
    auto data = dataset_of(16, histories);
    data.with_features("tfidf", tfidf).with_features("e5", dense);
    const auto model = fit_slist(data, Json::parse(R"({"lambda": 6, "priors": "tfidf=8,e5=41"})"), attune::Run{});
    const Plain text = sum(scaled(plain_text_ease(plain(tfidf->sparse), 3), 8), scaled(plain_text_ease(whitened(dense->dense), 10), 41));
    EXPECT_LT(largest_gap(weights_of(*model), plain_slist(16, histories, 6, 0.1, 0.8, 50, text)), 2e-4) << words;
  }
}

TEST("more shared words than items take the way through items by items and agree") {
  Random random(9);
  const Sparse words = crowded_words(6, 20, random);
  auto tfidf = std::make_shared<data::ItemFeatures>();
  tfidf->sparse = words;
  const Histories histories = random_histories(30, 6, 6, random, false);
  const auto model = fit_slist(dataset_of(6, histories).with_features("tfidf", tfidf), Json::parse(R"({"lambda": 6, "priors": "tfidf=8"})"), attune::Run{});
  EXPECT_LT(largest_gap(weights_of(*model), plain_slist(6, histories, 6, 0.1, 0.8, 50, scaled(plain_text_ease(plain(words), 3), 8))), 1e-4);
}

TEST("terms swept with weights give the model fitted with those weights") {
  Random random(10);
  auto dense = std::make_shared<data::ItemFeatures>();
  dense->dense = random_vectors(12, 4, random);
  auto data = dataset_of(12, random_histories(40, 12, 8, random, false));
  data.with_features("e5", dense);
  const Json settings = Json::parse(R"({"lambda": 5, "priors": "e5=7"})");
  const SlistTerms terms = slist_terms(data, settings, attune::Run{});
  const Plain swept = sum(plain(terms.behaviour), scaled(plain(terms.texts.at(0)), 7));
  EXPECT_LT(largest_gap(swept, weights_of(*fit_slist(data, settings, attune::Run{}))), 1e-5);
}

TEST("the last item of a pattern is foretold from the one before it") {
  Histories histories;  // everybody who took 2n takes 2n + 1 next; user 0 stopped before it
  for (unsigned u = 0; u < 40; ++u) histories.push_back({{(u % 5) * 2, 1}, {(u % 5) * 2 + 1, 1}});
  histories[0].pop_back();
  const auto model = fit_slist(dataset_of(10, histories), Json(), attune::Run{});
  const std::vector<Touch> history = {{.item = item_at(0)}};
  const std::vector<ItemId> seen = {item_at(0)};
  EXPECT_EQ(model->recommend({.history = history, .exclude = seen, .k = 1}).at(0).item, item_at(1));
}

}  // namespace
}  // namespace attune::model
