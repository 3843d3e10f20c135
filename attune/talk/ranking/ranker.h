// Ranker: from a conversation to a score for every item: figures on one scale (z over the items), added by weights, and trees on
// top of them for the best. Two stages of knowing: the general weights answer in any workspace; a ranker learned from dialogues has
// the Past of these, its own weights (softmax over the items) and trees (LambdaMART).
// Cost: some 2 ms for 6,500 items beside the embedding (hear). Const after it is born, safe from any thread.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "attune/core/explanation.h"
#include "attune/core/progress.h"
#include "attune/rank/stacker.h"
#include "attune/talk/ranking/conversation.h"
#include "attune/talk/ranking/past.h"
#include "attune/talk/ranking/view.h"

namespace attune::talk::ranking {

struct LearnOptions {
  int folds = 5;                        // figures of the Past a question is judged by come from dialogues of the other folds
  std::size_t candidates = 300;         // the best by weights, which trees order
  int rounds = 150;                     // trees; 0 = none
  int depth = 4;
  float eta = 0.08f;
  double ridge = 1e-3;                  // pull of the weights towards 0
  std::vector<std::string> without;     // figures left out; "shared:*" stands for all that begin so
  bool without_past = false;            // weights of the general figures alone
  std::string cache_folder;             // of sentence vectors; empty = none
};

class Ranker {
 public:
  Ranker() = default;                   // general weights, nothing learned here
  // Learns from whole dialogues, oldest first, over the items of `view`. The same for the same seed, whatever run.threads.
  // Throws Error: bad_data when no turn recommends a known item that was not named before; bad_request, cancelled.
  static Ranker learn(const View& view, const std::vector<Conversation>& conversations, const LearnOptions& options, const Run& run);

  bool is_learned() const noexcept { return !weights_.empty(); }
  const Past* past() const noexcept { return past_.get(); }

  // Higher is better; items that were named get a score too: leave them out (heard.named). [view.item_count()]
  std::vector<float> score(const View& view, const Heard& heard) const;
  // The score of one item taken apart by figure: parts sum to it. "said:words", "said:shared:genre", ..., "trees".
  Explanation explain(const View& view, const Heard& heard, ItemId item) const;

  // The figures that it adds up, in order: [figures, items] raw, as view.names() and past()->names().
  std::vector<std::string> names(const View& view) const;
  Matrix figures(const View& view, const Heard& heard) const;
  // As score(), from figures that are there already.
  std::vector<float> score(const View& view, const Heard& heard, const Matrix& figures) const;
  // The sum by weights alone, without the trees.
  std::vector<float> weighed(const View& view, const Matrix& figures) const;
  double weight(const std::string& name) const;   // of one figure

  void save(const std::filesystem::path& file) const;
  // Throws Error: not_found, bad_data, unsupported; a file from another catalogue is fine: items are kept by name.
  static Ranker load(const std::filesystem::path& file);

 private:
  std::vector<std::pair<std::string, double>> weights_;   // by figure; empty = the general ones
  std::shared_ptr<const Past> past_;
  std::shared_ptr<const rank::Stacker> trees_;
  std::size_t candidates_ = 300;
};

// The weight of a figure when nothing was learned from dialogues: 0 for figures of a Past.
double general_weight(std::string_view name);

}  // namespace attune::talk::ranking
