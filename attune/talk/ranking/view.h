// View: the items of a world as the ranker looks at them, and what a conversation says of each of them: the general part,
// which needs no dialogue to have been learned from. Built once a world (some 30 us an item); const ever after, safe from any thread.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "attune/core/matrix.h"
#include "attune/core/progress.h"
#include "attune/engine/reader.h"
#include "attune/rank/world.h"
#include "attune/talk/ranking/conversation.h"
#include "attune/talk/ranking/item_values.h"
#include "attune/talk/ranking/text_index.h"

namespace attune::talk::ranking {

// What is asked of a conversation again and again, found once: the embedding costs most (some 10 ms).
struct Heard {
  std::string text, plain, last;                        // all that was said; without names of items; the last two turns of it
  std::vector<std::pair<std::string, float>> turns;     // plain text of each turn and how much it still counts (0.8 ^ half its age in turns)
  std::vector<Mention> history;                         // items in the order they were last named; stance x speaker x age
  std::vector<ItemId> named;                            // ascending: what must not be recommended again
  model::NewItem read, read_last;                       // what the encoders say of `plain` and `last`
  std::optional<std::size_t> place;                     // while learning: its dialogue's place among those learned from; none = after them
};
// The sum of |stance| of its history, what figures over the history are divided by; 1 when nothing pulls.
float loudness(const Heard& heard);

// Raw figures [features, items]: rows by `names()`. Each has its own unit; a ranker puts them on one scale.
class View {
 public:
  // `reader` may be null or empty: then no language figures.
  View(std::shared_ptr<const rank::World> world, std::shared_ptr<const engine::Reader> reader, const Run& run);

  const rank::World& world() const noexcept { return *world_; }
  std::size_t item_count() const noexcept { return world_->item_count(); }
  const ItemValues& values() const noexcept { return values_; }
  // "model:NAME" (history x W of each fitted model), "language", "language_last" (encoders), "words", "words_last" (TF-IDF),
  // "title" (words shared with the titles of the items named), "shared:ATTRIBUTE" (values shared with them), "named:ATTRIBUTE"
  // (values that were said), "near:NUMBER" (distance to theirs), "is:NUMBER", "takers".
  const std::vector<std::string>& names() const noexcept { return names_; }

  Heard hear(const Conversation& conversation, const Run& run) const;
  // Many at once, embedded together; rows that `cache_folder` has are not embedded again (empty = no cache).
  std::vector<Heard> hear_all(const std::vector<Conversation>& conversations, const std::string& cache_folder, const Run& run) const;
  // Fills rows first .. first + names().size() - 1 of out [.., item_count()].
  void fill(const Heard& heard, Matrix& out, std::size_t first = 0) const;

 private:
  Heard listen(const Conversation& conversation) const;   // hear() without the encoders
  void models(const Heard& heard, Matrix& out, std::size_t first) const;
  void language(const Heard& heard, std::span<float> all, std::span<float> last) const;
  void title(const Heard& heard, std::span<float> out) const;
  std::vector<std::map<std::uint32_t, float>> said_values(const Heard& heard) const;                   // [word attributes] value -> how much it still counts
  std::map<std::uint32_t, float> shared_values(const Heard& heard, const WordAttribute& attribute) const;   // value -> share of the history that has it
  std::shared_ptr<const rank::World> world_;
  std::shared_ptr<const engine::Reader> reader_;
  ItemValues values_;
  TextIndex words_, titles_;
  std::vector<std::string> names_;
};

}  // namespace attune::talk::ranking
