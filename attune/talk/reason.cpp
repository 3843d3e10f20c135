// Reasons: the parts of a score that weigh most, worded by what each is in this dialogue; then the constraints that are met.
#include <algorithm>
#include <cmath>

#include "attune/explain/explain.h"
#include "attune/talk/constraints.h"
#include "attune/talk/listing.h"

namespace attune::talk {
namespace {

constexpr double kWorthNaming = 0.5;      // a second reason is named when it adds at least this share of the first

struct Part {
  std::string text;
  double value = 0;
  bool is_away = false;      // for being unlike something: told once
};

// The words wished for that this item has, as they were said; a word that it has not is no reason for it.
std::string words_of(const Asked& asked, ItemId item) {
  std::string words;
  for (const WishWord& word : asked.words) {
    if (!std::binary_search(word.items.begin(), word.items.end(), static_cast<std::uint32_t>(to_index(item)))) continue;
    words += (words.empty() || has_han(word.text) ? "" : " ") + word.text;
  }
  return words;
}

bool among(const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

}  // namespace

std::string reason(const Lexicon& lexicon, const Dialogue& dialogue, const Asked& asked, ItemId item, const Explanation& why, std::string_view language) {
  const bool zh = language == "zh";
  const rank::World& world = lexicon.world();
  const Explanation parts = explain::by_history(why);
  // What the pointed-at items add by text stands in the part "about", beside the words': told apart here.
  double about = 0, popular = 0;
  std::map<std::string, double> by_item;
  for (const Explanation& part : parts.parts) {
    if (part.what == "about") about += part.value;
    else if (part.what == "popularity") popular += part.value;
    else if (part.what.starts_with("item:")) by_item[part.what.substr(5)] += part.value;
  }
  for (const auto& [id, move] : asked.moves) {
    const double value = to_index(item) < move.size() ? move[to_index(item)] : 0;
    about -= value;
    by_item[world.item(id).name] += value;
  }
  const double learned = to_index(item) < asked.learned.size() ? asked.learned[to_index(item)] : 0;
  about -= learned;
  std::vector<Part> reasons;
  if (learned > 0) reasons.push_back({zh ? "在类似的对话里有人推荐它" : "it is what such conversations led to", learned});
  if (const std::string words = words_of(asked, item); about > 0 && !words.empty()) reasons.push_back({zh ? "它符合“" + words + "”" : "it fits “" + words + "”", about});
  if (popular > 0) reasons.push_back({zh ? "很多人都选它" : "many people take it", popular});
  for (const auto& [name, value] : by_item) {
    if (value <= 0) continue;
    const auto id = world.find(name);
    const std::string title = id ? lexicon.title(*id) : name;
    std::string text;
    bool is_away = false;
    if (among(dialogue.wants.liked, name)) text = zh ? "您喜欢“" + title + "”" : "you like " + title;
    else if (among(dialogue.wants.toward, name)) text = zh ? "它和“" + title + "”相近" : "it is close to " + title;
    else if (among(dialogue.wants.disliked, name) || among(dialogue.wants.away, name)) is_away = true, text = zh ? "它和您不喜欢的“" + title + "”不同" : "it is unlike " + title + ", which you did not want";
    else if (among(asked.only_viewed, name)) text = zh ? "您看过“" + title + "”" : "you looked at " + title;
    else text = zh ? "您选过“" + title + "”" : "you took " + title;
    reasons.push_back({std::move(text), value, is_away});
  }
  std::stable_sort(reasons.begin(), reasons.end(), [](const Part& a, const Part& b) { return a.value > b.value; });
  std::string said;
  if (reasons.empty()) {
    // No word in common, but the encoder brings it near: "something about space" and a distant planet.
    if (about > 0 && !dialogue.wants.wish.empty()) said = zh ? "意思与您说的相近" : "in meaning among the nearest to what you said";
    else said = zh ? "这是剩下的商品中最接近的" : "the nearest of what is left";
  } else {
    said = (zh ? "因为" : "because ") + reasons[0].text;
    if (reasons.size() > 1 && !(reasons[0].is_away && reasons[1].is_away) && reasons[1].value >= kWorthNaming * reasons[0].value) said += (zh ? "，并且" : " and ") + reasons[1].text;
  }
  // What it was picked by and what was asked for, as the catalogue has it.
  std::string facts;
  std::vector<std::string> told;
  const auto tell = [&](const std::string& name) {
    const Attribute* attribute = name.empty() ? nullptr : lexicon.attribute(name);
    if (attribute == nullptr || among(told, name)) return;
    const std::string value = lexicon.value_text(item, *attribute);
    if (value.empty() || value.size() > 80) return;
    told.push_back(name);
    facts += (facts.empty() ? "" : zh ? "，" : ", ") + spoken_name(lexicon, name, language) + " " + value;
  };
  if (dialogue.wants.order) tell(dialogue.wants.order->attribute);
  for (const Constraint& c : dialogue.wants.constraints)
    if (c.op != Constraint::is_not) tell(c.attribute);
  if (reasons.empty() && !facts.empty()) return facts;
  return facts.empty() ? said : facts + (zh ? "；" : "; ") + said;
}

}  // namespace attune::talk
