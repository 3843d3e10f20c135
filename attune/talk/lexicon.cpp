// Lexicon: attributes, values and titles of a world, indexed by the phrases that name them.
#include "attune/talk/lexicon.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "attune/core/words.h"
#include "attune/rank/filter_node.h"
#include "attune/talk/translate.h"

namespace attune::talk {
namespace {

constexpr std::size_t kLongestValue = 8;        // tokens; longer ones are descriptions
constexpr std::size_t kLongestHanValue = 24;
constexpr std::size_t kMostDistinct = 60000;    // values of one attribute; more are no vocabulary
constexpr double kNumbers = 0.9;                // from this share of numbers on an attribute is one

bool is_flag_word(const std::string& text) {
  const std::string low = rank::lower(text);
  return low == "true" || low == "false" || low == "yes" || low == "no" || low == "是" || low == "否" || low == "有" || low == "无";
}

std::optional<double> number_in(const Json& json) {
  if (json.is_number()) return json.as_number();
  if (json.is_string()) return rank::as_number(json.as_string());
  return std::nullopt;
}

std::string text_in(const Json& json) {
  if (json.is_string()) return json.as_string();
  if (json.is_bool()) return json.as_bool() ? "true" : "false";
  if (json.is_number()) return json.dump();
  return "";
}

template <class Take>
void each_entry(const Json& value, Take take) {
  if (value.is_array()) {
    for (const Json& entry : value.as_array()) take(entry);
  } else if (!value.is_null() && !value.is_object()) {
    take(value);
  }
}

// The part of a text that is a title: before the first comma, colon, bracket or dash between blanks.
std::string head_of(const std::string& text) {
  std::size_t end = text.size();
  for (const char* mark : {",", ":", ";", " (", " - ", " – ", " | ", "，", "。", "：", "（", "；"}) end = std::min(end, text.find(mark));
  while (end > 0 && text[end - 1] == ' ') --end;
  return text.substr(0, end);
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
  struct Seen {
    std::size_t having = 0, entries = 0, numbers = 0, flags = 0;
    bool is_list = false;
  };
  std::vector<std::string> order;
  std::unordered_map<std::string, Seen> seen;
  for (std::size_t i = 0; i < world.item_count(); ++i) {
    if (world.is_gone(item_at(i))) continue;
    const Json& json = world.item(item_at(i)).attributes;
    if (!json.is_object()) continue;
    for (const auto& [key, value] : json.as_object()) {
      const auto [place, is_new] = seen.try_emplace(key);
      if (is_new) order.push_back(key);
      Seen& s = place->second;
      std::size_t entries = 0;
      each_entry(value, [&](const Json& entry) {
        ++entries;
        s.numbers += number_in(entry).has_value() ? 1 : 0;
        s.flags += entry.is_bool() || (entry.is_string() && is_flag_word(entry.as_string())) ? 1 : 0;
      });
      s.having += entries > 0 ? 1 : 0;
      s.entries += entries;
      s.is_list = s.is_list || entries > 1;
    }
  }
  for (const std::string& key : order) {
    const Seen& s = seen[key];
    if (s.having == 0) continue;
    Attribute attribute{.name = key, .role = role_of_attribute(key), .having = s.having};
    attribute.is_number = static_cast<double>(s.numbers) >= kNumbers * static_cast<double>(s.entries) && !s.is_list;
    attribute.is_flag = !attribute.is_number && s.flags == s.entries;
    attribute.is_list = s.is_list;
    if (attribute.is_number) attribute.numbers.assign(world.item_count(), std::numeric_limits<float>::quiet_NaN());
    attributes_.push_back(std::move(attribute));
  }
  value_places_.resize(attributes_.size() + 1);
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t a = 0; a < attributes_.size(); ++a) places[attributes_[a].name] = a;
  for (std::size_t i = 0; i < world.item_count(); ++i) {
    if (world.is_gone(item_at(i))) continue;
    const Json& json = world.item(item_at(i)).attributes;
    if (!json.is_object()) continue;
    for (const auto& [key, value] : json.as_object()) {
      const auto place = places.find(key);
      if (place == places.end()) continue;
      Attribute& attribute = attributes_[place->second];
      each_entry(value, [&](const Json& entry) {
        if (attribute.is_number) {
          if (const auto number = number_in(entry)) attribute.numbers[i] = static_cast<float>(*number);
        } else if (attribute.values.size() < kMostDistinct) {
          add_value(place->second, text_in(entry), static_cast<std::uint32_t>(i));
        }
      });
    }
  }
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
    const std::string text = cleaned(item.text, 20000);
    if (has_han(text)) folded_[i] = rank::lower(text);
    for (const Token& token : tokens_of(text)) {
      if (token.kind != Token::word) continue;
      std::vector<std::uint32_t>& items = postings_[singular(token.text)];
      if (items.empty() || items.back() != id) items.push_back(id);
    }
    if (item.hidden) continue;
    const auto add_title = [&](const std::string& title) {
      const std::vector<Token> tokens = tokens_of(cleaned(title, 400));
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

void Lexicon::index_names() {
  for (std::size_t a = 0; a < attributes_.size(); ++a) {
    const Attribute& attribute = attributes_[a];
    std::string spaced;
    for (const char c : attribute.name) spaced += c == '_' || c == '-' || c == '.' ? ' ' : c;
    for (const std::string& form : {attribute.name, spaced}) {
      const std::string key = key_of(cleaned(form));
      if (key.empty()) continue;
      attribute_names_.emplace(key, a);
      attribute_names_.emplace(singular(key), a);
      attribute_names_.emplace(key + "s", a);
      longest_ = std::max(longest_, tokens_of(key).size());
      for (const Token& token : tokens_of(key))
        if (token.kind == Token::word) spoken_.insert(token.text);
    }
    if (attribute.is_number) continue;
    std::size_t tokens_in_all = 0, entries = 0;
    for (const Attribute::Value& v : attribute.values) {
      entries += v.items.size();
      if (v.text.size() < 200) tokens_in_all += tokens_of(v.text).size();
      else tokens_in_all += 100;
    }
    const bool is_short = tokens_in_all <= 6 * attribute.values.size();     // names of dishes are a vocabulary, also those that stand once; descriptions are none
    const bool is_vocabulary = attribute.values.size() * 10 <= entries * 9 || attribute.values.size() <= 50 || (attribute.is_list && is_short);
    if (!is_vocabulary || attribute.name == "title" || attribute.name == "name") continue;
    for (std::size_t v = 0; v < attribute.values.size(); ++v) {
      if (attribute.is_flag) continue;      // "vegan: yes" is named by "vegan"
      const std::string text = cleaned(attribute.values[v].text, 200);
      const std::vector<Token> tokens = tokens_of(text);
      const bool han = has_han(text);
      if (tokens.empty() || tokens.size() > (han ? kLongestHanValue : kLongestValue)) continue;
      for (const Token& token : tokens)
        if (token.kind == Token::word) spoken_.insert(token.text);
      const std::string key = key_of(tokens);
      if (tokens.size() == 1 && (is_filler(key) || tokens[0].kind == Token::mark || tokens[0].kind == Token::number)) continue;
      const auto add = [&](const std::string& k, bool is_part) {
        std::vector<ValueAt>& at = values_[k];
        const auto same = [&](const ValueAt& x) { return x.attribute == a && x.value == v; };
        if (std::none_of(at.begin(), at.end(), same)) at.push_back({a, v, is_part});
      };
      add(key, false);
      longest_ = std::max(longest_, tokens.size());
      if (tokens.size() == 1 && tokens[0].kind == Token::word) {
        add(singular(key), false);
        add(key + "s", false);
      }
      for (const std::string& other : translations(han ? written(tokens) : key))
        if (!is_filler(key_of(other))) add(key_of(other), false);
      // Several names in one value ("J.K. Rowling, Mary GrandPré"), and people by their last names
      std::size_t first = 0;
      for (std::size_t t = 0; t <= tokens.size(); ++t) {
        const bool ends = t == tokens.size() || (tokens[t].kind == Token::mark && (tokens[t].text == "," || tokens[t].text == ";" || tokens[t].text == "/" || tokens[t].text == "&" || tokens[t].text == "、"));
        if (!ends) continue;
        const std::span<const Token> part = std::span(tokens).subspan(first, t - first);
        if (!part.empty() && part.size() < tokens.size() && !is_filler(key_of(part)) && !(part.size() == 1 && part[0].kind != Token::word)) add(key_of(part), true);
        if (attribute.role == Role::maker && part.size() >= 2 && part.back().kind == Token::word && part.back().text.size() >= 4 && !is_known_word(part.back().text)) add(part.back().text, true);
        first = t + 1;
      }
    }
  }
}

std::span<const ValueAt> Lexicon::values(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? std::span<const ValueAt>() : std::span<const ValueAt>(found->second);
}

const Attribute* Lexicon::attribute_named(const std::string& key) const {
  const auto found = attribute_names_.find(key);
  return found == attribute_names_.end() ? nullptr : &attributes_[found->second];
}

std::span<const std::uint32_t> Lexicon::titled(const std::string& key) const {
  const auto found = titles_.find(key);
  return found == titles_.end() ? std::span<const std::uint32_t>() : std::span<const std::uint32_t>(found->second);
}

std::vector<std::uint32_t> Lexicon::with_word(std::string_view word) const {
  if (has_han(word)) {
    std::vector<std::uint32_t> items = with_han(rank::lower(word));
    for (const std::string& other : translations(word)) {      // the catalogue may speak the other language
      const auto found = postings_.find(singular(other));
      if (found != postings_.end()) items.insert(items.end(), found->second.begin(), found->second.end());
    }
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
    return items;
  }
  const auto found = postings_.find(singular(word));
  if (found != postings_.end()) return found->second;
  for (const std::string& other : translations(singular(word)))
    if (auto items = with_han(other); !items.empty()) return items;
  return {};
}

std::vector<std::uint32_t> Lexicon::with_han(const std::string& text) const {
  std::vector<std::uint32_t> items;
  for (std::size_t i = 0; i < folded_.size(); ++i)
    if (folded_[i].find(text) != std::string::npos) items.push_back(static_cast<std::uint32_t>(i));
  return items;
}

std::vector<std::uint32_t> Lexicon::with_words(std::string_view words) const {
  std::vector<std::uint32_t> all;
  bool is_first = true;
  const auto take = [&](const std::vector<std::uint32_t>& some) {
    if (is_first) all = some;
    else std::erase_if(all, [&](std::uint32_t i) { return !std::binary_search(some.begin(), some.end(), i); });
    is_first = false;
  };
  std::string han;
  for (const Token& token : tokens_of(words)) {
    if (token.kind == Token::han) {
      han += token.text;
      continue;
    }
    if (!han.empty()) take(with_word(han));
    han.clear();
    if (token.kind == Token::word) take(with_word(token.text));
  }
  if (!han.empty()) take(with_word(han));
  return all;
}

double Lexicon::rareness(std::string_view word) const {
  const auto known = postings_.find(singular(word));
  const double n = static_cast<double>(known != postings_.end() ? known->second.size() : with_word(word).size());
  return n == 0 ? 0 : std::log(1 + static_cast<double>(world_->item_count()) / n);
}

bool Lexicon::is_word(std::string_view word) const {
  const std::string own(word);
  return postings_.contains(singular(word)) || spoken_.contains(own) || postings_.contains(own) || values_.contains(own) || attribute_names_.contains(own) || titles_.contains(own);
}

std::string Lexicon::title(ItemId id) const {
  const data::CatalogueItem& item = world_->item(id);
  if (item.text.empty()) return item.name;
  const std::string head = head_of(item.text);
  std::string text = cleaned(head.empty() ? item.text : head, 120);
  if (text.empty()) text = item.name;
  return text;
}

std::string Lexicon::value_text(ItemId id, const Attribute& attribute) const {
  if (attribute.name == kTakers && attribute.numbers.size() > to_index(id)) return std::to_string(static_cast<long>(attribute.numbers[to_index(id)]));
  const Json* value = world_->item(id).attributes.find(attribute.name);
  if (value == nullptr) return "";
  std::string text;
  each_entry(*value, [&](const Json& entry) {
    const std::string one = text_in(entry);
    if (!one.empty()) text += (text.empty() ? "" : ", ") + one;
  });
  return cleaned(text, 300);
}

std::optional<ItemId> Lexicon::item_by_words(std::span<const Token> tokens, std::span<const ItemId> first) const {
  std::vector<std::string> words;
  for (const Token& token : tokens)
    if (token.kind == Token::word && !is_filler(token.text)) words.push_back(singular(token.text));
  const auto stem_all = [&](ItemId id, std::size_t& total) {
    std::size_t hits = 0;
    const std::vector<Token> title_tokens = tokens_of(cleaned(world_->item(id).text, 400));
    total = 0;
    for (const Token& t : title_tokens) total += t.kind == Token::word && !is_filler(t.text) ? 1 : 0;
    for (const std::string& word : words)
      for (const Token& t : title_tokens)
        if (t.kind == Token::word && singular(t.text) == word) {
          ++hits;
          break;
        }
    return hits;
  };
  if (words.empty()) return std::nullopt;
  std::size_t total = 0;
  std::optional<ItemId> only;
  for (const ItemId id : first)
    if (stem_all(id, total) == words.size()) {
      if (only) {
        only.reset();
        break;
      }
      only = id;
    }
  if (only) return only;
  // Elsewhere in the catalogue most of the title must have been said.
  const std::vector<std::uint32_t> items = [&] {
    std::vector<std::uint32_t> all = with_word(words.front());
    for (const std::string& word : words) {
      const auto some = with_word(word);
      std::erase_if(all, [&](std::uint32_t i) { return !std::binary_search(some.begin(), some.end(), i); });
    }
    return all;
  }();
  std::optional<ItemId> best;
  double best_share = 0;
  for (const std::uint32_t i : items) {
    if (world_->item(item_at(i)).hidden) continue;
    const std::size_t hits = stem_all(item_at(i), total);
    const double share = total == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(total);
    if (share > best_share) best = item_at(i), best_share = share;
  }
  const bool is_enough = best_share >= 0.6 || (items.size() == 1 && words.size() >= 2);
  return is_enough ? best : std::nullopt;
}

}  // namespace attune::talk
