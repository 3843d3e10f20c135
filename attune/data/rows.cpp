// Rows: see the header.
#include "attune/data/rows.h"

#include <cstring>

#include "attune/data/encoding.h"

namespace attune::data {
namespace {

std::size_t find(std::string_view text, std::size_t from, const std::string& separator) noexcept {
  if (separator.size() == 1) {
    const void* hit = from < text.size() ? std::memchr(text.data() + from, separator[0], text.size() - from) : nullptr;
    return hit ? static_cast<std::size_t>(static_cast<const char*>(hit) - text.data()) : std::string_view::npos;
  }
  return text.find(separator, from);
}

bool is_blank(std::string_view s) noexcept { return s.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

bool Rows::pull(Line& line) {
  if (waiting_.empty()) return source_(line);
  held_ = std::move(waiting_.front().text);
  line = {held_, waiting_.front().number, waiting_.front().is_cut};
  waiting_.pop_front();
  return true;
}

std::string_view Rows::decoded(std::string_view text) {
  if (is_ascii(text)) return text;
  if (!format_.is_latin1 && is_utf8(text)) return text;
  converted_ += !format_.is_latin1;
  decoded_ = latin1_to_utf8(text);
  return decoded_;
}

void Rows::split_plain(std::string_view text, std::vector<std::string_view>& fields) const {
  std::size_t from = 0;
  for (;;) {
    const std::size_t at = find(text, from, format_.separator);
    if (at == std::string_view::npos) break;
    fields.push_back(text.substr(from, at - from));
    from = at + format_.separator.size();
  }
  fields.push_back(text.substr(from));
}

// Splits where quotes count. `open`: the last field's quote has no end in `text`. `stray`: a quote over several lines
// ends in the middle of a field, so that it cannot have been meant.
Rows::Outcome Rows::split_quoted(std::string_view text, std::vector<std::string_view>& fields) {
  fields.clear();
  undone_used_ = 0;
  std::size_t at = 0;
  for (;;) {
    std::size_t start = at;
    while (start < text.size() && text[start] == ' ') ++start;
    bool is_quoted = start < text.size() && text[start] == '"';
    if (is_quoted) {
      std::size_t end = start + 1;
      bool is_doubled = false;
      for (;;) {
        end = text.find('"', end);
        if (end == std::string_view::npos) return Outcome::open;
        if (end + 1 >= text.size() || text[end + 1] != '"') break;
        is_doubled = true;
        end += 2;
      }
      std::size_t after = end + 1;
      while (after < text.size() && text[after] == ' ' && format_.separator != " ") ++after;
      const bool ends_field = after >= text.size() || text.substr(after).starts_with(format_.separator);
      std::string_view field = text.substr(start + 1, end - start - 1);
      if (!ends_field) {
        if (field.find('\n') != std::string_view::npos) return Outcome::stray;
        is_quoted = false;  // "Weird Al" Yankovic: the marks are text
      } else {
        if (is_doubled) {
          if (undone_used_ == undone_.size()) undone_.emplace_back();
          std::string& plain = undone_[undone_used_++];
          plain.clear();
          for (std::size_t i = 0; i < field.size(); ++i) {
            plain += field[i];
            i += field[i] == '"';
          }
          field = plain;
        }
        fields.push_back(field);
        if (after >= text.size()) return Outcome::done;
        at = after + format_.separator.size();
      }
    }
    if (!is_quoted) {
      const std::size_t end = find(text, at, format_.separator);
      if (end == std::string_view::npos) {
        fields.push_back(text.substr(at));
        return Outcome::done;
      }
      fields.push_back(text.substr(at, end - at));
      at = end + format_.separator.size();
    }
  }
}

// Adds lines to the first one until its quote is closed. False: it never is; the lines read ahead wait to be read again.
bool Rows::join(Row& row, const Line& first, std::size_t expected) {
  joined_.assign(first.text);
  std::vector<Kept> ahead;
  Line line;
  bool is_closed = false;
  while (ahead.size() < kMostLines && joined_.size() < kMostBytes && pull(line)) {
    ahead.push_back({std::string(line.text), line.number, line.is_cut});
    if (line.is_cut) break;
    joined_ += '\n';
    joined_ += line.text;
    if (line.text.find('"') == std::string_view::npos) continue;  // cannot close it
    const Outcome outcome = split_quoted(joined_, row.fields);
    if (outcome == Outcome::open) continue;
    is_closed = outcome == Outcome::done && (expected == 0 || row.fields.size() == expected);
    break;
  }
  if (is_closed) {
    row.text = decoded(joined_);
    if (row.text.data() != joined_.data()) split_quoted(row.text, row.fields);
    return true;
  }
  waiting_.insert(waiting_.begin(), std::make_move_iterator(ahead.begin()), std::make_move_iterator(ahead.end()));
  return false;
}

bool Rows::next(Row& row, std::size_t expected) {
  Line line;
  do {
    if (!pull(line)) return false;
  } while (!line.is_cut && is_blank(line.text));
  row.fields.clear();
  row.problem = nullptr;
  row.line = line.number;
  row.text = line.text;
  if (line.is_cut) {
    row.problem = "line is longer than 8 MB";
    return true;
  }
  if (std::memchr(line.text.data(), '\0', line.text.size())) {
    row.problem = "line holds zero bytes, which no text has";
    return true;
  }
  const bool has_quotes = format_.is_quoted && std::memchr(line.text.data(), '"', line.text.size());
  row.text = decoded(line.text);
  if (!has_quotes) {
    split_plain(row.text, row.fields);
    return true;
  }
  if (split_quoted(row.text, row.fields) == Outcome::done) return true;
  const std::string first(line.text);  // the line's bytes are gone once the next one is read
  line.text = first;
  if (join(row, line, expected)) return true;
  row.fields.clear();
  joined_ = first;
  row.text = decoded(joined_);
  row.problem = "quote is opened and never closed";
  return true;
}

}  // namespace attune::data
