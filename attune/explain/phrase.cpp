// Phrases: one sentence from the tree of a score, in English or Chinese. Says nothing that is not in the tree.
//   reasons: the history items (and the free text) that add most, told by whether behaviour or text carried them; popularity
//   where it carries the item more than they do; a rule; and what weighs against it, when it weighs enough to matter.
#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "attune/core/error.h"
#include "attune/explain/explain.h"

namespace attune::explain {
namespace {

constexpr std::size_t kLongestName = 48;   // bytes of a text that a sentence quotes
constexpr double kWorthNaming = 0.5;       // a second reason is named when it adds at least this share of what the first adds
constexpr double kByText = 0.6;            // from this share on the text carried it

// What each language says; {} stands for a name.
struct Words {
  const char *because, *with;                                        // `with` joins reasons of two kinds
  const char *took, *took_two, *reads_like, *reads_like_two, *did_not_like, *about, *popular, *rule, *whole;
  const char *nothing, *although_against, *although_dislike;
  const char *looked, *looked_two, *like_looked, *like_looked_two;   // of items that were only looked at (events that hide nothing)
  const char *open, *close;                                          // around a name
};
constexpr Words kEnglish = {
    "because ", " and ",
    "you took {}", "you took {} and {}", "it reads like {}, which you took", "it reads like {} and {}, which you took", "you did not like {}",
    "it fits “{}”", "many people take it", "a rule of the shop puts it forward", "of your history as a whole",
    "the nearest of what is left; nothing in your history speaks for it", ", although {} speaks against it", ", although you did not like {}",
    "you looked at {}", "you looked at {} and {}", "it reads like {}, which you looked at", "it reads like {} and {}, which you looked at",
    "", ""};
constexpr Words kChinese = {
    "因为", "，并且",
    "您选过{}", "您选过{}和{}", "它的描述与您选过的{}相近", "它的描述与您选过的{}和{}相近", "您不喜欢{}",
    "它符合“{}”", "很多人都选它", "商家的规则推荐它", "它与您的整个历史记录相符",
    "这是剩下的商品中最接近的；您的历史记录中没有支持它的内容", "，尽管{}不支持它", "，尽管您不喜欢{}",
    "您看过{}", "您看过{}和{}", "它的描述与您看过的{}相近", "它的描述与您看过的{}和{}相近",
    "“", "”"};

// For lists of items like one, which are about no person.
constexpr Words alike(Words words, const char* took, const char* took_two, const char* reads_like, const char* reads_like_two) {
  words.took = words.looked = took, words.took_two = words.looked_two = took_two;
  words.reads_like = words.like_looked = reads_like, words.reads_like_two = words.like_looked_two = reads_like_two;
  return words;
}
constexpr Words kEnglishAlike = alike(kEnglish, "people take it with {}", "people take it with {} and {}", "it reads like {}", "it reads like {} and {}");
constexpr Words kChineseAlike = alike(kChinese, "人们常把它与{}一起选", "人们常把它与{}和{}一起选", "它的描述与{}相近", "它的描述与{}和{}相近");

const Words& words_for(std::string_view language, bool is_alike) {
  if (language == "zh") return is_alike ? kChineseAlike : kChinese;
  return is_alike ? kEnglishAlike : kEnglish;
}

std::string filled(std::string pattern, const std::vector<std::string>& names) {
  std::size_t from = 0;
  for (const std::string& name : names) {
    const std::size_t at = pattern.find("{}", from);
    if (at == std::string::npos) break;
    pattern.replace(at, 2, name);
    from = at + name.size();
  }
  return pattern;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0u) == 0x80u; }

// Cut at a word (or a character of a script without spaces) when too long.
std::string shortened(const std::string& text) {
  if (text.size() <= kLongestName) return text;
  std::size_t end = kLongestName;
  while (end > 0 && is_continuation(text[end])) --end;   // whole characters
  const std::size_t space = text.rfind(' ', end);
  if (space != std::string::npos && space > kLongestName / 2) end = space;
  while (end > 0 && (text[end - 1] == ',' || text[end - 1] == ' ')) --end;
  return text.substr(0, end) + "…";
}

struct Reason {
  enum Kind { item, about, popular, rule, rest } kind = rest;
  std::string_view name = {};   // of the item, as the catalogue has it
  double value = 0;
  double text = 0, parts = 0;   // what its positive parts add, and those of them that are texts
  bool disliked = false;        // the history holds more against the item than for it
  bool looked = false;          // the person did nothing with it that has the item left out of lists: viewed, clicked
  bool by_text() const { return parts > 0 && text >= kByText * parts; }
};

bool disliked(const rank::World& world, const rank::Request& request, std::string_view name) {
  const auto id = world.find(name);
  double weight = 0;
  for (const Touch& touch : request.history)
    if (id && touch.item == *id) weight += touch.weight;
  return weight < 0;
}

bool only_looked_at(const rank::World& world, const rank::Request& request, std::string_view name) {
  const auto id = world.find(name);
  if (!id || std::binary_search(request.seen.begin(), request.seen.end(), *id)) return false;
  return std::any_of(request.history.begin(), request.history.end(), [&](const Touch& touch) { return touch.item == *id; });
}

// A model that knows no history counts with what centring leaves of it: above the average or below. So does the part of a
// model that is not told apart, when nothing else is.
void add_model(const Explanation& model, std::vector<Reason>& reasons) {
  const auto is = [&](std::string_view what) {
    return std::any_of(model.parts.begin(), model.parts.end(), [&](const Explanation& p) { return p.what == what; });
  };
  if (is("popularity")) reasons.push_back({.kind = Reason::popular, .value = model.value});
  else if (is("rest")) reasons.push_back({.kind = Reason::rest, .value = model.value});
}

// The history items of all models, each once. Views into `why`: nothing of the tree is copied.
void add_items(const Explanation& why, std::vector<Reason>& reasons) {
  std::unordered_map<std::string_view, std::size_t> place;
  for (const Explanation& model : why.parts) {
    if (!model.what.starts_with("model:")) continue;
    for (const Explanation& part : model.parts) {
      const bool is_about = part.what == "about";
      if (!is_about && !part.what.starts_with("item:")) continue;
      const auto [it, is_new] = place.emplace(part.what, reasons.size());
      if (is_new) reasons.push_back({.kind = is_about ? Reason::about : Reason::item, .name = is_about ? std::string_view() : std::string_view(part.what).substr(5)});
      Reason& reason = reasons[it->second];
      reason.value += part.value;
      if (part.parts.empty()) reason.parts += std::max(part.value, 0.0);   // not told apart: nothing says that a text did it
      for (const Explanation& p : part.parts) {
        reason.parts += std::max(p.value, 0.0);
        if (p.what.starts_with("text:")) reason.text += std::max(p.value, 0.0);
      }
    }
  }
}

// Everything that could be said, strongest first.
std::vector<Reason> reasons_of(const rank::World& world, const rank::Request& request, const Explanation& why) {
  std::vector<Reason> reasons;
  add_items(why, reasons);
  for (const Explanation& part : why.parts) {
    if (part.what.starts_with("model:")) add_model(part, reasons);
    if (part.what.starts_with("rule:")) reasons.push_back({.kind = Reason::rule, .value = part.value});
  }
  std::stable_sort(reasons.begin(), reasons.end(), [](const Reason& a, const Reason& b) { return a.value > b.value; });
  // Only those that may be spoken of need to be looked up: the first two and the last.
  for (std::size_t n = 0; n < reasons.size(); ++n)
    if ((n < 2 || n + 1 == reasons.size()) && reasons[n].kind == Reason::item) {
      reasons[n].disliked = disliked(world, request, reasons[n].name);
      reasons[n].looked = only_looked_at(world, request, reasons[n].name);
    }
  return reasons;
}

class Speaker {
 public:
  Speaker(const rank::World& world, const rank::Request& request, const Words& words) : world_(world), request_(request), words_(words) {}

