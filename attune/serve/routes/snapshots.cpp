// Snapshots: what was fitted, which one is in service; roll back by pinning an older one, take the pin away to go on.
#include <algorithm>

#include "attune/core/bytes.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

Json manifest_of(const Context& context, const std::string& name) {
  const auto folder = context.workspace.snapshots_path();
  const auto names = engine::snapshot_names(folder);
  if (std::find(names.begin(), names.end(), name) == names.end()) throw Refusal(404, "unknown_snapshot", "there is no snapshot '" + name + "'", "snapshot", "see GET /v1/snapshots");
  return Json::parse(read_file((folder / name / "manifest.json").string()), "the manifest of " + name);
}

Json shown(const Context& context, const std::string& name) {
  Json json = Json::object();
  json["snapshot"] = name;
  json["in_service"] = context.engine.snapshot()->name == name;
  json["pinned"] = engine::pinned(context.workspace.snapshots_path()) == name;
  try {
    const Json manifest = manifest_of(context, name);
    json["state"] = "sealed";
    json["until"] = manifest.at("until");
    json["items"] = manifest.at("items");
    json["models"] = Json::array();
    for (const Json& model : manifest.at("models").as_array()) json["models"].push_back(model.at("name"));
  } catch (const Error& e) {
    json["state"] = "damaged";
    json["until"] = Json();
    json["items"] = Json();
    json["models"] = Json::array();
  }
  return json;
}

HttpResponse all(const HttpRequest&, Context& context) {
  Json json = Json::object();
  json["in_service"] = context.engine.snapshot()->name;
  json["pinned"] = engine::pinned(context.workspace.snapshots_path());
  json["snapshots"] = Json::array();
  for (const std::string& name : engine::snapshot_names(context.workspace.snapshots_path())) json["snapshots"].push_back(shown(context, name));
  return json_response(200, json);
}

HttpResponse whole(Context& context, const std::string& name) {
  Json json = shown(context, name);
  const Json manifest = manifest_of(context, name);
  json["record"] = manifest.at("record");     // settings, figures, seconds and memory of every step
  json["weights"] = manifest.at("weights");
  return json_response(200, json);
}

HttpResponse one(const HttpRequest& request, Context& context) { return whole(context, request.param("snapshot")); }
HttpResponse current(const HttpRequest&, Context& context) { return whole(context, context.engine.snapshot()->name); }

// Puts what is chosen now in service, or says why it cannot be.
HttpResponse take_chosen(Context& context, const std::string& before) {
  std::string problem;
  Run run;
  run.say = [&](std::string words) { problem = std::move(words); };
  context.engine.reload(run);
  const std::string now = context.engine.snapshot()->name, wanted = engine::pinned(context.workspace.snapshots_path());
  if (!wanted.empty() && now != wanted) {
    engine::pin(context.workspace.snapshots_path(), before);
    throw Refusal(409, "damaged_snapshot", problem.empty() ? "the snapshot cannot be used" : problem, "snapshot", "choose another one: GET /v1/snapshots");
  }
  Json json = Json::object();
  json["in_service"] = now;
  json["pinned"] = wanted;
  return json_response(200, json);
}

HttpResponse pin(const HttpRequest& request, Context& context) {
  const auto folder = context.workspace.snapshots_path();
  const std::string before = engine::pinned(folder);
  manifest_of(context, request.param("snapshot"));
  engine::pin(folder, request.param("snapshot"));
  return take_chosen(context, before);
}

HttpResponse unpin(const HttpRequest&, Context& context) {
  engine::pin(context.workspace.snapshots_path(), "");
  return take_chosen(context, "");
}

}  // namespace

void add_snapshots(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/snapshots", .handler = all, .summary = "What was fitted, newest first, and what is in service", .answer_schema = "Snapshots"});
  router.add({.method = "GET", .pattern = "/v1/snapshots/{snapshot}", .handler = one, .summary = "One of them with its settings and figures", .answer_schema = "Snapshot"});
  router.add({.method = "GET", .pattern = "/v1/snapshots/current", .handler = current, .summary = "The one in service, with its settings and figures", .answer_schema = "Snapshot"});
  router.add({.method = "PUT", .pattern = "/v1/snapshots/{snapshot}/pin", .need = Role::admin, .handler = pin,
              .summary = "Roll back, or forth: put it in service and keep it there whatever is fitted later", .answer_schema = "InService"});
  router.add({.method = "DELETE", .pattern = "/v1/snapshots/pin", .need = Role::admin, .handler = unpin, .summary = "Let the newest serve again", .answer_schema = "InService"});
}

}  // namespace attune::serve
