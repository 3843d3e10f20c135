// Judging by conversations: at each turn in which the recommender names items of which nobody has spoken, how far up do they stand in
// the list made of what was said before. Source: He et al., Large Language Models as Zero-Shot Conversational Recommenders, CIKM 2023:
// a case is a turn with one of the items named there; items named before are neither targets nor candidates; names that the
// catalogue has not are left out; recall@K = share of the cases whose item is in the first K of the whole catalogue.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "attune/core/progress.h"
#include "attune/eval/bootstrap.h"
#include "attune/eval/table.h"
#include "attune/talk/ranking/ranker.h"

namespace attune::talk::ranking {

// A way to score every item by what was said.
struct ListMaker {
  std::string name;
  std::function<std::vector<float>(const Heard& heard, const Matrix& figures)> score = {};   // figures by ranker.names(view)
  std::function<std::vector<float>(const Conversation& said)> by_words = {};                 // instead, of one that hears for itself
};

struct ConversationReport {
  struct Row {
    std::string name;
    std::vector<double> recall;             // [ks]
    std::vector<eval::Interval> intervals;  // [ks] percentile bootstrap over dialogues; empty = none asked for
    double mrr = 0;                         // mean of 1 / place
  };
  std::vector<int> ks;
  std::size_t dialogues = 0, turns = 0, cases = 0, items = 0;
  std::vector<Row> rows;
  std::vector<std::string> notes;
  eval::Table table() const;
  Json to_json() const;
};

struct JudgeOptions {
  std::vector<int> ks = {1, 5, 10, 20};
  int bootstrap = 1000;
  std::string cache_folder;   // of sentence vectors; empty = none
};

// Places are 1 + how many other items score higher (equal: smaller id first). Throws Error: bad_data when there is nothing to ask.
ConversationReport judge(const View& view, const Ranker& ranker, const std::vector<Conversation>& conversations, const std::vector<ListMaker>& makers,
                         const JudgeOptions& options, const Run& run);

// The ranker itself and what it is made of, one by one: the usual rows of the table.
std::vector<ListMaker> usual_makers(const View& view, const Ranker& ranker);

}  // namespace attune::talk::ranking
