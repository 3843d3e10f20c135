// Items: PUT, GET, DELETE /v1/items/{item}. An item put is in the next list; one deleted is in none.
#include "attune/serve/fields.h"
#include "attune/serve/receipts.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

Json shown(const data::Record& record) {
  Json json = Json::object();
  json["item"] = record.name;
  json["text"] = record.text;
  json["attributes"] = record.attributes;
  json["created_ms"] = record.created_ms == 0 ? Json() : Json(record.created_ms);
  json["hidden"] = record.hidden;
  return json;
}

[[noreturn]] void unknown(const std::string& name) {
  throw Refusal(404, "unknown_item", "there is no item '" + name + "'", "item", "put it first: PUT /v1/items/" + escape(name));
}

HttpResponse put(const HttpRequest& request, Context& context) {
  const Json body = body_object(request);
  only(body, {"text", "attributes", "created_ms", "hidden"});
  data::Record record;
  record.name = checked_name(request.param("item"), "item");
  record.text = json_text(body, "text");
  if (const Json* attributes = body.find("attributes"); attributes != nullptr && !attributes->is_null()) {
    if (!attributes->is_object()) throw Refusal(400, "bad_field", "attributes must be an object, not " + attributes->dump().substr(0, 100), "attributes", "{\"price\": 3.5, \"category\": [\"kitchen\"]}");
    record.attributes = *attributes;
  }
  record.created_ms = json_integer(body, "created_ms", 0, 0, 4102444800000);
  record.hidden = json_flag(body, "hidden", false);
  const bool is_new = !context.engine.store().find(data::Kind::item, record.name).has_value();
  context.engine.put(record);
  return json_response(is_new ? 201 : 200, shown(*context.engine.store().find(data::Kind::item, record.name)));
}

HttpResponse get(const HttpRequest& request, Context& context) {
  const std::string name = request.param("item");
  const auto world = context.engine.world();
  const auto id = world->find(name);
  const auto record = context.engine.store().find(data::Kind::item, name);
  if (!record && !id) unknown(name);
  Json json = shown(record ? *record : data::Record{.name = name});   // without a record: known from events alone
  if (id) json["takers"] = world->takers(*id);
  return json_response(200, json);
}

HttpResponse erase(const HttpRequest& request, Context& context) {
  return json_response(200, receipt_json(context.engine.erase(data::Kind::item, request.param("item"))));
}

}  // namespace

void add_items(Router& router, Context&) {
  router.add({.method = "PUT", .pattern = "/v1/items/{item}", .need = Role::write, .handler = put, .summary = "Make an item, or change what the body names",
              .body_schema = "ItemBody", .answer_schema = "Item", .more_answers = {{201, "Item"}}});
  router.add({.method = "GET", .pattern = "/v1/items/{item}", .handler = get, .summary = "An item", .answer_schema = "Item", .has_etag = true});
  router.add({.method = "DELETE", .pattern = "/v1/items/{item}", .need = Role::admin, .handler = erase, .summary = "Erase an item and its events", .answer_schema = "Receipt"});
}

}  // namespace attune::serve
