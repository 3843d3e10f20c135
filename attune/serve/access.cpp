// Access: see the header.
#include "attune/serve/access.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "attune/core/error.h"
#include "attune/serve/secrets.h"

namespace attune::serve {
namespace {

constexpr int kVersion = 1;
constexpr int kWaitMs = 5000;
constexpr std::size_t kShortestPassword = 8, kLongestPassword = 1024, kLongestName = 64;
constexpr std::size_t kShown = 14;   // "attune-" and seven digits: 228 bits of the secret stay unknown

constexpr const char* kTables =
    "CREATE TABLE keys(number INTEGER PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, rate TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, "
    "begins TEXT NOT NULL, made_ms INTEGER NOT NULL, revoked_ms INTEGER NOT NULL DEFAULT 0);"
    "CREATE UNIQUE INDEX good_keys ON keys(name) WHERE revoked_ms = 0;"
    "CREATE TABLE logins(name TEXT PRIMARY KEY, role TEXT NOT NULL, hash TEXT NOT NULL, made_ms INTEGER NOT NULL);"
    "CREATE TABLE sessions(digest TEXT PRIMARY KEY, name TEXT NOT NULL, made_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL);"
    "CREATE TABLE audit(number INTEGER PRIMARY KEY AUTOINCREMENT, time_ms INTEGER NOT NULL, who TEXT NOT NULL, origin TEXT NOT NULL, "
    "action TEXT NOT NULL, what TEXT NOT NULL, request TEXT NOT NULL, status INTEGER NOT NULL);"
    "CREATE TABLE changes(number INTEGER NOT NULL); INSERT INTO changes VALUES(0);";

// Made before SQLite opens it, so that it is never readable by others, not even for a moment.
std::string owned(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd >= 0) ::close(fd);
  return path.string();   // what is wrong with it, Connection says
}

void check_name(const std::string& name) {
  const bool is_good = !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '@';
  });
  if (!is_good) throw Error(Code::bad_request, "'" + name.substr(0, kLongestName) + "' cannot be the name of a key or login; use 1 to 64 letters, digits, - _ . @");
}

}  // namespace

Json to_json(const AuditEntry& entry) {
  Json json = Json::object();
  json["number"] = entry.number;
  json["time_ms"] = entry.time_ms;
  json["who"] = entry.who;
  json["from"] = entry.from;
  json["action"] = entry.action;
  json["what"] = entry.what;
  json["request"] = entry.request;
  json["status"] = entry.status;
  return json;
}

Role parse_role(std::string_view text) {
  for (const Role role : {Role::read, Role::write, Role::admin})
    if (text == name(role)) return role;
  throw Error(Code::bad_request, "'" + std::string(text.substr(0, 40)) + "' is no role; there are read, write and admin");
}

Access::Access(const std::filesystem::path& path) : db_(owned(path), kWaitMs) {
  db_.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON");
  data::Transaction transaction(db_);
  const std::int64_t found = db_.number("PRAGMA user_version");
  if (found > kVersion)
    throw Error(Code::unsupported, path.string() + " is of version " + std::to_string(found) + ", this program reads up to " + std::to_string(kVersion) + "; use a newer one");
  if (found == 0) db_.execute(std::string(kTables) + "PRAGMA user_version=" + std::to_string(kVersion));
  transaction.commit();
}

void Access::changed() { db_.query("UPDATE changes SET number = number + 1").run(); }

std::string Access::create_key(const std::string& key_name, Role role, Rate rate, std::int64_t now_ms) {
  check_name(key_name);
  const std::string secret = "attune-" + random_secret();
  const std::lock_guard lock(mutex_);
  data::Transaction transaction(db_);
  auto taken = db_.query("SELECT 1 FROM keys WHERE name = ?1 AND revoked_ms = 0 UNION ALL SELECT 1 FROM logins WHERE name = ?1");
  if (taken.with(key_name).step())
    throw Error(Code::bad_request, "there is a key or login '" + key_name + "' already; take another name, or revoke that one first: attune keys revoke " + key_name);
  const std::string kept = digest(secret), rate_text = to_text(rate);
  db_.query("INSERT INTO keys(name, role, rate, digest, begins, made_ms) VALUES(?, ?, ?, ?, ?, ?)")
      .with(key_name, name(role), rate_text, kept, std::string_view(secret).substr(0, kShown), now_ms)
      .run();
  changed();
  transaction.commit();
  return secret;
}

std::vector<Key> Access::keys() {
  const std::lock_guard lock(mutex_);
  std::vector<Key> found;
  auto rows = db_.query("SELECT name, role, rate, digest, begins, made_ms, revoked_ms FROM keys ORDER BY number");
  while (rows.step())
    found.push_back({.name = std::string(rows.text(0)), .role = parse_role(rows.text(1)), .rate = parse_rate(rows.text(2)), .digest = std::string(rows.text(3)),
                     .begins = std::string(rows.text(4)), .made_ms = rows.integer(5), .revoked_ms = rows.integer(6)});
  return found;
}

