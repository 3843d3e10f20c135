// Rewrite: a generator may put a reply into other words; what it says is checked against the reply and dropped when anything was added or lost.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "attune/core/progress.h"
#include "attune/lm/language_model.h"
#include "attune/talk/check.h"

namespace attune::talk {

struct Rewriting {
  std::string text;             // what to say: the rewritten reply, or the template
  bool is_rewritten = false;
  std::string why_not;          // where the template is kept: what was wrong
};

// Sentence by sentence, each checked before it is given to `say`, so that the first is there while the second is being written; a sentence that fails its
// check is said as it was. A generator that fails, hangs past `most_ms` or is stopped leaves the rest as it was; never throws for it (only Error: cancelled when
// the run itself is stopped). Names and texts reach the generator as data (safety::as_data). `say` may be empty. language: "en" or "zh".
Rewriting rewrite(const lm::LanguageModel& generator, std::string_view reply, const Facts& facts, std::string_view language, int most_ms, const Run& run,
                  const std::function<void(std::string_view)>& say = {});

}  // namespace attune::talk
