// Replies as JSON.
#include "attune/talk/chat.h"

namespace attune::talk {

Json to_json(const Reply& reply) {
  Json json = Json::object();
  json["say"] = reply.say;
  json["items"] = Json::array();
  for (const ReplyItem& item : reply.items) {
    Json one = Json::object();
    one["item"] = item.item;
    one["text"] = item.text;
    one["because"] = item.because;
    one["attributes"] = item.attributes.is_object() ? item.attributes : Json::object();
    json["items"].push_back(std::move(one));
  }
  json["act"] = reply.act;
  for (const desk::Source& source : reply.sources) {
    Json one = Json::object();
    one["kind"] = source.kind;
    one["name"] = source.name;
    one["text"] = source.text;
    json["sources"].push_back(std::move(one));
  }
  json["reading"] = to_json(reply.reading);
  json["dialogue"] = to_json(reply.dialogue);
  return json;
}

}  // namespace attune::talk
