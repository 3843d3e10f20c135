// Reading: what one message says, told by rules over cues and the lexicon. A value that can be shown (`--explain`).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/talk/dialogue.h"
#include "attune/talk/lexicon.h"

namespace attune::talk {

enum class Intent {
  nothing,      // empty, or nothing in it is understood
  wish,         // says what is wanted: a new list
  more,         // the next items of the same
  like, reject, // of items shown or named
  take,
  compare, explain, why_not, about, ask,
  withdraw, undo, reset,
  any,          // "I don't mind": an answer to a question
  greet, thanks, bye, help, service
};
std::string_view name(Intent intent) noexcept;

// An item that was pointed at.
struct Mention {
  std::string item;
  enum How { like, dislike, take, similar, unlike, than, about, unknown } how = unknown;
  std::string said;
};

// "cheaper than that": an attribute, a direction, something to compare with.
struct Comparative {
  std::string attribute;
  int direction = 0;            // -1 lower, +1 higher
  bool is_absolute = false;     // "cheap": by itself
  bool is_most = false;         // "the cheapest": is shown first, bounds nothing
  bool of_shown = false;        // "the cheapest of these"
  std::string than;             // item; empty = what was shown
  std::string said;
};

// Words that the catalogue does not have, and the value they may mean.
struct Guess {
  std::string said, attribute, value;
  double stands_out = 0;        // standard deviations above the mean likeness of all values
};

struct Reading {
  std::string text;                            // the message as it was worked with
  std::string language;                        // "en", "zh"
  Intent intent = Intent::nothing;
  std::vector<Constraint> constraints;
  std::vector<bool> adds;                      // [constraints] "also red": beside the values wanted so far instead of in their place
  std::vector<Comparative> comparatives;
  std::vector<Mention> mentions;
  std::vector<std::string> withdrawn;          // attributes whose constraints go; "*" = all
  std::vector<std::string> kept;               // attributes whose conditions are to stay or come back; "*" = all
  std::vector<std::string> attributes;         // asked about
  std::string wish;                            // what is wanted, in the words left over
  bool is_instead = false;                     // the wish takes the place of those before
  bool wants_others = false;                   // not what was shown already
  bool is_unclear = false;                     // "not that one", of several shown
  bool is_cut = false;                         // the message was too long
  std::vector<std::pair<std::string, std::string>> corrected;   // slips of the pen: typed, meant
  std::vector<Guess> guesses;                  // by the sentence encoder; they move the list, they bar nothing
  std::vector<std::string> missing;            // what was asked for that no item has: "price"
};
Json to_json(const Reading& reading);

// The same message in the same dialogue is always read alike. Any bytes are allowed; read
// are the first kMostBytes of it as it is worked with (and of no more than 8 times as many bytes as came), the work is bounded by that.
inline constexpr std::size_t kMostBytes = 4000;
Reading read(const Lexicon& lexicon, const Dialogue& dialogue, std::string_view message);

}  // namespace attune::talk
