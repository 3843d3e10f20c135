// Values: numbers and times as they stand in files. No allocation on the way that succeeds.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace attune::data {

std::string_view trim(std::string_view s) noexcept;  // spaces, tabs and no-break spaces at both ends

// A number as people write it: "3", "-2.5", "1e3", "1,234.5", "$1.99"; with a decimal comma "2,5" and "1.234,5".
// `problem` is a sentence part ("is not a number", "is too large for a number", "is not finite"), or nullptr: then `value` holds.
struct ParsedNumber {
  double value = 0;
  const char* problem = nullptr;
};
ParsedNumber parse_number(std::string_view text, bool decimal_comma = false) noexcept;

// Times are accepted from 1970 to 2100: what lies outside is a mistake of unit or of typing, whatever the clock says now.
inline constexpr std::int64_t kFirstTime_ms = 0;
inline constexpr std::int64_t kLastTime_ms = 4102444800000;  // 2100-01-01

enum class TimeFormat { epoch_s, epoch_ms, epoch_us, epoch_ns, iso, day_first, month_first };
// "epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "iso", "d/m/y", "m/d/y"
std::string_view name(TimeFormat format) noexcept;
std::optional<TimeFormat> time_format_named(std::string_view name) noexcept;

struct ParsedTime {
  std::int64_t ms = 0;
  const char* problem = nullptr;  // "is no time of the form ...", "is before 1970...", "is after 2100..."
  bool is_outside = false;        // well written, but outside the years accepted
};
// `zone_ms` is how far local time is ahead of UTC; used where the text names no zone.
ParsedTime parse_time(std::string_view text, TimeFormat format, std::int64_t zone_ms = 0) noexcept;

// "+02:00", "-0330", "Z", "UTC": milliseconds ahead of UTC. Throws Error: bad_request for others, saying what is possible.
std::int64_t parse_zone(std::string_view text);

// How the times of one column are written, decided over all values given so far.
class TimeGuess {
 public:
  void add(std::string_view text) noexcept;
  // Nothing when the values are no times. `is_sure` is false when days and months cannot be told apart: then day_first
  // is answered, or month_first when only that order makes the column ascend.
  std::optional<TimeFormat> format() const noexcept;
  bool is_sure() const noexcept;
  std::size_t count() const noexcept { return count_; }

 private:
  std::size_t count_ = 0, iso_ = 0, slashed_ = 0, day_only_ = 0, month_only_ = 0;
  std::size_t epochs_[4] = {};
  std::size_t day_drops_ = 0, month_drops_ = 0;  // times that go back, read in each order
  std::int64_t last_day_first_ = 0, last_month_first_ = 0;
};

}  // namespace attune::data
