// Records: what goes into the log and the tables, by name; ids are given later, by Catalogue and Dataset.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "attune/core/json.h"

namespace attune::data {

// One thing that happened. Equal events (all fields) are one event: importing twice changes nothing.
struct Event {
  std::string user;                 // never empty; a visitor without an account is "session:..."
  std::string item;                 // never empty
  std::string type = "event";       // "purchase", "view", ...: see [events.NAME]
  std::optional<double> value;      // rating, quantity, seconds: finite
  std::int64_t time_ms = 0;         // since 1970 UTC
  std::string session;              // basket, invoice or visit it belongs to; empty = not known
  std::string request;              // request id of the list it answers; empty = none
  friend bool operator==(const Event&, const Event&) = default;
};

// An item or a user: its text and attributes. A later record of the same name replaces text if it has one, and the
// attributes it names.
struct Record {
  std::string name;                         // never empty
  std::string text;                         // what the encoder reads: title, description
  Json attributes = Json::object();         // {"price": 3.5, "category": ["kitchen", "red"], ...}
  std::int64_t created_ms = 0;              // 0 = not known
  bool hidden = false;                      // never recommended, still explains and counts in histories
};

// Takes a later record of the same name in. created_ms is replaced when known, hidden always.
// True when that changed anything.
bool merge(Record& record, const Record& later);
// Throws Error: bad_request for an empty user or item or a value that is not finite, naming the event.
void check(const Event& event);

// A row that could not be read or was set aside, kept for `attune doctor`.
struct Rejection {
  std::string file;
  std::uint64_t line = 0;        // from 1; 0 = not from a line
  std::string reason;            // "time '31.02.2020' is no date", stable start so that reasons can be counted
  std::string text;              // the row itself, at most 500 bytes
};

}  // namespace attune::data
