// PostgreSQL target: where a store is, out of a URL: postgres://user:password@host:port/database?schema=attune&sslmode=...
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attune::data {

struct PostgresTarget {
  std::vector<std::pair<std::string, std::string>> parameters;   // of libpq; with the password
  std::string schema = "attune";                                  // ours in that database
  std::string shown;                                              // for messages: without the password
};

bool is_postgres_url(std::string_view url) noexcept;             // postgres://, postgresql://
// Whatever the URL leaves out comes from libpq's own places: PGHOST, PGPASSWORD, ~/.pgpass, ...
// Throws Error: bad_request, never showing the password.
PostgresTarget postgres_target(const std::string& url);
std::string without_password(const std::string& url);            // of any URL

}  // namespace attune::data
