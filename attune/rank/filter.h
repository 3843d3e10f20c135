// Filter: a condition on an item's attributes, parsed from text.
//   price <= 10 and category = "kitchen"      colour in (red, blue) or not sale = true      text contains "mug"
// Comparisons: = != < <= > >= in, not in, contains, not contains, exists, not exists; and, or, not, brackets.
// Numbers compare as numbers, everything else as text; =, in and contains do not mind upper and lower case (ASCII).
// A list attribute matches if any entry does (`!=`, `not in`, `not contains`: if no entry does).
// `name` and `text` are the item's own. An item without the attribute fails every comparison (also !=), but passes `not exists`.
// Names and values with spaces stand in quotes; \" is a quote inside quotes.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "attune/data/catalogue.h"

namespace attune::rank {

// Immutable; safe from any thread.
class Filter {
 public:
  struct Node;
  Filter() = default;  // passes everything
  // Throws Error: bad_request showing where in the text and what was expected. Blank text passes everything.
  static Filter parse(std::string_view text);
  bool passes(const data::CatalogueItem& item) const;
  bool empty() const noexcept { return root_ == nullptr; }
  const std::string& text() const noexcept { return text_; }
  const Node* root() const noexcept { return root_.get(); }

 private:
  std::shared_ptr<const Node> root_;
  std::string text_;
};

}  // namespace attune::rank
