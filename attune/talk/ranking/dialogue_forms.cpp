// Dialogue forms: those whose records are JSON.
#include "attune/talk/ranking/dialogue_forms.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "attune/core/error.h"

namespace attune::talk::ranking {
namespace {

const std::string& text_of(const Json& object, std::string_view key) {
  static const std::string nothing;
  const Json* value = object.find(key);
  return value != nullptr && value->is_string() ? value->as_string() : nothing;
}

const Json::Array& list_of(const Json& object, std::string_view key) {
  static const Json::Array nothing;
  const Json* value = object.find(key);
  return value != nullptr && value->is_array() ? value->as_array() : nothing;
}

std::vector<std::string> texts_of(const Json& object, std::string_view key) {
  std::vector<std::string> texts;
  for (const Json& one : list_of(object, key))
    if (one.is_string()) texts.push_back(one.as_string());
  return texts;
}

std::string squeezed(std::string_view text) {   // "Splash  (1984)" as others write it
  std::string out;
  for (const char c : text)
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// Titles with their year that stand in a text: "see Elf (2003)!" -> "Elf (2003)": of all that end in "(2003)" the longest known.
std::vector<std::string> titles_in(const std::string& text, const DialogueMaker& maker) {
  std::vector<std::string> found;
  for (std::size_t open = text.find('('); open != std::string::npos; open = text.find('(', open + 1)) {
    if (open + 6 > text.size() || text[open + 5] != ')' || text.find_first_not_of("0123456789", open + 1) != open + 5) continue;
    for (std::size_t from = open > 90 ? open - 90 : 0; from < open; ++from) {
      const auto before = static_cast<unsigned char>(from == 0 ? ' ' : text[from - 1]);
      if (std::isalnum(before) != 0 || before >= 0x80 || text[from] == ' ') continue;
      const std::string title = text.substr(from, open + 6 - from);
      if (!maker.names.find(title)) continue;
      found.push_back(title);
      break;
    }
  }
  return found;
}

}  // namespace

std::string id_of(const Json& object, std::string_view key) {
  const Json* value = object.find(key);
  if (value == nullptr) return "";
  return value->is_string() ? value->as_string() : value->dump();
}

Conversation attune_dialogue(const Json& object, const DialogueMaker& maker) {
  Conversation conversation{.id = id_of(object, "id")};
  for (const Json& turn : object.at("turns").as_array()) {
    const std::string& speaker = text_of(turn, "speaker");
    if (speaker != "seeker" && speaker != "recommender") throw Error(Code::bad_data, "speaker is 'seeker' or 'recommender', not '" + speaker + "'");
    std::vector<std::string> named;
    std::map<std::string, double> stances;
    for (const Json& item : list_of(turn, "items")) {
      named.push_back(item.is_string() ? item.as_string() : item.at("item").as_string());
      if (const Json* stance = item.find("stance")) stances[named.back()] = std::clamp(stance->as_number(), -1.0, 1.0);
    }
    Said said = maker.said(speaker == "seeker", text_of(turn, "text"), named);
    for (Mention& mention : said.mentions)
      for (const auto& [name, stance] : stances)
        if (maker.names.find(name) == mention.item) mention.stance = static_cast<float>(stance);
    conversation.turns.push_back(std::move(said));
  }
  return conversation;
}

Conversation redial(const Json& object, const DialogueMaker& maker) {
  Conversation conversation{.id = id_of(object, "conversationId")};
  std::map<std::string, std::string> titles;
  if (const Json* mentions = object.find("movieMentions"); mentions != nullptr && mentions->is_object())
    for (const auto& [id, title] : mentions->as_object())
      if (title.is_string()) titles[id] = squeezed(title.as_string());
  const std::int64_t seeker = object.at("initiatorWorkerId").as_integer();
  for (const Json& message : object.at("messages").as_array()) {
    const std::string& text = text_of(message, "text");
    std::string whole;
    std::vector<std::string> named;
    for (std::size_t p = 0; p < text.size();) {
      std::size_t end = p + 1;
      while (text[p] == '@' && end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
      const std::string id = text[p] == '@' ? text.substr(p + 1, end - p - 1) : "";
      if (const auto title = titles.find(id); !id.empty() && title != titles.end()) {
        // The catalogue may name films by ReDial's ids; else by title.
        named.push_back(title->second);
        whole += title->second;
      } else {
        whole += text.substr(p, end - p);
      }
      p = end;
    }
    conversation.turns.push_back(maker.said(message.at("senderWorkerId").as_integer() == seeker, std::move(whole), named));
  }
  return conversation;
}

Conversation redial_turns(const std::vector<Json>& lines, const DialogueMaker& maker) {
  Conversation conversation{.id = id_of(lines.front(), "dialog_id")};
  for (const Json& line : lines) {
    const std::vector<std::string> context = texts_of(line, "context");
    if (context.size() < conversation.turns.size()) throw Error(Code::bad_data, "a turn of dialogue " + conversation.id + " knows less than the turn before it");
    for (std::size_t t = conversation.turns.size(); t < context.size(); ++t) {
      // Sides take turns, and the line's own turn is the recommender's.
      conversation.turns.push_back(maker.said((context.size() - t) % 2 == 1, context[t], titles_in(context[t], maker)));
      conversation.turns.back().is_asked = false;
    }
    // Items the maker of the file found in the context and this reader did not (no year, another spelling): named, but they pull nothing.
    for (const std::string& entity : texts_of(line, "entity"))
      if (const auto id = maker.world.find(entity); id && !conversation.turns.empty()) {
        const auto named = named_items(conversation);
        if (!std::binary_search(named.begin(), named.end(), *id)) conversation.turns.back().mentions.push_back({*id, 0});
      }
    const std::string& resp = text_of(line, "resp");
    std::vector<std::string> wanted = texts_of(line, "rec");
    if (wanted.empty()) {
      wanted = titles_in(resp, maker);
      const std::size_t asked = list_of(line, "rec").size();
      const std::size_t known = std::set<std::string>(wanted.begin(), wanted.end()).size();
      if (asked > known) maker.file.unknown += asked - known;
    }
    conversation.turns.push_back(maker.said(false, resp, wanted));
  }
  return conversation;
}

Conversation opendialkg(const Json& list, const DialogueMaker& maker) {
  Conversation conversation;
  for (const Json& turn : list.as_array()) conversation.turns.push_back(maker.said(text_of(turn, "role") == "user", text_of(turn, "text"), texts_of(turn, "item")));
  return conversation;
}

Conversation crosswoz(const std::string& id, const Json& object, const DialogueMaker& maker) {
  Conversation conversation{.id = id};
  for (const Json& message : object.at("messages").as_array()) {
    std::vector<std::string> named;
    for (const Json& act : list_of(message, "dialog_act")) {
      const Json::Array& parts = act.as_array();   // intent, domain, slot, value
      if (parts.size() == 4 && parts[3].is_string() && (parts[2] == Json("名称") || parts[0] == Json("Recommend")) && !parts[3].as_string().empty() && parts[3].as_string() != "none")
        if (parts[2] == Json("名称") || parts[2].as_string().starts_with("周边")) named.push_back(parts[3].as_string());
    }
    conversation.turns.push_back(maker.said(text_of(message, "role") == "usr", text_of(message, "content"), named));
  }
  return conversation;
}

}  // namespace attune::talk::ranking
