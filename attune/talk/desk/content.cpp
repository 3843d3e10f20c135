// Content: read from and written to the workspace, one JSON object a line.
#include "attune/talk/desk/content.h"

#include <algorithm>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/data/text_file.h"

namespace attune::talk::desk {
namespace fs = std::filesystem;
namespace {

Json list_of(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(text);
  return list;
}
std::string text_at(const Json& object, std::string_view key) {
  const Json* found = object.find(key);
  return found == nullptr || found->is_null() ? std::string() : found->as_string();
}

template <class Take>
void read_lines(const fs::path& path, const Take& take) {
  if (!fs::exists(path)) return;
  std::string_view line;
  for (data::Lines lines(path); lines.next(line);)
    if (!line.empty()) take(Json::parse(line, path.string() + ":" + std::to_string(lines.number())));
}

}  // namespace

Content load_content(const fs::path& folder) {
  Content content;
  read_lines(folder / "templates.jsonl", [&](const Json& json) {
    Template made{text_at(json, "template"), text_at(json, "intent"), text_at(json, "text"), text_at(json, "language"), text_at(json, "style"), {}};
    if (const Json* needs = json.find("needs"))
      for (const Json& slot : needs->as_array()) made.needs.push_back(slot.as_string());
    content.templates.push_back(std::move(made));
  });
  read_lines(folder / "examples.jsonl", [&](const Json& json) { content.examples.push_back({text_at(json, "text"), text_at(json, "intent")}); });
  read_lines(folder / "faq.jsonl", [&](const Json& json) {
    content.faq.push_back({text_at(json, "name"), text_at(json, "question"), text_at(json, "answer"), text_at(json, "language")});
  });
  read_lines(folder / "passages.jsonl", [&](const Json& json) {
    content.passages.push_back({text_at(json, "document"), text_at(json, "heading"), text_at(json, "text"), static_cast<int>(json.at("line").as_integer())});
  });
  return content;
}

void save_content(const Content& content, const fs::path& folder) {
  std::error_code problem;
  fs::create_directories(folder, problem);
  if (problem) throw Error(Code::io, "cannot make the folder " + folder.string() + ": " + problem.message());
  std::string templates, examples, faq, passages;
  for (const Template& t : content.templates) {
    Json json = Json::object();
    json["template"] = t.name, json["intent"] = t.intent, json["text"] = t.text, json["language"] = t.language;
    if (!t.style.empty()) json["style"] = t.style;
    if (!t.needs.empty()) json["needs"] = list_of(t.needs);
    templates += json.dump() + "\n";
  }
  for (const Example& e : content.examples) {
    Json json = Json::object();
    json["text"] = e.text, json["intent"] = e.intent;
    examples += json.dump() + "\n";
  }
  for (const Faq& f : content.faq) {
    Json json = Json::object();
    json["name"] = f.name, json["question"] = f.question, json["answer"] = f.answer, json["language"] = f.language;
    faq += json.dump() + "\n";
  }
  for (const Passage& p : content.passages) {
    Json json = Json::object();
    json["document"] = p.document, json["heading"] = p.heading, json["line"] = p.line, json["text"] = p.text;
    passages += json.dump() + "\n";
  }
  write_file(folder / "templates.jsonl", templates);
  write_file(folder / "examples.jsonl", examples);
  write_file(folder / "faq.jsonl", faq);
  write_file(folder / "passages.jsonl", passages);
}

std::string language_of(std::string_view text) {
  std::size_t han = 0, kana = 0;
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[i + k]); };
    if (byte(0) < 0xe3 || byte(0) > 0xe9) continue;
    const unsigned c = (byte(0) & 15u) << 12 | (byte(1) & 63u) << 6 | (byte(2) & 63u);
    han += c >= 0x3400 && c <= 0x9fff;
    kana += c >= 0x3040 && c <= 0x30ff;
    i += 2;
  }
  return han > 0 && kana == 0 ? "zh" : "en";
}

std::vector<std::string> gaps_of(std::string_view text) {
  std::vector<std::string> gaps;
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) break;
    const std::string name(text.substr(at + 1, end - at - 1));
    const bool is_name = !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
    if (is_name && std::find(gaps.begin(), gaps.end(), name) == gaps.end()) gaps.push_back(name);
  }
  return gaps;
}

}  // namespace attune::talk::desk
