// Dataset: the log up to a point, as models see it: immutable sparse rows, both ways round, and what is known of items.
// Histories are oldest first: by time, then by place in the log (file order), so ties in time keep a stable order.
// Safe from any thread.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/sparse.h"
#include "attune/core/types.h"
#include "attune/data/case.h"
#include "attune/data/catalogue.h"
#include "attune/data/event_type.h"
#include "attune/data/store.h"

namespace attune::data {

// What an encoder says of the items: one row an item, dense (sentence vectors) or sparse (TF-IDF).
struct ItemFeatures {
  Matrix dense;   // [items, dim] or empty
  Sparse sparse;  // [items, vocabulary] or empty
  bool is_sparse() const noexcept { return dense.empty(); }
};

// One event of a history with what evaluation needs beside the touch.
struct HistoryRow {
  Touch touch;
  std::uint32_t session = 0;   // same number = same basket or visit; 0 = not known
  bool hides = true;           // seen: left out of lists
};

// The histories of all users in one row: user u has places offsets[u]..offsets[u+1]-1 of the three other arrays.
struct Histories {
  std::vector<std::uint64_t> offsets = {0};  // [users + 1]
  std::vector<Touch> touches;                // oldest first within a user
  std::vector<std::uint32_t> sessions;       // [touches] as HistoryRow
  std::vector<std::uint8_t> hides;           // [touches]
  void push_back(const HistoryRow& row) {
    touches.push_back(row.touch);
    sessions.push_back(row.session);
    hides.push_back(row.hides ? 1 : 0);
  }
  void end_user() { offsets.push_back(touches.size()); }
};

class Dataset {
 public:
  // rows[u] = history of user u, oldest first. Items of rows are ids of the catalogue. Users of the catalogue beyond the
  // rows have empty histories. Throws Error: internal for an item that is not in the catalogue or a history out of order.
  Dataset(std::shared_ptr<const Catalogue> catalogue, std::vector<std::vector<HistoryRow>> rows, Sequence until = 0);
  // The same without copying: for millions of events.
  Dataset(std::shared_ptr<const Catalogue> catalogue, Histories histories, Sequence until = 0);

  std::size_t user_count() const noexcept { return histories_.offsets.size() - 1; }
  std::size_t item_count() const noexcept { return catalogue_->item_count(); }
  std::size_t event_count() const noexcept { return histories_.touches.size(); }
  const Catalogue& catalogue() const noexcept { return *catalogue_; }
  std::shared_ptr<const Catalogue> shared_catalogue() const noexcept { return catalogue_; }
  Sequence until() const noexcept { return until_; }           // last event of the log in here
  std::int64_t newest_ms() const noexcept { return newest_ms_; }  // time of the newest event; 0 = none

  // Every event in order, repeats included; weight 0 and negative weights included.
  std::span<const Touch> history(UserId user) const;
  std::span<const std::uint32_t> sessions(UserId user) const;  // [same length]
  std::span<const std::uint8_t> hides(UserId user) const;      // [same length] 1 = hides the item
  // Distinct items with a positive total weight: X [users, items], rows ascending, values = that weight.
  const Sparse& interactions() const noexcept { return interactions_; }
  // The same the other way round: X' [items, users].
  const Sparse& audience() const noexcept { return audience_; }
  // Users who took the item (positive weight). [items]
  std::span<const std::uint32_t> popularity() const noexcept { return popularity_; }

  // Features by encoder name, or nullptr.
  const ItemFeatures* features(std::string_view encoder) const;
  // Attach before handing the dataset to a model; with held_out the only change after birth, returns *this for chaining.
  Dataset& with_features(std::string encoder, std::shared_ptr<const ItemFeatures> features);
  // Cases of the validation part that a model may judge itself by while it trains (to stop early), never learn from. May be empty.
  std::span<const Case> held_out() const noexcept { return held_out_ == nullptr ? std::span<const Case>() : std::span<const Case>(*held_out_); }
  Dataset& with_held_out(std::shared_ptr<const std::vector<Case>> cases);
  const std::map<std::string, std::shared_ptr<const ItemFeatures>, std::less<>>& all_features() const noexcept { return features_; }

 private:
  std::shared_ptr<const Catalogue> catalogue_;
  Histories histories_;
  Sparse interactions_, audience_;
  std::vector<std::uint32_t> popularity_;
  std::map<std::string, std::shared_ptr<const ItemFeatures>, std::less<>> features_;
  std::shared_ptr<const std::vector<Case>> held_out_;
  Sequence until_ = 0;
  std::int64_t newest_ms_ = 0;
};

struct BuildOptions {
  EventTypes types;
  Sequence until = 0;          // 0 = the whole log
  std::int64_t now_ms = 0;     // for half-lives; 0 = the time of the newest event
  // The same item twice in one session counts once (repeat lines of an invoice): its first place is kept, with the
  // strongest weight of the session and hidden if any of them hides.
  bool collapse_sessions = false;
};
// Reads the store into a dataset. Items are numbered in the order of their records, then of first event; users in the
// order of first event, then records. Items with events but no record get an empty text.
// Cost: one pass over the log; 25 bytes an event while reading, 21 + 16 a distinct pair after.
Dataset build(const Store& store, const BuildOptions& options);

}  // namespace attune::data
