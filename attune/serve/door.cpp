// Door: see the header.
#include "attune/serve/door.h"

#include "attune/core/error.h"
#include "attune/serve/refusal.h"
#include "attune/serve/secrets.h"

namespace attune::serve {
namespace {

constexpr std::chrono::milliseconds kRenew{500};
constexpr std::int64_t kSessionMs = 12 * 3600 * 1000;
constexpr std::size_t kMostNotes = 100'000;   // while the disk is full: about 30 MB, then the oldest stand
constexpr int kMostHashing = 2;               // 64 MiB and a core each

}  // namespace

struct Door::Table {
  std::int64_t version = -1;
  bool had_keys = false;                      // ever
  std::unordered_map<std::string, Holder> holders;     // by digest
  std::unordered_map<std::string, Visitor> visitors;   // by digest
  std::unordered_map<std::string, Login> logins;       // by name
};

bool is_loopback(std::string_view host) { return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127."); }

void check_door(const std::filesystem::path& workspace, const ServeSettings& settings) {
  bool has_keys = false;
  if (std::filesystem::exists(Access::path_in(workspace))) {
    Access access(Access::path_in(workspace));
    has_keys = !access.keys().empty() || !access.logins().empty();
  }
  const std::string in = "attune -w " + workspace.string() + " ";
  if (!has_keys && !is_loopback(settings.host))
    throw Error(Code::bad_request, "without keys everybody who reaches " + settings.host + " could read and change everything; make one first: " + in +
                                       "keys create --name me --role admin (or keep --host 127.0.0.1)");
  if (has_keys && settings.open_admin) throw Error(Code::bad_request, "this workspace has keys, which --open-admin would make pointless; leave it out");
}

Door::Door(const std::filesystem::path& workspace, const ServeSettings& settings, std::function<std::int64_t()> now_ms)
    : settings_(settings), now_ms_(std::move(now_ms)), access_(Access::path_in(workspace)) {
  renew();
  thread_ = std::thread([this] { work(); });
}

Door::~Door() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Door::renew() {
  const std::lock_guard lock(renewing_);
  const auto before = table_.read();
  auto next = std::make_shared<Table>();
  next->version = access_.version();          // first: what changes meanwhile is seen the next time
  if (before && before->version == next->version) return;
  std::unordered_map<std::string, std::shared_ptr<Bucket>> buckets;
  if (before)
    for (const auto& [digest, holder] : before->holders) buckets[digest] = holder.bucket;
  for (const Key& key : access_.keys()) {
    next->had_keys = true;
    if (key.revoked_ms != 0) continue;
    Holder holder{.principal = {.name = key.name, .role = key.role}, .bucket = buckets[key.digest]};
    if (!holder.bucket && key.rate.count > 0) holder.bucket = std::make_shared<Bucket>(key.rate, Bucket::Clock::now());
    next->holders.emplace(key.digest, std::move(holder));
  }
  for (const Login& login : access_.logins()) next->logins.emplace(login.name, login);
  for (const Session& session : access_.sessions(now_ms_())) {
    const auto login = next->logins.find(session.name);
    if (login == next->logins.end()) continue;
    next->visitors.emplace(session.digest, Visitor{.principal = {.name = session.name, .role = login->second.role}, .digest = session.digest, .ends_ms = session.ends_ms});
  }
  next->had_keys |= !next->logins.empty() || (before && before->had_keys);
  table_.publish(std::move(next));
}

std::optional<Door::Holder> Door::holder(std::string_view secret) const {
  const auto table = table_.read();
  const auto found = table->holders.find(digest(secret));
  if (found == table->holders.end()) return std::nullopt;
  return found->second;
}

std::optional<Door::Visitor> Door::visitor(std::string_view token) const {
  const auto table = table_.read();
  const auto found = table->visitors.find(digest(token));
  if (found == table->visitors.end() || found->second.ends_ms <= now_ms_()) return std::nullopt;
  return found->second;
}

bool Door::is_open() const { return is_loopback(settings_.host) && !table_.read()->had_keys; }

std::optional<Door::Entered> Door::log_in(const std::string& name, const std::string& password, const std::string& from) {
  const auto now = Slowdown::Clock::now();
  if (const int wait = slowdown_.wait_s(name, now); wait > 0) {
    Refusal refusal(429, "too_many_logins", "too many failed logins", "", "try again in " + std::to_string(wait) + " s");
    refusal.headers.emplace_back("Retry-After", std::to_string(wait));
    throw refusal;
  }
  if (hashing_.fetch_add(1) >= kMostHashing) {
    hashing_.fetch_sub(1);
    Refusal busy(503, "busy", "others log in just now", "", "try again in a second");
    busy.headers.emplace_back("Retry-After", "1");
    throw busy;
  }
  // An unknown name takes as long as a wrong password, so that nobody can find out names.
  const auto table = table_.read();
  const auto login = table->logins.find(name);
  bool is_right = false;
  try {
    is_right = is_password(login == table->logins.end() ? nobodys_hash() : login->second.hash, password) && login != table->logins.end();
  } catch (...) {
    hashing_.fetch_sub(1);
    throw;
  }
  hashing_.fetch_sub(1);
  AuditEntry entry{.time_ms = now_ms_(), .who = login == table->logins.end() ? "" : name, .from = from, .action = is_right ? "login" : "login failed"};
  entry.status = is_right ? 200 : 401;
  note(std::move(entry));
  if (!is_right) {
    slowdown_.failed(name, now);
    return std::nullopt;
  }
  slowdown_.succeeded(name);
  Entered entered;
  entered.visitor = {.principal = {.name = name, .role = login->second.role}, .digest = "", .ends_ms = now_ms_() + kSessionMs};
  entered.token = access_.open_session(name, now_ms_(), entered.visitor.ends_ms);
  renew();
  return entered;
}

void Door::log_out(const std::string& digest) {
  access_.close_session(digest);
  renew();
}

void Door::note(AuditEntry entry) {
  {
    const std::lock_guard lock(mutex_);
    if (notes_.size() < kMostNotes) notes_.push_back(std::move(entry));
  }
  wake_.notify_one();
}

void Door::write_notes() {
  std::vector<AuditEntry> now;
  {
    const std::lock_guard lock(mutex_);
    now.swap(notes_);
  }
  try {
    access_.note(now);
  } catch (const Error&) {   // a full disk: kept for later, in order
    const std::lock_guard lock(mutex_);
    notes_.insert(notes_.begin(), now.begin(), now.end());
  }
}

void Door::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_for(lock, kRenew, [this] { return is_over_ || !notes_.empty(); });
    const bool is_over = is_over_;
    lock.unlock();
    write_notes();
    if (is_over) return;
    try {
      renew();
    } catch (const Error&) {
      // The file cannot be read now: the rights known so far stand, and the next look may do better.
    }
    lock.lock();
    // After a failed write, wait before the next try instead of spinning.
    if (!notes_.empty()) wake_.wait_for(lock, kRenew, [this] { return is_over_; });
  }
}

}  // namespace attune::serve
