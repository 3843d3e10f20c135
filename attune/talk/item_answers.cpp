// Answers about items: taken, compared, explained, told of, asked about, missed from the list.
#include <algorithm>

#include "attune/core/error.h"
#include "attune/engine/pipeline_settings.h"
#include "attune/explain/explain.h"
#include "attune/talk/constraints.h"
#include "attune/talk/telling.h"

namespace attune::talk {
namespace {

constexpr std::size_t kWhyNotDepth = 1000;             // places looked through for "why not"
constexpr std::size_t kCompared = 4;                   // items compared at once
constexpr std::size_t kAnswered = 4;                   // attributes answered at once

// Those mentioned, else those in focus, else those shown.
std::vector<ItemId> meant(const Telling& telling, std::size_t most, bool all_shown) {
  std::vector<ItemId> items;
  const auto take_names = [&](const std::vector<std::string>& names) {
    for (const std::string& name : names)
      if (const auto id = telling.lexicon.world().find(name); id && items.size() < most && std::find(items.begin(), items.end(), *id) == items.end()) items.push_back(*id);
  };
  for (const Mention& m : telling.reading().mentions) take_names({m.item});
  if (items.empty()) take_names(telling.dialogue.focus);
  if (items.empty() && (all_shown || telling.shown().size() == 1)) take_names(telling.shown());
  return items;
}

const std::string& name_of(const Telling& telling, ItemId id) { return telling.lexicon.world().item(id).name; }

void focus_on(Telling& telling, const std::vector<ItemId>& items) {
  telling.dialogue.focus.clear();
  for (const ItemId id : items) telling.dialogue.focus.push_back(name_of(telling, id));
}

std::string because_of(const Telling& telling, ItemId id) {
  const Asked asked = request_for(telling.engine, telling.lexicon, telling.dialogue, telling.asking());
  try {
    return reason(telling.lexicon, telling.dialogue, asked, id, explain::why(telling.lexicon.world(), asked.request, id), telling.dialogue.language);
  } catch (const Error&) {
    return "";      // no source can score it
  }
}

// "you asked for price under 20, it has 35"
std::string unmet(const Telling& telling, const Constraint& c, ItemId id) {
  const bool zh = telling.zh();
  const Attribute* attribute = c.attribute.empty() ? nullptr : telling.lexicon.attribute(c.attribute);
  const std::string has = attribute == nullptr ? "" : telling.lexicon.value_text(id, *attribute);
  std::string text = (zh ? "您要求" : "you asked for ") + phrase(telling.lexicon, c, telling.dialogue.language);
  if (!has.empty() && has.size() < 100) text += (zh ? "，它是" : ", it has ") + has;
  else if (attribute != nullptr) text += zh ? "，目录里没有它的这项信息" : ", the catalogue does not give that of it";
  return text;
}

// Where it stands among what fits.
std::string place_of(const Telling& telling, ItemId id) {
  const bool zh = telling.zh();
  ListingAsk ask = telling.asking();
  ask.skip_shown = false;
  Asked asked = request_for(telling.engine, telling.lexicon, telling.dialogue, ask);
  if (std::find(asked.request.seen.begin(), asked.request.seen.end(), id) != asked.request.seen.end()) return zh ? "您已经有它了" : "you already have it";
  if (among(telling.shown(), name_of(telling, id))) return zh ? "它就在列表里" : "it is in the list";
  asked.request.k = static_cast<int>(kWhyNotDepth);
  const rank::Slate slate = engine::standard_pipeline().run(telling.lexicon.world(), asked.request);
  for (std::size_t n = 0; n < slate.candidates.size(); ++n)
    if (slate.candidates[n].item == id) return filled(zh ? "它排在第{}位，别的更合适" : "it stands at place {}; others suit better", {std::to_string(n + 1)});
  return filled(zh ? "它不在最合适的前{}个里" : "it is not among the best {}", {std::to_string(slate.candidates.size())});
}

std::vector<std::string> reasons_against(const Telling& telling, ItemId id) {
  const bool zh = telling.zh();
  const Wants& wants = telling.dialogue.wants;
  std::vector<std::string> reasons;
  for (const Constraint& c : wants.constraints)
    if (!fits(telling.lexicon, c, id)) reasons.push_back(unmet(telling, c, id));
  if (among(wants.disliked, name_of(telling, id))) reasons.push_back(zh ? "您说过不要它" : "you said that you do not want it");
  if (among(wants.liked, name_of(telling, id))) reasons.push_back(zh ? "您已经选了它" : "you have picked it already");
  if (telling.lexicon.world().item(id).hidden) reasons.push_back(zh ? "它已下架" : "it is not on offer");
  if (reasons.empty()) reasons.push_back(place_of(telling, id));
  return reasons;
}

void ask_which(Telling& telling) { telling.plain("unclear", telling.speech->which_item()); }

}  // namespace

void take_item(Telling& telling) {
  telling.reply.act = "noted";
  for (const Mention& m : telling.reading().mentions)
    if (const auto id = telling.lexicon.world().find(m.item)) {
      telling.add(telling.speech->taken(telling.lexicon.title(*id)));
      telling.dialogue.focus = {m.item};
      telling.show(m.item, "");
      return;
    }
  telling.add(telling.speech->which_item());
}

void compare_items(Telling& telling) {
  std::vector<ItemId> items = meant(telling, kCompared, true);
  if (items.size() == 1)
    for (const std::string& name : telling.shown())
      if (const auto id = telling.lexicon.world().find(name); id && *id != items[0] && items.size() < 2) items.push_back(*id);
  if (items.size() < 2) return ask_which(telling);
  telling.plain("compare", telling.speech->compare(items));
  for (const ItemId id : items) telling.show(name_of(telling, id), because_of(telling, id));
  focus_on(telling, items);
}

void explain_items(Telling& telling) {
  const std::vector<ItemId> items = meant(telling, 10, true);
  if (items.empty()) return ask_which(telling);
  telling.reply.act = "explain";
  for (const ItemId id : items) {
    const std::string because = because_of(telling, id);
    if (items.size() == 1) telling.add(telling.speech->explain(telling.lexicon.title(id), because));
    telling.show(name_of(telling, id), because);
  }
  if (items.size() > 1) telling.add(telling.zh() ? "理由如下：" : "The reasons:");
  focus_on(telling, items);
}

void tell_about(Telling& telling) {
  const std::vector<ItemId> items = meant(telling, 1, false);
  if (items.empty()) return ask_which(telling);
  telling.plain("answer", telling.speech->about(items[0]));
  telling.show(name_of(telling, items[0]), because_of(telling, items[0]));
  focus_on(telling, items);
}

void answer_attributes(Telling& telling) {
  const std::vector<ItemId> items = meant(telling, 5, true);
  if (items.empty()) return ask_which(telling);
  telling.reply.act = "answer";
  std::vector<std::string> attributes;
  for (const std::string& a : telling.reading().attributes)
    if (!among(attributes, a) && attributes.size() < kAnswered) attributes.push_back(a);
  for (const ItemId id : items) {
    telling.add(telling.speech->answer(id, attributes));
    telling.show(name_of(telling, id), "");
  }
  focus_on(telling, items);
}

namespace {

// "why no lamps?": which condition bars all of them, or how many there are.
void tell_why_no_such(Telling& telling) {
  const bool zh = telling.zh();
  const std::vector<Constraint>& such = telling.reading().constraints;
  const auto count = [&](const std::vector<Constraint>& constraints) {
    const std::vector<std::uint8_t> mask = fitting(telling.lexicon, constraints);
    return static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 1));
  };
  std::vector<Constraint> all = such, barring;
  for (const Constraint& c : telling.dialogue.wants.constraints) {
    std::vector<Constraint> with = such;
    with.push_back(c), all.push_back(c);
    if (count(with) == 0) barring.push_back(c);
  }
  const std::string what = phrase(telling.lexicon, such, telling.dialogue.language);
  const std::size_t n = count(all);
  if (barring.empty() && n == 0) barring = telling.dialogue.wants.constraints;
  if (count(such) == 0) return telling.plain("why_not", filled(zh ? "目录里没有{}的商品。" : "The catalogue has none with {}.", {what}));
  if (!barring.empty()) return telling.plain("why_not", filled(zh ? "没有{}的，因为您要求{}。" : "None with {}: you asked for {}.", {what, phrase(telling.lexicon, barring, telling.dialogue.language)}));
  telling.plain("why_not", filled(zh ? "{}的有{}个符合条件，别的更合适。" : "With {} there are {} that fit; others suit better.", {what, std::to_string(n)}));
}

}  // namespace

void tell_why_not(Telling& telling) {
  if (telling.reading().mentions.empty() && !telling.reading().constraints.empty()) return tell_why_no_such(telling);
  const std::vector<ItemId> items = meant(telling, 1, false);
  if (items.empty()) return ask_which(telling);
  telling.plain("why_not", telling.speech->why_not(telling.lexicon.title(items[0]), reasons_against(telling, items[0])));
  telling.show(name_of(telling, items[0]), because_of(telling, items[0]));
  focus_on(telling, items);
}

}  // namespace attune::talk
