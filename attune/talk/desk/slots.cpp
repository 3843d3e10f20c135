// Slots by rules: one scan over the characters, candidates kept where they do not overlap, the more certain kind first.
#include "attune/talk/desk/slots.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <optional>

namespace attune::talk::desk {
namespace {

using std::chrono::year_month_day;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool word_part(char c) { return digit(c) || letter(c); }

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return made;
}

// Does one of `words` stand in the 24 bytes before `at`? So far back, a word still belongs to a number.
bool follows(const std::string& text, std::size_t at, std::initializer_list<std::string_view> words) {
  const std::size_t from = at > 24 ? at - 24 : 0;
  const std::string_view before = std::string_view(text).substr(from, at - from);
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return before.find(w) != std::string_view::npos; });
}

std::string written(year_month_day day) {
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()), static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
  return text;
}
std::optional<std::string> date_of(int y, int m, int d) {
  if (y < 1900 || y > 2200 || m < 1 || m > 12 || d < 1) return std::nullopt;
  const year_month_day day{std::chrono::year(y), std::chrono::month(static_cast<unsigned>(m)), std::chrono::day(static_cast<unsigned>(d))};
  return day.ok() ? std::optional(written(day)) : std::nullopt;
}
year_month_day shifted(year_month_day day, int days) { return year_month_day(std::chrono::sys_days(day) + std::chrono::days(days)); }

struct Number {
  int value = 0;
  std::size_t end = 0;
};
std::optional<Number> number_at(const std::string& text, std::size_t at, std::size_t most_digits) {
  Number n{.end = at};
  while (n.end < text.size() && digit(text[n.end]) && n.end - at < most_digits) n.value = n.value * 10 + (text[n.end++] - '0');
  if (n.end == at || (n.end < text.size() && digit(text[n.end]))) return std::nullopt;
  return n;
}

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 12> kWholeMonths = {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"};

// A month's name from `at` on, a whole word.
std::optional<Number> month_at(const std::string& text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && letter(text[end])) ++end;
  const std::string_view word = std::string_view(text).substr(at, end - at);
  for (std::size_t m = 0; m < kMonths.size(); ++m)
    if (word == kMonths[m] || word == kWholeMonths[m] || (m == 8 && word == "sept")) return Number{static_cast<int>(m + 1), end};
  return std::nullopt;
}

class Finder {
 public:
  Finder(std::string_view text, std::string_view asked, year_month_day today) : raw_(text), text_(lower(text)), asked_(asked), today_(today) {}

  std::vector<FoundSlot> all() {
    emails();
    dates();
    amounts();
    numbers();
    names();
    if (!asked_.empty() && std::none_of(found_.begin(), found_.end(), [&](const FoundSlot& f) { return f.name == asked_; })) bare();
    std::sort(found_.begin(), found_.end(), [](const FoundSlot& a, const FoundSlot& b) { return a.begin < b.begin; });
    return std::move(found_);
  }

 private:
  void keep(const std::string& name, std::string value, std::size_t begin, std::size_t end) {
    for (const FoundSlot& f : found_)
      if (begin < f.end && f.begin < end) return;
    found_.push_back({name, std::move(value), begin, end});
  }

