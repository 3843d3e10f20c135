// Candidates: models rank a fixed short list for each user, in which the held-out item is hidden: for comparing with published
// figures of that kind (LLMRank: 20 random items). Orderings of models can differ from full ranking (Krichene and Rendle, KDD 2020).
#pragma once
#include <filesystem>
#include <unordered_map>
#include <vector>

#include "attune/eval/protocol.h"

namespace attune::eval {

// By user, in the order of the file.
using CandidateLists = std::unordered_map<UserId, std::vector<ItemId>>;

// Reads `user TAB item item ...` a line; where items' names hold spaces, tabs between the items too. Plain, gzip or zstd.
// Throws Error: bad_data naming file, line and name for an unknown user or item or a user who comes twice; not_found.
CandidateLists read_candidates(const std::filesystem::path& path, const data::Catalogue& catalogue);

// The held-out item and the first budget - 1 others of the list; `list` may hold the item or not.
std::vector<ItemId> shortlist(std::span<const ItemId> list, ItemId target, std::size_t budget);

// judge() on the users of `lists` who have a held-out item, each with the shortlist of `budget` items; seen items stay in the lists and no
// control is made. Throws Error: bad_data when none of the users has a held-out item, naming the split; bad_request for a budget below 2.
Report judge_candidates(const data::Dataset& data, const SplitFn& split, const CandidateLists& lists, std::size_t budget,
                        const std::vector<Contender>& contenders, const ProtocolOptions& options, const Run& run);

}  // namespace attune::eval
