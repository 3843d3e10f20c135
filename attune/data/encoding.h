// Encoding: bytes of a file into UTF-8. What a file is in is said by the mapping; a stray line is still read.
#pragma once
#include <string>
#include <string_view>

namespace attune::data {

bool is_utf8(std::string_view s) noexcept;
bool is_ascii(std::string_view s) noexcept;
// Latin-1 as it is found in the wild, which is Windows-1252 (the euro sign, typographic quotes). Never fails.
std::string latin1_to_utf8(std::string_view s);
// At most `size_bytes` of `s`, cut between characters; bytes that are no UTF-8 and control characters become '?'.
std::string shown(std::string_view s, std::size_t size_bytes = 500);
// "&amp;", "&#39;", "&quot;", ... into characters; what is no entity stays.
std::string without_entities(std::string_view s);

}  // namespace attune::data
