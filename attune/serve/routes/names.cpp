// Names: GET /v1/names?q=: users whose name begins with some letters, items whose name or text does or holds them; for whoever types.
// GET /v1/items, GET /v1/users: all of them, page by page.
#include <algorithm>

#include "attune/data/names.h"
#include "attune/rank/filter.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Where the letters stand, capitals or not; npos: nowhere.
std::size_t place_of(std::string_view letters, std::string_view text) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  const auto at = std::search(text.begin(), text.end(), letters.begin(), letters.end(), same);
  return at == text.end() ? std::string_view::npos : static_cast<std::size_t>(at - text.begin());
}

// The first n of `count` whose `text_of` begins with the letters, filled up with those that hold them.
template <class TextOf>
std::vector<std::size_t> matches(std::string_view letters, std::size_t count, std::size_t n, TextOf text_of) {
  std::vector<std::size_t> first, within;
  for (std::size_t i = 0; i < count && first.size() < n; ++i) {
    const std::size_t at = place_of(letters, text_of(i));
    if (at == 0) first.push_back(i);
    else if (at != std::string_view::npos && within.size() < n) within.push_back(i);
  }
  first.insert(first.end(), within.begin(), within.end());
  if (first.size() > n) first.resize(n);
  return first;
}

HttpResponse names(const HttpRequest& request, Context& context) {
  const std::string letters = query_text(request, "q", "", 512);
  const auto n = static_cast<std::size_t>(query_integer(request, "n", 10, 1, 100));
  const auto world = context.engine.world();
  Json json = Json::object(), people = Json::array(), things = Json::array();
  for (const std::string& name : data::names_of(context.engine.store(), data::Kind::user, letters, "", n)) people.push_back(name);
  const auto shown = [&](std::size_t i) {
    const ItemId id = item_at(i);
    const data::CatalogueItem& item = world->item(id);
    Json one = Json::object();
    one["item"] = item.name;
    one["text"] = item.text;
    if (!world->is_gone(id)) things.push_back(std::move(one));
  };
  std::vector<std::size_t> items = matches(letters, world->item_count(), n, [&](std::size_t i) { return std::string_view(world->item(item_at(i)).name); });
  for (const std::size_t i : matches(letters, world->item_count(), n, [&](std::size_t k) { return std::string_view(world->item(item_at(k)).text); }))
    if (items.size() < n && std::find(items.begin(), items.end(), i) == items.end()) items.push_back(i);
  for (const std::size_t i : items) shown(i);
  json["users"] = std::move(people);
  json["items"] = std::move(things);
  return json_response(200, json);
}

// A cursor of these is the place to go on from.
std::size_t begin_of(const HttpRequest& request) { return static_cast<std::size_t>(query_integer(request, "cursor", 0, 0, 4'000'000'000)); }

HttpResponse all_items(const HttpRequest& request, Context& context) {
  const auto n = static_cast<std::size_t>(query_integer(request, "n", 100, 1, 1000));
  const auto world = context.engine.world();
  const rank::Filter filter = rank::Filter::parse(query_text(request, "filter"));
  Json json = Json::object(), list = Json::array();
  std::size_t at = begin_of(request);
  for (; at < world->item_count() && list.size() < n; ++at) {
    const ItemId id = item_at(at);
    const data::CatalogueItem& item = world->item(id);
    if (world->is_gone(id) || !filter.passes(item)) continue;
    Json one = Json::object();
    one["item"] = item.name;
    one["text"] = item.text;
    one["attributes"] = item.attributes;
    one["created_ms"] = item.created_ms == 0 ? Json() : Json(item.created_ms);
    one["hidden"] = item.hidden;
    list.push_back(std::move(one));
  }
  json["items"] = std::move(list);
  json["total"] = world->item_count() - world->gone.size();
  json["cursor"] = at < world->item_count() ? Json(std::to_string(at)) : Json();
  return json_response(200, json);
}

// A cursor of these is the last name of the page before.
HttpResponse all_users(const HttpRequest& request, Context& context) {
  const auto n = static_cast<std::size_t>(query_integer(request, "n", 100, 1, 1000));
  const auto found = data::names_of(context.engine.store(), data::Kind::user, query_text(request, "begin"), query_text(request, "cursor"), n);
  Json json = Json::object();
  json["users"] = Json::array();
  for (const std::string& name : found) json["users"].push_back(name);
  json["total"] = context.engine.store().counts().users;
  json["cursor"] = found.size() == n ? Json(found.back()) : Json();
  return json_response(200, json);
}

}  // namespace

void add_names(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/names", .handler = names, .summary = "Users whose name begins with some letters, items whose name or text holds them",
              .query = {{"q", "string", "the letters"}, {"n", "integer", "how many of each; 1..100"}}, .answer_schema = "Names"});
  router.add({.method = "GET", .pattern = "/v1/items", .handler = all_items, .summary = "All items, page by page",
              .query = {{"n", "integer", "how many; 1..1000"}, {"cursor", "string", "of the page before"}, {"filter", "string", "only items that pass"}}, .answer_schema = "Items"});
  router.add({.method = "GET", .pattern = "/v1/users", .handler = all_users, .summary = "All users, page by page",
              .query = {{"n", "integer", "how many; 1..1000"}, {"cursor", "string", "of the page before"}, {"begin", "string", "only names that begin so"}}, .answer_schema = "Users"});
}

}  // namespace attune::serve
