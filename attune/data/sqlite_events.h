// SQLite events: appending many events to the log: names to numbers, repeats found, rows and indexes written.
// For the SQLite store only.
#pragma once
#include <span>

#include "attune/data/sqlite_writer.h"

namespace attune::data {

// Appends what is new, in the order given, and counts it in `totals`. Inside a transaction.
Appended append_events(Connection& connection, Totals& totals, std::span<const Event> events);

}  // namespace attune::data
