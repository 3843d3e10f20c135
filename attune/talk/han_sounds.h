// Han sounds: characters that sound alike and characters written in two ways: what slips of a Chinese keyboard are made of.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "attune/talk/tokens.h"

namespace attune::talk {

// How the tokens sound, in each of the ways that their characters are spoken, at most 8; a character that is not known is its own
// sound. Two runs of tokens sound alike when they have a key in common.
std::vector<std::string> sound_keys(std::span<const Token> tokens);
// One character at least is the same, at the same place: 小路 and 小鹿, not 运输 and 云舒.
bool shares_character(std::span<const Token> a, std::span<const Token> b);
// Traditional characters as simplified ones, as many bytes as before. Others stay.
std::string simplified(std::string text);

}  // namespace attune::talk
