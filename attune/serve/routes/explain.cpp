// Explain: GET /v1/users/{user}/items/{item}/explanation; POST /v1/explanations for a history or a free text.
#include "attune/serve/asking.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

HttpResponse for_user(const HttpRequest& request, Context& context) {
  engine::Ask ask = ask_of_query(request);
  ask.user = checked_name(request.param("user"), "user");
  return json_response(200, to_json(context.engine.explain(ask, request.param("item"))));
}

HttpResponse for_body(const HttpRequest& request, Context& context) {
  Json body = body_object(request);
  const std::string item = json_text(body, "item", "", 512);
  if (item.empty()) throw Refusal(400, "bad_field", "item is missing", "item", "name the item to explain");
  Json::Object rest;
  for (const auto& [key, value] : body.as_object())
    if (key != "item") rest.emplace_back(key, value);
  const engine::Ask ask = ask_of_body(request, Json(std::move(rest)));
  if (ask.user.empty() && ask.history.empty() && ask.about.empty())
    throw Refusal(400, "bad_request", "explain for whom?", "user", "give user, history or about");
  return json_response(200, to_json(context.engine.explain(ask, item)));
}

}  // namespace

void add_explain(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/users/{user}/items/{item}/explanation", .handler = for_user,
              .summary = "Why an item is, or is not, in a user's list, and what would change it", .query = list_params(), .answer_schema = "Why"});
  router.add({.method = "POST", .pattern = "/v1/explanations", .handler = for_body, .summary = "The same for a history or a free text",
              .body_schema = "AskWhy", .answer_schema = "Why"});
}

}  // namespace attune::serve
