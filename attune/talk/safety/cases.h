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

// For cross-validation: of `parts` one is held out: its templates, filled with its share of the values of every slot that is long enough; the others have neither.
struct CasesPart {
  std::size_t parts = 1, part = 0;
  bool is_held_out = false;
};

// Every template filled at most `most` times; the values of a slot are taken in turn, beginning by the seed. Throws Error: bad_data for a line that cannot be read.
std::vector<SafetyCase> expanded(std::string_view templates, int most, std::uint64_t seed = 7, const CasesPart& part = {});
std::string_view english_cases();  // data/safety/cases.en.txt, wider.en.txt and kinds.en.txt

}  // namespace attune::talk::safety
