// Protocol: models judged side by side on one split, with the rows and controls that keep the figures honest.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/data/split.h"
#include "attune/eval/calibration.h"
#include "attune/eval/compare.h"
#include "attune/eval/evaluate.h"
#include "attune/eval/table.h"
#include "attune/model/recommender.h"

namespace attune::eval {

// Something to be judged: fitted on the training part, then asked. `fit` may also build a pipeline.
struct Contender {
  std::string name;
  std::function<Answerer(const data::Dataset& train, const Run& run)> fit;
  std::string settings = {};     // shown beside it
  bool is_trivial = false;       // popularity and its like: always shown, to show what is easy
};
// A model plug-in with its settings.
Contender contender(std::string name, std::function<std::unique_ptr<const model::Recommender>(const data::Dataset&, const Json&, const Run&)> fit,
                    Json settings = Json::object());

// Popularity, and popularity with a half-life of a week: what a model must beat to be worth its cost.
std::vector<Contender> trivial_contenders();

// Makes a split of the dataset; one of data::split_NAME with its settings bound.
using SplitFn = std::function<data::Split(const data::Dataset& data, const data::SplitOptions& options, const Run& run)>;

struct ProtocolOptions {
  data::SplitOptions split;
  EvalOptions eval;
  bool shuffled_control = true;           // judge again with the order of tied times shuffled, where tied_share > 0
  bool trivial_rows = true;               // trivial_contenders() first, unless contenders of those names are there
  std::string compare_on = "ndcg@10";     // the best model against each other one; "" = no comparison
  std::size_t calibration_users = 0;      // how far scores can be read as chances, asked of so many users; 0 = not measured
};

// What a fit told about its learning, step by step (Run::record).
struct Curve {
  std::string series;                     // "sasrec/loss"
  std::vector<std::size_t> steps;
  std::vector<double> values;
};

struct Row {
  std::string model, settings;
  std::string control;           // "" or "shuffled": the order of tied times is random
  bool is_trivial = false;
  double fit_seconds = 0;
  std::size_t fit_peak_rss_bytes = 0;  // of the process, since the fit began where the system tells
  Evaluation evaluation;
  Json fitted;                         // settings in full, as the model tells them; null = it does not
  std::vector<Curve> curves;           // of the fit, in the order first told
  Calibration calibration;             // without bins: not measured
};

// How a table writes a figure: for people, one cell with half the interval's width; for programs, columns of whole numbers.
enum class Cells { text, numbers };

struct Report {
  std::string split;             // its name, with settings
  std::size_t users = 0, items = 0, events = 0, users_without_training = 0;
  double tied_share = 0;         // of cases whose first target has the time of the last input event: their order is not known
  double confidence = 0.95;
  std::size_t candidates = 0;    // so many items are ranked for each user; 0 = every item
  std::string split_hash;        // of who is asked what, by name: equal hashes = the same test, whatever the data set is called
  std::size_t targets = 0, repeated_targets = 0;   // of all cases; of them those that the user had touched before
  double shared_texts = 0;       // share of items whose text another item has too: a text model cannot tell them apart
  std::vector<Row> rows;
  std::vector<Comparison> comparisons;   // the best model against each other one, Holm-corrected

  // Models down, chosen figures across ("ndcg@10"; empty: a selection that fits a terminal of 100 columns).
  Table table(std::vector<std::string> figures = {}) const;
  // The same for programs: one number a cell ("ndcg@10", "ndcg@10 low", "ndcg@10 high"), no rounding; empty = every figure.
  Table data_table(std::vector<std::string> figures = {}) const;
  Table segment_table(const std::string& figure = "ndcg@10", Cells cells = Cells::text) const;  // segments down, models across; no controls
  Table comparison_table(Cells cells = Cells::text) const;
  std::string ranked() const;               // what was ranked for each user, in one sentence
  std::vector<std::string> notes() const;   // what must be known to read the figures
  Json to_json() const;
};

// Fits and judges each contender in turn; a control fits them again on its own split.
// Throws whatever fit throws, with the contender's name put in front; Error: bad_request for no contender, cancelled.
Report judge(const data::Dataset& data, const SplitFn& split, const std::vector<Contender>& contenders, const ProtocolOptions& options,
             const Run& run);

}  // namespace attune::eval
