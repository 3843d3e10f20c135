// Live: the small mutable part: recent histories, fresh items, changed items, those that are gone.
// All of it is rebuilt from the store, so a restart loses nothing.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "attune/core/published.h"
#include "attune/data/store.h"
#include "attune/engine/settings.h"
#include "attune/engine/snapshot.h"

namespace attune::engine {

// What one user did, in ids of the world.
struct UserState {
  std::vector<Touch> history;       // oldest first
  std::vector<ItemId> seen;         // sorted
};

// Safe from any thread.
class Live {
 public:
  // Reads items that are newer than the snapshot from the store and gives them their columns.
  Live(std::shared_ptr<const Snapshot> snapshot, const data::Store& store, const Settings& settings, const Run& run);

  std::shared_ptr<const rank::World> world() const { return world_.read(); }
  // From memory, else from the store by one indexed read. Events marked later (data/later.h) count from their time on.
  UserState user(const std::string& name) const;
  // After the store has taken it.
  void observe(const data::Event& event);
  void put(std::span<const data::Record> items, const Run& run);
  void forget_user(const std::string& name);
  void forget_item(const std::string& name);
  void forget_users();                       // all histories are read again
  void forget_erased(const data::Receipt& receipt);   // whom another process erased: found by the hash of the name
  std::size_t size_bytes() const;

 private:
  struct Loaded {
    UserState state;
    std::int64_t good_until_ms = 0;   // then an event that is still to come counts
  };
  Loaded load(const std::string& name) const;
  std::shared_ptr<const rank::FreshItem> make_fresh(const data::Record& record, const Run& run) const;

  std::shared_ptr<const Snapshot> snapshot_;
  const data::Store& store_;
  data::EventTypes types_;
  double about_temperature_;
  Published<rank::World> world_;
  std::mutex put_mutex_;                     // one change of the world at a time
  struct Slot {
    UserState state;
    std::int64_t good_until_ms = 0;
    std::list<std::string>::iterator place;
  };
  mutable std::mutex users_mutex_;
  mutable std::unordered_map<std::string, Slot> users_;   // least recently used are dropped
  mutable std::list<std::string> recent_;                 // newest first
  // How often users were forgotten, by the hash of their name: what was read before is not kept after.
  std::array<std::uint64_t, 1024> forgotten_{};
  std::uint64_t& forgotten(const std::string& name) { return forgotten_[std::hash<std::string>()(name) % forgotten_.size()]; }
  std::uint64_t forgotten(const std::string& name) const { return forgotten_[std::hash<std::string>()(name) % forgotten_.size()]; }
};

}  // namespace attune::engine
