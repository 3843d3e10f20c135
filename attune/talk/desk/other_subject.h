// Other subject: a question about France is not answered by what is known of Ireland, however alike the rest of the words.
#pragma once
#include <string_view>

namespace attune::talk::desk {

// Does `message` name a place, a name or (in Chinese) a thing that stands nowhere in `text`, the whole of what was found, while `question`,
// by which it was found, has another in its place that `message` does not name? Told by form alone: names begin with a capital within a
// sentence; places follow to, in, from, 寄到, 发往; in Chinese, what is left beside the words that ask (多久, 多少钱). Any bytes; safe from any thread.
bool is_about_another(std::string_view message, std::string_view question, std::string_view text);

}  // namespace attune::talk::desk
