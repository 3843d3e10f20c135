// Gorse's users: /api/user, /api/users. Only with --gorse.
#include "attune/data/names.h"
#include "attune/serve/gorse.h"
#include "attune/serve/service.h"
#include "attune/serve/shown.h"

namespace attune::serve {
namespace {

using data::Kind;

constexpr std::size_t kMostUsers = 10000;

void put(Context& context, std::span<const Json> bodies) {
  context.engine.put_users(gorse::put_records(context.engine.store(), Kind::user, gorse::user_of, bodies));
}

HttpResponse post_one(const HttpRequest& request, Context& context) {
  const Json body = gorse::body_object(request);
  put(context, std::span(&body, 1));
  return gorse::rows_affected(1);
}

HttpResponse post_many(const HttpRequest& request, Context& context) {
  const std::vector<Json> bodies = gorse::body_list(request);
  put(context, bodies);
  return gorse::rows_affected(bodies.size());
}

HttpResponse get(const HttpRequest& request, Context& context) {
  const std::string name = request.param("user");
  const auto record = gorse::find(context.engine.store(), Kind::user, name);
  if (!record) gorse::unknown(Kind::user, name);
  return json_response(200, gorse::user_json(*record));
}

HttpResponse all(const HttpRequest& request, Context& context) {
  const std::size_t n = std::min(gorse::query_count(request, "n", 10), kMostUsers);
  const std::string* cursor = request.query_value("cursor");
  const auto names = n == 0 ? std::vector<std::string>() : data::names_of(context.engine.store(), Kind::user, "", cursor == nullptr ? "" : *cursor, n + 1);
  Json json = Json::object();
  json["Cursor"] = names.size() > n ? names[n - 1] : "";
  Json& users = json["Users"] = Json::array();
  for (std::size_t i = 0; i < std::min(n, names.size()); ++i)
    if (const auto record = gorse::find(context.engine.store(), Kind::user, names[i])) users.push_back(gorse::user_json(*record));
  return json_response(200, json);
}

HttpResponse patch(const HttpRequest& request, Context& context) {
  const std::string name = request.param("user");
  const auto before = gorse::find(context.engine.store(), Kind::user, name);
  if (!before) gorse::unknown(Kind::user, name);
  data::Record record = *before;
  gorse::patch_user(record, gorse::body_object(request));
  context.engine.put_user(gorse::replacing(std::move(record), before));
  return gorse::rows_affected(1);
}

HttpResponse erase(const HttpRequest& request, Context& context) {
  const std::string name = request.param("user");
  if (!gorse::find(context.engine.store(), Kind::user, name)) return gorse::rows_affected(0);
  context.engine.erase(Kind::user, name);
  context.part<Shown>().forget_user(name);
  return gorse::rows_affected(1);
}

}  // namespace

void add_gorse_users(Router& router, Context& context) {
  if (!context.settings.gorse) return;
  const auto add = [&](const char* method, const char* pattern, Role need, Handler handler, std::size_t body_bytes = gorse::kBodyBytes) {
    router.add({.method = method, .pattern = pattern, .need = need, .handler = std::move(handler), .body_bytes = body_bytes, .any_query = true, .is_hidden = true});
  };
  add("POST", "/api/user", Role::write, post_one);
  add("POST", "/api/users", Role::write, post_many);
  add("GET", "/api/user/{user}", Role::read, get);
  add("GET", "/api/users", Role::read, all);
  add("PATCH", "/api/user/{user}", Role::write, patch);
  add("DELETE", "/api/user/{user}", Role::write, erase);
}

}  // namespace attune::serve
