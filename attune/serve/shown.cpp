// Shown: see the header. Memory: at most about 40 MB.
#include "attune/serve/shown.h"

#include <algorithm>

namespace attune::serve {
namespace {

constexpr std::size_t kPeople = 10000, kListsEach = 10, kLists = 20000;
constexpr std::int64_t kWhile_ms = 7ll * 24 * 3600 * 1000;

}  // namespace

void Shown::add(const data::Exposure& exposure) {
  const std::lock_guard lock(mutex_);
  if (lists_.insert_or_assign(exposure.request, exposure).second) order_.push_back(exposure.request);
  if (order_.size() > kLists) {
    lists_.erase(order_.front());
    order_.pop_front();
  }
  const auto known = people_.find(exposure.user);   // others are read from the log when they are asked for
  if (exposure.user.empty() || known == people_.end()) return;
  known->second.lists.push_front({exposure.time_ms, exposure.items});
  if (known->second.lists.size() > kListsEach) known->second.lists.pop_back();
}

void Shown::taken(const std::string& user, const std::string& item) {
  const std::lock_guard lock(mutex_);
  const auto known = people_.find(user);
  if (known == people_.end()) return;
  for (OneList& list : known->second.lists) std::erase(list.items, item);
}

void Shown::forget_user(const std::string& user) {
  const std::lock_guard lock(mutex_);
  if (const auto known = people_.find(user); known != people_.end()) {
    recent_.erase(known->second.place);
    people_.erase(known);
  }
  for (auto it = lists_.begin(); it != lists_.end();) it = it->second.user == user ? lists_.erase(it) : std::next(it);
}

void Shown::forget_erased(const data::Receipt& receipt) {
  if (receipt.kind != data::Kind::user) return;
  std::vector<std::string> names;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, person] : people_)
      if (data::proves(receipt, name)) names.push_back(name);
    for (const auto& [request, list] : lists_)
      if (!list.user.empty() && data::proves(receipt, list.user)) names.push_back(list.user);
  }
  for (const std::string& name : names) forget_user(name);
}

void Shown::forget_people() {
  const std::lock_guard lock(mutex_);
  people_.clear();
  recent_.clear();
}

Shown::Person& Shown::person(const std::string& user) {
  if (const auto known = people_.find(user); known != people_.end()) {
    recent_.splice(recent_.begin(), recent_, known->second.place);
    return known->second;
  }
  recent_.push_front(user);
  Person& made = people_[user];
  made.place = recent_.begin();
  for (data::Exposure& exposure : store_.user_exposures(user, kListsEach)) made.lists.push_back({exposure.time_ms, std::move(exposure.items)});
  for (const data::StoredEvent& stored : store_.user_events(user))
    for (OneList& list : made.lists)
      if (stored.event.time_ms >= list.time_ms) std::erase(list.items, stored.event.item);
  if (people_.size() > kPeople) {
    people_.erase(recent_.back());
    recent_.pop_back();
  }
  return made;
}

std::map<std::string, int> Shown::counts(const std::string& user, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, int> counts;
  for (const OneList& list : person(user).lists)
    if (now_ms - list.time_ms < kWhile_ms)
      for (const std::string& item : list.items) ++counts[item];
  return counts;
}

std::optional<data::Exposure> Shown::list(const std::string& request) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = lists_.find(request); known != lists_.end()) return known->second;
  }
  return store_.exposure(request);
}

}  // namespace attune::serve
