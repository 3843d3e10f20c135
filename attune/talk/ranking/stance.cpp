// Stance: see the header.
#include "attune/talk/ranking/stance.h"

#include <algorithm>
#include <string>
#include <vector>

#include "attune/core/ascii.h"

namespace attune::talk::ranking {

float stance_at(std::string_view text, std::size_t at, std::size_t length) {
  static const std::vector<std::string> before = {"not like", "n't like", "nt like", "dislike", "hate", "not a fan", "n't a fan", "not into", "n't into", "can't stand",
                                                  "didn't enjoy", "did not enjoy", "不喜欢", "讨厌", "不想", "不要", "别"};
  static const std::vector<std::string> after = {"was awful", "was terrible", "was bad", "was boring", "is boring", "sucked", "was horrible", "not for me", "不好", "太差"};
  const std::size_t clause = std::min(text.find_last_of(".!?;", at == 0 ? 0 : at - 1), at);
  const std::size_t from = std::max(clause == at ? 0 : clause, at > 45 ? at - 45 : 0);
  const std::string left = lowered(text.substr(from, at - from)), right = lowered(text.substr(std::min(at + length, text.size()), 30));
  for (const std::string& cue : before)
    if (left.find(cue) != std::string::npos) return -1;
  for (const std::string& cue : after)
    if (right.substr(0, right.find_first_of(".!?")).find(cue) != std::string::npos) return -1;
  return 1;
}

}  // namespace attune::talk::ranking
