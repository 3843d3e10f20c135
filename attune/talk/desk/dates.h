// Dates in customers' messages, as people write them, in English and Chinese: 2026-05-03, 3/5/2026, May 3rd, 5月3日, yesterday.
#pragma once
#include <chrono>
#include <string>
#include <vector>

namespace attune::talk::desk {

struct FoundDate {
  std::string value;                // "2026-05-03"
  std::size_t begin = 0, end = 0;   // bytes of the text
};

// All that `text`, in small letters, may say; those that were looked for first come first, and they may overlap: the first is meant.
// Of 3/5/2026 the day is first unless that is no date; a date without a year is of today's.
std::vector<FoundDate> find_dates(const std::string& text, std::chrono::year_month_day today);

}  // namespace attune::talk::desk
