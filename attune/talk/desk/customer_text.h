// Customers' texts: what somebody wrote as it is read, and what can be told of it by rules: who asks for a person, what is only numbers.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "attune/talk/desk/slots.h"

namespace attune::talk::desk {

// A message as it is read: UTF-8 (other bytes become U+FFFD), no control characters, at most 4,000 characters, no space around it.
std::string readable(std::string_view message);
// Readable, with the values of slots replaced by their names: what teaches intents and is read for them.
std::string read_for_intents(std::string_view message);

// Somebody asks for a person, in English or Chinese.
bool wants_person(std::string_view text);
// A greeting and nothing else; thanks and nothing else.
bool is_greeting(std::string_view text);
bool is_thanks(std::string_view text);
// Values and the words around them, nothing that is wanted: "order {order}", "and {order} too", "订单号是{order}". Slots as in without_values().
bool says_only_values(std::string_view plain);
bool has_letters(std::string_view text);
// What is left of a text without its {slots}.
std::string without_gaps(std::string_view text);
// A text with its {slots} replaced by their values; a gap without one stays.
std::string filled(const std::string& text, const Slots& slots);

}  // namespace attune::talk::desk
