// Catalogue: names to dense ids and back; texts and attributes of items. Immutable; safe from any thread.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/types.h"

namespace attune::data {

struct CatalogueItem {
  std::string name, text;
  Json attributes = Json::object();
  std::int64_t created_ms = 0;
  bool hidden = false;
};

// Transparent hashing, so that a string_view finds without making a string.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view s) const noexcept { return std::hash<std::string_view>()(s); }
};
template <class Id>
using NameMap = std::unordered_map<std::string, Id, NameHash, std::equal_to<>>;

class Catalogue {
 public:
  Catalogue() = default;
  // Ids are the places in `items` and `users`; names must be distinct.
  Catalogue(std::vector<CatalogueItem> items, std::vector<std::string> users);

  std::size_t item_count() const noexcept { return items_.size(); }
  std::size_t user_count() const noexcept { return users_.size(); }
  std::optional<ItemId> find_item(std::string_view name) const;
  std::optional<UserId> find_user(std::string_view name) const;
  // Throws Error: not_found naming the name that looks most like it.
  ItemId item_named(std::string_view name) const;
  const CatalogueItem& item(ItemId id) const { return items_[to_index(id)]; }
  const std::string& user(UserId id) const { return users_[to_index(id)]; }
  std::span<const CatalogueItem> items() const noexcept { return items_; }
  std::span<const std::string> users() const noexcept { return users_; }

 private:
  std::vector<CatalogueItem> items_;
  std::vector<std::string> users_;
  NameMap<ItemId> item_ids_;
  NameMap<UserId> user_ids_;
};

}  // namespace attune::data
