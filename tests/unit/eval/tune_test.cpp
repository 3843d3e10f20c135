// Tuning: spaces are read as written, the budget is the same for all, the best is found and nothing is hidden.
#include "attune/eval/tune.h"

#include <cmath>
#include <set>

#include "attune/core/error.h"
#include "attune/core/params.h"
#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {
namespace {

std::string drawn(const char* text, const std::vector<double>& point) { return parse_choice(text).at(point).as_string(); }

struct Params {
  double x = 0.05;
  template <class Visitor>
  void visit(Visitor& v) {
    v("x", x, "where the target is looked for");
  }
};

// Users 0..9 each want item 50; the model puts it the higher the nearer x is to .7.
data::Split wanted() {
  std::vector<Question> questions(10, Question{{1}, {}, {50}});
  return split_of(101, questions);
}

Tunable searcher(std::string name, const char* space) {
  return {.name = std::move(name),
          .fit = [](const data::Dataset&, const Json& json, const attune::Run&) {
            const double miss = std::abs(params_from<Params>(json).x - 0.7);
            return Answerer{.scores = [miss](const data::Case&, std::span<float> out) {
              for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(i) / 100;
              out[50] = static_cast<float>(1 - miss);
            }};
          },
          .space = parse_space(space)};
}

}  // namespace

TEST("a space is written as ranges and alternatives") {
  EXPECT_EQ(drawn("lambda=20..500", {0.0}), "20");
  EXPECT_EQ(drawn("lambda=20..500", {0.5}), "100");  // sqrt(20 * 500): a factor above ten is searched on a log scale
  EXPECT_EQ(drawn("decay=0.5..1.0", {0.5}), "0.75");
  EXPECT_EQ(drawn("weighting=cosine|tfidf|bm25", {0.4}), "tfidf");
  EXPECT_EQ(drawn("weighting=cosine|tfidf|bm25", {0.999}), "bm25");
  EXPECT_EQ(drawn("half_life_days=0|1..365", {0.2, 0.5}), "0");
  EXPECT_EQ(drawn("half_life_days=0|1..365", {0.7, 0.5}), "19");
  EXPECT_EQ(drawn("priors=tfidf=4..32,e5=20..80|tfidf=4.0..64.0", {0.1, 0.0, 0.5}), "tfidf=4,e5=50");
  EXPECT_EQ(drawn("priors=tfidf=4..32,e5=20..80|tfidf=4.0..64.0", {0.9, 0.5, 0.5}), "tfidf=16");
  EXPECT_EQ(drawn("reg=1e-4..1e-2", {0.5}), "0.001");
  EXPECT_EQ(drawn("a=-5..5", {0.5}), "0");
}

TEST("a space that makes no sense is refused") {
  for (const char* text : {"lambda", "=1..2", "lambda=", "lambda=5..1", "lambda=..5", "lambda=1..", "lambda=1..x"})
    EXPECT_THROW(parse_choice(text), Error) << text;
}

TEST("the usual space of every model names settings within it and can be read") {
  std::size_t found = 0;
  for (const char* name : {"popularity", "item_knn", "ease", "slist", "ials"}) {
    for (const Choice& choice : parse_space(usual_space(name))) {
      const std::vector<double> middle(choice.dimensions(), 0.5);
      EXPECT_FALSE(choice.at(middle).as_string().empty()) << name;
      ++found;
    }
  }
  EXPECT_GE(found, 10u);
}

TEST("tuning starts from the settings there are and gets near the best") {
  const Tuned tuned = tune(wanted(), {searcher("m", "x=0.0..1.0")}, {.trials = 16, .objective = "mrr_full"}, attune::Run{.seed = 3});
  ASSERT_EQ(tuned.trials.size(), 16u);
  EXPECT_EQ(tuned.trials[0].settings, Json::object());
  EXPECT_LT(tuned.trials[0].figure.mean, 0.05);
  ASSERT_NE(tuned.best("m"), nullptr);
  EXPECT_NEAR(std::stod(tuned.best("m")->settings.at("x").as_string()), 0.7, 0.05);
  for (const Trial& trial : tuned.trials) EXPECT_LE(trial.figure.mean, tuned.best("m")->figure.mean);
}

TEST("every model gets the same number of trials, one without a space is tried once") {
  const Tuned tuned = tune(wanted(), {searcher("a", "x=0.0..1.0"), searcher("b", "x=0.1..0.9"), searcher("c", "")},
                           {.trials = 5, .objective = "ndcg@10"}, attune::Run{.seed = 3});
  std::map<std::string, int> counts;
  for (const Trial& trial : tuned.trials) ++counts[trial.model];
  EXPECT_EQ(counts, (std::map<std::string, int>{{"a", 5}, {"b", 5}, {"c", 1}}));
}

TEST("the same seed tries the same settings") {
  const auto settings = [](std::uint64_t seed) {
    std::vector<std::string> list;
    for (const Trial& trial : tune(wanted(), {searcher("a", "x=0.0..1.0")}, {.trials = 6, .objective = "auc"}, attune::Run{.seed = seed}).trials)
      list.push_back(trial.settings.dump());
    return list;
  };
  EXPECT_EQ(settings(1), settings(1));
  EXPECT_NE(settings(1), settings(2));
}

TEST("a trial that fails is kept with its reason and does not stop the others") {
  Tunable fussy = searcher("fussy", "x=0.0..1.0");
  const auto fit = fussy.fit;
  int calls = 0;
  fussy.fit = [&](const data::Dataset& train, const Json& json, const attune::Run& run) {
    if (++calls == 2) throw Error(Code::bad_request, "needs more memory");
    return fit(train, json, run);
  };
  const Tuned tuned = tune(wanted(), {fussy}, {.trials = 4, .objective = "mrr_full"}, attune::Run{});
  ASSERT_EQ(tuned.trials.size(), 4u);
  EXPECT_EQ(tuned.trials[1].failure, "needs more memory");
  EXPECT_NE(tuned.to_json().dump().find("needs more memory"), std::string::npos);
  EXPECT_NE(tuned.best("fussy"), nullptr);
}

TEST("an objective nobody knows, without its K or with one too many is refused") {
  for (const char* objective : {"ndgc@10", "ndcg", "auc@10", "ndcg@0", "ndcg@x"})
    EXPECT_THROW(tune(wanted(), {searcher("a", "")}, {.trials = 1, .objective = objective}, attune::Run{}), Error) << objective;
}

TEST("with fewer users each trial asks the same ones") {
  const Tuned tuned = tune(wanted(), {searcher("a", "x=0.0..1.0")}, {.trials = 3, .objective = "mrr_full", .users = 4}, attune::Run{});
  EXPECT_EQ(tuned.users, 4u);
  for (const Trial& trial : tuned.trials) EXPECT_EQ(trial.figure.n, 4u);
}

}  // namespace attune::eval
