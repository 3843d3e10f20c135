// HTTP as handlers see it: plain values. Only server.cpp knows the library behind.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attune/core/json.h"

namespace attune::serve {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Each may do what those before it may.
enum class Role { none, read, write, admin };
std::string_view name(Role role) noexcept;

// Who asks, as the middleware found out.
struct Principal {
  std::string name;           // of the key or the login; empty = nobody we know. Never a secret.
  Role role = Role::none;
};

struct HttpRequest {
  std::string method;         // "GET"; HEAD comes as GET
  std::string target;         // as sent: "/v1/users/a%20b?k=3"
  std::string path;           // the part before '?', still escaped
  Pairs params;               // of the route's pattern, unescaped: {"user", "a b"}
  Pairs query;                // unescaped, in the order sent
  Pairs headers;              // names in lower case
  std::string body;           // whole, unpacked when it came gzipped
  std::string peer;           // address of the caller
  bool is_tls = false;
  std::string id;             // of the request: given by the caller (X-Request-Id) or made here; goes back in the answer
  bool is_own_id = false;     // made here, so that it is unlike all others
  Principal principal;
  std::chrono::steady_clock::time_point received = {};   // when the header was here
  Json notes = Json::object();                           // from one middleware to another and to the log; never secrets

  std::string_view header(std::string_view name) const noexcept;      // empty when absent
  const std::string& param(std::string_view name) const;              // our own mistake when the pattern has no such
  const std::string* query_value(std::string_view name) const noexcept;  // the first; nullptr when absent
};

// The next piece of a streamed body goes to `then`, from any thread; nothing = the end. Asked again only after the piece was sent.
using Stream = std::function<void(std::function<void(std::optional<std::string>)> then)>;

struct HttpResponse {
  int status = 200;
  std::string type = "application/json";   // Content-Type
  std::string body;
  Pairs headers;                           // further ones: {"ETag", "..."}
  Stream stream;                           // instead of body: sent in chunks as they come (server-sent events, exports)

  HttpResponse& with(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};
HttpResponse json_response(int status, const Json& json);

// Where an answer goes: called once, from any thread. When every copy is gone without one, the caller gets a 500.
class Reply {
 public:
  explicit Reply(std::function<void(HttpResponse)> send);
  void operator()(HttpResponse response) const;

 private:
  struct Once;
  std::shared_ptr<Once> once_;
};

std::string unescape(std::string_view text, bool plus_is_space);   // %41 -> A; a broken escape stays as it is
std::string escape(std::string_view text);                         // for one segment of a path or a query value
Pairs parse_query(std::string_view text);
std::string gzipped(std::string_view bytes);
// Throws Refusal: 400 for bytes that are no gzip, 413 when they become more than `most`.
std::string gunzipped(std::string_view bytes, std::size_t most);

}  // namespace attune::serve
