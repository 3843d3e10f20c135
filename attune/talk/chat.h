// Chat: one turn of a conversation: a dialogue and a message go in, a reply with the next dialogue comes out.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attune/data/record.h"
#include "attune/engine/engine.h"
#include "attune/talk/dialogue.h"
#include "attune/talk/reading.h"
#include "attune/talk/service.h"

namespace attune::talk {

struct Turn {
  std::string message;
  std::string user;             // empty = nobody we know
  std::string language;         // of the reply: "en", "zh"; empty = as the message, or as the dialogue so far
  int k = 5;                    // items of a list; 1..50
  std::int64_t now_ms = 0;      // for what becomes feedback
};

struct ReplyItem {
  std::string item, text, because;
  Json attributes;              // as the catalogue has them
};

struct Reply {
  std::string say;
  std::vector<ReplyItem> items;
  std::string act;              // recommend, nothing_fits, compare, explain, why_not, answer, ask, noted, undo, reset, greet, thanks, bye, help, service, handover, refuse, unclear
  std::vector<desk::Source> sources;   // what an answer of the desk was taken from
  Reading reading;
  Dialogue dialogue;            // of the next turn
  std::vector<data::Event> feedback;   // what was said of items ("like", "dislike"), for the log; empty when nobody is known
  data::Exposure shown;         // the list, for the log; no items = none
};
// {"say", "items": [{"item", "text", "because", "attributes"}], "act", "reading", "dialogue"}; with sources "sources": [{"kind", "name", "text"}]
Json to_json(const Reply& reply);

// Safe from any thread. Holds the lexicon of the newest world it has seen.
class Chat {
 public:
  // `workspace`: that of the engine; its desk, if one was trained, answers questions of service. nullptr: they are handed over.
  explicit Chat(const engine::Engine& engine, const engine::Workspace* workspace = nullptr);
  ~Chat();
  // Nothing is stored: what should be is in the reply. The same dialogue, turn and workspace give the same reply, but for the
  // ids of requests. Any message is answered; throws what the engine throws when it is our mistake or the disk's.
  Reply turn(const Dialogue& dialogue, const Turn& turn) const;
  // Made anew when the world has changed since.
  std::shared_ptr<const Lexicon> lexicon() const;

 private:
  struct State;
  struct Words;
  std::shared_ptr<const Words> words() const;
  const engine::Engine& engine_;
  std::unique_ptr<State> state_;
};

// The dialogue that a user agreed to have kept; stored with the user's record, erased with the user. nullopt = none.
std::optional<Dialogue> remembered(const engine::Engine& engine, const std::string& user);
void remember(engine::Engine& engine, const std::string& user, const Dialogue& dialogue);
void forget(engine::Engine& engine, const std::string& user);

}  // namespace attune::talk
