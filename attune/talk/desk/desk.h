// Desk: a shop's service desk: messages in, answers out, taken from templates, questions and documents, or handed to a person.
// What it knows lies in the workspace's folder desk/: content (content.h), what was trained (trained/), agents' picks (picks.jsonl).
#pragma once
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/talk/desk/content.h"
#include "attune/talk/desk/slots.h"
#include "attune/talk/desk/style.h"

namespace attune::talk::desk {

// One conversation, as a value: it goes into answer() and comes back with the reply; nothing of it is kept elsewhere.
struct Conversation {
  Slots slots;
  std::string intent, asked;                // the intent that waits for a slot, and the slot that was asked for
  std::string last;                         // the intent that was answered last
  std::string language;                     // of the customer; empty = not known yet
  Style style;
  std::size_t messages = 0, failures = 0;   // failures: replies in a row that were handed over
  std::vector<std::string> used;            // templates sent
  std::vector<std::string> said;            // what the customer wrote, personal data masked; the last 20
  Json to_json() const;
  // Throws Error: bad_request for a value that no conversation has.
  static Conversation from_json(const Json& json);
};

struct Source {
  std::string kind, name, text;             // "faq" or "passage"; where it stands ("shipping.md:5 Costs of sending"); what is quoted
};

struct DeskReply {
  std::string answer;                       // what to send; to the agent's eye when `handover`
  std::string template_name;                // of the template or FAQ; empty = none
  std::string intent;                       // what was understood; empty = none of the known
  double confidence = 0;                    // chance that intent or source is right
  bool handover = false;
  std::string asked;                        // the slot asked for
  std::string summary;                      // for the person who takes over
  std::vector<Source> sources;
  std::vector<std::string> suggestions;     // templates an agent may want, best first
  Json to_json() const;
};

// What agents decided: the answer to a message is this template (or FAQ) by name, or of this intent.
struct Pick {
  std::string message, picked;
};

struct TrainOptions {
  double kept = 0.95;                       // share of messages of known intents that are not to be taken for strange ones; 0.5..1
  int tuned = 0;                            // copies of MiniLM tuned to the intents beside the frozen encoders; 0..8
};

struct TrainReport {
  std::size_t intents = 0, messages = 0, outside = 0, faq = 0, passages = 0, picks = 0;
  double accuracy = 0, kept = 0;            // of intents, on messages that did not teach; share of known messages that stay in
  std::size_t tuned = 0;                    // tuned encoders, and their share of the answer
  double tuned_weight = 0;
  std::uintmax_t bytes = 0;                 // of the files that were made
  Json to_json() const;
};

// Safe from any thread: answers run side by side, learn() alone.
class Desk {
 public:
  // `folder` is the workspace's desk/, `vectors` the cache of encoders' vectors ("" = none).
  // Throws Error: not_found when nothing was imported or trained, saying the next command.
  static Desk open(const std::filesystem::path& folder, const std::filesystem::path& vectors, const Run& run);
  Desk(Desk&&) noexcept;
  ~Desk();

  // Fits intents, search weights and bars to the content of `folder` and the picks; what was trained appears whole.
  // Throws Error: not_found when nothing was imported, bad_request, bad_data (too few messages to tune an encoder on), io, cancelled.
  static TrainReport train(const std::filesystem::path& folder, const std::filesystem::path& vectors, const TrainOptions& options, const Run& run);

  // `conversation` is changed in place. Any bytes are allowed as a message; what is longer than 4,000 characters is read up to there.
  DeskReply answer(const std::string& message, Conversation& conversation, std::chrono::year_month_day today, const Run& run) const;
  // Durable on return, and in the next answer. Throws Error: not_found for a template nobody knows, naming the nearest.
  void learn(const Pick& pick, const Run& run);

  struct State;   // desk_state.h

 private:
  explicit Desk(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace attune::talk::desk
