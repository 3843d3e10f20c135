// Import of a desk's content: separated files and JSON by their columns, Markdown and plain text as documents.
#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include "attune/core/bytes.h"
#include "attune/core/error.h"
#include "attune/data/rows.h"
#include "attune/data/text_file.h"
#include "attune/talk/desk/content.h"

namespace attune::talk::desk {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kPassageCharacters = 600, kLongestText = 20000, kMostProblems = 20;
constexpr std::string_view kExpected =
    "expected columns template, intent, text (answers); question, answer (FAQ); or text, intent (messages of a known intent); or a .md or .txt document";

using Fields = std::map<std::string, std::string>;

// Names that other systems give their columns.
const std::map<std::string, std::vector<std::string>>& other_names() {
  static const std::map<std::string, std::vector<std::string>> names = {
      {"template", {"template_id", "template_name", "macro", "模板"}},
      {"intent", {"category", "label", "class", "topic", "意图", "分类", "类别"}},
      {"text", {"message", "utterance", "query", "content", "body", "内容", "消息", "文本"}},
      {"question", {"q", "title", "问题", "问"}},
      {"answer", {"a", "reply", "response", "答案", "回答", "答"}},
      {"name", {"id", "key", "名称", "编号"}},
      {"needs", {"slots", "requires", "需要"}},
      {"language", {"lang", "locale", "语言"}},
      {"style", {"tone", "风格", "语气"}},
      {"examples", {"example", "utterances", "示例", "例句"}},
  };
  return names;
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return std::string(text);
}
std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

const std::string& field(const Fields& row, const std::string& name) {
  static const std::string none;
  if (const auto found = row.find(name); found != row.end() && !found->second.empty()) return found->second;
  if (const auto others = other_names().find(name); others != other_names().end())
    for (const std::string& other : others->second)
      if (const auto found = row.find(other); found != row.end() && !found->second.empty()) return found->second;
  return none;
}

// Whether the row has such a column, empty or not.
bool has_column(const Fields& row, const std::string& name) {
  const auto& others = other_names().at(name);
  return row.contains(name) || std::any_of(others.begin(), others.end(), [&](const std::string& other) { return row.contains(other); });
}

std::vector<std::string> list_in(const std::string& text, char by) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(by, at), text.size());
    if (std::string part = trimmed(std::string_view(text).substr(at, end - at)); !part.empty()) parts.push_back(std::move(part));
    at = end + 1;
  }
  return parts;
}

bool is_outside(const std::string& intent) {
  const std::string name = lower(intent);
  return name == "out_of_scope" || name == "oos" || name == "none" || name == "other" || name == "outside";
}

// Puts rows over the content and counts.
class Taker {
 public:
  Taker(Content& content, Imported& report) : content_(content), report_(report) {
    for (std::size_t t = 0; t < content.templates.size(); ++t) templates_[content.templates[t].name] = t;
    for (std::size_t f = 0; f < content.faq.size(); ++f) faq_[content.faq[f].name + "\n" + content.faq[f].question] = f;
    for (const Example& e : content.examples) examples_.insert(e.intent + "\n" + e.text);
  }

  void take(const Fields& row, std::uint64_t line) {
    if (!field(row, "question").empty() || !field(row, "answer").empty()) {
      // A template may call its text the answer.
      if (field(row, "intent").empty() || field(row, "question").size() > 0) return take_faq(row, line);
    }
    if (is_template(row)) return take_template(row, line);
    if (!field(row, "intent").empty() && !field(row, "text").empty()) return take_example(field(row, "text"), field(row, "intent"));
    if (!field(row, "intent").empty() && !field(row, "answer").empty()) return take_template(row, line);
    problem(line, "neither an answer nor a message of a known intent: " + std::string(kExpected));
  }
  void take_faq(const Fields& row, std::uint64_t line) {
    report_.kind = "faq";
    Faq faq{field(row, "name"), field(row, "question"), field(row, "answer"), field(row, "language")};
    if (faq.question.empty()) return problem(line, "no question");
    if (faq.answer.empty()) return problem(line, "no answer");
    if (faq.name.empty()) faq.name = field(row, "intent").empty() ? "faq-" + hash_hex(faq.question).substr(0, 8) : field(row, "intent");
    if (faq.language.empty()) faq.language = language_of(faq.question);
    const auto [found, is_new] = faq_.try_emplace(faq.name + "\n" + faq.question, content_.faq.size());
    is_new ? ++report_.taken : ++report_.repeated;
    if (is_new) content_.faq.push_back(std::move(faq));
    else content_.faq[found->second] = std::move(faq);
  }
  void problem(std::uint64_t line, const std::string& what) {
    ++problems_;
    if (problems_ <= kMostProblems) report_.problems.push_back(report_.file + ":" + std::to_string(line) + ": " + what);
    else if (problems_ == kMostProblems + 1) report_.problems.push_back(report_.file + ": more rows like these are not told");
  }

