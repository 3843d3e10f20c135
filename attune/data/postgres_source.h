// PostgreSQL source: rows of somebody's database as a file that can be imported.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "attune/core/progress.h"

namespace attune::data {

// The rows of a query, as CSV with a header, in a temporary file that goes with this. Read in one transaction that may not write; times
// are in UTC, NULL is an empty field.
class PostgresRows {
 public:
  // Throws Error: bad_request for a query that the server does not take (saying why), io when it cannot be reached or the disk is full,
  // bad_data when there are no rows.
  PostgresRows(const std::string& url, const std::string& query, const Run& run);
  ~PostgresRows();
  PostgresRows(const PostgresRows&) = delete;
  PostgresRows& operator=(const PostgresRows&) = delete;

  const std::filesystem::path& file() const noexcept { return file_; }
  std::uint64_t rows() const noexcept { return rows_; }

 private:
  std::filesystem::path file_;
  std::uint64_t rows_ = 0;
};

// SELECT * of a table: "orders", "shop.orders".
std::string query_of_table(const std::string& table);
// For messages and for the record of rows set aside: the database without the password, and the table or "query".
std::string shown_source(const std::string& url, const std::string& table);

}  // namespace attune::data
