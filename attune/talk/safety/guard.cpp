// Guard: see the header. Each rule is a frame: who does what to whom, and whether it is said of games, words, history or protection.
#include "attune/talk/safety/guard.h"

#include <algorithm>
#include <optional>

#include "attune/talk/safety/head.h"
#include "attune/talk/safety/reading.h"
#include "attune/talk/safety/rules.h"

namespace attune::talk::safety {

namespace {

constexpr std::size_t kMostOfAMessage = 4000;   // bytes

bool asks_something(const Reading& reading) {
  const auto is_one = [](const std::string& w) {
    for (const std::string_view word : {"how", "what", "why", "who", "where", "when", "which", "is", "are", "do", "does", "did", "can", "could", "should", "tell", "give", "show", "explain", "write", "describe", "help", "list", "teach"})
      if (w == word) return true;
    return false;
  };
  return !reading.words.empty() && is_one(reading.words[0].text);
}

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

Verdict judge_by_rules(std::string_view message) {
  const Reading reading = read(message);
  if (reading.words.empty()) return {};
  for (const Rule rule : {self_harm_rule, adult_rule, hate_rule, event_rule, harm_rule, privacy_rule, chinese_rule})
    if (auto verdict = rule(reading)) return *verdict;
  return {};
}

Verdict judge(std::string_view message) {
  Verdict verdict = judge_by_rules(message);
  if (verdict.kind == Kind::self_harm) return verdict;          // a cry for help is not argued away
  const auto head = opinion(message);
  if (!head) return verdict;
  const Reading reading = read(message.substr(0, kMostOfAMessage));
  // "In real life" is said to turn what sounded harmless: there the rules have the last word.
  if (!verdict.is_allowed()) return head->refuse < kThresholds.pass && !has(reading, "real") ? Verdict{} : verdict;
  // Alone the head hears requests only: what it learned from are requests, and statements ("I love my Muslim friends") it would misread.
  if (head->refuse > kThresholds.refuse && (has(reading, "request") || asks_something(reading))) return {head->kind, "head"};
  return verdict;
}

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
