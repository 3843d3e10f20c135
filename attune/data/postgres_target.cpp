// PostgreSQL target: see the header. libpq reads the URL; `schema` is ours and taken out before.
#include "attune/data/postgres_target.h"

#include <postgresql/libpq-fe.h>

#include <algorithm>
#include <memory>

#include "attune/core/error.h"

namespace attune::data {
namespace {

bool is_plain_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !name.empty() && name.size() <= 63 && is_letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

// Takes "key=value" out of the URL's query and returns the value.
std::string take(std::string& url, const std::string& key) {
  const std::size_t question = url.find('?');
  if (question == std::string::npos) return {};
  for (std::size_t at = question + 1; at < url.size();) {
    const std::size_t end = std::min(url.find('&', at), url.size());
    if (url.compare(at, key.size() + 1, key + "=") == 0) {
      const std::string value = url.substr(at + key.size() + 1, end - at - key.size() - 1);
      url.erase(at, std::min(end + 1, url.size()) - at);
      if (url.back() == '?' || url.back() == '&') url.pop_back();
      return value;
    }
    at = end + 1;
  }
  return {};
}

}  // namespace

bool is_postgres_url(std::string_view url) noexcept { return url.starts_with("postgres://") || url.starts_with("postgresql://"); }

std::string without_password(const std::string& url) {
  std::string shown = url;
  const std::size_t begin = shown.find("://");
  if (begin == std::string::npos) return shown;
  // The last @, wherever it stands: a password that was not escaped may hold anything.
  if (const std::size_t at = shown.rfind('@'); at != std::string::npos && at > begin)
    if (const std::size_t colon = shown.find(':', begin + 3); colon < at) shown.erase(colon, at - colon);
  take(shown, "password");
  return shown;
}

PostgresTarget postgres_target(const std::string& url) {
  PostgresTarget target;
  if (!is_postgres_url(url))
    throw Error(Code::bad_request, "a store's URL is postgres://user@host:5432/database, not '" + without_password(url) + "'");
  std::string plain = url;
  if (const std::string schema = take(plain, "schema"); !schema.empty()) target.schema = schema;
  if (!is_plain_name(target.schema))
    throw Error(Code::bad_request, "schema '" + target.schema.substr(0, 80) + "': a schema's name here is a letter a-z and then letters, digits and _, at most 63");
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfoParse(plain.c_str(), &problem), PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> freed(problem, PQfreemem);
  // libpq's own words quote parts of the URL, which may be the password; one that was not escaped may have landed in any part.
  const auto refuse = [&] {
    throw Error(Code::bad_request, "cannot read the URL of the store (" + without_password(url) +
                                       "); it is postgres://user:password@host:5432/database, with %40 for an @ in a password, %2F for a /, %25 for a %");
  };
  if (options == nullptr) refuse();
  std::string user, host, port, database;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string key = option->keyword, value = option->val;
    target.parameters.emplace_back(key, value);
    if (key == "user") user = value;
    if (key == "host") host = value;
    if (key == "port") port = value;
    if (key == "dbname") database = value;
  }
  if (host.find('@') != std::string::npos || database.find('@') != std::string::npos || port.find_first_not_of("0123456789,") != std::string::npos) refuse();
  target.shown = "postgres://" + (user.empty() ? "" : user + "@") + host + (port.empty() ? "" : ":" + port) + "/" + database +
                 (target.schema == "attune" ? "" : "?schema=" + target.schema);
  return target;
}

}  // namespace attune::data
