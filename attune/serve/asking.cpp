// Asking over HTTP: see the header.
#include "attune/serve/asking.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "attune/serve/context.h"
#include "attune/serve/experiments.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"
#include "attune/serve/shown.h"

namespace attune::serve {
namespace {

constexpr double kAny = 1e30, kMostWeight = 100;

void check_language(const engine::Ask& ask) {
  if (ask.language.empty() || ask.language == "en" || ask.language == "zh") return;
  throw Refusal(400, "bad_field", "language must be en or zh, not '" + ask.language.substr(0, 20) + "'", "language");
}

std::map<std::string, double> json_weights(const Json& body) {
  std::map<std::string, double> weights;
  const Json* given = body.find("weights");
  if (given == nullptr || given->is_null()) return weights;
  if (!given->is_object()) throw Refusal(400, "bad_field", "weights must be an object of numbers", "weights", R"({"slist": 2, "popularity": 0})");
  for (const auto& [model, weight] : given->as_object()) {
    if (!weight.is_number() || !(weight.as_number() >= 0 && weight.as_number() <= kMostWeight))
      throw Refusal(400, "bad_field", "a weight must be 0.." + std::to_string(static_cast<int>(kMostWeight)), "weights." + model, "0 switches a model off, 1 leaves it as learned");
    weights[model] = weight.as_number();
  }
  return weights;
}

}  // namespace

const std::vector<QueryParam>& list_params() {
  static const std::vector<QueryParam> params = {
      {"k", "integer", "length of the list; 1..1000"},
      {"filter", "string", "only items that pass: price <= 10 and category = kitchen"},
      {"exclude", "string", "items to leave out: a,b,c"},
      {"caps", "string", "at most so many of one value: category=3,brand=2"},
      {"diversity", "number", "0 = most relevant first .. 1 = as different as can be"},
      {"min_score", "number", "leave out items below this score"},
      {"models", "string", "only these models of the snapshot: slist,ease"},
      {"language", "string", "of the reasons: en or zh"},
      {"explain", "boolean", "with the parts that every score is the sum of"}};
  return params;
}

engine::Ask ask_of_query(const HttpRequest& request) {
  engine::Ask ask;
  ask.k = static_cast<int>(query_integer(request, "k", 0, 1, 1000));
  ask.filter = query_text(request, "filter");
  ask.exclude = query_list(request, "exclude");
  ask.caps = query_text(request, "caps");
  ask.diversity = query_number(request, "diversity", -1, 0, 1);
  ask.min_score = query_number(request, "min_score", -kAny, -kAny, kAny);
  ask.models = query_list(request, "models");
  ask.language = query_text(request, "language");
  ask.explain = query_flag(request, "explain", false);
  check_language(ask);
  if (request.is_own_id) ask.request = request.id;
  return ask;
}

engine::Ask ask_of_body(const HttpRequest& request, const Json& body) {
  only(body, {"user", "history", "about", "k", "filter", "exclude", "caps", "diversity", "min_score", "models", "weights", "language", "explain", "rotate", "cursor"});
  engine::Ask ask;
  ask.user = json_text(body, "user", "", 512);
  ask.history = json_list(body, "history");
  ask.about = json_text(body, "about", "", 4096);
  ask.k = static_cast<int>(json_integer(body, "k", 0, 1, 1000));
  ask.filter = json_text(body, "filter", "", 4096);
  ask.exclude = json_list(body, "exclude");
  ask.caps = json_text(body, "caps", "", 4096);
  ask.diversity = json_number(body, "diversity", -1, 0, 1);
  ask.min_score = json_number(body, "min_score", -kAny, -kAny, kAny);
  ask.models = json_list(body, "models", 100);
  ask.weights = json_weights(body);
  ask.language = json_text(body, "language", "", 20);
  ask.explain = json_flag(body, "explain", false);
  check_language(ask);
  if (request.is_own_id) ask.request = request.id;
  return ask;
}

namespace {

// How long each stage took: browsers show it, metrics and traces read it.
HttpResponse with_timings(HttpResponse response, const engine::List& list) {
  if (list.timings.empty()) return response;
  std::string stages;
  for (const rank::Timing& timing : list.timings) stages += fmt::format("{}{};dur={:.3f}", stages.empty() ? "" : ", ", timing.stage, timing.ms);
  response.with("Server-Timing", std::move(stages));
  return response;
}

}  // namespace

HttpResponse list_response(const engine::List& list, bool explain) { return with_timings(json_response(200, to_json(list, explain)), list); }

namespace {

constexpr int kMostPages = 1000;
constexpr int kMostItems = 1000, kRotatedFrom = 3;   // a turned list is chosen from so many times its length
constexpr int kMostShowings = 5;                     // that count

// A cursor is the request id of the page it asks for: that of the first page, and the page's number from 2 on.
struct Cursor {
  std::string first;
  int page = 1;
};

Cursor parse_cursor(const std::string& text) {
  const std::size_t dot = text.rfind('.');
  Cursor cursor{text.substr(0, std::min(dot, text.size())), 0};
  if (dot != std::string::npos) std::from_chars(text.data() + dot + 1, text.data() + text.size(), cursor.page);
  if (cursor.page < 2 || cursor.page > kMostPages || text != cursor.first + "." + std::to_string(cursor.page))
    throw Refusal(400, "bad_cursor", "this is no cursor", "cursor", "take the member \"cursor\" of the list before");
  return cursor;
}

std::string page_id(const std::string& first, int page) { return page == 1 ? first : first + "." + std::to_string(page); }

// What stood on the pages before is left out.
void leave_out_pages(const Cursor& cursor, const Shown& shown, engine::Ask& ask) {
  for (int page = 1; page < cursor.page; ++page) {
    const auto before = shown.list(page_id(cursor.first, page));
    if (!before || before->user != ask.user)
      throw Refusal(400, "bad_cursor", "the pages before this one are not known" + std::string(before ? " for this user" : " any more"), "cursor", "begin again without a cursor");
    ask.exclude.insert(ask.exclude.end(), before->items.begin(), before->items.end());
  }
  ask.request = page_id(cursor.first, cursor.page);
}

// Every showing of late that brought no take takes `rotation` from an item's score, which its reasons tell; then the best k.
void rotate(engine::List& list, const std::map<std::string, int>& shown, double rotation, std::size_t k, bool zh) {
  for (engine::ListItem& item : list.items) {
    const auto found = shown.find(item.item);
    if (found == shown.end()) continue;
    const int times = std::min(found->second, kMostShowings);
    const double effect = -rotation * times;
    item.score += effect;
    item.why.value += effect;
    item.why.parts.push_back({"rotate", effect, {}});
    item.notes.push_back({"rotate", zh ? "最近展示过" + std::to_string(times) + "次，没有被选" : "shown " + std::to_string(times) + (times == 1 ? " time" : " times") + " lately and not taken", effect});
  }
  std::stable_sort(list.items.begin(), list.items.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  if (list.items.size() > k) list.items.resize(k);
}

}  // namespace

engine::List compute_list(Context& context, engine::Ask ask) {
  ask.log_exposure = false;   // the commits keep it, so that nobody waits for the disk
  const Experiments* experiments = context.find_part<Experiments>();
  return experiments == nullptr ? context.engine.recommend(ask) : experiments->recommend(ask);
}

void keep_shown(Context& context, const engine::List& list) {
  if (list.items.empty()) return;
  data::Exposure exposure = engine::exposure_of(list, context.now_ms());
  context.part<Shown>().add(exposure);
  context.commits.shown(std::move(exposure));
}

HttpResponse answer_list(const HttpRequest&, Context& context, engine::Ask ask, const Page& page) {
  Shown& shown = context.part<Shown>();
  const double rotation = page.rotate >= 0 ? page.rotate : context.settings.rotate;
  Cursor at{.first = "", .page = 1};
  if (!page.cursor.empty()) {
    at = parse_cursor(page.cursor);
    leave_out_pages(at, shown, ask);
  }
  const int k = ask.k > 0 ? ask.k : context.engine.settings().lists.k;
  const bool is_rotated = rotation > 0 && !ask.user.empty();
  if (is_rotated) ask.k = std::min(kMostItems, k * kRotatedFrom);
  engine::List list = compute_list(context, ask);
  if (is_rotated) rotate(list, shown.counts(ask.user, context.now_ms()), rotation, static_cast<std::size_t>(k), (ask.language.empty() ? context.engine.settings().lists.language : ask.language) == "zh");
  keep_shown(context, list);
  const bool is_last = list.items.size() < static_cast<std::size_t>(k) || at.page >= kMostPages;
  Json json = to_json(list, ask.explain);
  json["cursor"] = is_last ? Json() : Json(page_id(at.page == 1 ? list.request : at.first, at.page + 1));
  return with_timings(json_response(200, json), list);
}

}  // namespace attune::serve
