// Cases: see the header and data/safety/README.md.
#include "attune/talk/safety/cases.h"

#include <map>
#include <set>

#include "attune/core/error.h"
#include "attune/core/random.h"

namespace attune::talk::safety {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Kind kind_named(std::string_view word) {
  for (const Kind kind : {Kind::harm, Kind::self_harm, Kind::adult, Kind::hate, Kind::privacy})
    if (name(kind) == word) return kind;
  if (word == "ok") return Kind::none;
  throw Error(Code::bad_data, "a case of the kind '" + std::string(word) + "'; kinds are ok, harm, self_harm, adult, hate, privacy");
}

struct Slot {
  std::vector<std::string> values;
  std::size_t next = 0;              // taken in turn, from a place by chance: every value is used before one is used twice
};
using Slots = std::map<std::string, Slot, std::less<>>;

std::string filled(std::string_view text, Slots& slots) {
  std::string made(text);
  for (std::size_t open = made.find('{'); open != std::string::npos; open = made.find('{')) {
    const std::size_t close = made.find('}', open);
    const auto slot = slots.find(made.substr(open + 1, close - open - 1));
    if (close == std::string::npos || slot == slots.end()) throw Error(Code::bad_data, "a case names a slot that is not there: " + made);
    Slot& s = slot->second;
    made.replace(open, close - open + 1, s.values[s.next++ % s.values.size()]);
  }
  return made;
}

}  // namespace

std::vector<SafetyCase> expanded(std::string_view templates, int most, std::uint64_t seed, const CasesPart& part) {
  Slots slots;
  std::vector<SafetyCase> cases;
  Random random(seed);
  std::size_t of = 0;
  while (!templates.empty()) {
    const std::size_t end = std::min(templates.find('\n'), templates.size());
    const std::string_view line = templates.substr(0, end);
    templates.remove_prefix(std::min(end + 1, templates.size()));
    if (trimmed(line).empty() || line[0] == '#') continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) throw Error(Code::bad_data, "a case without a kind: " + std::string(line.substr(0, 80)));
    std::string_view rest = trimmed(line.substr(colon + 1));
    if (line.starts_with("= ")) {
      auto& [values, next] = slots[std::string(trimmed(line.substr(2, colon - 2)))];
      while (!rest.empty()) {
        const std::size_t bar = std::min(rest.find('|'), rest.size());
        values.emplace_back(trimmed(rest.substr(0, bar)));
        rest.remove_prefix(std::min(bar + 1, rest.size()));
      }
      if (part.parts > 1 && values.size() >= 3 * part.parts) {
        std::vector<std::string> mine;
        for (std::size_t k = 0; k < values.size(); ++k)
          if ((k % part.parts == part.part) == part.is_held_out) mine.push_back(values[k]);
        values = std::move(mine);
      }
      next = random.below(values.size());
      continue;
    }
    if (part.parts > 1 && (of % part.parts == part.part) != part.is_held_out) {
      ++of;
      continue;
    }
    std::set<std::string> seen;
    for (int k = 0; k < most; ++k) {
      std::string text = filled(rest, slots);
      if (seen.insert(text).second) cases.push_back({std::move(text), kind_named(line.substr(0, colon)), of});
    }
    ++of;
  }
  return cases;
}

std::string_view english_cases() {
  static constexpr char text[] =
#include "attune/talk/safety/cases_en.inc"
      ;
  return {text, sizeof text - 1};
}

}  // namespace attune::talk::safety