 private:
  // Its name may be missing: columns that only templates have, or a gap in the text, tell it from a customer's message.
  static bool is_template(const Fields& row) {
    if (has_column(row, "template") || has_column(row, "needs") || has_column(row, "style") || has_column(row, "examples")) return !field(row, "intent").empty() || !field(row, "template").empty();
    return !field(row, "intent").empty() && !gaps_of(field(row, "text")).empty();
  }
  void take_template(const Fields& row, std::uint64_t line) {
    report_.kind = "templates";
    Template made{field(row, "template"), field(row, "intent"), field(row, "text"), field(row, "language"), lower(field(row, "style")), list_in(field(row, "needs"), '|')};
    if (made.text.empty()) made.text = field(row, "answer");
    if (made.text.empty()) return problem(line, "no answer text");
    if (made.intent.empty()) return problem(line, "no intent");
    if (made.text.size() > kLongestText) return problem(line, "an answer of " + std::to_string(made.text.size()) + " bytes; at most " + std::to_string(kLongestText));
    if (!made.style.empty() && made.style != "formal" && made.style != "casual") return problem(line, "style '" + made.style + "'; formal, casual or nothing");
    if (made.name.empty()) made.name = made.intent + "-" + hash_hex(made.text).substr(0, 6);
    if (made.language.empty()) made.language = language_of(made.text);
    for (const std::string& example : list_in(field(row, "examples"), '|')) take_example(example, made.intent);
    const auto [found, is_new] = templates_.try_emplace(made.name, content_.templates.size());
    is_new ? ++report_.taken : ++report_.repeated;
    if (is_new) content_.templates.push_back(std::move(made));
    else content_.templates[found->second] = std::move(made);
  }
  void take_example(const std::string& text, std::string intent) {
    const bool is_own = report_.kind != "templates";
    if (is_own) report_.kind = "examples";
    if (is_outside(intent)) intent.clear();
    const bool is_new = examples_.insert(intent + "\n" + text).second;
    if (is_new) content_.examples.push_back({text, intent});
    if (is_own) is_new ? ++report_.taken : ++report_.repeated;
  }

  Content& content_;
  Imported& report_;
  std::map<std::string, std::size_t> templates_, faq_;
  std::set<std::string> examples_;
  std::size_t problems_ = 0;
};

Fields fields_of(const Json& json) {
  Fields row;
  for (const auto& [key, value] : json.as_object()) {
    std::string text;
    if (value.is_string()) text = trimmed(value.as_string());
    else if (value.is_array()) {
      for (const Json& one : value.as_array())
        if (one.is_string()) text += (text.empty() ? "" : "|") + one.as_string();
    } else if (!value.is_null() && !value.is_object()) text = value.dump();
    row[lower(key)] = std::move(text);
  }
  return row;
}

void read_separated(const fs::path& path, char separator, Taker& taker, const Run& run) {
  data::Lines lines(path);
  data::Rows rows([&](data::Rows::Line& line) {
    if (!lines.next(line.text)) return false;
    line.number = lines.number(), line.is_cut = lines.is_cut();
    return true;
  }, {.separator = std::string(1, separator)});
  data::Row row;
  std::vector<std::string> header;
  while (rows.next(row, header.size())) {
    if (row.line % 1024 == 0) run.check();
    if (row.problem != nullptr) {
      taker.problem(row.line, row.problem);
      continue;
    }
    if (header.empty()) {
      for (const auto name : row.fields) header.push_back(lower(trimmed(name)));
      continue;
    }
    if (row.fields.size() != header.size()) {
      taker.problem(row.line, std::to_string(row.fields.size()) + " fields, the header has " + std::to_string(header.size()));
      continue;
    }
    Fields fields;
    for (std::size_t c = 0; c < header.size(); ++c) fields[header[c]] = trimmed(row.fields[c]);
    taker.take(fields, row.line);
  }
}

void read_json_lines(const fs::path& path, Taker& taker, const Run& run) {
  std::string_view line;
  for (data::Lines lines(path); lines.next(line);) {
    run.check();
    if (trimmed(line).empty()) continue;
    try {
      taker.take(fields_of(Json::parse(line, path.string())), lines.number());
    } catch (const Error& e) {
      taker.problem(lines.number(), e.what());
    }
  }
}

