// Linear model: score = input x W. The one form that EASE, SLIST and item-kNN share once they are fitted: exact to explain
// (the share of history item i in item j is input_i * W_ij), follows the history at once, takes a new item as one column.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/sparse.h"
#include "attune/model/recommender.h"
#include "attune/model/score_parts.h"
#include "attune/model/text_neighbours.h"
#include "attune/model/text_ridge.h"

namespace attune::model {

// How a history becomes the input row. The newest place has age 0; touches that are joined share a place.
struct InputRule {
  float decay = 1;      // a touch weighs its own weight x decay^age
  int window = 0;       // places further back than this count nothing; 0 = the whole history
  bool latest = false;  // true: of several touches of one item only the newest counts (a set); false: they add up
};

// What each touch weighs [history.size()]. Linear in the touches' weights, so a touch whose weight becomes 0 takes away its
// own share and nothing else; touches of negative weight (dislikes) subtract.
std::vector<float> touch_weights(const InputRule& rule, std::span<const Touch> history);
// The same gathered by item: one pair an item whose touches count, newest first.
std::vector<Scored> input_row(const InputRule& rule, std::span<const Touch> history);

// Everything a linear model is made of. Either `dense` [items, items] or `sparse` (rows ascending) holds W;
// row i = what one touch of item i adds to every item.
struct LinearParts {
  std::string name;
  Json settings;
  InputRule input;
  Matrix dense;
  Sparse sparse;
  std::optional<ScoreParts> parts;             // to tell behaviour and texts apart in explanations
  std::optional<TextNeighbours> neighbours;    // to place new items ...
  std::optional<TextRidge> ridge;              // ... and beside them
};
std::unique_ptr<const Recommender> make_linear(LinearParts parts);
// Fills neighbours and, for a dense W, ridge, from the encoders that `text` names (commas between; empty = all). While run.memo is there
// (many fits one after the other, to choose settings) no ridge is made: it costs time and moves no known item.
void place_new_items(LinearParts& parts, const data::Dataset& data, std::string_view text, const Run& run);
std::unique_ptr<const Recommender> load_linear(ByteReader& in);

// Throws Error: bad_request naming `model` unless 0 < decay <= 1 and window >= 0.
void check_input(float decay, int window, std::string_view model);

// Throws NeedsMoreMemory when fitting `what` over this many items takes more than run.memory_bytes: says what it needs.
void require_memory(std::size_t needed_bytes, std::size_t item_count, std::string_view what, const Run& run);

}  // namespace attune::model
