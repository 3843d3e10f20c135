// Entries: how the lexicon looks at a value of the catalogue: one or several entries, as text; and at the head of an item's text.
#pragma once
#include <string>

#include "attune/core/json.h"

namespace attune::talk {

// The entry as text; empty for what is no text, truth value or number.
std::string text_in(const Json& entry);
// Each entry of a list, or the value itself; none of null and of objects.
template <class Take>
void each_entry(const Json& value, Take take) {
  if (value.is_array()) {
    for (const Json& entry : value.as_array()) take(entry);
  } else if (!value.is_null() && !value.is_object()) {
    take(value);
  }
}

// The part of a text that is a title: before the first comma, colon, bracket or dash between blanks.
std::string head_of(const std::string& text);

}  // namespace attune::talk
