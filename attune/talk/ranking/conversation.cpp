// Conversations: cutting them before a turn, and which turns there are to foretell.
#include "attune/talk/ranking/conversation.h"

#include <algorithm>
#include <set>

namespace attune::talk::ranking {

std::vector<Question> questions(const std::vector<Conversation>& conversations) {
  std::vector<Question> list;
  for (std::size_t c = 0; c < conversations.size(); ++c) {
    std::set<ItemId> named;
    for (std::size_t t = 0; t < conversations[c].turns.size(); ++t) {
      const Said& said = conversations[c].turns[t];
      Question question{c, t, {}};
      for (const Mention& mention : said.mentions) {
        if (named.insert(mention.item).second) question.wanted.push_back(mention.item);
      }
      if (!said.is_seeker && said.is_asked && !question.wanted.empty()) list.push_back(std::move(question));
    }
  }
  return list;
}

Conversation before(const Conversation& conversation, std::size_t turn) {
  Conversation cut{.id = conversation.id};
  cut.turns.assign(conversation.turns.begin(),
                   conversation.turns.begin() + static_cast<std::ptrdiff_t>(std::min(turn, conversation.turns.size())));
  return cut;
}

std::vector<ItemId> named_items(const Conversation& conversation) {
  std::set<ItemId> named;
  for (const Said& said : conversation.turns)
    for (const Mention& mention : said.mentions) named.insert(mention.item);
  return {named.begin(), named.end()};
}

void join_turns(Conversation& conversation) {
  std::vector<Said> joined;
  for (Said& said : conversation.turns) {
    if (joined.empty() || joined.back().is_seeker != said.is_seeker || joined.back().is_asked != said.is_asked) {
      joined.push_back(std::move(said));
      continue;
    }
    Said& last = joined.back();
    if (!last.plain.empty() || !said.plain.empty()) {
      if (last.plain.empty()) last.plain = last.text;
      last.plain += " " + (said.plain.empty() ? said.text : said.plain);
    }
    last.text += " " + said.text;
    last.mentions.insert(last.mentions.end(), said.mentions.begin(), said.mentions.end());
  }
  conversation.turns = std::move(joined);
}

}  // namespace attune::talk::ranking
