// Content: what a service desk answers from: templates by intent, messages known to be of an intent, questions with answers, documents
// cut into passages. Kept in the workspace's folder desk/ as JSON lines that people can read; every file appears whole.
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/core/progress.h"

namespace attune::talk::desk {

// An answer with gaps: "Order {order} is on its way." A gap is the name of a slot (slots.h).
struct Template {
  std::string name, intent, text;
  std::string language;                 // "en", "zh", ...
  std::string style;                    // "formal", "casual"; empty = read from the text
  std::vector<std::string> needs;       // slots to be known before it is sent; those of its gaps always are
};
// A message known to be of an intent. The intent "" (written out_of_scope, oos or none) says: of none of them.
struct Example {
  std::string text, intent;
};
// One question with its answer; several wordings of one question are several of these with one name.
struct Faq {
  std::string name, question, answer, language;
};
struct Passage {
  std::string document, heading, text;
  int line = 0;                         // where it begins, from 1
};

struct Content {
  std::vector<Template> templates;
  std::vector<Example> examples;
  std::vector<Faq> faq;
  std::vector<Passage> passages;
  bool empty() const noexcept { return templates.empty() && examples.empty() && faq.empty() && passages.empty(); }
};

// What an import did.
struct Imported {
  std::string file, kind;               // "templates", "examples", "faq", "document"
  std::size_t taken = 0, repeated = 0;
  std::vector<std::string> problems;    // "templates.csv:7: no answer text"
};

// Reads files and puts them over `content`: a template or question of the same name is replaced, a document of the same name as a
// whole. CSV, TSV, JSONL and JSON lists by their columns (template+intent+text; question+answer; text+intent); Markdown and plain
// text as documents, Markdown whose headings are questions too. Rows that cannot be read are told in `problems`.
// Throws Error: not_found, io, or bad_data for a file of which nothing can be read, saying which columns are expected.
// A catalogue (columns such as item, price, brand) is bad_data too: its texts are no messages. After an error `content` is as it was.
std::vector<Imported> import_files(Content& content, std::span<const std::filesystem::path> files, const Run& run);
// Takes out of `content` what these files hold (templates by name, questions and messages by their words, documents by the file's name,
// which need not be there any more); what another file gave as well goes too. `taken` = how many went. Throws Error: not_found, io, bad_data.
std::vector<Imported> forget_files(Content& content, std::span<const std::filesystem::path> files, const Run& run);

// The files in `folder`; missing ones are empty. Throws Error: bad_data naming file and line.
Content load_content(const std::filesystem::path& folder);
void save_content(const Content& content, const std::filesystem::path& folder);

// The language of a text as far as the desk tells them apart: "zh" where Chinese characters stand, else "en".
std::string language_of(std::string_view text);
// Names of the gaps of a template's text, in order, without repeats.
std::vector<std::string> gaps_of(std::string_view text);

}  // namespace attune::talk::desk
