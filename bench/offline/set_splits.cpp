// Set splits: three readers, one form.
#include "bench/offline/set_splits.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "attune/core/random.h"
#include "attune/data/text_file.h"

namespace attune::bench {
namespace {

namespace fs = std::filesystem;
using Sets = std::vector<std::vector<ItemId>>;

// FOLDER/NAME.txt or FOLDER/NAME.txt.gz; empty when there is neither.
fs::path text_named(const fs::path& folder, const std::string& name) {
  for (const char* end : {".txt", ".txt.gz"})
    if (fs::exists(folder / (name + end))) return folder / (name + end);
  return {};
}

Sets read_lines(const fs::path& path) {
  Sets sets;
  data::Lines lines(path);
  std::string_view line;
  while (lines.next(line)) {
    std::vector<std::uint32_t> numbers;
    const char* at = line.data();
    const char* const end = at + line.size();
    while (at < end) {
      if (*at == ' ') {
        ++at;
        continue;
      }
      std::uint32_t number = 0;
      const auto [next, wrong] = std::from_chars(at, end, number);
      if (wrong != std::errc())
        throw Error(Code::bad_data, path.string() + ", line " + std::to_string(lines.number()) + ": expected ids from 0 between blanks");
      numbers.push_back(number);
      at = next;
    }
    if (numbers.empty()) continue;
    if (numbers[0] >= sets.size()) sets.resize(numbers[0] + 1);
    for (std::size_t n = 1; n < numbers.size(); ++n) sets[numbers[0]].push_back(item_at(numbers[n]));
  }
  for (auto& set : sets) {
    std::sort(set.begin(), set.end());
    set.erase(std::unique(set.begin(), set.end()), set.end());
  }
  return sets;
}

void take_out(std::vector<ItemId>& from, const std::vector<ItemId>& sorted) {
  std::erase_if(from, [&](ItemId item) { return std::binary_search(sorted.begin(), sorted.end(), item); });
}

std::shared_ptr<const data::Catalogue> numbered(std::size_t items, std::size_t users) {
  std::vector<data::CatalogueItem> names(items);
  std::vector<std::string> people(users);
  for (std::size_t i = 0; i < items; ++i) names[i].name = std::to_string(i);
  for (std::size_t u = 0; u < users; ++u) people[u] = std::to_string(u);
  return std::make_shared<const data::Catalogue>(std::move(names), std::move(people));
}

SetSplits read_lightgcn(const fs::path& folder, std::uint64_t seed) {
  SetSplits sets{.name = folder.filename().string(), .k = 20, .refits = true};
  const fs::path train = text_named(folder, "train"), validation = text_named(folder, "valid"), test = text_named(folder, "test");
  if (train.empty() || test.empty()) throw Error(Code::not_found, "no train.txt or test.txt (or .gz) in " + folder.string());
  sets.train = read_lines(train);
  sets.test = read_lines(test);
  if (!validation.empty()) sets.validation = read_lines(validation);
  const std::size_t users = std::max({sets.train.size(), sets.validation.size(), sets.test.size()});
  for (Sets* part : {&sets.train, &sets.validation, &sets.test}) part->resize(users);
  std::size_t items = 0;
  for (std::size_t u = 0; u < users; ++u) {
    if (validation.empty()) {
      Random random(seed * 1000003 + u);
      std::vector<ItemId> shuffled = sets.train[u];
      random.shuffle(std::span(shuffled));
      shuffled.resize(shuffled.size() / 10);
      std::sort(shuffled.begin(), shuffled.end());
      sets.validation[u] = std::move(shuffled);
    }
    take_out(sets.train[u], sets.validation[u]);
    for (const Sets* part : {&sets.train, &sets.validation, &sets.test})
      for (const ItemId item : (*part)[u]) items = std::max(items, to_index(item) + 1);
  }
  sets.catalogue = numbered(items, users);
  return sets;
}

// The pairs of a ratings file with their split, users and items numbered as they first come.
struct Rated {
  std::vector<std::vector<std::pair<ItemId, int>>> rows;  // [users] item, split
  std::shared_ptr<const data::Catalogue> catalogue;
};

Rated read_ratings(const fs::path& path, int least) {
  std::map<std::string, std::uint32_t, std::less<>> users, items;
  std::vector<data::CatalogueItem> item_names;
  std::vector<std::string> user_names;
  Rated rated;
  data::Lines lines(path);
  std::string_view line;
  lines.next(line);  // the header
  while (lines.next(line)) {
    std::string_view fields[4];
    for (std::string_view& field : fields) {
      field = line.substr(0, line.find('\t'));
      line.remove_prefix(std::min(field.size() + 1, line.size()));
    }
    if (fields[2].empty() || fields[3].size() != 1)
      throw Error(Code::bad_data, path.string() + ", line " + std::to_string(lines.number()) + ": expected user, item, rating, split between tabs");
    if (fields[2][0] - '0' < least) continue;
    const auto [user, new_user] = users.try_emplace(std::string(fields[0]), users.size());
    const auto [item, new_item] = items.try_emplace(std::string(fields[1]), items.size());
    if (new_user) {
      user_names.push_back(user->first);
      rated.rows.emplace_back();
    }
    if (new_item) item_names.push_back({.name = item->first});
    rated.rows[user->second].emplace_back(item_at(item->second), fields[3][0] - '0');
  }
  rated.catalogue = std::make_shared<const data::Catalogue>(std::move(item_names), std::move(user_names));
  return rated;
}

SetSplits empty_for(const Rated& rated) {
  SetSplits sets;
  sets.catalogue = rated.catalogue;
  for (Sets* part : {&sets.train, &sets.validation, &sets.test}) part->resize(rated.rows.size());
  return sets;
}

SetSplits read_index(const fs::path& path) {
  const Rated rated = read_ratings(path, 0);
  SetSplits sets = empty_for(rated);
  sets.name = "movielens-1m-ratings";
  for (std::size_t u = 0; u < rated.rows.size(); ++u)
    for (const auto& [item, part] : rated.rows[u]) (part == 0 ? sets.train : part == 1 ? sets.validation : sets.test)[u].push_back(item);
  return sets;
}

// RecBole's split: a tenth rounded down, but at least one, each for test and validation while training keeps two or more.
SetSplits read_recbole(const fs::path& path, std::uint64_t seed) {
  const Rated rated = read_ratings(path, 3);
  SetSplits sets = empty_for(rated);
  sets.name = "movielens-1m-recbole";
  sets.asks_with_validation = false;
  for (std::size_t u = 0; u < rated.rows.size(); ++u) {
    std::vector<ItemId> mine;
    for (const auto& row : rated.rows[u]) mine.push_back(row.first);
    Random random(seed * 1000003 + u);
    random.shuffle(std::span(mine));
    std::size_t tests = mine.size() / 10, validations = mine.size() / 10;
    if (tests == 0 && mine.size() > 1) tests = 1;
    if (validations == 0 && mine.size() - tests > 1) validations = 1;
    const auto test = mine.end() - static_cast<std::ptrdiff_t>(tests), validation = test - static_cast<std::ptrdiff_t>(validations);
    sets.test[u].assign(test, mine.end());
    sets.validation[u].assign(validation, test);
    sets.train[u].assign(mine.begin(), validation);
  }
  return sets;
}

}  // namespace

SetSplits read_sets(const std::string& protocol, const fs::path& path, std::uint64_t seed) {
  if (protocol == "lightgcn") return read_lightgcn(path, seed);
  if (protocol == "index") return read_index(path);
  if (protocol == "recbole") return read_recbole(path, seed);
  throw Error(Code::bad_request, "protocol must be lightgcn, index or recbole, got '" + protocol + "'");
}

data::Split split_of(const SetSplits& sets, const Asking& asking) {
  const bool is_test = asking.part == data::Part::test;
  std::vector<std::vector<data::HistoryRow>> rows(sets.train.size());
  data::Split split;
  split.name = sets.name + (is_test ? " test" : " validation");
  auto held_out = std::make_shared<std::vector<data::Case>>();
  for (std::size_t u = 0; u < rows.size(); ++u) {
    data::Case one{.user = user_at(u)};
    const auto add = [&](const std::vector<ItemId>& items, bool trains, bool asks, bool hides) {
      for (const ItemId item : items) {
        if (trains) rows[u].push_back({.touch = {.item = item}});
        if (asks) one.input.push_back({.item = item});
        if (hides) one.seen.push_back(item);
      }
    };
    add(sets.train[u], true, true, true);
    data::Case held = one;
    held.targets = sets.validation[u];
    std::sort(held.seen.begin(), held.seen.end());
    if (is_test) add(sets.validation[u], asking.refit, asking.with_validation, true);
    std::sort(one.seen.begin(), one.seen.end());
    one.targets = is_test ? sets.test[u] : sets.validation[u];
    if (!one.targets.empty()) split.cases.push_back(std::move(one));
    if (!held.targets.empty()) held_out->push_back(std::move(held));
  }
  auto train = std::make_shared<data::Dataset>(sets.catalogue, std::move(rows));
  if (!(is_test && asking.refit)) train->with_held_out(std::move(held_out));
  split.train = std::move(train);
  return split;
}

}  // namespace attune::bench