// A list of objects, or an object of such lists.
void read_json(const Json& json, Taker& taker) {
  const Json::Array* rows = json.is_array() ? &json.as_array() : nullptr;
  if (json.is_object())
    for (const auto& [key, value] : json.as_object())
      if (value.is_array() || value.is_object()) read_json(value, taker);
  if (rows == nullptr) return;
  std::uint64_t row = 0;
  for (const Json& one : *rows) {
    ++row;
    if (one.is_object() && std::none_of(one.as_object().begin(), one.as_object().end(), [](const auto& m) { return m.second.is_array() && m.second.size() > 0 && m.second.as_array()[0].is_object(); }))
      taker.take(fields_of(one), row);
    else if (one.is_object()) {   // wordings of one question, under its name
      const Fields outer = fields_of(one);
      for (const auto& [key, value] : one.as_object())
        if (value.is_array())
          for (const Json& inner : value.as_array())
            if (inner.is_object()) {
              Fields fields = fields_of(inner);
              for (const auto& [name, text] : outer) fields.try_emplace(name, text);
              taker.take(fields, row);
            }
    } else {
      taker.problem(row, "not an object");
    }
  }
}

bool ends_question(const std::string& heading) { return heading.ends_with("?") || heading.ends_with("\xef\xbc\x9f"); }

// Passages: paragraphs put together up to kPassageCharacters, never across a heading. A heading that asks becomes a FAQ as well.
void read_document(const fs::path& path, Content& content, Imported& report, Taker& taker) {
  report.kind = "document";
  const std::string document = path.filename().string();
  std::erase_if(content.passages, [&](const Passage& p) { return p.document == document; });
  std::string heading, held, under;
  int number = 0, held_line = 1, heading_line = 1;
  bool in_code = false;
  const auto flush = [&] {
    if (const std::string text = trimmed(held); !text.empty()) {
      content.passages.push_back({document, heading, text, held_line});
      ++report.taken;
    }
    held.clear();
  };
  const auto close_heading = [&] {
    flush();
    if (ends_question(heading) && !trimmed(under).empty()) {
      const std::size_t taken = report.taken, repeated = report.repeated;   // passages are what is counted
      taker.take_faq({{"question", heading}, {"answer", trimmed(under)}}, static_cast<std::uint64_t>(heading_line));
      report.kind = "document", report.taken = taken, report.repeated = repeated;
    }
    under.clear();
  };
  std::string_view line;
  for (data::Lines lines(path); lines.next(line);) {
    ++number;
    const std::string text = trimmed(line);
    if (text.starts_with("```")) in_code = !in_code;
    if (!in_code && text.starts_with("#")) {
      close_heading();
      heading = trimmed(std::string_view(text).substr(text.find_first_not_of('#') == std::string::npos ? text.size() : text.find_first_not_of('#')));
      heading_line = number;
      continue;
    }
    under += text + "\n";
    if (text.empty() && held.size() > kPassageCharacters / 2) flush();
    if (held.size() + text.size() > kPassageCharacters && !held.empty()) flush();
    if (text.empty()) {
      if (!held.empty()) held += "\n";
      continue;
    }
    if (held.empty()) held_line = number;
    held += (held.empty() || held.back() == '\n' ? "" : " ") + text.substr(0, kLongestText);
  }
  close_heading();
}

}  // namespace

std::vector<Imported> import_files(Content& content, std::span<const fs::path> files, const Run& run) {
  std::vector<Imported> reports;
  for (const fs::path& path : files) {
    Imported report{.file = path.filename().string()};
    Taker taker(content, report);
    std::string name = lower(path.filename().string());
    for (const char* packed : {".gz", ".zst"})
      if (name.ends_with(packed)) name.resize(name.size() - std::string_view(packed).size());
    if (fs::is_directory(path)) throw Error(Code::bad_data, path.string() + " is a folder; name its files (" + path.string() + "/*.md)");
    if (name.ends_with(".md") || name.ends_with(".markdown") || name.ends_with(".txt")) read_document(path, content, report, taker);
    else if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) read_json_lines(path, taker, run);
    else if (name.ends_with(".json")) {
      std::string all;
      std::string_view line;
      for (data::Lines lines(path); lines.next(line);) all += std::string(line) + "\n";
      read_json(Json::parse(all, path.string()), taker);
    } else read_separated(path, name.ends_with(".tsv") ? '\t' : ',', taker, run);
    if (report.taken + report.repeated == 0 && report.kind != "document")
      throw Error(Code::bad_data, path.string() + " holds nothing a desk can answer from: " + std::string(kExpected) + (report.problems.empty() ? "" : "; first problem: " + report.problems.front()));
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace attune::talk::desk
