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

// Empty: it may be said. Else why not, for logs: "a number was added", "a name was lost", ... Rules, no model:
//   names and numbers as often and in the order they had; no other number, in digits or words; no name, address or mark that was not there;
//   as many negations; every other word from the template or from a closed list of words that claim nothing; no repetition; not much longer;
//   no orders, no markup. Strict on purpose: what is in doubt is not said.
std::string what_changed(std::string_view reply, std::string_view rewritten, const Facts& facts);

}  // namespace attune::talk
