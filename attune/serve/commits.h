// Commits: events of many requests in one commit: while one batch is on its way to the disk, the next gathers. Lists that
// were shown ride along. Acknowledged means durable and in the next answer.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "attune/engine/engine.h"

namespace attune::serve {

class Commits {
 public:
  explicit Commits(engine::Engine& engine);
  ~Commits();   // writes what waits, then ends

  // What the append brought, or why it failed. On the thread of commits: must not block.
  using Done = std::function<void(const data::Appended&, std::exception_ptr)>;
  // Events must have passed data::check. Throws Refusal: busy (503) when too much waits already.
  void append(std::vector<data::Event> events, Done done);
  // Waits for it; not from the network thread. Throws what the append threw.
  data::Appended append(std::vector<data::Event> events);
  // Events that take the place of those before them (data/amend.h), a commit of their own in the order they came. Waits as append does.
  data::Appended amend(std::vector<data::Event> events, data::Amend how);
  // Kept with the next commit, 50 ms from now at the latest. Never blocks; when too many wait the list is dropped and counted.
  void shown(data::Exposure exposure);

  // Called with what was taken, after every commit and before it is acknowledged; on the thread of commits: short, throws nothing.
  // Only before the first request.
  using Listener = std::function<void(std::span<const std::vector<data::Event>>)>;
  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }

  struct Counts {
    std::uint64_t events = 0, commits = 0, exposures = 0, dropped_exposures = 0, failed = 0;
  };
  Counts counts() const;

 private:
  struct Group {
    std::vector<data::Event> events;
    Done done;
    std::optional<data::Amend> how = std::nullopt;   // of an amendment
  };
  void work();
  void add(Group group);
  void commit(std::vector<Group> groups);
  void commit(std::span<Group> groups);   // all of them appends, or one amendment
  void log(std::vector<data::Exposure> shown);

  engine::Engine& engine_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Group> groups_;
  std::size_t events_waiting_ = 0;
  std::vector<data::Exposure> shown_;
  bool is_over_ = false;
  Counts counts_;
  std::vector<Listener> listeners_;
  std::thread thread_;
};

}  // namespace attune::serve
