// Dialogue files: the first line tells the form; each form has a function that makes turns of its records.
#include "attune/talk/ranking/dialogue_file.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "attune/core/error.h"
#include "attune/data/json_objects.h"
#include "attune/data/text_file.h"

namespace attune::talk::ranking {
namespace {

std::string lowered(std::string_view text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(), [](unsigned char c) { return static_cast<char>(c < 0x80 ? std::tolower(c) : c); });
  return low;
}

struct Maker {
  const rank::World& world;
  const ItemNames& names;
  DialogueFile& file;

  std::optional<ItemId> item(const std::string& name) const {
    const auto id = names.find(name);
    if (id) {
      ++file.known;
      return id;
    }
    ++file.unknown;
    if (file.examples.size() < 5) file.examples.push_back(name);
    return {};
  }
  // A turn in which these names stand, each at its first place in the text; their words are taken out of `plain`.
  Said said(bool is_seeker, std::string text, const std::vector<std::string>& named) const {
    Said turn{.is_seeker = is_seeker, .text = std::move(text)};
    turn.plain = turn.text;
    std::set<std::string> done;
    for (const std::string& name : named) {
      if (!done.insert(name).second) continue;
      const std::size_t at = turn.text.find(name);
      if (const auto id = item(name)) turn.mentions.push_back({*id, at == std::string::npos ? 1.0f : stance_at(turn.text, at, name.size())});
      for (std::size_t p = turn.plain.find(name); p != std::string::npos && !name.empty(); p = turn.plain.find(name, p)) turn.plain.replace(p, name.size(), " ");
    }
    if (turn.plain.empty() || turn.plain.find_first_not_of(' ') == std::string::npos) turn.plain = " ";
    return turn;
  }
};

const std::string& text_of(const Json& object, std::string_view key) {
  static const std::string nothing;
  const Json* value = object.find(key);
  return value != nullptr && value->is_string() ? value->as_string() : nothing;
}

std::string id_of(const Json& object, std::string_view key) {
  const Json* value = object.find(key);
  if (value == nullptr) return "";
  return value->is_string() ? value->as_string() : value->dump();
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

Conversation attune_dialogue(const Json& object, const Maker& maker) {
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

Conversation redial(const Json& object, const Maker& maker) {
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

// Titles with their year that stand in a text: "see Elf (2003)!" -> "Elf (2003)": of all that end in "(2003)" the longest known.
std::vector<std::string> titles_in(const std::string& text, const Maker& maker) {
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

// Lines of one dialogue come one after another, each with all that was said before it.
Conversation redial_turns(const std::vector<Json>& lines, const Maker& maker) {
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

Conversation opendialkg(const Json& list, const Maker& maker) {
  Conversation conversation;
  for (const Json& turn : list.as_array()) conversation.turns.push_back(maker.said(text_of(turn, "role") == "user", text_of(turn, "text"), texts_of(turn, "item")));
  return conversation;
}

Conversation crosswoz(const std::string& id, const Json& object, const Maker& maker) {
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

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  for (const char c : line) {
    if (c == '\t') cells.emplace_back();
    else cells.back() += c;
  }
  return cells;
}

// "{'Elf (2003)': 0, \"Gerald's Game (2017)\": 5}" -> names by number.
std::map<std::string, std::string> placeholders(const std::string& python) {
  std::map<std::string, std::string> names;
  const std::string json = data::json_from_python(python);
  if (json.empty()) return names;
  const Json object = Json::parse(json);
  if (object.is_object())
    for (const auto& [name, number] : object.as_object())
      if (number.is_integer()) names[std::to_string(number.as_integer())] = name;
  return names;
}

void inspired(data::Lines& lines, const std::string& header, const Maker& maker, const Run& run) {
  const std::vector<std::string> columns = cells_of(header);
  std::map<std::string, std::size_t> at;
  for (std::size_t c = 0; c < columns.size(); ++c) at[columns[c]] = c;
  for (const char* needed : {"dialog_id", "speaker", "text_with_placeholder", "movie_dict"})
    if (!at.contains(needed)) throw Error(Code::bad_data, std::string("an INSPIRED file has the column '") + needed + "'");
  for (std::string_view line; lines.next(line);) {
    run.check();
    std::vector<std::string> cells = cells_of(line);
    if (cells.size() != columns.size()) {
      if (maker.file.bad_lines++ == 0) maker.file.first_problem = "line " + std::to_string(lines.number()) + " has " + std::to_string(cells.size()) + " columns of " + std::to_string(columns.size());
      continue;
    }
    if (maker.file.conversations.empty() || maker.file.conversations.back().id != cells[at["dialog_id"]])
      maker.file.conversations.push_back({.id = cells[at["dialog_id"]]});
    const auto titles = placeholders(cells[at["movie_dict"]]);
    std::string text = cells[at["text_with_placeholder"]];
    std::vector<std::string> named;
    for (std::size_t p = text.find("[MOVIE_TITLE_"); p != std::string::npos; p = text.find("[MOVIE_TITLE_", p + 1)) {
      const std::size_t end = text.find(']', p);
      if (end == std::string::npos) break;
      const auto title = titles.find(text.substr(p + 13, end - p - 13));
      if (title == titles.end() || title->second.empty()) continue;
      named.push_back(title->second);
      text.replace(p, end + 1 - p, title->second);
    }
    // The other placeholders are words of the utterance: genres and people count.
    Said said = maker.said(cells[at["speaker"]] == "SEEKER", text, named);
    if (text.find("[MOVIE_") != std::string::npos && at.contains("text")) said.plain = cells[at["text"]];
    maker.file.conversations.back().turns.push_back(std::move(said));
  }
}

std::string read_all(const std::filesystem::path& path) {
  data::TextFile file(path);
  std::string text;
  std::vector<char> room(1 << 16);
  for (std::size_t n; (n = file.read(room)) > 0;) {
    text.append(room.data(), n);
    if (text.size() > (std::size_t{1} << 28)) throw Error(Code::bad_data, path.string() + " is one JSON value of more than 256 MB; write a dialogue a line");
  }
  return text;
}

std::string form_of(std::string_view first) {
  if (first.starts_with("dialog_id\t")) return "inspired";
  Json json;
  try {
    json = Json::parse(first);
  } catch (const Error&) {
    return first.starts_with("{") ? "crosswoz" : "";
  }
  if (json.is_array()) return "opendialkg";
  if (!json.is_object()) return "";
  if (json.find("turns") != nullptr) return "attune";
  if (json.find("messages") != nullptr && json.find("movieMentions") != nullptr) return "redial";
  if (json.find("context") != nullptr && json.find("rec") != nullptr && json.find("resp") != nullptr) return "redial-turns";
  const auto& members = json.as_object();
  return !members.empty() && members.front().second.find("messages") != nullptr ? "crosswoz" : "";
}

}  // namespace

float stance_at(std::string_view text, std::size_t at, std::size_t length) {
  static const std::vector<std::string> before = {"not like", "n't like", "nt like", "dislike", "hate", "not a fan", "n't a fan", "not into", "n't into", "can't stand",
                                                  "didn't enjoy", "did not enjoy", "不喜欢", "讨厌", "不想", "不要", "别"};
  static const std::vector<std::string> after = {"was awful", "was terrible", "was bad", "was boring", "is boring", "sucked", "was horrible", "not for me", "不好", "太差"};
  const std::size_t clause = std::min(text.find_last_of(".!?;", at == 0 ? 0 : at - 1), at);
  const std::size_t from = std::max(clause == at ? 0 : clause, at > 45 ? at - 45 : 0);
  const std::string left = lowered(text.substr(from, at - from)), right = lowered(text.substr(std::min(at + length, text.size()), 30));
  for (const std::string& cue : before)
    if (left.find(cue) != std::string::npos) return -1;
  for (const std::string& cue : after)
    if (right.substr(0, right.find_first_of(".!?")).find(cue) != std::string::npos) return -1;
  return 1;
}

DialogueFile read_dialogues(const std::filesystem::path& path, const rank::World& world, const ItemNames& names, const Run& run) {
  DialogueFile file;
  const Maker maker{world, names, file};
  data::Lines lines(path);
  std::string_view line;
  std::string first;
  if (lines.next(line)) first = std::string(line);
  file.format = form_of(first);
  const auto expected = " expected a dialogue a line (JSON), INSPIRED's table, or CrossWOZ's object; see attune evaluate --help";
  if (file.format.empty()) throw Error(Code::bad_data, path.string() + " holds no dialogues: " + expected);
  std::vector<Json> pending;   // lines of one dialogue
  const auto flush = [&] {
    if (!pending.empty()) file.conversations.push_back(redial_turns(pending, maker));
    pending.clear();
  };
  if (file.format == "inspired") {
    inspired(lines, first, maker, run);
  } else if (file.format == "crosswoz") {
    const Json whole = Json::parse(read_all(path), path.string());   // a loop over what it holds needs it alive
    for (const auto& [id, object] : whole.as_object()) file.conversations.push_back(crosswoz(id, object, maker));
  } else {
    bool more = true;
    for (line = first; more; more = lines.next(line)) {
      run.check();
      if (line.find_first_not_of(" \r") == std::string_view::npos) continue;
      try {
        Json json = Json::parse(line);
        if (file.format == "redial-turns") {
          if (!pending.empty() && id_of(pending.front(), "dialog_id") != id_of(json, "dialog_id")) flush();
          pending.push_back(std::move(json));
        } else {
          file.conversations.push_back(file.format == "redial" ? redial(json, maker) : file.format == "opendialkg" ? opendialkg(json, maker) : attune_dialogue(json, maker));
        }
      } catch (const Error& error) {
        if (error.code() == Code::cancelled) throw;
        if (file.bad_lines++ == 0) file.first_problem = "line " + std::to_string(lines.number()) + ": " + error.what();
      }
    }
    flush();
  }
  if (file.format != "redial-turns")   // there a line is a turn
    for (Conversation& conversation : file.conversations) join_turns(conversation);
  if (file.conversations.empty()) throw Error(Code::bad_data, path.string() + " holds no dialogues: " + (file.first_problem.empty() ? expected : file.first_problem));
  return file;
}

}  // namespace attune::talk::ranking
