// ItemMap: where every fitted item of the snapshot in service lies in the plane, and what the regions there are about. Drawn once a
// snapshot, by a thread of low priority, when somebody asks for it; kept in memory.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "attune/engine/engine.h"
#include "attune/index/layout.h"

namespace attune::serve {

// Items that lie together, named by the words that set their texts apart from all others.
struct Region {
  std::string label;
  index::Point middle;
  std::size_t count = 0;
};

// Words of `texts` (one for each point, empty = none) name the regions that the points fall into; those that no word tells are left out.
std::vector<Region> regions_of(const std::vector<index::Point>& points, const std::vector<std::string_view>& texts, std::uint64_t seed);

// Safe from many threads.
class ItemMap {
 public:
  explicit ItemMap(const engine::Engine& engine) : engine_(engine) {}
  ~ItemMap();   // stops a drawing under way

  struct Drawing {
    std::shared_ptr<const engine::Snapshot> snapshot;
    std::vector<index::Point> points;    // [fitted items]
    std::vector<Region> regions;
  };
  enum class State { ready, making, no_vectors, failed };
  struct Look {
    State state = State::making;
    std::shared_ptr<const Drawing> drawing;   // when ready
    std::string problem;                      // when failed
  };
  // Begins to draw where there is no drawing of the snapshot in service yet.
  Look look();

 private:
  void draw(std::shared_ptr<const engine::Snapshot> snapshot);

  const engine::Engine& engine_;
  std::mutex mutex_;
  std::shared_ptr<const Drawing> drawing_;
  std::string making_, failed_, problem_;   // names of snapshots
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace attune::serve
