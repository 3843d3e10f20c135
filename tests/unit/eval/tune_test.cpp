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

TEST("a value finds its point in the space, and the point gives it back") {
  for (const auto& [space, value] : std::vector<std::pair<const char*, const char*>>{{"lambda=20..500", "100"}, {"decay=0.5..1.0", "0.75"}, {"weighting=cosine|tfidf|bm25", "tfidf"},
                                                                                     {"half_life_days=0|1..365", "0"}, {"half_life_days=0|1..365", "19"},
                                                                                     {"priors=none|tfidf=4..32,e5=20..80|tfidf=4.0..64.0", "tfidf=8,e5=50"}}) {
    const Choice choice = parse_choice(space);
    const auto point = choice.find(Json(value));
    ASSERT_TRUE(point) << space << " " << value;
    EXPECT_EQ(choice.at(*point).as_string(), value) << space;
  }
  EXPECT_FALSE(parse_choice("lambda=20..500").find(Json(5000)));
  EXPECT_FALSE(parse_choice("priors=none|tfidf=4..32").find(Json("auto")));
  EXPECT_EQ(parse_choice("x=0.0..1.0").find(Json(0.25)).value(), std::vector<double>{0.25});
}

TEST("Parzen estimators get nearer to the best of a hand-made function than an even spread does") {
  // A narrow hill at (.31, .62) that stands only where the alternative is b; the third coordinate does not matter.
  const auto height = [](const Point& u) {
    const double dx = u[1] - 0.31, dy = u[2] - 0.62;
    return (u[0] >= 0.5 ? 1.0 : 0.3) * std::exp(-12 * (dx * dx + dy * dy));
  };
  double by_tpe = 0, by_spread = 0;
  int wins = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Search search(parse_space("w=a|b x=0.0..1.0 y=0.0..1.0 z=0.0..1.0"), seed);
    double best_tpe = 0, best_spread = 0;
    std::vector<Tried> tried;
    for (std::size_t n = 0; n < 40; ++n) {
      const Point point = search.tpe(n, tried);
      tried.push_back({point, height(point)});
      best_tpe = std::max(best_tpe, tried.back().value);
      best_spread = std::max(best_spread, height(search.spread(n)));
    }
    by_tpe += best_tpe / 20;
    by_spread += best_spread / 20;
    wins += best_tpe > best_spread ? 1 : 0;
  }
  EXPECT_GT(by_tpe, by_spread + 0.03);
  EXPECT_GE(wins, 15);
}

TEST("halving never drops the best when more users change nothing, and judges it whole") {
  for (const int trials : {1, 2, 3, 7, 20}) {
    const Tuned tuned = tune(wanted(), {searcher("m", "x=0.0..1.0")}, {.trials = trials, .objective = "mrr_full", .strategy = "halving"}, attune::Run{.seed = 9});
    const Trial* best = tuned.best("m");
    ASSERT_NE(best, nullptr) << trials;
    EXPECT_EQ(best->share, 1) << trials;
    std::size_t first_round = 0;
    for (const Trial& trial : tuned.trials) {
      EXPECT_LE(trial.figure.mean, best->figure.mean) << trials;
      first_round += trial.share == tuned.trials[0].share ? 1 : 0;
    }
    EXPECT_EQ(first_round, static_cast<std::size_t>(trials)) << trials;
  }
}

TEST("halving asks the first rounds fewer users and fewer epochs") {
  Tunable model = searcher("m", "x=0.0..1.0");
  model.standard["epochs"] = 90;
  std::vector<long long> epochs;
  const auto fit = model.fit;
  model.fit = [&](const data::Dataset& train, const Json& json, const attune::Run& run) {
    const Json* asked = json.find("epochs");
    epochs.push_back(asked == nullptr ? 90 : asked->as_integer());
    Json without = Json::object();
    if (const Json* x = json.find("x")) without["x"] = *x;
    return fit(train, without, run);
  };
  const Tuned tuned = tune(wanted(), {model}, {.trials = 9, .objective = "mrr_full", .strategy = "halving"}, attune::Run{});
  ASSERT_EQ(tuned.trials.size(), 13u);   // 9, 3, 1
  EXPECT_EQ(tuned.trials[0].figure.n, 2u);
  EXPECT_EQ(tuned.trials[9].figure.n, 4u);
  EXPECT_EQ(tuned.trials[12].figure.n, 10u);
  EXPECT_EQ(epochs, (std::vector<long long>{10, 10, 10, 10, 10, 10, 10, 10, 10, 30, 30, 30, 90}));
}

TEST("a tuning cut short and taken up again tries what an uninterrupted one tries") {
  for (const char* strategy : {"tpe", "random", "halving"}) {
    const std::vector<Tunable> models = {searcher("a", "x=0.0..1.0"), searcher("b", "x=0.2..0.9")};
    const TuneOptions options{.trials = 12, .objective = "mrr_full", .strategy = strategy};
    const data::Split split = wanted();
    const Tuned whole = tune(split, models, options, attune::Run{.seed = 4});
    for (const std::size_t cut : {1u, 8u, 15u}) {
      std::vector<Json> kept;   // as the store would keep them
      const auto keep = [&](const Trial& trial) {
        if (kept.size() == cut) throw std::runtime_error("killed");   // the running trial is lost
        kept.push_back(to_json(trial));
      };
      EXPECT_THROW(tune(split, models, options, attune::Run{.seed = 4}, keep), std::runtime_error);
      const auto earlier = [&](const Tunable& model) {
        std::vector<Trial> trials;
        for (const Json& json : kept)
          if (json.at("model").as_string() == model.name) trials.push_back(trial_from(json));
        return trials;
      };
      std::size_t anew = 0;
      const Tuned resumed = tune(std::span(&split, 1), models, options, attune::Run{.seed = 4}, [&](const Trial&) { ++anew; }, earlier);
      ASSERT_EQ(resumed.trials.size(), whole.trials.size()) << strategy;
      EXPECT_EQ(anew, whole.trials.size() - cut);
      for (std::size_t t = 0; t < whole.trials.size(); ++t) {
        EXPECT_EQ(resumed.trials[t].settings, whole.trials[t].settings) << strategy << " " << t;
        EXPECT_EQ(resumed.trials[t].figure.mean, whole.trials[t].figure.mean) << strategy << " " << t;
        EXPECT_EQ(resumed.trials[t].share, whole.trials[t].share) << strategy << " " << t;
      }
    }
  }
}

