// Offering: the list of a turn with its sentence and question; going back, starting anew and greeting, which may show one as well.
#include "attune/core/request_id.h"
#include "attune/talk/constraints.h"
#include "attune/talk/ordering.h"
#include "attune/talk/question.h"
#include "attune/talk/telling.h"

namespace attune::talk {
namespace {

// Says so first when what was wished for now is not there: "a lantern, under 10" where every lantern costs more.
void tell_what_is_missing(Telling& telling, std::span<const WishWord> words, const std::vector<std::uint8_t>& mask) {
  if (words.empty() || telling.dialogue.wants.constraints.empty()) return;     // "a gift for my aunt": no text says aunt, and need not
  const WishWord& thing = words.back();                                        // what the others are said of: a garden lantern is a lantern
  if (std::none_of(thing.items.begin(), thing.items.end(), [&](std::uint32_t i) { return mask[i] != 0; })) telling.add(telling.speech->none_of(thing.text));
}

// "none of these" of the last lamps: what comes is no lamp.
void tell_what_is_over(Telling& telling, std::span<const WishWord> words, const Listing& listing) {
  if (words.empty() || !telling.asking().skip_shown) return;
  const auto has = [&](const std::string& name) {
    const auto id = telling.lexicon.world().find(name);
    return id && std::any_of(words.begin(), words.end(), [&](const WishWord& word) { return std::binary_search(word.items.begin(), word.items.end(), static_cast<std::uint32_t>(to_index(*id))); });
  };
  const std::vector<std::string> shown = telling.shown();
  const bool was = std::any_of(shown.begin(), shown.end(), has);
  if (was && std::none_of(listing.list.items.begin(), listing.list.items.end(), [&](const engine::ListItem& item) { return has(item.item); })) telling.add(telling.speech->no_more_of(words.back().text));
}

void show_items(Telling& telling, const Listing& listing) {
  std::vector<std::string> names;
  const auto newest = telling.engine.world();      // erased just now: gone at once, also before the lexicon knows
  for (const engine::ListItem& item : listing.list.items) {
    if (!newest->find(item.item)) continue;
    names.push_back(item.item);
    telling.show(item.item, item.because);
  }
  telling.dialogue.lists.push_back(names);
  telling.dialogue.focus = names.size() == 1 ? names : std::vector<std::string>();
  if (telling.turn.user.empty() || listing.is_known) telling.reply.shown = engine::exposure_of(listing.list, telling.turn.now_ms);   // no record is made of a name nobody knows
}

void ask_or_end(Telling& telling, const Listing& listing) {
  std::optional<Question> question;
  if (telling.reading().mentions.empty() && listing.fit > 20 && !telling.dialogue.wants.order) question = choose_question(telling.lexicon, telling.dialogue, listing.pool);
  if (!question) {
    telling.reply.say += telling.zh() ? "：" : ":";
    return;
  }
  telling.reply.say += telling.zh() ? "。" : ".";
  telling.add(telling.speech->question(*question));
  telling.dialogue.asked.push_back(question->attribute);
  telling.dialogue.question = std::move(question);
}

}  // namespace

ListingAsk Telling::asking() const {
  return {.user = turn.user, .language = dialogue.language, .k = std::clamp(turn.k, 1, 50), .skip_shown = among.empty() && (reading().wants_others || reading().intent == Intent::more), .among = among, .request = new_request_id('c'), .advisor = advisor};
}

void Telling::show(const std::string& name, const std::string& because) {
  const auto id = lexicon.world().find(name);
  if (!id) return;
  const data::CatalogueItem& item = lexicon.world().item(*id);
  reply.items.push_back({item.name, item.text, because, item.attributes});
}

void offer_list(Telling& telling) {
  const std::vector<Constraint>& constraints = telling.dialogue.wants.constraints;
  const std::vector<std::uint8_t> mask = fitting(telling.lexicon, constraints);
  if (!constraints.empty() && std::find(mask.begin(), mask.end(), 1) == mask.end())
    return telling.plain("nothing_fits", telling.speech->nothing_fits(constraints, relaxations(telling.lexicon, constraints)));
  Listing listing = list_for(telling.engine, telling.lexicon, telling.dialogue, telling.asking());
  if (listing.repeats && telling.reading().intent == Intent::reject && telling.reading().mentions.empty())      // none of these: not them again
    std::erase_if(listing.list.items, [&](const engine::ListItem& item) { return among(telling.shown(), item.item); });
  if (listing.list.items.empty()) return telling.plain("nothing_fits", telling.speech->nothing_left());
  const std::vector<WishWord> words = newest_words(telling.lexicon, telling.dialogue.wants);
  tell_what_is_missing(telling, words, mask);
  tell_what_is_over(telling, words, listing);
  telling.plain("recommend", telling.among.empty() ? telling.speech->here_are(listing.list.items.size(), telling.dialogue, listing.repeats) : telling.speech->of_shown(*telling.dialogue.wants.order));
  show_items(telling, listing);
  ask_or_end(telling, listing);
}

void undo(Telling& telling) {
  Dialogue& dialogue = telling.dialogue;
  const bool could = !dialogue.before.empty();
  if (could) {
    dialogue.wants = std::move(dialogue.before.back());
    dialogue.before.pop_back();
  }
  dialogue.question.reset();
  telling.add(telling.speech->undone(could));
  if (could && !dialogue.lists.empty()) offer_list(telling);
  telling.reply.act = "undo";
}

void reset(Telling& telling) {
  Dialogue& dialogue = telling.dialogue;
  dialogue.wants = {};
  dialogue.lists.clear();
  dialogue.focus.clear();
  dialogue.question.reset();
  dialogue.asked.clear();
  dialogue.service = Json();
  telling.plain("reset", telling.speech->reset());
}

void greet(Telling& telling) {
  telling.add(telling.speech->greeting());
  if (!telling.turn.user.empty() && !telling.engine.store().user_events(telling.turn.user).empty()) offer_list(telling);
  telling.reply.act = "greet";
}

}  // namespace attune::talk
