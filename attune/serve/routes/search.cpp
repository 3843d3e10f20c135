// GET /v1/search?q=: items whose text fits some words best.
#include "attune/serve/asking.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

HttpResponse search(const HttpRequest& request, Context& context) {
  const engine::Ask ask = ask_of_query(request);
  const std::string words = query_text(request, "q");
  if (words.empty()) throw Refusal(400, "bad_field", "q is missing", "q", "/v1/search?q=candle+holder");
  return list_response(context.engine.search(words, ask), ask.explain);
}

std::vector<QueryParam> params() {
  std::vector<QueryParam> all = list_params();
  all.insert(all.begin(), {"q", "string", "the words", true});
  return all;
}

}  // namespace

void add_search(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/search", .handler = search, .summary = "Items whose text fits the words best", .query = params(), .answer_schema = "List"});
}

}  // namespace attune::serve
