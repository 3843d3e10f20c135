// Lexicon: what a catalogue can be talked about in: its attributes with their values and units, the titles of its items, the
// words of its texts. Built once per version of the world; immutable; safe from any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "attune/rank/world.h"
#include "attune/talk/cues.h"
#include "attune/talk/tokens.h"

namespace attune::talk {

// One attribute of the items.
struct Attribute {
  std::string name;                       // as in the catalogue; kTakers for how many people took an item
  Role role = Role::none;
  bool is_number = false;
  bool is_list = false;                   // items have several values
  bool is_flag = false;                   // true and false (or yes and no): named by its own name, "vegan"
  std::vector<float> numbers;             // [items] NaN = the item has none; of numbers
  struct Value {
    std::string text;                     // as in the catalogue
    std::vector<std::uint32_t> items;     // ascending
  };
  std::vector<Value> values;              // of what is no number, in order of first appearance
  std::size_t having = 0;                 // items that have it
};
inline constexpr std::string_view kTakers = "takers";   // "more popular": users who took it

// Where a value stands.
struct ValueAt {
  std::size_t attribute = 0, value = 0;
  bool is_part = false;                   // a part of the value was named: a last name
};

class Lexicon {
 public:
  // Cost: one pass over texts and attributes; about 60 ms for 10,000 items.
  explicit Lexicon(std::shared_ptr<const rank::World> world);

  const rank::World& world() const noexcept { return *world_; }
  const std::shared_ptr<const rank::World>& shared_world() const noexcept { return world_; }
  std::span<const Attribute> attributes() const noexcept { return attributes_; }
  const Attribute* attribute(std::string_view name) const noexcept;     // nullptr: no item has it
  // The attribute of that role that most items have; nullptr: none has.
  const Attribute* of_role(Role role) const noexcept;

  // Everything is looked up by key_of() of some tokens.
  std::size_t longest_phrase() const noexcept { return longest_; }
  std::span<const ValueAt> values(const std::string& key) const;
  // The key of a value of two Han characters or more that all of the tokens sound like, though they are written otherwise: 小路 for 小鹿; empty = none.
  std::string value_sounding_like(std::span<const Token> tokens) const;
  const Attribute* attribute_named(const std::string& key) const;       // "price", "publication year", "unit price"
  std::span<const std::uint32_t> titled(const std::string& key) const;  // items of that title
  // Items whose text has the word (its plural or singular counts); Han: items whose text holds the characters in a row.
  std::vector<std::uint32_t> with_word(std::string_view word) const;
  // Items that have it as a whole word of a value, and items of kinds that begin or end with it: 包 of 包袋. Ascending.
  std::vector<std::uint32_t> with_value(std::string_view word) const;
  // The same for several words: items that have all of them.
  std::vector<std::uint32_t> with_words(std::string_view words) const;
  double rareness(std::string_view word) const;       // log(items / items with it); 0 = no item has it
  bool is_word(std::string_view word) const;          // stands in a text, a title or a value
  // The word that was meant by one nobody knows; empty = none is near enough.
  std::string spelled(const std::string& word) const;

  // What may be shown of an item: its title, short enough to be said.
  std::string title(ItemId item) const;
  // The value(s) of an attribute of an item as text, as the catalogue has them; empty = none.
  std::string value_text(ItemId item, const Attribute& attribute) const;
  // The item that some words name best: all of the rare ones must be in its title. Those of `first` (shown ones) go before others.
  std::optional<ItemId> item_by_words(std::span<const Token> tokens, std::span<const ItemId> first) const;

 private:
  std::vector<std::uint32_t> with_han(const std::string& text) const;
  void read_attributes();
  void read_texts();
  void add_value(std::size_t attribute, const std::string& text, std::uint32_t item);
  void index_names();
  void index_spelling();
  bool names(const std::string& word, Role role) const;      // is it a value of such an attribute: a brand, a colour

  std::shared_ptr<const rank::World> world_;
  std::vector<Attribute> attributes_;
  std::vector<std::unordered_map<std::string, std::size_t>> value_places_;    // while building
  std::unordered_map<std::string, std::vector<ValueAt>> values_;
  std::unordered_map<std::string, std::size_t> attribute_names_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> titles_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> postings_;      // singular word -> items
  std::unordered_map<std::string, std::vector<std::string>> by_sound_;        // sounds -> keys of values
  std::unordered_set<std::string> spoken_;                                    // words of values
  std::vector<std::string> folded_;                                           // [items] with Han text: to be searched through
  std::size_t longest_ = 1;
  // Words by their length, with the set of their letters, so that most are passed over without a look.
  struct Spelling {
    std::string word;
    std::uint32_t letters = 0, count = 0;
  };
  std::vector<std::vector<Spelling>> spellings_;
};

// The distance in slips: a letter left out, put in, taken for another, or two neighbours swapped. `most` bounds the work.
int slips_between(std::string_view a, std::string_view b, int most);

}  // namespace attune::talk
