// Times as they stand in files: see values.h. The calendar is that of std::chrono.
#include "attune/data/values.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>

#include "attune/core/ascii.h"
#include "attune/core/error.h"

namespace attune::data {
namespace {

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\r'; }

// Reads `least`..`most` digits from the front of `s`.
bool take_digits(std::string_view& s, std::size_t least, std::size_t most, int& out) noexcept {
  std::size_t n = 0;
  out = 0;
  while (n < most && n < s.size() && is_digit(s[n])) out = out * 10 + (s[n++] - '0');
  s.remove_prefix(n);
  return n >= least;
}
bool take(std::string_view& s, char c) noexcept {
  if (s.empty() || s.front() != c) return false;
  s.remove_prefix(1);
  return true;
}
void skip_spaces(std::string_view& s) noexcept {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
}

// "jan" or "January" at the front: 1..12, 0 = none.
int take_month_name(std::string_view& s) noexcept {
  static constexpr const char* kNames[] = {"january", "february", "march",     "april",   "may",      "june",
                                           "july",    "august",   "september", "october", "november", "december"};
  for (int m = 0; m < 12; ++m) {
    const std::string_view full = kNames[m];
    std::size_t n = 0;
    while (n < s.size() && n < full.size() && to_lower(s[n]) == full[n]) ++n;
    if (n < 3) continue;
    s.remove_prefix(n);
    take(s, '.');
    return m + 1;
  }
  return 0;
}

struct Clock {
  int year = 0, month = 0, day = 0;
  std::int64_t day_ms = 0;
  std::optional<std::int64_t> zone_ms;
};

// "+02", "+02:00", "+0200", "Z", "UTC", "GMT"; the whole of `s`.
std::optional<std::int64_t> zone_of(std::string_view s) noexcept {
  if (s == "Z" || s == "z" || s == "UTC" || s == "GMT") return 0;
  const bool is_west = !s.empty() && s.front() == '-';
  if (!take(s, '+') && !take(s, '-')) return std::nullopt;
  int hours = 0, minutes = 0;
  if (!take_digits(s, 2, 2, hours)) return std::nullopt;
  take(s, ':');
  if (!s.empty() && !take_digits(s, 2, 2, minutes)) return std::nullopt;
  if (!s.empty() || hours > 14 || minutes > 59) return std::nullopt;
  const std::int64_t ms = (hours * 60 + minutes) * 60000LL;
  return is_west ? -ms : ms;
}

// What follows a date: nothing, or a time of day and perhaps a zone.
bool take_time_of_day(std::string_view s, Clock& clock) noexcept {
  if (s.empty()) return true;
  if (!take(s, 'T') && !take(s, 't') && !take(s, ',') && !is_space(s.front())) {
    clock.zone_ms = zone_of(s);  // "2020-01-05Z"
    return clock.zone_ms.has_value();
  }
  skip_spaces(s);
  if (s.empty()) return true;
  int hour = 0, minute = 0, second = 0;
  if (!take_digits(s, 1, 2, hour)) return false;
  if (!take(s, ':') || !take_digits(s, 2, 2, minute)) return false;
  if (take(s, ':') && !take_digits(s, 2, 2, second)) return false;
  std::int64_t fraction = 0;
  if (!s.empty() && (s.front() == '.' || s.front() == ',')) {
    s.remove_prefix(1);
    std::int64_t unit = 100;
    if (s.empty() || !is_digit(s.front())) return false;
    for (; !s.empty() && is_digit(s.front()); s.remove_prefix(1), unit /= 10) fraction += unit * (s.front() - '0');
  }
  skip_spaces(s);
  if (s.size() >= 2 && to_lower(s[1]) == 'm' && (to_lower(s[0]) == 'a' || to_lower(s[0]) == 'p')) {
    if (hour < 1 || hour > 12) return false;
    hour = hour % 12 + (to_lower(s[0]) == 'p' ? 12 : 0);
    s.remove_prefix(2);
    skip_spaces(s);
  }
  if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && (minute || second))) return false;
  clock.day_ms = ((hour * 60 + minute) * 60 + second) * 1000LL + fraction;
  if (s.empty()) return true;
  clock.zone_ms = zone_of(s);
  return clock.zone_ms.has_value();
}

