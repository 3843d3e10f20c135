// Workspace: one folder with settings, store, vectors, snapshots and reports.
//   attune.toml   attune.db   vectors/   snapshots/NAME/   reports/
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "attune/data/store.h"
#include "attune/engine/settings.h"

namespace attune::engine {

class Workspace {
 public:
  // Makes the folder, a commented attune.toml and an empty store. An existing workspace is left as it is.
  // `store_url`: postgres://..., written to attune.toml (readable for its owner alone when it holds a password); empty = attune.db there.
  // Throws Error: bad_request when the workspace has another store already.
  static Workspace init(const std::filesystem::path& folder, const std::string& store_url = "");
  // Throws Error: not_found saying how to make one.
  static Workspace open(const std::filesystem::path& folder);
  // The nearest parent of `from` that holds attune.toml. Throws Error: not_found.
  static Workspace nearest(const std::filesystem::path& from);

  const std::filesystem::path& folder() const noexcept { return folder_; }
  std::filesystem::path settings_path() const { return folder_ / "attune.toml"; }
  std::filesystem::path store_path() const { return folder_ / "attune.db"; }
  std::filesystem::path vectors_path() const { return folder_ / "vectors"; }
  std::filesystem::path snapshots_path() const { return folder_ / "snapshots"; }
  std::filesystem::path reports_path() const { return folder_ / "reports"; }
  Settings settings() const;                       // read anew
  std::unique_ptr<data::Store> store() const;
  std::string store_url() const;                   // ATTUNE_STORE_URL, else what attune.toml says; empty = the SQLite file
  std::string store_name() const;                  // for people: the file, or the URL without its password

  // One fit at a time per workspace, also over processes: holds until destroyed. Throws Error: io naming the holder's process.
  class Lock {
   public:
    explicit Lock(int fd) : fd_(fd) {}
    Lock(Lock&& o) noexcept : fd_(o.fd_) { o.fd_ = -1; }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock();

   private:
    int fd_;
  };
  Lock lock_for_fit() const;

 private:
  explicit Workspace(std::filesystem::path folder) : folder_(std::move(folder)) {}
  std::filesystem::path folder_;
};

}  // namespace attune::engine
