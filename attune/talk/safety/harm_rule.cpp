// Harm: a verb of hurting, ruining, taking or making, and what it is done to.
#include <algorithm>

#include "attune/talk/safety/rules.h"

namespace attune::talk::safety {
namespace {

enum class Target { none, unknown, human, animal, place, property, harmless };

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> any) { return std::find(any.begin(), any.end(), word) != any.end(); }

bool is_stop(std::string_view w) {
  return is_one_of(w, {".", "with", "in", "at", "on", "without", "before", "after", "while", "when", "using", "for", "from", "by", "during", "near", "inside", "if", "because", "that", "who", "which", "and", "or", "but", "to", "so", "as",
                       "where", "how", "about", "behind", "around", "under", "tonight", "tomorrow", "through", "via", "into", "against", "until", "than", "is", "are", "not"});
}
bool is_filler(std::string_view w) { return is_one_of(w, {"up", "down", "off", "out", "a", "an", "the", "some", "this", "that", "all", "my", "your", "our", "his", "her", "their", "any", "every", "as", "many", "most", "two", "several", "few"}); }

Target target_in(const Reading& r, std::size_t begin, std::size_t end) {
  // The last thing named in the phrase is its head: "a child process" is a process, "the neighbour's dog" a dog.
  Target last = Target::none;
  std::size_t last_at = 0;
  const std::size_t lists[] = {list("human"), list("animal"), list("place"), list("property"), list("harmless")};
  for (const Found& f : r.found) {
    if (f.begin < begin || f.end > end) continue;
    for (std::size_t k = 0; k < 5; ++k) {
      if (!f.in.test(lists[k]) || (last != Target::none && f.end < last_at)) continue;
      if (f.end == last_at && last != Target::harmless && last != Target::none && static_cast<Target>(k + 2) == Target::property) continue;
      last = static_cast<Target>(k + 2);
      last_at = f.end;
    }
  }
  return last;
}

struct Object {
  Target target = Target::none;
  bool is_own = false;             // "my own"
  bool is_others = false;          // "someone's", "my neighbour's"
  bool is_named = false;           // a name nobody knows here
};

Object object_after(const Reading& r, std::size_t begin) {
  Object object;
  std::size_t end = begin;
  bool first = true;
  while (end < r.words.size() && end < begin + 7) {
    const std::string& w = r.words[end].text;
    if (is_stop(w) && !(first && is_filler(w))) break;
    if (!is_filler(w)) first = false;
    if (r.words[end].is_capital && w != "i") object.is_named = true;
    ++end;
  }
  // "a portrait of my wife" is a portrait; "the legs of a stranger" are a stranger's
  std::size_t of = begin;
  while (of < end && r.words[of].text != "of") ++of;
  object.target = target_in(r, begin, of);
  if (object.target == Target::none && of < end) object.target = target_in(r, of + 1, end);
  const bool is_empty = [&] {
    for (std::size_t i = begin; i < end; ++i)
      if (!is_filler(r.words[i].text)) return false;
    return true;
  }();
  for (std::size_t i = begin; i < end; ++i)
    if (r.words[i].text == "'s" && i > begin) object.is_others = true;
  object.is_own = has_within(r, "own", begin, r.words.size()) && !object.is_others;
  if (end < r.words.size() && r.words[end].text == "it") object.target = Target::none;
  if (object.target == Target::none && !is_empty && !(begin < r.words.size() && is_one_of(r.words[begin].text, {"it", "this", "that", "these", "those"}))) object.target = Target::unknown;
  return object;
}

bool asks(const Reading& r) { return has(r, "request"); }

}  // namespace

std::optional<Verdict> harm_rule(const Reading& r) {
  if (is_fiction(r)) return std::nullopt;
  const bool knows = is_knowledge(r);
  if (knows) return std::nullopt;
  if (has(r, "crime")) return Verdict{Kind::harm, "crime"};
  if (has(r, "crime_noun") && has(r, "commit") && asks(r)) return Verdict{Kind::harm, "crime + commit"};
  const std::size_t strong = list("hurt_strong"), hurt = list("hurt"), ruin = list("ruin"), take = list("take"), handle = list("handle"), contraband = list("contraband"), doubtful = list("ambiguous_drug");
  for (const Found& f : r.found) {
    if (f.in.test(strong) || f.in.test(hurt) || f.in.test(ruin) || f.in.test(take)) {
      const Object o = object_after(r, f.end);
      const bool living = o.target == Target::human || o.target == Target::animal;
      if ((f.in.test(strong) || f.in.test(hurt)) && living) return Verdict{Kind::harm, "hurt + living"};
      if (f.in.test(strong) && o.target == Target::unknown && o.is_named) return Verdict{Kind::harm, "hurt + named"};
      if (f.in.test(hurt) && o.target == Target::unknown && o.is_named && asks(r)) return Verdict{Kind::harm, "hurt + named"};
      if (f.in.test(ruin) && (o.target == Target::place || (o.target == Target::property && o.is_others)) && !o.is_own) return Verdict{Kind::harm, "ruin + place"};
      if (f.in.test(take) && !o.is_own && (o.target == Target::place || o.target == Target::property || o.target == Target::human || o.is_others)) return Verdict{Kind::harm, "take + property"};
    }
    if (f.in.test(contraband) && asks(r)) return Verdict{Kind::harm, "contraband"};
    if (f.in.test(contraband))
      for (std::size_t back = 1; back <= 6 && back <= f.begin; ++back)
        for (const Found& g : r.found)
          if (g.in.test(handle) && g.end <= f.begin && g.end + 6 > f.begin) return Verdict{Kind::harm, "handle + contraband"};
    if (f.in.test(doubtful) && asks(r) && has(r, "drug_word") && !has_within(r, "drug_word", f.begin, f.end)) return Verdict{Kind::harm, "drug"};
  }
  return std::nullopt;
}

}  // namespace attune::talk::safety
