// Injection: see the header.
#include "attune/talk/safety/injection.h"

#include <algorithm>
#include <vector>

#include "attune/core/printable.h"
#include "attune/talk/safety/reading.h"

namespace attune::talk::safety {
namespace {

// Ends of sentences, with what ends them, so that the pieces together are the text.
std::vector<std::string_view> sentences(std::string_view text) {
  std::vector<std::string_view> all;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::size_t n = 0;
    if (c == '\n' || c == '!' || c == '?' || c == ';') n = 1;
    else if (c == '.' && (i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n')) n = 1;
    else for (const std::string_view mark : {"。", "！", "？", "；"})
      if (text.substr(i).starts_with(mark)) n = mark.size();
    if (n == 0) continue;
    all.push_back(text.substr(begin, i + n - begin));
    begin = i + n;
    i += n - 1;
  }
  if (begin < text.size()) all.push_back(text.substr(begin));
  return all;
}

// Marks of chat templates and fences; a text that has them means to look like something else.
constexpr std::string_view kMarks[] = {"<|", "|>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "</s>", "<s>", "```", "###", "<start_of_turn>", "<end_of_turn>", "<<<", ">>>"};

bool has_mark(std::string_view text) {
  return std::any_of(std::begin(kMarks), std::end(kMarks), [&](std::string_view mark) { return text.find(mark) != std::string_view::npos; });
}

}  // namespace

bool gives_orders(std::string_view text) {
  const Reading reading = read(text);
  return has(reading, "override") || has(reading, "zh_override");
}

std::string as_data(std::string_view text, std::size_t most_bytes) {
  std::string kept;
  for (const std::string_view sentence : sentences(text.substr(0, 16 * most_bytes))) {
    if (has_mark(sentence) || gives_orders(sentence)) continue;
    kept += sentence;
    if (kept.size() > most_bytes) break;
  }
  for (char& c : kept)
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  while (!kept.empty() && kept.back() == ' ') kept.pop_back();
  while (!kept.empty() && kept.front() == ' ') kept.erase(0, 1);
  return printable(kept, Lines::escape, most_bytes);
}

}  // namespace attune::talk::safety
