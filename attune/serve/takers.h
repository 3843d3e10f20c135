// Takers: who took what, seen from the items: leaderboards, an item's people, people with a taste like somebody's. Read from the log
// when first asked for, caught up with it at every question (so other processes' events count too), read anew when something was
// taken out of it. Memory: 16 bytes an event and the names; none until it is asked.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attune/data/catalogue.h"
#include "attune/data/event_type.h"
#include "attune/data/store.h"
#include "attune/serve/gorse.h"

namespace attune::serve {

// Safe from any thread. A question may wait for the first reading: about a second per million events.
class Takers {
 public:
  Takers(const data::Store& store, data::EventTypes types) : store_(store), types_(std::move(types)) {}

  using Scores = std::vector<std::pair<std::string, double>>;   // best first
  // Items by how many different people took them as the board says, up to now. Counted anew when the log has grown, but no longer than
  // a twentieth of the time goes into counting.
  std::shared_ptr<const Scores> leaders(const gorse::Board& board, std::int64_t now_ms);
  std::vector<std::string> of_item(std::string_view item);
  // Cosine of the sets of what they like.
  Scores alike(const std::string& user, std::size_t n);

 private:
  using Clock = std::chrono::steady_clock;
  struct Taken {
    std::uint32_t user = 0;
    std::uint16_t type = 0;
    bool is_liking = false;     // its type and value count as positive
    std::int64_t time_ms = 0;
  };
  struct Table {
    std::vector<std::string> users, items, types;
    data::NameMap<std::uint32_t> user_ids, item_ids, type_ids;
    std::vector<std::vector<Taken>> taken;       // by item, in log order
    std::vector<std::uint32_t> liked;            // by user: how many events of liking
    data::Sequence last = 0;
    std::uint64_t events = 0;
  };
  void catch_up();
  void read_on(Table& table, std::int64_t now_ms) const;

  const data::Store& store_;
  const data::EventTypes types_;
  std::mutex building_;                          // one reads the log
  std::shared_mutex mutex_;                      // of the table
  std::unique_ptr<Table> table_ = std::make_unique<Table>();
  Clock::time_point read_at_{};
  Clock::duration read_took_{};
  struct Counted {
    std::shared_ptr<const Scores> scores;
    data::Sequence last = 0;
    std::uint64_t events = 0;
    Clock::time_point at{};
    Clock::duration took{};
  };
  std::mutex counting_;
  std::map<std::string, Counted> counted_;       // by the board's name
};

}  // namespace attune::serve
