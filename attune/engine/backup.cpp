// Backup: see the header.
#include "attune/engine/backup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "attune/core/archive.h"
#include "attune/core/clock.h"
#include "attune/core/error.h"
#include "attune/data/sqlite_connection.h"
#include "attune/engine/snapshot.h"

namespace attune::engine {
namespace fs = std::filesystem;
namespace {

constexpr const char* kVersion = "0.1.0";
constexpr const char* kKeys = "access.db";
constexpr int kWaitMs = 10000;
constexpr const char *kBegin = "attune-", *kEnd = ".tar";

// A file that is gone when this ends.
struct Passing {
  fs::path path;
  explicit Passing(fs::path p) : path(std::move(p)) {
    ::unlink(path.c_str());
    if (const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600); fd >= 0) ::close(fd);   // SQLite fills an empty file
  }
  ~Passing() { ::unlink(path.c_str()); }
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;
};

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

// The database as it is now, whoever writes to it meanwhile.
void copy_database(const fs::path& from, const fs::path& to) { data::Connection(from.string(), kWaitMs).execute("VACUUM INTO " + quoted(to.string())); }

// What backups that were killed have left beside this one.
void drop_leftovers(const fs::path& file) {
  std::error_code problem;
  const std::string begin = file.filename().string() + ".part";
  for (const auto& entry : fs::directory_iterator(file.has_parent_path() ? file.parent_path() : fs::path("."), problem)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(begin)) continue;
    const int process = std::atoi(name.c_str() + begin.size());
    if (process > 0 && ::kill(process, 0) == 0 && process != ::getpid()) continue;
    ::unlink(entry.path().c_str());
  }
}

// Opened all at once: a fit that ends meanwhile may delete the oldest snapshot, whose bytes stay readable.
std::vector<std::pair<std::string, MappedFile>> open_below(const fs::path& folder, const std::string& name, const Run& run) {
  std::vector<std::pair<std::string, MappedFile>> files;
  std::error_code problem;
  for (auto it = fs::recursive_directory_iterator(folder / name, problem); !problem && it != fs::recursive_directory_iterator(); it.increment(problem)) {
    run.check();
    if (it->is_regular_file(problem)) files.emplace_back(fs::relative(it->path(), folder).string(), MappedFile(it->path()));
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return files;
}

BackupFacts facts_of(const Archive& archive, const fs::path& file) {
  const Json& json = archive.facts();
  const auto count = [&](const char* key) { return static_cast<std::uint64_t>(json.at(key).as_integer()); };
  BackupFacts facts{.bytes = fs::file_size(file), .events = count("events"), .users = count("users"), .items = count("items"), .sequence = count("sequence")};
  facts.made_ms = json.at("made_ms").as_integer();
  facts.snapshots = count("snapshots");
  facts.version = json.at("version").as_string();
  facts.has_store = json.at("has_store").as_bool();
  return facts;
}

void check_store(const Workspace& workspace, const fs::path& file) {
  const auto store = data::open_sqlite(workspace.store_path().string());   // brings an older one up to date
  const std::vector<std::string> damage = store->damage();
  if (!damage.empty()) throw Error(Code::bad_data, "the store in " + file.string() + " is damaged: " + damage.front());
}

}  // namespace

Json to_json(const BackupFacts& facts) {
  Json json = Json::object();
  json["made_ms"] = facts.made_ms;
  json["version"] = facts.version;
  json["has_store"] = facts.has_store;
  json["events"] = facts.events;
  json["users"] = facts.users;
  json["items"] = facts.items;
  json["sequence"] = facts.sequence;
  json["snapshots"] = facts.snapshots;
  return json;
}

