// Recommender: what every model answers alike: the list of the k best, and the plain answers of models that know no better.
#include "attune/model/recommender.h"

#include <string>

#include "attune/core/top_k.h"

namespace attune::model {

void check_score_arguments(std::size_t item_count, const Query& query, std::span<const ItemId> items,
                           std::span<const float> out) {
  if (out.size() != items.size())
    throw Error(Code::bad_request, "room for " + std::to_string(out.size()) + " scores, but " + std::to_string(items.size()) +
                                       " items to score; the two must be of one length");
  for (const ItemId item : items)
    if (to_index(item) >= item_count)
      throw Error(Code::bad_request, "item id " + std::to_string(to_index(item)) + " is not known to this model (it has " +
                                         std::to_string(item_count) + " items)");
  for (const Touch& touch : query.history)
    if (to_index(touch.item) >= item_count)
      throw Error(Code::bad_request, "history item id " + std::to_string(to_index(touch.item)) +
                                         " is not known to this model (it has " + std::to_string(item_count) + " items)");
}

void Recommender::score_all(const Query& query, std::span<float> out) const {
  if (out.size() != item_count())
    throw Error(Code::bad_request, "room for " + std::to_string(out.size()) + " scores, but the model has " +
                                       std::to_string(item_count()) + " items");
  std::vector<ItemId> items(item_count());
  for (std::size_t i = 0; i < items.size(); ++i) items[i] = item_at(i);
  score(query, items, out);
}

std::vector<Scored> Recommender::recommend(const Query& query) const {
  if (query.k < 0) throw Error(Code::bad_request, "k must be 0 or more, got " + std::to_string(query.k));
  std::vector<float> scores(item_count());
  score_all(query, scores);
  return top_k(scores, static_cast<std::size_t>(query.k), query.exclude);
}

Explanation Recommender::explain(const Query& query, ItemId item) const {
  float value = 0;
  score(query, {&item, 1}, {&value, 1});
  return {.what = "model:" + name(), .value = value};
}

std::optional<Matrix> Recommender::contributions(const Query&, std::span<const ItemId>) const { return std::nullopt; }

std::optional<std::vector<float>> Recommender::column(const NewItem&) const { return std::nullopt; }

std::vector<Scored> Recommender::input(const Query& query) const {
  std::vector<Scored> pairs;
  for (const Touch& touch : query.history) {
    bool is_known = false;
    for (Scored& pair : pairs)
      if (pair.item == touch.item) {
        pair.score += touch.weight;
        is_known = true;
      }
    if (!is_known) pairs.push_back({touch.item, touch.weight});
  }
  return pairs;
}

}  // namespace attune::model
