// Vocabulary: the words a desk knows from its own templates, messages, questions and documents; misspelt ones are read as the nearest.
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "attune/talk/desk/content.h"

namespace attune::talk::desk {

// Const: safe from any thread.
class Vocabulary {
 public:
  Vocabulary() = default;
  explicit Vocabulary(const Content& content);
  // The text with every unknown word in Latin letters of four letters or more replaced by the known one that is a slip away (two from
  // eight letters on) and begins alike; of several, the most frequent. {slots} and other scripts stay. Cost: the words of that first letter.
  std::string mended(std::string_view text) const;

 private:
  void add(std::string_view text);
  std::map<std::string, std::size_t, std::less<>> words_;   // how often
};

}  // namespace attune::talk::desk
