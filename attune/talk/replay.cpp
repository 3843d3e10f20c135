// Replay: turn after turn through the teller, then the list that the dialogue leads to.
#include "attune/talk/replay.h"

#include "attune/talk/listing.h"
#include "attune/talk/teller.h"

namespace attune::talk {

std::vector<ItemId> replayed(const engine::Engine& engine, const Lexicon& lexicon, const ranking::Advisor* advisor, const ranking::Conversation& said) {
  Dialogue dialogue;
  for (const ranking::Said& turn : said.turns) {
    if (turn.is_seeker) {
      Dialogue next = tell(engine, lexicon, {}, dialogue, {.message = turn.text, .user = "", .language = "", .k = 1, .now_ms = 0}).dialogue;
      next.lists = dialogue.lists;      // what the chat would have shown or asked was not
      next.focus = dialogue.focus;
      next.question.reset();
      dialogue = std::move(next);
      continue;
    }
    std::vector<std::string> shown;
    for (const ranking::Mention& mention : turn.mentions) shown.push_back(lexicon.world().item(mention.item).name);
    if (!shown.empty()) dialogue.lists.push_back(std::move(shown));
    keep_bounds(dialogue);
  }
  const Listing listing = list_for(engine, lexicon, dialogue, {.user = "", .language = dialogue.language.empty() ? "en" : dialogue.language, .k = 1, .skip_shown = true, .request = "replay", .advisor = advisor});
  return listing.pool;
}

}  // namespace attune::talk
