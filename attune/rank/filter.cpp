// Filter: a recursive-descent parser and the walk over what it made. Cost: parsing once a request, then a few comparisons an item.
#include "attune/rank/filter.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "attune/core/ascii.h"
#include "attune/core/error.h"
#include "attune/rank/filter_node.h"

namespace attune::rank {
namespace {

constexpr int kMaxDepth = 64;                    // brackets in brackets: the stack is not the caller's to fill
constexpr std::size_t kMaxBytes = 64 * 1024;

struct Token {
  enum Kind { word, quoted, symbol, end } kind = end;
  std::string text;
  std::size_t at = 0;  // byte
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_symbol(char c) { return c == '(' || c == ')' || c == ',' || c == '=' || c == '<' || c == '>' || c == '!'; }
bool is_quote(char c) { return c == '"' || c == '\''; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Filter::Node parse() {
    if (text_.size() > kMaxBytes) throw Error(Code::bad_request, "the filter is longer than 64 KB; make it shorter");
    split();
    Filter::Node root = any_of(0);
    if (now().kind != Token::end) fail(now().kind == Token::word ? "`and`, `or` or the end (a value of several words stands in quotes)" : "`and`, `or` or the end");
    return root;
  }

 private:
  // Characters, not bytes: what a person counts.
  [[noreturn]] void fail_at(std::size_t byte, const std::string& expected, const std::string& got) const {
    std::size_t column = 1;
    for (std::size_t i = 0; i < byte && i < text_.size(); ++i) column += (static_cast<unsigned char>(text_[i]) & 0xc0u) != 0x80u ? 1 : 0;
    const std::string pointer = std::string(text_.substr(0, byte)) + " <here> " + std::string(text_.substr(std::min(byte, text_.size())));
    throw Error(Code::bad_request, "cannot read the filter at character " + std::to_string(column) + ": expected " + expected + ", got " + got +
                                       "; in: " + pointer);
  }
  [[noreturn]] void fail(const std::string& expected) const {
    fail_at(now().at, expected, now().kind == Token::end ? "the end" : "'" + now().text + "'");
  }

  void split() {
    std::size_t i = 0;
    while (true) {
      while (i < text_.size() && is_space(text_[i])) ++i;
      if (i == text_.size()) break;
      Token token{.kind = Token::word, .text = {}, .at = i};
      if (is_quote(text_[i])) {
        i = quoted(i, token);
      } else if (is_symbol(text_[i])) {
        token.kind = Token::symbol;
        token.text = text_[i++];
        if (i < text_.size() && text_[i] == '=' && (token.text == "<" || token.text == ">" || token.text == "!" || token.text == "=")) {
          if (token.text != "=") token.text += '=';  // `==` is `=`
          ++i;
        }
      } else {
        while (i < text_.size() && !is_space(text_[i]) && !is_symbol(text_[i]) && !is_quote(text_[i])) token.text += text_[i++];
      }
      tokens_.push_back(std::move(token));
    }
    tokens_.push_back({.kind = Token::end, .text = {}, .at = text_.size()});
  }

  std::size_t quoted(std::size_t i, Token& token) const {
    const char quote = text_[i++];
    token.kind = Token::quoted;
    while (i < text_.size() && text_[i] != quote) {
      if (text_[i] == '\\' && i + 1 < text_.size()) ++i;
      token.text += text_[i++];
    }
    if (i == text_.size()) fail_at(token.at, std::string("a closing ") + quote, "the end");
    return i + 1;
  }

  const Token& now() const { return tokens_[next_]; }
  bool is_word(std::string_view word) const { return now().kind == Token::word && lowered(now().text) == word; }
  bool take_word(std::string_view word) {
    if (!is_word(word)) return false;
    ++next_;
    return true;
  }
  bool take_symbol(std::string_view symbol) {
    if (now().kind != Token::symbol || now().text != symbol) return false;
    ++next_;
    return true;
  }

  Filter::Node any_of(int depth) {
    Filter::Node first = all_of(depth);
    if (!is_word("or")) return first;
    Filter::Node node{.op = Op::any_of, .children = {std::move(first)}};
    while (take_word("or")) node.children.push_back(all_of(depth));
    return node;
  }

  Filter::Node all_of(int depth) {
    Filter::Node first = one(depth);
    if (!is_word("and")) return first;
    Filter::Node node{.op = Op::all_of, .children = {std::move(first)}};
    while (take_word("and")) node.children.push_back(one(depth));
    return node;
  }

  Filter::Node one(int depth) {
    if (depth > kMaxDepth) fail("at most " + std::to_string(kMaxDepth) + " conditions inside one another");
    if (take_word("not")) {
      Filter::Node node{.op = Op::none_of};
      node.children.push_back(one(depth + 1));
      return node;
    }
    if (take_symbol("(")) {
      Filter::Node node = any_of(depth + 1);
      if (!take_symbol(")")) fail("`)`, `and` or `or`");
      return node;
    }
    return comparison();
  }

  Filter::Node comparison() {
    const bool is_name = now().kind == Token::quoted || (now().kind == Token::word && !is_word("and") && !is_word("or"));
    if (!is_name) fail("the name of an attribute, `not` or `(`");
    Filter::Node node{.attribute = tokens_[next_++].text};
    const bool has_not = take_word("not");
    node.negated = has_not;
    if (take_word("exists")) return node;
    if (take_word("in")) {
      node.op = Op::in;
      list(node.values);
      return node;
    }
    if (take_word("contains")) {
      node.op = Op::contains;
      node.values.push_back(value());
      return node;
    }
    if (has_not) fail("`in`, `contains` or `exists` after `not`");
    static const std::vector<std::pair<std::string_view, Op>> kSymbols = {
        {"=", Op::equal}, {"!=", Op::equal}, {"<", Op::less}, {"<=", Op::less_equal}, {">", Op::greater}, {">=", Op::greater_equal}};
    for (const auto& [symbol, op] : kSymbols) {
      if (!take_symbol(symbol)) continue;
      node.op = op;
      node.negated = symbol == "!=";
      node.values.push_back(value());
      return node;
    }
    fail("=, !=, <, <=, >, >=, in, contains or exists after '" + node.attribute + "'");
  }

  void list(std::vector<Literal>& values) {
    if (!take_symbol("(")) fail("`(` after `in`");
    do values.push_back(value());
    while (take_symbol(","));
    if (!take_symbol(")")) fail("`,` or `)`");
  }

  Literal value() {
    if (now().kind != Token::word && now().kind != Token::quoted) fail("a value");
    const Token& token = tokens_[next_++];
    return {.text = lowered(token.text), .number = as_number(token.text)};
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
};

bool passes(const Filter::Node& node, const data::CatalogueItem& item) {
  switch (node.op) {
    case Op::all_of:
      for (const Filter::Node& child : node.children)
        if (!passes(child, item)) return false;
      return true;
    case Op::any_of:
      for (const Filter::Node& child : node.children)
        if (passes(child, item)) return true;
      return false;
    case Op::none_of: return !passes(node.children.front(), item);
    default: break;
  }
  if (const Json* value = item.attributes.find(node.attribute)) return compare(node, value);
  if (node.attribute == "name" || node.attribute == "text") {
    const Json own(node.attribute == "name" ? item.name : item.text);
    return compare(node, own.as_string().empty() ? nullptr : &own);
  }
  return compare(node, nullptr);
}

}  // namespace

Filter Filter::parse(std::string_view text) {
  Filter filter;
  bool is_blank = true;
  for (const char c : text) is_blank = is_blank && is_space(c);
  if (is_blank) return filter;
  filter.text_ = text;
  filter.root_ = std::make_shared<const Node>(Parser(text).parse());
  return filter;
}

bool Filter::passes(const data::CatalogueItem& item) const { return root_ == nullptr || rank::passes(*root_, item); }

}  // namespace attune::rank