BackupFacts back_up(const Workspace& workspace, const fs::path& file, const BackupOptions& options, const Run& run) {
  std::error_code problem;
  if (fs::is_directory(file, problem)) throw Error(Code::bad_request, file.string() + " is a folder; give the name of a file");
  drop_leftovers(file);
  BackupFacts facts{.made_ms = now_ms(), .version = kVersion};
  ArchiveWriter archive(file);
  // Snapshots first: each was fitted on a log that the store, copied after, holds whole.
  std::vector<std::pair<std::string, MappedFile>> files;
  for (int tries = 0;; ++tries) try {
      files.clear();
      facts.snapshots = 0;
      for (const std::string& name : snapshot_names(workspace.snapshots_path())) {
        auto found = open_below(workspace.folder(), "snapshots/" + name, run);
        facts.snapshots += found.empty() ? 0 : 1;
        std::move(found.begin(), found.end(), std::back_inserter(files));
      }
      break;
    } catch (const Error& e) {
      if (e.code() != Code::not_found || tries == 3) throw;   // one was just deleted by a fit: look again
    }
  if (options.vectors)
    for (auto& one : open_below(workspace.folder(), "vectors", run)) files.push_back(std::move(one));
  archive.add("attune.toml", read_file(workspace.settings_path()), MappedFile(workspace.settings_path()).mode());
  facts.has_store = workspace.store_url().empty();
  const std::string beside = file.string() + ".part" + std::to_string(::getpid());
  for (const fs::path& database : {workspace.store_path(), workspace.folder() / kKeys}) {
    if (!fs::exists(database, problem)) continue;
    run.report("copying " + database.filename().string(), 0, 0);
    run.check();
    const Passing copy(beside + database.filename().string());
    copy_database(database, copy.path);
    if (database == workspace.store_path()) {
      data::Connection look(copy.path.string(), kWaitMs);
      const auto count = [&](const char* sql) { return static_cast<std::uint64_t>(look.number(sql)); };
      facts.events = count("SELECT events FROM totals");
      facts.users = count("SELECT users FROM totals");
      facts.items = count("SELECT items FROM totals");
      facts.sequence = count("SELECT last_sequence FROM totals");
    }
    archive.add(database.filename().string(), MappedFile(copy.path).bytes(), MappedFile(database).mode());
  }
  std::size_t done = 0;
  for (const auto& [name, mapped] : files) {
    run.report("writing " + name, done++, files.size());
    run.check();
    archive.add(name, mapped.bytes(), mapped.mode());
  }
  if (const std::string pin = pinned(workspace.snapshots_path()); !pin.empty()) archive.add("snapshots/.pinned", pin + "\n");
  facts.bytes = archive.close(to_json(facts));
  return facts;
}

BackupFacts check_backup(const fs::path& file) { return facts_of(Archive(file), file); }

BackupFacts restore(const fs::path& file, const fs::path& folder, const Run& run) {
  std::error_code problem;
  if (fs::exists(folder, problem) && (!fs::is_directory(folder, problem) || !fs::is_empty(folder, problem)))
    throw Error(Code::bad_request, folder.string() + " holds something already; name a new folder with -w, and put that in its place when it is sound");
  run.report("checking " + file.string(), 0, 0);
  const Archive archive(file);
  const BackupFacts facts = facts_of(archive, file);
  const fs::path name = folder.filename().empty() ? folder.parent_path() : folder;   // "shop/"
  const fs::path beside = name.string() + ".part" + std::to_string(::getpid());
  fs::remove_all(beside, problem);
  fs::create_directories(beside, problem);
  if (problem) throw Error(Code::io, "cannot make the folder " + beside.string() + ": " + problem.message());
  try {
    run.report("writing " + folder.string(), 0, 0);
    archive.unpack(beside);
    for (const char* part : {"vectors", "snapshots", "reports"}) fs::create_directories(beside / part);
    const Workspace workspace = Workspace::open(beside);
    workspace.settings();
    if (facts.has_store) check_store(workspace, file);
    fs::rename(beside, name);
  } catch (const fs::filesystem_error& e) {
    fs::remove_all(beside, problem);
    throw Error(Code::io, "cannot make " + folder.string() + ": " + e.code().message());
  } catch (...) {
    fs::remove_all(beside, problem);
    throw;
  }
  return facts;
}

fs::path backup_name(const fs::path& folder, std::int64_t now) {
  const std::time_t seconds = now / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H-%M-%SZ", &utc);
  return folder / (std::string(kBegin) + text + kEnd);
}

std::size_t prune_backups(const fs::path& folder, std::size_t keep) {
  std::vector<fs::path> all;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    const std::string name = entry.path().filename().string();
    // attune-2026-03-01T10-20-30Z.tar and nothing else
    const std::string form = "attune-0000-00-00T00-00-00Z.tar";
    const bool is_ours = name.size() == form.size() && std::equal(name.begin(), name.end(), form.begin(), [](char a, char b) { return b == '0' ? a >= '0' && a <= '9' : a == b; });
    if (is_ours && entry.is_regular_file(problem)) all.push_back(entry.path());
  }
  std::sort(all.begin(), all.end());
  std::size_t gone = 0;
  while (all.size() - gone > keep) fs::remove(all[gone++], problem);
  return gone;
}

}  // namespace attune::engine
