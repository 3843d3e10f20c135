// Users: PUT, GET, DELETE /v1/users/{user}; GET /v1/users/{user}/events.
#include "attune/serve/fields.h"
#include "attune/serve/receipts.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"
#include "attune/serve/shown.h"

namespace attune::serve {
namespace {

constexpr std::size_t kMostEvents = 1000;

HttpResponse put(const HttpRequest& request, Context& context) {
  const Json body = body_object(request);
  only(body, {"text", "attributes", "created_ms"});
  data::Record record;
  record.name = checked_name(request.param("user"), "user");
  record.text = json_text(body, "text");
  if (const Json* attributes = body.find("attributes"); attributes != nullptr && !attributes->is_null()) {
    if (!attributes->is_object()) throw Refusal(400, "bad_field", "attributes must be an object", "attributes", "{\"city\": \"Porto\"}");
    record.attributes = *attributes;
  }
  record.created_ms = json_integer(body, "created_ms", 0, 0, 4102444800000);
  const bool is_new = !context.engine.store().find(data::Kind::user, record.name).has_value();
  context.engine.put_user(record);
  const data::Record now = *context.engine.store().find(data::Kind::user, record.name);
  Json json = Json::object();
  json["user"] = now.name;
  json["text"] = now.text;
  json["attributes"] = now.attributes;
  json["created_ms"] = now.created_ms == 0 ? Json() : Json(now.created_ms);
  return json_response(is_new ? 201 : 200, json);
}

// A user nobody knows is an answer, not an error: known = false.
HttpResponse get(const HttpRequest& request, Context& context) {
  const std::string name = request.param("user");
  const auto record = context.engine.store().find(data::Kind::user, name);
  const auto events = context.engine.store().user_events(name);
  Json json = Json::object();
  json["user"] = name;
  json["known"] = record.has_value() || !events.empty();
  json["text"] = record ? record->text : "";
  json["attributes"] = record ? record->attributes : Json::object();
  json["created_ms"] = record && record->created_ms != 0 ? Json(record->created_ms) : Json();
  json["events"] = events.size();
  json["first_ms"] = events.empty() ? Json() : Json(events.front().event.time_ms);
  json["last_ms"] = events.empty() ? Json() : Json(events.back().event.time_ms);
  return json_response(200, json);
}

// The newest first.
HttpResponse events_of(const HttpRequest& request, Context& context) {
  const std::string name = request.param("user");
  const auto n = static_cast<std::size_t>(query_integer(request, "n", 100, 1, kMostEvents));
  const auto events = context.engine.store().user_events(name);
  const auto world = context.engine.world();
  Json json = Json::object();
  json["user"] = name;
  json["total"] = events.size();
  json["events"] = Json::array();
  for (std::size_t i = 0; i < std::min(n, events.size()); ++i) {
    const data::StoredEvent& stored = events[events.size() - 1 - i];
    Json one = Json::object();
    one["sequence"] = stored.sequence;
    one["item"] = stored.event.item;
    const auto id = world->find(stored.event.item);
    one["text"] = id ? world->item(*id).text : "";
    one["type"] = stored.event.type;
    one["value"] = stored.event.value ? Json(*stored.event.value) : Json();
    one["time_ms"] = stored.event.time_ms;
    one["session"] = stored.event.session;
    one["request"] = stored.event.request;
    json["events"].push_back(std::move(one));
  }
  return json_response(200, json);
}

// An unlike, a mistake: those events count no more, from the next answer on.
HttpResponse take_back(const HttpRequest& request, Context& context) {
  const std::string item = query_text(request, "item", "", 512);
  if (item.empty()) throw Refusal(400, "bad_field", "which item's events?", "item", "give item=NAME, and type=TYPE for those of one type");
  Json json = Json::object();
  json["user"] = request.param("user");
  json["item"] = item;
  json["taken_back"] = context.engine.retract(request.param("user"), item, query_text(request, "type", "", 64));
  return json_response(200, json);
}

HttpResponse erase(const HttpRequest& request, Context& context) {
  const data::Receipt receipt = context.engine.erase(data::Kind::user, request.param("user"));
  context.part<Shown>().forget_user(request.param("user"));
  return json_response(200, receipt_json(receipt));
}

}  // namespace

void add_users(Router& router, Context&) {
  router.add({.method = "PUT", .pattern = "/v1/users/{user}", .need = Role::write, .handler = put, .summary = "Make a user, or change what the body names",
              .body_schema = "UserBody", .answer_schema = "UserRecord", .more_answers = {{201, "UserRecord"}}});
  router.add({.method = "GET", .pattern = "/v1/users/{user}", .handler = get, .summary = "A user", .answer_schema = "User"});
  router.add({.method = "GET", .pattern = "/v1/users/{user}/events", .handler = events_of, .summary = "What a user did, newest first",
              .query = {{"n", "integer", "how many at most; 1..1000"}}, .answer_schema = "UserEvents"});
  router.add({.method = "DELETE", .pattern = "/v1/users/{user}/events", .need = Role::write, .handler = take_back, .summary = "Take a user's events with an item back: an unlike, a mistake",
              .query = {{"item", "string", "the item", true}, {"type", "string", "only events of this type"}}, .answer_schema = "TakenBack"});
  router.add({.method = "DELETE", .pattern = "/v1/users/{user}", .need = Role::admin, .handler = erase, .summary = "Erase a user: events, record, lists shown", .answer_schema = "Receipt"});
}

}  // namespace attune::serve
