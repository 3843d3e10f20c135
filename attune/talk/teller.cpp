// Teller: reading, refusing, deciding which act answers.
#include "attune/talk/teller.h"

#include <algorithm>
#include <array>

#include "attune/talk/safety/guard.h"
#include "attune/talk/telling.h"

namespace attune::talk {
namespace {

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t h = 1469598103934665603u;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return h;
}

std::string language_of(const Telling& telling) {
  if (!telling.turn.language.empty()) return telling.turn.language;
  if (!telling.reading().language.empty()) return telling.reading().language;
  if (!telling.dialogue.language.empty()) return telling.dialogue.language;
  return telling.engine.settings().lists.language == "zh" ? "zh" : "en";
}

// The desk waits for an answer, and the message may be one: a number, an address, a name.
bool answers_desk(const Telling& telling) {
  if (telling.dialogue.service.is_null() || telling.desk == nullptr) return false;
  const Reading& r = telling.reading();
  if (r.intent == Intent::nothing) return !r.text.empty();
  if (!r.constraints.empty() || !r.comparatives.empty() || r.intent == Intent::undo || r.intent == Intent::reset) return false;
  const Json* asked = telling.dialogue.service.find("asked");
  const bool asks_name = asked != nullptr && asked->is_string() && asked->as_string() == "name";
  if (asks_name && r.intent == Intent::wish) return true;
  const std::vector<Token> tokens = tokens_of(r.text);
  return tokens.size() <= 12 && std::any_of(tokens.begin(), tokens.end(), [](const Token& t) { return t.kind == Token::number || t.text == "@"; });
}

void answer_by_desk(Telling& telling) {
  const auto answer = telling.desk == nullptr ? std::nullopt : telling.desk->answer(telling.message(), telling.dialogue.service, telling.turn.now_ms);
  if (!answer || answer->handover) {
    telling.dialogue.service = Json();
    return telling.plain("handover", telling.speech->handover());
  }
  telling.reply.sources = answer->sources;
  telling.plain("service", answer->answer);
}

// "how much is the third" of a list of one: nothing is said of another.
bool lacks_place(const Reading& r) {
  switch (r.intent) {
    case Intent::ask: case Intent::about: case Intent::compare: case Intent::explain: case Intent::why_not: case Intent::take: case Intent::like: case Intent::reject: break;
    default: return false;
  }
  return std::any_of(r.missing.begin(), r.missing.end(), [](const std::string& what) { return what.starts_with("#"); });
}

void decide(Telling& telling) {
  const Reading& r = telling.reading();
  if (answers_desk(telling)) return answer_by_desk(telling);
  telling.dialogue.service = Json();
  if (r.is_unclear) return telling.plain("unclear", telling.speech->which_item());
  if (lacks_place(r)) return telling.plain("unclear", telling.speech->missing(r.missing));
  switch (r.intent) {
    case Intent::undo: return undo(telling);
    case Intent::reset: return reset(telling);
    case Intent::greet: return greet(telling);
    case Intent::thanks: return telling.plain("thanks", telling.speech->thanks());
    case Intent::bye: return telling.plain("bye", telling.speech->bye());
    case Intent::help: return telling.plain("help", telling.speech->help());
    case Intent::service: return answer_by_desk(telling);
    case Intent::compare: return compare_items(telling);
    case Intent::explain: return explain_items(telling);
    case Intent::why_not: return tell_why_not(telling);
    case Intent::about: return tell_about(telling);
    case Intent::ask: return answer_attributes(telling);
    case Intent::nothing: return telling.plain("unclear", telling.speech->unclear(r.text.empty()));
    default: break;
  }
  change_wants(telling);
  if (r.intent == Intent::take) return take_item(telling);
  offer_list(telling);
}

// A short message of which every word is the catalogue's or the conversation's, and that says nothing but conditions: "I don't want black".
bool says_only_conditions(const Telling& telling) {
  constexpr std::size_t kShort = 12;      // tokens
  static constexpr std::array<std::string_view, 16> kPeople = {"people", "person", "persons", "folks", "folk", "men", "women", "man", "woman", "guys", "girls", "boys", "kids", "they", "everyone", "everybody"};
  const Reading& r = telling.reading();
  if (!r.wish.empty() || !r.mentions.empty() || r.is_cut || (r.constraints.empty() && r.comparatives.empty())) return false;
  const std::vector<Token> tokens = tokens_of(r.text);
  const auto is_known = [&](const Token& t) { return t.kind != Token::word || is_known_word(t.text) || telling.lexicon.is_word(t.text) || is_known_word(singular(t.text)); };
  const auto is_people = [](const Token& t) { return std::find(kPeople.begin(), kPeople.end(), t.text) != kPeople.end() || t.text == "人"; };
  return tokens.size() <= kShort && std::none_of(tokens.begin(), tokens.end(), is_people) && std::all_of(tokens.begin(), tokens.end(), is_known);
}

// Nothing of a refused message is kept. Of conditions rules alone judge: the encoder hears contempt in "I don't want black".
bool refuses(Telling& telling) {
  const safety::Verdict verdict = says_only_conditions(telling) ? safety::judge_by_rules(telling.message()) : safety::judge(telling.message());
  if (verdict.is_allowed()) return false;
  telling.reply.reading = {.text = telling.reading().text, .language = telling.reading().language};
  telling.plain("refuse", safety::refusal(verdict.kind, telling.dialogue.language));
  return true;
}

}  // namespace

void Telling::add(const std::string& sentence) {
  if (sentence.empty()) return;
  if (!reply.say.empty() && !speech->zh()) reply.say += ' ';
  reply.say += sentence;
}

void Telling::plain(std::string act, const std::string& sentence) {
  reply.act = std::move(act);
  add(sentence);
}

const std::string& Telling::message() const { return turn.message.size() <= kMostBytes ? turn.message : reply.reading.text; }

Reply tell(const engine::Engine& engine, const Lexicon& lexicon, const Aids& aids, const Dialogue& dialogue, const Turn& turn) {
  Telling telling{.engine = engine, .lexicon = lexicon, .desk = aids.desk, .advisor = aids.advisor, .turn = turn, .dialogue = dialogue};
  Reply& reply = telling.reply;
  Dialogue& next = telling.dialogue;
  reply.reading = read(lexicon, next, turn.message);
  if (aids.guesser != nullptr) add_guess(lexicon, *aids.guesser, reply.reading);
  telling.before = next.wants;
  if (next.seed == 0) next.seed = (hash_of(reply.reading.text) >> 12) | 1;
  ++next.turns;
  next.language = language_of(telling);
  telling.speech = std::make_unique<Speech>(lexicon, next.language, next.seed + static_cast<std::uint64_t>(next.turns) * 7919);
  if (!refuses(telling)) {
    decide(telling);
    if (!reply.reading.corrected.empty() && reply.act != "unclear") reply.say = telling.speech->corrected(reply.reading.corrected) + (telling.zh() ? "" : " ") + reply.say;
    if (!(next.wants == telling.before) && reply.reading.intent != Intent::undo) next.before.push_back(telling.before);
    keep_bounds(next);
  }
  reply.dialogue = std::move(next);
  return std::move(reply);
}

}  // namespace attune::talk
