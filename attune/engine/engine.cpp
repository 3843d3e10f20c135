// Engine: keeps store, snapshot and live state in step; what is asked of them is in engine_lists.cpp.
#include "attune/engine/engine.h"

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "attune/core/error.h"
#include "attune/engine/engine_state.h"

namespace attune::engine {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMostFollowed = 20000;   // events of others at once; with more, all histories are read again
constexpr std::size_t kMostPut = 100;             // items of others at once; with more, the live state is built anew
constexpr std::size_t kForgetAtOnce = 2000;  // lists shown, so that no writer waits long
constexpr std::size_t kIndexFrom = 50000;   // fitted items; up to here every item is scored (retrieve.exact_below)

// Sources of large catalogues get an index over their vectors, so that a request looks at the best only.
std::shared_ptr<const Snapshot> with_indexes(std::shared_ptr<const Snapshot> snapshot, const Run& run) {
  if (snapshot->catalogue->item_count() <= kIndexFrom) return snapshot;
  auto indexed = std::make_shared<Snapshot>(*snapshot);
  for (rank::Source& source : indexed->sources) {
    const auto vectors = source.model->item_vectors();
    if (!vectors || source.index != nullptr) continue;
    run.report("building the index of " + source.name, 0, 0);
    source.index = index::build_hnsw(*vectors, Json(), run);
  }
  return indexed;
}

}  // namespace

Engine::Engine(const Workspace& workspace, const Settings& settings, const Run& run) {
  auto snapshot = open_chosen(workspace.snapshots_path(), run);
  if (snapshot == nullptr)
    throw Error(Code::not_found, "nothing was fitted in " + workspace.folder().string() + " yet; run: attune -w " +
                                     workspace.folder().string() + " fit");
  state_ = std::make_unique<State>(workspace, settings);
  state_->serving.publish(state_->open(with_indexes(std::move(snapshot), run), run));
}
Engine::~Engine() = default;

bool Engine::reload(const Run& run) {
  const fs::path folder = state_->workspace.snapshots_path();
  const auto now = state_->serving.read();
  std::string wanted = pinned(folder);
  if (const auto names = snapshot_names(folder); wanted.empty() && !names.empty()) wanted = names.front();
  if (wanted.empty() || wanted == now->snapshot->name) return false;
  {
    const std::lock_guard lock(state_->own_mutex);
    if (wanted == state_->passed_over) return false;
  }
  std::shared_ptr<const Snapshot> newest;
  try {
    newest = open_chosen(folder, run);
  } catch (const Error& e) {
    if (e.code() == Code::cancelled) throw;
    run.remark(std::string(e.what()) + "; the snapshot in service stays");
  }
  if (newest == nullptr || newest->name != wanted) {
    const std::lock_guard lock(state_->own_mutex);
    state_->passed_over = wanted;
  }
  if (newest == nullptr || newest->name == now->snapshot->name) return false;
  newest = with_indexes(std::move(newest), run);
  const std::lock_guard lock(state_->change);
  state_->serving.publish(state_->open(std::move(newest), run));
  return true;
}

std::shared_ptr<const Snapshot> Engine::snapshot() const { return state_->serving.read()->snapshot; }
std::shared_ptr<const rank::World> Engine::world() const { return state_->serving.read()->live->world(); }
const data::Store& Engine::store() const { return *state_->store; }
const Settings& Engine::settings() const { return state_->settings; }

data::Appended Engine::observe(std::span<const data::Event> events) {
  const data::Appended done = state_->store->append(events);
  state_->wrote(done);
  const auto serving = state_->serving.read();
  for (const data::Event& event : events) serving->live->observe(event);
  return done;
}

std::vector<data::Appended> Engine::observe(std::span<const std::vector<data::Event>> groups) {
  std::vector<data::Appended> done = state_->store->append_groups(groups);
  for (const data::Appended& one : done) state_->wrote(one);
  const auto serving = state_->serving.read();
  for (const std::vector<data::Event>& events : groups)
    for (const data::Event& event : events) serving->live->observe(event);
  return done;
}

bool Engine::is_shared() const noexcept { return state_->followed != nullptr; }

