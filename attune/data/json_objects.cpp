// JSON objects: see the header.
#include "attune/data/json_objects.h"

namespace attune::data {
namespace {

// Where the object that opens at text[0] ends (one past its bracket), given how deep and whether inside a string it is.
struct Depth {
  int brackets = 0;
  bool is_inside = false, is_escaped = false;

  // Length of the part of `s` that belongs to the object; is_closed() tells whether it ended there.
  std::size_t feed(std::string_view s) {
    for (std::size_t i = 0; i < s.size(); ++i) {
      const char c = s[i];
      if (is_escaped) {
        is_escaped = false;
      } else if (is_inside) {
        is_escaped = c == '\\';
        is_inside = c != '"';
      } else if (c == '"') {
        is_inside = true;
      } else if (c == '{' || c == '[') {
        ++brackets;
      } else if (c == '}' || c == ']') {
        if (--brackets == 0) return i + 1;
      }
    }
    return s.size();
  }
};

}  // namespace

bool JsonObjects::next(JsonText& object) { return is_by_line_ ? next_by_line(object) : next_by_brackets(object); }

bool JsonObjects::next_by_line(JsonText& object) {
  std::string_view line;
  for (;;) {
    if (!lines_.next(line)) return false;
    const std::size_t start = line.find_first_not_of(" \t\r");
    if (start == std::string_view::npos && !lines_.is_cut()) continue;
    object = {line, lines_.number(), lines_.is_cut() ? "line is longer than 8 MB" : nullptr};
    return true;
  }
}

bool JsonObjects::next_by_brackets(JsonText& object) {
  std::size_t start = rest_.find('{');
  while (start == std::string_view::npos) {
    if (!lines_.next(rest_)) return false;
    start = rest_.find('{');
    if (lines_.is_cut()) {
      object = {rest_, lines_.number(), "line is longer than 8 MB"};
      rest_ = {};
      return true;
    }
  }
  rest_.remove_prefix(start);
  const std::uint64_t line = lines_.number();
  object_.clear();
  Depth depth;
  for (;;) {
    const std::size_t part = depth.feed(rest_);
    object_.append(rest_.substr(0, part));
    rest_.remove_prefix(part);
    if (depth.brackets == 0) {
      object = {object_, line, nullptr};
      return true;
    }
    object_ += '\n';
    const bool is_too_long = object_.size() > Lines::kMaxLineBytes;
    if (is_too_long || !lines_.next(rest_) || lines_.is_cut()) {
      if (is_too_long || lines_.is_cut()) rest_ = {};
      object = {object_, line, is_too_long ? "object is longer than 8 MB" : "object is opened and never closed"};
      return true;
    }
  }
}

std::string json_from_python(std::string_view s) {
  std::string out;
  out.reserve(s.size() + s.size() / 16);
  for (std::size_t i = 0; i < s.size();) {
    const char c = s[i];
    if (c == '\'' || c == '"') {
      out += '"';
      for (++i; i < s.size() && s[i] != c; ++i) {
        if (s[i] == '\\' && i + 1 < s.size()) {
          const char next = s[++i];
          if (next == '\'') out += '\'';
          else if (next == 'x' && i + 2 < s.size()) out += "\\u00", out += s[i + 1], out += s[i + 2], i += 2;
          else out += '\\', out += next;
        } else if (s[i] == '"') {
          out += "\\\"";
        } else if (static_cast<unsigned char>(s[i]) < 0x20) {
          out += ' ';
        } else {
          out += s[i];
        }
      }
      if (i >= s.size()) return "";
      out += '"';
      ++i;
      continue;
    }
    if (c == 'u' && i + 1 < s.size() && (s[i + 1] == '\'' || s[i + 1] == '"')) {
      ++i;
      continue;
    }
    static constexpr std::pair<std::string_view, std::string_view> kWords[] = {{"True", "true"}, {"False", "false"}, {"None", "null"}};
    bool is_word = false;
    for (const auto& [python, json] : kWords)
      if (s.substr(i).starts_with(python)) {
        out += json;
        i += python.size();
        is_word = true;
        break;
      }
    if (is_word) continue;
    if (c == '(') out += '[';
    else if (c == ')') out += ']';
    else out += c;
    ++i;
  }
  return out;
}

}  // namespace attune::data
