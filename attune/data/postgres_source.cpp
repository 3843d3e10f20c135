// PostgreSQL source: see the header. COPY (query) TO STDOUT, written down as it comes, so that the import may look at it twice.
#include "attune/data/postgres_source.h"

#include <postgresql/libpq-fe.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "attune/core/error.h"
#include "attune/data/postgres_connection.h"

namespace attune::data {
namespace {

constexpr std::uint64_t kRowsBetweenReports = 4096;

class File {
 public:
  explicit File(std::filesystem::path& path) {
    std::string name = (std::filesystem::temp_directory_path() / "attune-import-XXXXXX").string();
    fd_ = ::mkstemp(name.data());      // for its owner alone
    if (fd_ < 0) throw Error(Code::io, "cannot make a temporary file in " + std::filesystem::temp_directory_path().string() + ": " + std::strerror(errno) + "; TMPDIR names another folder");
    path = name;
  }
  ~File() { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  void write(const char* bytes, std::size_t size) {
    while (size > 0) {
      const ssize_t n = ::write(fd_, bytes, size);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) throw Error(Code::io, "cannot write the rows down in " + std::filesystem::temp_directory_path().string() + ": " + std::strerror(errno) + "; TMPDIR names another folder");
      bytes += n;
      size -= static_cast<std::size_t>(n);
    }
  }

 private:
  int fd_;
};

std::string quoted(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

}  // namespace

std::string query_of_table(const std::string& table) {
  const std::size_t dot = table.find('.');
  if (table.empty() || dot == 0 || dot + 1 == table.size()) throw Error(Code::bad_request, "--table takes a name: orders, or shop.orders");
  return "SELECT * FROM " + (dot == std::string::npos ? quoted(table) : quoted(table.substr(0, dot)) + "." + quoted(table.substr(dot + 1)));
}

std::string shown_source(const std::string& url, const std::string& table) { return postgres_target(url).shown + ":" + (table.empty() ? "query" : table); }

PostgresRows::PostgresRows(const std::string& url, const std::string& query, const Run& run) {
  std::string plain = query;
  while (!plain.empty() && (plain.back() == ';' || plain.back() == ' ' || plain.back() == '\n')) plain.pop_back();
  const PostgresTarget target = postgres_target(url);
  PgConnection connection(target, PgConnection::Use::foreign);
  connection.execute("BEGIN READ ONLY; SET LOCAL timezone = 'UTC'");
  try {
    File file(file_);
    connection.copy_out("COPY (" + plain + "\n) TO STDOUT (FORMAT csv, HEADER)", [&](std::string_view row) {
      file.write(row.data(), row.size());
      if (rows_++ % kRowsBetweenReports == 0) run.report("reading " + target.shown, rows_, 0);
    });
  } catch (const Error&) {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
    throw;
  }
  rows_ -= rows_ > 0 ? 1 : 0;   // the header
  if (rows_ == 0) {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
    throw Error(Code::bad_data, target.shown + " gave no rows for that; expected rows of events, items or users");
  }
}

PostgresRows::~PostgresRows() {
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

}  // namespace attune::data
