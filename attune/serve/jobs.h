// Jobs: work beside the service, one at a time, each in a process of its own: one that falls, or is killed for its memory,
// leaves the service as it is. A fit that ends well is put in service.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "attune/core/json.h"
#include "attune/engine/engine.h"
#include "attune/serve/settings.h"

namespace attune::serve {

struct Job {
  std::string id, kind, why;            // why: "asked", "schedule", "drift: ..."
  std::string state;                    // "waiting", "running", "done", "failed", "cancelled"
  std::int64_t asked_ms = 0, began_ms = 0, ended_ms = 0;
  std::string doing;                    // what the progress is of
  std::uint64_t done = 0, total = 0;
  std::string snapshot;                 // what a fit sealed
  std::string message;                  // why it failed
  std::vector<std::string> notes;       // remarks on the way
  std::vector<std::string> arguments;   // of the command line, after the workspace
};
Json to_json(const Job& job);

// Safe from any thread.
class Jobs {
 public:
  Jobs(engine::Engine& engine, const engine::Workspace& workspace, std::string program, RefitRule rule, int keep_lists_days, std::function<std::int64_t()> now_ms,
       std::function<void(const Json&)> log);
  ~Jobs();   // stops what runs

  // Throws Refusal: 409 when one of the kind waits or runs already.
  Job start(const std::string& kind, const std::string& why, std::vector<std::string> arguments);
  std::vector<Job> all() const;         // newest first, the last hundred
  std::optional<Job> find(const std::string& id) const;
  // Throws Refusal: 404, or 409 when it is over.
  Job cancel(const std::string& id);
  const RefitRule& rule() const noexcept { return rule_; }
  std::uint64_t events_since_fit() const;

 private:
  void work();
  void run(const std::string& id);
  void look_whether_to_fit();
  void forget_old_lists();
  void read_line(const std::string& id, const std::string& line);
  template <class Change>
  void change(const std::string& id, Change change);

  engine::Engine& engine_;
  const engine::Workspace workspace_;
  const std::string program_;
  const RefitRule rule_;
  const int keep_lists_days_;
  std::int64_t forgot_ms_ = 0;          // when it last looked for old lists
  const std::function<std::int64_t()> now_ms_;
  const std::function<void(const Json&)> log_;
  const std::int64_t started_ms_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;                // oldest first
  std::uint64_t number_ = 0;
  int child_ = 0;                       // process id of what runs
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace attune::serve
