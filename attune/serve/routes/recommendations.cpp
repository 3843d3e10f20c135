// Recommendations: GET /v1/users/{user}/recommendations; POST /v1/recommendations for a history, a free text, a session.
#include "attune/serve/asking.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

HttpResponse for_user(const HttpRequest& request, Context& context) {
  engine::Ask ask = ask_of_query(request);
  ask.user = checked_name(request.param("user"), "user");
  return answer_list(request, context, std::move(ask));
}

HttpResponse for_body(const HttpRequest& request, Context& context) {
  engine::Ask ask = ask_of_body(request, body_object(request));
  if (ask.user.empty() && ask.history.empty() && ask.about.empty())
    throw Refusal(400, "bad_request", "recommend for whom?", "user", "give user, history or about");
  return answer_list(request, context, std::move(ask));
}

}  // namespace

void add_recommendations(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/users/{user}/recommendations", .handler = for_user, .summary = "A list for a user, every item with its reason",
              .query = list_params(), .answer_schema = "List"});
  router.add({.method = "POST", .pattern = "/v1/recommendations", .handler = for_body, .summary = "A list for a user, a history or a free text",
              .body_schema = "Ask", .answer_schema = "List"});
}

}  // namespace attune::serve
