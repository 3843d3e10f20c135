// GET /v1/openapi.json: the document of this API.
#include "attune/serve/openapi.h"
#include "attune/serve/service.h"

namespace attune::serve {

void add_openapi(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/openapi.json", .need = Role::none,
              .handler = [](const HttpRequest&, Context& context) { return json_response(200, openapi(context.router, "")); },
              .summary = "This document", .answer_schema = "Document", .has_etag = true});
}

}  // namespace attune::serve
