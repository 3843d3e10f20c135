// Cold items: how well models place items that nobody has taken yet, and what that costs those who look for known items.
// Models learn without the hidden items; each hidden item then comes as it would in service, by its text, and is scored by
// Recommender::column() or item_vector(). Both sides are shown: among the new, among all, and the loss on known items.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "attune/eval/evaluate.h"
#include "attune/eval/table.h"

namespace attune::eval {

// A model to be fitted on the known items.
struct ModelContender {
  std::string name;
  std::function<std::shared_ptr<const model::Recommender>(const data::Dataset& train, const Run& run)> fit;
  std::string settings = {};
};

struct ColdItemsOptions {
  Json split = Json::object();             // settings of the split cold_items
  data::Part part = data::Part::test;
  std::size_t users = 0;                   // who look for known items: at most so many, drawn by run.seed; 0 = all
  EvalOptions eval;
  std::string figure = "ndcg@10";
  double allowed_loss = 0.01;              // share of the figure on known items that may be lost to new ones
  // A new item's score is lifted above the mean of the known ones: mean + lift x (score - mean). The lift is chosen on the
  // validation part: the best figure among all within allowed_loss, first of these, then between the highest allowed and the lowest
  // forbidden one. One lift given: that one is taken.
  std::vector<double> lifts = {0.25, 0.5, 1, 2, 4, 8, 16};
  std::size_t halvings = 4;                // of the gap between the two, by their geometric mean: within 4.5 %
};

struct ColdItemsRow {
  std::string model, settings;
  bool places_new_items = false;           // false: the model knows nothing of a new item; all of them stand last, alike
  double fit_seconds = 0;
  double lift = 1;
  Evaluation among_cold;                   // users whose next item is hidden, ranked among the hidden
  Evaluation among_all;                    // the same among all items, with the lift
  Evaluation among_all_natural;            // the same without it
  Evaluation warm_alone;                   // users whose next item is known, ranked among the known
  Evaluation warm;                         // the same among all items, with the lift
  double warm_loss(const std::string& figure) const;   // 1 - warm / warm_alone
};

struct ColdItemsReport {
  std::string split, figure;
  std::size_t cold_items = 0, known_items = 0, cold_users = 0, warm_users = 0, events = 0;
  std::vector<ColdItemsRow> rows;
  Table table() const;
  Json to_json() const;
};

// Throws Error: bad_data when nobody's next item is hidden, and what fit throws, with the contender's name in front.
ColdItemsReport judge_cold_items(const data::Dataset& data, const std::vector<ModelContender>& contenders, const ColdItemsOptions& options,
                                 const Run& run);

}  // namespace attune::eval
