// Guard: see the header. Each rule is a frame: who does what to whom, and whether it is said of games, words, history or protection.
#include "attune/talk/safety/guard.h"

#include <algorithm>
#include <optional>

#include "attune/talk/safety/head.h"
#include "attune/talk/safety/learned.h"
#include "attune/talk/safety/reading.h"
#include "attune/talk/safety/rules.h"

namespace attune::talk::safety {

namespace {

constexpr std::size_t kShort = 300;      // bytes: judged as one
constexpr std::size_t kPiece = 240;      // bytes of a sentence of a longer one; those that go on are cut at a blank
constexpr std::size_t kMostAsked = 2;    // sentences that the encoder reads of a long message

}  // namespace

std::string_view name(Kind kind) noexcept {
  switch (kind) {
    case Kind::none: return "none";
    case Kind::harm: return "harm";
    case Kind::self_harm: return "self_harm";
    case Kind::adult: return "adult";
    case Kind::hate: return "hate";
    case Kind::privacy: return "privacy";
  }
  return "none";
}

// A question, or a sentence that begins as one who wants something does.
static bool is_request(const Reading& reading) {
  if (has(reading, "request")) return true;
  const auto is_one = [](const std::string& w) {
    for (const std::string_view word : {"how", "what", "why", "who", "where", "when", "which", "is", "are", "do", "does", "did", "can", "could", "should", "tell", "give", "show", "explain", "write", "describe", "help", "list", "teach", "make", "find", "look", "prove", "convince", "name", "did", "has", "have", "was", "were", "will", "would", "may", "must", "in", "on", "i", "i'd", "i'm"})
      if (w == word) return true;
    return false;
  };
  return !reading.words.empty() && is_one(reading.words[0].text);
}

bool is_request(std::string_view message) { return is_request(read(message)); }

Verdict judge_reading(const Reading& reading) {
  if (reading.words.empty()) return {};
  for (const Rule rule : {self_harm_rule, adult_rule, hate_rule, event_rule, harm_rule, privacy_rule, chinese_rule})
    if (auto verdict = rule(reading)) return *verdict;
  return {};
}

Verdict judge_by_rules(std::string_view message) { return judge_reading(read(message)); }

namespace {

// Sentences, or pieces of those without an end.
std::vector<std::string_view> pieces_of(std::string_view text) {
  std::vector<std::string_view> all;
  while (!text.empty()) {
    const std::string_view near = text.substr(0, kPiece);      // looking further would make a flood's cost grow with its square
    const std::size_t end = near.find_first_of(".!?\n;");
    std::size_t n = end == std::string_view::npos ? text.size() : end + 1;
    if (n > kPiece) {
      n = near.find_last_of(" ,");
      if (n == std::string_view::npos || n == 0) n = kPiece;
      while (n < text.size() && n > 1 && (static_cast<unsigned char>(text[n]) & 0xC0u) == 0x80u) --n;      // a whole character
    }
    if (text.substr(0, n).find_first_not_of(" .!?\n;,") != std::string_view::npos) all.push_back(text.substr(0, n));
    text.remove_prefix(n);
  }
  return all;
}

// How many kinds of words that could mean harm are in it.
std::size_t danger(const Reading& reading) {
  std::size_t n = 0;
  for (const std::string_view list : {"hurt_strong", "hurt", "ruin", "take", "crime", "crime_noun", "contraband", "ambiguous_drug", "self_harm", "adult", "slur", "group", "event", "private"}) n += has(reading, list);
  return n;
}

bool is_plain_wish(const Reading& reading) {
  if (reading.words.size() < 2 || danger(reading) > 0) return false;
  const std::string& first = reading.words[0].text;
  const std::string& second = reading.words[1].text;
  for (const auto& [one, two] : {std::pair<std::string_view, std::string_view>{"i", "want"}, {"i", "need"}, {"i", "would"}, {"i'd", "like"}, {"i'm", "looking"}, {"show", "me"}, {"give", "me"}, {"find", "me"}, {"which", "of"}})
    if (first == one && second == two) return true;
  return false;
}

// What rules and head say together.
Verdict agreed(const Verdict& by_rules, const HeadScore& head, const Reading& reading) {
  // "In real life" is said to turn what sounded harmless, and harmless words put behind a request turn the encoder: there the rules have the last word.
  if (!by_rules.is_allowed()) return head.refuse < thresholds().pass && !has(reading, "real") && reading.words.size() <= kShortSentence ? Verdict{} : by_rules;
  // Alone the head hears requests only: what it learned from are requests, and statements ("I love my Muslim friends") it would misread.
  if (head.refuse > (is_plain_wish(reading) ? kPlainWish : thresholds().refuse) && is_request(reading)) return {head.kind, "head"};
  return by_rules;
}

}  // namespace

Verdict judge(std::string_view message) {
  if (message.size() <= kShort) {
    const Verdict verdict = judge_by_rules(message);
    if (verdict.kind == Kind::self_harm || !is_latin(message)) return verdict;          // a cry for help is not argued away
    const std::string text[] = {std::string(message)};
    const auto head = opinions(text);
    return head.empty() ? verdict : agreed(verdict, head[0], read(message));
  }
  struct Suspect {
    Verdict verdict;
    std::string text;
    Reading reading;
    std::size_t danger = 0;
  };
  if (!is_latin(message)) return judge_by_rules(message);
  std::vector<Suspect> refused, doubtful;
  for (const std::string_view piece : pieces_of(message)) {
    Reading reading = read(piece);
    Verdict verdict = judge_reading(reading);
    if (verdict.kind == Kind::self_harm || (!verdict.is_allowed() && !is_latin(piece))) return verdict;
    if (!verdict.is_allowed()) {
      if (refused.size() >= kMostAsked) return verdict;          // too many to be argued away
      refused.push_back({verdict, std::string(piece), std::move(reading)});
      continue;
    }
    Suspect doubt{verdict, std::string(piece), std::move(reading), 0};
    doubt.danger = danger(doubt.reading);
    if (doubt.danger == 0 || !is_latin(piece) || !is_request(doubt.reading)) continue;
    const auto place = std::find_if(doubtful.begin(), doubtful.end(), [&](const Suspect& other) { return other.danger < doubt.danger; });
    doubtful.insert(place, std::move(doubt));
    if (doubtful.size() > kMostAsked) doubtful.pop_back();
  }
  refused.insert(refused.end(), std::make_move_iterator(doubtful.begin()), std::make_move_iterator(doubtful.end()));
  if (refused.size() > kMostAsked) refused.resize(kMostAsked);
  std::vector<std::string> texts;
  for (const Suspect& s : refused) texts.push_back(s.text);
  const auto heads = opinions(texts);
  for (std::size_t k = 0; k < refused.size(); ++k) {
    const Verdict verdict = heads.empty() ? refused[k].verdict : agreed(refused[k].verdict, heads[k], refused[k].reading);
    if (!verdict.is_allowed()) return verdict;
  }
  return {};
}

bool is_plain_wish(std::string_view message) { return is_plain_wish(read(message)); }

std::string refusal(Kind kind, std::string_view language) {
  const bool zh = language == "zh";
  switch (kind) {
    case Kind::none: return "";
    case Kind::self_harm:
      return zh ? "听起来你现在很难受，我很在意这一点。我只是一个购物助手，帮不上这样的忙，但有人可以：请现在就联系你信任的人、当地的急救或心理援助热线。如果你正处于危险中，请马上拨打当地的紧急电话。"
                : "It sounds as if you are going through something very hard, and I am glad you said it. I am only a shop's assistant and cannot help with this, but people can: please talk to somebody you trust, or to a "
                  "crisis line or the emergency services where you are. If you are in danger right now, please call them at once.";
    case Kind::adult: return zh ? "这类内容我不能提供。想找别的商品吗？我很乐意帮忙。" : "I can't help with that kind of content. If you are looking for something else from the shop, I'm glad to help.";
    case Kind::hate: return zh ? "我不会参与贬低任何人群的内容。需要找商品的话，我很乐意帮忙。" : "I won't speak ill of groups of people. If there is something you would like to find in the shop, I'm glad to help.";
    case Kind::privacy: return zh ? "他人的私人信息我不能提供，也不会去查。需要找商品的话，我很乐意帮忙。" : "I can't give out or look up private information about people. If there is something you would like to find in the shop, I'm glad to help.";
    case Kind::harm: return zh ? "这可能会伤害到人，我不能帮忙。需要找商品的话，我很乐意帮忙。" : "I can't help with that, because somebody could get hurt or wronged. If there is something you would like to find in the shop, I'm glad to help.";
  }
  return "";
}

}  // namespace attune::talk::safety
