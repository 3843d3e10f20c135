// PostgreSQL connection: see the header.
#include "attune/data/postgres_connection.h"

#include <postgresql/libpq-fe.h>
#include <unistd.h>

#include <charconv>

#include "attune/data/postgres_text.h"

namespace attune::data {
namespace {

// Every statement of a store is a search by an index; without statistics (after a large import) the server would guess otherwise.
// Who holds the lock of writing and is gone without a word must not stop the others for ever.
constexpr const char* kOptions =
    " -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
    " -c standard_conforming_strings=on -c datestyle=ISO -c client_min_messages=warning";

std::string trimmed(const char* text) {
  std::string words = text == nullptr ? "" : text;
  while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.pop_back();
  for (char& c : words)
    if (c == '\n') c = ' ';
  return words;
}

bool holds(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words)
    if (text.find(word) != std::string::npos) return true;
  return false;
}

// A session that did not begin has no code, only words.
[[noreturn]] void fail_to_connect(const PostgresTarget& target, const std::string& words) {
  const std::string where = "the store " + target.shown;
  if (holds(words, {"too many clients", "too many connections", "remaining connection slots"}))
    throw PostgresGone(where + " takes no more connections; raise max_connections of the server, or run fewer processes on it", true);
  if (holds(words, {"password authentication failed", "no password supplied", "authentication failed", "pg_hba.conf"}))
    throw Error(Code::io, where + " does not let us in; set PGPASSWORD (or ~/.pgpass) to the password of that user, and see pg_hba.conf of the server");
  if (holds(words, {"database \""}) && holds(words, {"does not exist"}))
    throw Error(Code::not_found, where + ": the server has no such database; make it: createdb NAME (as a user who may)");
  if (holds(words, {"role \""}) && holds(words, {"does not exist"}))
    throw Error(Code::not_found, where + ": the server knows no such user; make it: createuser NAME (as a user who may)");
  throw PostgresGone("cannot reach " + where + "; see that the server runs and can be reached from here, then try again (" + words + ")", false);
}

}  // namespace

PgValue::PgValue(double number) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  text_ = std::string(text, end);
}
PgValue::PgValue(std::string_view text) : text_(to_postgres(text)) {}

PgValue PgValue::list(std::span<const std::int64_t> numbers) {
  PgValue value(nullptr);
  std::string& out = value.text_.emplace("{");
  out.reserve(numbers.size() * 12 + 2);
  for (const std::int64_t number : numbers) {
    if (out.size() > 1) out += ',';
    char text[24];
    out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
  }
  out += '}';
  return value;
}