  void emails() {
    for (std::size_t at = text_.find('@'); at != std::string::npos; at = text_.find('@', at + 1)) {
      const auto part = [&](char c) { return word_part(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%'; };
      std::size_t begin = at, end = at + 1;
      while (begin > 0 && at - begin < 64 && part(text_[begin - 1])) --begin;
      while (end < text_.size() && end - at < 255 && (word_part(text_[end]) || text_[end] == '.' || text_[end] == '-')) ++end;
      while (end > at + 1 && !word_part(text_[end - 1])) --end;
      while (begin < at && !word_part(text_[begin])) ++begin;
      const std::string_view host = std::string_view(text_).substr(at + 1, end - at - 1);
      if (begin < at && host.find('.') != std::string_view::npos) keep("email", std::string(raw_.substr(begin, end - begin)), begin, end);
    }
  }

  void dates() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const bool starts_word = at == 0 || !word_part(text_[at - 1]);
      if (!starts_word) continue;
      if (digit(text_[at])) numeric_date(at);
      else if (letter(text_[at])) worded_date(at);
    }
    const std::pair<std::string_view, int> near[] = {{"day before yesterday", -2}, {"yesterday", -1}, {"today", 0}, {"day after tomorrow", 2}, {"tomorrow", 1},
                                                     {"前天", -2}, {"昨天", -1}, {"今天", 0}, {"后天", 2}, {"明天", 1}, {"昨日", -1}, {"今日", 0}};
    for (const auto& [word, days] : near)
      for (std::size_t at = text_.find(word); at != std::string::npos; at = text_.find(word, at + 1)) {
        const bool is_latin = letter(word[0]);
        if (is_latin && ((at > 0 && word_part(text_[at - 1])) || (at + word.size() < text_.size() && word_part(text_[at + word.size()])))) continue;
        keep("date", written(shifted(today_, days)), at, at + word.size());
      }
  }
  void numeric_date(std::size_t at) {
    const auto first = number_at(text_, at, 4);
    if (!first) return;
    const auto chinese = [&](std::size_t from, std::string_view sign) { return text_.compare(from, sign.size(), sign) == 0 ? from + sign.size() : std::string::npos; };
    // 2026年5月3日, 5月3日
    std::size_t next = chinese(first->end, "年");
    const bool has_year = next != std::string::npos;
    const auto month = has_year ? number_at(text_, next, 2) : first;
    if (month) {
      if (const std::size_t after = chinese(month->end, "月"); after != std::string::npos)
        if (const auto day = number_at(text_, after, 2)) {
          std::size_t end = chinese(day->end, "日");
          if (end == std::string::npos) end = chinese(day->end, "号");
          if (end == std::string::npos) end = day->end;
          if (const auto date = date_of(has_year ? first->value : static_cast<int>(today_.year()), month->value, day->value)) return keep("date", *date, at, end);
        }
    }
    // 2026-05-03, 3/5/2026, 3.5.2026: the day first unless that is no date.
    const char mark = first->end < text_.size() ? text_[first->end] : ' ';
    if (mark == '-' || mark == '/' || mark == '.')
      if (const auto second = number_at(text_, first->end + 1, 2); second && second->end < text_.size() && text_[second->end] == mark)
        if (const auto third = number_at(text_, second->end + 1, 4); third && (third->end == text_.size() || !word_part(text_[third->end]))) {
          const int year = third->value < 100 ? 2000 + third->value : third->value;
          std::optional<std::string> date;
          if (first->value > 31) date = date_of(first->value, second->value, third->value);
          else if (date = date_of(year, second->value, first->value); !date) date = date_of(year, first->value, second->value);
          if (date) return keep("date", *date, at, third->end);
        }
    // 3 May, 3rd of May 2026
    std::size_t from = first->end;
    for (const char* ending : {"st", "nd", "rd", "th"})
      if (text_.compare(from, 2, ending) == 0) from += 2;
    while (from < text_.size() && text_[from] == ' ') ++from;
    if (text_.compare(from, 3, "of ") == 0) from += 3;
    if (const auto named = month_at(text_, from)) keep_worded(at, first->value, named->value, named->end);
  }
  void worded_date(std::size_t at) {   // May 3rd, 2026
    const auto month = month_at(text_, at);
    if (!month || month->end >= text_.size() || text_[month->end] != ' ') return;
    const auto day = number_at(text_, month->end + 1, 2);
    if (!day) return;
    std::size_t end = day->end;
    for (const char* ending : {"st", "nd", "rd", "th"})
      if (text_.compare(end, 2, ending) == 0) end += 2;
    keep_worded(at, day->value, month->value, end);
  }
  void keep_worded(std::size_t at, int day, int month, std::size_t end) {
    int year = static_cast<int>(today_.year());
    std::size_t from = end;
    while (from < text_.size() && (text_[from] == ' ' || text_[from] == ',')) ++from;
    if (const auto given = number_at(text_, from, 4); given && given->value > 1900 && given->value < 2200) year = given->value, end = given->end;
    if (const auto date = date_of(year, month, day)) keep("date", *date, at, end);
  }

