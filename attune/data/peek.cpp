// Peek: see the header. Kinds of files are told by their first bytes, never by their name.
#include "attune/data/peek.h"

#include <algorithm>

#include "attune/core/error.h"
#include "attune/data/encoding.h"
#include "attune/data/text_file.h"

namespace attune::data {
namespace {

constexpr std::size_t kPeekBytes = std::size_t{1} << 20;
constexpr std::size_t kPeekLines = 1000;

bool holds(std::string_view s, std::string_view part) { return s.find(part) != std::string_view::npos; }

// Throws for files that are something else altogether.
void refuse_other_kinds(const std::string& file, std::string_view bytes) {
  using namespace std::string_view_literals;
  const auto refuse = [&](Code code, const std::string& what) { throw Error(code, "'" + file + "' " + what); };
  if (bytes.starts_with("PK\x03\x04"sv)) {
    if (holds(bytes.substr(0, 4096), "[Content_Types].xml"sv) || holds(bytes.substr(0, 4096), "xl/"sv))
      refuse(Code::unsupported, "is an Excel workbook; save it as CSV UTF-8 and import that file");
    refuse(Code::unsupported, "is a zip archive; unpack it and import the files in it one by one");
  }
  if (bytes.starts_with("\xD0\xCF\x11\xE0"sv))
    refuse(Code::unsupported, "is an old Excel or Office file; save it as CSV UTF-8 and import that file");
  if (bytes.starts_with("PAR1"sv)) refuse(Code::unsupported, "is a Parquet file; write it out as CSV or JSON lines and import that");
  if (bytes.starts_with("SQLite format 3\0"sv)) refuse(Code::unsupported, "is an SQLite database; export its tables as CSV and import those");
  if (bytes.starts_with("%PDF"sv)) refuse(Code::unsupported, "is a PDF; tables cannot be read from it, get the data as CSV");
  if (bytes.starts_with("BZh"sv) || bytes.starts_with("\xFD"sv "7zXZ") || bytes.starts_with("7z\xBC\xAF"sv))
    refuse(Code::unsupported, "is packed with bzip2, xz or 7z; unpack it first (gzip and zstd are read as they are)");
  if (bytes.starts_with("\xFF\xFE"sv) || bytes.starts_with("\xFE\xFF"sv))
    refuse(Code::unsupported, "is UTF-16; write it as UTF-8: iconv -f UTF-16 -t UTF-8 '" + file + "' > new.csv");
  const auto odd = static_cast<std::size_t>(std::count_if(bytes.begin(), bytes.end(), [](char c) {
    const auto b = static_cast<unsigned char>(c);
    return (b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f') || b == 0x7F;
  }));
  const auto zeros = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\0'));
  if (zeros * 4 > bytes.size() && zeros * 3 < bytes.size() * 2)
    refuse(Code::unsupported, "looks like UTF-16 without a mark; write it as UTF-8 with iconv -f UTF-16LE -t UTF-8");
  if (odd * 50 > bytes.size())
    refuse(Code::bad_data, "holds binary data, expected text: CSV, TSV or JSON lines, plain or packed with gzip or zstd");
}

// `count` of separators in the line, outside quotes.
std::size_t count_outside_quotes(std::string_view line, char separator) {
  std::size_t n = 0;
  bool is_inside = false;
  for (const char c : line) {
    if (c == '"') is_inside = !is_inside;
    n += c == separator && !is_inside;
  }
  return n;
}

}  // namespace

Peek peek(const std::filesystem::path& file) {
  TextFile source(file);
  Peek peek{.file = file, .compression = std::string(name(source.compression()))};
  peek.text.resize(kPeekBytes);
  peek.text.resize(source.read(peek.text));
  peek.is_whole = peek.text.size() < kPeekBytes;
  if (peek.text.empty()) throw Error(Code::bad_data, "'" + file.string() + "' is empty; expected rows of events, items or users");
  refuse_other_kinds(file.string(), peek.text);
  if (peek.text.starts_with("\xEF\xBB\xBF")) peek.text.erase(0, 3);
  if (!peek.is_whole)  // the last line is cut in the middle
    if (const std::size_t end = peek.text.rfind('\n'); end != std::string::npos) peek.text.resize(end + 1);
  const bool is_one_cut_line = !peek.is_whole && peek.text.find('\n') == std::string::npos;
  peek.encoding = is_one_cut_line || is_utf8(peek.text) ? "utf-8" : "latin-1";
  if (peek.encoding == "latin-1") peek.text = latin1_to_utf8(peek.text);
  for (std::string_view rest = peek.text; !rest.empty() && peek.lines.size() < kPeekLines;) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.find_first_not_of(" \t") != std::string_view::npos) peek.lines.push_back(line);
  }
  if (peek.lines.empty()) throw Error(Code::bad_data, "'" + file.string() + "' holds blank lines only; expected rows of events, items or users");
  const char first = peek.lines[0][peek.lines[0].find_first_not_of(" \t")];
  peek.is_json = first == '{' || first == '[';
  return peek;
}

std::vector<std::vector<std::string>> sample(const Peek& peek, const RowFormat& format, std::size_t most) {
  std::size_t at = 0;
  RowFormat plain = format;
  plain.is_latin1 = false;  // the peek is in UTF-8 already
  Rows rows(
      [&](Rows::Line& line) {
        if (at >= peek.lines.size()) return false;
        line = {peek.lines[at], at + 1, false};
        ++at;
        return true;
      },
      plain);
  std::vector<std::vector<std::string>> out;
  Row row;
  while (out.size() < most && rows.next(row, out.empty() ? 0 : out[0].size()))
    if (!row.problem) out.emplace_back(row.fields.begin(), row.fields.end());
  return out;
}

std::string guess_separator(const Peek& peek) {
  if (!peek.separator.empty()) return peek.separator;
  const std::size_t n = std::min<std::size_t>(peek.lines.size(), 100);
  std::string best;
  double best_share = 0;
  std::size_t best_count = 0;
  for (const char c : {'\t', ',', ';', '|', ' '}) {
    if (c == ' ' && !best.empty()) continue;  // texts hold spaces: only when there is nothing else
    std::vector<std::size_t> counts;
    for (std::size_t i = 0; i < n; ++i) counts.push_back(count_outside_quotes(peek.lines[i], c));
    const std::size_t usual = counts[0];  // the header, or a row like the others
    if (usual == 0) continue;
    const double share = static_cast<double>(std::count(counts.begin(), counts.end(), usual)) / static_cast<double>(n);
    if (c == ' ' && share < 1) continue;
    if (share > best_share + 1e-9 || (share > best_share - 1e-9 && usual > best_count)) {
      best = c;
      best_share = share;
      best_count = usual;
    }
  }
  return best;
}

}  // namespace attune::data
