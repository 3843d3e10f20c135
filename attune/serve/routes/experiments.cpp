// /v1/experiments: what runs, starting and stopping, what came out; and what another way of asking would have earned.
#include "attune/online/outcome.h"
#include "attune/serve/asking.h"
#include "attune/serve/experiments.h"
#include "attune/serve/fields.h"
#include "attune/serve/off_policy.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

Json described(const online::Experiment& experiment, const Context& context) {
  Json json = online::to_json(experiment);
  json["status"] = experiment.runs_at(context.now_ms()) ? "running" : experiment.start_ms > context.now_ms() ? "planned" : "over";
  return json;
}

online::Experiment named(const HttpRequest& request, Context& context) {
  const auto& experiments = context.part<Experiments>();
  const auto list = experiments.all();
  const online::Experiment* found = experiments.find(*list, request.param("experiment"));
  if (found == nullptr) throw Error(Code::not_found, "no experiment '" + request.param("experiment") + "'");
  return *found;
}

HttpResponse list_all(const HttpRequest&, Context& context) {
  Json json = Json::object(), list = Json::array();
  for (const online::Experiment& one : *context.part<Experiments>().all()) list.push_back(described(one, context));
  json["experiments"] = std::move(list);
  return json_response(200, json);
}

HttpResponse put_one(const HttpRequest& request, Context& context) {
  Json body = body_object(request);
  const std::string& name = request.param("experiment");
  if (const Json* given = body.find("name"); given != nullptr && given->dump() != Json(name).dump())
    throw Refusal(400, "bad_field", "the body is called otherwise than the path", "name", "leave it out of the body");
  body["name"] = name;
  const online::Experiment experiment = online::read_experiment(body, context.now_ms());
  context.part<Experiments>().put(experiment);
  return json_response(200, described(experiment, context));
}

HttpResponse get_one(const HttpRequest& request, Context& context) {
  const online::Experiment experiment = named(request, context);
  Json json = described(experiment, context);
  json["outcome"] = online::judge(experiment, context.engine.store(), context.engine.settings().events, context.now_ms()).to_json();
  return json_response(200, json);
}

HttpResponse arm(const HttpRequest& request, Context& context) {
  const online::Experiment experiment = named(request, context);
  const auto index = online::arm_of(experiment, request.param("user"));
  Json json = Json::object();
  json["user"] = request.param("user");
  json["arm"] = index ? Json(experiment.arms[*index].name) : Json();
  return json_response(200, json);
}

HttpResponse stop_one(const HttpRequest& request, Context& context) {
  context.part<Experiments>().stop(request.param("experiment"));
  return json_response(200, described(named(request, context), context));
}

HttpResponse remove_one(const HttpRequest& request, Context& context) {
  context.part<Experiments>().remove(request.param("experiment"));
  HttpResponse response;
  response.status = 204;
  return response;
}

HttpResponse off_policy(const HttpRequest& request, Context& context) {
  OffPolicyQuestion question{.ask = ask_of_query(request), .most = static_cast<std::size_t>(query_integer(request, "lists", 1000, 10, 100000)),
                             .window_hours = query_number(request, "window_hours", 24, 0, 24 * 365)};
  return json_response(200, estimate_off_policy(question, context));
}

std::vector<QueryParam> off_policy_params() {
  std::vector<QueryParam> params = list_params();
  params.push_back({"lists", "integer", "how many of the latest lists shown are looked at; 10..100000"});
  params.push_back({"window_hours", "number", "so long after a list an event counts as taken from it"});
  return params;
}

}  // namespace

void add_experiments(Router& router, Context& context) {
  context.add<Experiments>(context);
  router.add({.method = "GET", .pattern = "/v1/experiments", .handler = list_all, .summary = "All experiments", .answer_schema = "Experiments"});
  router.add({.method = "PUT", .pattern = "/v1/experiments/{experiment}", .need = Role::admin, .handler = put_one, .summary = "Start or change an experiment",
              .body_schema = "Experiment", .answer_schema = "Experiment"});
  router.add({.method = "GET", .pattern = "/v1/experiments/{experiment}", .handler = get_one, .summary = "An experiment and what came out of it so far",
              .answer_schema = "Experiment"});
  router.add({.method = "POST", .pattern = "/v1/experiments/{experiment}/stop", .need = Role::admin, .handler = stop_one, .summary = "End an experiment now; its outcome stays",
              .answer_schema = "Experiment"});
  router.add({.method = "GET", .pattern = "/v1/experiments/{experiment}/users/{user}", .handler = arm, .summary = "The arm a user is in", .answer_schema = "Arm"});
  router.add({.method = "DELETE", .pattern = "/v1/experiments/{experiment}", .need = Role::admin, .handler = remove_one, .summary = "Forget an experiment", .answer_status = 204});
  router.add({.method = "GET", .pattern = "/v1/off-policy", .need = Role::admin, .handler = off_policy,
              .summary = "What lists asked for this way would have earned, from the log of lists shown (IPS, SNIPS, DR)", .query = off_policy_params(), .answer_schema = "OffPolicy"});
}

}  // namespace attune::serve
