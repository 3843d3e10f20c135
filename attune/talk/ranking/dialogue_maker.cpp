// Dialogue maker: see the header.
#include "attune/talk/ranking/dialogue_maker.h"

#include <set>

#include "attune/talk/ranking/stance.h"

namespace attune::talk::ranking {

std::optional<ItemId> DialogueMaker::item(const std::string& name) const {
  const auto id = names.find(name);
  if (id) {
    ++file.known;
    return id;
  }
  ++file.unknown;
  if (file.examples.size() < 5) file.examples.push_back(name);
  return {};
}

Said DialogueMaker::said(bool is_seeker, std::string text, const std::vector<std::string>& named) const {
  Said turn{.is_seeker = is_seeker, .text = std::move(text)};
  turn.plain = turn.text;
  std::set<std::string> done;
  for (const std::string& name : named) {
    if (!done.insert(name).second) continue;
    const std::size_t at = turn.text.find(name);
    if (const auto id = item(name)) turn.mentions.push_back({*id, at == std::string::npos ? 1.0f : stance_at(turn.text, at, name.size())});
    for (std::size_t p = turn.plain.find(name); p != std::string::npos && !name.empty(); p = turn.plain.find(name, p)) turn.plain.replace(p, name.size(), " ");
  }
  if (turn.plain.empty() || turn.plain.find_first_not_of(' ') == std::string::npos) turn.plain = " ";
  return turn;
}

}  // namespace attune::talk::ranking
