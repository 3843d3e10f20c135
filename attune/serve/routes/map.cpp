// GET /v1/map: the items of the snapshot in service as points of a plane; GET /v1/map/items: which items those points are.
#include <algorithm>
#include <cmath>

#include "attune/serve/fields.h"
#include "attune/serve/item_map.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"

namespace attune::serve {
namespace {

constexpr double kSide = 10000;          // coordinates are whole numbers 0..kSide
constexpr std::size_t kMostItems = 1000;

std::int64_t whole(float at) { return std::llround(kSide * static_cast<double>(at)); }

HttpResponse map(const HttpRequest&, Context& context) {
  const ItemMap::Look look = context.part<ItemMap>().look();
  Json json = Json::object();
  const char* const states[] = {"ready", "making", "no_vectors", "failed"};
  json["state"] = states[static_cast<std::size_t>(look.state)];
  json["snapshot"] = context.engine.snapshot()->name;
  for (const char* name : {"x", "y", "takers", "regions"}) json[name] = Json::array();
  if (look.state == ItemMap::State::failed) json["problem"] = look.problem;
  if (look.drawing == nullptr) return json_response(look.state == ItemMap::State::making ? 202 : 200, json).with("Cache-Control", "no-store");
  const auto world = context.engine.world();
  const ItemMap::Drawing& drawing = *look.drawing;
  json["snapshot"] = drawing.snapshot->name;
  for (std::size_t i = 0; i < drawing.points.size(); ++i) {
    const bool is_gone = i < world->fitted_count() && world->is_gone(item_at(i));
    json["x"].push_back(is_gone ? -1 : whole(drawing.points[i].x));
    json["y"].push_back(is_gone ? -1 : whole(drawing.points[i].y));
    json["takers"].push_back(drawing.snapshot->popularity != nullptr && i < drawing.snapshot->popularity->size() ? (*drawing.snapshot->popularity)[i] : 0u);
  }
  for (const Region& region : drawing.regions) {
    Json one = Json::object();
    one["label"] = region.label;
    one["x"] = whole(region.middle.x);
    one["y"] = whole(region.middle.y);
    one["count"] = region.count;
    json["regions"].push_back(std::move(one));
  }
  return json_response(200, json);
}

std::vector<std::size_t> places_asked(const HttpRequest& request, const rank::World& world) {
  std::vector<std::size_t> places;
  for (const std::string& word : query_list(request, "at")) {
    char* end = nullptr;
    const unsigned long long place = std::strtoull(word.c_str(), &end, 10);
    if (word.empty() || *end != '\0' || word.front() == '-' || place >= world.fitted_count())
      throw Refusal(400, "bad_field", "at must be places on the map, whole numbers below " + std::to_string(world.fitted_count()), "at", "/v1/map/items?at=0,17");
    places.push_back(static_cast<std::size_t>(place));
  }
  for (const std::string& name : query_list(request, "item"))
    if (const auto id = world.find(name); id && !world.is_fresh(*id)) places.push_back(to_index(*id));
  return places;
}

HttpResponse items(const HttpRequest& request, Context& context) {
  const auto world = context.engine.world();
  const std::vector<std::size_t> places = places_asked(request, *world);
  if (places.size() > kMostItems) throw Refusal(400, "bad_field", "at most " + std::to_string(kMostItems) + " items at once", "at");
  Json json = Json::object();
  json["items"] = Json::array();
  for (const std::size_t place : places) {
    const ItemId id = item_at(place);
    if (world->is_gone(id)) continue;
    Json one = Json::object();
    one["at"] = place;
    one["item"] = world->item(id).name;
    one["text"] = world->item(id).text;
    one["takers"] = world->takers(id);
    json["items"].push_back(std::move(one));
  }
  return json_response(200, json);
}

}  // namespace

void add_map(Router& router, Context& context) {
  context.add<ItemMap>(context.engine);
  router.add({.method = "GET", .pattern = "/v1/map", .handler = map, .summary = "Every fitted item as a point of a plane, like texts near each other; drawn once a snapshot",
              .answer_schema = "Map", .more_answers = {{202, "Map"}}, .has_etag = true});
  router.add({.method = "GET", .pattern = "/v1/map/items", .handler = items, .summary = "Which items points of the map are",
              .query = {{"at", "string", "places, as in the map: 0,17"}, {"item", "string", "names; those that are not on the map are left out"}}, .answer_schema = "MapItems"});
}

}  // namespace attune::serve
