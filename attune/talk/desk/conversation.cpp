// Conversations, replies and reports as JSON.
#include <algorithm>
#include <cmath>

#include "attune/core/error.h"
#include "attune/talk/desk/desk.h"

namespace attune::talk::desk {
namespace {

constexpr std::size_t kMostTexts = 50, kLongest = 8192;

Json list_of(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(text);
  return list;
}
[[noreturn]] void refuse(const std::string& what) {
  throw Error(Code::bad_request, "the conversation is no value that an answer gave: " + what + "; send back what the last reply had under 'conversation', or leave it out to begin anew");
}
std::string short_text(const Json& value, const std::string& key) {
  if (!value.is_string()) refuse(key + " must be text");
  if (value.as_string().size() > kLongest) refuse(key + " is longer than " + std::to_string(kLongest) + " bytes");
  return value.as_string();
}
std::vector<std::string> texts_of(const Json& value, const std::string& key) {
  if (!value.is_array() || value.size() > kMostTexts) refuse(key + " must be a list of at most " + std::to_string(kMostTexts));
  std::vector<std::string> texts;
  for (const Json& one : value.as_array()) texts.push_back(short_text(one, key));
  return texts;
}
double number_of(const Json& value, const std::string& key, double least, double most) {
  if (!value.is_number() || !(value.as_number() >= least && value.as_number() <= most)) refuse(key + " must be a number in its range");
  return value.as_number();
}

}  // namespace

Json Conversation::to_json() const {
  Json json = Json::object();
  json["slots"] = Json::object();
  for (const auto& [name, value] : slots) json["slots"][name] = value;
  json["intent"] = intent, json["asked"] = asked, json["last"] = last, json["language"] = language;
  json["formal"] = style.formal, json["characters"] = style.characters;
  json["messages"] = messages, json["failures"] = failures;
  json["used"] = list_of(used), json["said"] = list_of(said);
  return json;
}

Conversation Conversation::from_json(const Json& json) {
  if (!json.is_object()) refuse("it must be an object");
  Conversation made;
  for (const auto& [key, value] : json.as_object()) {
    if (key == "slots") {
      if (!value.is_object() || value.size() > kMostTexts) refuse("slots must be an object");
      for (const auto& [name, text] : value.as_object()) made.slots[name.substr(0, 64)] = short_text(text, "slots." + name.substr(0, 64));
    } else if (key == "intent") made.intent = short_text(value, key);
    else if (key == "asked") made.asked = short_text(value, key);
    else if (key == "last") made.last = short_text(value, key);
    else if (key == "language") made.language = short_text(value, key);
    else if (key == "formal") made.style.formal = number_of(value, key, 0, 1);
    else if (key == "characters") made.style.characters = number_of(value, key, 0, 1e6);
    else if (key == "messages") made.messages = static_cast<std::size_t>(number_of(value, key, 0, 1e9));
    else if (key == "failures") made.failures = static_cast<std::size_t>(number_of(value, key, 0, 1e9));
    else if (key == "used") made.used = texts_of(value, key);
    else if (key == "said") made.said = texts_of(value, key);
    else refuse("nobody knows its member '" + key.substr(0, 64) + "'");
  }
  return made;
}

Json DeskReply::to_json() const {
  Json json = Json::object();
  json["answer"] = answer;
  json["template"] = template_name.empty() ? Json() : Json(template_name);
  json["intent"] = intent.empty() ? Json() : Json(intent);
  json["confidence"] = std::round(confidence * 1e4) / 1e4;
  json["handover"] = handover;
  if (!asked.empty()) json["asked"] = asked;
  if (!summary.empty()) json["summary"] = summary;
  json["sources"] = Json::array();
  for (const Source& s : sources) {
    Json one = Json::object();
    one["kind"] = s.kind, one["name"] = s.name, one["text"] = s.text;
    json["sources"].push_back(std::move(one));
  }
  json["suggestions"] = list_of(suggestions);
  return json;
}

Json TrainReport::to_json() const {
  Json json = Json::object();
  json["intents"] = intents, json["messages"] = messages, json["out_of_scope_messages"] = outside, json["faq"] = faq, json["passages"] = passages, json["picks"] = picks;
  json["accuracy"] = accuracy, json["kept"] = kept;
  json["tuned"] = tuned, json["tuned_weight"] = tuned_weight, json["bytes"] = bytes;
  return json;
}

}  // namespace attune::talk::desk
