// Explanations: every fused score as a tree whose parts add up to it, a sentence made from the tree alone, and what would
// change the list. Exact for linear models; says so where it is not.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "attune/rank/pipeline.h"

namespace attune::explain {

// Fills `why` and `because` of every candidate.
//   why: "total" -> one part a source ("model:slist": weight / sd * (its own explanation), with "centre" for -weight * mean / sd)
//        -> "item:NAME" per history item (touches of one item summed; fresh items' neighbours under the fresh item; "about" for the
//        free text) -> "behaviour", "text:minilm" ... where the model can tell; and the adjustments ("rule:boost").
rank::Slate attach(const rank::World& world, const rank::Request& request, rank::Slate slate);

// The tree of one item, which need not be in the list (so without what trees on top add: that goes by the places in a list). Throws Error: bad_request when no source can score it.
Explanation why(const rank::World& world, const rank::Request& request, ItemId item);

// The tree with every source's items merged: one part a history item over all models, largest first. Sums to the score.
Explanation by_history(const Explanation& why);

// One sentence from the tree: "because you took A and B", "because it reads like C", "popular with everybody".
// Languages: "en", "zh". Names texts as the catalogue has them, shortened.
std::string phrase(const rank::World& world, const rank::Request& request, const Explanation& why, std::string_view language);

// Why is (or is not) this item in the list.
struct Answer {
  bool in_list = false;
  std::size_t place = 0;                       // from 1 among all allowed items by fused score; 0 = not allowed
  std::optional<rank::Note> barred;            // seen, filter, hidden, ...
  std::vector<rank::Note> notes;               // what stages did to it
  Explanation why;
  double score_to_enter = 0;                   // score of the last item in the list
  std::string sentence;
  // Smallest set of history items whose taking away (weight 0, keeping their place; rank::kAbout = the free text) turns the
  // answer round: an item in the list leaves it, an item outside enters it. Always checked by running the list again.
  // is_exact: no smaller set does (all were tried); with an empty set: none at all does. Else: the smallest that was found.
  // Not looked for when the item is barred.
  std::vector<ItemId> would_change;
  bool is_exact = false;
};
Answer ask(const rank::World& world, const rank::Request& request, const rank::Pipeline& pipeline, ItemId item);

}  // namespace attune::explain
