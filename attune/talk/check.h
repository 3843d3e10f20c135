// Check: does a reply that a generator has rewritten say what the template said, no more and no less.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace attune::talk {

// What a rewriting must keep. `names` (of items, brands, people) must stay letter for letter, as often and in the order of the template.
struct Facts {
  std::vector<std::string> names;
};

// Empty: it may be said. Else why not, for logs: "a word was added that may claim something", "names were lost, added or moved", ... Rules, no model:
// without the words of a short closed list that claim nothing ("here", "sure", "I", "please"; in Chinese by character) both say the same in the same order: names
// letter for letter, numbers, negations, comparisons, reasons, currencies, quotations, questions, whatever the script. A word in the middle of a sentence has no new capital, since it
// could be a title. No repetition, not much longer, no orders, no markup. Strict on purpose: what is in doubt is not said.
std::string what_changed(std::string_view reply, std::string_view rewritten, const Facts& facts);

}  // namespace attune::talk
