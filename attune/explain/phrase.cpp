// Phrases: one sentence from the tree of a score, in English or Chinese. Says nothing that is not in the tree.
#include <algorithm>
#include <string>
#include <vector>

#include "attune/core/error.h"
#include "attune/explain/explain.h"

namespace attune::explain {
namespace {

constexpr std::size_t kLongestName = 48;   // bytes of a text that a sentence quotes
constexpr double kWorthNaming = 0.4;       // a second item is named when it gives at least this share of what the first gives
constexpr double kByText = 0.6;            // from this share on the text carried it

// What each language says; {} stands for a name.
struct Words {
  const char *took_one, *took_two, *reads_like, *about, *popular, *although, *closest, *open, *close, *model;
};
constexpr Words kEnglish = {"because you took {}", "because you took {} and {}", "because it reads like {}, which you took",
                            "because it fits \"{}\"", "because many people take it", ", although you disliked {}",
                            "the closest there is, though nothing in the history speaks for it", "", "", "because of its overall score"};
constexpr Words kChinese = {"因为您选过{}", "因为您选过{}和{}", "因为它的描述与您选过的{}相近", "因为它符合“{}”", "因为很多人都选它",
                            "，虽然您不喜欢{}", "这是最接近的一项，但历史记录中没有支持它的内容", "“", "”", "因为它的综合得分高"};

std::string filled(std::string pattern, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::size_t at = pattern.find("{}");
    if (at != std::string::npos) pattern.replace(at, 2, name);
  }
  return pattern;
}

// Cut at a word (or a character of another script) when too long.
std::string shortened(std::string text) {
  if (text.size() <= kLongestName) return text;
  std::size_t end = kLongestName;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // whole UTF-8 characters
  const std::size_t space = text.rfind(' ', end);
  if (space != std::string::npos && space > kLongestName / 2) end = space;
  while (end > 0 && (text[end - 1] == ',' || text[end - 1] == ' ')) --end;
  return text.substr(0, end) + "…";
}

std::string title(const rank::World& world, const std::string& what, const Words& words) {
  const std::string name = what.substr(5);  // after "item:"
  const auto id = world.find(name);
  const std::string& text = id ? world.item(*id).text : name;
  return words.open + shortened(text.empty() ? name : text) + words.close;
}

// Share of what the parts add that texts brought.
double text_share(const Explanation& part) {
  double text = 0, all = 0;
  for (const Explanation& p : part.parts) {
    all += std::max(p.value, 0.0);
    if (p.what.starts_with("text:")) text += std::max(p.value, 0.0);
  }
  return all > 0 ? text / all : 0;
}

// Is a touch of this item in the history a dislike.
bool disliked(const rank::World& world, const rank::Request& request, const std::string& what) {
  const auto id = world.find(what.substr(5));
  return id && std::any_of(request.history.begin(), request.history.end(), [&](const Touch& t) { return t.item == *id && t.weight < 0; });
}

}  // namespace

std::string phrase(const rank::World& world, const rank::Request& request, const Explanation& why, std::string_view language) {
  if (language != "en" && language != "zh")
    throw Error(Code::bad_request, "reasons are written in en or zh, not '" + std::string(language) + "'");
  const Words& words = language == "zh" ? kChinese : kEnglish;
  const Explanation parts = by_history(why);
  std::vector<const Explanation*> items;  // largest first
  const Explanation *about = nullptr, *against = nullptr;
  bool is_popular = false, has_score = false;
  double best_other = 0;
  for (const Explanation& part : parts.parts) {
    if (part.what == "about" && part.value > 0) about = &part;
    else if (part.what.starts_with("item:") && part.value > 0) items.push_back(&part);
    else if (part.what.starts_with("item:") && against == nullptr && disliked(world, request, part.what)) against = &part;
    else if (part.what == "popularity" && part.value > 0) is_popular = true, best_other = part.value;
    else if (part.what == "score" && part.value > 0) has_score = true;
  }
  std::string sentence;
  if (about != nullptr && (items.empty() || about->value >= items.front()->value)) {
    sentence = filled(words.about, {shortened(request.about_text)});
  } else if (!items.empty() && (!is_popular || items.front()->value >= 0.05 * best_other)) {
    const Explanation& first = *items.front();
    if (text_share(first) >= kByText)
      sentence = filled(words.reads_like, {title(world, first.what, words)});
    else if (items.size() > 1 && items[1]->value >= kWorthNaming * first.value)
      sentence = filled(words.took_two, {title(world, first.what, words), title(world, items[1]->what, words)});
    else
      sentence = filled(words.took_one, {title(world, first.what, words)});
  } else {
    sentence = is_popular ? words.popular : has_score ? words.model : words.closest;
  }
  if (against != nullptr) sentence += filled(words.although, {title(world, against->what, words)});
  return sentence;
}

}  // namespace attune::explain
