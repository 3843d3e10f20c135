// GET /v1/items/{item}/similar: items most like one, by what people take together and by text.
#include "attune/serve/asking.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

HttpResponse similar(const HttpRequest& request, Context& context) {
  const engine::Ask ask = ask_of_query(request);
  return list_response(context.engine.similar(request.param("item"), ask), ask.explain);
}

}  // namespace

void add_similar(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/items/{item}/similar", .handler = similar, .summary = "Items most like one",
              .query = list_params(), .answer_schema = "List"});
}

}  // namespace attune::serve