TEST("settings that are costly to change are held for a group of trials, cheap ones are drawn anew") {
  Tunable model = searcher("m", "x=0.0..1.0 heavy=1..1000");
  const auto fit = model.fit;
  std::vector<std::string> heavy, light;
  model.fit = [&](const data::Dataset& train, const Json& json, const attune::Run& run) {
    EXPECT_NE(run.memo, nullptr);
    Json x = Json::object();
    if (json.find("x") != nullptr) x["x"] = json.at("x");
    heavy.push_back(json.find("heavy") == nullptr ? "start" : json.at("heavy").dump());
    light.push_back(x.dump());
    return fit(train, x, run);
  };
  model.cheap = {"x"};
  tune(wanted(), {model}, {.trials = 15, .objective = "mrr_full", .group = 5, .memo_bytes = 1000}, attune::Run{});
  ASSERT_EQ(heavy.size(), 15u);
  EXPECT_EQ(std::set<std::string>(heavy.begin(), heavy.begin() + 5), std::set<std::string>{"start"});
  EXPECT_EQ(std::set<std::string>(heavy.begin(), heavy.end()).size(), 3u);
  EXPECT_GE(std::set<std::string>(light.begin(), light.end()).size(), 13u);
}

TEST("a training curve far below the others is given up, with the step and both figures in the reason") {
  Tunable model = searcher("m", "x=0.0..1.0");
  const auto fit = model.fit;
  int steps = 0, calls = 0;
  model.fit = [&](const data::Dataset& train, const Json& json, const attune::Run& run) {
    const double top = ++calls == 7 ? 0.01 : 0.5;
    for (int step = 1; step <= 10; ++step) {
      run.record("m/loss", static_cast<std::size_t>(step), 3.0 / step);
      run.record("m/ndcg@10", static_cast<std::size_t>(step), top * step / 10);
      ++steps;
    }
    return fit(train, json, run);
  };
  const Tuned tuned = tune(wanted(), {model}, {.trials = 8, .objective = "mrr_full"}, attune::Run{});
  EXPECT_EQ(steps, 72);   // the seventh is out at its third step
  ASSERT_EQ(tuned.trials.size(), 8u);
  EXPECT_NE(tuned.trials[6].stopped.find("step 3"), std::string::npos) << tuned.trials[6].stopped;
  EXPECT_FALSE(tuned.trials[6].counts());
  EXPECT_EQ(tuned.trials[7].curves.at("m/ndcg@10").size(), 10u);
  const Tuned patient = tune(wanted(), {model}, {.trials = 8, .objective = "mrr_full", .gives_up = false}, attune::Run{});
  for (const Trial& trial : patient.trials) EXPECT_TRUE(trial.stopped.empty());
}

TEST("cross-validation judges every part and gives up what is clearly worse after the first") {
  const std::vector<data::Split> parts = {wanted(), wanted(), wanted()};
  const Tuned tuned = tune(parts, {searcher("m", "x=0.0..1.0")}, {.trials = 12, .objective = "mrr_full"}, attune::Run{.seed = 2});
  EXPECT_EQ(tuned.users, 30u);
  ASSERT_NE(tuned.best("m"), nullptr);
  EXPECT_EQ(tuned.best("m")->parts.size(), 3u);
  EXPECT_EQ(tuned.best("m")->figure.n, 30u);
  int given_up = 0;
  for (const Trial& trial : tuned.trials) {
    if (trial.stopped.empty()) continue;
    ++given_up;
    EXPECT_LT(trial.parts.size(), 3u);
    EXPECT_LT(trial.figure.mean, tuned.best("m")->figure.mean);
  }
  EXPECT_GT(given_up, 0);
}

TEST("a trial comes back from JSON as it was, an unknown strategy and no part are refused") {
  Trial trial{.model = "m", .number = 3, .settings = Json::parse(R"({"x":"0.5"})"), .fitted = Json::parse(R"({"x":0.5,"epochs":7})"), .point = {0.5, NAN}, .share = 1.0 / 3};
  trial.figure = {.name = "ndcg@10", .mean = 0.1, .sd = 0.2, .low = 0.05, .high = 0.15, .has_interval = true, .n = 12};
  trial.parts = {trial.figure, trial.figure};
  trial.curves["m/loss"] = {{1, 0.7}, {2, 0.6}};
  trial.stopped = "given up";
  trial.fit_seconds = 0.25;
  trial.peak_rss_bytes = 12345;
  const std::string text = to_json(trial).dump();
  EXPECT_EQ(to_json(trial_from(Json::parse(text))).dump(), text);
  EXPECT_TRUE(std::isnan(trial_from(Json::parse(text)).point[1]));
  EXPECT_THROW(trial_from(Json::parse("{}")), Error);
  EXPECT_THROW(tune(wanted(), {searcher("a", "")}, {.trials = 1, .strategy = "guess"}, attune::Run{}), Error);
  EXPECT_THROW(tune(std::vector<data::Split>(), {searcher("a", "")}, {.trials = 1}, attune::Run{}), Error);
}

}  // namespace attune::eval
