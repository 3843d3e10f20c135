// Translate: everyday words of shops in both languages, so that 红色 finds "red" and "red" finds 红色.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace attune::talk {

// The other language's words for a word (folded; Han as written), best first; empty: none is known. 红色 -> red; red -> 红色, 红.
std::vector<std::string> translations(std::string_view word);

}  // namespace attune::talk
