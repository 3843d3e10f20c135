// Dialogue forms: INSPIRED's table of utterances.
#include <map>

#include "attune/core/error.h"
#include "attune/data/json_objects.h"
#include "attune/talk/ranking/dialogue_forms.h"

namespace attune::talk::ranking {
namespace {

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

}  // namespace

void inspired(data::Lines& lines, const std::string& header, const DialogueMaker& maker, const Run& run) {
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

}  // namespace attune::talk::ranking
