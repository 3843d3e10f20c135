// Learning a ranker: every training question gets its figures from dialogues of the other folds, weights come from a softmax over the
// items (each new item named is one draw), trees from LambdaMART on what the weights leave in doubt.
// Weights: fit_weights.cpp; rows of trees: tree_rows.cpp.
// Cost: the figures of every question twice, an EASE a fold, the trees: some 2 minutes for 1,550 dialogues over 6,576 films on two cores.
#include "attune/talk/ranking/learn.h"

#include <algorithm>
#include <atomic>

#include "attune/core/error.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/core/top_k.h"
#include "attune/talk/ranking/ranker.h"

namespace attune::talk::ranking {

namespace {

struct Lesson {
  const View& view;
  const std::vector<Conversation>& conversations;
  const LearnOptions& options;
  const Run& run;
  std::vector<Question> questions;
  std::vector<Heard> heard;
  std::vector<int> fold;                 // [questions]
  std::vector<Ranker> of_fold;           // with the Past of the other folds
  std::vector<std::string> names;        // figures in use
};

// An item wanted that is not among the best stays out: beside the best alone it would teach that low figures are good ones.
Example example_of(const Lesson& lesson, std::size_t q, std::span<const double> weights, bool for_trees) {
  const Ranker& ranker = lesson.of_fold[static_cast<std::size_t>(lesson.fold[q])];
  const Heard& heard = lesson.heard[q];
  const Matrix figures = ranker.figures(lesson.view, heard);
  const std::vector<std::string> all = ranker.names(lesson.view);
  Example example;
  std::vector<float> sum(lesson.view.item_count(), 0.0f);
  std::vector<std::size_t> used;
  std::vector<rank::Scale> scales;
  for (std::size_t f = 0, at = 0; f < all.size() && at < lesson.names.size(); ++f) {
    if (all[f] != lesson.names[at]) continue;
    const rank::Scale scale = scale_of_row(figures.row(f));
    used.push_back(f);
    scales.push_back(scale);
    if (scale.sd > 0)
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<float>(weights[at] * (figures(f, i) - scale.mean) / scale.sd);
    ++at;
  }
  ATTUNE_ASSERT(used.size() == lesson.names.size(), "every fold has the same figures");
  for (const Scored& one : top_k(sum, lesson.options.candidates * (for_trees ? 1 : 2), heard.named)) example.items.push_back(one.item);
  const std::vector<ItemId>& wanted = lesson.questions[q].wanted;
  for (const ItemId item : example.items) {
    example.wanted.push_back(std::find(wanted.begin(), wanted.end(), item) != wanted.end() ? 1.0f : 0.0f);
    example.weighed.push_back(sum[to_index(item)]);
  }
  if (std::find(example.wanted.begin(), example.wanted.end(), 1.0f) == example.wanted.end()) return {};   // nothing to order
  if (for_trees) {
    example.rows = tree_rows(all, figures, heard, example.items, tree_columns(lesson.names));
    return example;
  }
  example.z = Matrix(example.items.size(), used.size());
  for (std::size_t f = 0; f < used.size(); ++f)
    if (scales[f].sd > 0)
      for (std::size_t i = 0; i < example.items.size(); ++i)
        example.z(i, f) = static_cast<float>((figures(used[f], to_index(example.items[i])) - scales[f].mean) / scales[f].sd);
  return example;
}

std::vector<Example> examples_of(const Lesson& lesson, std::span<const double> weights, bool for_trees) {
  std::vector<Example> list(lesson.questions.size());
  std::atomic<std::size_t> done{0};
  parallel_for(0, list.size(), 4, lesson.run, [&](std::size_t first, std::size_t last) {
    for (std::size_t q = first; q < last; ++q) list[q] = example_of(lesson, q, weights, for_trees);
    done += last - first;
    lesson.run.check();
  });
  return list;
}

rank::Stacker::Lists lists_of(std::vector<Example>& examples, std::size_t columns) {
  rank::Stacker::Lists lists;
  std::size_t rows = 0;
  for (const Example& example : examples) rows += example.items.size();
  lists.rows = Matrix(rows, columns);
  std::size_t at = 0;
  for (Example& example : examples) {
    if (example.items.empty()) continue;
    std::copy(example.rows.all().begin(), example.rows.all().end(), lists.rows.row(at).data());
    at += example.items.size();
    lists.fused.insert(lists.fused.end(), example.weighed.begin(), example.weighed.end());
    lists.wanted.insert(lists.wanted.end(), example.wanted.begin(), example.wanted.end());
    lists.sizes.push_back(static_cast<unsigned>(example.items.size()));
    example = {};
  }
  return lists;
}

// nullptr: no question has a wanted item among its candidates.
std::shared_ptr<const rank::Stacker> grow_trees(std::vector<Example> examples, const std::vector<std::string>& columns, const LearnOptions& options, const Run& run) {
  run.report("grow trees", 0, 0);
  const rank::Stacker::Lists lists = lists_of(examples, columns.size());
  if (lists.sizes.empty()) return nullptr;
  return std::make_shared<const rank::Stacker>(
      rank::Stacker::learn(columns, lists, 1, {.rounds = options.rounds, .depth = options.depth, .eta = options.eta, .min_weight = 5}, run));
}

}  // namespace

Ranker Ranker::learn(const View& view, const std::vector<Conversation>& conversations, const LearnOptions& options, const Run& run) {
  if (options.folds < 2) throw Error(Code::bad_request, "a ranker is learned over at least two folds, got " + std::to_string(options.folds));
  Lesson lesson{.view = view, .conversations = conversations, .options = options, .run = run};
  lesson.questions = questions(conversations);
  if (lesson.questions.empty()) throw Error(Code::bad_data, "no turn of the " + std::to_string(conversations.size()) + " dialogues recommends an item of this catalogue that was not named before: nothing to learn from");
  std::vector<Conversation> said;
  for (const Question& question : lesson.questions) said.push_back(before(conversations[question.conversation], question.turn));
  lesson.heard = view.hear_all(said, options.cache_folder, run);
  for (std::size_t q = 0; q < lesson.questions.size(); ++q) lesson.heard[q].place = lesson.questions[q].conversation;
  Random random(run.seed);
  std::vector<int> fold_of(conversations.size());
  for (int& fold : fold_of) fold = static_cast<int>(random.below(static_cast<std::size_t>(options.folds)));
  for (const Question& question : lesson.questions) lesson.fold.push_back(fold_of[question.conversation]);

  const auto past_without = [&](int fold) {
    std::vector<Conversation> kept;
    std::vector<Question> asked;
    std::vector<const Heard*> heard;
    std::vector<std::size_t> places;
    for (std::size_t c = 0; c < conversations.size(); ++c)
      if (fold_of[c] != fold) {
        kept.push_back(conversations[c]);
        places.push_back(c);
      }
    for (std::size_t q = 0; q < lesson.questions.size(); ++q)
      if (lesson.fold[q] != fold) {
        asked.push_back(lesson.questions[q]);
        heard.push_back(&lesson.heard[q]);
      }
    return std::make_shared<const Past>(Past::learn(view, kept, asked, heard, places, run));
  };
  for (int fold = 0; fold < options.folds; ++fold) {
    run.report("learn from dialogues", static_cast<std::size_t>(fold), static_cast<std::size_t>(options.folds) + 1);
    Ranker one;
    if (!options.without_past) one.past_ = past_without(fold);
    lesson.of_fold.push_back(std::move(one));
  }
  for (const std::string& name : lesson.of_fold[0].names(view))
    if (!is_left_out(name, options.without)) lesson.names.push_back(name);

  std::vector<double> weights;
  for (const std::string& name : lesson.names) weights.push_back(first_weight(name));
  run.report("weigh figures", 0, 0);
  weights = fit_weights(examples_of(lesson, weights, false), weights, options.ridge, run);
  Ranker ranker;
  ranker.candidates_ = options.candidates;
  for (std::size_t f = 0; f < weights.size(); ++f) ranker.weights_.emplace_back(lesson.names[f], weights[f]);
  if (options.rounds > 0) ranker.trees_ = grow_trees(examples_of(lesson, weights, true), tree_columns(lesson.names), options, run);
  if (!options.without_past) ranker.past_ = past_without(-1);
  return ranker;
}

}  // namespace attune::talk::ranking
