// Lexicon: looking things up: by phrase, by word, by Han characters in a row; and what may be shown of an item.
#include <algorithm>
#include <cmath>

#include "attune/core/words.h"
#include "attune/core/ascii.h"
#include "attune/rank/filter_node.h"
#include "attune/talk/entries.h"
#include "attune/talk/han_sounds.h"
#include "attune/talk/lexicon.h"
#include "attune/talk/translate.h"

namespace attune::talk {

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
    std::vector<std::uint32_t> items = with_han(lowered(simplified(std::string(word))));
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

std::string Lexicon::value_sounding_like(std::span<const Token> tokens) const {
  for (const std::string& sound : sound_keys(tokens))
    if (const auto found = by_sound_.find(sound); found != by_sound_.end())
      for (const std::string& key : found->second)
        if (shares_character(tokens, tokens_of(key))) return key;
  return "";
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

std::vector<std::uint32_t> Lexicon::with_value(std::string_view word) const {
  std::vector<std::uint32_t> items;
  const auto take = [&](const Attribute::Value& value) { items.insert(items.end(), value.items.begin(), value.items.end()); };
  for (const ValueAt& at : values(std::string(word)))
    if (!attributes_[at.attribute].is_number) take(attributes_[at.attribute].values[at.value]);
  if (has_han(word))
    for (const Attribute& attribute : attributes_)
      if (attribute.role == Role::kind)
        for (const Attribute::Value& value : attribute.values)
          if (value.text.size() <= 24 && value.text != word && (value.text.starts_with(word) || value.text.ends_with(word))) take(value);
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  return items;
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
