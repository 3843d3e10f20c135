// Gorse's feedback: /api/feedback and what a user or an item has of it. Only with --gorse.
#include <algorithm>
#include <charconv>
#include <iterator>

#include "attune/data/later.h"
#include "attune/serve/gorse.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"
#include "attune/serve/takers.h"

namespace attune::serve {
namespace {

constexpr std::size_t kMostRows = 10000;
constexpr std::size_t kAtOnce = 1000;   // in one commit

// One row that cannot be refuses all, before anything is stored.
HttpResponse take(const HttpRequest& request, Context& context, data::Amend how) {
  std::vector<data::Event> events;
  for (const Json& body : gorse::body_list(request)) data::mark_later(events.emplace_back(gorse::feedback_of(body)), context.now_ms());
  // In parts, between which others' events get their turn.
  for (std::size_t at = 0; at < events.size(); at += kAtOnce) {
    const auto begin = events.begin() + static_cast<std::ptrdiff_t>(at), end = events.begin() + static_cast<std::ptrdiff_t>(std::min(at + kAtOnce, events.size()));
    context.commits.amend({std::make_move_iterator(begin), std::make_move_iterator(end)}, how);
  }
  return gorse::rows_affected(events.size());
}

HttpResponse post(const HttpRequest& request, Context& context) { return take(request, context, data::Amend::add_up); }
HttpResponse put(const HttpRequest& request, Context& context) { return take(request, context, data::Amend::overwrite); }

std::string param_or_none(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.params)
    if (key == name) return value;
  return {};
}

// The rows of one user; type and item empty = any.
std::vector<data::StoredEvent> rows_of(const Context& context, const std::string& user, const std::string& type, const std::string& item) {
  std::vector<data::StoredEvent> events = context.engine.store().user_events(user);
  std::erase_if(events, [&](const data::StoredEvent& s) { return (!type.empty() && s.event.type != type) || (!item.empty() && s.event.item != item); });
  return gorse::feedback_rows(std::move(events));
}

Json list_of(const std::vector<data::StoredEvent>& rows) {
  Json list = Json::array();
  for (const data::StoredEvent& row : rows) list.push_back(gorse::feedback_json(row.event));
  return list;
}

// A cursor is the place in the log to go on after. A row stands where its newest event stands.
HttpResponse all(const HttpRequest& request, Context& context) {
  const std::size_t n = std::min(gorse::query_count(request, "n", 10), kMostRows);
  const std::string type = param_or_none(request, "type");
  data::Sequence from = 0;
  if (const std::string* cursor = request.query_value("cursor"); cursor != nullptr && !cursor->empty()) {
    const auto [end, problem] = std::from_chars(cursor->data(), cursor->data() + cursor->size(), from);
    if (problem != std::errc() || end != cursor->data() + cursor->size()) throw Refusal(400, "bad_cursor", "this is no cursor", "cursor");
  }
  const gorse::FeedbackPage page = gorse::feedback_page(context.engine.store(), from, n, type);
  Json json = Json::object();
  json["Cursor"] = page.is_last ? "" : std::to_string(page.until);
  json["Feedback"] = list_of(page.rows);
  return json_response(200, json);
}

HttpResponse between(const HttpRequest& request, Context& context) {
  return json_response(200, list_of(rows_of(context, request.param("user"), "", request.param("item"))));
}

HttpResponse one(const HttpRequest& request, Context& context) {
  const auto rows = rows_of(context, request.param("user"), request.param("type"), request.param("item"));
  return json_response(200, rows.empty() ? Json::object() : gorse::feedback_json(rows.front().event));
}

HttpResponse take_back(const HttpRequest& request, Context& context) {
  const std::string user = request.param("user"), item = request.param("item"), type = param_or_none(request, "type");
  const std::size_t rows = rows_of(context, user, type, item).size();
  context.engine.retract(user, item, type);
  return gorse::rows_affected(rows);
}

HttpResponse of_user(const HttpRequest& request, Context& context) {
  return json_response(200, list_of(rows_of(context, request.param("user"), param_or_none(request, "type"), "")));
}

HttpResponse of_item(const HttpRequest& request, Context& context) {
  const std::string item = request.param("item"), type = param_or_none(request, "type");
  Json list = Json::array();
  for (const std::string& user : context.part<Takers>().of_item(item))
    for (const data::StoredEvent& row : rows_of(context, user, type, item)) list.push_back(gorse::feedback_json(row.event));
  return json_response(200, list);
}

}  // namespace

void add_gorse_feedback(Router& router, Context& context) {
  if (!context.settings.gorse) return;
  context.add<Takers>(context.engine.store(), context.engine.settings().events);
  const auto add = [&](const char* method, const char* pattern, Role need, Handler handler) {
    router.add({.method = method, .pattern = pattern, .need = need, .handler = std::move(handler), .body_bytes = gorse::kBodyBytes, .any_query = true, .is_hidden = true});
  };
  add("POST", "/api/feedback", Role::write, post);
  add("PUT", "/api/feedback", Role::write, put);
  add("GET", "/api/feedback", Role::read, all);
  add("GET", "/api/feedback/{type}", Role::read, all);
  add("GET", "/api/feedback/{user}/{item}", Role::read, between);
  add("GET", "/api/feedback/{type}/{user}/{item}", Role::read, one);
  add("DELETE", "/api/feedback/{user}/{item}", Role::write, take_back);
  add("DELETE", "/api/feedback/{type}/{user}/{item}", Role::write, take_back);
  add("GET", "/api/user/{user}/feedback", Role::read, of_user);
  add("GET", "/api/user/{user}/feedback/{type}", Role::read, of_user);
  add("GET", "/api/item/{item}/feedback", Role::read, of_item);
  add("GET", "/api/item/{item}/feedback/{type}", Role::read, of_item);
}

}  // namespace attune::serve
