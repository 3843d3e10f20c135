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
// Slots known: order, date, email, phone, amount, name, postcode; and card, id, iban, which are found to be left out (is_private).
std::vector<FoundSlot> find_slots(std::string_view text, std::string_view asked, std::chrono::year_month_day today);

// Does the text name an order by what is not read as its number ("order 1")? Not what was found.
bool names_unread_order(std::string_view text, const std::vector<FoundSlot>& found);
// Numbers of cards, persons and accounts: no answer needs them, nobody keeps them.
bool is_private(std::string_view slot);
// The text as it was written, but personal data as safety::mask_personal masks it ("[phone]"): for whatever is kept or shown to others.
// Order numbers, dates and amounts stay.
std::string masked(std::string_view text, const std::vector<FoundSlot>& found);

// The text with what was found replaced by the slots' names in braces: for classifying (numbers say nothing of what is wanted).
std::string without_values(std::string_view text, const std::vector<FoundSlot>& found);

// How a desk asks for a slot in a language ("en", "zh"); `style` "casual" or "formal".
std::string question_for(std::string_view slot, std::string_view language, std::string_view style);

}  // namespace attune::talk::desk
