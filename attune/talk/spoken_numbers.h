// Numbers in words: "twenty five", 一百五十.
#pragma once
#include <cstddef>
#include <span>

#include "attune/talk/tokens.h"

namespace attune::talk {

struct Spoken {
  double number = 0;
  std::size_t used = 0;      // tokens; 0 = none here
};
Spoken han_number(std::span<const Token> tokens);
Spoken word_number(std::span<const Token> tokens);

}  // namespace attune::talk
