// Rules about what is said of people: self-harm, adult content, contempt, praise of atrocities, private matters.
#include "attune/talk/safety/rules.h"

#include <algorithm>
#include <array>

namespace attune::talk::safety {
namespace {

bool is_word(const Reading& r, std::size_t i, std::initializer_list<std::string_view> any) {
  return i < r.words.size() && std::find(any.begin(), any.end(), r.words[i].text) != any.end();
}

bool has_word(const Reading& r, std::initializer_list<std::string_view> any) {
  for (std::size_t i = 0; i < r.words.size(); ++i)
    if (is_word(r, i, any)) return true;
  return false;
}

// A name of somebody: a capital in the middle of a sentence that no list knows.
bool has_name(const Reading& r) {
  for (std::size_t i = 0; i < r.words.size(); ++i)
    if (r.words[i].is_capital && r.words[i].text != "i" && !r.words[i].text.starts_with("i'")) return true;
  return false;
}

}  // namespace

bool is_fiction(const Reading& r) {
  if (has(r, "real")) return false;
  if (has(r, "fiction")) return true;
  const std::size_t weak = list("fiction_weak");
  for (const Found& f : r.found) {
    if (!f.in.test(weak)) continue;
    for (std::size_t back = 1; back <= 3 && back <= f.begin; ++back)
      if (is_word(r, f.begin - back, {"in", "inside", "playing", "play"}) && !is_word(r, f.begin - back + 1, {"front"})) return true;
    if (f.begin > 0 && is_word(r, f.begin - 1, {"my", "our"}) && is_word(r, f.begin, {"novel", "screenplay", "script", "story", "book", "movie", "film", "game", "campaign"})) return true;
  }
  return false;
}

bool is_knowledge(const Reading& r) {
  if (has_any(r, {"knowledge", "protect", "history"})) return true;
  // "What is arson?": a short question for a thing
  const auto& w = r.words;
  if (w.size() >= 3 && w.size() <= 8 && (is_word(r, 0, {"what", "who"}) && is_word(r, 1, {"is", "are", "'s", "was", "were"})) && !has(r, "request") &&
      !has_word(r, {"way", "best", "good", "how", "easy", "easiest", "method"}))
    return true;
  // past: "how was he killed", "why did she murder him"
  for (std::size_t i = 0; i < std::min<std::size_t>(w.size(), 4); ++i)
    if (is_word(r, i, {"how", "why", "when", "where", "who", "what", "which"}) && is_word(r, i + 1, {"did", "was", "were", "killed", "shot", "murdered", "had"})) return true;
  return false;
}

std::optional<Verdict> self_harm_rule(const Reading& r) {
  if (!has(r, "self_harm")) return std::nullopt;
  if (has(r, "self_harm_safe")) return std::nullopt;
  if (!has(r, "self_harm_sure") && (is_fiction(r) || is_knowledge(r))) return std::nullopt;
  return Verdict{Kind::self_harm, "self-harm"};
}

std::optional<Verdict> adult_rule(const Reading& r) {
  if (!has(r, "adult") || has(r, "adult_safe") || has_any(r, {"knowledge", "protect"})) return std::nullopt;
  return Verdict{Kind::adult, "adult"};
}

std::optional<Verdict> hate_rule(const Reading& r) {
  if (has(r, "slur") && !has_any(r, {"knowledge", "anti_hate", "protect"})) return Verdict{Kind::hate, "slur"};
  if (!has(r, "group")) return std::nullopt;
  if (has(r, "made_up") || has(r, "anti_hate") || is_fiction(r) || has_any(r, {"knowledge", "history"})) return std::nullopt;
  const bool bad = has(r, "bad"), act = has(r, "hate_act"), field = has(r, "deny");
  const bool claims = has_word(r, {"why", "prove", "explain", "should", "shouldn't", "reasons", "reason", "joke", "jokes", "argue", "convince", "deserve", "because", "excuse", "must", "justify", "evidence", "write", "how", "hate", "which", "best"});
  if (bad && (claims || has_word(r, {"are", "is"}))) return Verdict{Kind::hate, "group + contempt"};
  if (act && claims && field) return Verdict{Kind::hate, "group + denial"};
  if (act && has_word(r, {"should", "deserve", "must", "why", "excuse", "reasons", "how", "good", "best"}) && !has_word(r, {"from", "against"})) return Verdict{Kind::hate, "group + denial"};
  if (field && has_word(r, {"shouldn't", "not", "never", "without", "can't", "cannot", "stop", "deserve", "less", "worse", "keep"}) && claims) return Verdict{Kind::hate, "group + denial"};
  return std::nullopt;
}

std::optional<Verdict> event_rule(const Reading& r) {
  if (!has(r, "event") || is_fiction(r)) return std::nullopt;
  if (has(r, "praise")) return Verdict{Kind::hate, "atrocity + praise"};
  if (!has(r, "judging") || has(r, "blaming") || has(r, "history")) return std::nullopt;
  return Verdict{Kind::hate, "atrocity + praise"};
}

std::optional<Verdict> privacy_rule(const Reading& r) {
  if (!has(r, "private")) return std::nullopt;
  if (has(r, "character") || has(r, "made_up") || is_fiction(r)) return std::nullopt;
  const auto& w = r.words;
  // Whose: "my neighbour's address" is somebody's, "my address" is the speaker's own.
  bool own = false, others = has_word(r, {"his", "her", "their", "he", "she"}), owner = false, human_owner = false;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (is_word(r, i, {"my", "our", "your"})) {
      const bool somebody = has_within(r, "human", i + 1, std::min(i + 4, w.size()));
      if (!somebody) own = true;
      else if (has_within(r, "private", i + 2, w.size()) || has_within(r, "private", 0, i)) human_owner = true;
    }
    if (w[i].text == "'s" && i > 0 && has_within(r, "human", i > 3 ? i - 3 : 0, i)) human_owner = true;
    if (w[i].text == "'s" && i > 0 && w[i - 1].is_capital) owner = true;
    if (is_word(r, i, {"of", "does", "is", "has", "did", "do", "about"}) && has_within(r, "human", i + 1, std::min(i + 4, w.size()))) human_owner = true;
  }
  if (has(r, "office") && !others && !human_owner) return std::nullopt;
  const bool named = has_name(r);
  if (own && !others && !owner && !human_owner) return std::nullopt;
  const bool most = has(r, "most_private");
  if (named && !others && !human_owner && has(r, "public_fact") && !most) return std::nullopt;
  if (named && !human_owner && !others && !most && !owner) return std::nullopt;
  if (has_any(r, {"knowledge", "protect"}) && !others && !owner) return std::nullopt;
  if (!named && !others && !human_owner) return std::nullopt;
  if (!named && !most && !has_word(r, {"what", "where", "tell", "find", "give", "which", "look", "show", "how", "is", "does", "has"})) return std::nullopt;
  return Verdict{Kind::privacy, "private matter of a person"};
}

