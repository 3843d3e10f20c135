// Item values: what the attributes of the catalogue say of its items ("genre": horror, "star": Tom Hanks), and which of these
// values a text names. Const after it is built, safe from any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "attune/core/sparse.h"
#include "attune/rank/world.h"

namespace attune::talk::ranking {

// One attribute of words: its values over the items of a world.
struct WordAttribute {
  std::string name;
  std::vector<std::string> values;
  Sparse by_item;    // [items, values] ln(items / holders), rows of length 1
  Sparse by_value;   // the same the other way round
};
// One attribute of numbers.
struct NumberAttribute {
  std::string name;
  std::vector<float> values;        // [items]; NaN = not known
  double sd = 1;
};

class ItemValues {
 public:
  ItemValues() = default;
  // Attributes that tell items apart in common: words that at least two items share, on a fifth of the items or more, of at most
  // six words each (longer ones are texts); numbers that a fifth of the items have.
  explicit ItemValues(const rank::World& world);

  const std::vector<WordAttribute>& words() const noexcept { return words_; }
  const std::vector<NumberAttribute>& numbers() const noexcept { return numbers_; }

  // A value of words()[attribute] that the text names, in whole words, a plural as its singular; in scripts without spaces anywhere.
  struct Named {
    std::uint32_t attribute = 0, value = 0;
    friend bool operator==(const Named&, const Named&) = default;
  };
  std::vector<Named> named_in(std::string_view text) const;   // each once, by attribute and value

 private:
  struct Phrase {
    std::vector<std::string> words;   // after the first
    Named named;
  };
  void index();
  std::vector<WordAttribute> words_;
  std::vector<NumberAttribute> numbers_;
  std::unordered_map<std::string, std::vector<Phrase>> phrases_;            // by first word
  std::unordered_map<std::string, std::vector<Named>> pieces_;              // by first character (three bytes): scripts without spaces
};

// The title of an item as the catalogue tells it: attribute "title" or "name", else its text up to the first full stop or line end.
std::string title_of(const data::CatalogueItem& item);

}  // namespace attune::talk::ranking
