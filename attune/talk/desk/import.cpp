// Import of a desk's content: separated files and JSON by their columns, Markdown and plain text as documents.
#include <algorithm>
#include <set>

#include "attune/core/error.h"
#include "attune/core/ascii.h"
#include "attune/data/encoding.h"
#include "attune/data/rows.h"
#include "attune/data/text_file.h"
#include "attune/talk/desk/content.h"
#include "attune/talk/desk/taker.h"

namespace attune::talk::desk {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kPassageCharacters = 600, kLongestText = 20000;

Fields fields_of(const Json& json) {
  Fields row;
  for (const auto& [key, value] : json.as_object()) {
    std::string text;
    if (value.is_string()) text = trimmed(value.as_string());
    else if (value.is_array()) {
      for (const Json& one : value.as_array())
        if (one.is_string()) text += (text.empty() ? "" : "|") + one.as_string();
    } else if (!value.is_null() && !value.is_object()) text = value.dump();
    row[lowered(key)] = std::move(text);
  }
  return row;
}

// What stands between the columns: of comma, semicolon and tab, the one that the first line has most of.
char separator_of(const fs::path& path) {
  if (!fs::is_regular_file(path)) return ',';   // a pipe is read once
  std::string_view first;
  data::Lines lines(path);
  while (lines.next(first) && trimmed(first).empty()) {
  }
  if (!data::is_utf8(first)) throw Error(Code::bad_data, path.string() + " is not UTF-8 text; save it as UTF-8 (in a spreadsheet: 'CSV UTF-8') and import it again");
  char best = ',';
  for (const char c : {';', '\t'})
    if (std::count(first.begin(), first.end(), c) > std::count(first.begin(), first.end(), best)) best = c;
  return best;
}

void read_separated(const fs::path& path, Taker& taker, const Run& run) {
  data::Lines lines(path);
  data::Rows rows([&](data::Rows::Line& line) {
    if (!lines.next(line.text)) return false;
    line.number = lines.number(), line.is_cut = lines.is_cut();
    return true;
  }, {.separator = std::string(1, separator_of(path))});
  data::Row row;
  std::vector<std::string> header;
  while (rows.next(row, header.size())) {
    if (row.line % 1024 == 0) run.check();
    if (row.problem != nullptr) {
      taker.problem(row.line, row.problem);
      continue;
    }
    if (header.empty()) {
      for (const auto name : row.fields) header.push_back(lowered(trimmed(name)));
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

namespace {

// The columns of a catalogue, which texts and a category has too.
void refuse_catalogue(const fs::path& path) {
  throw Error(Code::bad_data, path.string() + " looks like a catalogue (columns such as item, price, brand): its texts are no messages of customers; items are taken in by 'attune import', messages by a file with the columns text and intent alone");
}

std::vector<Imported> read_files(Content& content, std::span<const fs::path> files, bool takes_catalogues, const Run& run) {
  std::vector<Imported> reports;
  for (const fs::path& path : files) {
    Imported report{.file = path.filename().string()};
    Taker taker(content, report);
    std::string name = lowered(path.filename().string());
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
    } else read_separated(path, taker, run);
    if (taker.has_catalogue() && !takes_catalogues) refuse_catalogue(path);
    if (report.taken + report.repeated == 0 && report.kind != "document")
      throw Error(Code::bad_data, path.string() + " holds nothing a desk can answer from: " + std::string(kExpectedColumns) + (report.problems.empty() ? "" : "; first problem: " + report.problems.front()));
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace

std::vector<Imported> import_files(Content& content, std::span<const fs::path> files, const Run& run) {
  Content made = content;   // a file that is refused leaves nothing behind
  std::vector<Imported> reports = read_files(made, files, false, run);
  content = std::move(made);
  return reports;
}

std::vector<Imported> forget_files(Content& content, std::span<const fs::path> files, const Run& run) {
  std::vector<Imported> reports;
  for (const fs::path& path : files) {
    Imported report{.file = path.filename().string()};
    report.taken += std::erase_if(content.passages, [&](const Passage& p) { return p.document == report.file; });
    Content held;
    if (fs::exists(path)) report.kind = read_files(held, std::span(&path, 1), true, run).front().kind;
    else if (report.taken == 0) throw Error(Code::not_found, path.string() + " is not there, and no document of that name was imported; what a table taught is forgotten by naming the table again");
    std::set<std::string> templates, questions, messages;
    for (const Template& t : held.templates) templates.insert(t.name);
    for (const Faq& f : held.faq) questions.insert(f.name + "\n" + f.question);
    for (const Example& e : held.examples) messages.insert(e.intent + "\n" + e.text);
    report.taken += std::erase_if(content.templates, [&](const Template& t) { return templates.contains(t.name); });
    report.taken += std::erase_if(content.faq, [&](const Faq& f) { return questions.contains(f.name + "\n" + f.question); });
    report.taken += std::erase_if(content.examples, [&](const Example& e) { return messages.contains(e.intent + "\n" + e.text); });
    reports.push_back(std::move(report));
  }
  return reports;
}

}  // namespace attune::talk::desk
