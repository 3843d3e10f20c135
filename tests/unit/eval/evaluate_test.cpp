// Evaluation as a whole: who is counted, what is refused, what the means are over.
#include "attune/eval/evaluate.h"

#include <cmath>
#include <limits>
#include <mutex>
#include <set>

#include "attune/core/random.h"
#include "attune/eval/metric.h"
#include "tests/support/test.h"
#include "tests/unit/eval/small_world.h"

namespace attune::eval {
namespace {

const Run kRun{.seed = 3};
const EvalOptions kQuick{.ks = {1, 3}, .bootstrap = 0};

// Item 0 best, then 1, 2, ...
Answerer by_number() {
  return {.scores = [](const data::Case&, std::span<float> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = -static_cast<float>(i);
  }};
}

std::string error_of(const std::function<void()>& act, Code code) {
  try {
    act();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), code) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

}  // namespace

TEST("a mean is over users, not over targets") {
  // u0: one target, found first. u1: three targets at places 4, 5, 6, none in the first 3.
  const auto split = split_of(6, {{{}, {}, {0}}, {{}, {}, {3, 4, 5}}});
  const auto evaluation = evaluate(split, by_number(), kQuick, kRun);
  EXPECT_DOUBLE_EQ(evaluation.at("recall@3"), 0.5);
  EXPECT_DOUBLE_EQ(evaluation.at("hr@1"), 0.5);
  EXPECT_EQ(evaluation.users, 2u);
}

TEST("users without targets are dropped and counted") {
  const auto split = split_of(4, {{{}, {}, {0}}, {{1}, {}, {}}, {{}, {}, {0}}});
  const auto evaluation = evaluate(split, by_number(), kQuick, kRun);
  EXPECT_EQ(evaluation.users, 2u);
  EXPECT_EQ(evaluation.users_without_targets, 1u);
  EXPECT_DOUBLE_EQ(evaluation.at("hr@1"), 1.0);
  EXPECT_EQ(evaluation.who, (std::vector<UserId>{user_at(0), user_at(2)}));
}

TEST("a score that is not a number is refused, naming user and item") {
  const auto split = split_of(4, {{{}, {}, {0}}, {{}, {}, {0}}});
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
    const Answerer answerer{.scores = [bad](const data::Case& asked, std::span<float> out) {
      std::fill(out.begin(), out.end(), 1.0f);
      if (asked.user == user_at(1)) out[2] = bad;
    }};
    const auto message = error_of([&] { evaluate(split, answerer, kQuick, kRun); }, Code::bad_data);
    EXPECT_NE(message.find("'u1'"), std::string::npos) << message;
    EXPECT_NE(message.find("item 2"), std::string::npos) << message;
  }
}

TEST("a model that leaves an item without a score is refused, not given the score of the user before") {
  const auto split = split_of(3, {{{}, {}, {0}}});
  const Answerer answerer{.scores = [](const data::Case&, std::span<float> out) { out[0] = out[1] = 1; }};
  error_of([&] { evaluate(split, answerer, kQuick, kRun); }, Code::bad_data);
}

TEST("a list that repeats an item or invents one is refused") {
  const auto split = split_of(3, {{{}, {}, {0}}});
  error_of([&] { evaluate(split, {.list = [](const data::Case&) { return ids({1, 0, 1}); }}, kQuick, kRun); }, Code::bad_data);
  error_of([&] { evaluate(split, {.list = [](const data::Case&) { return ids({7}); }}, kQuick, kRun); }, Code::bad_data);
  error_of([&] { evaluate(split, {}, kQuick, kRun); }, Code::bad_request);
}

TEST("an unknown metric names the nearest, a cut-off of 0 is refused") {
  const auto split = split_of(3, {{{}, {}, {0}}});
  EvalOptions options = kQuick;
  options.metrics = {"ndgc"};
  EXPECT_NE(error_of([&] { evaluate(split, by_number(), options, kRun); }, Code::not_found).find("'ndcg'"), std::string::npos);
  options = kQuick;
  options.ks = {0};
  error_of([&] { evaluate(split, by_number(), options, kRun); }, Code::bad_request);
}

TEST("seen items never stand in the lists") {
  const auto split = split_of(5, {{{0, 1}, {0, 1}, {4}}});
  const auto evaluation = evaluate(split, by_number(), {.ks = {3}, .bootstrap = 0}, kRun);
  EXPECT_DOUBLE_EQ(evaluation.at("coverage@3"), 3.0 / 5);  // 2, 3, 4
  EXPECT_DOUBLE_EQ(evaluation.at("mrr_full"), 1.0 / 3);
}

TEST("fixed candidates are ranked alone, the target always among them") {
  const auto split = split_of(10, {{{}, {}, {7}}});
  const std::vector<ItemId> few = ids({2, 9});
  EvalOptions options{.ks = {3}, .bootstrap = 0, .candidates = [&](const data::Case&) { return std::span<const ItemId>(few); }};
  EXPECT_DOUBLE_EQ(evaluate(split, by_number(), options, kRun).at("mrr_full"), 1.0 / 2);  // 2 before 7 before 9
}