  std::string say(const std::vector<Reason>& reasons) const {
    std::string sentence;
    const bool any = !reasons.empty() && reasons.front().value > 0;
    if (!any) sentence = words_.nothing;
    else if (reasons.size() > 1 && reasons[1].value >= kWorthNaming * reasons.front().value) sentence = words_.because + two(reasons[0], reasons[1]);
    else sentence = words_.because + one(reasons[0]);
    if (reasons.empty() || reasons.back().value >= 0 || reasons.back().kind != Reason::item) return sentence;
    const Reason& worst = reasons.back();
    if (any && -worst.value < kWorthNaming * reasons.front().value) return sentence;
    return sentence + filled(worst.disliked ? words_.although_dislike : words_.although_against, {name(worst)});
  }

 private:
  std::string name(const Reason& reason) const {
    const auto id = world_.find(reason.name);
    const std::string text = id ? world_.item(*id).text : std::string();
    return words_.open + shortened(text.empty() ? std::string(reason.name) : text) + words_.close;
  }

  std::string one(const Reason& reason) const {
    switch (reason.kind) {
      case Reason::about: return filled(words_.about, {shortened(request_.about_text)});
      case Reason::popular: return words_.popular;
      case Reason::rule: return words_.rule;
      case Reason::rest: return words_.whole;
      case Reason::item: break;
    }
    if (reason.disliked) return filled(words_.did_not_like, {name(reason)});
    if (reason.by_text()) return filled(reason.looked ? words_.like_looked : words_.reads_like, {name(reason)});
    return filled(reason.looked ? words_.looked : words_.took, {name(reason)});
  }

  std::string two(const Reason& a, const Reason& b) const {
    if (a.kind == Reason::rest || b.kind == Reason::rest) return one(a.kind == Reason::rest && b.kind != Reason::rest ? b : a);
    const bool alike = a.kind == Reason::item && b.kind == Reason::item && !a.disliked && !b.disliked && a.by_text() == b.by_text() && a.looked == b.looked;
    if (alike && a.looked) return filled(a.by_text() ? words_.like_looked_two : words_.looked_two, {name(a), name(b)});
    if (alike) return filled(a.by_text() ? words_.reads_like_two : words_.took_two, {name(a), name(b)});
    return one(a) + words_.with + one(b);
  }

  const rank::World& world_;
  const rank::Request& request_;
  const Words& words_;
};

}  // namespace

std::string phrase(const rank::World& world, const rank::Request& request, const Explanation& why, std::string_view language) {
  if (language != "en" && language != "zh")
    throw Error(Code::bad_request, "reasons are written in en or zh, not '" + std::string(language) + "'");
  return Speaker(world, request, words_for(language, request.is_alike)).say(reasons_of(world, request, why));
}

}  // namespace attune::explain
