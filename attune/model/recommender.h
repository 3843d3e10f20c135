// Recommender: a fitted model. Born fitted, const ever after, safe from any thread.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/explanation.h"
#include "attune/core/json.h"
#include "attune/core/matrix.h"
#include "attune/core/params.h"
#include "attune/core/progress.h"
#include "attune/core/types.h"
#include "attune/data/dataset.h"

namespace attune::model {

// A question to a model. Views, good for the call only.
struct Query {
  std::span<const Touch> history = {};     // oldest first; ids below item_count(); may be empty; repeats allowed
  std::span<const ItemId> exclude = {};    // left out by recommend(); any order
  int k = 10;
  std::optional<UserId> user = {};         // who asks, if known: models that learned something of that user beside the history may use it
  std::int64_t now_ms = 0;                 // moment of the question; 0 = just after the last touch
};

// An item that was not there at fit time: its features by encoder name, each [dim] dense or a sparse row.
struct NewItem {
  struct Row {
    std::vector<float> dense;
    std::vector<std::uint32_t> indices;  // sparse: ascending, with values
    std::vector<float> values;
  };
  std::map<std::string, Row, std::less<>> features;
};

class Recommender {
 public:
  virtual ~Recommender() = default;

  virtual std::string name() const = 0;            // as in plugins.def
  virtual std::size_t item_count() const = 0;

  // Scores how well each of `items` suits `query`.
  //   items  [n]  ids in 0..item_count()-1; repeats allowed
  //   out    [n]  filled in the same order; finite; higher is better; no unit
  // An empty history is not an error: the model answers with what it has (zeros, or popularity).
  // Throws Error: bad_request if out.size() != items.size() or an id is out of range. Safe to call from many threads.
  virtual void score(const Query& query, std::span<const ItemId> items, std::span<float> out) const = 0;
  // The same for every item in id order: out [item_count()]. Default: score over all ids; linear models do better.
  virtual void score_all(const Query& query, std::span<float> out) const;
  // Scores, leaves out query.exclude, keeps the k best. Written once.
  std::vector<Scored> recommend(const Query& query) const;

  // The score of `item` taken apart: parts sum to what score() gives, within float rounding.
  // Leaf names: "item:ID" (dense id of the history item), "text:ENCODER", "popularity", "rest". Default: one leaf.
  virtual Explanation explain(const Query& query, ItemId item) const;
  // Share of each touch in the score of each of `items`, for models whose score is a sum over the history:
  // out [items, history]; rows sum to score() minus what does not depend on the history. nullopt: the score is no such sum.
  // Linear models: setting a touch's weight to 0 (it keeps its place) takes away exactly its share.
  virtual std::optional<Matrix> contributions(const Query& query, std::span<const ItemId> items) const;

  // One row an item, if an index can serve this model: score = inner product with query_vector().
  virtual std::optional<MatrixView> item_vectors() const { return std::nullopt; }
  virtual std::optional<std::vector<float>> query_vector(const Query&) const { return std::nullopt; }

  // An unseen item's weights over the known ones [item_count()]: its score is sum over touches of input weight x weight.
  // nullopt: the model has no such column, or the item has no features it knows.
  virtual std::optional<std::vector<float>> column(const NewItem& item) const;
  // An unseen item's row of item_vectors(): its score is its inner product with query_vector(). Models that have vectors
  // answer this, models that are a sum over the history answer column(); some answer neither.
  // nullopt: no vectors, or the item has no features the model knows.
  virtual std::optional<std::vector<float>> item_vector(const NewItem&) const { return std::nullopt; }
  // The history as the model weighs it, one pair an item it uses (decay, window, normalising): what a column is multiplied with.
  virtual std::vector<Scored> input(const Query& query) const;

  virtual std::size_t size_bytes() const = 0;
  virtual Json settings() const = 0;               // the params it was fitted with
  virtual void save(ByteWriter& out) const = 0;    // load_NAME reads it back
};

// Throws what score() must throw: Error: bad_request when the lengths differ or an id (of an item or in the history) is
// out of range. Models call it first.
void check_score_arguments(std::size_t item_count, const Query& query, std::span<const ItemId> items,
                           std::span<const float> out);

// A model plug-in NAME is one file attune/model/NAME.cpp with these three functions and one line in attune/plugins.def:
//   std::unique_ptr<const Recommender> fit_NAME(const data::Dataset& data, const Json& params, const Run& run);
//   std::unique_ptr<const Recommender> load_NAME(ByteReader& in);
//   std::vector<Setting> settings_NAME();                  // settings_of<Params>()
// fit throws Error: bad_request (settings), bad_data (nothing to learn from), cancelled; it keeps to run.memory_bytes or
// says, by Error: bad_request, what it would need.

}  // namespace attune::model
