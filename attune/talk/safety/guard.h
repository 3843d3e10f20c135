// Guard: may a message be answered by a shop's recommender, or must it be refused, and why.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/progress.h"

namespace attune::talk::safety {

enum class Kind { none, harm, self_harm, adult, hate, privacy };
std::string_view name(Kind kind) noexcept;    // "harm", ...; "none"

struct Verdict {
  Kind kind = Kind::none;
  std::string why;                            // which rule spoke, for logs and tests: "hurt + human"; never words of the message
  bool is_allowed() const noexcept { return kind == Kind::none; }
};

// What a message asks for: rules over the words in it (English and Chinese), and in English what an encoder makes of it (learned.h), where it is there. A long message is judged sentence by sentence: by rules
// all of them, by the encoder the two that look worst, so that what is hidden in the middle is found and the cost stays. A question about a product passes, so does what only sounds dangerous
// ("kill a Python process", "shoot a portrait"); asking how to hurt people, break in, make weapons or drugs, find out what is private of others,
// pornography, and contempt of groups of people do not. Any bytes; time linear in the length. Safe from any thread.
Verdict judge(std::string_view message);
// Reads the encoder and what it learned, on a new machine learns it (seconds of CPU, said by `run`), so that no first message waits for that.
// Throws nothing.
void prepare(const Run& run);
Verdict judge_by_rules(std::string_view message);   // without the encoder

// Does it ask for something, in English: only then the encoder may refuse alone.
bool is_request(std::string_view message);
// Does it only say what a customer would like to see ("I want ...", "show me ..."), with no word that could mean harm: the encoder must then be surer.
bool is_plain_wish(std::string_view message);

// What is said instead of an answer; kind, short, never a reproach. `language` is en or zh; empty for Kind::none.
// Of self-harm: that help is near, without numbers that might be wrong where the reader is.
std::string refusal(Kind kind, std::string_view language);

}  // namespace attune::talk::safety
