// Protocol `dialogues`: simulated users talk to the chat about a workspace that has not learned their last basket; how often they
// find an item of it, how soon, and how much is lost on the way, against the same list paged through without a word.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "attune/core/progress.h"
#include "attune/data/record.h"
#include "attune/engine/engine.h"
#include "attune/eval/table.h"
#include "attune/talk/people/person.h"

namespace attune::talk::people {

// A customer and an item of their last basket that they never took before.
struct Case {
  std::string user, hidden;
};
struct HeldOut {
  data::Batch batch;             // items and events without the last baskets of those asked about
  std::vector<Case> cases;
};
// `events` in any order. A basket is the events of the last one's session; without a session the last event alone. Users with three
// other items before it, at most `users`, drawn by the seed; visitors without an account ("session:...") are left out.
HeldOut hold_out(std::vector<data::Record> items, const std::vector<data::Event>& events, std::size_t users, std::uint64_t seed);

struct Options {
  std::string language = "en";   // of the people
  std::size_t users = 300;
  int k = 10, turns = 5;
  std::uint64_t seed = 1;
};

// What slips cost: the share of those who found it without slips, less those who only found it with them. The same people say the same
// in both conversations as long as the same is shown to them; users are resampled with both (paired bootstrap).
struct Fall {
  double share = 0, low = 0, high = 0;               // 1 - found with slips / found without, 95 % interval
  std::size_t lost = 0, gained = 0;                  // users who found it only without, only with slips
};

// One kind of people, with or without slips.
struct Row {
  Kind kind = Kind::points;
  bool slips = false;
  std::size_t users = 0, found = 0, plain = 0;       // plain: found within as many pages of the list without talk
  double turns = 0, plain_pages = 0;                 // of those found, the mean
  double regret = 0;                                 // a user, the mean
  std::size_t misled = 0, items_named = 0, items_unknown = 0;
  double p50_ms = 0, p99_ms = 0;
  std::vector<bool> who_found;                       // [users]
  std::optional<Fall> fall;                          // of rows with slips
  double found_share() const { return users == 0 ? 0 : static_cast<double>(found) / static_cast<double>(users); }
  double plain_share() const { return users == 0 ? 0 : static_cast<double>(plain) / static_cast<double>(users); }
};
struct DialogueReport {
  std::vector<Row> rows;         // points, critic, asks; then the same with slips
  Options options;
  eval::Table table() const;
  Json to_json() const;
};
// `engine` was fitted on HeldOut::batch. Cases whose item it does not know are passed over. Throws Error: bad_data when none is left.
DialogueReport judge(const engine::Engine& engine, const std::vector<Case>& cases, const Options& options, const Run& run);

// The whole protocol over a workspace: holds out, fits a copy in `work` (emptied before and removed after), judges.
DialogueReport judge_workspace(const engine::Workspace& workspace, const engine::Settings& settings, const std::filesystem::path& work, const Options& options, const Run& run);

}  // namespace attune::talk::people
