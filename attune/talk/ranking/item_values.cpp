// Item values: one pass over the items collects them, an index of first words finds them in texts.
#include "attune/talk/ranking/item_values.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "attune/core/words.h"

namespace attune::talk::ranking {
namespace {

constexpr std::size_t kMostAttributes = 24;   // a catalogue with hundreds of columns is asked for the first that qualify

// "comedies" and "comedy", "thrillers" and "thriller" are one word.
std::string singular(std::string word) {
  if (word.size() > 4 && word.ends_with("ies")) return word.substr(0, word.size() - 3) + "y";
  if (word.size() > 3 && word.ends_with('s') && !word.ends_with("ss")) word.pop_back();
  return word;
}

bool has_no_spaces(std::string_view value) {   // Han and its like: three bytes a character from U+0E00
  return std::any_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xe0; });
}

void collect(const Json& value, std::vector<std::string>& words, std::optional<double>& number) {
  if (value.is_string()) {
    if (!value.as_string().empty()) words.push_back(value.as_string());
  } else if (value.is_number()) {
    number = value.as_number();
  } else if (value.is_array()) {
    for (const Json& one : value.as_array())
      if (one.is_string() && !one.as_string().empty()) words.push_back(one.as_string());
  }
}

struct Gathered {
  std::map<std::string, std::vector<std::uint32_t>> holders;   // value -> items, ascending
  std::map<std::uint32_t, double> numbers;
  std::size_t filled = 0, words = 0, values = 0;
};

std::optional<WordAttribute> word_attribute(const std::string& name, const Gathered& gathered, std::size_t items) {
  if (gathered.filled * 5 < items || gathered.values == 0 || gathered.words > gathered.values * 6) return {};
  const bool is_shared = std::any_of(gathered.holders.begin(), gathered.holders.end(), [](const auto& v) { return v.second.size() > 1; });
  // A name is no value: when hardly anything is shared, it says which item, not what kind.
  std::size_t alone = 0;
  for (const auto& [value, holders] : gathered.holders) alone += holders.size() == 1;
  if (!is_shared || alone * 10 > gathered.values * 9) return {};
  WordAttribute attribute{.name = name};
  std::vector<std::vector<std::pair<std::uint32_t, float>>> rows(items);
  for (const auto& [value, holders] : gathered.holders) {
    const float idf = static_cast<float>(std::log(1 + static_cast<double>(items) / static_cast<double>(holders.size())));
    for (const std::uint32_t item : holders) rows[item].emplace_back(static_cast<std::uint32_t>(attribute.values.size()), idf);
    attribute.values.push_back(value);
  }
  attribute.by_item.rows = items;
  attribute.by_item.cols = attribute.values.size();
  for (const auto& row : rows) {
    double sum = 0;
    for (const auto& [value, idf] : row) sum += static_cast<double>(idf) * idf;
    for (const auto& [value, idf] : row) {
      attribute.by_item.indices.push_back(value);
      attribute.by_item.values.push_back(static_cast<float>(idf / std::sqrt(sum)));
    }
    attribute.by_item.offsets.push_back(attribute.by_item.indices.size());
  }
  attribute.by_value = transpose(attribute.by_item);
  return attribute;
}

std::optional<NumberAttribute> number_attribute(const std::string& name, const Gathered& gathered, std::size_t items) {
  if (gathered.numbers.size() * 5 < items) return {};
  NumberAttribute attribute{.name = name, .values = std::vector<float>(items, std::numeric_limits<float>::quiet_NaN())};
  double sum = 0, squares = 0;
  for (const auto& [item, number] : gathered.numbers) {
    attribute.values[item] = static_cast<float>(number);
    sum += number;
    squares += number * number;
  }
  const double n = static_cast<double>(gathered.numbers.size());
  attribute.sd = std::sqrt(std::max(squares / n - sum / n * sum / n, 0.0));
  if (!(attribute.sd > 0)) return {};
  return attribute;
}

}  // namespace

ItemValues::ItemValues(const rank::World& world) {
  std::map<std::string, Gathered> gathered;
  const std::size_t items = world.item_count();
  for (std::size_t i = 0; i < items; ++i) {
    if (world.is_gone(item_at(i))) continue;
    const Json& attributes = world.item(item_at(i)).attributes;
    if (!attributes.is_object()) continue;
    for (const auto& [name, value] : attributes.as_object()) {
      std::vector<std::string> words;
      std::optional<double> number;
      collect(value, words, number);
      Gathered& one = gathered[name];
      if (number) one.numbers[static_cast<std::uint32_t>(i)] = *number;
      if (!words.empty()) ++one.filled;
      std::sort(words.begin(), words.end());
      words.erase(std::unique(words.begin(), words.end()), words.end());
      for (const std::string& word : words) {
        one.holders[word].push_back(static_cast<std::uint32_t>(i));
        one.words += words_of(word).size();
        ++one.values;
      }
    }
  }
  for (const auto& [name, one] : gathered) {
    if (words_.size() + numbers_.size() >= kMostAttributes) break;
    if (auto words = word_attribute(name, one, items)) words_.push_back(std::move(*words));
    if (auto numbers = number_attribute(name, one, items)) numbers_.push_back(std::move(*numbers));
  }
  index();
}

void ItemValues::index() {
  for (std::uint32_t a = 0; a < words_.size(); ++a)
    for (std::uint32_t v = 0; v < words_[a].values.size(); ++v) {
      const std::string& value = words_[a].values[v];
      if (has_no_spaces(value)) {
        if (value.size() >= 6) pieces_[value.substr(0, 3)].push_back({a, v});   // one character is found in everything
        continue;
      }
      std::vector<std::string> words = words_of(value);
      for (std::string& word : words) word = singular(std::move(word));
      if (words.empty() || (words.size() == 1 && words[0].size() < 3)) continue;
      const std::string first = words[0];
      words.erase(words.begin());
      phrases_[first].push_back({std::move(words), {a, v}});
    }
}

std::vector<ItemValues::Named> ItemValues::named_in(std::string_view text) const {
  std::set<std::pair<std::uint32_t, std::uint32_t>> found;
  std::vector<std::string> words = words_of(text);
  for (std::string& word : words) word = singular(std::move(word));
  for (std::size_t w = 0; w < words.size(); ++w) {
    const auto at = phrases_.find(words[w]);
    if (at == phrases_.end()) continue;
    for (const Phrase& phrase : at->second)
      if (w + phrase.words.size() < words.size() && std::equal(phrase.words.begin(), phrase.words.end(), words.begin() + static_cast<std::ptrdiff_t>(w) + 1))
        found.emplace(phrase.named.attribute, phrase.named.value);
  }
  if (!pieces_.empty())
    for (std::size_t b = 0; b + 3 <= text.size(); ++b) {
      if (static_cast<unsigned char>(text[b]) < 0xc0) continue;
      const auto at = pieces_.find(std::string(text.substr(b, 3)));
      if (at == pieces_.end()) continue;
      for (const Named& named : at->second)
        if (text.substr(b).starts_with(words_[named.attribute].values[named.value])) found.emplace(named.attribute, named.value);
    }
  std::vector<Named> list;
  for (const auto& [attribute, value] : found) list.push_back({attribute, value});
  return list;
}

std::string title_of(const data::CatalogueItem& item) {
  for (const char* key : {"title", "name"}) {
    const Json* value = item.attributes.find(key);
    if (value != nullptr && value->is_string() && !value->as_string().empty()) return value->as_string();
  }
  return item.text.substr(0, item.text.find_first_of(".\n"));
}

}  // namespace attune::talk::ranking
