// Cases: what must be refused and what must pass, from data/safety, filled from their templates. They are compiled in.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "attune/talk/safety/guard.h"

namespace attune::talk::safety {

struct SafetyCase {
  std::string text;
  Kind kind = Kind::none;          // none: must pass
  std::size_t of = 0;              // its template: cases of one are alike
};

// Every template filled at most `most` times, by the seed. Throws Error: bad_data for a line that cannot be read.
std::vector<SafetyCase> expanded(std::string_view templates, int most, std::uint64_t seed = 7);
std::string_view english_cases();  // data/safety/cases.en.txt

}  // namespace attune::talk::safety
