// Changing what is wanted: withdrawals, wishes, likes, conditions and comparatives of a reading become part of the dialogue.
#include "attune/talk/constraints.h"
#include "attune/talk/safety/mask.h"
#include "attune/talk/telling.h"

namespace attune::talk {
namespace {

void push_newest(std::vector<std::string>& list, const std::string& name) {
  std::erase(list, name);
  list.push_back(name);
}

void withdraw_said(Telling& telling) {
  const Reading& r = telling.reading();
  if (r.withdrawn.empty()) return;
  std::vector<Constraint>& constraints = telling.dialogue.wants.constraints;
  std::vector<Constraint> gone;
  for (const std::string& what : r.withdrawn) {
    const std::vector<Constraint> kept = constraints;
    withdraw(constraints, what);
    for (const Constraint& c : kept)
      if (std::find(constraints.begin(), constraints.end(), c) == constraints.end()) gone.push_back(c);
  }
  telling.add(telling.speech->withdrawn(gone));
}

void feedback(Telling& telling, const std::string& item, const char* type) {
  const Turn& turn = telling.turn;
  if (!turn.user.empty()) telling.reply.feedback.push_back({.user = turn.user, .item = item, .type = type, .value = {}, .time_ms = turn.now_ms, .session = "", .request = ""});
}

// What was said of one item. Likes and dislikes of people who are known become events.
void feel_of(Telling& telling, const Mention& m) {
  Wants& wants = telling.dialogue.wants;
  switch (m.how) {
    case Mention::like:
    case Mention::take:
      push_newest(wants.liked, m.item);
      std::erase(wants.disliked, m.item);
      std::erase(wants.away, m.item);
      return feedback(telling, m.item, "like");
    case Mention::dislike:
      push_newest(wants.disliked, m.item);
      std::erase(wants.liked, m.item);
      std::erase(wants.toward, m.item);
      return feedback(telling, m.item, "dislike");
    case Mention::similar:
      push_newest(wants.toward, m.item);
      std::erase(wants.away, m.item);
      return;
    case Mention::unlike:
      push_newest(wants.away, m.item);
      std::erase(wants.toward, m.item);
      return;
    default: return;
  }
}

void feel(Telling& telling) {
  std::vector<std::string> liked, disliked;
  for (const Mention& m : telling.reading().mentions) {
    const auto id = telling.lexicon.world().find(m.item);
    if (!id) continue;
    feel_of(telling, m);
    const std::string title = telling.zh() ? "“" + telling.lexicon.title(*id) + "”" : telling.lexicon.title(*id);
    if (m.how == Mention::like) liked.push_back(title);
    if (m.how == Mention::dislike) disliked.push_back(title);
  }
  if (telling.reading().intent == Intent::reject && telling.reading().mentions.empty())
    for (const std::string& item : telling.shown()) push_newest(telling.dialogue.wants.away, item);
  if (!liked.empty()) telling.add(telling.speech->liked(liked));
  if (!disliked.empty()) telling.add(telling.speech->disliked(disliked));
}

void add_said(Telling& telling) {
  const Reading& r = telling.reading();
  const bool of_thing = is_of_thing(telling);
  for (std::size_t i = 0; i < r.constraints.size(); ++i) {
    // Two values of one attribute in one message are both meant: the second does not push the first out.
    bool with_other = r.adds[i];
    for (std::size_t j = 0; j < i; ++j) with_other = with_other || (r.constraints[j].attribute == r.constraints[i].attribute && r.constraints[j].op == r.constraints[i].op);
    const bool is_number = r.constraints[i].op > Constraint::is_not;
    Constraint c = r.constraints[i];
    c.of_thing = of_thing;
    add(telling.lexicon, telling.dialogue.wants.constraints, std::move(c), with_other && !is_number);
  }
}

// "about the same price": a quarter to each side.
void around(Telling& telling, Constraint bound) {
  const double number = bound.number;
  bound.op = Constraint::at_least, bound.number = 0.75 * number;
  add(telling.lexicon, telling.dialogue.wants.constraints, bound, false);
  bound.op = Constraint::at_most, bound.number = 1.25 * number;
  add(telling.lexicon, telling.dialogue.wants.constraints, bound, false);
}

// "cheaper": a bound like any other; when nothing lies beyond it, the reply says what to give up.
void compare_with(Telling& telling, Comparative c) {
  std::vector<Constraint>& constraints = telling.dialogue.wants.constraints;
  if (c.is_most) {
    telling.dialogue.wants.order = Order{.attribute = c.attribute, .direction = c.direction};
    if (c.of_shown) telling.among = telling.shown();
    return;
  }
  if (c.than.empty() && !c.is_absolute && telling.dialogue.focus.size() == 1) c.than = telling.dialogue.focus.front();
  auto bound = bound_of(telling.lexicon, c, telling.shown(), constraints);
  if (!bound) {
    const Attribute* attribute = telling.lexicon.attribute(c.attribute);
    telling.add(telling.speech->missing({std::string(attribute != nullptr && attribute->role != Role::none ? name(attribute->role) : std::string_view(c.attribute))}));
    return;
  }
  bound->of_thing = is_of_thing(telling);
  if (c.direction == 0) return around(telling, *bound);
  add(telling.lexicon, constraints, *bound, false);
  if (c.is_absolute) telling.add(telling.speech->bound(*bound));
}

// "the cheapest lamp", then "in red", then "more": still by price; "something like the second" is another matter.
bool keeps_order(const Reading& r) {
  const bool moves = std::any_of(r.mentions.begin(), r.mentions.end(), [](const Mention& m) { return m.how == Mention::similar || m.how == Mention::unlike || m.how == Mention::like; });
  return r.wish.empty() && r.guesses.empty() && !moves;
}

void close_question(Telling& telling) {
  auto& question = telling.dialogue.question;
  const Reading& r = telling.reading();
  if (!question) return;
  const bool answered = std::any_of(r.constraints.begin(), r.constraints.end(), [&](const Constraint& c) { return c.attribute == question->attribute; });
  if (answered || r.intent != Intent::nothing) question.reset();
}

}  // namespace

void change_wants(Telling& telling) {
  const Reading& r = telling.reading();
  std::vector<std::string>& wishes = telling.dialogue.wants.wish;
  withdraw_said(telling);
  leave_old_thing(telling);
  bring_back(telling);
  if (!keeps_order(r)) telling.dialogue.wants.order.reset();
  if (r.is_instead && !r.wish.empty()) wishes.clear();
  for (const Guess& guess : r.guesses) {
    wishes.push_back(guess.value);      // before the words themselves: those are quoted as what was wished for
    telling.add(telling.speech->guessed(guess));
  }
  if (!r.wish.empty()) wishes.push_back(safety::mask_personal(r.wish));
  feel(telling);
  add_said(telling);
  for (const Comparative& c : r.comparatives) compare_with(telling, c);
  if (!r.missing.empty()) telling.add(telling.speech->missing(r.missing));
  close_question(telling);
}

}  // namespace attune::talk
