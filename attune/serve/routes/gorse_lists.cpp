// Gorse's lists: /api/recommend, /api/session/recommend, leaderboards, items and users alike. Only with --gorse. An empty list is [].
#include <algorithm>
#include <set>

#include "attune/data/later.h"
#include "attune/serve/asking.h"
#include "attune/serve/fields.h"
#include "attune/serve/gorse.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"
#include "attune/serve/takers.h"

namespace attune::serve {
namespace {

constexpr std::size_t kMostItems = 1000;       // that the engine lists at once
constexpr std::size_t kSessionItems = 100;     // of a visitor that are looked at: the newest
constexpr const char* kPlainSources[] = {"popularity", "text_knn", "text_similarity"};   // that know nothing of who took what together

// n, offset: which part of a list.
struct Part {
  std::size_t n = 10, offset = 0;
  explicit Part(const HttpRequest& request) : n(gorse::query_count(request, "n", 10)), offset(gorse::query_count(request, "offset", 0)) {}
  std::size_t end() const { return std::min(kMostItems, n + std::min(offset, kMostItems)); }
  bool is_empty() const { return n == 0 || offset >= kMostItems; }
};

std::vector<std::string> categories(const HttpRequest& request, bool of_query = true) {
  std::vector<std::string> all = of_query ? gorse::query_categories(request) : std::vector<std::string>();
  for (const auto& [name, value] : request.params)
    if (name == "category") all.push_back(checked_name(value, "category"));
  return all;
}

// Items on which the user of `user-id` has feedback of any type up to now.
std::set<std::string> seen_by(const HttpRequest& request, const Context& context) {
  std::set<std::string> seen;
  const std::string* user = request.query_value("user-id");
  if (user == nullptr || user->empty()) return seen;
  for (const data::StoredEvent& stored : context.engine.store().user_events(*user))
    if (stored.event.time_ms <= context.now_ms()) seen.insert(stored.event.item);
  return seen;
}

Json score(const std::string& id, double value) {
  Json json = Json::object();
  json["Id"] = id;
  json["Score"] = value;
  return json;
}

void cut(engine::List& list, const Part& part) {
  const std::size_t begin = std::min(part.offset, list.items.size()), end = std::min(part.end(), list.items.size());
  list.items = std::vector<engine::ListItem>(std::make_move_iterator(list.items.begin() + static_cast<std::ptrdiff_t>(begin)), std::make_move_iterator(list.items.begin() + static_cast<std::ptrdiff_t>(end)));
}

HttpResponse scores_of(const engine::List& list) {
  Json json = Json::array();
  for (const engine::ListItem& item : list.items) json.push_back(score(item.item, item.score));
  return json_response(200, json);
}

HttpResponse nothing() { return json_response(200, Json::array()); }

// Shown now, taken for seen from now + delay on.
void write_back(const HttpRequest& request, Context& context, const engine::List& list, const std::string& user) {
  const std::string* type = request.query_value("write-back-type");
  if (type == nullptr || type->empty() || list.items.empty()) return;
  if (request.principal.role < Role::write) throw Refusal(403, "forbidden", "write-back-type needs a key with the role write");
  const Json named(*type);
  const std::string* delay = request.query_value("write-back-delay");
  const std::int64_t time_ms = context.now_ms() + (delay == nullptr || delay->empty() ? 0 : gorse::parse_duration(*delay, "write-back-delay"));
  std::vector<data::Event> events;
  for (const engine::ListItem& item : list.items)
    events.push_back({.user = user, .item = item.item, .type = gorse::checked_id(&named, "write-back-type"), .value = std::nullopt, .time_ms = time_ms});
  for (data::Event& event : events) data::mark_later(event, context.now_ms());
  context.commits.amend(std::move(events), data::Amend::overwrite);
}

HttpResponse recommend(const HttpRequest& request, Context& context) {
  const Part part(request);
  const std::string user = checked_name(request.param("user"), "user-id");
  if (const std::string* delay = request.query_value("write-back-delay"); delay != nullptr && !delay->empty()) gorse::parse_duration(*delay, "write-back-delay");
  if (part.is_empty()) return nothing();
  engine::Ask ask{.user = user, .filter = gorse::filter_of(categories(request)), .k = static_cast<int>(part.end())};
  if (request.is_own_id) ask.request = request.id;
  engine::List list = compute_list(context, std::move(ask));
  cut(list, part);
  keep_shown(context, list);
  write_back(request, context, list, user);
  if (request.header("x-api-version") == "2") return scores_of(list);
  Json json = Json::array();
  for (const engine::ListItem& item : list.items) json.push_back(Json(item.item));
  return json_response(200, json);
}

// A visitor's feedback names no user, or an empty one.
Json of_nobody(const Json& body) {
  Json named = Json::object();
  named["UserId"] = "session";
  if (!body.is_object()) return body;
  const Json* user = gorse::member(body, "UserId");
  for (const auto& [key, value] : body.as_object())
    if (&value != user) named[key] = value;
  return named;
}

HttpResponse session(const HttpRequest& request, Context& context) {
  const Part part(request);
  std::vector<data::Event> events;
  for (const Json& body : gorse::body_list(request)) events.push_back(gorse::feedback_of(of_nobody(body)));
  const std::string filter = gorse::filter_of(categories(request, false));
  std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.time_ms < b.time_ms; });
  engine::Ask ask{.filter = filter, .k = static_cast<int>(part.end())};
  const auto world = context.engine.world();
  for (const data::Event& event : events) {
    if (!world->find(event.item)) continue;
    ask.exclude.push_back(event.item);
    if (data::event_weight(context.engine.settings().events, event.type, event.value, event.time_ms, event.time_ms) > 0) ask.history.push_back(event.item);
  }
  if (ask.history.empty() || part.is_empty()) return nothing();
  if (ask.history.size() > kSessionItems) ask.history.erase(ask.history.begin(), ask.history.end() - static_cast<std::ptrdiff_t>(kSessionItems));
  if (request.is_own_id) ask.request = request.id;
  engine::List list = compute_list(context, std::move(ask));
  cut(list, part);
  keep_shown(context, list);
  return scores_of(list);
}

