// Taker: see the header.
#include "attune/talk/desk/taker.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "attune/core/ascii.h"
#include "attune/core/bytes.h"

namespace attune::talk::desk {
namespace {

constexpr std::size_t kLongestText = 20000, kMostProblems = 20;

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

bool is_of_catalogue(const Fields& row) {
  static constexpr const char* columns[] = {"item", "item_id", "product", "product_id", "sku", "price", "brand", "stock", "image", "商品", "商品编号", "价格", "品牌", "库存"};
  return std::count_if(std::begin(columns), std::end(columns), [&](const char* name) { return row.contains(name); }) >= 2;
}

bool is_outside(const std::string& intent) {
  const std::string name = lowered(intent);
  return name == "out_of_scope" || name == "oos" || name == "none" || name == "other" || name == "outside";
}

// Its name may be missing: columns that only templates have, or a gap in the text, tell it from a customer's message.
bool is_template(const Fields& row) {
  if (has_column(row, "template") || has_column(row, "needs") || has_column(row, "style") || has_column(row, "examples")) return !field(row, "intent").empty() || !field(row, "template").empty();
  return !field(row, "intent").empty() && !gaps_of(field(row, "text")).empty();
}

}  // namespace

std::string trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return std::string(text);
}

Taker::Taker(Content& content, Imported& report) : content_(content), report_(report) {
  for (std::size_t t = 0; t < content.templates.size(); ++t) templates_[content.templates[t].name] = t;
  for (std::size_t f = 0; f < content.faq.size(); ++f) faq_[content.faq[f].name + "\n" + content.faq[f].question] = f;
  for (const Example& e : content.examples) examples_.insert(e.intent + "\n" + e.text);
}

void Taker::take(const Fields& row, std::uint64_t line) {
  has_catalogue_ = has_catalogue_ || (is_of_catalogue(row) && field(row, "answer").empty());   // whose titles are no questions either
  if (!field(row, "question").empty() || !field(row, "answer").empty()) {
    // A template may call its text the answer.
    if (field(row, "intent").empty() || field(row, "question").size() > 0) return take_faq(row, line);
  }
  if (is_template(row)) return take_template(row, line);
  if (!field(row, "intent").empty() && !field(row, "text").empty()) return take_example(field(row, "text"), field(row, "intent"));
  if (!field(row, "intent").empty() && !field(row, "answer").empty()) return take_template(row, line);
  problem(line, "neither an answer nor a message of a known intent: " + std::string(kExpectedColumns));
}

void Taker::take_faq(const Fields& row, std::uint64_t line) {
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

void Taker::take_template(const Fields& row, std::uint64_t line) {
  report_.kind = "templates";
  Template made{field(row, "template"), field(row, "intent"), field(row, "text"), field(row, "language"), lowered(field(row, "style")), list_in(field(row, "needs"), '|')};
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

void Taker::take_example(const std::string& text, std::string intent) {
  const bool is_own = report_.kind != "templates";
  if (is_own) report_.kind = "examples";
  if (is_outside(intent)) intent.clear();
  const bool is_new = examples_.insert(intent + "\n" + text).second;
  if (is_new) content_.examples.push_back({text, intent});
  if (is_own) is_new ? ++report_.taken : ++report_.repeated;
}

void Taker::problem(std::uint64_t line, const std::string& what) {
  ++problems_;
  if (problems_ <= kMostProblems) report_.problems.push_back(report_.file + ":" + std::to_string(line) + ": " + what);
  else if (problems_ == kMostProblems + 1) report_.problems.push_back(report_.file + ": more rows like these are not told");
}

}  // namespace attune::talk::desk
