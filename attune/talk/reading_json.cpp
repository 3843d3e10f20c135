// Readings as JSON, for those who want to see how a message was understood.
#include <array>
#include <cmath>

#include "attune/talk/reading.h"

namespace attune::talk {

std::string_view name(Intent intent) noexcept {
  constexpr std::array<std::string_view, 20> kNames = {"nothing", "wish", "more", "like", "reject", "take", "compare", "explain", "why_not", "about", "ask", "withdraw", "undo", "reset", "any", "greet", "thanks", "bye", "help", "service"};
  return kNames[static_cast<std::size_t>(intent)];
}

Json to_json(const Reading& r) {
  Json json = Json::object();
  json["intent"] = name(r.intent);
  json["language"] = r.language;
  if (!r.constraints.empty())
    for (const Constraint& c : r.constraints) json["constraints"].push_back(to_json(c));
  for (const Comparative& c : r.comparatives) {
    Json one = Json::object();
    one["attribute"] = c.attribute;
    one["direction"] = c.direction;
    if (c.is_most) one["picks"] = c.of_shown ? "of those shown" : "of all that fit";
    if (!c.than.empty()) one["than"] = c.than;
    one["said"] = c.said;
    json["comparatives"].push_back(std::move(one));
  }
  constexpr std::array<std::string_view, 8> kHow = {"like", "dislike", "take", "similar", "unlike", "than", "about", "unknown"};
  for (const Mention& m : r.mentions) {
    Json one = Json::object();
    one["item"] = m.item;
    one["how"] = kHow[static_cast<std::size_t>(m.how)];
    one["said"] = m.said;
    json["items"].push_back(std::move(one));
  }
  for (const std::string& attribute : r.withdrawn) json["withdrawn"].push_back(attribute);
  for (const std::string& attribute : r.kept) json["kept"].push_back(attribute);
  for (const std::string& attribute : r.attributes) json["asked"].push_back(attribute);
  if (!r.wish.empty()) json["wish"] = r.wish;
  for (const std::string& missing : r.missing) json["missing"].push_back(missing);
  for (const auto& [typed, meant] : r.corrected) {
    Json one = Json::object();
    one["typed"] = typed;
    one["meant"] = meant;
    json["corrected"].push_back(std::move(one));
  }
  for (const Guess& guess : r.guesses) {
    Json one = Json::object();
    one["said"] = guess.said;
    one["attribute"] = guess.attribute;
    one["value"] = guess.value;
    one["stands_out"] = std::round(guess.stands_out * 100) / 100;
    json["guesses"].push_back(std::move(one));
  }
  if (r.is_cut) json["is_cut"] = true;
  return json;
}

}  // namespace attune::talk
