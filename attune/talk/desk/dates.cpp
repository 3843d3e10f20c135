// Dates: one scan over the words that begin with a digit or a letter, then words for days near today.
#include "attune/talk/desk/dates.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

#include "attune/core/ascii.h"

namespace attune::talk::desk {
namespace {

using std::chrono::year_month_day;


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
  while (n.end < text.size() && is_digit(text[n.end]) && n.end - at < most_digits) n.value = n.value * 10 + (text[n.end++] - '0');
  if (n.end == at || (n.end < text.size() && is_digit(text[n.end]))) return std::nullopt;
  return n;
}

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 12> kWholeMonths = {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"};

// A month's name from `at` on, a whole word.
std::optional<Number> month_at(const std::string& text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_letter(text[end])) ++end;
  const std::string_view word = std::string_view(text).substr(at, end - at);
  for (std::size_t m = 0; m < kMonths.size(); ++m)
    if (word == kMonths[m] || word == kWholeMonths[m] || (m == 8 && word == "sept")) return Number{static_cast<int>(m + 1), end};
  return std::nullopt;
}

class DateFinder {
 public:
  DateFinder(const std::string& text, year_month_day today) : text_(text), today_(today) {}

  std::vector<FoundDate> all() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const bool starts_word = at == 0 || !is_alnum(text_[at - 1]);
      if (!starts_word) continue;
      if (is_digit(text_[at])) numeric_date(at);
      else if (is_letter(text_[at])) worded_date(at);
    }
    const std::pair<std::string_view, int> near[] = {{"day before yesterday", -2}, {"yesterday", -1}, {"today", 0}, {"day after tomorrow", 2}, {"tomorrow", 1},
                                                     {"前天", -2}, {"昨天", -1}, {"今天", 0}, {"后天", 2}, {"明天", 1}, {"昨日", -1}, {"今日", 0}};
    for (const auto& [word, days] : near)
      for (std::size_t at = text_.find(word); at != std::string::npos; at = text_.find(word, at + 1)) {
        const bool is_latin = is_letter(word[0]);
        if (is_latin && ((at > 0 && is_alnum(text_[at - 1])) || (at + word.size() < text_.size() && is_alnum(text_[at + word.size()])))) continue;
        keep(written(shifted(today_, days)), at, at + word.size());
      }
    return std::move(found_);
  }

 private:
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
          if (const auto date = date_of(has_year ? first->value : static_cast<int>(today_.year()), month->value, day->value)) return keep(*date, at, end);
        }
    }
    // 2026-05-03, 3/5/2026, 3.5.2026: the day first unless that is no date.
    const char mark = first->end < text_.size() ? text_[first->end] : ' ';
    if (mark == '-' || mark == '/' || mark == '.')
      if (const auto second = number_at(text_, first->end + 1, 2); second && second->end < text_.size() && text_[second->end] == mark)
        if (const auto third = number_at(text_, second->end + 1, 4); third && (third->end == text_.size() || !is_alnum(text_[third->end]))) {
          const int year = third->value < 100 ? 2000 + third->value : third->value;
          std::optional<std::string> date;
          if (first->value > 31) date = date_of(first->value, second->value, third->value);
          else if (date = date_of(year, second->value, first->value); !date) date = date_of(year, first->value, second->value);
          if (date) return keep(*date, at, third->end);
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
    if (const auto date = date_of(year, month, day)) keep(*date, at, end);
  }

  void keep(std::string value, std::size_t begin, std::size_t end) { found_.push_back({std::move(value), begin, end}); }

  const std::string& text_;
  year_month_day today_;
  std::vector<FoundDate> found_;
};

}  // namespace

std::vector<FoundDate> find_dates(const std::string& text, year_month_day today) { return DateFinder(text, today).all(); }

}  // namespace attune::talk::desk
