// Live: histories read by one indexed query and kept while they are used; fresh items given their columns when they come.
#include "attune/engine/live.h"

#include <algorithm>
#include <limits>

#include "attune/core/clock.h"
#include "attune/core/error.h"
#include "attune/data/later.h"

namespace attune::engine {
namespace {

constexpr std::size_t kUsersKept = 20000;        // about 1 KB each
constexpr std::size_t kNeighbours = 20;          // items that stand for a new one (methods.md 7: measured best)
constexpr double kNeighbourTemperature = 0.05;
constexpr std::size_t kFreshMany = 5000;         // from here on a fit is cheaper than the columns

data::CatalogueItem as_item(const data::Record& record) {
  return {record.name, record.text, record.attributes, record.created_ms, record.hidden};
}

bool same(const data::CatalogueItem& a, const data::CatalogueItem& b) {
  return a.text == b.text && a.attributes == b.attributes && a.hidden == b.hidden;
}

// Fitted items without a record whose erasure left a receipt. (Items that only events name never had a record.)
std::vector<ItemId> erased_since(const data::Store& store, const data::Catalogue& catalogue, const std::vector<bool>& has_record) {
  std::vector<data::Receipt> receipts = store.receipts();
  std::erase_if(receipts, [](const data::Receipt& r) { return r.kind != data::Kind::item; });
  std::vector<ItemId> gone;
  for (std::size_t i = 0; !receipts.empty() && i < has_record.size(); ++i) {
    if (has_record[i]) continue;
    const std::string& name = catalogue.item(item_at(i)).name;
    if (std::any_of(receipts.begin(), receipts.end(), [&](const data::Receipt& r) { return data::proves(r, name); })) gone.push_back(item_at(i));
  }
  return gone;
}

}  // namespace

Live::Live(std::shared_ptr<const Snapshot> snapshot, const data::Store& store, const Settings& settings, const Run& run)
    : snapshot_(std::move(snapshot)), store_(store), types_(settings.events), about_temperature_(settings.lists.about_temperature) {
  auto world = std::make_shared<rank::World>();
  world->catalogue = snapshot_->catalogue;
  world->sources = snapshot_->sources;
  world->weights = snapshot_->weights;
  world->stacker = snapshot_->stacker;
  world->vectors = snapshot_->vectors;
  world->popularity = snapshot_->popularity;
  std::vector<bool> still_here(snapshot_->catalogue->item_count(), false);
  std::size_t fresh_wanted = 0;
  store.read_records(data::Kind::item, [&](const data::Record& record) {
    run.check();
    if (const auto id = snapshot_->catalogue->find_item(record.name)) {
      still_here[to_index(*id)] = true;
      const data::CatalogueItem now = as_item(record);
      if (!same(now, snapshot_->catalogue->item(*id))) world->changed[*id] = std::make_shared<const data::CatalogueItem>(now);
    } else if (++fresh_wanted <= kFreshMany) {
      world->fresh.push_back(make_fresh(record, run));
    }
  });
  if (fresh_wanted > kFreshMany)
    run.remark(std::to_string(fresh_wanted - kFreshMany) + " items are newer than the snapshot and wait for the next fit; run: attune fit");
  world->gone = erased_since(store, *snapshot_->catalogue, still_here);
  world_.publish(std::move(world));
}

std::shared_ptr<const rank::FreshItem> Live::make_fresh(const data::Record& record, const Run& run) const {
  auto fresh = std::make_shared<rank::FreshItem>();
  fresh->item = as_item(record);
  fresh->read = snapshot_->reader->read(record.text, run);
  const model::NewItem& read = fresh->read;
  for (const rank::Source& source : snapshot_->sources) {
    if (auto column = source.model->column(read)) fresh->columns[source.name] = std::move(*column);
    else if (auto row = source.model->item_vector(read)) fresh->item_vectors[source.name] = std::move(*row);
  }
  fresh->neighbours = snapshot_->reader->nearest(read, kNeighbours, kNeighbourTemperature);
  for (const auto& [name, row] : read.features)
    if (!row.dense.empty() && fresh->vector.empty()) fresh->vector = row.dense;
  return fresh;
}

Live::Loaded Live::load(const std::string& name) const {
  Loaded loaded{.state = {}, .good_until_ms = std::numeric_limits<std::int64_t>::max()};
  UserState& state = loaded.state;
  const auto world = world_.read();
  const std::vector<data::StoredEvent> events = store_.user_events(name);
  const std::int64_t clock = now_ms();
  std::int64_t now_ms = 0;
  for (const data::StoredEvent& e : events)
    if (!data::is_to_come(e.event, clock)) now_ms = std::max(now_ms, e.event.time_ms);
  for (const data::StoredEvent& e : events) {
    if (data::is_to_come(e.event, clock)) {
      loaded.good_until_ms = std::min(loaded.good_until_ms, e.event.time_ms);
      continue;
    }
    const auto item = world->find(e.event.item);
    if (!item) continue;
    const float weight = data::event_weight(types_, e.event.type, e.event.value, e.event.time_ms, now_ms);
    state.history.push_back({.item = *item, .weight = weight, .time_ms = e.event.time_ms});
    if (data::event_hides(types_, e.event.type)) state.seen.push_back(*item);
  }
  std::sort(state.seen.begin(), state.seen.end());
  state.seen.erase(std::unique(state.seen.begin(), state.seen.end()), state.seen.end());
  return loaded;
}

UserState Live::user(const std::string& name) const {
  std::uint64_t before = 0;
  {
    const std::lock_guard lock(users_mutex_);
    if (const auto it = users_.find(name); it != users_.end() && now_ms() < it->second.good_until_ms) {
      recent_.splice(recent_.begin(), recent_, it->second.place);
      return it->second.state;
    }
    before = forgotten(name);
  }
  auto [state, good_until_ms] = load(name);
  const std::lock_guard lock(users_mutex_);
  if (const auto it = users_.find(name); it != users_.end() && before == forgotten(name)) {   // one that is good no more, or another's
    it->second.state = state;
    it->second.good_until_ms = good_until_ms;
  } else if (before == forgotten(name)) {
    recent_.push_front(name);
    users_[name] = {state, good_until_ms, recent_.begin()};
    if (users_.size() > kUsersKept) {
      users_.erase(recent_.back());
      recent_.pop_back();
    }
  }
  return state;
}

void Live::observe(const data::Event& event) { forget_user(event.user); }

void Live::forget_user(const std::string& name) {
  const std::lock_guard lock(users_mutex_);
  ++forgotten(name);
  const auto it = users_.find(name);
  if (it == users_.end()) return;
  recent_.erase(it->second.place);
  users_.erase(it);
}

void Live::forget_users() {
  const std::lock_guard lock(users_mutex_);
  for (std::uint64_t& count : forgotten_) ++count;
  users_.clear();
  recent_.clear();
}

void Live::put(std::span<const data::Record> items, const Run& run) {
  const std::lock_guard one_at_a_time(put_mutex_);
  auto next = std::make_shared<rank::World>(*world_.read());
  ++next->version;
  for (const data::Record& item : items) {
    if (const auto fitted = snapshot_->catalogue->find_item(item.name)) {
      next->changed[*fitted] = std::make_shared<const data::CatalogueItem>(as_item(item));
      std::erase(next->gone, *fitted);
      continue;
    }
    const auto same_name = [&](const auto& fresh) { return fresh->item.name == item.name; };
    const auto it = std::find_if(next->fresh.begin(), next->fresh.end(), same_name);
    if (it == next->fresh.end() && next->fresh.size() >= kFreshMany) continue;   // waits for the next fit, as it would after a restart
    auto made = make_fresh(item, run);
    if (it != next->fresh.end())
      *it = std::move(made);
    else
      next->fresh.push_back(std::move(made));
  }
  world_.publish(std::move(next));
  // Somebody may have touched an item before it was put: histories that were read without it are read again.
  forget_users();
}

void Live::forget_item(const std::string& name) {
  const std::lock_guard one_at_a_time(put_mutex_);
  const auto now = world_.read();
  const auto id = now->find(name);
  if (!id) return;
  auto next = std::make_shared<rank::World>(*now);
  ++next->version;
  next->gone.insert(std::lower_bound(next->gone.begin(), next->gone.end(), *id), *id);
  if (next->is_fresh(*id)) {  // ids of the other fresh items must not move: keep the place, drop the content
    auto empty = std::make_shared<rank::FreshItem>();
    empty->item.hidden = true;
    next->fresh[to_index(*id) - next->fitted_count()] = std::move(empty);
  }
  world_.publish(std::move(next));
  forget_users();
}

void Live::forget_erased(const data::Receipt& receipt) {
  std::vector<std::string> names;
  if (receipt.kind == data::Kind::user) {
    const std::lock_guard lock(users_mutex_);
    for (const auto& [name, slot] : users_)
      if (data::proves(receipt, name)) names.push_back(name);
  } else {
    const auto world = world_.read();
    for (std::size_t i = 0; i < world->item_count(); ++i)
      if (const std::string& name = world->item(item_at(i)).name; !name.empty() && data::proves(receipt, name)) names.push_back(name);
  }
  for (const std::string& name : names) receipt.kind == data::Kind::user ? forget_user(name) : forget_item(name);
}

std::size_t Live::size_bytes() const {
  std::size_t bytes = 0;
  for (const auto& fresh : world_.read()->fresh)
    for (const auto& [name, column] : fresh->columns) bytes += column.size() * sizeof(float);
  const std::lock_guard lock(users_mutex_);
  for (const auto& [name, slot] : users_) bytes += sizeof(slot) + slot.state.history.size() * sizeof(Touch) + slot.state.seen.size() * 4;
  return bytes;
}

}  // namespace attune::engine
