// Lexicon: attributes, values and titles of a world, as they are read from it.
#include "attune/talk/lexicon.h"

#include <algorithm>
#include <limits>

#include "attune/core/ascii.h"
#include "attune/core/words.h"
#include "attune/rank/filter_node.h"
#include "attune/talk/entries.h"
#include "attune/talk/han_sounds.h"

namespace attune::talk {
namespace {

constexpr std::size_t kMostDistinct = 60000;    // values of one attribute; more are no vocabulary
constexpr double kNumbers = 0.9;                // from this share of numbers on an attribute is one

bool is_flag_word(const std::string& text) {
  const std::string low = lowered(text);
  return low == "true" || low == "false" || low == "yes" || low == "no" || low == "是" || low == "否" || low == "有" || low == "无";
}

std::optional<double> number_in(const Json& json) {
  if (json.is_number()) return json.as_number();
  if (json.is_string()) return rank::as_number(json.as_string());
  return std::nullopt;
}

// Calls see(item, name, value) for every attribute of every item that is there, in order of items.
template <class See>
void each_field(const rank::World& world, See&& see) {
  for (std::size_t i = 0; i < world.item_count(); ++i) {
    if (world.is_gone(item_at(i))) continue;
    const Json& json = world.item(item_at(i)).attributes;
    if (!json.is_object()) continue;
    for (const auto& [key, value] : json.as_object()) see(static_cast<std::uint32_t>(i), key, value);
  }
}

// What the entries of one attribute are, counted.
struct Entries {
  std::size_t having = 0, all = 0, numbers = 0, flags = 0;
  bool is_list = false;

  void take(const Json& value) {
    std::size_t here = 0;
    each_entry(value, [&](const Json& entry) {
      ++here;
      numbers += number_in(entry).has_value() ? 1 : 0;
      flags += entry.is_bool() || (entry.is_string() && is_flag_word(entry.as_string())) ? 1 : 0;
    });
    having += here > 0 ? 1 : 0;
    all += here;
    is_list = is_list || here > 1;
  }
};

// The attributes that any item has, in order of first appearance: what each is, without its values yet.
std::vector<Attribute> attributes_of(const rank::World& world) {
  std::vector<std::string> order;
  std::unordered_map<std::string, Entries> seen;
  each_field(world, [&](std::uint32_t, const std::string& key, const Json& value) {
    const auto [place, is_new] = seen.try_emplace(key);
    if (is_new) order.push_back(key);
    place->second.take(value);
  });
  std::vector<Attribute> attributes;
  for (const std::string& key : order) {
    const Entries& entries = seen[key];
    if (entries.having == 0) continue;
    Attribute attribute{.name = key, .role = role_of_attribute(key), .is_list = entries.is_list, .having = entries.having};
    attribute.is_number = static_cast<double>(entries.numbers) >= kNumbers * static_cast<double>(entries.all) && !entries.is_list;
    attribute.is_flag = !attribute.is_number && entries.flags == entries.all;
    if (attribute.is_number) attribute.numbers.assign(world.item_count(), std::numeric_limits<float>::quiet_NaN());
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

}  // namespace

Lexicon::Lexicon(std::shared_ptr<const rank::World> world) : world_(std::move(world)) {
  read_attributes();
  read_texts();
  index_names();
  index_spelling();
  value_places_.clear();
}

const Attribute* Lexicon::attribute(std::string_view wanted) const noexcept {
  for (const Attribute& attribute : attributes_)
    if (attribute.name == wanted) return &attribute;
  return nullptr;
}

const Attribute* Lexicon::of_role(Role role) const noexcept {
  const Attribute* best = nullptr;
  for (const Attribute& attribute : attributes_)
    if (attribute.role == role && role != Role::none && (best == nullptr || attribute.having > best->having)) best = &attribute;
  return best;
}

void Lexicon::add_value(std::size_t at, const std::string& text, std::uint32_t item) {
  if (text.empty()) return;
  Attribute& attribute = attributes_[at];
  const auto [place, is_new] = value_places_[at].emplace(text, attribute.values.size());
  if (is_new) attribute.values.push_back({text, {}});
  std::vector<std::uint32_t>& items = attribute.values[place->second].items;
  if (items.empty() || items.back() != item) items.push_back(item);
}

void Lexicon::read_attributes() {
  const rank::World& world = *world_;
  attributes_ = attributes_of(world);
  value_places_.resize(attributes_.size() + 1);
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t a = 0; a < attributes_.size(); ++a) places[attributes_[a].name] = a;
  each_field(world, [&](std::uint32_t i, const std::string& key, const Json& value) {
    const auto place = places.find(key);
    if (place == places.end()) return;
    Attribute& attribute = attributes_[place->second];
    each_entry(value, [&](const Json& entry) {
      if (attribute.is_number) {
        if (const auto number = number_in(entry)) attribute.numbers[i] = static_cast<float>(*number);
      } else if (attribute.values.size() < kMostDistinct) {
        add_value(place->second, text_in(entry), i);
      }
    });
  });
  if (attribute(kTakers) != nullptr) return;
  Attribute takers{.name = std::string(kTakers), .role = Role::popularity, .is_number = true, .having = world.item_count()};
  for (std::size_t i = 0; i < world.item_count(); ++i) takers.numbers.push_back(static_cast<float>(world.takers(item_at(i))));
  attributes_.push_back(std::move(takers));
}

void Lexicon::read_texts() {
  const rank::World& world = *world_;
  folded_.resize(world.item_count());
  for (std::size_t i = 0; i < world.item_count(); ++i) {
    if (world.is_gone(item_at(i))) continue;
    const data::CatalogueItem& item = world.item(item_at(i));
    const auto id = static_cast<std::uint32_t>(i);
    const std::string text = simplified(cleaned(item.text, 20000));
    if (has_han(text)) folded_[i] = lowered(text);
    for (const Token& token : tokens_of(text)) {
      if (token.kind != Token::word) continue;
      std::vector<std::uint32_t>& items = postings_[singular(token.text)];
      if (items.empty() || items.back() != id) items.push_back(id);
    }
    if (item.hidden) continue;
    const auto add_title = [&](const std::string& title) {
      const std::vector<Token> tokens = tokens_of(simplified(cleaned(title, 400)));
      if (tokens.empty() || tokens.size() > 20) return;
      const std::string key = key_of(tokens);
      std::vector<std::uint32_t>& items = titles_[key];
      if (items.empty() || items.back() != id) items.push_back(id);
      longest_ = std::max(longest_, tokens.size());
    };
    add_title(item.text.size() <= 200 ? item.text : std::string());
    add_title(head_of(item.text));
    for (const char* key : {"title", "name", "original_title", "名称", "标题", "书名", "片名"})
      if (const Json* value = item.attributes.find(key); value != nullptr && value->is_string()) add_title(value->as_string());
  }
}

}  // namespace attune::talk
