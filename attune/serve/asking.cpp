// Asking over HTTP: see the header.
#include "attune/serve/asking.h"

#include "attune/serve/context.h"
#include "attune/serve/experiments.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

constexpr double kAny = 1e30;

void check_language(const engine::Ask& ask) {
  if (ask.language.empty() || ask.language == "en" || ask.language == "zh") return;
  throw Refusal(400, "bad_field", "language must be en or zh, not '" + ask.language.substr(0, 20) + "'", "language");
}

}  // namespace

const std::vector<QueryParam>& list_params() {
  static const std::vector<QueryParam> params = {
      {"k", "integer", "length of the list; 1..1000"},
      {"filter", "string", "only items that pass: price <= 10 and category = kitchen"},
      {"exclude", "string", "items to leave out: a,b,c"},
      {"caps", "string", "at most so many of one value: category=3,brand=2"},
      {"diversity", "number", "0 = most relevant first .. 1 = as different as can be"},
      {"min_score", "number", "leave out items below this score"},
      {"models", "string", "only these models of the snapshot: slist,ease"},
      {"language", "string", "of the reasons: en or zh"},
      {"explain", "boolean", "with the parts that every score is the sum of"}};
  return params;
}

engine::Ask ask_of_query(const HttpRequest& request) {
  engine::Ask ask;
  ask.k = static_cast<int>(query_integer(request, "k", 0, 1, 1000));
  ask.filter = query_text(request, "filter");
  ask.exclude = query_list(request, "exclude");
  ask.caps = query_text(request, "caps");
  ask.diversity = query_number(request, "diversity", -1, 0, 1);
  ask.min_score = query_number(request, "min_score", -kAny, -kAny, kAny);
  ask.models = query_list(request, "models");
  ask.language = query_text(request, "language");
  ask.explain = query_flag(request, "explain", false);
  check_language(ask);
  if (request.is_own_id) ask.request = request.id;
  return ask;
}

engine::Ask ask_of_body(const HttpRequest& request, const Json& body) {
  only(body, {"user", "history", "about", "k", "filter", "exclude", "caps", "diversity", "min_score", "models", "language", "explain"});
  engine::Ask ask;
  ask.user = json_text(body, "user", "", 512);
  ask.history = json_list(body, "history");
  ask.about = json_text(body, "about", "", 4096);
  ask.k = static_cast<int>(json_integer(body, "k", 0, 1, 1000));
  ask.filter = json_text(body, "filter", "", 4096);
  ask.exclude = json_list(body, "exclude");
  ask.caps = json_text(body, "caps", "", 4096);
  ask.diversity = json_number(body, "diversity", -1, 0, 1);
  ask.min_score = json_number(body, "min_score", -kAny, -kAny, kAny);
  ask.models = json_list(body, "models", 100);
  ask.language = json_text(body, "language", "", 20);
  ask.explain = json_flag(body, "explain", false);
  check_language(ask);
  if (request.is_own_id) ask.request = request.id;
  return ask;
}

HttpResponse list_response(const engine::List& list, bool explain) { return json_response(200, to_json(list, explain)); }

HttpResponse answer_list(const HttpRequest&, Context& context, engine::Ask ask) {
  const bool explain = ask.explain;
  ask.log_exposure = false;   // the commits keep it, so that nobody waits for the disk
  const Experiments* experiments = context.find_part<Experiments>();
  const engine::List list = experiments == nullptr ? context.engine.recommend(ask) : experiments->recommend(std::move(ask));
  if (!list.items.empty()) context.commits.shown(engine::exposure_of(list, context.now_ms()));
  return list_response(list, explain);
}

}  // namespace attune::serve
