// SQLite writer: what one write does to the tables, inside one transaction. For the SQLite store only.
// Cost: about 1 us an event in bulk; a single append is one sync of the disk.
#pragma once
#include <span>
#include <string_view>

#include "attune/data/amend.h"
#include "attune/data/sqlite_connection.h"
#include "attune/data/store.h"

namespace attune::data {

// The one row of the table `totals`.
struct Totals {
  std::int64_t last_sequence = 0, last_record = 0, events = 0, users = 0, items = 0, exposures = 0, rejections = 0, imports = 0, first_ms = 0,
               last_ms = 0, last_change = 0;
};
Totals read_totals(Connection& connection);

// Lives as long as one transaction on the connection; finish() before the commit.
class SqliteWriter {
 public:
  explicit SqliteWriter(Connection& connection) : connection_(connection), totals_(read_totals(connection)) {}

  Appended append(std::span<const Event> events);
  Appended amend(std::span<const Event> events, Amend how);
  std::uint64_t retract(std::string_view user, std::string_view item, std::string_view type);
  bool put(Kind kind, std::span<const Record> records);  // did it change anything
  std::uint64_t reject(std::span<const Rejection> rows);  // how many were new
  void log_import(const Batch& batch, const Appended& done);
  void log_exposure(const Exposure& exposure);
  std::uint64_t forget_exposures(std::int64_t before_ms, std::size_t most);
  Receipt erase(Kind kind, std::string_view name);
  void finish();

 private:
  // What is taken out of the log with user, item and (0 = any) type: how many, and the sum of their values.
  struct TakenOut {
    std::uint64_t count = 0;
    std::optional<double> value;
  };
  TakenOut take_out(std::int64_t user, std::int64_t item, std::int64_t type);
  std::int64_t number_of(const char* sql, std::string_view name);   // 0 = unknown
  void look_at_times();

  Connection& connection_;
  Totals totals_;
  bool is_first_lost_ = false, is_last_lost_ = false;   // an event of that time was taken out
};

}  // namespace attune::data
