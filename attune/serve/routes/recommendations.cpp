// Recommendations: GET /v1/users/{user}/recommendations; POST /v1/recommendations for a history, a free text, a session.
#include "attune/serve/asking.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"
#include "attune/serve/shown.h"

namespace attune::serve {
namespace {

HttpResponse for_user(const HttpRequest& request, Context& context) {
  engine::Ask ask = ask_of_query(request);
  ask.user = checked_name(request.param("user"), "user");
  return answer_list(request, context, std::move(ask), {query_text(request, "cursor"), query_number(request, "rotate", -1, 0, 10)});
}

HttpResponse for_body(const HttpRequest& request, Context& context) {
  const Json body = body_object(request);
  engine::Ask ask = ask_of_body(request, body);
  if (ask.user.empty() && ask.history.empty() && ask.about.empty())
    throw Refusal(400, "bad_request", "recommend for whom?", "user", "give user, history or about");
  return answer_list(request, context, std::move(ask), {json_text(body, "cursor", "", 512), json_number(body, "rotate", -1, 0, 10)});
}

std::vector<QueryParam> params() {
  std::vector<QueryParam> all = list_params();
  all.push_back({"rotate", "number", "what each showing without a take takes from an item's score; 0 = lists stay"});
  all.push_back({"cursor", "string", "of the list before: the next page, without repeats"});
  return all;
}

}  // namespace

void add_recommendations(Router& router, Context& context) {
  Shown& shown = context.add<Shown>(context.engine.store());
  context.commits.listen([&shown](std::span<const std::vector<data::Event>> groups) {
    for (const std::vector<data::Event>& events : groups)
      for (const data::Event& event : events) shown.taken(event.user, event.item);
  });
  router.add({.method = "GET", .pattern = "/v1/users/{user}/recommendations", .handler = for_user, .summary = "A list for a user, every item with its reason",
              .query = params(), .answer_schema = "List"});
  router.add({.method = "POST", .pattern = "/v1/recommendations", .handler = for_body, .summary = "A list for a user, a history or a free text",
              .body_schema = "Ask", .answer_schema = "List"});
}

}  // namespace attune::serve
