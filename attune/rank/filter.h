// Filter: a condition on an item's attributes, parsed from text.
//   price <= 10 and category = "kitchen"      colour in (red, blue) or not sale = true      text contains "mug"
// Comparisons: = != < <= > >= in contains exists; and, or, not, brackets. A list attribute matches if any entry does.
// `name` and `text` are the item's own. An item without the attribute fails every comparison (also !=), but passes `not exists`.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "attune/data/catalogue.h"

namespace attune::rank {

class Filter {
 public:
  struct Node;
  Filter() = default;  // passes everything
  // Throws Error: bad_request showing where in the text and what was expected.
  static Filter parse(std::string_view text);
  bool passes(const data::CatalogueItem& item) const;
  bool empty() const noexcept { return root_ == nullptr; }
  const std::string& text() const noexcept { return text_; }

 private:
  std::shared_ptr<const Node> root_;
  std::string text_;
};

}  // namespace attune::rank
