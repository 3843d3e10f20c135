// Wordings: how well questions are found, by asking for each with another wording of it.
#pragma once
#include <vector>

#include "attune/core/matrix.h"
#include "attune/talk/desk/content.h"
#include "attune/talk/desk/search.h"

namespace attune::talk::desk {

struct WordingsFound {
  double asked = 0;           // wordings whose question has others
  double first = 0, near = 0; // those for which another wording of the same came first, among the first three
};

// Every wording in turn is taken out and asks. `rows` [questions, dim] an encoder.
WordingsFound find_by_other_wordings(const std::vector<Faq>& questions, const std::vector<Matrix>& rows, const SearchWeights& weights);

}  // namespace attune::talk::desk
