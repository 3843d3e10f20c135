// PostgreSQL writer: what one write does to the tables, inside one transaction. For the PostgreSQL store only.
// Cost: a single append is four round trips and one sync of the server's disk; bulk goes by COPY.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "attune/data/amend.h"
#include "attune/data/catalogue.h"
#include "attune/data/postgres_connection.h"
#include "attune/data/store.h"

namespace attune::data {

// The one row of the table `totals`.
struct PgTotals {
  std::int64_t last_sequence = 0, last_record = 0, last_change = 0, last_name = 0, last_receipt = 0, events = 0, users = 0, items = 0, rejections = 0, imports = 0,
               first_ms = 0, last_ms = 0;
};
PgTotals totals_of(const PgRows& rows);
inline constexpr const char* kTotalColumns =
    "last_sequence, last_record, last_change, last_name, last_receipt, events, users, items, rejections, imports, first_ms, last_ms";

// Numbers of names that the writer has met, kept from one transaction to the next while nobody erases. Belongs to the writer.
struct KnownNames {
  NameMap<std::int64_t> users, items, types;
  std::int64_t receipt = -1;    // the last erasure they were read after
  void clear();
};

// Who writes, and its how manieth write this is.
struct WriteMark {
  std::string name;
  std::int64_t number = 0;
};

// Lives as long as one transaction; finish() commits. Destroyed without it: nothing is rolled back here, the store does that.
class PostgresWriter {
 public:
  // Begins the transaction and waits for its turn to write.
  PostgresWriter(PgConnection& connection, KnownNames& known, WriteMark mark);

  Appended append(std::span<const Event> events);
  std::vector<Appended> append(std::span<const std::vector<Event>> groups);    // what each brought; one look and one copy for all
  Appended amend(std::span<const Event> events, Amend how);
  std::uint64_t retract(std::string_view user, std::string_view item, std::string_view type);   // empty type: all
  bool put(Kind kind, std::span<const Record> records);   // did it change anything
  std::uint64_t reject(std::span<const Rejection> rows);   // how many were new
  void log_import(const Batch& batch, const Appended& done);
  Receipt erase(Kind kind, std::string_view name);
  void finish();

 private:
  struct TakenOut {
    std::uint64_t count = 0;
    std::optional<double> value;
  };
  TakenOut take_out(std::string_view user, std::string_view item, std::optional<std::string_view> type);   // without a type: of all
  void look_at_times();

  PgConnection& connection_;
  KnownNames& known_;
  PgTotals totals_;
  WriteMark mark_;
};

// Waits until no other write is under way, then says whether this one was kept.
bool was_kept(PgConnection& connection, const WriteMark& mark);
// Appends what is new, in the order given, and counts it in `totals`. For each event whether it was known (1) or not (0).
std::vector<std::uint8_t> append_events(PgConnection& connection, PgTotals& totals, KnownNames& known, std::span<const Event> events);

}  // namespace attune::data
