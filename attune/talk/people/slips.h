// Slips of the pen: a message as it is typed in a hurry, for judging how well slips are understood.
#pragma once
#include <string>
#include <string_view>

#include "attune/core/random.h"

namespace attune::talk::people {

// One slip in about one word of ten. Latin words of four letters or more: a letter left out, doubled, changed, or two swapped.
std::string with_slips(const std::string& text, Random& random);

}  // namespace attune::talk::people
