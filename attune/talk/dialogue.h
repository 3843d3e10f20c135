// Dialogue: all that a conversation knows, as a value: JSON in, JSON out, bounded, checked. It names no user.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "attune/core/json.h"

namespace attune::talk {

// What was asked of the items; stays until it is withdrawn.
struct Constraint {
  enum Op { is, is_not, below, at_most, above, at_least } op = is;
  std::string attribute;             // empty: words that the text must (not) have
  std::vector<std::string> values;   // of is, is_not: any of them, as the catalogue has them
  double number = 0;                 // of the others
  std::string said;                  // the words it was read from
  bool of_thing = false;             // said of the thing wanted then, a lamp: goes when another is asked for, mugs
  friend bool operator==(const Constraint&, const Constraint&) = default;
};

// What is shown first: the end of a number that "the cheapest" names. Bounds nothing.
struct Order {
  std::string attribute;
  int direction = 0;                 // -1: the lowest first, +1: the highest
  friend bool operator==(const Order&, const Order&) = default;
};

// What is wanted, as far as it was said: what "undo" takes back.
struct Wants {
  std::vector<Constraint> constraints;        // of one attribute: at most one `is` (more for lists), one lower and one upper bound
  std::vector<std::string> wish;              // free text of the turns, oldest first
  std::vector<std::string> liked, disliked;   // items, oldest first
  std::vector<std::string> toward, away;      // items to be nearer to or farther from, without a judgement of them
  std::optional<Order> order;                 // of the last superlative, as long as nothing else than conditions is said
  friend bool operator==(const Wants&, const Wants&) = default;
};

// A question that was asked and not answered yet.
struct Question {
  std::string attribute;
  std::vector<std::string> options;           // values, as the catalogue has them; of numbers none
  double number = 0;                          // of numbers: up to this much or more?
  friend bool operator==(const Question&, const Question&) = default;
};

// The last values of everything are kept: a dialogue of 10,000 turns is no larger than one of 50.
struct Dialogue {
  static constexpr int kVersion = 1;
  static constexpr std::size_t kLists = 12, kListItems = 50, kItems = 200, kConstraints = 40, kWishes = 8, kUndo = 10, kText = 400, kValues = 40, kAsked = 20, kName = 512;

  std::string language;                       // "en", "zh"; empty = not known yet
  std::uint64_t seed = 0;                     // of the choice of words
  std::int64_t turns = 0;
  Wants wants;
  std::vector<std::vector<std::string>> lists;   // shown, newest last
  std::vector<std::string> focus;             // items the last reply was about: "it"
  std::vector<std::string> asked;             // attributes asked about: never twice
  std::optional<Question> question;
  Json service;                               // the desk's conversation while it waits for an answer (an order number); null = it does not
  std::vector<Wants> before;                  // wants of earlier turns, newest last: undo
  friend bool operator==(const Dialogue&, const Dialogue&) = default;
};

Json to_json(const Dialogue& dialogue);
Json to_json(const Constraint& constraint);
// null is a new dialogue. What is too long is cut to its newest part. Throws Error: bad_request for what is no dialogue, of a
// newer version, or has a member of the wrong type, naming it; unknown members are passed over.
Dialogue dialogue_from(const Json& json);

// Cuts everything to its bounds.
void keep_bounds(Dialogue& dialogue);
std::string_view name(Constraint::Op op) noexcept;   // "is", "is_not", "below", ...

}  // namespace attune::talk
