// GET /v1/health, /v1/health/ready: ready or not. GET /v1/health/live: the process answers.
#include "attune/serve/follower.h"
#include "attune/serve/kafka_feed.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

HttpResponse live(const HttpRequest&, Context&) {
  Json json = Json::object();
  json["status"] = "alive";
  return json_response(200, json);
}

HttpResponse ready(const HttpRequest&, Context& context) {
  Json json = Json::object();
  Json checks = Json::object();
  bool is_ready = !context.is_draining;
  try {
    const data::StoreCounts counts = context.engine.store().counts();
    checks["store"] = "ok";
    json["events"] = counts.events;
    json["users"] = counts.users;
    json["items"] = counts.items;
    json["sequence"] = counts.last;
  } catch (const Error& e) {
    checks["store"] = "unavailable";
    is_ready = false;
  }
  // Lists go on without these two, so they make no service unready.
  if (const Follower* follower = context.find_part<Follower>()) checks["replicas"] = follower->state().problem.empty() ? "ok" : "not in step: the store is away";
  if (const KafkaFeed* feed = context.find_part<KafkaFeed>()) {
    const std::string problem = feed->counts().problem;
    checks["kafka"] = problem.empty() ? "ok" : "not reading: the log says why";     // everybody may ask: no addresses
  }
  const auto snapshot = context.engine.snapshot();
  checks["snapshot"] = "ok";
  checks["queue"] = context.pool.waiting() < context.settings.queue ? "ok" : "full";
  json["status"] = context.is_draining ? "draining" : is_ready ? "ready" : "unavailable";
  json["snapshot"] = snapshot->name;
  json["checks"] = std::move(checks);
  return json_response(is_ready ? 200 : 503, json);
}

}  // namespace

void add_health(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/health", .need = Role::none, .handler = ready, .summary = "Whether requests should be sent here", .answer_schema = "Health", .more_answers = {{503, "Health"}}});
  router.add({.method = "GET", .pattern = "/v1/health/ready", .need = Role::none, .handler = ready, .summary = "The same, where probes look", .answer_schema = "Health", .more_answers = {{503, "Health"}}});
  router.add({.method = "GET", .pattern = "/v1/health/live", .need = Role::none, .async_handler = [](auto request, Context& context, Reply reply) { reply(live(*request, context)); },
              .summary = "Whether the process answers", .answer_schema = "Alive"});
}

}  // namespace attune::serve