bool Access::revoke_key(const std::string& key_name, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  data::Transaction transaction(db_);
  db_.query("UPDATE keys SET revoked_ms = ? WHERE name = ? AND revoked_ms = 0").with(now_ms, key_name).run();
  const bool is_done = db_.changes() > 0;
  if (is_done) changed();
  transaction.commit();
  return is_done;
}

void Access::set_login(const std::string& login, Role role, const std::string& password, std::int64_t now_ms) {
  check_name(login);
  if (password.size() < kShortestPassword || password.size() > kLongestPassword)
    throw Error(Code::bad_request, "a password has " + std::to_string(kShortestPassword) + " to " + std::to_string(kLongestPassword) + " bytes; three or four unrelated words are good");
  const std::string hash = password_hash(password);   // before the lock: it takes 0.1 s
  const std::lock_guard lock(mutex_);
  data::Transaction transaction(db_);
  if (db_.query("SELECT 1 FROM keys WHERE name = ? AND revoked_ms = 0").with(login).step())
    throw Error(Code::bad_request, "there is a key '" + login + "' already; the audit log could not tell the two apart: take another name");
  db_.query("INSERT INTO logins(name, role, hash, made_ms) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(name) DO UPDATE SET role = ?2, hash = ?3, made_ms = ?4")
      .with(login, name(role), hash, now_ms)
      .run();
  db_.query("DELETE FROM sessions WHERE name = ?").with(login).run();
  changed();
  transaction.commit();
}

std::vector<Login> Access::logins() {
  const std::lock_guard lock(mutex_);
  std::vector<Login> found;
  auto rows = db_.query("SELECT name, role, hash, made_ms FROM logins ORDER BY name");
  while (rows.step())
    found.push_back({.name = std::string(rows.text(0)), .role = parse_role(rows.text(1)), .hash = std::string(rows.text(2)), .made_ms = rows.integer(3)});
  return found;
}

bool Access::remove_login(const std::string& login) {
  const std::lock_guard lock(mutex_);
  data::Transaction transaction(db_);
  db_.query("DELETE FROM logins WHERE name = ?").with(login).run();
  const bool is_done = db_.changes() > 0;
  db_.query("DELETE FROM sessions WHERE name = ?").with(login).run();
  if (is_done) changed();
  transaction.commit();
  return is_done;
}

std::string Access::open_session(const std::string& login, std::int64_t now_ms, std::int64_t ends_ms) {
  const std::string token = random_secret(), kept = digest(token);
  const std::lock_guard lock(mutex_);
  data::Transaction transaction(db_);
  db_.query("DELETE FROM sessions WHERE ends_ms <= ?").with(now_ms).run();
  db_.query("INSERT INTO sessions VALUES(?, ?, ?, ?)").with(kept, login, now_ms, ends_ms).run();
  changed();
  transaction.commit();
  return token;
}

void Access::close_session(const std::string& kept) {
  const std::lock_guard lock(mutex_);
  data::Transaction transaction(db_);
  db_.query("DELETE FROM sessions WHERE digest = ?").with(kept).run();
  changed();
  transaction.commit();
}

std::vector<Session> Access::sessions(std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  std::vector<Session> found;
  auto rows = db_.query("SELECT digest, name, ends_ms FROM sessions WHERE ends_ms > ?");
  rows.with(now_ms);
  while (rows.step()) found.push_back({.digest = std::string(rows.text(0)), .name = std::string(rows.text(1)), .ends_ms = rows.integer(2)});
  return found;
}

void Access::note(const std::vector<AuditEntry>& entries) {
  if (entries.empty()) return;
  const std::lock_guard lock(mutex_);
  data::Transaction transaction(db_);
  auto insert = db_.query("INSERT INTO audit(time_ms, who, origin, action, what, request, status) VALUES(?, ?, ?, ?, ?, ?, ?)");
  for (const AuditEntry& e : entries) insert.with(e.time_ms, e.who, e.from, e.action, e.what, e.request, e.status).run();
  transaction.commit();
}

std::vector<AuditEntry> Access::audit(std::size_t most, std::int64_t before) {
  const std::lock_guard lock(mutex_);
  std::vector<AuditEntry> found;
  auto rows = db_.query("SELECT number, time_ms, who, origin, action, what, request, status FROM audit WHERE ?1 = 0 OR number < ?1 ORDER BY number DESC LIMIT ?2");
  rows.with(before, static_cast<std::int64_t>(most));
  while (rows.step())
    found.push_back({.number = rows.integer(0), .time_ms = rows.integer(1), .who = std::string(rows.text(2)), .from = std::string(rows.text(3)), .action = std::string(rows.text(4)),
                     .what = std::string(rows.text(5)), .request = std::string(rows.text(6)), .status = static_cast<int>(rows.integer(7))});
  return found;
}

std::int64_t Access::version() {
  const std::lock_guard lock(mutex_);
  return db_.number("SELECT number FROM changes");
}

}  // namespace attune::serve