TEST("a list judged by its scores and as a list gives the same figures") {
  Random random(5);
  std::vector<Question> questions;
  for (unsigned u = 0; u < 40; ++u) {
    std::set<unsigned> targets;
    while (targets.size() < 1 + u % 4) targets.insert(static_cast<unsigned>(random.below(30)));
    questions.push_back({{u % 7}, {}, {targets.begin(), targets.end()}});
  }
  const auto split = split_of(30, questions);
  const auto order_of = [](const data::Case& asked) {
    std::vector<ItemId> order;
    for (unsigned i = 0; i < 30; ++i) order.push_back(ItemId{i});
    Random mine(to_index(asked.user));
    mine.shuffle(std::span(order));
    return order;
  };
  const Answerer scores{.scores = [&](const data::Case& asked, std::span<float> out) {
    const auto order = order_of(asked);
    for (std::size_t r = 0; r < order.size(); ++r) out[to_index(order[r])] = -static_cast<float>(r);
  }};
  const auto one = evaluate(split, scores, {.ks = {5, 10}, .bootstrap = 0}, kRun), two = evaluate(split, {.list = order_of}, {.ks = {5, 10}, .bootstrap = 0}, kRun);
  for (const Figure& figure : one.figures) {
    if (figure.name == "auc" || figure.n == 0) continue;
    EXPECT_DOUBLE_EQ(figure.mean, two.at(figure.name)) << figure.name;
  }
}

TEST("segments hold each user once and their means add up to the whole") {
  std::vector<Question> questions;
  for (unsigned u = 0; u < 60; ++u) {
    std::vector<unsigned> input;
    for (unsigned i = 0; i < u % 12; ++i) input.push_back(i * i % 20);
    questions.push_back({input, {}, {(u * 7) % 20}});
  }
  const auto split = split_of(20, questions);
  const auto evaluation = evaluate(split, by_number(), {.ks = {10}, .bootstrap = 20}, kRun);
  for (const char* kind : {"target popularity", "target", "history length"}) {
    double sum = 0;
    std::size_t n = 0;
    for (const Segment& segment : evaluation.segments) {
      if (segment.kind != kind) continue;
      EXPECT_GT(segment.n, 0u);
      n += segment.n;
      for (const Figure& figure : segment.figures)
        if (figure.name == "ndcg@10") sum += figure.mean * static_cast<double>(segment.n);
    }
    EXPECT_EQ(n, 60u) << kind;
    EXPECT_NEAR(sum / 60, evaluation.at("ndcg@10"), 1e-12) << kind;
  }
}

TEST("popular targets are judged apart from rare and new ones") {
  // Item 0 has six takers, items 1 and 2 three and two, item 3 one, item 4 none: thirds of 12 events.
  std::vector<Question> questions = {{{0, 1, 2}, {}, {0}}, {{0, 1, 2}, {}, {4}}, {{0, 1}, {}, {3}}, {{0, 3}, {}, {0, 4}}, {{0}, {}, {0}}, {{0}, {}, {1}}};
  const auto evaluation = evaluate(split_of(5, questions), by_number(), kQuick, kRun);
  std::vector<std::pair<std::string, std::size_t>> found;
  for (const Segment& segment : evaluation.segments)
    if (segment.kind == "target popularity") found.emplace_back(segment.name, segment.n);
  EXPECT_EQ(found, (std::vector<std::pair<std::string, std::size_t>>{{"head", 3}, {"middle", 1}, {"tail", 1}, {"new", 2}}));
}

TEST("the same seed gives the same figures on one thread and on three") {
  std::vector<Question> questions;
  for (unsigned u = 0; u < 200; ++u) questions.push_back({{u % 9}, {}, {(u * 13) % 50}});
  const auto split = split_of(50, questions);
  const attune::Run one{.seed = 9, .threads = 1}, three{.seed = 9, .threads = 3};
  const auto a = evaluate(split, by_number(), {}, one), b = evaluate(split, by_number(), {}, three);
  ASSERT_EQ(a.values.size(), b.values.size());
  for (std::size_t i = 0; i < a.values.size(); ++i) EXPECT_TRUE(a.values[i] == b.values[i] || (std::isnan(a.values[i]) && std::isnan(b.values[i])));
  ASSERT_EQ(a.figures.size(), b.figures.size());
  for (std::size_t i = 0; i < a.figures.size(); ++i) {
    EXPECT_DOUBLE_EQ(a.figures[i].mean, b.figures[i].mean);
    EXPECT_NEAR(a.figures[i].low, b.figures[i].low, 1e-6);
    EXPECT_NEAR(a.figures[i].high, b.figures[i].high, 1e-6);
  }
}

TEST("an evaluation stops when asked") {
  std::vector<Question> questions(500, Question{{}, {}, {0}});
  std::atomic<bool> stop{false};
  const attune::Run run{.threads = 1, .progress = [&](std::string_view, std::size_t done, std::size_t) { stop = done >= 64; }, .stop = &stop};
  const auto split = split_of(3, questions);
  error_of([&] { evaluate(split, by_number(), kQuick, run); }, Code::cancelled);
}

TEST("places of targets come in the order of the cases, those without targets empty") {
  const auto split = split_of(4, {{{}, {}, {2, 0}}, {{}, {}, {}}, {{}, {0}, {3}}});
  const auto places = target_places(split, by_number().scores, kRun);
  ASSERT_EQ(places.size(), 3u);
  EXPECT_EQ(places[0], (std::vector<Place>{{2, 1}, {0, 1}}));
  EXPECT_TRUE(places[1].empty());
  EXPECT_EQ(places[2], (std::vector<Place>{{2, 1}}));
}

TEST("json names every figure with its interval and leaves out what was not measured") {
  const auto split = split_of(4, {{{0}, {}, {1}}, {{1}, {}, {0}}});
  const Json json = evaluate(split, by_number(), {.ks = {2}, .bootstrap = 50}, kRun).to_json();
  EXPECT_NE(json.at("figures").at("ndcg@2").find("low"), nullptr);
  EXPECT_EQ(json.at("figures").find("diversity@2"), nullptr);  // no vectors were given
  EXPECT_EQ(json.at("users").as_integer(), 2);
}

}  // namespace attune::eval
