// Telling: the state of one turn: the dialogue as it becomes, the reply as it grows. Of teller.cpp, changing.cpp, offering.cpp and
// item_answers.cpp, each of which knows one kind of act.
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "attune/talk/chat.h"
#include "attune/talk/listing.h"
#include "attune/talk/speech.h"

namespace attune::talk {

struct Telling {
  const engine::Engine& engine;
  const Lexicon& lexicon;
  const Service* desk;                // nullptr: no workspace was given
  const ranking::Advisor* advisor;    // nullptr: the same
  const Turn& turn;
  Dialogue dialogue;
  Wants before = {};                  // what was wanted before the message
  Reply reply = {};
  std::unique_ptr<Speech> speech = nullptr;
  std::vector<std::string> among = {};   // of what a superlative picks; empty = of what is wanted

  const Reading& reading() const { return reply.reading; }
  bool zh() const { return speech->zh(); }
  // One more sentence; the whole of a reply with its act.
  void add(const std::string& sentence);
  void plain(std::string act, const std::string& sentence);
  // Puts an item into the reply; nothing when it is gone.
  void show(const std::string& item, const std::string& because);
  std::vector<std::string> shown() const { return dialogue.lists.empty() ? std::vector<std::string>() : dialogue.lists.back(); }
  // The message, of a long one what the reader saw.
  const std::string& message() const;
  ListingAsk asking() const;
};

inline bool among(const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

// --- changing.cpp: what is wanted, by the reading
void change_wants(Telling& telling);

// --- another_thing.cpp
void leave_old_thing(Telling& telling);           // when another thing is asked for: drops what was said of the one before, and says so
bool is_of_thing(const Telling& telling);         // the conditions of this message are said of a thing, and not for all
void bring_back(Telling& telling);                // "keep the price": conditions of before that are gone

// --- offering.cpp: lists, and what leads to or away from them
void offer_list(Telling& telling);
void greet(Telling& telling);
void undo(Telling& telling);
void reset(Telling& telling);

// --- item_answers.cpp: what is asked or said of items
void take_item(Telling& telling);
void compare_items(Telling& telling);
void explain_items(Telling& telling);
void tell_about(Telling& telling);
void answer_attributes(Telling& telling);
void tell_why_not(Telling& telling);

}  // namespace attune::talk
