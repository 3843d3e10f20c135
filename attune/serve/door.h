// Door: who is asking, may they, how often; and the writing down of what was done with rights. The table of keys and sessions
// in memory, renewed within a second of a change in access.db by whatever process.
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "attune/core/published.h"
#include "attune/serve/access.h"
#include "attune/serve/settings.h"
#include "attune/serve/slowdown.h"

namespace attune::serve {

// Is that an address that only this machine reaches.
bool is_loopback(std::string_view host);

// What may stand in the way of a start. Throws Error: bad_request for another address than loopback without keys, and for
// open_admin where there are keys, saying what to do.
void check_door(const std::filesystem::path& workspace, const ServeSettings& settings);

// Safe from many threads.
class Door {
 public:
  Door(const std::filesystem::path& workspace, const ServeSettings& settings, std::function<std::int64_t()> now_ms);
  ~Door();    // writes what waits of the audit log

  // Who holds a key; nullopt for a secret that is no good key.
  struct Holder {
    Principal principal;
    std::shared_ptr<Bucket> bucket;   // nullptr without a limit
  };
  std::optional<Holder> holder(std::string_view secret) const;
  struct Visitor {
    Principal principal;
    std::string digest;
    std::int64_t ends_ms = 0;
  };
  std::optional<Visitor> visitor(std::string_view token) const;   // of a session
  // No key and no login was ever made, and only this machine reaches the port: everybody there may read and write.
  bool is_open() const;
  Role open_role() const { return settings_.open_admin ? Role::admin : Role::write; }
  const ServeSettings& settings() const noexcept { return settings_; }

  // A token, or nullopt for a wrong name or password; takes 0.1 s. Throws Refusal: too_many_logins (429), busy (503).
  struct Entered {
    std::string token;
    Visitor visitor;
  };
  std::optional<Entered> log_in(const std::string& name, const std::string& password, const std::string& from);
  void log_out(const std::string& digest);

  void note(AuditEntry entry);        // never blocks; written within 0.1 s
  Access& access() noexcept { return access_; }
  void renew();                       // after a change made here: at once instead of within a second

 private:
  struct Table;
  void work();
  void write_notes();

  const ServeSettings settings_;
  const std::function<std::int64_t()> now_ms_;
  Access access_;
  Published<Table> table_;
  std::mutex renewing_;               // one at a time: buckets are handed on from table to table
  Slowdown slowdown_;
  std::atomic<int> hashing_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<AuditEntry> notes_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace attune::serve
