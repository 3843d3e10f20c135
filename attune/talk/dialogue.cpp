// Dialogue: reading and writing the value, each member checked by one line.
#include "attune/talk/dialogue.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "attune/core/error.h"
#include "attune/talk/desk/desk.h"
#include "attune/talk/tokens.h"

namespace attune::talk {
namespace {

constexpr std::array<std::string_view, 6> kOps = {"is", "is_not", "below", "at_most", "above", "at_least"};

[[noreturn]] void refuse(const std::string& where, const std::string& expected) {
  throw Error(Code::bad_request, "dialogue." + where + " is no " + expected + "; send back the dialogue of the last reply as it was, or leave it out to begin anew");
}

template <class T>
void keep_newest(std::vector<T>& list, std::size_t most) {
  if (list.size() > most) list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(most));
}

std::string text_of(const Json& json, const std::string& where, std::size_t most) {
  if (!json.is_string()) refuse(where, "text");
  return cleaned(json.as_string(), most);
}

// A name of an item or attribute: bytes as they are, or nothing would be found by it.
std::string name_of(const Json& json, const std::string& where) {
  if (!json.is_string()) refuse(where, "text");
  return json.as_string().substr(0, Dialogue::kName);
}

template <class Read>
auto list_of(const Json& object, std::string_view key, const std::string& where, std::size_t most, Read read) {
  std::vector<decltype(read(object, where))> list;
  const Json* json = object.find(key);
  if (json == nullptr || json->is_null()) return list;
  const std::string here = where + std::string(key);
  if (!json->is_array()) refuse(here, "list");
  const Json::Array& all = json->as_array();
  for (std::size_t i = all.size() > most ? all.size() - most : 0; i < all.size(); ++i) list.push_back(read(all[i], here + "[" + std::to_string(i) + "]"));
  return list;
}

std::vector<std::string> names_of(const Json& object, std::string_view key, const std::string& where, std::size_t most) {
  return list_of(object, key, where, most, [](const Json& j, const std::string& w) { return name_of(j, w); });
}

Constraint constraint_from(const Json& json, const std::string& where) {
  if (!json.is_object()) refuse(where, "object");
  Constraint c;
  if (const Json* attribute = json.find("attribute")) c.attribute = name_of(*attribute, where + ".attribute");
  const Json* op = json.find("op");
  const auto known = op != nullptr && op->is_string() ? std::find(kOps.begin(), kOps.end(), op->as_string()) : kOps.end();
  if (known == kOps.end()) refuse(where + ".op", "one of is, is_not, below, at_most, above, at_least");
  c.op = static_cast<Constraint::Op>(known - kOps.begin());
  c.values = list_of(json, "values", where + ".", Dialogue::kValues, [](const Json& j, const std::string& w) { return name_of(j, w); });
  if (const Json* number = json.find("number")) {
    if (!number->is_number() || !std::isfinite(number->as_number())) refuse(where + ".number", "number");
    c.number = number->as_number();
  }
  if (const Json* said = json.find("said")) c.said = text_of(*said, where + ".said", Dialogue::kText);
  if (const Json* of_thing = json.find("of_thing")) c.of_thing = of_thing->is_bool() && of_thing->as_bool();
  if (c.op <= Constraint::is_not && c.values.empty()) refuse(where + ".values", "list with something in it");
  return c;
}

Wants wants_from(const Json& json, const std::string& where) {
  if (!json.is_object()) refuse(where.substr(0, where.size() - 1), "object");
  Wants wants;
  wants.constraints = list_of(json, "constraints", where, Dialogue::kConstraints, [](const Json& j, const std::string& w) { return constraint_from(j, w); });
  wants.wish = list_of(json, "wish", where, Dialogue::kWishes, [](const Json& j, const std::string& w) { return text_of(j, w, Dialogue::kText); });
  wants.liked = names_of(json, "liked", where, Dialogue::kItems);
  wants.disliked = names_of(json, "disliked", where, Dialogue::kItems);
  wants.toward = names_of(json, "toward", where, Dialogue::kItems);
  wants.away = names_of(json, "away", where, Dialogue::kItems);
  if (const Json* order = json.find("order"); order != nullptr && !order->is_null()) {
    const Json* attribute = order->is_object() ? order->find("attribute") : nullptr;
    const Json* direction = order->is_object() ? order->find("direction") : nullptr;
    if (attribute == nullptr || direction == nullptr || !direction->is_integer()) refuse(where + "order", "order");
    wants.order = Order{.attribute = name_of(*attribute, where + "order.attribute"), .direction = direction->as_integer() < 0 ? -1 : 1};
  }
  return wants;
}

Json strings(const std::vector<std::string>& list) {
  Json json = Json::array();
  for (const std::string& text : list) json.push_back(text);
  return json;
}

Json to_json(const Wants& wants) {
  Json json = Json::object();
  json["constraints"] = Json::array();
  for (const Constraint& c : wants.constraints) json["constraints"].push_back(talk::to_json(c));
  json["wish"] = strings(wants.wish);
  json["liked"] = strings(wants.liked);
  json["disliked"] = strings(wants.disliked);
  json["toward"] = strings(wants.toward);
  json["away"] = strings(wants.away);
  if (wants.order) {
    json["order"]["attribute"] = wants.order->attribute;
    json["order"]["direction"] = wants.order->direction;
  }
  return json;
}

void keep_bounds(Wants& wants) {
  keep_newest(wants.constraints, Dialogue::kConstraints);
  for (Constraint& c : wants.constraints) {
    keep_newest(c.values, Dialogue::kValues);
    if (c.said.size() > Dialogue::kText) c.said = cleaned(c.said, Dialogue::kText);
  }
  keep_newest(wants.wish, Dialogue::kWishes);
  for (std::vector<std::string>* list : {&wants.liked, &wants.disliked, &wants.toward, &wants.away}) keep_newest(*list, Dialogue::kItems);
}

}  // namespace

