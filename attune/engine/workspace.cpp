// Workspace: making, finding and locking the folder.
#include "attune/engine/workspace.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/data/postgres_target.h"
#include "attune/data/stores.h"

namespace attune::engine {
namespace fs = std::filesystem;

namespace {

// The settings with the store's URL put in. A new file, so that nobody else reads it when a password is in it.
void write_settings(const fs::path& path, const std::string& store_url) {
  std::string text = starter_toml();
  if (store_url.empty()) return static_cast<void>(write_file(path, text));
  std::string quoted;
  for (const char c : store_url) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  text += "\n# Where events, items and users are kept; several services may share it. PGPASSWORD or ~/.pgpass may hold the password.\n[store]\nurl = \"" + quoted + "\"\n";
  const bool has_password = data::without_password(store_url) != store_url;
  const mode_t before = ::umask(has_password ? 0077 : 0022);
  try {
    write_file(path, text);
  } catch (...) {
    ::umask(before);
    throw;
  }
  ::umask(before);
  if (has_password) fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

}  // namespace

Workspace Workspace::init(const fs::path& folder, const std::string& store_url) {
  if (!store_url.empty()) data::postgres_target(store_url);
  std::error_code problem;
  if (fs::exists(folder, problem) && !fs::is_directory(folder, problem))
    throw Error(Code::bad_request, folder.string() + " is a file; give the name of a folder");
  fs::create_directories(folder, problem);
  if (problem) throw Error(Code::io, "cannot make the folder " + folder.string() + ": " + problem.message());
  Workspace workspace(folder);
  const bool is_new = !fs::exists(workspace.settings_path(), problem);
  if (is_new) write_settings(workspace.settings_path(), store_url);
  else if (!store_url.empty() && workspace.settings().store.url != store_url)
    throw Error(Code::bad_request, "the workspace " + folder.string() + " keeps its data in " + workspace.store_name() + " already; change [store] url in " +
                                       workspace.settings_path().string() + ", or make another workspace");
  try {
    if (workspace.store_url().empty()) data::open_sqlite(workspace.store_path().string());
    else data::open_postgres(workspace.store_url());
  } catch (...) {   // a store that cannot be reached must not be the one of every later try
    if (is_new) fs::remove(workspace.settings_path(), problem);
    throw;
  }
  for (const fs::path& part : {workspace.vectors_path(), workspace.snapshots_path(), workspace.reports_path()}) {
    fs::create_directories(part, problem);
    if (problem) throw Error(Code::io, "cannot make the folder " + part.string() + ": " + problem.message());
  }
  return workspace;
}

Workspace Workspace::open(const fs::path& folder) {
  std::error_code problem;
  const bool is_here = fs::exists(folder / "attune.toml", problem);
  if (problem && problem != std::errc::not_a_directory) throw Error(Code::io, "cannot look into " + folder.string() + ": " + problem.message());
  if (!is_here)
    throw Error(Code::not_found, "no workspace in " + folder.string() + " (no attune.toml there); make one with: attune -w " +
                                     folder.string() + " init");
  return Workspace(folder);
}

Workspace Workspace::nearest(const fs::path& from) {
  std::error_code problem;
  for (fs::path folder = fs::absolute(from, problem); !folder.empty(); folder = folder.parent_path()) {
    if (fs::exists(folder / "attune.toml", problem)) return Workspace(folder);
    if (folder == folder.parent_path()) break;
  }
  throw Error(Code::not_found, "no workspace here or in any folder above; make one with 'attune -w FOLDER init' or name one with -w");
}

Settings Workspace::settings() const { return read_settings(settings_path().string()); }

std::string Workspace::store_url() const {
  if (const char* given = std::getenv("ATTUNE_STORE_URL"); given != nullptr && *given != '\0') return given;
  return settings().store.url;
}

std::string Workspace::store_name() const {
  const std::string url = store_url();
  return url.empty() ? store_path().string() : data::without_password(url);
}

std::unique_ptr<data::Store> Workspace::store() const {
  if (const std::string url = store_url(); !url.empty()) return data::open_postgres(url);
  std::error_code problem;
  if (!fs::exists(store_path(), problem))
    throw Error(Code::not_found, "the store " + store_path().string() + " is missing; put a backup in its place, or begin with an empty one: attune -w " +
                                     folder_.string() + " init");
  return data::open_sqlite(store_path().string());
}

Workspace::Lock::~Lock() {
  if (fd_ >= 0) ::close(fd_);
}

Workspace::Lock Workspace::lock_for_fit() const {
  const fs::path path = folder_ / ".fit.lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) throw Error(Code::io, "cannot open " + path.string() + ": " + std::strerror(errno));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    std::string holder = read_file(path);
    throw Error(Code::io, "another fit is running in " + folder_.string() +
                              (holder.empty() ? "" : " (process " + holder + ")") + "; wait for it or stop it");
  }
  const std::string me = std::to_string(::getpid());
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, me.data(), me.size(), 0) < 0) { /* the number is only for the message */
  }
  return Lock(fd);
}

}  // namespace attune::engine
