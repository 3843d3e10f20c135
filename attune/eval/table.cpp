// Drawing tables.
#include "attune/eval/table.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/core.h>

namespace attune::eval {
namespace {

constexpr std::size_t kGap = 2;  // spaces between columns

std::string cell_text(const Json& cell) {
  if (cell.is_null()) return "";
  if (cell.is_string()) return cell.as_string();
  if (cell.is_integer()) return std::to_string(cell.as_integer());
  if (cell.is_number()) return number_text(cell.as_number());
  return cell.dump();
}

void put(std::string& out, const std::string& text, std::size_t width, bool right) {
  const std::string blank(width - std::min(width, display_width(text)), ' ');
  out += right ? blank + text : text + blank;
}

void end_line(std::string& out) {
  while (!out.empty() && out.back() == ' ') out.pop_back();
  out += '\n';
}

bool is_wide(std::uint32_t c) {
  return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) || (c >= 0xf900 && c <= 0xfaff) ||
         (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) || (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
}

std::string markdown_cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

std::vector<std::size_t> widths_of(const Table& table) {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    std::size_t width = display_width(table.columns[c].name);
    for (const auto& row : table.rows) width = std::max(width, display_width(cell_text(row[c])));
    widths.push_back(width);
  }
  return widths;
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    std::uint32_t c = length == 1 ? lead : lead & (0x7fu >> length);
    for (std::size_t k = 1; k < length && i + k < utf8.size(); ++k) c = (c << 6) | (static_cast<unsigned char>(utf8[i + k]) & 0x3fu);
    const bool combines = c >= 0x300 && c <= 0x36f;
    width += combines ? 0 : is_wide(c) ? 2 : 1;
    i += length;
  }
  return width;
}

std::string number_text(double v, int digits) {
  if (std::isnan(v)) return "-";
  if (v == 0) return "0";
  const double size = std::abs(v);
  if (size < 1e-4 || size >= 1e7 || std::isinf(v)) return fmt::format("{:.{}g}", v, digits);
  const int before = static_cast<int>(std::floor(std::log10(size))) + 1;  // digits before the point; .05 has -1
  return fmt::format("{:.{}f}", v, std::max(0, std::min(digits - before, digits)));
}

std::string Table::text(std::size_t width) const {
  std::string out = title.empty() ? "" : title + "\n";
  const auto widths = widths_of(*this);
  for (std::size_t first = 1; first < columns.size() || first == 1;) {
    std::size_t last = first, used = widths.empty() ? 0 : widths[0];
    while (last < columns.size() && (last == first || used + kGap + widths[last] <= width)) used += kGap + widths[last++];
    if (first > 1) out += '\n';
    const auto line = [&](auto&& text_of) {
      for (std::size_t c = 0; c < columns.size(); c = c == 0 ? first : c + 1) {
        if (c >= last && c != 0) break;
        if (c != 0) out.append(kGap, ' ');
        put(out, text_of(c), widths[c], columns[c].is_number);
      }
      end_line(out);
    };
    line([&](std::size_t c) { return columns[c].name; });
    for (const auto& row : rows) line([&](std::size_t c) { return cell_text(row[c]); });
    first = std::max(last, first + 1);
  }
  for (const std::string& note : notes) out += note + '\n';
  return out;
}

std::string Table::markdown() const {
  std::string out = title.empty() ? "" : "**" + title + "**\n\n";
  for (const Column& column : columns) out += "| " + markdown_cell(column.name) + " ";
  out += "|\n";
  for (const Column& column : columns) out += column.is_number ? "|---:" : "|---";
  out += "|\n";
  for (const auto& row : rows) {
    for (const Json& cell : row) out += "| " + markdown_cell(cell_text(cell)) + " ";
    out += "|\n";
  }
  if (!notes.empty()) out += '\n';
  for (const std::string& note : notes) out += note + "\n";
  return out;
}

std::string Table::csv() const {
  std::string out;
  for (std::size_t c = 0; c < columns.size(); ++c) out += (c > 0 ? "," : "") + csv_cell(columns[c].name);
  out += "\r\n";
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      const bool is_fraction = row[c].is_number() && !row[c].is_integer();
      out += (c > 0 ? "," : "") + csv_cell(is_fraction ? row[c].dump() : cell_text(row[c]));  // numbers in full: a program reads this
    }
    out += "\r\n";
  }
  return out;
}

Json Table::to_json() const {
  Json json = Json::object();
  json["title"] = title;
  json["rows"] = Json::array();
  for (const auto& row : rows) {
    Json object = Json::object();
    for (std::size_t c = 0; c < columns.size(); ++c) object[columns[c].name] = row[c];
    json["rows"].push_back(std::move(object));
  }
  json["notes"] = Json::array();
  for (const std::string& note : notes) json["notes"].push_back(note);
  return json;
}

}  // namespace attune::eval
