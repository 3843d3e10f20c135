// Gorse: its words in ours: users, items and feedback of Gorse's REST API as records and events, and back. For routes/gorse_*.cpp.
// Source: gorse-io/gorse, server/rest.go and storage/data/database.go (the shapes; no code).
//   Comment is the text. Labels that are an object are attributes, others the attribute "labels". Categories are the attribute
//   "categories". A feedback is an event; its Comment and Labels ride in Event::request behind "gorse:".
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/data/store.h"
#include "attune/serve/http.h"

namespace attune::serve::gorse {

inline constexpr std::size_t kBodyBytes = std::size_t{64} << 20;

// Whether a request is of this API.
inline bool is_ours(std::string_view path) { return path == "/api" || path.starts_with("/api/"); }

// A leaderboard: items by how many people gave feedback of some types.
struct Board {
  std::string name;
  std::vector<std::string> types;   // empty: every type that says liking
  int days = 0;                     // only the last so many; 0 = all
};
// "most_starred_weekly=star/7", "best=like,star". Throws Error: bad_request.
Board parse_board(const std::string& text);

// A member of an object, whatever its capitals; nullptr when absent or null.
const Json* member(const Json& object, std::string_view name);

// From a body. Each throws Refusal: 400, naming the field.
data::Record user_of(const Json& json);
data::Record item_of(const Json& json);
data::Event feedback_of(const Json& json);
// What a PATCH changes in `record`.
void patch_user(data::Record& record, const Json& json);
void patch_item(data::Record& record, const Json& json);
// `wanted` as a record that leaves nothing of `before` when a store merges it in.
data::Record replacing(data::Record wanted, const std::optional<data::Record>& before);
// What a request puts, each beside what the store has of it. `made`: user_of or item_of.
std::vector<data::Record> put_records(const data::Store& store, data::Kind kind, data::Record (*made)(const Json&), std::span<const Json> bodies);

Json user_json(const data::Record& record);
Json item_json(const data::Record& record);
// Events of one user as feedback: one for each type and item, its value the sum, its time the newest; oldest first.
std::vector<data::StoredEvent> feedback_rows(std::vector<data::StoredEvent> events);
Json feedback_json(const data::Event& row);

// Feedback in the order of the log, after `from`: at most n rows (of one type, when given), each where its newest event stands.
struct FeedbackPage {
  std::vector<data::StoredEvent> rows;
  data::Sequence until = 0;   // of the last row
  bool is_last = true;
};
FeedbackPage feedback_page(const data::Store& store, data::Sequence from, std::size_t n, const std::string& type);

std::vector<std::string> categories_of(const Json& attributes);
// The filter that passes items with all of them; "" for none.
std::string filter_of(const std::vector<std::string>& categories);

// In nearly any common form; "" is 0, which stands for no time. Throws Refusal: 400.
std::int64_t parse_time(const std::string& text, std::string_view field);
std::string time_text(std::int64_t time_ms);   // RFC 3339; 0 as the year 1
std::string http_date(std::int64_t time_ms);   // "Mon, 02 Mar 2026 09:30:00 GMT"
// "0h10m0s", "90s", "1.5h". Throws Refusal: 400.
std::int64_t parse_duration(const std::string& text, std::string_view field);
// Not empty after trimming, no '/', no control characters. Throws Refusal: 400.
// Throws Refusal: 400 unless a member that is there is a text of reasonable length; "" when it is not.
std::string text_of(const Json& json, std::string_view field);
void check_labels(const Json& labels, int depth = 0);   // throws Refusal: 400 for booleans and mixed lists
std::string checked_id(const Json* value, std::string_view field);

// Is the name known, from a record or from events alone; the record of one known from events is empty.
std::optional<data::Record> find(const data::Store& store, data::Kind kind, const std::string& name);
[[noreturn]] void unknown(data::Kind kind, const std::string& name);   // 404

HttpResponse rows_affected(std::uint64_t rows);
// A query number; Gorse answers 400 to what is none.
std::size_t query_count(const HttpRequest& request, std::string_view name, std::size_t absent);
// Of the query, repeated; empty ones do not count.
std::vector<std::string> query_categories(const HttpRequest& request);
Json body_object(const HttpRequest& request);
std::vector<Json> body_list(const HttpRequest& request);

}  // namespace attune::serve::gorse