  void amounts() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      if (!digit(text_[at]) || (at > 0 && (word_part(text_[at - 1]) || text_[at - 1] == '.'))) continue;
      std::size_t end = at;
      while (end < text_.size() && (digit(text_[end]) || ((text_[end] == '.' || text_[end] == ',') && end + 1 < text_.size() && digit(text_[end + 1])))) ++end;
      static constexpr std::string_view before[] = {"$", "\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5", "\xef\xbf\xa5"};
      static constexpr std::string_view after[] = {"$", "\xe2\x82\xac", "\xc2\xa3", "usd", "eur", "gbp", "cny", "rmb", "dollar", "euro", "pound", "yuan", "元", "块", "美元", "欧元"};
      std::size_t begin = at;
      for (const auto sign : before) {
        std::size_t back = at;
        while (back > 0 && text_[back - 1] == ' ') --back;
        if (back >= sign.size() && text_.compare(back - sign.size(), sign.size(), sign) == 0) begin = back - sign.size();
      }
      std::size_t next = end;
      while (next < text_.size() && text_[next] == ' ') ++next;
      std::size_t stop = end;
      for (const auto sign : after)
        if (text_.compare(next, sign.size(), sign) == 0) stop = std::max(stop, next + sign.size());
      while (stop > end && stop < text_.size() && letter(text_[stop])) ++stop;   // dollars, euros
      if (begin < at || stop > end) keep("amount", std::string(raw_.substr(begin, stop - begin)), begin, stop);
      at = end;
    }
  }

  // Runs of digits and capital-like codes: telephone numbers, order numbers, postcodes by what stands before and by their form.
  void numbers() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const bool starts = word_part(text_[at]) || (text_[at] == '+' && at + 1 < text_.size() && digit(text_[at + 1]));
      if (!starts || (at > 0 && word_part(text_[at - 1]))) continue;
      std::size_t end = at + 1, digits = digit(text_[at]), plain_end = end, letters = letter(text_[at]);
      while (end < text_.size() && (word_part(text_[end]) || ((text_[end] == '-' || text_[end] == '_') && end + 1 < text_.size() && word_part(text_[end + 1])))) {
        digits += digit(text_[end]), letters += letter(text_[end]);
        plain_end = ++end;
      }
      if (letters == 0 && (text_[at] == '+' || follows(text_, at, {"phone", "call", "tel", "mobile", "reach me", "电话", "手机", "号码是"}) || asked_ == "phone")) {
        std::size_t all = digits;   // a telephone number may have gaps
        while (end < text_.size() && (digit(text_[end]) || ((text_[end] == ' ' || text_[end] == '-' || text_[end] == '(' || text_[end] == ')') && end + 1 < text_.size() && (digit(text_[end + 1]) || text_[end + 1] == '(')))) all += digit(text_[end++]);
        if (all >= 7 && all <= 15) keep("phone", std::string(raw_.substr(at, end - at)), at, end);
      }
      const bool is_order_word = follows(text_, at, {"order", "purchase", "invoice", "parcel", "tracking", "reference", "ref ", "no.", "number", "#", "订单", "单号", "编号", "包裹"});
      const std::string_view run = std::string_view(text_).substr(at, plain_end - at);
      if (letters == 0 && run.size() <= 10 && std::count(run.begin(), run.end(), '-') == 2) {   // the form of a date, though there is no such day
        at = plain_end - 1;
        continue;
      }
      const bool is_code = digits >= 4 && (letters == 0 || (letters <= 6 && digits >= 3));
      if (follows(text_, at, {"zip", "postcode", "postal", "邮编"}) && digits >= 3 && plain_end - at <= 10) keep("postcode", std::string(raw_.substr(at, plain_end - at)), at, plain_end);
      else if (letters == 0 && digits == 11 && text_[at] == '1' && !is_order_word && asked_ != "order") keep("phone", std::string(raw_.substr(at, plain_end - at)), at, plain_end);   // a Chinese mobile number
      else if (is_order_word && digits >= 3 && (letters == 0 || is_code || digits >= letters)) keep("order", std::string(raw_.substr(at, plain_end - at)), at, plain_end);
      else if (is_code && digits >= 5 && !(letters == 0 && digits > 20)) keep("order", std::string(raw_.substr(at, plain_end - at)), at, plain_end);
      at = std::max(plain_end, at + 1) - 1;
    }
  }

  void names() {
    for (const std::string_view lead : {"my name is ", "i am called ", "this is mr ", "this is ms ", "this is mrs "})
      if (const std::size_t at = text_.find(lead); at != std::string::npos) {
        std::size_t begin = at + lead.size(), end = begin, words = 0;
        while (end < text_.size() && words < 3) {
          std::size_t stop = end;
          while (stop < text_.size() && (letter(text_[stop]) || text_[stop] == '\'' || text_[stop] == '-' || static_cast<unsigned char>(text_[stop]) >= 0x80)) ++stop;
          if (stop == end || (words > 0 && !(raw_[end] >= 'A' && raw_[end] <= 'Z'))) break;
          end = stop, ++words;
          if (end < text_.size() && text_[end] == ' ') ++end;
        }
        while (end > begin && text_[end - 1] == ' ') --end;
        if (end > begin) keep("name", std::string(raw_.substr(begin, end - begin)), begin, end);
      }
    for (const std::string_view lead : {"我叫", "我是", "姓名是"})
      if (const std::size_t at = text_.find(lead); at != std::string::npos && asked_ == "name") {
        const std::size_t begin = at + lead.size();
        std::size_t end = begin;
        while (end < text_.size() && end - begin < 12 && static_cast<unsigned char>(text_[end]) >= 0x80 && text_.compare(end, 3, "，") != 0 && text_.compare(end, 3, "。") != 0) ++end;
        if (end > begin) keep("name", std::string(raw_.substr(begin, end - begin)), begin, end);
      }
  }

  // The answer to a question: any number for an order, a short text for a name.
  void bare() {
    if (asked_ == "order" || asked_ == "postcode" || asked_ == "phone" || asked_ == "amount") {
      for (std::size_t at = 0; at < text_.size(); ++at) {
        if (!digit(text_[at])) continue;
        std::size_t begin = at, end = at;
        while (begin > 0 && word_part(text_[begin - 1])) --begin;
        while (end < text_.size() && (word_part(text_[end]) || (text_[end] == '-' && end + 1 < text_.size() && word_part(text_[end + 1])))) ++end;
        return keep(std::string(asked_), std::string(raw_.substr(begin, end - begin)), begin, end);
      }
    } else if (asked_ == "name" || (asked_ != "date" && asked_ != "email")) {
      std::size_t begin = text_.find_first_not_of(" \t\r\n"), end = text_.find_last_not_of(" \t\r\n.!?");
      if (begin == std::string::npos || end == std::string::npos || end < begin) return;
      const auto words = std::count(text_.begin() + static_cast<std::ptrdiff_t>(begin), text_.begin() + static_cast<std::ptrdiff_t>(end) + 1, ' ');
      if (words <= 3 && end - begin < 60 && text_.find('?') == std::string::npos && text_.find("？") == std::string::npos) keep(std::string(asked_), std::string(raw_.substr(begin, end + 1 - begin)), begin, end + 1);
    }
  }

  std::string_view raw_;
  std::string text_;
  std::string_view asked_;
  year_month_day today_;
  std::vector<FoundSlot> found_;
};

}  // namespace