std::string_view name(Constraint::Op op) noexcept { return kOps[static_cast<std::size_t>(op)]; }

Json to_json(const Constraint& c) {
  Json json = Json::object();
  json["attribute"] = c.attribute;
  json["op"] = name(c.op);
  if (c.op <= Constraint::is_not) json["values"] = strings(c.values);
  else json["number"] = c.number;
  json["said"] = c.said;
  if (c.of_thing) json["of_thing"] = true;
  return json;
}

Json to_json(const Dialogue& d) {
  Json json = Json::object();
  json["version"] = Dialogue::kVersion;
  json["language"] = d.language;
  json["seed"] = Json(static_cast<long long>(d.seed));
  json["turns"] = Json(static_cast<long long>(d.turns));
  json["wants"] = to_json(d.wants);
  json["lists"] = Json::array();
  for (const auto& list : d.lists) json["lists"].push_back(strings(list));
  json["focus"] = strings(d.focus);
  json["asked"] = strings(d.asked);
  if (d.question) {
    json["question"]["attribute"] = d.question->attribute;
    json["question"]["options"] = strings(d.question->options);
    json["question"]["number"] = d.question->number;
  }
  if (!d.service.is_null()) json["service"] = d.service;
  json["before"] = Json::array();
  for (const Wants& wants : d.before) json["before"].push_back(to_json(wants));
  return json;
}

Dialogue dialogue_from(const Json& json) {
  Dialogue d;
  if (json.is_null()) return d;
  if (!json.is_object()) throw Error(Code::bad_request, "a dialogue is the object that the last reply gave as \"dialogue\"");
  if (json.size() == 0) return d;
  const Json* version = json.find("version");
  if (version == nullptr || !version->is_integer()) refuse("version", "number");
  if (version->as_integer() < 1 || version->as_integer() > Dialogue::kVersion)
    throw Error(Code::bad_request, "the dialogue is of version " + std::to_string(version->as_integer()) + ", this program reads 1; begin anew or take a newer program");
  if (const Json* language = json.find("language")) d.language = text_of(*language, "language", 8);
  if (d.language != "en" && d.language != "zh") d.language.clear();
  if (const Json* seed = json.find("seed")) {
    if (!seed->is_integer()) refuse("seed", "number");
    d.seed = static_cast<std::uint64_t>(seed->as_integer());
  }
  if (const Json* turns = json.find("turns")) {
    if (!turns->is_integer()) refuse("turns", "number");
    d.turns = std::max<std::int64_t>(0, turns->as_integer());
  }
  if (const Json* wants = json.find("wants")) d.wants = wants_from(*wants, "wants.");
  d.lists = list_of(json, "lists", "", Dialogue::kLists, [](const Json& j, const std::string& where) {
    Json holder = Json::object();
    holder["items"] = j;
    return names_of(holder, "items", where + ".", Dialogue::kListItems);
  });
  d.focus = names_of(json, "focus", "", Dialogue::kListItems);
  d.asked = names_of(json, "asked", "", Dialogue::kAsked);
  if (const Json* question = json.find("question"); question != nullptr && !question->is_null()) {
    if (!question->is_object()) refuse("question", "object");
    Question q;
    if (const Json* attribute = question->find("attribute")) q.attribute = name_of(*attribute, "question.attribute");
    q.options = names_of(*question, "options", "question.", 20);
    if (const Json* number = question->find("number")) {
      if (!number->is_number()) refuse("question.number", "number");
      q.number = number->as_number();
    }
    d.question = std::move(q);
  }
  if (const Json* service = json.find("service"); service != nullptr && !service->is_null()) d.service = desk::Conversation::from_json(*service).to_json();
  d.before = list_of(json, "before", "", Dialogue::kUndo, [](const Json& j, const std::string& where) { return wants_from(j, where + "."); });
  keep_bounds(d);
  return d;
}

void keep_bounds(Dialogue& d) {
  keep_bounds(d.wants);
  keep_newest(d.lists, Dialogue::kLists);
  for (auto& list : d.lists)
    if (list.size() > Dialogue::kListItems) list.resize(Dialogue::kListItems);
  if (d.focus.size() > Dialogue::kListItems) d.focus.resize(Dialogue::kListItems);
  keep_newest(d.asked, Dialogue::kAsked);
  keep_newest(d.before, Dialogue::kUndo);
  for (Wants& wants : d.before) keep_bounds(wants);
}

}  // namespace attune::talk
