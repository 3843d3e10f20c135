// Router and HTTP values: which route, which parameters; escapes, gzip.
#include "attune/serve/router.h"

#include "attune/serve/refusal.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::serve;

namespace {

Router some_routes() {
  Router router;
  for (const auto& [method, pattern] : {std::pair{"GET", "/v1/items/{item}"}, {"PUT", "/v1/items/{item}"}, {"GET", "/v1/items/new"}, {"GET", "/v1/items/{item}/similar"},
                                       {"GET", "/{path...}"}, {"DELETE", "/v1/pins/pin"}})
    router.add({.method = method, .pattern = pattern, .handler = [](const HttpRequest&, Context&) { return HttpResponse{}; }, .query = {{"k", "integer", ""}, {"filter", "string", ""}}});
  return router;
}

std::string pattern_of(const Router::Match& match) { return match.route == nullptr ? "" : match.route->pattern; }

}  // namespace

TEST("fixed segments go before parameters, those before the rest") {
  const Router router = some_routes();
  EXPECT_EQ(pattern_of(router.match("GET", "/v1/items/new")), "/v1/items/new");
  EXPECT_EQ(pattern_of(router.match("GET", "/v1/items/old")), "/v1/items/{item}");
  EXPECT_EQ(pattern_of(router.match("GET", "/v1/items/old/similar")), "/v1/items/{item}/similar");
  EXPECT_EQ(pattern_of(router.match("GET", "/assets/a/b.js")), "/{path...}");
  EXPECT_EQ(router.match("GET", "/assets/a/b.js").params, (Pairs{{"path", "assets/a/b.js"}}));
  EXPECT_EQ(pattern_of(router.match("GET", "/")), "/{path...}");
}

TEST("parameters are unescaped after the path is cut, so that a name may hold a slash") {
  const Router router = some_routes();
  const auto match = router.match("GET", "/v1/items/a%2Fb%20c+d/");
  EXPECT_EQ(pattern_of(match), "/v1/items/{item}");
  EXPECT_EQ(match.params, (Pairs{{"item", "a/b c+d"}}));
}

TEST("a path that takes other methods says which") {
  const auto match = some_routes().match("PATCH", "/v1/items/a");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, (std::vector<std::string>{"GET", "PUT", "GET"}));
  EXPECT_TRUE(some_routes().match("POST", "/v2").allowed == std::vector<std::string>{"GET"});
}

TEST("an empty segment is no parameter") {
  EXPECT_EQ(pattern_of(some_routes().match("PUT", "/v1/items/")), "");
  EXPECT_EQ(pattern_of(some_routes().match("PUT", "/v1/items//")), "");
}

TEST("a query name that a route does not list is refused with the nearest") {
  const Router router = some_routes();
  HttpRequest request{.query = {{"filtr", "x"}}};
  try {
    check_query(*router.match("GET", "/v1/items/a").route, request);
    FAIL();
  } catch (const Refusal& refusal) {
    EXPECT_EQ(refusal.status, 400);
    EXPECT_EQ(refusal.code, "unknown_field");
    EXPECT_EQ(refusal.field, "filtr");
    EXPECT_EQ(refusal.fix, "did you mean 'filter'?");
  }
}

TEST("escapes go there and back, and broken ones stay as they are") {
  const std::string name = "M\xc3\xbcller & S\xc3\xb6hne/100%+";
  EXPECT_EQ(unescape(escape(name), false), name);
  EXPECT_EQ(unescape("%4", false), "%4");
  EXPECT_EQ(unescape("%zz%41", false), "%zzA");
  EXPECT_EQ(parse_query("a=1&b=x+y%2B&&c&a=2"), (Pairs{{"a", "1"}, {"b", "x y+"}, {"c", ""}, {"a", "2"}}));
}

TEST("gzip goes there and back; more than allowed, cut off and other bytes are refused") {
  const std::string text(100000, 'x');
  EXPECT_LT(gzipped(text).size(), 1000u);
  EXPECT_EQ(gunzipped(gzipped(text), 100000), text);
  EXPECT_EQ(gunzipped(gzipped(""), 10), "");
  EXPECT_THROW(gunzipped(gzipped(text), 99999), Refusal);
  EXPECT_THROW(gunzipped(gzipped(text).substr(0, 50), 100000), Refusal);
  EXPECT_THROW(gunzipped("not gzip", 100), Refusal);
}

TEST("a reply is sent once, and one that nobody gives is an error") {
  int sent = 0, last = 0;
  {
    const Reply reply([&](HttpResponse response) {
      ++sent;
      last = response.status;
    });
    reply({.status = 201});
    reply({.status = 202});
  }
  EXPECT_EQ(sent, 1);
  EXPECT_EQ(last, 201);
  {
    const Reply dropped([&](HttpResponse response) { last = response.status; });
  }
  EXPECT_EQ(last, 500);
}
