// Cue phrases: the table behind cues.h: one line a meaning, phrases between bars, in English and Chinese.
#pragma once
#include <span>
#include <string_view>

#include "attune/talk/cues.h"

namespace attune::talk {

struct CueLine {
  Sense sense;
  std::string_view phrases;      // "under|below|less than"
};
std::span<const CueLine> cue_lines();
std::string_view filler_phrases();

// Calls take(phrase) for each that stands between bars.
template <class Take>
void split_bars(std::string_view text, Take take) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('|', at), text.size());
    if (end > at) take(text.substr(at, end - at));
    at = end + 1;
  }
}

}  // namespace attune::talk
