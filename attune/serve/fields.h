// Fields: what a request says, read with checks; each mistake is a Refusal naming the field and the fix.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/serve/http.h"

namespace attune::serve {

// Query parameters. Absent = the value given as default.
std::int64_t query_integer(const HttpRequest& request, std::string_view name, std::int64_t absent, std::int64_t least, std::int64_t most);
double query_number(const HttpRequest& request, std::string_view name, double absent, double least, double most);
bool query_flag(const HttpRequest& request, std::string_view name, bool absent);          // true, false, 1, 0, yes, no; alone = true
std::string query_text(const HttpRequest& request, std::string_view name, std::string_view absent = "", std::size_t most_bytes = 4096);
std::vector<std::string> query_list(const HttpRequest& request, std::string_view name);   // repeated, or with commas ("a\,b" is one)

// The body as a JSON object. Throws Refusal: bad_json.
Json body_object(const HttpRequest& request);
// Members of a JSON object; unknown ones are refused by `only`, which names the nearest.
void only(const Json& object, std::initializer_list<std::string_view> known);
std::int64_t json_integer(const Json& object, std::string_view name, std::int64_t absent, std::int64_t least, std::int64_t most);
double json_number(const Json& object, std::string_view name, double absent, double least, double most);
bool json_flag(const Json& object, std::string_view name, bool absent);
std::string json_text(const Json& object, std::string_view name, std::string_view absent = "", std::size_t most_bytes = 65536);
std::vector<std::string> json_list(const Json& object, std::string_view name, std::size_t most = 10000);

// A name of a user or an item from a path, a body: not empty, UTF-8, at most 512 bytes, no control characters.
std::string checked_name(std::string name, std::string_view field);

}  // namespace attune::serve
