// Engine: one workspace, ready to answer. The door of the library: names come in, names go out.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "attune/data/amend.h"
#include "attune/data/store.h"
#include "attune/engine/answer.h"
#include "attune/engine/live.h"
#include "attune/engine/snapshot.h"
#include "attune/engine/workspace.h"

namespace attune::engine {

// What others wrote to the store: other services, or commands beside this one.
struct Caught {
  std::vector<data::StoredEvent> events;    // in the order of the log; too many to be listed: empty, and has_many
  bool has_many = false;
  std::vector<data::Record> items;          // put or changed
  std::vector<data::Receipt> receipts;      // erasures
  bool is_empty() const noexcept { return events.empty() && !has_many && items.empty() && receipts.empty(); }
};

// Safe from any thread.
class Engine {
 public:
  // Opens the store, the newest sound snapshot and the live state. Throws Error: not_found when nothing was fitted yet,
  // saying which command does that.
  Engine(const Workspace& workspace, const Settings& settings, const Run& run);
  ~Engine();

  // Durable, and in the next answer. Throws Error: bad_request.
  data::Appended observe(std::span<const data::Event> events);
  // Several observations in one commit: what each brought, in order. All are taken or none.
  std::vector<data::Appended> observe(std::span<const std::vector<data::Event>> groups);
  // Events that take the place of those before them, or are taken back (data/amend.h): durable, and in the next answer. What models
  // learned from them goes with the next fit.
  data::Appended amend(std::span<const data::Event> events, data::Amend how);
  std::uint64_t retract(const std::string& user, const std::string& item, const std::string& type = "");
  void put(const data::Record& item);
  void put(std::span<const data::Record> items);   // in one commit
  // Users: durable; what models know of them follows with the next fit.
  void put_user(const data::Record& user);
  void put_users(std::span<const data::Record> users);   // in one commit
  // A small value of the workspace that all who open it share (experiments, ...). Durable on return.
  void set_meta(std::string_view key, std::string_view value);
  // Lists that were shown (of asks with log_exposure = false), many in one write.
  void log(std::span<const data::Exposure> shown);
  void rate(const data::ListRating& rating);
  // Lists shown before a moment are forgotten, oldest first: how many they were.
  std::uint64_t forget_exposures(std::int64_t before_ms);
  data::Receipt erase(data::Kind kind, const std::string& name);

  // Throws Error: not_found for an unknown user with nothing else to go by (unless `allow_unknown`), or an unknown item in
  // history; bad_request for a filter that cannot be read.
  List recommend(const Ask& ask) const;
  // Items most like one, by how people take them and by text; `ask` gives k, filter, exclude, language.
  List similar(const std::string& item, const Ask& ask) const;
  // Items whose text fits the words best: text alone, no behaviour.
  List search(const std::string& text, const Ask& ask) const;
  WhyAnswer explain(const Ask& ask, const std::string& item) const;
  // Takes the pinned snapshot, or the newest when none is pinned, if it is not in service yet. True when it changed.
  bool reload(const Run& run);

  // Waits until another process has written to the store, at most so long, and takes what it wrote into the live state. Returns at once
  // with nothing when the store belongs to this process alone (is_shared() = false). For one thread. Throws Error: io.
  Caught follow(int most_ms, const Run& run);
  bool is_shared() const noexcept;

  std::shared_ptr<const Snapshot> snapshot() const;   // in service now
  std::shared_ptr<const rank::World> world() const;   // its items with those put and erased since
  const data::Store& store() const;
  const Settings& settings() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attune::engine
