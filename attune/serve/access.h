// Access: who may use a workspace's service and what was done with those rights: keys, logins, sessions, the audit log. One
// SQLite file beside the store (access.db, readable by its owner alone), so that a copy of the store gives no rights away.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "attune/data/sqlite_connection.h"
#include "attune/serve/http.h"
#include "attune/serve/rate.h"

namespace attune::serve {

struct Key {
  std::string name;
  Role role = Role::read;
  Rate rate;
  std::string digest;            // of the secret, which is nowhere
  std::string begins;            // the first characters, to tell keys apart
  std::int64_t made_ms = 0, revoked_ms = 0;   // revoked 0 = good
};

struct Login {
  std::string name;
  Role role = Role::admin;
  std::string hash;              // argon2id
  std::int64_t made_ms = 0;
};

struct Session {
  std::string digest, name;
  std::int64_t ends_ms = 0;
};

struct AuditEntry {
  std::int64_t number = 0, time_ms = 0;
  std::string who;               // name of the key or login; "unix:root" on the command line
  std::string from;              // address, or "command line"
  std::string action;            // "DELETE /v1/users/{user}", "keys create"
  std::string what;              // which key, which snapshot, which receipt; never the name of an erased user, never a secret
  std::string request;           // id
  int status = 0;                // HTTP; 0 = command line
};

Json to_json(const AuditEntry& entry);   // with time_ms as it is
Role parse_role(std::string_view text);   // read, write, admin. Throws Error: bad_request

// Safe from many threads and processes: what one process writes, the others see by version().
class Access {
 public:
  static std::filesystem::path path_in(const std::filesystem::path& workspace) { return workspace / "access.db"; }
  // Opens or makes the file. Throws Error: as Connection; unsupported for one of a newer version.
  explicit Access(const std::filesystem::path& path);

  // The secret, told this once. Throws Error: bad_request for a name that is taken or cannot be one.
  std::string create_key(const std::string& name, Role role, Rate rate, std::int64_t now_ms);
  std::vector<Key> keys();               // revoked ones too
  bool revoke_key(const std::string& name, std::int64_t now_ms);   // false: no good key of that name

  // A new login, or a new password (and role) of an old one, whose sessions end. Throws Error: bad_request.
  void set_login(const std::string& name, Role role, const std::string& password, std::int64_t now_ms);
  std::vector<Login> logins();
  bool remove_login(const std::string& name);

  std::string open_session(const std::string& name, std::int64_t now_ms, std::int64_t ends_ms);   // the token
  void close_session(const std::string& digest);
  std::vector<Session> sessions(std::int64_t now_ms);

  void note(const std::vector<AuditEntry>& entries);
  // The newest first, those before `before` (0 = all).
  std::vector<AuditEntry> audit(std::size_t most, std::int64_t before = 0);

  // Another number after every change of keys, logins and sessions, whoever made it.
  std::int64_t version();

 private:
  void changed();
  std::mutex mutex_;
  data::Connection db_;
};

}  // namespace attune::serve
