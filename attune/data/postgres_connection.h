// PostgreSQL connection: one session, statements with values in, rows out, errors as Error. For the PostgreSQL store only.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/error.h"
#include "attune/data/postgres_target.h"

struct pg_conn;
struct pg_result;

namespace attune::data {

// The server is not there, has ended the session or takes no more: trying again later may help.
class PostgresGone final : public Error {
 public:
  PostgresGone(const std::string& message, bool full) : Error(Code::io, message), is_full(full) {}
  bool is_full;          // no connection is free
};

// A value of a statement, as text; nullopt is NULL.
class PgValue {
 public:
  PgValue(std::nullptr_t) {}                                                     // NOLINT: values are given as they are
  PgValue(std::int64_t number) : text_(std::to_string(number)) {}                // NOLINT
  PgValue(std::uint64_t number) : text_(std::to_string(number)) {}               // NOLINT
  PgValue(int number) : text_(std::to_string(number)) {}                         // NOLINT
  PgValue(bool flag) : text_(flag ? "t" : "f") {}                                // NOLINT
  PgValue(double number);                                                        // NOLINT
  PgValue(std::string_view text);                                                // NOLINT: any bytes (postgres_text.h)
  PgValue(const std::string& text) : PgValue(std::string_view(text)) {}          // NOLINT
  PgValue(const char* text) : PgValue(std::string_view(text)) {}                 // NOLINT
  static PgValue list(std::span<const std::int64_t> numbers);                     // for bigint[]
  static PgValue list(std::span<const std::string_view> texts);                   // for text[]
  const std::optional<std::string>& text() const noexcept { return text_; }

 private:
  std::optional<std::string> text_;
};

// What a statement answered, all of it.
class PgRows {
 public:
  explicit PgRows(pg_result* result);
  std::size_t size() const noexcept;
  std::size_t columns() const noexcept;
  std::string_view column(std::size_t column) const noexcept;     // its name
  bool is_null(std::size_t row, std::size_t column) const noexcept;
  std::int64_t integer(std::size_t row, std::size_t column) const;   // 0 for NULL
  double real(std::size_t row, std::size_t column) const;
  std::string text(std::size_t row, std::size_t column) const;    // our bytes; empty for NULL
  std::string_view raw(std::size_t row, std::size_t column) const noexcept;   // as PostgreSQL gave it
  std::uint64_t changed() const noexcept;                          // rows an INSERT, UPDATE or DELETE touched

 private:
  std::shared_ptr<pg_result> result_;
};

// Belongs to one thread at a time.
class PgConnection {
 public:
  // Throws PostgresGone when the server cannot be reached, Error saying what to do when it refuses.
  enum class Use { store, foreign };     // foreign: somebody else's tables, whose queries are the caller's
  explicit PgConnection(const PostgresTarget& target, Use use = Use::store);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;
  PgConnection& operator=(const PgConnection&) = delete;

  PgRows query(const char* sql, std::initializer_list<PgValue> values = {});   // sql must be a literal: prepared once, kept by its address
  PgRows once(const std::string& sql, std::initializer_list<PgValue> values = {});   // not kept
  PgRows execute(const std::string& sql);              // several statements at once, without values: the last one's answer
  void copy(const char* sql, std::string_view rows);   // COPY ... FROM STDIN, in text format
  void copy_out(const std::string& sql, const std::function<void(std::string_view row)>& sink);   // COPY ... TO STDOUT, a row at a time
  bool is_sound() const noexcept;
  const PostgresTarget& target() const noexcept { return target_; }
  int socket() const noexcept;
  bool take_notifications();                           // reads what has come: was there one

 private:
  PgRows checked(pg_result* result);
  [[noreturn]] void fail(pg_result* result);

  const PostgresTarget& target_;
  const Use use_;
  pg_conn* session_ = nullptr;
  bool is_lost_ = false;
  std::map<const char*, std::string> prepared_;
};

// Appends one field of a row for copy().
void add_field(std::string& out, std::string_view text);

}  // namespace attune::data
