// Style: counted marks of formal and casual writing.
#include "attune/talk/desk/style.h"

#include <algorithm>
#include <cmath>
#include <cctype>

#include "attune/core/words.h"

namespace attune::talk::desk {
namespace {

constexpr std::string_view kCasual[] = {"hi", "hey", "hiya", "yo", "thx", "thanks", "pls", "plz", "u", "ur", "wanna", "gonna", "gotta", "yeah", "yep", "nope", "ok", "okay", "lol", "btw",
                                        "cool", "guys", "stuff", "kinda", "dunno", "asap", "omg", "im", "dont", "cant", "whats", "wheres", "t", "ll", "re", "ve", "hasn", "isn"};
constexpr std::string_view kFormal[] = {"dear", "sincerely", "regards", "kindly", "could", "would", "may", "please", "appreciate", "grateful", "assist", "assistance", "regarding", "concerning",
                                        "inquire", "enquire", "request", "whether", "sir", "madam", "therefore", "furthermore", "respectfully", "obtain", "provide"};
constexpr std::string_view kCasualZh[] = {"哈", "吗亲", "亲", "咋", "啥", "呗", "嘛", "哦", "呀", "嗨", "谢啦", "行不", "搞", "快点"};
constexpr std::string_view kFormalZh[] = {"您", "请问", "烦请", "贵公司", "敬请", "此致", "感谢", "麻烦您", "劳驾", "恳请", "望", "予以"};

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; }));
}

}  // namespace

Style style_of(std::string_view text) {
  const std::string_view head = text.substr(0, 4000);
  double formal = 0, casual = 0;
  for (const std::string& word : words_of(head)) {
    formal += std::find(std::begin(kFormal), std::end(kFormal), word) != std::end(kFormal);
    casual += std::find(std::begin(kCasual), std::end(kCasual), word) != std::end(kCasual);
  }
  for (const auto mark : kFormalZh) formal += head.find(mark) != std::string_view::npos;
  for (const auto mark : kCasualZh) casual += head.find(mark) != std::string_view::npos;
  for (const char* mark : {"!!", "??", ":)", ":(", ";)", ":D", "\xf0\x9f"}) casual += head.find(mark) != std::string_view::npos;
  const auto first_letter = std::find_if(head.begin(), head.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
  if (first_letter != head.end() && std::islower(static_cast<unsigned char>(*first_letter)) != 0) casual += 0.5;
  if (head.ends_with(".")) formal += 0.25;
  return {(formal + 0.5) / (formal + casual + 1), static_cast<double>(characters_in(text))};
}

Style blended(const Style& before, std::size_t seen, const Style& latest) {
  const double share = 1.0 / static_cast<double>(std::min<std::size_t>(seen, 4) + 1);
  return {before.formal + share * (latest.formal - before.formal), before.characters + share * (latest.characters - before.characters)};
}

std::string_view word_for(const Style& style) noexcept { return style.formal < 0.5 ? "casual" : "formal"; }

const Template* choose(std::span<const Template* const> candidates, const Wish& wish) {
  const Template* best = nullptr;
  double most = 0;
  for (const Template* t : candidates) {
    Style own = style_of(t->text);
    if (t->style == "formal") own.formal = 1;
    if (t->style == "casual") own.formal = 0;
    double score = -std::abs(own.formal - wish.style.formal);
    // A short question likes a short answer: twice the usual template (160 characters for a message of 80) costs as much as a third of the style.
    score -= 0.33 * std::min(2.0, std::abs(std::log2((own.characters + 20) / (2 * wish.style.characters + 20)))) / 2;
    if (t->language != wish.language) score -= t->language == "en" ? 100 : 200;   // English is read by more people than others
    score -= 10 * static_cast<double>(std::count(wish.used.begin(), wish.used.end(), t->name));
    if (wish.picks != nullptr)
      if (const auto found = wish.picks->find(t->name); found != wish.picks->end()) score += 0.25 * std::log2(1.0 + static_cast<double>(found->second));
    if (best == nullptr || score > most) best = t, most = score;
  }
  return best;
}

}  // namespace attune::talk::desk
