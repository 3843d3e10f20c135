// Export: the log and the tables written out again, as files that import with no flags.
// JSON lines give back exactly what was there. CSV is for other programs: names lose blanks at their ends, an attribute of
// digits in quotes comes back as a number, a list entry with a bar in it as two, and members of nested objects as text.
#pragma once
#include <functional>
#include <string_view>

#include "attune/core/progress.h"
#include "attune/data/store.h"

namespace attune::data {

enum class ExportFormat { csv, jsonl };
// "csv", "jsonl". Throws Error: bad_request for others.
ExportFormat export_format_named(std::string_view name);

// Takes the bytes of the file, piece by piece, in order.
using Bytes = std::function<void(std::string_view)>;

// user,item,time,type,value,session,request in log order; times in ISO 8601, UTC.
// Returns the number of rows. Throws Error: cancelled, or what `out` throws.
std::uint64_t export_events(const Store& store, ExportFormat format, const Bytes& out, const Run& run);
// item,text,created,hidden (or user,text,created) and every attribute that any record has, in the order of first appearance.
std::uint64_t export_records(const Store& store, Kind kind, ExportFormat format, const Bytes& out, const Run& run);

// 1291191960000 as "2010-12-01T08:26:00Z"; milliseconds only where there are any.
std::string iso_time(std::int64_t time_ms);

}  // namespace attune::data