// 2011-12-09, 2011/12/9, 20111209, 09-Dec-2011, Dec 9, 2011.
bool take_iso_date(std::string_view& s, Clock& c) noexcept {
  if (s.empty()) return false;
  if (!is_digit(s.front())) {
    c.month = take_month_name(s);
    skip_spaces(s);
    if (c.month == 0 || !take_digits(s, 1, 2, c.day)) return false;
    take(s, ',');
    skip_spaces(s);
    return take_digits(s, 4, 4, c.year);
  }
  const auto digits = static_cast<std::size_t>(std::find_if_not(s.begin(), s.end(), is_digit) - s.begin());
  if (digits == 8) return take_digits(s, 4, 4, c.year) && take_digits(s, 2, 2, c.month) && take_digits(s, 2, 2, c.day);
  if (digits == 4) {
    take_digits(s, 4, 4, c.year);
    const char mark = s.empty() ? '\0' : s.front();
    if (mark != '-' && mark != '/' && mark != '.') return false;
    return take(s, mark) && take_digits(s, 1, 2, c.month) && take(s, mark) && take_digits(s, 1, 2, c.day);
  }
  if (!take_digits(s, 1, 2, c.day)) return false;
  if (!take(s, '-')) skip_spaces(s);
  c.month = take_month_name(s);
  if (c.month == 0) return false;
  if (!take(s, '-')) skip_spaces(s);
  return take_digits(s, 4, 4, c.year);
}

// 9/12/2011, 9.12.11, 09-12-2011: two numbers and a year.
bool take_slashed(std::string_view& s, int& first, int& second, int& year) noexcept {
  if (!take_digits(s, 1, 2, first) || s.empty()) return false;
  const char mark = s.front();
  if (mark != '/' && mark != '.' && mark != '-') return false;
  if (!take(s, mark) || !take_digits(s, 1, 2, second) || !take(s, mark)) return false;
  const std::size_t before = s.size();
  if (!take_digits(s, 2, 4, year)) return false;
  const std::size_t digits = before - s.size();
  if (digits == 3) return false;
  if (digits == 2) year += year < 70 ? 2000 : 1900;
  return true;
}

ParsedTime checked(std::int64_t ms) noexcept {
  if (ms < kFirstTime_ms) return {0, "is before 1970; times are accepted from 1970 to 2100", true};
  if (ms >= kLastTime_ms) return {0, "is after 2100; times are accepted from 1970 to 2100", true};
  return {ms, nullptr};
}

ParsedTime from_clock(const Clock& c, std::int64_t zone_ms) noexcept {
  using namespace std::chrono;
  const year_month_day date{year(c.year), month(static_cast<unsigned>(c.month)), day(static_cast<unsigned>(c.day))};
  if (!date.ok()) return {0, "is no date of the calendar"};
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  return checked(days * 86400000 + c.day_ms - c.zone_ms.value_or(zone_ms));
}

ParsedTime parse_epoch(std::string_view s, TimeFormat format) noexcept {
  double number = 0;
  std::int64_t whole = 0;
  const char* end = s.data() + s.size();
  const auto exact = std::from_chars(s.data(), end, whole);
  const bool is_whole = exact.ec == std::errc() && exact.ptr == end;
  if (!is_whole) {
    const ParsedNumber parsed = parse_number(s);
    if (parsed.problem) return {0, "is no time in epoch numbers"};
    number = parsed.value;
    if (std::abs(number) > 9e18) return {0, "is after 2100; times are accepted from 1970 to 2100", true};
    whole = static_cast<std::int64_t>(number);
  }
  switch (format) {
    case TimeFormat::epoch_s:
      if (is_whole && std::abs(whole / 1000) > kLastTime_ms) return {0, "is after 2100 read as seconds; is it in milliseconds? then set time_format", true};
      if (whole < 0) return checked(-1);
      if (whole >= kLastTime_ms / 1000) return {0, "is after 2100 read as seconds; is it in milliseconds? then set time_format", true};
      return checked(is_whole ? whole * 1000 : std::llround(number * 1000));
    case TimeFormat::epoch_us: return checked(whole / 1000 - (whole < 0));
    case TimeFormat::epoch_ns: return checked(whole / 1000000 - (whole < 0));
    default: return checked(whole);
  }
}

}  // namespace