PgValue PgValue::list(std::span<const std::string_view> texts) {
  PgValue value(nullptr);
  std::string& out = value.text_.emplace("{");
  for (const std::string_view text : texts) {
    if (out.size() > 1) out += ',';
    out += '"';
    for (const char c : to_postgres(text)) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  out += '}';
  return value;
}

PgRows::PgRows(pg_result* result) : result_(result, PQclear) {}
std::size_t PgRows::size() const noexcept { return static_cast<std::size_t>(PQntuples(result_.get())); }
std::size_t PgRows::columns() const noexcept { return static_cast<std::size_t>(PQnfields(result_.get())); }
std::string_view PgRows::column(std::size_t column) const noexcept { return PQfname(result_.get(), static_cast<int>(column)); }
bool PgRows::is_null(std::size_t row, std::size_t column) const noexcept { return PQgetisnull(result_.get(), static_cast<int>(row), static_cast<int>(column)) != 0; }
std::string_view PgRows::raw(std::size_t row, std::size_t column) const noexcept {
  return {PQgetvalue(result_.get(), static_cast<int>(row), static_cast<int>(column)), static_cast<std::size_t>(PQgetlength(result_.get(), static_cast<int>(row), static_cast<int>(column)))};
}
std::string PgRows::text(std::size_t row, std::size_t column) const { return from_postgres(raw(row, column)); }

std::int64_t PgRows::integer(std::size_t row, std::size_t column) const {
  const std::string_view text = raw(row, column);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return text == "t" ? 1 : number;
}

double PgRows::real(std::size_t row, std::size_t column) const {
  const std::string_view text = raw(row, column);
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::uint64_t PgRows::changed() const noexcept {
  const std::string_view text = PQcmdTuples(result_.get());
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

PgConnection::PgConnection(const PostgresTarget& target, Use use) : target_(target), use_(use) {
  std::vector<const char*> keys, values;
  std::string options = use == Use::store ? "-c search_path=" + target.schema + ",pg_catalog" + kOptions : "-c datestyle=ISO";
  const std::string name = "attune " + std::to_string(::getpid());
  for (const auto& [key, value] : target.parameters) {
    if (key == "options") {
      options.insert(0, value + " ");
      continue;
    }
    if (key == "client_encoding" || key == "fallback_application_name") continue;
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  const auto set = [&](const char* key, const char* value) {   // unless the URL says otherwise
    for (const char* known : keys)
      if (std::string_view(known) == key) return;
    keys.push_back(key);
    values.push_back(value);
  };
  set("options", options.c_str());
  set("client_encoding", "UTF8");
  set("fallback_application_name", name.c_str());
  set("connect_timeout", "3");
  set("keepalives_idle", "10");
  set("keepalives_interval", "5");
  set("keepalives_count", "3");
  set("tcp_user_timeout", "20000");
  keys.push_back(nullptr);
  values.push_back(nullptr);
  session_ = PQconnectdbParams(keys.data(), values.data(), 0);
  if (session_ == nullptr) throw Error(Code::io, "out of memory");
  PQsetNoticeProcessor(session_, [](void*, const char*) {}, nullptr);   // remarks of the server go to nobody's terminal
  if (PQstatus(session_) == CONNECTION_OK) return;
  const std::string words = trimmed(PQerrorMessage(session_));
  PQfinish(session_);
  fail_to_connect(target_, words);
}

PgConnection::~PgConnection() { PQfinish(session_); }

PgRows PgConnection::query(const char* sql, std::initializer_list<PgValue> values) {
  std::string& name = prepared_[sql];
  if (name.empty()) {
    const std::string given = "s" + std::to_string(prepared_.size());
    checked(PQprepare(session_, given.c_str(), sql, static_cast<int>(values.size()), nullptr));
    name = given;
  }
  std::vector<const char*> texts;
  for (const PgValue& value : values) texts.push_back(value.text() ? value.text()->c_str() : nullptr);
  return checked(PQexecPrepared(session_, name.c_str(), static_cast<int>(texts.size()), texts.data(), nullptr, nullptr, 0));
}

PgRows PgConnection::once(const std::string& sql, std::initializer_list<PgValue> values) {
  std::vector<const char*> texts;
  for (const PgValue& value : values) texts.push_back(value.text() ? value.text()->c_str() : nullptr);
  return checked(PQexecParams(session_, sql.c_str(), static_cast<int>(texts.size()), nullptr, texts.data(), nullptr, nullptr, 0));
}

PgRows PgConnection::execute(const std::string& sql) { return checked(PQexec(session_, sql.c_str())); }

void PgConnection::copy(const char* sql, std::string_view rows) {
  checked(PQexec(session_, sql));
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  bool is_sent = true;
  for (std::size_t at = 0; is_sent && at < rows.size(); at += kPiece)
    is_sent = PQputCopyData(session_, rows.data() + at, static_cast<int>(std::min(kPiece, rows.size() - at))) == 1;
  is_sent = is_sent && PQputCopyEnd(session_, nullptr) == 1;
  if (!is_sent) fail(nullptr);
  checked(PQgetResult(session_));
  while (pg_result* rest = PQgetResult(session_)) PQclear(rest);
}

void PgConnection::copy_out(const std::string& sql, const std::function<void(std::string_view)>& sink) {
  checked(PQexecParams(session_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));   // one statement, however it is written
  char* row = nullptr;
  int n = 0;
  while ((n = PQgetCopyData(session_, &row, 0)) > 0) {
    const std::unique_ptr<char, decltype(&PQfreemem)> freed(row, PQfreemem);
    sink({row, static_cast<std::size_t>(n)});
  }
  if (n == -2) fail(nullptr);
  checked(PQgetResult(session_));
  while (pg_result* rest = PQgetResult(session_)) PQclear(rest);
}

bool PgConnection::is_sound() const noexcept { return !is_lost_ && PQstatus(session_) == CONNECTION_OK; }
int PgConnection::socket() const noexcept { return PQsocket(session_); }

bool PgConnection::take_notifications() {
  if (PQconsumeInput(session_) == 0) fail(nullptr);
  bool was_there = false;
  while (PGnotify* note = PQnotifies(session_)) {
    was_there = true;
    PQfreemem(note);
  }
  return was_there;
}

PgRows PgConnection::checked(pg_result* result) {
  const ExecStatusType status = result == nullptr ? PGRES_FATAL_ERROR : PQresultStatus(result);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_COPY_IN || status == PGRES_COPY_OUT) return PgRows(result);
  fail(result);
}

void PgConnection::fail(pg_result* result) {
  const char* field = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string code = field == nullptr ? "" : field;
  const char* primary = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string words = trimmed(primary != nullptr ? primary : PQerrorMessage(session_));
  const std::string where = "the store " + target_.shown;
  PQclear(result);
  const auto is = [&](const char* start) { return code.starts_with(start); };
  is_lost_ = is_lost_ || code.empty();     // the server gives every refusal a code; libpq may still call the session sound
  if (!is_sound() || is("08") || is("57P") || is("25P03"))
    throw PostgresGone("the connection to " + where + " is gone; see that the server runs, then try again (" + words + ")", false);
  if (use_ == Use::foreign && (is("42") || is("22") || is("25") || is("0A")))
    throw Error(Code::bad_request, "the server of " + target_.shown + " does not take the query: " + words + "; try it with psql first");
  if (is("53300")) throw PostgresGone(where + " takes no more connections; raise max_connections of the server, or run fewer processes on it", true);
  if (is("40")) throw PostgresGone(where + ": two writers stood in each other's way (" + words + ")", false);
  if (is("55P03")) throw Error(Code::io, where + ": another process holds what this write needs; try again when it is done");
  if (is("53100")) throw Error(Code::io, where + ": the server's disk is full, nothing of this write was kept; make room and try again");
  if (is("53")) throw Error(Code::io, where + ": the server has not enough of something (" + words + "); nothing of this write was kept");
  if (is("25006")) throw Error(Code::io, where + " is a standby that may only be read; name the primary server");
  if (is("42501")) throw Error(Code::io, where + ": this user may not do that (" + words + "); let it own the schema: CREATE SCHEMA " + target_.schema + " AUTHORIZATION the_user");
  if (is("22021") || is("54000")) throw Error(Code::bad_request, where + ": a text cannot be stored (" + words + ")");
  if (is("42P01") || is("42703")) throw Error(Code::bad_data, where + " is damaged (" + words + "); restore it from a backup, or name another schema: ?schema=NAME");
  if (is("XX")) throw Error(Code::bad_data, where + ": the server finds its own files broken (" + words + "); restore from a backup");
  throw Error(Code::io, where + ": the server says no (" + words + (code.empty() ? "" : ", " + code) + ")");
}

void add_field(std::string& out, std::string_view text) {
  for (const char c : to_postgres(text)) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += c;
    }
  }
}

}  // namespace attune::data