// The places of the log that others wrote: after, up to.
std::vector<std::pair<data::Sequence, data::Sequence>> Engine::State::foreign_until(data::Sequence last) {
  std::vector<std::pair<data::Sequence, data::Sequence>> foreign;
  data::Sequence from = seen.sequence;
  const std::lock_guard lock(own_mutex);
  std::sort(own.begin(), own.end());
  for (const auto& [after, until] : own) {
    if (until <= from) continue;
    if (after >= last) break;
    if (after > from) foreign.emplace_back(from, after);
    from = until;
  }
  if (from < last) foreign.emplace_back(from, last);
  std::erase_if(own, [&](const auto& range) { return range.second <= last; });
  return foreign;
}

Caught Engine::follow(int most_ms, const Run& run) {
  Caught caught;
  data::FollowedStore* const followed = state_->followed;
  if (followed == nullptr) return caught;
  followed->wait(most_ms);
  const data::Marks now = followed->marks();
  data::Marks& seen = state_->seen;
  if (now == seen) return caught;
  std::uint64_t many = 0;
  const auto foreign = state_->foreign_until(now.sequence);
  for (const auto& [after, until] : foreign) many += until - after;
  caught.has_many = many > kMostFollowed;
  for (const auto& [after, until] : foreign)
    if (!caught.has_many)
      for (data::StoredEvent& stored : followed->events_between(after, until)) caught.events.push_back(std::move(stored));
  caught.receipts = followed->receipts_between(seen.receipt, now.receipt);
  caught.items = followed->items_between(seen.change, now.change);
  const std::vector<std::string> changed_users = followed->users_between(seen.change, now.change);
  const std::lock_guard lock(state_->change);
  const auto serving = state_->serving.read();
  Live& live = *serving->live;
  const bool has_gaps = caught.events.size() < many;   // something was taken back: whose it was is not told
  if (caught.has_many || has_gaps) live.forget_users();
  for (const data::StoredEvent& stored : caught.events) live.observe(stored.event);
  for (const std::string& user : changed_users) live.forget_user(user);
  for (const data::Receipt& receipt : caught.receipts) live.forget_erased(receipt);   // before the items: one may have been put again
  std::erase_if(caught.items, [&](const data::Record& record) {   // our own, and those that changed nothing
    const auto world = live.world();
    const auto id = world->find(record.name);
    if (!id) return false;
    const data::CatalogueItem& item = world->item(*id);
    return item.text == record.text && item.attributes == record.attributes && item.hidden == record.hidden;
  });
  if (caught.items.size() > kMostPut) state_->serving.publish(state_->open(serving->snapshot, run));
  else
    live.put(caught.items, run);
  seen = now;
  return caught;
}

data::Appended Engine::amend(std::span<const data::Event> events, data::Amend how) {
  const data::Appended done = data::amend(*state_->store, events, how);
  state_->wrote(done);
  const auto serving = state_->serving.read();
  for (const data::Event& event : events) serving->live->observe(event);
  return done;
}

std::uint64_t Engine::retract(const std::string& user, const std::string& item, const std::string& type) {
  const std::uint64_t gone = data::retract(*state_->store, user, item, type);
  state_->serving.read()->live->forget_user(user);
  return gone;
}

void Engine::put_user(const data::Record& user) { put_users(std::span(&user, 1)); }

void Engine::put_users(std::span<const data::Record> users) { state_->store->put(data::Kind::user, users); }

void Engine::set_meta(std::string_view key, std::string_view value) { state_->store->set_meta(key, value); }

void Engine::log(std::span<const data::Exposure> shown) { state_->store->log_exposures(shown); }

void Engine::rate(const data::ListRating& rating) { state_->store->rate(rating); }

std::uint64_t Engine::forget_exposures(std::int64_t before_ms) {
  std::uint64_t all = 0;
  for (std::uint64_t gone = 1; gone > 0; all += gone) gone = state_->store->forget_exposures(before_ms, kForgetAtOnce);
  return all;
}

void Engine::put(const data::Record& item) { put(std::span(&item, 1)); }

void Engine::put(std::span<const data::Record> items) {
  const std::lock_guard lock(state_->change);
  state_->store->put(data::Kind::item, items);
  std::vector<data::Record> merged;
  merged.reserve(items.size());
  for (const data::Record& item : items) merged.push_back(*state_->store->find(data::Kind::item, item.name));
  state_->serving.read()->live->put(merged, Run{});
}

data::Receipt Engine::erase(data::Kind kind, const std::string& name) {
  const std::lock_guard lock(state_->change);
  const data::Receipt receipt = state_->store->erase(kind, name);
  const auto serving = state_->serving.read();
  if (kind == data::Kind::user)
    serving->live->forget_user(name);
  else
    serving->live->forget_item(name);
  return receipt;
}

}  // namespace attune::engine
