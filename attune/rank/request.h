// Request: one question for a list, names already translated to ids.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "attune/core/types.h"
#include "attune/rank/filter.h"

namespace attune::rank {

struct Request {
  std::string id;                             // for the exposure log
  std::string user;                           // name; empty = nobody we know
  std::optional<UserId> user_id;              // that user in the fitted catalogue; nobody for a history that is not a user's own
  std::vector<Touch> history;                 // oldest first; fitted and fresh items
  std::vector<Touch> about;                   // pseudo-history of a free text: the nearest items with their weights
  std::vector<float> likeness;                // what the free text itself adds to each item's score [items of the world]; empty = nothing
  std::string about_text;                     // that text, for the reasons
  std::vector<ItemId> seen;                   // items the user already has (per event type); sorted
  std::vector<ItemId> exclude;                // left out on request; sorted
  Filter filter;                              // on attributes
  std::map<std::string, int> caps;            // attribute -> at most so many items of one value in the list
  float diversity = 0;                        // 0 = pure relevance .. 1 = pure variety (MMR)
  float min_score = -1e30f;                   // fused score below which an item is not shown
  std::map<std::string, float> weights;       // by source name: multiplies the learned weight; 0 switches a model off
  int k = 10;
  std::uint64_t seed = 0;
  std::int64_t now_ms = 0;
  bool is_alike = false;                      // asks for items like the history, which is nobody's
  std::string language = "en";                // of the reasons: "en" or "zh"
};

}  // namespace attune::rank
