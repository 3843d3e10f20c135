// Dialogue maker: makes turns of what one record of a dialogue file says: looks its items up and counts those it does not find.
// For the forms of dialogue files only.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "attune/talk/ranking/conversation.h"
#include "attune/talk/ranking/dialogue_file.h"
#include "attune/talk/ranking/item_names.h"

namespace attune::talk::ranking {

struct DialogueMaker {
  const rank::World& world;
  const ItemNames& names;
  DialogueFile& file;              // where known and unknown names are counted

  std::optional<ItemId> item(const std::string& name) const;
  // A turn in which these names stand, each at its first place in the text; their words are taken out of `plain`.
  Said said(bool is_seeker, std::string text, const std::vector<std::string>& named) const;
};

}  // namespace attune::talk::ranking
