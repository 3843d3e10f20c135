// PostgreSQL text: our bytes as its text and back. PostgreSQL takes valid UTF-8 without NUL; names and rows that were set
// aside may hold anything. A byte it would refuse is kept as one character of U+10FE00..U+10FEFF (private use, plane 16),
// and so are the bytes of such a character itself, so that what was stored comes back as it was.
#pragma once
#include <string>
#include <string_view>

namespace attune::data {

std::string to_postgres(std::string_view bytes);
std::string from_postgres(std::string_view text);

}  // namespace attune::data
