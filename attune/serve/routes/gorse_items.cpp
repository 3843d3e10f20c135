// Gorse's items: /api/item, /api/items. Only with --gorse.
#include <algorithm>

#include "attune/data/names.h"
#include "attune/serve/fields.h"
#include "attune/serve/gorse.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

using data::Kind;

constexpr std::size_t kMostItems = 10000;

void put(Context& context, std::span<const Json> bodies) {
  context.engine.put(gorse::put_records(context.engine.store(), Kind::item, gorse::item_of, bodies));
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

data::Record known(const HttpRequest& request, const Context& context) {
  const std::string name = request.param("item");
  auto record = gorse::find(context.engine.store(), Kind::item, name);
  if (!record) gorse::unknown(Kind::item, name);
  return std::move(*record);
}

HttpResponse get(const HttpRequest& request, Context& context) { return json_response(200, gorse::item_json(known(request, context))); }

Json page(std::string cursor) {
  Json json = Json::object();
  json["Cursor"] = std::move(cursor);
  json["Items"] = Json::array();
  return json;
}

// By what the texts say; Gorse looks for words.
HttpResponse search(const std::string& words, std::size_t n, const Context& context) {
  Json json = page("");
  if (n == 0) return json_response(200, json);
  for (const engine::ListItem& hit : context.engine.search(words, {.k = static_cast<int>(std::min<std::size_t>(n, 1000)), .log_exposure = false}).items)
    if (const auto record = gorse::find(context.engine.store(), Kind::item, hit.item)) json["Items"].push_back(gorse::item_json(*record));
  return json_response(200, json);
}

HttpResponse all(const HttpRequest& request, Context& context) {
  const std::size_t n = std::min(gorse::query_count(request, "n", 10), kMostItems);
  if (const std::string words = query_text(request, "q"); !words.empty()) return search(words, n, context);
  const std::string* cursor = request.query_value("cursor");
  const auto names = n == 0 ? std::vector<std::string>() : data::names_of(context.engine.store(), Kind::item, "", cursor == nullptr ? "" : *cursor, n + 1);
  Json json = page(names.size() > n ? names[n - 1] : "");
  for (std::size_t i = 0; i < std::min(n, names.size()); ++i)
    if (const auto record = gorse::find(context.engine.store(), Kind::item, names[i])) json["Items"].push_back(gorse::item_json(*record));
  return json_response(200, json);
}

HttpResponse change(const data::Record& before, data::Record record, Context& context) {
  context.engine.put(gorse::replacing(std::move(record), before));
  return gorse::rows_affected(1);
}

HttpResponse patch(const HttpRequest& request, Context& context) {
  const data::Record before = known(request, context);
  data::Record record = before;
  gorse::patch_item(record, gorse::body_object(request));
  return change(before, std::move(record), context);
}

HttpResponse erase(const HttpRequest& request, Context& context) {
  const std::string name = request.param("item");
  if (!gorse::find(context.engine.store(), Kind::item, name)) return gorse::rows_affected(0);
  context.engine.erase(Kind::item, name);
  return gorse::rows_affected(1);
}

HttpResponse with_categories(const data::Record& before, const std::vector<std::string>& categories, Context& context) {
  data::Record record = before;
  Json& list = record.attributes["categories"] = Json::array();
  for (const std::string& category : categories) list.push_back(category);
  return change(before, std::move(record), context);
}

HttpResponse add_category(const HttpRequest& request, Context& context) {
  const data::Record before = known(request, context);
  const std::string category = checked_name(request.param("category"), "category");
  std::vector<std::string> categories = gorse::categories_of(before.attributes);
  if (std::find(categories.begin(), categories.end(), category) == categories.end()) categories.push_back(category);
  return with_categories(before, categories, context);
}

HttpResponse remove_category(const HttpRequest& request, Context& context) {
  const data::Record before = known(request, context);
  std::vector<std::string> categories = gorse::categories_of(before.attributes);
  std::erase(categories, request.param("category"));
  return with_categories(before, categories, context);
}

}  // namespace

void add_gorse_items(Router& router, Context& context) {
  if (!context.settings.gorse) return;
  const auto add = [&](const char* method, const char* pattern, Role need, Handler handler) {
    router.add({.method = method, .pattern = pattern, .need = need, .handler = std::move(handler), .body_bytes = gorse::kBodyBytes, .any_query = true, .is_hidden = true});
  };
  add("POST", "/api/item", Role::write, post_one);
  add("POST", "/api/items", Role::write, post_many);
  add("GET", "/api/item/{item}", Role::read, get);
  add("GET", "/api/items", Role::read, all);
  add("PATCH", "/api/item/{item}", Role::write, patch);
  add("DELETE", "/api/item/{item}", Role::write, erase);
  add("PUT", "/api/item/{item}/category/{category}", Role::write, add_category);
  add("DELETE", "/api/item/{item}/category/{category}", Role::write, remove_category);
}

}  // namespace attune::serve
