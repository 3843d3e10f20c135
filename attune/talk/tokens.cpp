// Tokens: one pass over the characters; Unicode by utf8proc.
#include "attune/talk/tokens.h"

#include <utf8proc.h>

#include <cstdint>
#include <cstdlib>

namespace attune::talk {
namespace {

bool is_unspaced(std::int32_t c) noexcept {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x20000 && c <= 0x323AF) || c == 0x3005 || c == 0x3007;
}
bool is_letter(std::int32_t c) noexcept {
  const auto kind = utf8proc_category(c);
  return (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO) || (kind >= UTF8PROC_CATEGORY_MN && kind <= UTF8PROC_CATEGORY_ME);
}
bool is_digit(std::int32_t c) noexcept { return c >= '0' && c <= '9'; }
bool is_apostrophe(std::int32_t c) noexcept { return c == '\'' || c == 0x2019 || c == 0x02BC || c == '`'; }
// Controls, direction marks, joiners, byte order marks, private use: nothing a reader sees.
bool is_unseen(std::int32_t c) noexcept {
  const auto kind = utf8proc_category(c);
  return kind == UTF8PROC_CATEGORY_CC || kind == UTF8PROC_CATEGORY_CF || kind == UTF8PROC_CATEGORY_CO || kind == UTF8PROC_CATEGORY_CN;
}
bool is_blank(std::int32_t c) noexcept {
  const auto kind = utf8proc_category(c);
  return c == '\t' || c == '\n' || c == '\r' || (kind >= UTF8PROC_CATEGORY_ZS && kind <= UTF8PROC_CATEGORY_ZP);
}
void append(std::int32_t c, std::string& to) {
  std::uint8_t utf8[4];
  to.append(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(utf8proc_encode_char(c, utf8)));
}
// One character at `at`; -1 for bytes that are none. `used` is at least 1.
std::int32_t next(std::string_view text, std::size_t at, std::size_t& used) {
  std::int32_t c = -1;
  const auto n = utf8proc_iterate(reinterpret_cast<const std::uint8_t*>(text.data()) + at, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
  used = n > 0 ? static_cast<std::size_t>(n) : 1;
  return n > 0 ? c : -1;
}
std::string folded(const std::string& text) {
  std::string plain = text;
  bool ascii = true;
  for (char& c : plain) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    ascii = ascii && static_cast<unsigned char>(c) < 128;
  }
  if (ascii) return plain;
  std::uint8_t* out = nullptr;
  const auto n = utf8proc_map(reinterpret_cast<const std::uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &out,
                              static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
  if (n > 0) plain.assign(reinterpret_cast<const char*>(out), static_cast<std::size_t>(n));
  std::free(out);
  return plain;
}

// "1,299.50" -> 1299.5
double value_of(const std::string& digits) {
  std::string plain;
  for (const char c : digits)
    if (c != ',') plain += c;
  return std::strtod(plain.c_str(), nullptr);
}

}  // namespace

std::string cleaned(std::string_view message, std::size_t most_bytes) {
  if (message.size() > most_bytes * 8) message = message.substr(0, most_bytes * 8);
  std::string valid;
  for (std::size_t at = 0, used = 0; at < message.size(); at += used) {
    const std::int32_t c = next(message, at, used);
    if (c < 0) continue;
    if (is_blank(c)) valid += ' ';
    else if (!is_unseen(c)) valid.append(message.substr(at, used));
  }
  std::uint8_t* out = nullptr;
  const auto n = utf8proc_map(reinterpret_cast<const std::uint8_t*>(valid.data()), static_cast<utf8proc_ssize_t>(valid.size()), &out,
                              static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT));
  const std::string text = n > 0 ? std::string(reinterpret_cast<const char*>(out), static_cast<std::size_t>(n)) : valid;
  std::free(out);
  std::string squeezed;
  for (std::size_t at = 0, used = 0; at < text.size(); at += used) {
    next(text, at, used);
    if (squeezed.size() + used > most_bytes) break;
    if (text[at] == ' ' && (squeezed.empty() || squeezed.back() == ' ')) continue;
    squeezed.append(text, at, used);
  }
  while (!squeezed.empty() && squeezed.back() == ' ') squeezed.pop_back();
  return squeezed;
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::int32_t c = next(text, at, used);
    if (c < 0 || is_blank(c)) {
      at += used;
      continue;
    }
    Token token{.kind = Token::mark, .text = {}, .value = 0, .begin = at, .end = at};
    if (is_digit(c)) {
      token.kind = Token::number;
      std::string digits;
      while (at < text.size() && (is_digit(text[at]) || ((text[at] == '.' || text[at] == ',') && at + 1 < text.size() && is_digit(text[at + 1])))) {
        // "1,5" lists two numbers; "1,500" is one
        if (text[at] == ',' && !(at + 3 < text.size() && is_digit(text[at + 1]) && is_digit(text[at + 2]) && is_digit(text[at + 3]))) break;
        digits += text[at++];
      }
      token.text = digits;
      token.value = value_of(digits);
    } else if (is_unspaced(c)) {
      token.kind = Token::han;
      append(c, token.text);
      at += used;
    } else if (is_letter(c)) {
      token.kind = Token::word;
      while (at < text.size()) {
        const std::int32_t d = next(text, at, used);
        std::size_t after = 0;
        const bool joins = is_apostrophe(d) && at + used < text.size() && is_letter(next(text, at + used, after)) && !token.text.empty();
        if (d < 0 || !(joins || (is_letter(d) && !is_unspaced(d)))) break;
        if (joins) token.text += '\'';
        else append(d, token.text);
        at += used;
      }
      token.text = folded(token.text);
    } else {
      append(c, token.text);
      at += used;
    }
    token.end = at;
    tokens.push_back(std::move(token));
  }
  return tokens;
}

std::string key_of(std::span<const Token> tokens) {
  std::string key;
  for (const Token& token : tokens) {
    if (!key.empty()) key += ' ';
    key += token.text;
  }
  return key;
}

std::string key_of(std::string_view phrase) { return key_of(tokens_of(phrase)); }

std::string written(std::span<const Token> tokens) {
  std::string text;
  bool was_han = false;
  for (const Token& token : tokens) {
    const bool han = token.kind == Token::han;
    if (!text.empty() && !(han && was_han)) text += ' ';
    text += token.text;
    was_han = han;
  }
  return text;
}

std::string singular(std::string_view word) {
  const auto ends = [&](std::string_view tail) { return word.size() > tail.size() + 1 && word.ends_with(tail); };
  if (word.size() < 4 || !ends("s") || ends("ss") || ends("us") || ends("is")) return std::string(word);
  if (ends("ies") && word.size() > 4) return std::string(word.substr(0, word.size() - 3)) + "y";
  if (ends("xes") || ends("ches") || ends("shes") || ends("sses") || ends("zes")) return std::string(word.substr(0, word.size() - 2));
  return std::string(word.substr(0, word.size() - 1));
}

bool has_han(std::string_view text) {
  for (std::size_t at = 0, used = 0; at < text.size(); at += used)
    if (is_unspaced(next(text, at, used))) return true;
  return false;
}

}  // namespace attune::talk
