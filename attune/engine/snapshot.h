// Snapshot: all that was fitted, sealed in one folder: a manifest with hashes, settings, seeds and figures, one file per part.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "attune/core/json.h"
#include "attune/data/catalogue.h"
#include "attune/engine/reader.h"
#include "attune/rank/stacker.h"
#include "attune/rank/world.h"

namespace attune::engine {

struct Snapshot {
  std::string name;                                  // "2026-03-01T10-20-30Z": sorts by time
  Json manifest;
  data::Sequence until = 0;                          // last event of the log that was fitted
  std::shared_ptr<const data::Catalogue> catalogue;  // fitted items
  std::shared_ptr<const Reader> reader;
  std::vector<rank::Source> sources;
  rank::FusionWeights weights;
  std::shared_ptr<const rank::Stacker> stacker;      // null = none
  std::shared_ptr<const Matrix> vectors;             // for diversity and similar items: [items, dim] rows of length 1; may be null
  std::shared_ptr<const std::vector<std::uint32_t>> popularity;
};

// Rows of length 1 from the first encoder with sentence vectors; null: there is none.
std::shared_ptr<const Matrix> diversity_vectors(const Reader& reader);

// Writes every part beside, then renames the folder: a snapshot is there whole or not at all. Fills snapshot.name and
// snapshot.manifest. Throws Error: io (disk full: nothing remains).
void seal(Snapshot& snapshot, const Json& record, const std::filesystem::path& snapshots_folder);

// Opens one, checking every hash. Throws Error: bad_data (damaged, saying which part), unsupported (newer format), not_found.
std::shared_ptr<const Snapshot> open_snapshot(const std::filesystem::path& folder);

// The newest that is sound; damaged ones are remarked on and passed over. nullptr: there is none. Throws Error when there
// are some and none can be used.
std::shared_ptr<const Snapshot> open_newest(const std::filesystem::path& snapshots_folder, const Run& run);
// The one to answer from: the pinned one if it is sound, else the newest that is. As open_newest otherwise.
std::shared_ptr<const Snapshot> open_chosen(const std::filesystem::path& snapshots_folder, const Run& run);
// The snapshot that stays in service whatever is fitted later (a roll back); empty = none, the newest serves.
std::string pinned(const std::filesystem::path& snapshots_folder);
// Throws Error: not_found for a name that is not there. Empty takes the pin away.
void pin(const std::filesystem::path& snapshots_folder, const std::string& name);
// Names, newest first.
std::vector<std::string> snapshot_names(const std::filesystem::path& snapshots_folder);
// Deletes what fits that were killed have left; call it while holding the lock for fits.
void drop_unfinished(const std::filesystem::path& snapshots_folder);
// Deletes all but the newest `keep` and the pinned one.
void prune(const std::filesystem::path& snapshots_folder, int keep);

}  // namespace attune::engine
