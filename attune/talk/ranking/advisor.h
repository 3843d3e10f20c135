// Advisor: what a workspace learned from its dialogues (attune dialogues), asked by the chat: opened when there is something, and
// anew after a learning.
#pragma once
#include <filesystem>
#include <memory>
#include <vector>

#include "attune/core/progress.h"
#include "attune/engine/reader.h"
#include "attune/rank/world.h"
#include "attune/talk/ranking/ranker.h"

namespace attune::talk::ranking {

// Safe from any thread. The first question after a fit, a learning or many new items waits for the view (some 30 us an item).
class Advisor {
 public:
  explicit Advisor(std::filesystem::path file);   // talk/ranker.bin of the workspace; need not be there
  // One that is there already: for judging.
  explicit Advisor(Ranker ranker);
  ~Advisor();
  // What was said, to a score for every item, mean 0 and spread 1, higher is better; items newer than the view get 0 [world->item_count()].
  // Empty: nothing was learned here, or nothing was said. `reader` belongs to the world's catalogue; may be null.
  // Throws Error: bad_data or unsupported, naming the file and what to do, when it is damaged or of another version.
  std::vector<float> score(const std::shared_ptr<const rank::World>& world, const std::shared_ptr<const engine::Reader>& reader, const Conversation& said) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attune::talk::ranking
