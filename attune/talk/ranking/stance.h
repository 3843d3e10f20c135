// Stance: how an item is spoken of, by the words around its name. English and Chinese.
#pragma once
#include <cstddef>
#include <string_view>

namespace attune::talk::ranking {

// Where its name stands at `at` of the text: -1 after "did not like", "hated", "不喜欢", before "was awful"; else 1.
float stance_at(std::string_view text, std::size_t at, std::size_t length);

}  // namespace attune::talk::ranking