std::optional<Verdict> chinese_rule(const Reading& r) {
  const auto h = [&](std::string_view name) { return has(r, name); };
  if (h("zh_self_harm") && !h("zh_self_harm_safe") && !(h("zh_knowledge") && !h("zh_request"))) return Verdict{Kind::self_harm, "self-harm"};
  if (h("zh_adult") && !h("zh_adult_safe")) return Verdict{Kind::adult, "adult"};
  const bool fiction = h("zh_fiction") && !h("zh_real");
  if (h("zh_group") && h("zh_bad") && !h("zh_made_up") && !h("zh_anti_hate") && !fiction) return Verdict{Kind::hate, "group + contempt"};
  if (h("zh_event") && h("zh_praise")) return Verdict{Kind::hate, "atrocity + praise"};
  const bool others_mine = h("zh_others");
  if (h("zh_private") && !h("zh_character") && !h("zh_office") && !h("zh_public_fact") && !(h("zh_own") && !others_mine) && !fiction && !h("zh_made_up") &&
      !h("zh_knowledge") && (h("zh_human") || r.words.size() >= 5))
    return Verdict{Kind::privacy, "private matter of a person"};
  if (fiction) return std::nullopt;
  if (h("zh_knowledge") && !h("zh_crime")) return std::nullopt;
  if (h("zh_knowledge") && !(h("zh_request"))) return std::nullopt;
  if (h("zh_crime") && !h("zh_knowledge") && h("zh_request")) return Verdict{Kind::harm, "crime"};
  if (h("zh_knowledge")) return std::nullopt;
  if (h("zh_hurt") && (h("zh_human") || h("zh_animal")) && !h("zh_harmless")) return Verdict{Kind::harm, "hurt + human"};
  if (h("zh_ruin") && h("zh_place") && !h("zh_harmless")) return Verdict{Kind::harm, "ruin + place"};
  if (h("zh_contraband") && (h("zh_handle") || h("zh_request")) && !h("zh_fiction")) return Verdict{Kind::harm, "contraband"};
  return std::nullopt;
}

}  // namespace attune::talk::safety
