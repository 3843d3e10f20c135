// Transfer: models learn on one dataset and rank the items of another. Of that other one they get the texts and, for each user asked
// about, that user's own history; nothing is trained there.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "attune/eval/protocol.h"

namespace attune::eval {

// A model to be fitted on the source and moved to the target.
struct TransferContender {
  std::string name;
  std::function<std::shared_ptr<const model::Recommender>(const data::Dataset& source, const Run& run)> fit;
  std::string settings = {};
};

// Rows, in this order:
//   "chance"                       at random
//   "popularity, learned there"    what the simplest learning on the target gives; for reading the others, not their rival
//   each contender                 knows no event of the target but the history it is asked with
//   "NAME + events there"          the same, the events of the target's training part passed along; left out where it changes nothing
// The source's last events stop models that stop early; they learn from all others. Both sides keep the dense features that they share:
// the columns of TF-IDF are words of one catalogue. Report::split tells of the source and of how many texts stand on both sides.
// Throws Error: bad_request when no dense encoder has read both sides, or a model that cannot be moved; what split and fit throw.
Report judge_transfer(const data::Dataset& source, const data::Dataset& target, const SplitFn& split, const std::vector<TransferContender>& contenders,
                      const ProtocolOptions& options, const Run& run);

}  // namespace attune::eval
