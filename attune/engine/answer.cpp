// Answers as JSON: the shapes in the documentation, which others rely on.
#include "attune/engine/answer.h"

namespace attune::engine {

data::Exposure exposure_of(const List& list, std::int64_t time_ms) {
  data::Exposure exposure{list.request, list.user, list.snapshot, time_ms, {}, {}, {}, list.note};
  for (const ListItem& item : list.items) {
    exposure.items.push_back(item.item);
    exposure.scores.push_back(static_cast<float>(item.score));
    exposure.propensities.push_back(1);  // nothing random decides these lists
  }
  return exposure;
}

Json to_json(const Explanation& explanation) {
  Json json = Json::object();
  json["what"] = explanation.what;
  json["value"] = explanation.value;
  for (const Explanation& part : explanation.parts) json["parts"].push_back(to_json(part));
  return json;
}

Json to_json(const rank::Note& note) {
  Json json = Json::object();
  json["stage"] = note.stage;
  json["reason"] = note.reason;
  json["effect"] = note.effect;
  return json;
}

Json to_json(const List& list, bool with_parts) {
  Json json = Json::object();
  json["user"] = list.user;
  json["request"] = list.request;
  json["snapshot"] = list.snapshot;
  json["items"] = Json::array();
  for (const ListItem& item : list.items) {
    Json entry = Json::object();
    entry["item"] = item.item;
    entry["text"] = item.text;
    entry["score"] = item.score;
    entry["because"] = item.because;
    if (with_parts) {
      entry["parts"] = Json::array();
      for (const Explanation& part : item.why.parts) entry["parts"].push_back(to_json(part));
    }
    entry["notes"] = Json::array();
    for (const rank::Note& note : item.notes) entry["notes"].push_back(to_json(note));
    json["items"].push_back(std::move(entry));
  }
  if (!list.notes.empty())
    for (const rank::Note& note : list.notes) json["notes"].push_back(to_json(note));
  return json;
}

Json to_json(const WhyAnswer& why) {
  const explain::Answer& answer = why.answer;
  Json json = Json::object();
  json["user"] = why.user;
  json["item"] = why.item;
  json["text"] = why.text;
  json["snapshot"] = why.snapshot;
  json["in_list"] = answer.in_list;
  json["place"] = answer.place == 0 ? Json() : Json(static_cast<unsigned long long>(answer.place));
  if (answer.barred) json["barred"] = to_json(*answer.barred);
  json["sentence"] = answer.sentence;
  json["score"] = answer.why.value;
  json["score_to_enter"] = answer.score_to_enter;
  json["parts"] = Json::array();
  for (const Explanation& part : answer.why.parts) json["parts"].push_back(to_json(part));
  json["notes"] = Json::array();
  for (const rank::Note& note : answer.notes) json["notes"].push_back(to_json(note));
  json["would_change"] = Json::array();
  for (const std::string& name : why.would_change) json["would_change"].push_back(name);
  json["is_exact"] = answer.is_exact;
  return json;
}

}  // namespace attune::engine
