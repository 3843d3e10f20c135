// OpenAPI: the document of the API, made from the routes themselves, so that none is missing.
#pragma once
#include "attune/core/json.h"
#include "attune/serve/router.h"

namespace attune::serve {

// OpenAPI 3.1. `url` is where the service is reached; empty = where the document came from.
Json openapi(const Router& router, const std::string& url);
// The schemas that routes name (JSON Schema 2020-12), by name.
const Json& schemas();

}  // namespace attune::serve
