// Slots: what a customer's message says that an answer needs: order number, date, e-mail address, telephone number, amount, name.
// Found by rules over the text, in English and Chinese; kept over the turns of a conversation.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace attune::talk::desk {

// Values by slot, as they are put into an answer.
using Slots = std::map<std::string, std::string>;

struct FoundSlot {
  std::string name, value;
  std::size_t begin = 0, end = 0;   // bytes of the text
};

// All that `text` says, in order of place, without overlaps. `asked` = the slot that was just asked for: for it a bare number or
// word counts too ("it is 48213"). Today's date turns "yesterday" and "3 May" into whole dates (2026-05-03). Any bytes are allowed.
// Slots known: order, date, email, phone, amount, name, postcode.
std::vector<FoundSlot> find_slots(std::string_view text, std::string_view asked, std::chrono::year_month_day today);

// The text with what was found replaced by the slots' names in braces: for classifying (numbers say nothing of what is wanted)
// and for whatever is kept or logged.
std::string without_values(std::string_view text, const std::vector<FoundSlot>& found);

// How a desk asks for a slot in a language ("en", "zh"); `style` "casual" or "formal".
std::string question_for(std::string_view slot, std::string_view language, std::string_view style);

}  // namespace attune::talk::desk
