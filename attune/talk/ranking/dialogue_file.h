// Dialogue files: recorded conversations of several makers, read into one form. Plain, gzip or zstd.
//   attune       {"id", "turns": [{"speaker": "seeker" or "recommender", "text", "items": [name or {"item", "stance"}]}]} a line
//   redial       ReDial's own lines: messages with @id, movieMentions, initiatorWorkerId (the seeker)   Li et al., NeurIPS 2018
//   redial-turns a line a recommender's turn to ask about: dialog_id, context, rec, resp; items in the texts are found by their title with
//                its year. rec by name (iEvaLM, Wang et al., EMNLP 2023) or by number (He et al., CIKM 2023: then those of resp)
//   inspired     tab-separated utterances: dialog_id, speaker, text_with_placeholder, movie_dict        Hayati et al., EMNLP 2020
//   opendialkg   a line a list of {role, text, item}                                                    Moon et al., ACL 2019
//   crosswoz     one object, id -> {messages: [{role, content, dialog_act}]}                            Zhu et al., TACL 2020
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "attune/core/progress.h"
#include "attune/talk/ranking/conversation.h"
#include "attune/talk/ranking/item_names.h"

namespace attune::talk::ranking {

struct DialogueFile {
  std::string format;
  std::vector<Conversation> conversations;
  std::size_t known = 0, unknown = 0;        // names of items that the catalogue has, and has not: these are left out
  std::vector<std::string> examples;         // the first few that it has not
  std::size_t bad_lines = 0;                 // lines that are no dialogue, passed over
  std::string first_problem;                 // of the first such line, with its number
};

// Which form a file has is told by its first line. Throws Error: not_found, io; bad_data when nothing in it is a dialogue, saying
// what was expected.
DialogueFile read_dialogues(const std::filesystem::path& file, const rank::World& world, const ItemNames& names, const Run& run);

}  // namespace attune::talk::ranking