void need_similar(const HttpRequest& request, const Context& context) {
  const std::vector<std::string>& names = context.settings.gorse_similar;
  if (std::find(names.begin(), names.end(), request.param("name")) == names.end())
    throw Refusal(404, "not_found", "no recommender is called '" + request.param("name") + "'; name it with serve --gorse-similar");
}

HttpResponse alike_items(const HttpRequest& request, Context& context) {
  const Part part(request);
  const std::string item = request.param("item");
  if (!gorse::find(context.engine.store(), data::Kind::item, item)) gorse::unknown(data::Kind::item, item);
  if (part.is_empty() || !context.engine.world()->find(item)) return nothing();   // known from events after the fit alone
  engine::Ask ask{.filter = gorse::filter_of(categories(request)), .k = static_cast<int>(part.end())};
  const std::set<std::string> seen = seen_by(request, context);
  ask.exclude.assign(seen.begin(), seen.end());
  engine::List list = context.engine.similar(item, ask);
  cut(list, part);
  return scores_of(list);
}

HttpResponse alike_users(const HttpRequest& request, Context& context) {
  const Part part(request);
  const std::string user = request.param("user");
  if (!gorse::find(context.engine.store(), data::Kind::user, user)) gorse::unknown(data::Kind::user, user);
  Json json = Json::array();
  if (part.is_empty()) return json_response(200, json);
  const auto found = context.part<Takers>().alike(user, part.end());
  for (std::size_t i = part.offset; i < found.size(); ++i)
    if (gorse::find(context.engine.store(), data::Kind::user, found[i].first)) json.push_back(score(found[i].first, found[i].second));   // an erased one is gone at once
  return json_response(200, json);
}

HttpResponse collaborative(const HttpRequest& request, Context& context) {
  const Part part(request);
  engine::Ask ask{.user = checked_name(request.param("user"), "user-id"), .filter = gorse::filter_of(categories(request)), .k = static_cast<int>(part.end())};
  for (const rank::Source& source : context.engine.world()->sources)
    if (std::find(std::begin(kPlainSources), std::end(kPlainSources), source.name) == std::end(kPlainSources)) ask.models.push_back(source.name);
  if (ask.models.empty()) throw Refusal(404, "not_found", "the snapshot has no collaborative model; see [models] use in attune.toml");
  if (part.is_empty() || context.engine.store().user_events(ask.user).empty()) return nothing();
  const std::set<std::string> seen = seen_by(request, context);
  ask.exclude.assign(seen.begin(), seen.end());
  ask.log_exposure = false;
  engine::List list = context.engine.recommend(ask);
  cut(list, part);
  return scores_of(list).with("Last-Modified", gorse::http_date(context.now_ms()));
}

