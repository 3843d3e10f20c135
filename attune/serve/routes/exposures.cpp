// Exposures: GET /v1/exposures/{request}: a list that was shown, and which events answered it. POST .../rating: how good it was.
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"
#include "attune/serve/shown.h"

namespace attune::serve {
namespace {

Json shown(const data::ListRating& rating) {
  Json json = Json::object();
  json["request"] = rating.request;
  json["value"] = rating.value;
  json["comment"] = rating.comment;
  json["time_ms"] = rating.time_ms;
  return json;
}

data::Exposure list_of(const HttpRequest& request, Context& context) {
  auto exposure = context.part<Shown>().list(request.param("request"));
  if (!exposure) throw Refusal(404, "unknown_request", "no list was shown under the request '" + request.param("request") + "'", "request", "take the member \"request\" of a list");
  return std::move(*exposure);
}

HttpResponse one(const HttpRequest& request, Context& context) {
  const data::Exposure exposure = list_of(request, context);
  const auto events = context.engine.store().request_events(exposure.request);
  Json json = Json::object();
  json["request"] = exposure.request;
  json["user"] = exposure.user;
  json["snapshot"] = exposure.snapshot;
  json["time_ms"] = exposure.time_ms;
  json["note"] = exposure.note;
  json["items"] = Json::array();
  for (std::size_t i = 0; i < exposure.items.size(); ++i) {
    Json item = Json::object();
    item["item"] = exposure.items[i];
    item["score"] = exposure.scores[i];
    item["propensity"] = exposure.propensities[i];
    item["taken"] = Json::array();
    for (const data::StoredEvent& stored : events) {
      if (stored.event.item != exposure.items[i]) continue;
      Json event = Json::object();
      event["type"] = stored.event.type;
      event["value"] = stored.event.value ? Json(*stored.event.value) : Json();
      event["time_ms"] = stored.event.time_ms;
      item["taken"].push_back(std::move(event));
    }
    json["items"].push_back(std::move(item));
  }
  const auto rating = context.engine.store().rating(exposure.request);
  json["rating"] = rating ? shown(*rating) : Json();
  return json_response(200, json);
}

HttpResponse rate(const HttpRequest& request, Context& context) {
  const Json body = body_object(request);
  only(body, {"value", "comment"});
  if (body.find("value") == nullptr || body.at("value").is_null()) throw Refusal(400, "bad_field", "value is missing", "value", "0 = useless .. 1 = just right");
  const data::Exposure exposure = list_of(request, context);
  const data::ListRating rating{.request = exposure.request, .user = exposure.user, .value = json_number(body, "value", 0, 0, 1),
                                .comment = json_text(body, "comment", "", 2000), .time_ms = context.now_ms()};
  context.engine.rate(rating);
  return json_response(201, shown(rating));
}

HttpResponse ratings(const HttpRequest& request, Context& context) {
  const auto n = static_cast<std::size_t>(query_integer(request, "n", 100, 1, 10000));
  Json json = Json::object();
  Json list = Json::array();
  double sum = 0;
  context.engine.store().read_ratings(n, [&](const data::ListRating& rating) {
    sum += rating.value;
    list.push_back(shown(rating));
  });
  json["count"] = list.size();
  json["mean"] = list.size() == 0 ? Json() : Json(sum / static_cast<double>(list.size()));
  json["ratings"] = std::move(list);
  return json_response(200, json);
}

}  // namespace

void add_exposures(Router& router, Context&) {
  router.add({.method = "GET", .pattern = "/v1/exposures/{request}", .handler = one, .summary = "A list that was shown, with the events that answered it", .answer_schema = "Exposure"});
  router.add({.method = "POST", .pattern = "/v1/exposures/{request}/rating", .need = Role::write, .handler = rate, .summary = "How good a list was for whom it was made",
              .body_schema = "RatingBody", .answer_schema = "Rating", .answer_status = 201});
  router.add({.method = "GET", .pattern = "/v1/ratings", .handler = ratings, .summary = "What people said of their lists, newest first", .query = {{"n", "integer", "how many at most; 1..10000"}},
              .answer_schema = "Ratings"});
}

}  // namespace attune::serve