std::string_view name(TimeFormat format) noexcept {
  switch (format) {
    case TimeFormat::epoch_s: return "epoch_s";
    case TimeFormat::epoch_ms: return "epoch_ms";
    case TimeFormat::epoch_us: return "epoch_us";
    case TimeFormat::epoch_ns: return "epoch_ns";
    case TimeFormat::day_first: return "d/m/y";
    case TimeFormat::month_first: return "m/d/y";
    case TimeFormat::iso: break;
  }
  return "iso";
}

std::optional<TimeFormat> time_format_named(std::string_view wanted) noexcept {
  using enum TimeFormat;
  for (const TimeFormat f : {epoch_s, epoch_ms, epoch_us, epoch_ns, iso, day_first, month_first})
    if (name(f) == wanted) return f;
  return std::nullopt;
}

ParsedTime parse_time(std::string_view text, TimeFormat format, std::int64_t zone_ms) noexcept {
  std::string_view s = trim(text);
  Clock clock;
  switch (format) {
    case TimeFormat::iso:
      if (!take_iso_date(s, clock) || !take_time_of_day(s, clock)) return {0, "is no time of the form 2011-12-09 12:50:00"};
      return from_clock(clock, zone_ms);
    case TimeFormat::day_first:
    case TimeFormat::month_first: {
      const bool is_day_first = format == TimeFormat::day_first;
      int& first = is_day_first ? clock.day : clock.month;
      int& second = is_day_first ? clock.month : clock.day;
      if (!take_slashed(s, first, second, clock.year) || !take_time_of_day(s, clock))
        return {0, is_day_first ? "is no time of the form day/month/year" : "is no time of the form month/day/year"};
      return from_clock(clock, zone_ms);
    }
    default: return parse_epoch(s, format);
  }
}

std::int64_t parse_zone(std::string_view text) {
  if (const auto ms = zone_of(trim(text))) return *ms;
  throw Error(Code::bad_request, "time zone '" + std::string(text) + "' is not understood; give how far local time is ahead of UTC, such as +02:00");
}

void TimeGuess::add(std::string_view text) noexcept {
  const std::string_view s = trim(text);
  if (s.empty()) return;
  ++count_;
  const auto reads = [](const ParsedTime& t) { return !t.problem || t.is_outside; };
  if (reads(parse_time(s, TimeFormat::iso))) {
    ++iso_;
    return;
  }
  const ParsedTime day = parse_time(s, TimeFormat::day_first), month = parse_time(s, TimeFormat::month_first);
  if (reads(day) || reads(month)) {
    ++slashed_;
    day_only_ += !reads(month);
    month_only_ += !reads(day);
    day_drops_ += !day.problem && day.ms < last_day_first_;
    month_drops_ += !month.problem && month.ms < last_month_first_;
    if (!day.problem) last_day_first_ = day.ms;
    if (!month.problem) last_month_first_ = month.ms;
    return;
  }
  const ParsedNumber number = parse_number(s);
  if (number.problem) return;
  // Digits tell the unit: 9 to 10 = s (from 1973), 12 to 13 = ms, 15 to 16 = us, 18 to 19 = ns.
  const double size = std::abs(number.value);
  if (size >= 1e8 && size < 5e9) ++epochs_[0];
  else if (size >= 1e11 && size < 5e12) ++epochs_[1];
  else if (size >= 1e14 && size < 5e15) ++epochs_[2];
  else if (size >= 1e17 && size < 5e18) ++epochs_[3];
}

std::optional<TimeFormat> TimeGuess::format() const noexcept {
  std::size_t best = std::max(iso_, slashed_);
  for (const std::size_t n : epochs_) best = std::max(best, n);
  if (best == 0 || best * 10 < count_ * 6) return std::nullopt;  // a few bad times do not unmake a column of times
  if (best == iso_) return TimeFormat::iso;
  if (best == slashed_) {
    if (day_only_ != month_only_) return day_only_ > month_only_ ? TimeFormat::day_first : TimeFormat::month_first;
    return month_drops_ < day_drops_ ? TimeFormat::month_first : TimeFormat::day_first;
  }
  const TimeFormat units[] = {TimeFormat::epoch_s, TimeFormat::epoch_ms, TimeFormat::epoch_us, TimeFormat::epoch_ns};
  return units[std::max_element(epochs_, epochs_ + 4) - epochs_];
}

bool TimeGuess::is_sure() const noexcept {
  const auto f = format();
  return !f || (*f != TimeFormat::day_first && *f != TimeFormat::month_first) || day_only_ != month_only_;
}

}  // namespace attune::data
