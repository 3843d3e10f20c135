// Keys over HTTP: GET, POST /v1/keys, DELETE /v1/keys/{key}; GET /v1/audit.
#include "attune/serve/door.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

Json key_json(const Key& key) {
  Json json = Json::object();
  json["name"] = key.name;
  json["kind"] = "key";
  json["role"] = name(key.role);
  json["rate"] = key.rate.count == 0 ? Json() : Json(to_text(key.rate));
  json["begins"] = key.begins;
  json["made_ms"] = key.made_ms;
  json["revoked_ms"] = key.revoked_ms == 0 ? Json() : Json(key.revoked_ms);
  return json;
}

HttpResponse list(const HttpRequest&, Context& context) {
  Access& access = context.part<Door>().access();
  Json json = Json::object();
  json["keys"] = Json::array();
  for (const Key& key : access.keys()) json["keys"].push_back(key_json(key));
  for (const Login& login : access.logins()) {
    Json one = Json::object();
    one["name"] = login.name;
    one["kind"] = "login";
    one["role"] = name(login.role);
    one["rate"] = Json();
    one["begins"] = "";
    one["made_ms"] = login.made_ms;
    one["revoked_ms"] = Json();
    json["keys"].push_back(std::move(one));
  }
  return json_response(200, json);
}

HttpResponse create(const HttpRequest& request, Context& context) {
  const Json body = body_object(request);
  only(body, {"name", "role", "rate"});
  const std::string key_name = json_text(body, "name", "", 64), role = json_text(body, "role", "", 10);
  if (key_name.empty() || role.empty()) throw Refusal(400, "bad_field", "name and role are needed", key_name.empty() ? "name" : "role", R"({"name": "shop", "role": "write"})");
  Door& door = context.part<Door>();
  const std::string secret = door.access().create_key(key_name, parse_role(role), parse_rate(json_text(body, "rate", "", 20)), context.now_ms());
  door.renew();
  AuditEntry entry{.time_ms = context.now_ms(), .who = request.principal.name, .from = request.peer, .action = "keys create", .what = key_name + " " + role};
  entry.request = request.id;
  entry.status = 201;
  door.note(std::move(entry));
  Json json = Json::object();
  json["name"] = key_name;
  json["key"] = secret;   // this once
  return json_response(201, json).with("Cache-Control", "no-store");
}

HttpResponse revoke(const HttpRequest& request, Context& context) {
  Door& door = context.part<Door>();
  const std::string key_name = request.param("key");
  if (!door.access().revoke_key(key_name, context.now_ms()) && !door.access().remove_login(key_name))
    throw Refusal(404, "not_found", "there is no good key or login of that name", "key", "GET /v1/keys lists them");
  door.renew();
  Json json = Json::object();
  json["revoked"] = key_name;
  return json_response(200, json);
}

HttpResponse audit(const HttpRequest& request, Context& context) {
  const auto most = static_cast<std::size_t>(query_integer(request, "n", 100, 1, 1000));
  const std::int64_t before = query_integer(request, "before", 0, 0, INT64_MAX);
  Json json = Json::object();
  json["entries"] = Json::array();
  std::int64_t last = 0;
  for (const AuditEntry& entry : context.part<Door>().access().audit(most, before)) {
    json["entries"].push_back(to_json(entry));
    last = entry.number;
  }
  json["before"] = json["entries"].size() < most || last <= 1 ? Json() : Json(last);
  return json_response(200, json);
}

}  // namespace

void add_keys(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/keys", .need = Role::admin, .handler = list, .summary = "Keys and logins, without their secrets", .answer_schema = "Keys"});
  router.add({.method = "POST", .pattern = "/v1/keys", .need = Role::admin, .handler = create, .body_bytes = 8192, .summary = "Make a key; its secret is told this once",
              .body_schema = "KeyBody", .answer_schema = "NewKey", .answer_status = 201});
  router.add({.method = "DELETE", .pattern = "/v1/keys/{key}", .need = Role::admin, .handler = revoke, .summary = "Revoke a key or remove a login", .answer_schema = "Revoked"});
  router.add({.method = "GET", .pattern = "/v1/audit", .need = Role::admin, .handler = audit, .summary = "What was done with the role admin, newest first",
              .query = {{"n", "integer", "how many at most; 1..1000"}, {"before", "integer", "only entries with a smaller number"}}, .answer_schema = "Audit"});
}

}  // namespace attune::serve
