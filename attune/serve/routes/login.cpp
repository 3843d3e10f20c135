// Logins: POST /v1/login, POST /v1/logout, GET /v1/session.
#include "attune/serve/door.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"
#include "attune/serve/session_cookie.h"

namespace attune::serve {
namespace {

Json session_json(const Principal& who, const std::string& by) {
  Json json = Json::object();
  json["name"] = who.name;
  json["role"] = name(who.role);
  json["by"] = by;
  return json;
}

HttpResponse log_in(const HttpRequest& request, Context& context) {
  const Json body = body_object(request);
  only(body, {"name", "password"});
  const std::string login = json_text(body, "name", "", 64), password = json_text(body, "password", "", 1024);
  if (login.empty() || password.empty()) throw Refusal(400, "bad_field", "name and password are needed", login.empty() ? "name" : "password");
  const auto entered = context.part<Door>().log_in(login, password, request.peer);
  if (!entered) throw Refusal(401, "wrong_login", "wrong name or password", "", "attune keys user NAME sets a new password");
  Json json = session_json(entered->visitor.principal, "session");
  json["csrf"] = csrf_token(entered->token);
  json["ends_ms"] = entered->visitor.ends_ms;
  const int seconds = static_cast<int>((entered->visitor.ends_ms - context.now_ms()) / 1000);
  return json_response(200, json).with("Set-Cookie", session_cookie(entered->token, request.is_tls, seconds)).with("Cache-Control", "no-store");
}

HttpResponse log_out(const HttpRequest& request, Context& context) {
  if (const Json* digest = request.notes.find("session")) context.part<Door>().log_out(digest->as_string());
  return json_response(200, Json::object()).with("Set-Cookie", session_cookie("", request.is_tls, 0)).with("Cache-Control", "no-store");
}

HttpResponse session(const HttpRequest& request, Context& context) {
  const Door& door = context.part<Door>();
  const bool is_session = request.notes.find("session") != nullptr;
  Json json = session_json(request.principal, is_session ? "session" : request.principal.role == Role::none ? "nobody" : door.is_open() ? "open door" : "key");
  if (is_session) {
    const std::string_view token = *session_token(request);
    json["csrf"] = csrf_token(token);
    if (const auto visitor = door.visitor(token)) json["ends_ms"] = visitor->ends_ms;
  }
  return json_response(200, json).with("Cache-Control", "no-store");
}

}  // namespace

void add_login(Router& router, Context&) {
  router.add({.method = "POST", .pattern = "/v1/login", .need = Role::none, .handler = log_in, .body_bytes = 8192,
              .summary = "Log in with a name and a password: a session cookie, and the token that writes by cookie need as X-CSRF-Token",
              .body_schema = "LoginBody", .answer_schema = "Session"});
  router.add({.method = "POST", .pattern = "/v1/logout", .need = Role::none, .handler = log_out, .body_bytes = 8192, .summary = "End the session", .answer_schema = "Done"});
  router.add({.method = "GET", .pattern = "/v1/session", .need = Role::none, .handler = session, .summary = "Who is asking, with which role", .answer_schema = "Session"});
}

}  // namespace attune::serve
