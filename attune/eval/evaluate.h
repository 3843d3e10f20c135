// Evaluation: ranks the whole catalogue for every case of a split and measures how well the targets stand.
// Full ranking, no sampling. Ties by expected place, so a model that scores everything the same gets what chance gives.
// Cost: scoring, then about 30 us a user for 12,000 items; O(items) scratch a thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/place.h"
#include "attune/core/progress.h"
#include "attune/core/types.h"
#include "attune/data/split.h"
#include "attune/model/recommender.h"

namespace attune::eval {

// Fills the score of every item (span of item_count() floats, all finite). Called from many threads.
using ScoreFn = std::function<void(const data::Case& asked, std::span<float> scores)>;
// The list that would be shown, best first, no repeats: pipelines with filters and diversity. A target that is not in it
// is a miss. Called from many threads.
using ListFn = std::function<std::vector<ItemId>(const data::Case& asked)>;

// What weight (stars) an event of the case's user with each item would have. Called from many threads.
using RateFn = std::function<void(const data::Case& asked, std::span<const ItemId> items, std::span<float> ratings)>;

// What is judged: exactly one of scores and list is set.
struct Answerer {
  ScoreFn scores = {};
  ListFn list = {};
  RateFn ratings = {};           // of models that foretell ratings too
  Json settings = {};            // what was fitted, in full; null = not told
};
// A fitted model as an answerer: score_all on the case's input, and its ratings if it is a model::Rater.
Answerer answers_of(std::shared_ptr<const model::Recommender> model);

// Weighing of held-out events against exposure bias (eval/debias.h).
struct Debias {
  float power = 0;                         // propensity = (users who took the item / most)^power; 0 = no such figures
  float clip = 0.01f;                      // least propensity that is believed
  std::vector<float> known = {};           // [items] where propensities are known; then power is not read
  bool is_asked() const noexcept { return power > 0 || !known.empty(); }
};

struct EvalOptions {
  std::vector<int> ks = {5, 10, 20};
  std::vector<std::string> metrics = {};   // names without "@k"; empty = all
  int bootstrap = 1000;                    // resamples of users for the intervals; 0 = none
  double confidence = 0.95;
  bool segments = true;                    // by popularity of the target and length of the history
  const data::ItemFeatures* vectors = nullptr;  // for intra-list diversity; nullptr: not measured
  Debias debias = {};                      // also figures "debiased_..."
  const data::Dataset* rated = nullptr;    // what was split, for "rmse", "mae", ... of answerers with ratings; nullptr: not measured
  // Fixed candidates of a case (its targets are always among them); empty = the whole catalogue. For comparing with
  // published figures on sampled candidates only: orderings of models can flip (Krichene and Rendle, KDD 2020).
  std::function<std::span<const ItemId>(const data::Case&)> candidates = {};
};

// One measured figure.
struct Figure {
  std::string name;             // "ndcg@10", "auc"
  double mean = 0;
  double sd = 0;                // over users; 0 for figures about all lists together
  double low = 0, high = 0;     // interval by bootstrap over users; equal to mean when has_interval is false
  bool has_interval = false;
  std::size_t n = 0;            // users the mean is over
  friend bool operator==(const Figure&, const Figure&) = default;
};

// The same figures for a part of the cases. Of a case with several targets only those of the segment count.
struct Segment {
  std::string kind;             // "target popularity", "history length"
  std::string name;             // "head", "10-19"
  std::string about;            // "the 310 most taken items, a third of all events"
  std::size_t n = 0;            // users
  std::vector<Figure> figures;
  const Figure* find(std::string_view figure) const noexcept;   // nullptr when it was not measured
};

struct Evaluation {
  std::string split;                    // Split::name
  std::size_t users = 0;                // judged
  std::size_t users_without_targets = 0;  // dropped
  std::size_t items = 0;                // in the catalogue
  std::vector<Figure> figures;
  std::vector<Segment> segments;
  double seconds = 0;                   // scoring and measuring, wall
  double microseconds_per_user = 0;     // of one thread, scoring and ranking
  std::size_t peak_rss_bytes = 0;       // of the process, since the evaluation began where the system tells

  // Per user, for paired comparisons: values[u * names.size() + m]; NaN = not defined. Users in the order of the cases.
  std::vector<std::string> names;       // of the figures that are means over users
  std::vector<double> values;
  std::vector<UserId> who;              // [users]

  // nullptr when nothing by that name was measured.
  const Figure* find(std::string_view name) const noexcept;
  // The mean; throws Error: not_found naming what was measured.
  double at(std::string_view name) const;
  Json to_json() const;                 // everything but the per-user values
};

// Throws Error: bad_data when a score is not finite (naming the user and the item), a list repeats an item or has an
// unknown one; bad_request for unknown metrics or k < 1; cancelled. Cases without targets are dropped and counted.
Evaluation evaluate(const data::Split& split, const Answerer& answerer, const EvalOptions& options, const Run& run);

// Only the places of each case's targets: what learning to fuse or to tune needs. [cases][targets], order of the case.
std::vector<std::vector<Place>> target_places(const data::Split& split, const ScoreFn& scores, const Run& run);

}  // namespace attune::eval
