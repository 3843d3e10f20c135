// Items that a message points at: by place ("the second one"), by title, or as "it".
#include <algorithm>

#include "attune/talk/walk.h"

namespace attune::talk {

void mention(Walk& walk, const std::string& item, const std::string& said) {
  walk.last = Walk::item;
  Mention::How how = walk.how;
  if (walk.negated && (how == Mention::unknown || how == Mention::like || how == Mention::take)) how = Mention::dislike;
  if (walk.negated && how == Mention::similar) how = Mention::unlike;
  for (const Mention& m : walk.reading.mentions)
    if (m.item == item && m.how == how) return;
  walk.reading.mentions.push_back({item, how, said});
  if (walk.how == Mention::than) walk.how = Mention::unknown;
}

void read_title(Walk& walk, std::size_t at) {
  flush_words(walk);
  const Segment& s = walk.segments[at];
  const rank::World& world = walk.lexicon.world();
  const auto place = [&](std::uint32_t i) {     // of several of one title: one that was shown, else the most taken
    const bool shown = std::find(walk.shown.begin(), walk.shown.end(), world.item(item_at(i)).name) != walk.shown.end();
    return std::pair(shown, world.takers(item_at(i)));
  };
  const std::uint32_t best = *std::max_element(s.items.begin(), s.items.end(), [&](std::uint32_t a, std::uint32_t b) { return place(a) < place(b); });
  mention(walk, world.item(item_at(best)).name, written(s.tokens));
}

bool read_place(Walk& walk, std::size_t at) {
  const Segment& s = walk.segments[at];
  if (const Sense* ordinal = s.sense(Cue::ordinal)) {
    flush_words(walk);
    const auto n = static_cast<std::size_t>(ordinal->direction);
    if (n <= walk.shown.size()) mention(walk, walk.shown[n - 1], written(s.tokens));
    else if (!walk.shown.empty()) walk.reading.missing.push_back("#" + std::to_string(n));
    return !walk.shown.empty();
  }
  if (s.is(Cue::last) && !walk.shown.empty()) {
    flush_words(walk);
    mention(walk, walk.shown.back(), written(s.tokens));
    return true;
  }
  if (!s.is(Cue::this_one)) return false;
  if (walk.dialogue.focus.size() == 1) {
    flush_words(walk);
    mention(walk, walk.dialogue.focus.front(), written(s.tokens));
  } else if (walk.shown.size() == 1) {
    mention(walk, walk.shown.front(), written(s.tokens));
  }
  return true;
}

}  // namespace attune::talk
