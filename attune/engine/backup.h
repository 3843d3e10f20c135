// Backup: a workspace in one file, made while it is in use: settings, the store as it was at one moment, the keys, every sealed snapshot.
// And a workspace made from such a file.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "attune/core/json.h"
#include "attune/core/progress.h"
#include "attune/engine/workspace.h"

namespace attune::engine {

struct BackupOptions {
  bool vectors = false;      // the cache of read texts too: larger, and the next fit reads none anew
};

// What a backup holds.
struct BackupFacts {
  std::uint64_t bytes = 0, events = 0, users = 0, items = 0, sequence = 0;
  std::int64_t made_ms = 0;
  std::size_t snapshots = 0;
  std::string version;       // of the program that made it
  bool has_store = true;     // false: the log lies on a server of its own
};
Json to_json(const BackupFacts& facts);

// Everybody may go on writing: the store is copied as of one moment (VACUUM INTO, inside one read transaction). Events acknowledged before the
// call are in it. `file` appears whole or not at all, readable for its owner alone; beside it, space for a copy of the store is needed.
// Throws Error: io (disk full, no permission), bad_data (the store is damaged), cancelled.
BackupFacts back_up(const Workspace& workspace, const std::filesystem::path& file, const BackupOptions& options, const Run& run);

// Checks all of the file and what is in it, then makes the workspace, which appears whole or not at all. A store of an older version is
// brought up to date. Throws Error: bad_data (damaged), bad_request (`folder` holds something), unsupported (made by a newer program), io.
BackupFacts restore(const std::filesystem::path& file, const std::filesystem::path& folder, const Run& run);
// The checks alone, but for the store's own.
BackupFacts check_backup(const std::filesystem::path& file);

// "attune-2026-03-01T10-20-30Z.tar" in `folder`; all but the newest `keep` of such names are deleted by prune_backups.
std::filesystem::path backup_name(const std::filesystem::path& folder, std::int64_t now_ms);
std::size_t prune_backups(const std::filesystem::path& folder, std::size_t keep);

}  // namespace attune::engine
