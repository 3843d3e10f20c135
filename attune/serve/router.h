// Router: which handler answers a method and path. A route says everything about itself, so that the OpenAPI document,
// the check of query names and the rights come from the same line.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attune/serve/http.h"

namespace attune::serve {

struct Context;

// Runs on the pool; may take its time. Throws Refusal or Error.
using Handler = std::function<HttpResponse(const HttpRequest&, Context&)>;
// Runs on the network thread: must not block; answers later, from any thread. What it throws before that is an answer too.
using AsyncHandler = std::function<void(std::shared_ptr<const HttpRequest>, Context&, Reply)>;

// One query parameter, for the documentation; one that is not listed is refused, naming the nearest.
struct QueryParam {
  std::string name;
  std::string type = "string";       // of JSON Schema: "integer", "number", "boolean", "string"
  std::string help;
  bool required = false;
};

struct Route {
  std::string method;                // "GET"
  std::string pattern;               // "/v1/users/{user}/recommendations"; a last segment {path...} takes all the rest
  Role need = Role::read;            // what the caller must be allowed
  Handler handler = {};              // one of the two
  AsyncHandler async_handler = {};
  std::size_t body_bytes = std::size_t{1} << 20;   // longest body taken
  // For the OpenAPI document (openapi.cpp); schemas are names of schemas.cpp.
  std::string summary = {};
  std::vector<QueryParam> query = {};
  bool any_query = false;            // take query names that are not listed (foreign APIs)
  std::string body_schema = {};
  std::string answer_schema = {};
  int answer_status = 200;
  std::vector<std::pair<int, std::string>> more_answers = {};   // further statuses and their schemas: 201 beside 200
  bool body_required = true;
  bool has_etag = false;             // answers with an ETag, and 304 to If-None-Match
  bool is_hidden = false;            // not in the document: the page's own files
};

class Router {
 public:
  void add(Route route);             // throws Error: internal for a pattern that is taken
  struct Match {
    const Route* route = nullptr;    // nullptr: none; `allowed` then says which methods the path has
    Pairs params;
    std::vector<std::string> allowed;
  };
  // One slash at the end does not count. Fixed segments go before {params}, those before {path...}.
  Match match(std::string_view method, std::string_view path) const;
  const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  struct Pattern {
    std::vector<std::string> segments;
    bool takes_rest = false;
  };
  std::vector<Route> routes_;
  std::vector<Pattern> patterns_;
};

// Throws Refusal: unknown_field, for a query name the route does not list.
void check_query(const Route& route, const HttpRequest& request);

}  // namespace attune::serve
