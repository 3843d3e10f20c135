// Lexicon: the lists themselves are in lexicon_en.inc and lexicon_zh.inc, one LIST(name, "a|b|c") each.
#include "attune/talk/safety/lexicon.h"

#include <string>
#include <unordered_map>

#include "attune/core/error.h"

namespace attune::talk::safety {
namespace {

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> phrases;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('|'), text.size());
    if (end > 0) phrases.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return phrases;
}

}  // namespace

const std::vector<std::string_view>& lexicon(std::string_view name) {
  static const std::unordered_map<std::string_view, std::vector<std::string_view>> lists = {
#define LIST(name, text) {name, split(text)},
#include "attune/talk/safety/lexicon_en.inc"
#include "attune/talk/safety/lexicon_zh.inc"
#undef LIST
  };
  const auto found = lists.find(name);
  ATTUNE_ASSERT(found != lists.end(), "a list is asked for by a name that is in lexicon_en.inc or lexicon_zh.inc");
  return found->second;
}

}  // namespace attune::talk::safety
