// Set splits: benchmark files whose histories have no order, as published: which pairs train, which choose settings, which are asked for.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "attune/data/split.h"

namespace attune::bench {

struct SetSplits {
  std::string name;                                   // for the record
  std::shared_ptr<const data::Catalogue> catalogue;
  std::vector<std::vector<ItemId>> train, validation, test;  // [users]; apart from each other
  int k = 10;                                         // where its published figures are cut
  bool refits = false;                                // published models learn from train and validation together
  bool asks_with_validation = true;                   // at test time validation pairs are input
};

// The three protocols:
//   lightgcn  FOLDER with train.txt[.gz], test.txt[.gz] and perhaps valid.txt[.gz], a line a user: `user item item ...`.
//             Validation pairs that train holds too are taken out of it; without a validation file a tenth of each user's
//             training pairs, drawn by `seed`. Published models learn from train and validation.
//   index     RATINGS.tsv[.gz]: user_id, item_id, rating, split (0 train, 1 validation, 2 test) after a header; every rating is a yes
//             (infinite auto-encoder's published index). Published models learn from train and are asked with train and validation.
//   recbole   the same file, ratings of 3 and more, 8:1:1 at random by user by `seed` (RecBole-GNN's MovieLens-1M protocol).
//             Published models learn from train and are asked with train.
// Throws Error: bad_request for another protocol; bad_data, not_found, io.
SetSplits read_sets(const std::string& protocol, const std::filesystem::path& path, std::uint64_t seed);

// What a model may learn from and is asked. At test time train and validation are both left out of the lists.
struct Asking {
  data::Part part = data::Part::test;
  bool refit = false;            // test: fitted on train and validation
  bool with_validation = true;   // test: validation pairs are input
};
data::Split split_of(const SetSplits& sets, const Asking& asking);

}  // namespace attune::bench
