// Store: the log and the tables of one workspace. The log is the truth; everything later can be rebuilt from it.
// All methods are safe from many threads; one writer at a time, readers see the last finished write.
// Two processes on one store: both may read; a second writer waits up to 10 s, then throws Error: io saying who holds it.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/data/record.h"

namespace attune::data {

// Place of an event in the log: 1, 2, 3, ...; 0 = before the first. Never reused, not even after an erasure.
using Sequence = std::uint64_t;

struct StoredEvent {
  Sequence sequence = 0;
  Event event;
};

enum class Kind { item, user };

// What an erasure took away, kept as its receipt (without the name, only its hash, so that it can be proven).
struct Receipt {
  std::string id;
  Kind kind = Kind::user;
  std::string name_hash;   // hash_hex(id + ":" + name): shows that a name was erased, does not give it
  std::uint64_t events = 0, exposures = 0, records = 0, rejections = 0;
  std::int64_t time_ms = 0;
  Sequence sequence = 0;   // last event in the log at that moment: snapshots sealed before it may still hold aggregates
};

// Is this the receipt of erasing `name`.
bool proves(const Receipt& receipt, std::string_view name);

// One list that was shown. `items`, `scores`, `propensities` are of one length.
struct Exposure {
  std::string request, user, snapshot;
  std::int64_t time_ms = 0;
  std::vector<std::string> items;
  std::vector<float> scores, propensities;
  std::string note;          // how the list came about: experiments, teams; JSON, or empty. No names of users.
};

// What somebody said of a list that was shown to them.
struct ListRating {
  std::string request, user;
  double value = 0;          // 0 = useless .. 1 = just right
  std::string comment;
  std::int64_t time_ms = 0;
};

// What one append did: `accepted` new events, `repeated` ones that were already there.
struct Appended {
  Sequence last = 0;
  std::uint64_t accepted = 0, repeated = 0;
};

// Everything one import brings, taken into the store in one transaction or not at all.
struct Batch {
  std::vector<Record> items, users;
  std::vector<Event> events;
  std::vector<Rejection> rejections;
  std::string source;     // file names, for the import's record
  Json report;            // counts of the cleaning, kept with the import
};

// One trial of a study of tuning: settings and how good they were, in the words of whoever tried. No names of users or items.
struct StoredTrial {
  std::string study;         // what was asked: trials of one study belong together and are comparable
  std::uint64_t number = 0;  // within the study
  std::int64_t time_ms = 0;
  Json result;
};

// Users and items are names known from records or events; imports are those that brought something.
struct StoreCounts {
  std::uint64_t events = 0, users = 0, items = 0, exposures = 0, rejections = 0, imports = 0;
  Sequence last = 0;
  std::int64_t first_ms = 0, last_ms = 0;  // times of the oldest and newest event
  std::uint64_t size_bytes = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Durable on return (fsync). Repeats of events already in the log (all fields equal) are counted, not stored.
  // Throws Error: bad_request for an empty user or item, a value that is not finite; io when the disk says no.
  virtual Appended append(std::span<const Event> events) = 0;
  // Several appends in one commit: what each did, in order. All are durable on return, or none was taken.
  virtual std::vector<Appended> append_groups(std::span<const std::vector<Event>> groups);
  // Inserts or updates items or users (see merge in record.h). Durable on return.
  // Throws Error: bad_request for an empty name.
  virtual void put(Kind kind, std::span<const Record> records) = 0;
  // All of it in one transaction. Durable on return. Rejections already known (all fields equal) are not stored again, and
  // a batch that brings nothing new leaves no trace: importing twice changes nothing.
  virtual Appended take(const Batch& batch) = 0;

  // Calls sink for every event after `from`, in sequence order. The sink must not write to the store.
  virtual void read_events(Sequence from, const std::function<void(const StoredEvent&)>& sink) const = 0;
  // The events of one user, oldest first (time, then sequence).
  virtual std::vector<StoredEvent> user_events(std::string_view user) const = 0;
  // Calls sink for every record, in the order of first appearance.
  virtual void read_records(Kind kind, const std::function<void(const Record&)>& sink) const = 0;
  virtual std::optional<Record> find(Kind kind, std::string_view name) const = 0;
  virtual void read_rejections(std::size_t limit, const std::function<void(const Rejection&)>& sink) const = 0;

  // Survives a kill of the process at once, a power cut with the next append (a list shown must not wait for the disk, nor
  // longer than 0.1 s for another process that writes: io then).
  // Throws Error: bad_request when items, scores and propensities differ in length.
  virtual void log_exposure(const Exposure& exposure) = 0;
  // Many at once: all, or none of them.
  virtual void log_exposures(std::span<const Exposure> exposures);
  virtual void read_exposures(const std::function<void(const Exposure&)>& sink) const = 0;
  // The list of one request; of several with one id the newest. Default: looks at all of them.
  virtual std::optional<Exposure> exposure(std::string_view request) const;
  // The newest `most` lists shown to a user, newest first. Default: looks at all of them.
  virtual std::vector<Exposure> user_exposures(std::string_view user, std::size_t most) const;
  // Events that name a list. Default: looks at all of them.
  virtual std::vector<StoredEvent> request_events(std::string_view request) const;
  // Lists shown before a moment are forgotten, oldest first, at most so many at once: how many they were. Default: none.
  virtual std::uint64_t forget_exposures(std::int64_t before_ms, std::size_t most);
  // One of the same request is replaced. Durable on return. Default: throws Error: unsupported.
  virtual void rate(const ListRating& rating);
  virtual std::optional<ListRating> rating(std::string_view request) const;
  // Calls sink for every rating, newest first, at most `most`.
  virtual void read_ratings(std::size_t most, const std::function<void(const ListRating&)>& sink) const;

  // Removes the user (events, record, exposures, rejected rows that name them) or the item (record and events).
  // The space is overwritten, not just unlinked: the name is in no file of the store after it (unless as part of something
  // else). Rejected rows name a user when its name stands in them as a word of its own.
  // Throws Error: not_found when nothing by that name is here; io when a reader keeps the old pages in use for longer than
  // the wait (erased, overwritten at the next opening).
  virtual Receipt erase(Kind kind, std::string_view name) = 0;
  virtual std::vector<Receipt> receipts() const = 0;

  // One of the same study and number is replaced. Durable on return.
  virtual void put_trial(const StoredTrial& trial) = 0;
  // Of one study, by number.
  virtual std::vector<StoredTrial> trials(std::string_view study) const = 0;
  virtual std::uint64_t forget_trials(std::string_view study) = 0;  // how many there were

  virtual StoreCounts counts() const = 0;
  // What a look at the whole file finds broken, a sentence each; empty = sound.
  virtual std::vector<std::string> damage() const { return {}; }
  // Small named values: workspace version, last cleaning report, ...
  virtual std::optional<std::string> meta(std::string_view key) const = 0;
  virtual void set_meta(std::string_view key, std::string_view value) = 0;
};

// Opens (or makes) the SQLite file. Throws Error: bad_data for a file that is no attune store or is damaged,
// unsupported for one of a newer version (saying which), io when it cannot be opened or made.
std::unique_ptr<Store> open_sqlite(const std::string& path);
std::unique_ptr<Store> open_sqlite(const std::string& path, int wait_ms);  // waits that long for another process instead of 10 s
// Lives in memory, for tests and for evaluation of files that need no workspace.
std::unique_ptr<Store> open_memory(const std::string& = "");

}  // namespace attune::data
