// MCP tools and resources: what assistants may do with the engine. The same asks as over /v1, in the shape assistants use.
#include <algorithm>

#include "attune/data/event_json.h"
#include "attune/serve/asking.h"
#include "attune/serve/context.h"
#include "attune/serve/fields.h"
#include "attune/serve/mcp.h"
#include "attune/serve/refusal.h"
#include "attune/serve/talking.h"
#include "attune/talk/safety/injection.h"

namespace attune::serve {
namespace {

constexpr std::int64_t kMostItems = 50;
constexpr std::size_t kLongestText = 2000;   // bytes of an item's text

Json field(const char* type, const char* help) { return Json(Json::Object{{"type", type}, {"description", help}}); }
Json texts(const char* help) {
  Json json = field("array", help);
  json["items"]["type"] = "string";
  return json;
}
Json schema(Json::Object properties, std::vector<std::string> required) {
  Json json = Json::object();
  json["type"] = "object";
  json["properties"] = Json(std::move(properties));
  if (!required.empty()) {
    json["required"] = Json::array();
    for (std::string& name : required) json["required"].push_back(std::move(name));
  }
  json["additionalProperties"] = false;
  return json;
}

// Texts of the catalogue are data: sentences that give orders to an assistant do not pass.
void quote_texts(Json& json) {
  if (json.is_array()) {
    Json all = Json::array();
    for (Json one : json.as_array()) {
      if (one.is_string()) one = talk::safety::as_data(one.as_string(), kLongestText);
      else quote_texts(one);
      all.push_back(std::move(one));
    }
    json = std::move(all);
  } else if (json.is_object()) {
    Json all = Json::object();
    for (const auto& [key, value] : json.as_object()) {
      Json one = value;
      // Names must come back as they are.
      if (one.is_string() && key != "item" && key != "user" && key != "request" && key != "snapshot" && key != "cursor") one = talk::safety::as_data(one.as_string(), kLongestText);
      else if (!one.is_string() && key != "would_change") quote_texts(one);
      all[key] = std::move(one);
    }
    json = std::move(all);
  }
}

engine::Ask ask_of(const Json& arguments) {
  engine::Ask ask;
  ask.k = static_cast<int>(json_integer(arguments, "k", 10, 1, kMostItems));
  ask.filter = json_text(arguments, "filter", "", 4096);
  ask.exclude = json_list(arguments, "exclude", 1000);
  ask.language = json_text(arguments, "language", "", 20);
  if (!ask.language.empty() && ask.language != "en" && ask.language != "zh") throw Refusal(400, "bad_field", "language must be en or zh", "language");
  return ask;
}

// The list without what only programs read.
Json plain_list(const Json& list) {
  Json json = Json::object();
  for (const char* key : {"user", "request", "snapshot"}) json[key] = *list.find(key);
  json["items"] = Json::array();
  for (const Json& item : list.at("items").as_array()) {
    Json one = Json::object();
    for (const char* key : {"item", "text", "because", "score"})
      if (const Json* value = item.find(key)) one[key] = *value;
    json["items"].push_back(std::move(one));
  }
  quote_texts(json);
  return json;
}

Json search(const Json& arguments, Role, Context& context) {
  const std::string words = json_text(arguments, "query", "", 4096);
  if (words.find_first_not_of(" \t\n") == std::string::npos) throw Refusal(400, "bad_field", "query is empty", "query", "say what to look for: \"candle holder\"");
  return plain_list(to_json(context.engine.search(words, ask_of(arguments)), false));
}

Json recommend(const Json& arguments, Role, Context& context) {
  engine::Ask ask = ask_of(arguments);
  ask.user = json_text(arguments, "user", "", 512);
  ask.history = json_list(arguments, "history", 1000);
  ask.about = json_text(arguments, "about", "", 4096);
  if (ask.user.empty() && ask.history.empty() && ask.about.empty()) throw Refusal(400, "bad_request", "recommend for whom?", "user", "give user, history or about");
  const HttpResponse response = answer_list(HttpRequest{}, context, std::move(ask), {});   // kept in the log of lists shown, as over HTTP
  return plain_list(Json::parse(response.body));
}

Json explain(const Json& arguments, Role, Context& context) {
  engine::Ask ask;
  ask.user = checked_name(json_text(arguments, "user", "", 512), "user");
  ask.language = json_text(arguments, "language", "", 20);
  Json why = to_json(context.engine.explain(ask, checked_name(json_text(arguments, "item", "", 512), "item")));
  quote_texts(why);
  return why;
}

Json rate(const Json& arguments, Role, Context& context) {
  const std::string rating = json_text(arguments, "rating", "", 64);
  const auto& types = context.engine.settings().events;
  if (types.find(rating) == types.end()) {
    std::string known;
    for (const auto& [name, type] : types) known += (known.empty() ? "" : ", ") + name;
    throw Refusal(400, "bad_field", "rating '" + rating + "' is no type of event here", "rating", "one of " + known);
  }
  const std::string item = checked_name(json_text(arguments, "item", "", 512), "item");
  if (!context.engine.world()->find(item)) throw Refusal(404, "unknown_item", "there is no item '" + item + "'", "item", "take the member \"item\" of a list");
  data::Event event{.user = checked_name(json_text(arguments, "user", "", 512), "user"), .item = item, .type = rating};
  if (arguments.find("value") != nullptr) event.value = json_number(arguments, "value", 0, -1e9, 1e9);
  event.time_ms = context.now_ms();
  event.request = json_text(arguments, "request", "", 512);
  const data::Appended done = context.commits.append({event});
  return Json(Json::Object{{"user", event.user}, {"item", item}, {"rating", rating}, {"accepted", done.accepted}, {"sequence", done.last}});
}

Json item_json(const data::Record& record) {
  Json json = Json::object();
  json["item"] = record.name;
  json["text"] = record.text;
  json["attributes"] = record.attributes;
  json["hidden"] = record.hidden;
  quote_texts(json);
  return json;
}

Json item(const Json& arguments, Role, Context& context) {
  const std::string name = checked_name(json_text(arguments, "item", "", 512), "item");
  if (const auto record = context.engine.store().find(data::Kind::item, name)) return item_json(*record);
  throw Refusal(404, "unknown_item", "there is no item '" + name + "'", "item", "take the member \"item\" of a list");
}

// A turn of a conversation, without what only programs read. The dialogue goes back as it came: it is a value, nothing is kept here.
Json chat(const Json& arguments, Role role, Context& context) {
  const talk::Reply reply = talk_turn(arguments, role, context);
  const Json whole = talk::to_json(reply);
  Json json = Json::object();
  for (const char* key : {"say", "items", "act"}) json[key] = whole.at(key);
  if (const Json* sources = whole.find("sources")) json["sources"] = *sources;
  quote_texts(json);
  json["dialogue"] = whole.at("dialogue");
  return json;
}

std::string rated_with(const engine::Settings& settings) {
  std::string all;
  for (const auto& [name, type] : settings.events) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace

const std::vector<McpTool>& mcp_tools() {
  static const std::vector<McpTool> tools = [] {
    const Json k = field("integer", "how many items; 1..50, default 10"), filter = field("string", "only items that pass: price <= 10 and category = kitchen"), exclude = texts("names of items to leave out"),
               language = field("string", "of the reasons: en or zh");
    std::vector<McpTool> all;
    all.push_back({"search", "Search the catalogue", "Items of the catalogue whose text fits some words best.",
                   schema({{"query", field("string", "the words")}, {"k", k}, {"filter", filter}, {"language", language}}, {"query"}), Role::read, false, search});
    all.push_back({"recommend", "Recommend items", "A list for a user, for items somebody took, or for words about what is wanted; every item with its true reason.",
                   schema({{"user", field("string", "a user's name in the shop")}, {"history", texts("names of items they took, oldest first")}, {"about", field("string", "what is wanted, in words")}, {"k", k},
                           {"filter", filter}, {"exclude", exclude}, {"language", language}}, {}),
                   Role::read, false, recommend});
    all.push_back({"explain", "Explain an item", "Why an item is, or is not, in a user's list: its score's parts, and what would change it.",
                   schema({{"user", field("string", "a user's name in the shop")}, {"item", field("string", "an item's name")}, {"language", language}}, {"user", "item"}), Role::read, false, explain});
    all.push_back({"item", "Look up an item", "An item's text and attributes (price, category, ...).", schema({{"item", field("string", "an item's name")}}, {"item"}), Role::read, false, item});
    all.push_back({"rate", "Rate an item", "Tell what somebody thought of an item or did with it; the next list knows it.",
                   schema({{"user", field("string", "a user's name in the shop")}, {"item", field("string", "an item's name")},
                           {"rating", field("string", "a type of event of this shop, such as purchase, view or dislike")}, {"value", field("number", "stars, minutes, pieces: where the type counts them")},
                           {"request", field("string", "the \"request\" of the list it answers")}}, {"user", "item", "rating"}),
                   Role::write, true, rate});
    all.push_back({"chat", "Talk", "One turn of a conversation with the shop, in English or Chinese: wishes, bounds (under 20), critiques (cheaper, not the second, like the first but blue), questions (why this?, how much?), undo. "
                   "What was said before counts when the dialogue of the last reply is sent back.",
                   schema({{"message", field("string", "what the person says")}, {"dialogue", field("object", "the \"dialogue\" of the last reply, as it came; left out: a new conversation")},
                           {"user", field("string", "a user's name in the shop: the history counts, likes and dislikes are learned")}, {"k", field("integer", "items of a list; 1..50, default 5")},
                           {"language", field("string", "of the reply: en or zh; default: that of the message")}, {"learn", field("boolean", "store likes and dislikes of the user; default true, and only with the role write")}}, {"message"}),
                   Role::read, true, chat});
    return all;
  }();
  return tools;
}

std::optional<Json> read_mcp_resource(const std::string& uri, Context& context) {
  const auto contents = [&](const Json& value) { return Json(Json::Object{{"uri", uri}, {"mimeType", "application/json"}, {"text", value.dump()}}); };
  constexpr std::string_view items = "attune://items/", users = "attune://users/", list = "/list";
  if (uri == "attune://snapshot") {
    Json json = Json::object();
    json["snapshot"] = context.engine.snapshot()->name;
    json["items"] = context.engine.world()->item_count();
    json["ratings"] = rated_with(context.engine.settings());
    return contents(json);
  }
  if (uri.starts_with(items)) {
    if (const auto record = context.engine.store().find(data::Kind::item, unescape(uri.substr(items.size()), false))) return contents(item_json(*record));
    return std::nullopt;
  }
  if (uri.starts_with(users) && uri.ends_with(list) && uri.size() > users.size() + list.size()) {
    engine::Ask ask;
    ask.user = unescape(uri.substr(users.size(), uri.size() - users.size() - list.size()), false);
    try {
      return contents(plain_list(Json::parse(answer_list(HttpRequest{}, context, std::move(ask), {}).body)));
    } catch (const Error& e) {
      if (e.code() == Code::not_found) return std::nullopt;
      throw;
    }
  }
  return std::nullopt;
}

}  // namespace attune::serve
