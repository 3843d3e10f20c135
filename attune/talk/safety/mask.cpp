// Mask: see the header. One pass; at each place the longest of the known shapes is tried, with its check digits where it has some.
#include "attune/talk/safety/mask.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <vector>

#include "attune/core/ascii.h"

namespace attune::talk::safety {
namespace {


struct Hit {
  std::size_t begin = 0, end = 0;
  std::string_view what;
};

// Digits from `at`, with single spaces, dashes, dots and brackets between them, as people write numbers.
struct Number {
  std::string digits;
  std::size_t end = 0;
  bool is_plus = false, is_grouped = false, has_letter_after = false;
};
Number number_at(std::string_view text, std::size_t at) {
  Number n;
  std::size_t i = at;
  if (text[i] == '+') n.is_plus = true, ++i;
  int gap = 0;
  for (; i < text.size() && n.digits.size() < 24; ++i) {
    const char c = text[i];
    if (is_digit(c)) n.digits += c, n.end = i + 1, gap = 0;
    else if ((c == ' ' || c == '-' || c == '.' || c == '(' || c == ')') && gap < 2 && (!n.digits.empty() || c == '(')) ++gap, n.is_grouped = n.is_grouped || !n.digits.empty();
    else break;
  }
  if (n.end == 0) n.end = at;
  n.has_letter_after = n.end < text.size() && (is_alnum(text[n.end]) || text[n.end] == '_');
  return n;
}

bool is_luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t k = 0; k < digits.size(); ++k) {
    int d = digits[digits.size() - 1 - k] - '0';
    if (k % 2 == 1 && (d *= 2) > 9) d -= 9;
    sum += d;
  }
  return sum % 10 == 0;
}

bool is_date(std::string_view digits) {       // YYYYMMDD within
  const int year = std::stoi(std::string(digits.substr(0, 4))), month = std::stoi(std::string(digits.substr(4, 2))), day = std::stoi(std::string(digits.substr(6, 2)));
  return year >= 1900 && year <= 2100 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

// Chinese identity number: 17 digits and a check character (GB 11643).
std::optional<std::size_t> chinese_id(std::string_view text, std::size_t at) {
  if (at + 18 > text.size() || (at + 18 < text.size() && is_alnum(text[at + 18]))) return std::nullopt;
  static constexpr std::array<int, 17> weights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t k = 0; k < 17; ++k) {
    if (!is_digit(text[at + k])) return std::nullopt;
    sum += (text[at + k] - '0') * weights[k];
  }
  if (!is_date(text.substr(at + 6, 8))) return std::nullopt;
  const char check = "10X98765432"[sum % 11];
  const char last = static_cast<char>(std::toupper(static_cast<unsigned char>(text[at + 17])));
  return last == check ? std::optional(at + 18) : std::nullopt;
}

// Two letters, two digits, up to 30 letters and digits in groups; modulo 97.
std::optional<std::size_t> iban(std::string_view text, std::size_t at) {
  std::string packed;
  std::size_t end = at, best = 0;
  for (std::size_t i = at; i < text.size() && packed.size() < 34; ++i) {
    const char c = text[i];
    if (is_alnum(c)) packed += static_cast<char>(std::toupper(static_cast<unsigned char>(c))), end = i + 1;
    else if (c != ' ' || i + 1 >= text.size() || !is_alnum(text[i + 1])) break;
    if (packed.size() >= 2 && !(std::isalpha(static_cast<unsigned char>(packed[0])) != 0 && std::isalpha(static_cast<unsigned char>(packed[1])) != 0)) return std::nullopt;
    if (packed.size() >= 4 && !(is_digit(packed[2]) && is_digit(packed[3]))) return std::nullopt;
    if (packed.size() < 15) continue;
    int rest = 0;
    for (const char p : packed.substr(4) + packed.substr(0, 4)) rest = is_digit(p) ? (rest * 10 + (p - '0')) % 97 : (rest * 100 + (p - 'A' + 10)) % 97;
    if (rest == 1 && (end == text.size() || !is_alnum(text[end]))) best = end;
  }
  return best == 0 ? std::nullopt : std::optional(best);
}

