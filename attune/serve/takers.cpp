// Takers: see the header.
#include "attune/serve/takers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>

namespace attune::serve {
namespace {

constexpr std::size_t kMostTakers = 5000;      // of one item that are looked at for people alike: the newest
constexpr int kRestFactor = 20;                // what took a second is not done again for twenty
constexpr std::chrono::milliseconds kQuick{50};   // what took less is done whenever it is needed
constexpr std::int64_t kDay_ms = 24ll * 3600 * 1000;

std::uint32_t number_of(data::NameMap<std::uint32_t>& ids, std::vector<std::string>& names, const std::string& name) {
  const auto [at, is_new] = ids.try_emplace(name, static_cast<std::uint32_t>(names.size()));
  if (is_new) names.push_back(name);
  return at->second;
}

}  // namespace

void Takers::read_on(Table& table, std::int64_t now_ms) const {
  store_.read_events(table.last, [&](const data::StoredEvent& stored) {
    const data::Event& event = stored.event;
    table.last = stored.sequence;
    ++table.events;
    const std::uint32_t item = number_of(table.item_ids, table.items, event.item), user = number_of(table.user_ids, table.users, event.user);
    table.taken.resize(table.items.size());
    table.liked.resize(table.users.size());
    Taken taken{.user = user, .type = static_cast<std::uint16_t>(number_of(table.type_ids, table.types, event.type)), .time_ms = event.time_ms};
    taken.is_liking = data::event_weight(types_, event.type, event.value, event.time_ms, std::max(now_ms, event.time_ms)) > 0;
    table.liked[user] += taken.is_liking ? 1 : 0;
    table.taken[item].push_back(taken);
  });
}

void Takers::catch_up() {
  const std::lock_guard one_at_a_time(building_);
  const data::StoreCounts now = store_.counts();
  if (now.last == table_->last && now.events == table_->events) return;
  const auto began = Clock::now();
  std::uint64_t before = 0;
  {
    const std::unique_lock lock(mutex_);
    before = table_->events;
    read_on(*table_, now.last_ms);
  }
  // Something was taken out of the log: all of it is read anew, by the side.
  const bool is_short = table_->last <= now.last && table_->events != now.events;
  const bool is_first = before == 0;
  if (!is_short || (!is_first && read_took_ > kQuick && began - read_at_ < read_took_ * kRestFactor)) {
    if (is_first) read_took_ = Clock::now() - began, read_at_ = Clock::now();
    return;
  }
  auto fresh = std::make_unique<Table>();
  read_on(*fresh, now.last_ms);
  read_took_ = Clock::now() - began;
  read_at_ = Clock::now();
  const std::unique_lock lock(mutex_);
  table_ = std::move(fresh);
}

std::shared_ptr<const Takers::Scores> Takers::leaders(const gorse::Board& board, std::int64_t now_ms) {
  catch_up();
  const std::lock_guard one_at_a_time(counting_);
  Counted& counted = counted_[board.name];
  const std::shared_lock lock(mutex_);
  const auto began = Clock::now();
  const bool is_same = counted.last == table_->last && counted.events == table_->events && board.days == 0;
  if (counted.scores && (is_same || (counted.took > kQuick && began - counted.at < counted.took * kRestFactor))) return counted.scores;
  std::vector<bool> is_counted(table_->types.size(), board.types.empty());
  for (const std::string& type : board.types)
    if (const auto at = table_->type_ids.find(type); at != table_->type_ids.end()) is_counted[at->second] = true;
  const std::int64_t since_ms = board.days > 0 ? now_ms - board.days * kDay_ms : std::numeric_limits<std::int64_t>::min();
  auto scores = std::make_shared<Scores>();
  std::vector<std::uint32_t> people;
  for (std::size_t item = 0; item < table_->items.size(); ++item) {
    people.clear();
    for (const Taken& taken : table_->taken[item])
      if (is_counted[taken.type] && (taken.is_liking || !board.types.empty()) && taken.time_ms >= since_ms && taken.time_ms <= now_ms) people.push_back(taken.user);
    std::sort(people.begin(), people.end());
    people.erase(std::unique(people.begin(), people.end()), people.end());
    if (!people.empty()) scores->emplace_back(table_->items[item], static_cast<double>(people.size()));
  }
  std::stable_sort(scores->begin(), scores->end(), [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
  counted = {.scores = scores, .last = table_->last, .events = table_->events, .at = Clock::now(), .took = Clock::now() - began};
  return scores;
}

std::vector<std::string> Takers::of_item(std::string_view item) {
  catch_up();
  const std::shared_lock lock(mutex_);
  const auto at = table_->item_ids.find(item);
  if (at == table_->item_ids.end()) return {};
  std::vector<std::string> people;
  std::unordered_set<std::uint32_t> seen;
  for (const Taken& taken : table_->taken[at->second])
    if (seen.insert(taken.user).second) people.push_back(table_->users[taken.user]);
  return people;
}

Takers::Scores Takers::alike(const std::string& user, std::size_t n) {
  catch_up();
  const std::shared_lock lock(mutex_);
  const auto me = table_->user_ids.find(user);
  if (me == table_->user_ids.end()) return {};
  std::unordered_set<std::uint32_t> mine;
  for (const data::StoredEvent& stored : store_.user_events(user))
    if (data::event_weight(types_, stored.event.type, stored.event.value, stored.event.time_ms, stored.event.time_ms) > 0)
      if (const auto item = table_->item_ids.find(stored.event.item); item != table_->item_ids.end()) mine.insert(item->second);
  std::unordered_map<std::uint32_t, std::uint32_t> shared;
  std::unordered_set<std::uint32_t> seen;
  for (const std::uint32_t item : mine) {
    const std::vector<Taken>& all = table_->taken[item];
    seen.clear();
    for (std::size_t i = all.size() - std::min(all.size(), kMostTakers); i < all.size(); ++i)
      if (all[i].is_liking && all[i].user != me->second && seen.insert(all[i].user).second) ++shared[all[i].user];
  }
  Scores scores;
  for (const auto& [other, count] : shared)
    scores.emplace_back(table_->users[other], count / std::sqrt(static_cast<double>(mine.size()) * std::max(table_->liked[other], count)));
  const auto better = [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; };
  std::sort(scores.begin(), scores.end(), better);
  if (scores.size() > n) scores.resize(n);
  return scores;
}

}  // namespace attune::serve
