// Printable: text of unknown origin made safe for a terminal.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace attune {

enum class Lines { keep, escape };   // what becomes of newlines and tabs

// `text` with everything that a terminal would obey, or that would hide or reorder what stands beside it, written out instead:
// control characters (\x1b, \n, \u009b), bytes that are no UTF-8 (\xff), marks that turn the direction of writing (\u202e).
// What is longer than `most_bytes` is cut in a whole character and ends in "…".
std::string printable(std::string_view text, Lines lines = Lines::escape, std::size_t most_bytes = SIZE_MAX);

}  // namespace attune