bool is_local(char c) { return is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-'; }

// The address around an '@' at `at`.
std::optional<Hit> email(std::string_view text, std::size_t at, std::size_t from) {
  std::size_t begin = at, end = at + 1;
  while (begin > from && is_local(text[begin - 1]) && at - begin < 64) --begin;
  while (end < text.size() && (is_alnum(text[end]) || text[end] == '.' || text[end] == '-') && end - at < 255) ++end;
  while (end > at + 1 && (text[end - 1] == '.' || text[end - 1] == '-')) --end;
  const std::size_t dot = text.substr(at, end - at).find('.');
  if (begin == at || dot == std::string_view::npos || dot < 2) return std::nullopt;
  return Hit{begin, end, "[email]"};
}

// "221B Baker Street", "12 rue de Rivoli", "北京市朝阳区建国路88号": a number with a street's word.
constexpr std::string_view kStreets[] = {"street", "st.", "avenue", "ave", "road", "rd.", "lane", "drive", "boulevard", "blvd", "court", "square", "terrace", "strasse", "straße", "way"};
std::optional<std::size_t> street(std::string_view text, std::size_t at) {
  std::size_t i = at;
  while (i < text.size() && is_digit(text[i])) ++i;
  if (i - at == 0 || i - at > 5) return std::nullopt;
  if (i < text.size() && std::isalpha(static_cast<unsigned char>(text[i])) != 0) ++i;
  if (i >= text.size() || text[i] != ' ') return std::nullopt;
  ++i;
  bool is_capital = false;
  for (int words = 0; words < 4 && i < text.size(); ++words) {
    std::size_t end = i;
    while (end < text.size() && text[end] != ' ' && text[end] != ',' && text[end] != '\n' && text[end] != '?' && text[end] != '!') ++end;
    if (end == i) return std::nullopt;
    std::string word = lowered(text.substr(i, end - i));
    if (std::isupper(static_cast<unsigned char>(text[i])) != 0 && words == 0) is_capital = true;
    if (word.size() > 2 && word.back() == '.' && word != "st." && word != "rd.") word.pop_back();
    if (words > 0 && is_capital && std::find(std::begin(kStreets), std::end(kStreets), word) != std::end(kStreets)) return end;
    i = end < text.size() && text[end] == ' ' ? end + 1 : text.size();
  }
  return std::nullopt;
}

// The number of a Chinese address: 路88号, 街道12号, 小区3栋. Masked from the street's name (up to eight characters back) to the number's end.
std::optional<std::size_t> chinese_street_end(std::string_view text, std::size_t digits_end) {
  for (const std::string_view unit : {"号", "弄", "栋", "单元", "室"})
    if (text.substr(digits_end).starts_with(unit)) return digits_end + unit.size();
  return std::nullopt;
}
bool ends_in_street(std::string_view before) {
  for (const std::string_view word : {"路", "街", "巷", "大道", "小区", "胡同", "弄", "号", "栋", "单元"})
    if (before.ends_with(word)) return true;
  return false;
}
std::size_t back_characters(std::string_view text, std::size_t at, std::size_t from, int count) {
  while (at > from && count-- > 0) {
    std::size_t k = at - 1;
    while (k > from && (static_cast<unsigned char>(text[k]) & 0xC0) == 0x80) --k;
    if (static_cast<unsigned char>(text[k]) < 0x80) break;      // a space or a letter: the name began after it
    if (const auto one = text.substr(k, at - k); one == "，" || one == "。" || one == "、" || one == "：" || one == "！" || one == "？" || one == "在" || one == "到" || one == "是") break;
    at = k;
  }
  return at;
}

bool is_phone(const Number& n, std::string_view text, std::size_t at) {
  const std::size_t d = n.digits.size();
  if (n.has_letter_after) return false;
  if (n.is_plus) return d >= 8 && d <= 15;
  if (d == 11 && n.digits[0] == '1' && n.digits[1] >= '3') return true;                        // Chinese mobile
  if (d == 13 && n.digits.starts_with("861") && n.digits[3] >= '3') return true;
  if (n.digits.starts_with("00") && d >= 10 && d <= 16 && n.is_grouped) return true;
  if (d == 10 && n.is_grouped && n.digits[0] >= '2') return true;                              // (555) 123-4567
  if (d == 11 && n.is_grouped && n.digits[0] == '1') return true;                              // 1-555-123-4567
  if (d >= 9 && d <= 12 && n.digits[0] == '0' && n.digits[1] != '0') return true;              // 020 7946 0958, 010-12345678
  const std::string_view before = text.substr(at > 24 ? at - 24 : 0, at - (at > 24 ? at - 24 : 0));
  for (const std::string_view word : {"phone", "call me", "mobile", "whatsapp", "tel", "电话", "手机", "联系"})
    if (before.find(word) != std::string_view::npos) return d >= 7 && d <= 15;
  return false;
}

std::optional<Hit> digits_at(std::string_view text, std::size_t at, std::size_t from) {
  if (const auto end = chinese_id(text, at)) return Hit{at, *end, "[id]"};
  const Number n = number_at(text, at);
  const std::size_t d = n.digits.size();
  if (d >= 13 && d <= 19 && !n.has_letter_after && n.digits[0] >= '2' && n.digits[0] <= '6' && is_luhn(n.digits)) return Hit{at, n.end, "[card]"};
  if (d == 9 && n.end - at == 11 && text[at + 3] == '-' && text[at + 6] == '-' && !n.has_letter_after) return Hit{at, n.end, "[id]"};   // 123-45-6789
  int parts = 0;                                                                                                                        // 192.168.0.1
  std::size_t i = at;
  for (; parts < 4; ++parts) {
    std::size_t begin = i;
    int value = 0;
    while (i < text.size() && is_digit(text[i]) && i - begin < 3) value = value * 10 + (text[i++] - '0');
    if (i == begin || value > 255) break;
    if (parts < 3 && (i >= text.size() || text[i++] != '.')) break;
  }
  if (parts == 4 && (i == text.size() || (!is_alnum(text[i]) && !(text[i] == '.' && i + 1 < text.size() && is_digit(text[i + 1]))))) return Hit{at, i, "[ip]"};
  if (is_phone(n, text, at)) return Hit{at, n.end, "[phone]"};
  if (const auto end = street(text, at)) return Hit{at, *end, "[address]"};
  std::size_t run = at;
  while (run < text.size() && is_digit(text[run])) ++run;
  if (run - at <= 5 && ends_in_street(text.substr(from, at - from)))
    if (const auto end = chinese_street_end(text, run)) return Hit{back_characters(text, at, from, 12), *end, "[address]"};
  return std::nullopt;
}

}  // namespace

std::string mask_personal(std::string_view text) {
  std::string out;
  std::size_t kept = 0;          // written out so far
  for (std::size_t i = 0; i < text.size();) {
    std::optional<Hit> hit;
    const char c = text[i], before = i > 0 ? text[i - 1] : ' ';
    const bool is_start = !is_alnum(before) && before != '_';
    if (c == '@') hit = email(text, i, kept);
    else if (is_start && is_digit(c) && before != '#' && before != '$') hit = digits_at(text, i, kept);
    else if ((c == '+' || c == '(') && i + 1 < text.size() && is_digit(text[i + 1])) {
      const Number n = number_at(text, i);
      if (is_phone(n, text, i)) hit = Hit{i, n.end, "[phone]"};
    } else if (is_start && std::isalpha(static_cast<unsigned char>(c)) != 0) {
      if (const auto end = iban(text, i)) hit = Hit{i, *end, "[iban]"};
    }
    if (hit) {
      out += text.substr(kept, hit->begin - kept);
      out += hit->what;
      kept = i = hit->end;
    } else if (is_digit(c)) {
      while (i < text.size() && is_digit(text[i])) ++i;
    } else {
      ++i;
    }
  }
  out += text.substr(kept);
  return out;
}

}  // namespace attune::talk::safety
