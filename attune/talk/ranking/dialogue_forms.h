// Dialogue forms: what several makers of recorded conversations wrote, each form as its maker wrote it (dialogue_file.h lists them).
// For dialogue files only.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/data/text_file.h"
#include "attune/talk/ranking/dialogue_maker.h"

namespace attune::talk::ranking {

// Text or number of a field as text; empty without the field.
std::string id_of(const Json& object, std::string_view key);

// One record a dialogue. All throw Error: bad_data for a record of another form.
Conversation attune_dialogue(const Json& object, const DialogueMaker& maker);
Conversation redial(const Json& object, const DialogueMaker& maker);
Conversation opendialkg(const Json& list, const DialogueMaker& maker);
Conversation crosswoz(const std::string& id, const Json& object, const DialogueMaker& maker);
// Lines of one dialogue come one after another, each with all that was said before it; at least one.
Conversation redial_turns(const std::vector<Json>& lines, const DialogueMaker& maker);
// A table of utterances: those of `lines` behind the header, into maker.file; rows of another width are counted there.
void inspired(data::Lines& lines, const std::string& header, const DialogueMaker& maker, const Run& run);

}  // namespace attune::talk::ranking
