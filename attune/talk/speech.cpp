// Speech: the sentences.
#include "attune/talk/speech.h"

#include <algorithm>
#include <cmath>

namespace attune::talk {
namespace {

constexpr std::size_t kFacts = 6;      // attributes told of an item

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace

std::string filled(std::string pattern, std::initializer_list<std::string> values) {
  std::size_t from = 0;
  for (const std::string& v : values) {
    const std::size_t at = pattern.find("{}", from);
    if (at == std::string::npos) break;
    pattern.replace(at, 2, v);
    from = at + v.size();
  }
  return pattern;
}

std::string Speech::one_of(std::initializer_list<const char*> english, std::initializer_list<const char*> chinese) const {
  const auto& list = zh_ ? chinese : english;
  return *(list.begin() + static_cast<std::ptrdiff_t>(mixed(choice_) % list.size()));
}

std::string Speech::joined(const std::vector<std::string>& parts) const {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? (zh_ ? "和" : " and ") : (zh_ ? "、" : ", ");
    text += parts[i];
  }
  return text;
}

std::string Speech::title(ItemId item) const { return zh_ ? "“" + lexicon_.title(item) + "”" : lexicon_.title(item); }

std::string Speech::value(ItemId item, const Attribute& attribute) const { return lexicon_.value_text(item, attribute); }

std::string Speech::here_are(std::size_t n, const Dialogue& dialogue, bool repeats) const {
  const std::string constraints = phrase(lexicon_, dialogue.wants.constraints, language_);
  const std::string count = std::to_string(n);
  std::string say;
  if (n == 1) say = one_of({"Here is one", "I found one"}, {"为您找到1个", "有1个"});
  else say = filled(one_of({"Here are {}", "I found {}", "These {} may suit you"}, {"为您找到{}个", "推荐您看看这{}个", "这{}个可能适合您"}), {count});
  std::string told = constraints;
  if (dialogue.wants.order) told += (told.empty() ? "" : zh_ ? "，" : ", ") + first(*dialogue.wants.order);
  if (!told.empty()) say += (zh_ ? "（" : " (") + told + (zh_ ? "）" : ")");
  if (repeats) say += zh_ ? "，新的不够了，有些您已经看过" : "; there are no more new ones, so some you have seen";
  return say;
}

std::string Speech::first(const Order& order) const {
  struct Words {
    Role role;
    const char *low, *high, *low_zh, *high_zh;
  };
  static constexpr Words kWords[] = {{Role::price, "cheapest", "most expensive", "最便宜", "最贵"}, {Role::year, "oldest", "newest", "最早", "最新"}, {Role::length, "shortest", "longest", "最短", "最长"}, {Role::rating, "lowest rated", "best rated", "评分最低", "评分最高"},
                                     {Role::size, "smallest", "biggest", "最小", "最大"}, {Role::weight, "lightest", "heaviest", "最轻", "最重"}, {Role::popularity, "least popular", "most popular", "最冷门", "最受欢迎"}};
  const Attribute* attribute = lexicon_.attribute(order.attribute);
  for (const Words& words : kWords)
    if (attribute != nullptr && attribute->role == words.role) return zh_ ? std::string(order.direction < 0 ? words.low_zh : words.high_zh) + "的在前" : std::string(order.direction < 0 ? words.low : words.high) + " first";
  return filled(zh_ ? "{}{}的在前" : "{} {} first", {zh_ ? spoken_name(lexicon_, order.attribute, language_) : order.direction < 0 ? "lowest" : "highest", zh_ ? order.direction < 0 ? "最低" : "最高" : spoken_name(lexicon_, order.attribute, language_)});
}

std::string Speech::of_shown(const Order& order) const { return (zh_ ? "刚才这些里，" : "Of those just shown, ") + first(order); }

std::string Speech::moved_on(const std::vector<Constraint>& gone, const std::vector<Constraint>& kept) const {
  std::string say;
  if (!gone.empty()) {
    const auto named = std::find_if(gone.begin(), gone.end(), [](const Constraint& c) { return !c.attribute.empty(); });
    say = filled(zh_ ? "之前的条件不再算：{}" : "I let go of {}, said of something else", {phrase(lexicon_, gone, language_)});
    if (named != gone.end()) say += filled(zh_ ? "（要留着就说“保留{}”）" : " (to have it back say “keep the {}”)", {spoken_name(lexicon_, named->attribute, language_)});
    say += zh_ ? "。" : ".";
  }
  if (!kept.empty()) say += (say.empty() || zh_ ? "" : " ") + filled(zh_ ? "仍然算：{}。" : "Still {}.", {phrase(lexicon_, kept, language_)});
  return say;
}

// A bar is named by what it bars: "without without" says nothing.
std::string Speech::let_go(Constraint c) const {
  if (c.op != Constraint::is_not) return phrase(lexicon_, c, language_);
  c.op = Constraint::is;
  std::string text = phrase(lexicon_, c, language_);
  for (const std::string_view head : {std::string_view("with "), std::string_view("含")})
    if (c.attribute.empty() && text.starts_with(head)) text.erase(0, head.size());
  return zh_ ? "对" + text + "的排除" : "the bar on " + text;
}

std::string Speech::none_of(const std::string& what) const {
  return filled(zh_ ? "符合条件的商品里没有“{}”，下面是相近的。" : "Nothing with “{}” meets that; what follows is near it.", {what});
}

std::string Speech::no_more_of(const std::string& what) const { return filled(zh_ ? "“{}”您都看过了，下面是别的。" : "You have seen all with “{}”; what follows is something else.", {what}); }

std::string Speech::nothing_fits(std::span<const Constraint> constraints, const std::vector<Relaxation>& relaxed) const {
  std::string say = filled(zh_ ? "没有商品同时满足：{}。" : "Nothing fits all of: {}.", {phrase(lexicon_, constraints, language_)});
  std::size_t told = 0;
  for (const Relaxation& r : relaxed) {
    if (++told > 3) break;
    std::vector<std::string> parts;
    for (const std::size_t i : r.drop) parts.push_back(let_go(constraints[i]));
    const std::string count = std::to_string(r.items);
    say += filled(zh_ ? "去掉{}会有{}个。" : r.items == 1 ? " Without {} there is {}." : " Without {} there are {}.", {joined(parts), count});
  }
  if (!relaxed.empty()) say += zh_ ? "要放宽哪一个？（也可以说“撤销”。）" : " Which one may go? (Or say “undo”.)";
  return say;
}

std::string Speech::nothing_left() const { return zh_ ? "符合的都已经看过了。可以放宽条件，或换个说法。" : "You have seen all that fits. Loosen a condition, or say it in other words."; }

std::string Speech::missing(const std::vector<std::string>& what) const {
  static const std::vector<std::pair<std::string, std::string>> kChinese = {{"price", "价格"}, {"year", "年份"}, {"length", "时长"}, {"rating", "评分"}, {"size", "尺寸"}, {"weight", "重量"}, {"maker", "品牌或作者"}, {"kind", "类型"}, {"colour", "颜色"}, {"place", "地点"}};
  std::vector<std::string> names;
  std::string place;
  bool number = false;
  for (const std::string& name : what) {
    if (name.starts_with("#")) place = name.substr(1);
    else if (name == "number") number = true;
    else {
      std::string word = name;
      for (const auto& [en, zh] : kChinese)
        if (zh_ && en == name) word = zh;
      if (std::find(names.begin(), names.end(), word) == names.end()) names.push_back(word);
    }
  }
  std::string say;
  if (!place.empty()) say = filled(zh_ ? "列表里没有第{}个。" : "The list has no number {}.", {place});
  if (number) say += (say.empty() ? "" : " ") + std::string(zh_ ? "这个数字指的是什么？比如“价格20以下”。" : "A number of what? Say for example “price under 20”.");
  if (!names.empty()) say += (say.empty() ? "" : " ") + filled(zh_ ? "商品目录里没有{}的信息。" : "The catalogue says nothing of the {}.", {joined(names)});
  return say;
}

std::string Speech::question(const Question& q) const {
  const std::string name = spoken_name(lexicon_, q.attribute, language_);
  if (q.options.empty()) {
    const Attribute* attribute = lexicon_.attribute(q.attribute);
    const bool whole = attribute != nullptr && attribute->role == Role::year;
    return filled(zh_ ? (whole ? "{}是{}以前的，还是以后的？" : "{}在{}以内，还是可以更高？") : (whole ? "A {} before {}, or later?" : "Should the {} stay within {}, or may it be more?"), {name, shown_number(q.number)});
  }
  std::vector<std::string> options;
  for (const std::string& option : q.options) options.push_back(zh_ ? "“" + cleaned(option, 80) + "”" : cleaned(option, 80));
  std::string list;
  for (std::size_t i = 0; i < options.size(); ++i) list += (i == 0 ? "" : i + 1 == options.size() ? (zh_ ? "，还是" : " or ") : (zh_ ? "、" : ", ")) + options[i];
  return filled(one_of({"Which {} would you like: {}?", "Any {} in mind: {}?"}, {"您想要哪种{}：{}？", "{}方面，您想要{}？"}), {name, list});
}

std::string Speech::liked(const std::vector<std::string>& titles) const {
  return filled(one_of({"Noted: you like {}.", "Good to know that you like {}."}, {"好的，您喜欢{}。", "记下了：您喜欢{}。"}), {joined(titles)});
}
std::string Speech::disliked(const std::vector<std::string>& titles) const {
  return filled(one_of({"Noted: not {}.", "Without {}, then."}, {"好的，不要{}。", "记下了：不看{}。"}), {joined(titles)});
}
std::string Speech::taken(const std::string& title) const {
  return filled(one_of({"A good choice: {}.", "{} it is."}, {"好的，就选“{}”。", "“{}”，不错的选择。"}), {title});
}
std::string Speech::withdrawn(const std::vector<Constraint>& gone) const {
  if (gone.empty()) return zh_ ? "这方面本来就没有条件。" : "There was no such condition.";
  return filled(zh_ ? "好的，不再要求{}。" : "No longer asked for: {}.", {phrase(lexicon_, gone, language_)});
}
std::string Speech::undone(bool could) const {
  if (!could) return zh_ ? "没有可以撤销的了。" : "There is nothing to undo.";
  return one_of({"Undone.", "Back to before that."}, {"已撤销。", "已回到上一步。"});
}
std::string Speech::reset() const { return zh_ ? "好的，重新开始。您想找什么？" : "A new start. What are you looking for?"; }
std::string Speech::greeting() const {
  return one_of({"Hello! Tell me what you are looking for.", "Hi! What would you like to find?"}, {"您好！想找点什么？", "您好，告诉我您想要什么吧。"});
}
std::string Speech::thanks() const { return one_of({"You are welcome.", "My pleasure."}, {"不客气。", "很高兴能帮到您。"}); }
std::string Speech::bye() const { return one_of({"Goodbye!", "See you!"}, {"再见！", "下次见！"}); }

std::string Speech::help() const {
  std::string say = zh_ ? "可以这样说：“推荐几个”，“更便宜的”，“不要第二个”，“类似第一个但更便宜”，“为什么推荐它”，“比较第一个和第二个”，“价格无所谓”，“撤销”。"
                        : "You can say: “show me …”, “cheaper”, “not the second one”, “like the first but cheaper”, “why this?”, “compare the first and the second”, “never mind the price”, “undo”.";
  std::vector<std::string> names;
  for (const Attribute& a : lexicon_.attributes())
    if (a.name != kTakers && names.size() < 8 && a.having * 10 >= lexicon_.world().item_count()) names.push_back(spoken_name(lexicon_, a.name, language_));
  if (!names.empty()) say += filled(zh_ ? "商品目录里有：{}。" : " The catalogue knows: {}.", {joined(names)});
  return say;
}

std::string Speech::handover() const {
  return zh_ ? "这件事需要人工客服来处理，我帮不上忙；要找商品的话请告诉我。" : "That is for a person of the shop to answer; I can only help to find items. I hand this over.";
}
std::string Speech::unclear(bool is_empty) const {
  if (is_empty) return zh_ ? "我没有看到文字。您想找什么？" : "I see no words in that. What are you looking for?";
  return zh_ ? "我没太明白。可以说想要的东西，或者说“帮助”。" : "I did not quite get that. Say what you want, or “help”.";
}
std::string Speech::which_item() const { return zh_ ? "您指的是哪一个？比如“第二个”。" : "Which one do you mean? Say for example “the second one”."; }

std::string Speech::about(ItemId item) const {
  std::vector<std::string> facts;
  for (const Attribute& a : lexicon_.attributes()) {
    if (a.name == kTakers || facts.size() >= kFacts) continue;
    const std::string v = value(item, a);
    if (!v.empty() && v.size() <= 120) facts.push_back(spoken_name(lexicon_, a.name, language_) + " " + v);
  }
  const std::string text = cleaned(lexicon_.world().item(item).text, 300);
  std::string say = text.empty() ? lexicon_.world().item(item).name : text;
  std::string list;
  for (const std::string& fact : facts) list += (list.empty() ? "" : zh_ ? "，" : ", ") + fact;
  if (!list.empty()) say += (zh_ ? "：" : ": ") + list;
  return say + (zh_ ? "。" : ".");
}

std::string Speech::answer(ItemId item, const std::vector<std::string>& attributes) const {
  std::string say;
  for (const std::string& name : attributes) {
    const Attribute* a = lexicon_.attribute(name);
    const std::string v = a == nullptr ? "" : value(item, *a);
    if (!say.empty()) say += zh_ ? "" : " ";
    if (v.empty()) {
      const std::string t = title(item), n = spoken_name(lexicon_, name, language_);
      say += zh_ ? "目录里没有" + t + "的" + n + "。" : "The catalogue does not give the " + n + " of " + t + ".";
    } else {
      say += zh_ ? title(item) + "的" + spoken_name(lexicon_, name, language_) + "是" + v + "。" : "The " + spoken_name(lexicon_, name, language_) + " of " + title(item) + " is " + v + ".";
    }
  }
  return say;
}

std::string Speech::compare(std::span<const ItemId> items) const {
  std::vector<std::string> titles;
  for (const ItemId id : items) titles.push_back(title(id));
  std::string say = filled(zh_ ? "{}的比较：" : "{}:", {joined(titles)});
  std::size_t told = 0;
  std::vector<std::string> alike;
  for (const Attribute& a : lexicon_.attributes()) {
    if (told >= kFacts) break;
    std::vector<std::string> values;
    for (const ItemId id : items) values.push_back(value(id, a));
    if (std::all_of(values.begin(), values.end(), [](const std::string& v) { return v.empty(); })) continue;
    if (std::any_of(values.begin(), values.end(), [](const std::string& v) { return v.size() > 120; })) continue;
    const std::string name = spoken_name(lexicon_, a.name, language_);
    if (std::all_of(values.begin(), values.end(), [&](const std::string& v) { return v == values[0]; })) {
      alike.push_back(name + " " + values[0]);
      continue;
    }
    std::string row;
    for (const std::string& v : values) row += (row.empty() ? "" : zh_ ? "，" : " / ") + (v.empty() ? std::string(zh_ ? "未知" : "not given") : v);
    say += (told++ == 0 ? " " : zh_ ? "；" : "; ") + name + " " + row;
  }
  if (!alike.empty()) say += filled(zh_ ? "{}相同：{}" : "{}the same in {}", {told == 0 ? " " : zh_ ? "；" : "; ", joined(alike)});
  if (told == 0 && alike.empty()) say += zh_ ? "目录里没有可比的信息" : " the catalogue gives nothing to compare them by";
  return say + (zh_ ? "。" : ".");
}

std::string Speech::explain(const std::string& title, const std::string& because) const { return zh_ ? "推荐“" + title + "”：" + because + "。" : title + ": " + because + "."; }

std::string Speech::why_not(const std::string& title, const std::vector<std::string>& reasons) const {
  std::string list;
  for (const std::string& r : reasons) list += (list.empty() ? "" : zh_ ? "；" : "; ") + r;
  return zh_ ? "“" + title + "”：" + list + "。" : title + ": " + list + ".";
}

std::string Speech::corrected(const std::vector<std::pair<std::string, std::string>>& slips) const {
  std::vector<std::string> parts;
  for (const auto& [typed, meant] : slips)
    if (parts.size() < 3) parts.push_back(zh_ ? "“" + typed + "”→“" + meant + "”" : "“" + typed + "” as “" + meant + "”");
  return parts.empty() ? "" : (zh_ ? "（按" + joined(parts) + "理解）" : "(I read " + joined(parts) + ".)");
}

std::string Speech::guessed(const Guess& guess) const {
  return filled(zh_ ? "“{}”我猜和{}“{}”有关（不对可以说“撤销”）。" : "By “{}” you may mean {} “{}”; say “undo” if not.", {cleaned(guess.said, 80), spoken_name(lexicon_, guess.attribute, language_), cleaned(guess.value, 80)});
}

std::string Speech::bound(const Constraint& constraint) const {
  return filled(zh_ ? "“{}”按{}来找。" : "I take “{}” for {}.", {constraint.said, phrase(lexicon_, constraint, language_)});
}

}  // namespace attune::talk
