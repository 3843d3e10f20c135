// Past, learning: names, counts, co-mentions, texts and what words call for, one function each.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "attune/core/error.h"
#include "attune/core/kernels.h"
#include "attune/core/linear_algebra.h"
#include "attune/talk/ranking/past.h"

namespace attune::talk::ranking {
namespace {

constexpr std::size_t kMostItems = 6000;       // EASE needs their square in memory, its inverse their cube in time: beyond, cosine alone
constexpr float kShrink = 2, kRidge = 3;       // not tuned
constexpr std::size_t kMostValues = 200;       // attributes with more values are too rare to learn words for
constexpr float kPrior = 10;                   // how many sayings of a word weigh as much as what is known without it

}  // namespace

void Past::learn_names(const View& view, const std::vector<Conversation>& conversations) {
  of_world_.assign(view.item_count(), 0);
  std::set<ItemId> named;
  for (const Conversation& conversation : conversations)
    for (const ItemId item : named_items(conversation)) named.insert(item);
  for (const ItemId item : named) {
    items_.push_back(view.world().item(item).name);
    of_world_[to_index(item)] = static_cast<std::uint32_t>(items_.size());
  }
  recommended_.assign(items_.size(), 0);
  mentioned_.assign(items_.size(), 0);
}

void Past::learn_together(const std::vector<Conversation>& conversations, const Run& run) {
  std::vector<std::map<std::uint32_t, float>> counts(items_.size());
  for (const Conversation& conversation : conversations) {
    const std::vector<ItemId> named = named_items(conversation);
    for (const ItemId a : named) {
      mentioned_[of_world_[to_index(a)] - 1] += 1;
      if (named.size() <= 200)   // who lists a whole catalogue says nothing of what goes with what
        for (const ItemId b : named) counts[of_world_[to_index(a)] - 1][of_world_[to_index(b)] - 1] += 1;
    }
  }
  together_.rows = together_.cols = items_.size();
  for (std::size_t a = 0; a < items_.size(); ++a) {
    for (const auto& [b, count] : counts[a]) {
      if (a == b) continue;
      together_.indices.push_back(b);
      together_.values.push_back(count / (std::sqrt(mentioned_[a] * mentioned_[b]) + kShrink));
    }
    together_.offsets.push_back(together_.indices.size());
  }
  if (items_.size() <= kMostItems && items_.size() * items_.size() * 8 < run.memory_bytes) return learn_closed(counts);
  run.remark("more than " + std::to_string(kMostItems) + " items were named in the dialogues: what goes together is learned by cosine alone");
}

void Past::learn_closed(const std::vector<std::map<std::uint32_t, float>>& counts) {
  const std::size_t n = items_.size();
  closed_ = Matrix(n, n);
  for (std::size_t a = 0; a < n; ++a) {
    for (const auto& [b, count] : counts[a]) closed_(a, b) = count;
    closed_(a, a) += kRidge;
  }
  invert_spd(closed_, "co-mentions of dialogues");
  std::vector<float> diagonal(n);
  for (std::size_t a = 0; a < n; ++a) diagonal[a] = closed_(a, a);
  for (std::size_t a = 0; a < n; ++a)
    for (std::size_t b = 0; b < n; ++b) closed_(a, b) = a == b ? 0 : -closed_(a, b) / diagonal[b];
}

void Past::learn_calls(const View& view, const std::vector<Question>& questions) {
  const std::size_t words = plain_.word_count();
  for (const WordAttribute& attribute : view.values().words()) {
    const std::size_t values = attribute.values.size();
    if (values > kMostValues || words == 0) continue;
    Calls calls{.attribute = attribute.name, .values = attribute.values, .lift = Matrix(words, values)};
    std::vector<double> said(words, 0), chance(values, 1e-4);
    for (std::size_t q = 0; q < questions.size(); ++q) {
      std::vector<float> have(values, 0);
      for (const ItemId item : questions[q].wanted)
        for (const std::uint32_t value : attribute.by_item.row_indices(to_index(item))) have[value] += 1 / static_cast<float>(questions[q].wanted.size());
      for (std::size_t v = 0; v < values; ++v) chance[v] += have[v] / static_cast<double>(questions.size());
      for (const std::uint32_t word : plain_.rows().row_indices(q)) {
        said[word] += 1;
        axpy(1, have, calls.lift.row(word));
      }
    }
    for (std::size_t w = 0; w < words; ++w)
      for (std::size_t v = 0; v < values; ++v)
        calls.lift(w, v) = static_cast<float>(std::log((calls.lift(w, v) + kPrior * chance[v]) / ((said[w] + kPrior) * chance[v])));
    calls_.push_back(std::move(calls));
  }
}

void Past::learn_when(const std::vector<Conversation>& conversations, std::span<const std::size_t> places) {
  std::vector<std::vector<std::uint32_t>> told_in(items_.size());
  for (std::size_t c = 0; c < conversations.size(); ++c)
    for (const ItemId item : named_items(conversations[c])) told_in[of_world_[to_index(item)] - 1].push_back(static_cast<std::uint32_t>(places[c]));
  end_ = places.empty() ? 0 : places.back() + 1;
  told_in_.rows = items_.size();
  told_in_.cols = end_;
  for (const auto& row : told_in) {
    told_in_.indices.insert(told_in_.indices.end(), row.begin(), row.end());
    told_in_.values.resize(told_in_.indices.size(), 1.0f);
    told_in_.offsets.push_back(told_in_.indices.size());
  }
}

void Past::learn_recommended(const std::vector<Question>& questions) {
  recommended_after_.rows = questions.size();
  recommended_after_.cols = items_.size();
  for (const Question& question : questions) {
    std::set<std::uint32_t> wanted;
    for (const ItemId item : question.wanted) wanted.insert(of_world_[to_index(item)] - 1);
    for (const std::uint32_t item : wanted) {
      recommended_[item] += 1;
      recommended_after_.indices.push_back(item);
      recommended_after_.values.push_back(1);
    }
    recommended_after_.offsets.push_back(recommended_after_.indices.size());
  }
}

void Past::learn_texts(std::span<const Heard* const> heard, const Run& run) {
  std::vector<std::string> texts, plain;
  for (const Heard* one : heard) {
    texts.push_back(one->text);
    plain.push_back(one->plain);
  }
  texts_ = TextIndex::build(texts, {.pairs = true, .least = 2, .common = 0.25}, run);
  plain_ = TextIndex::build(plain, {.pairs = false, .least = 3, .common = 0.4}, run);
  std::vector<std::map<std::uint32_t, double>> told(items_.size());
  for (std::size_t q = 0; q < heard.size(); ++q)
    for (const std::uint32_t item : recommended_after_.row_indices(q))
      for (std::size_t k = 0; k < plain_.rows().row_size(q); ++k)
        told[item][plain_.rows().row_indices(q)[k]] += plain_.rows().row_values(q)[k];
  for (const auto& row : told) {
    double sum = 0;
    for (const auto& [word, weight] : row) sum += weight * weight;
    told_lengths_.push_back(static_cast<float>(std::sqrt(sum)));
  }
}

void Past::learn_language(std::span<const Heard* const> heard) {
  for (const auto& [name, row] : heard[0]->read.features)
    if (encoder_.empty() && !row.dense.empty()) encoder_ = name;
  if (encoder_.empty()) return;
  language_ = Matrix(heard.size(), dense_of(heard[0]->read, encoder_)->size());
  for (std::size_t q = 0; q < heard.size(); ++q)
    if (const auto* row = dense_of(heard[q]->read, encoder_)) std::copy(row->begin(), row->end(), language_.row(q).begin());
}

Past Past::learn(const View& view, const std::vector<Conversation>& conversations, const std::vector<Question>& questions,
                 std::span<const Heard* const> heard, std::span<const std::size_t> places, const Run& run) {
  if (questions.empty()) throw Error(Code::bad_data, "no turn of the dialogues recommends an item of this catalogue that was not named before: nothing to learn from");
  ATTUNE_ASSERT(heard.size() == questions.size(), "what was said before each question");
  ATTUNE_ASSERT(places.size() == conversations.size(), "one place a conversation");
  Past past;
  past.dialogues_ = conversations.size();
  past.learn_names(view, conversations);
  past.learn_together(conversations, run);
  past.learn_when(conversations, places);
  past.learn_recommended(questions);
  past.learn_texts(heard, run);
  past.learn_language(heard);
  past.learn_calls(view, questions);
  past.of_world_.clear();
  past.name_rows();
  return past;
}

}  // namespace attune::talk::ranking
