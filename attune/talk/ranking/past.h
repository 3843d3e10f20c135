// Past: what dialogues of the past say about the one at hand: which items are named and recommended, which come up together, what
// was recommended after texts like this one, which values words call for. The part that is learned from dialogues.
// Source: item-kNN, Sarwar et al. 2001; EASE, Steck 2019; TF-IDF neighbours. Cost: O(items named^3) to build (EASE), see kMostItems.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "attune/core/bytes.h"
#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/core/sparse.h"
#include "attune/talk/ranking/conversation.h"
#include "attune/talk/ranking/text_index.h"
#include "attune/talk/ranking/view.h"

namespace attune::talk::ranking {

// Const after it is built, safe from any thread. Its items are kept by name, so that it outlives a fit.
class Past {
 public:
  Past() = default;
  // Learns from whole conversations over the items of `view`. `heard` [questions]: what was said before each question's turn.
  // `places` [conversations], ascending: where each stands among all there are, oldest first (some may be held back).
  // Throws Error: bad_data when no turn recommends anything, cancelled.
  static Past learn(const View& view, const std::vector<Conversation>& conversations, const std::vector<Question>& questions,
                    std::span<const Heard* const> heard, std::span<const std::size_t> places, const Run& run);

  // "recommended", "mentioned" (ln 1 + how often), "lately" (the same for dialogues near in time: each half as much per 200 away), "together", "together_last", "together_closed" (named in one dialogue with the items
  // named here: cosine, of the last one alone, EASE), "alike" (recommended after texts like this one), "alike_language" (the same by
  // an encoder), "told" (texts before the item was recommended, as one text), "called:ATTRIBUTE" (values that the words call for).
  const std::vector<std::string>& names() const noexcept { return names_; }
  // Fills rows first .. first + names().size() - 1 of out [.., view.item_count()]. `view` may be of a later world than the one
  // learned from: items that are gone are passed over, new ones get 0.
  void fill(const View& view, const Heard& heard, Matrix& out, std::size_t first) const;

  std::size_t dialogue_count() const noexcept { return dialogues_; }
  std::size_t question_count() const noexcept { return recommended_after_.rows; }
  std::size_t size_bytes() const noexcept;
  void save(ByteWriter& out) const;
  static Past load(ByteReader& in);   // throws Error: bad_data

 private:
  struct Calls {                       // what words call for, of one attribute
    std::string attribute;
    std::vector<std::string> values;   // [values]
    Matrix lift;                       // [words of plain_, values] ln(chance of the value after the word / chance of the value)
  };
  class Rows;
  void learn_names(const View& view, const std::vector<Conversation>& conversations);
  void learn_together(const std::vector<Conversation>& conversations, const Run& run);
  void learn_closed(const std::vector<std::map<std::uint32_t, float>>& counts);   // EASE of how often each was named with each
  void learn_when(const std::vector<Conversation>& conversations, std::span<const std::size_t> places);
  void learn_recommended(const std::vector<Question>& questions);
  void learn_texts(std::span<const Heard* const> heard, const Run& run);
  void learn_language(std::span<const Heard* const> heard);
  void learn_calls(const View& view, const std::vector<Question>& questions);
  void name_rows();
  static const std::vector<float>* dense_of(const model::NewItem& item, const std::string& encoder);   // nullptr = it says nothing
  // Rows in the order of names().
  void often(const Heard& heard, Rows& rows) const;
  void together(const Heard& heard, Rows& rows) const;
  void alike(const Heard& heard, Rows& rows) const;
  void told(const Heard& heard, Rows& rows) const;
  void called(const View& view, const Heard& heard, const Calls& calls, std::span<float> row) const;

  std::size_t dialogues_ = 0;
  std::vector<std::string> items_;            // [own items] names
  std::vector<std::uint32_t> of_world_;       // while learning: world id -> own item + 1; 0 = none
  std::vector<float> recommended_, mentioned_;
  Sparse told_in_;                            // [own items, places] dialogues that name it
  std::size_t end_ = 0;                       // the place after the last
  Sparse together_;                           // [own, own] cosine of who was named with whom
  Matrix closed_;                             // [own, own] EASE; empty = too many items
  TextIndex texts_, plain_;                   // [questions]
  Sparse recommended_after_;                  // [questions, own items] 1
  std::vector<float> told_lengths_;           // [own items] length of the sum of the plain rows before it
  Matrix language_;                           // [questions, dim] rows of length 1; empty = no encoder
  std::string encoder_;
  std::vector<Calls> calls_;
  std::vector<std::string> names_;
};

}  // namespace attune::talk::ranking
