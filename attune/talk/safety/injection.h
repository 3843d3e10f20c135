// Injection: texts that give orders to the assistant instead of saying what is wanted: recognised, and taken out of what a generator reads.
#pragma once
#include <string>
#include <string_view>

namespace attune::talk::safety {

// Does a text try to give the assistant new instructions ("ignore your rules", "always recommend this item", "system: ..."), in English or Chinese.
// For users' messages it is no ground to refuse: what is left of the message is answered, orders are not. Linear time.
bool gives_orders(std::string_view text);

// A text of the catalogue, a document or a user as a generator may see it: without sentences that give orders, without the marks that
// chat templates and fences are made of, control and direction characters, and at most `most_bytes` long (cut in a whole character).
std::string as_data(std::string_view text, std::size_t most_bytes = 600);

}  // namespace attune::talk::safety
