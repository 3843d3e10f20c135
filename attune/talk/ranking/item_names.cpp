// Item names: two maps of plain titles, with the year and without.
#include "attune/talk/ranking/item_names.h"

#include <utility>

#include "attune/core/words.h"
#include "attune/talk/ranking/item_values.h"

namespace attune::talk::ranking {
namespace {

// "Splash (1984)" -> "Splash", "1984"; no year: the whole and "".
std::pair<std::string_view, std::string> split_year(std::string_view title) {
  while (!title.empty() && title.back() == ' ') title.remove_suffix(1);
  const std::size_t open = title.rfind('(');
  if (open == std::string_view::npos || open + 6 != title.size() || title.back() != ')') return {title, ""};
  const std::string_view year = title.substr(open + 1, 4);
  if (year.find_first_not_of("0123456789") != std::string_view::npos) return {title, ""};
  return {title.substr(0, open), std::string(year)};
}

std::string year_of(const data::CatalogueItem& item) {
  const Json* year = item.attributes.find("year");
  if (year == nullptr) return "";
  if (year->is_number()) return std::to_string(static_cast<long>(year->as_number()));
  return year->is_string() ? year->as_string() : "";
}

}  // namespace

std::string plain_title(std::string_view title) {
  std::string text;
  for (std::string_view article : {", The", ", A", ", An"}) {
    while (!title.empty() && title.back() == ' ') title.remove_suffix(1);
    if (title.ends_with(article)) {
      text = std::string(article.substr(2)) + " ";
      title.remove_suffix(article.size());
      break;
    }
  }
  std::string joined;
  for (const std::string& word : words_of(text + std::string(title))) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

ItemNames::ItemNames(const rank::World& world) : world_(world) {
  for (std::size_t i = 0; i < world.item_count(); ++i) {
    const ItemId id = item_at(i);
    if (world.is_gone(id)) continue;
    const std::string title = title_of(world.item(id));
    auto [bare, year] = split_year(title);
    if (year.empty()) year = year_of(world.item(id));
    const std::string plain = plain_title(bare);
    if (plain.empty()) continue;
    if (!year.empty()) whole_.try_emplace(plain + " " + year, id);
    const auto [at, is_new] = bare_.try_emplace(plain, id);
    if (!is_new && world.takers(id) > world.takers(at->second)) at->second = id;
    if (year.empty()) whole_.try_emplace(plain, id);
  }
}

std::optional<ItemId> ItemNames::find(std::string_view name) const {
  if (const auto id = world_.find(name)) return id;
  const auto [bare, year] = split_year(name);
  const std::string plain = plain_title(bare);
  if (!year.empty()) {
    const auto at = whole_.find(plain + " " + year);
    return at == whole_.end() ? std::nullopt : std::optional(at->second);
  }
  const auto at = bare_.find(plain);
  return at == bare_.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace attune::talk::ranking
