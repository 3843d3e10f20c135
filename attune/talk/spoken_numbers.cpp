// Numbers in words: digits and units of Chinese, words of English.
#include "attune/talk/spoken_numbers.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace attune::talk {

Spoken han_number(std::span<const Token> tokens) {
  static constexpr std::array<std::pair<std::string_view, int>, 12> kDigits = {{{"零", 0}, {"一", 1}, {"二", 2}, {"两", 2}, {"三", 3}, {"四", 4}, {"五", 5}, {"六", 6}, {"七", 7}, {"八", 8}, {"九", 9}, {"〇", 0}}};
  static constexpr std::array<std::pair<std::string_view, int>, 4> kUnits = {{{"十", 10}, {"百", 100}, {"千", 1000}, {"万", 10000}}};
  double total = 0, digit = -1;
  int last_unit = 0;
  std::size_t used = 0;
  for (; used < tokens.size() && tokens[used].kind == Token::han; ++used) {
    const std::string& c = tokens[used].text;
    if (const auto d = std::find_if(kDigits.begin(), kDigits.end(), [&](const auto& x) { return x.first == c; }); d != kDigits.end()) {
      if (digit >= 0 && d->second != 0 && digit != 0) return {};
      digit = d->second;
    } else if (const auto u = std::find_if(kUnits.begin(), kUnits.end(), [&](const auto& x) { return x.first == c; }); u != kUnits.end()) {
      if (u->second == 10000) total = (total + std::max(digit, 0.0)) * 10000;
      else total += (digit < 0 ? 1 : digit) * u->second;
      digit = -1, last_unit = u->second;
    } else {
      break;
    }
  }
  if (used == 0) return {};
  if (digit > 0) total += last_unit >= 100 && tokens[used - 1].text != "零" && used >= 2 && tokens[used - 2].text != "零" ? digit * last_unit / 10 : digit;   // 一百五 = 150
  return {total, used};
}

Spoken word_number(std::span<const Token> tokens) {
  static constexpr std::array<std::pair<std::string_view, int>, 29> kWords = {{{"one", 1}, {"two", 2}, {"three", 3}, {"four", 4}, {"five", 5}, {"six", 6}, {"seven", 7}, {"eight", 8}, {"nine", 9}, {"ten", 10}, {"eleven", 11},
      {"twelve", 12}, {"thirteen", 13}, {"fourteen", 14}, {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19}, {"twenty", 20}, {"thirty", 30}, {"forty", 40}, {"fifty", 50}, {"sixty", 60},
      {"seventy", 70}, {"eighty", 80}, {"ninety", 90}, {"hundred", 100}, {"thousand", 1000}}};
  double total = 0, part = 0;
  std::size_t used = 0;
  for (; used < tokens.size() && tokens[used].kind == Token::word; ++used) {
    const auto w = std::find_if(kWords.begin(), kWords.end(), [&](const auto& x) { return x.first == tokens[used].text; });
    if (w == kWords.end()) {
      if (!(used > 0 && (tokens[used].text == "a" || tokens[used].text == "and") && used + 1 < tokens.size())) break;
      const auto n = std::find_if(kWords.begin(), kWords.end(), [&](const auto& x) { return x.first == tokens[used + 1].text; });
      if (n == kWords.end() || part < 100) break;
      continue;
    }
    if (w->second == 100) part = (part == 0 ? 1 : part) * 100;
    else if (w->second == 1000) total += (part == 0 ? 1 : part) * 1000, part = 0;
    else part += w->second;
  }
  return {total + part, used};
}

}  // namespace attune::talk