// Which items a leaderboard may show.
class Shelf {
 public:
  Shelf(const HttpRequest& request, const Context& context)
      : world_(context.engine.world()), filter_(rank::Filter::parse(gorse::filter_of(categories(request)))), seen_(seen_by(request, context)) {}
  const rank::World& world() const { return *world_; }
  const data::CatalogueItem* item(ItemId id) const {
    if (world_->is_gone(id)) return nullptr;
    const data::CatalogueItem& item = world_->item(id);
    return item.hidden || seen_.contains(item.name) || !filter_.passes(item) ? nullptr : &item;
  }

 private:
  std::shared_ptr<const rank::World> world_;
  rank::Filter filter_;
  std::set<std::string> seen_;
};

HttpResponse latest(const HttpRequest& request, Context& context) {
  const Part part(request);
  const Shelf shelf(request, context);
  std::vector<const data::CatalogueItem*> items;
  for (std::size_t i = 0; i < shelf.world().item_count() && !part.is_empty(); ++i)
    if (const auto* item = shelf.item(item_at(i))) items.push_back(item);
  const std::size_t end = std::min(part.end(), items.size());
  std::partial_sort(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(end), items.end(), [](const auto* a, const auto* b) { return a->created_ms != b->created_ms ? a->created_ms > b->created_ms : a->name < b->name; });
  Json json = Json::array();
  for (std::size_t i = part.offset; i < end; ++i) json.push_back(score(items[i]->name, static_cast<double>(items[i]->created_ms / 1000)));
  return json_response(200, json).with("Last-Modified", gorse::http_date(context.now_ms()));
}

HttpResponse board(const HttpRequest& request, Context& context, const gorse::Board& board) {
  const Part part(request);
  const Shelf shelf(request, context);
  Json json = Json::array();
  std::size_t place = 0;
  if (!part.is_empty())
    for (const auto& [name, count] : *context.part<Takers>().leaders(board, context.now_ms())) {
      const auto id = shelf.world().find(name);
      if (!id || shelf.item(*id) == nullptr || place++ < part.offset) continue;
      json.push_back(score(name, count));
      if (json.size() == part.n) break;
    }
  return json_response(200, json).with("Last-Modified", gorse::http_date(context.now_ms()));
}

}  // namespace

void add_gorse_lists(Router& router, Context& context) {
  if (!context.settings.gorse) return;
  const auto add = [&](const char* method, std::string pattern, Handler handler) {
    router.add({.method = method, .pattern = std::move(pattern), .need = Role::read, .handler = std::move(handler), .any_query = true, .is_hidden = true});
  };
  for (const char* suffix : {"", "/{category}"}) {
    add("GET", std::string("/api/recommend/{user}") + suffix, recommend);
    add("POST", std::string("/api/session/recommend") + suffix, session);
    add("GET", std::string("/api/latest") + suffix, latest);
    add("GET", std::string("/api/popular") + suffix, [](const HttpRequest& request, Context& c) { return board(request, c, {.name = "popular"}); });
    add("GET", std::string("/api/item/{item}/neighbors") + suffix, alike_items);
    add("GET", std::string("/api/collaborative-filtering/{user}") + suffix, collaborative);
  }
  auto boards = std::make_shared<std::vector<gorse::Board>>();
  for (const std::string& text : context.settings.gorse_boards) boards->push_back(gorse::parse_board(text));
  boards->push_back({.name = "popular"});
  add("GET", "/api/non-personalized/{name}", [boards](const HttpRequest& request, Context& c) {
    const auto found = std::find_if(boards->begin(), boards->end(), [&](const gorse::Board& b) { return b.name == request.param("name"); });
    if (found == boards->end() && request.param("name") == "latest") return latest(request, c);
    if (found == boards->end()) throw Refusal(404, "not_found", "no leaderboard is called '" + request.param("name") + "'; name it with serve --gorse-leaderboard");
    return board(request, c, *found);
  });
  add("GET", "/api/item-to-item/{name}/{item}", [](const HttpRequest& request, Context& c) { need_similar(request, c); return alike_items(request, c); });
  add("GET", "/api/user-to-user/{name}/{user}", [](const HttpRequest& request, Context& c) { need_similar(request, c); return alike_users(request, c); });
  add("GET", "/api/user/{user}/neighbors", alike_users);
}

}  // namespace attune::serve
