// Learning a ranker: every training question gets its figures from dialogues of the other folds, weights come from a softmax over the
// items (each new item named is one draw), trees from LambdaMART on what the weights leave in doubt.
// Cost: the figures of every question twice, an EASE a fold, the trees: some 2 minutes for 1,550 dialogues over 6,576 films on two cores.
#include "attune/talk/ranking/learn.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <map>

#include "attune/core/error.h"
#include "attune/core/parallel.h"
#include "attune/core/random.h"
#include "attune/core/top_k.h"
#include "attune/rank/scores.h"
#include "attune/talk/ranking/ranker.h"

namespace attune::talk::ranking {

rank::Scale scale_of_row(std::span<const float> figures) { return rank::scale_of(figures); }

std::vector<std::string> tree_columns(const std::vector<std::string>& names) {
  std::vector<std::string> columns;
  for (const std::string& name : names) columns.push_back("z:" + name);
  for (const std::string& name : names) columns.push_back("raw:" + name);
  columns.insert(columns.end(), {"turns", "named"});
  return columns;
}

Matrix tree_rows(const std::vector<std::string>& names, const Matrix& figures, const Heard& heard, std::span<const ItemId> items,
                 const std::vector<std::string>& columns) {
  std::map<std::string, std::size_t, std::less<>> at;
  for (std::size_t f = 0; f < names.size(); ++f) at[names[f]] = f;
  Matrix rows(items.size(), columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::size_t colon = columns[c].find(':');
    const std::string kind = columns[c].substr(0, colon);
    if (kind == "turns" || kind == "named") {
      const auto count = static_cast<float>(kind == "turns" ? heard.turns.size() : heard.named.size());
      for (std::size_t i = 0; i < items.size(); ++i) rows(i, c) = count;
      continue;
    }
    const auto figure = at.find(columns[c].substr(colon + 1));
    const rank::Scale scale = figure == at.end() || kind == "raw" ? rank::Scale{} : scale_of_row(figures.row(figure->second));
    for (std::size_t i = 0; i < items.size(); ++i)
      rows(i, c) = figure == at.end() ? std::numeric_limits<float>::quiet_NaN()
                   : scale.sd == 0    ? 0.0f
                                      : static_cast<float>((figures(figure->second, to_index(items[i])) - scale.mean) / scale.sd);
  }
  return rows;
}

bool is_left_out(const std::string& name, const std::vector<std::string>& without) {
  return std::any_of(without.begin(), without.end(), [&](const std::string& one) {
    return one == name || (one.ends_with('*') && name.starts_with(one.substr(0, one.size() - 1)));
  });
}

namespace {

// A training question: the items to order, their figures on one scale, which are wanted.
struct Example {
  std::vector<ItemId> items;
  Matrix z;                    // [items, figures]
  Matrix rows;                 // for trees [items, columns]; empty while weights are learned
  std::vector<float> weighed;  // [items]
  std::vector<float> wanted;   // [items] 1 or 0
};

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

// Least mean over the items wanted of -ln softmax(z w) + ridge/2 |w|^2, by gradient steps with a step length of their own (RMSProp).
std::vector<double> fit_weights(const std::vector<Example>& examples, std::vector<double> w, double ridge, const Run& run) {
  constexpr int kEpochs = 12, kBatch = 100;
  std::vector<double> gradient(w.size()), square(w.size(), 0.0), mean(w.size(), 0.0);
  std::vector<std::size_t> order(examples.size());
  for (std::size_t q = 0; q < order.size(); ++q) order[q] = q;
  Random random(run.seed);
  std::size_t averaged = 0;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    run.check();
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    for (std::size_t first = 0; first < order.size(); first += kBatch) {
      std::fill(gradient.begin(), gradient.end(), 0.0);
      double draws = 0;
      for (std::size_t o = first; o < std::min(first + kBatch, order.size()); ++o) {
        const Example& example = examples[order[o]];
        if (example.items.empty()) continue;
        std::vector<double> chance(example.items.size());
        double most = -INFINITY, sum = 0, wanted = 0;
        for (std::size_t i = 0; i < chance.size(); ++i) {
          for (std::size_t f = 0; f < w.size(); ++f) chance[i] += w[f] * example.z(i, f);
          most = std::max(most, chance[i]);
        }
        for (double& c : chance) sum += c = std::exp(c - most);
        for (const float y : example.wanted) wanted += y;
        for (std::size_t i = 0; i < chance.size(); ++i) {
          const double error = wanted * chance[i] / sum - example.wanted[i];
          for (std::size_t f = 0; f < w.size(); ++f) gradient[f] += error * example.z(i, f);
        }
        draws += wanted;
      }
      const double rate = 0.02 / (1 + 0.5 * epoch);
      for (std::size_t f = 0; f < w.size(); ++f) {
        const double g = gradient[f] / std::max(draws, 1.0) + ridge * w[f];
        square[f] = 0.95 * square[f] + 0.05 * g * g;
        w[f] -= rate * g / (std::sqrt(square[f]) + 1e-6);
      }
      if (epoch + 3 < kEpochs) continue;
      ++averaged;
      for (std::size_t f = 0; f < w.size(); ++f) mean[f] += (w[f] - mean[f]) / static_cast<double>(averaged);   // the last epochs' mean: steps are noisy
    }
  }
  return averaged > 0 ? mean : w;
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

// What figures weigh before anything is learned: enough to bring the wanted items among the candidates.
double first_weight(const std::string& name) {
  static const std::map<std::string, double> first = {{"language", 0.125}, {"language_last", 0.05}, {"words", 0.1}, {"words_last", 0.05}, {"title", 0.075}, {"takers", 0.25},
                                                     {"recommended", 0.3}, {"mentioned", 0.3}, {"lately", 0.2}, {"together", 1}, {"together_closed", 0.5}, {"together_last", 0.3},
                                                     {"alike", 0.7}, {"alike_language", 0.4}, {"told", 0.4}};
  const auto at = first.find(name);
  if (at != first.end()) return at->second;
  if (name.starts_with("called:")) return 0.4;
  if (name.starts_with("named:")) return 0.2;
  if (name.starts_with("model:") && name != "model:popularity") return 0.15;
  return name.starts_with("shared:") ? 0.125 : name.starts_with("near:") ? 0.05 : 0;
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
  if (options.rounds > 0) {
    run.report("grow trees", 0, 0);
    std::vector<Example> examples = examples_of(lesson, weights, true);
    const std::vector<std::string> columns = tree_columns(lesson.names);
    const rank::Stacker::Lists lists = lists_of(examples, columns.size());
    if (!lists.sizes.empty())
      ranker.trees_ = std::make_shared<const rank::Stacker>(
          rank::Stacker::learn(columns, lists, 1, {.rounds = options.rounds, .depth = options.depth, .eta = options.eta, .min_weight = 5}, run));
  }
  if (!options.without_past) ranker.past_ = past_without(-1);
  return ranker;
}

}  // namespace attune::talk::ranking
