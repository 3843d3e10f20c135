// Conversations at the command line: judging by recorded dialogues, and learning from them.
#pragma once
#include <string>
#include <vector>

#include "attune/cli/context.h"

namespace attune::cli {

struct ConversationRequest {
  std::vector<std::string> files;      // dialogues asked about
  std::vector<std::string> learn;      // dialogues learned from; empty = what the workspace learned, else the general weights
  std::vector<std::string> sets;       // over the settings
  std::vector<std::string> without;    // figures left out of learning
  std::vector<int> ks;
  int bootstrap = 1000;
  int rounds = 100;
  bool no_past = false;
  bool is_brief = false;               // only the ranker's own rows
  bool with_chat = false;              // also what the chat lists when the dialogues are said to it
};
void judge_conversations(const Context& context, const ConversationRequest& request);

struct PeopleRequest {
  std::vector<std::string> sets;       // over the settings
  std::string language;                // empty = that of the lists
  std::string format = "table";
  int users = 300, k = 10;
};
// Simulated users over the workspace's own customers.
void judge_people(const Context& context, const PeopleRequest& request);

}  // namespace attune::cli
