// Small worlds for the tests of evaluation: a catalogue, who took what, and cases written down by hand.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "attune/data/split.h"

namespace attune::eval {

inline std::vector<ItemId> ids(const std::vector<unsigned>& numbers) {
  std::vector<ItemId> list;
  for (const unsigned n : numbers) list.push_back(ItemId{n});
  return list;
}

inline std::shared_ptr<const data::Catalogue> catalogue_of(std::size_t items, std::size_t users) {
  std::vector<data::CatalogueItem> list;
  for (std::size_t i = 0; i < items; ++i) list.push_back({.name = "i" + std::to_string(i)});
  std::vector<std::string> names;
  for (std::size_t u = 0; u < users; ++u) names.push_back("u" + std::to_string(u));
  return std::make_shared<const data::Catalogue>(std::move(list), std::move(names));
}

// taken[u] = items of user u, one a day.
inline data::Dataset dataset_of(std::size_t items, const std::vector<std::vector<unsigned>>& taken, std::int64_t step_ms = 86400000) {
  std::vector<std::vector<data::HistoryRow>> rows;
  for (const auto& user : taken) {
    rows.emplace_back();
    for (const unsigned item : user) rows.back().push_back({.touch = {ItemId{item}, 1, step_ms * static_cast<std::int64_t>(rows.back().size() + 1)}});
  }
  return data::Dataset(catalogue_of(items, taken.size()), std::move(rows));
}

struct Question {
  std::vector<unsigned> input, seen, targets;
};
// Users 0, 1, 2, ... are asked these; the training data are their inputs.
inline data::Split split_of(std::size_t items, const std::vector<Question>& questions) {
  std::vector<std::vector<unsigned>> taken;
  for (const Question& q : questions) taken.push_back(q.input);
  data::Split split{.train = std::make_shared<const data::Dataset>(dataset_of(items, taken)), .name = "by hand"};
  for (std::size_t u = 0; u < questions.size(); ++u) {
    data::Case asked{.user = user_at(u), .seen = ids(questions[u].seen), .targets = ids(questions[u].targets)};
    for (const unsigned item : questions[u].input) asked.input.push_back({.item = ItemId{item}});
    split.cases.push_back(std::move(asked));
  }
  return split;
}

}  // namespace attune::eval
