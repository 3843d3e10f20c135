// Catalogue: see the header. Cost: one hash look-up a name; the names are held twice (by id and as keys).
#include "attune/data/catalogue.h"

#include "attune/core/error.h"
#include "attune/core/did_you_mean.h"

namespace attune::data {

Catalogue::Catalogue(std::vector<CatalogueItem> items, std::vector<std::string> users)
    : items_(std::move(items)), users_(std::move(users)) {
  item_ids_.reserve(items_.size());
  for (std::size_t i = 0; i < items_.size(); ++i)
    if (!item_ids_.emplace(items_[i].name, item_at(i)).second)
      throw Error(Code::bad_data, "two items are named '" + items_[i].name + "', names must be distinct");
  user_ids_.reserve(users_.size());
  for (std::size_t u = 0; u < users_.size(); ++u)
    if (!user_ids_.emplace(users_[u], user_at(u)).second)
      throw Error(Code::bad_data, "two users are named '" + users_[u] + "', names must be distinct");
}

std::optional<ItemId> Catalogue::find_item(std::string_view name) const {
  const auto found = item_ids_.find(name);
  return found == item_ids_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<UserId> Catalogue::find_user(std::string_view name) const {
  const auto found = user_ids_.find(name);
  return found == user_ids_.end() ? std::nullopt : std::optional(found->second);
}

ItemId Catalogue::item_named(std::string_view name) const {
  if (const auto id = find_item(name)) return *id;
  std::vector<std::string> known;
  known.reserve(items_.size());
  for (const CatalogueItem& item : items_) known.push_back(item.name);
  throw Error(Code::not_found, "there is no item '" + std::string(name) + "'" + did_you_mean(name, known));
}

}  // namespace attune::data
