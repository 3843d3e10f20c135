// Dialogue files: the first line tells the form; each form has a function that makes turns of its records (dialogue_forms.h).
#include "attune/talk/ranking/dialogue_file.h"

#include "attune/core/error.h"
#include "attune/data/text_file.h"
#include "attune/talk/ranking/dialogue_forms.h"

namespace attune::talk::ranking {
namespace {

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

DialogueFile read_dialogues(const std::filesystem::path& path, const rank::World& world, const ItemNames& names, const Run& run) {
  DialogueFile file;
  const DialogueMaker maker{world, names, file};
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