std::vector<FoundSlot> find_slots(std::string_view text, std::string_view asked, year_month_day today) { return Finder(text, asked, today).all(); }

std::string without_values(std::string_view text, const std::vector<FoundSlot>& found) {
  std::string made;
  std::size_t at = 0;
  for (const FoundSlot& f : found) {
    made += text.substr(at, f.begin - at);
    made += "{" + f.name + "}";
    at = f.end;
  }
  return made + std::string(text.substr(at));
}

std::string question_for(std::string_view slot, std::string_view language, std::string_view style) {
  struct Wording {
    std::string_view slot, formal, casual, chinese;
  };
  static constexpr Wording wordings[] = {
      {"order", "Could you please tell me your order number?", "What's your order number?", "请问您的订单号是多少？"},
      {"date", "Could you please tell me the date?", "Which day was that?", "请问是哪一天？"},
      {"email", "Could you please tell me your e-mail address?", "What's your e-mail address?", "请问您的电子邮箱是什么？"},
      {"phone", "Could you please tell me your telephone number?", "What's your phone number?", "请问您的电话号码是多少？"},
      {"amount", "Could you please tell me the amount?", "How much was it?", "请问金额是多少？"},
      {"name", "Could you please tell me your name?", "What's your name?", "请问您怎么称呼？"},
      {"postcode", "Could you please tell me your postcode?", "What's your postcode?", "请问您的邮编是多少？"},
  };
  for (const Wording& w : wordings)
    if (w.slot == slot) return std::string(language == "zh" ? w.chinese : style == "casual" ? w.casual : w.formal);
  std::string named(slot);
  std::replace(named.begin(), named.end(), '_', ' ');
  return language == "zh" ? "请告诉我" + named + "。" : style == "casual" ? "What's the " + named + "?" : "Could you please tell me the " + named + "?";
}

}  // namespace attune::talk::desk
