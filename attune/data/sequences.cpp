// Sequences: see the header. Cost: one pass over each file.
#include "attune/data/sequences.h"

#include <algorithm>
#include <initializer_list>

#include "attune/core/error.h"
#include "attune/data/text_file.h"

namespace attune::data {
namespace {

namespace fs = std::filesystem;

// The first of `names` in the folder, as it is or packed; empty when none is there.
fs::path first_of(const fs::path& folder, std::initializer_list<const char*> names) {
  for (const char* name : names)
    for (const char* ending : {"", ".gz", ".zst"})
      if (fs::path path = folder / (std::string(name) + ending); fs::is_regular_file(path)) return path;
  return {};
}

std::vector<std::string_view> cut(std::string_view line, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = line.find(separator);
    parts.push_back(line.substr(0, at));
    if (at == std::string_view::npos) return parts;
    line.remove_prefix(at + separator.size());
  }
}

// The next word of `rest` (parted by spaces and tabs), taken off its front; empty at the end.
std::string_view next_word(std::string_view& rest) {
  const std::size_t begin = std::min(rest.find_first_not_of(" \t"), rest.size());
  const std::size_t end = std::min(rest.find_first_of(" \t", begin), rest.size());
  const std::string_view word = rest.substr(begin, end - begin);
  rest.remove_prefix(end);
  return word;
}

std::string utf8_of_latin1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | byte >> 6);
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return out;
}

[[noreturn]] void bad_line(const fs::path& file, const Lines& lines, const std::string& what) {
  throw Error(Code::bad_data, file.string() + " line " + std::to_string(lines.number()) + ": " + what);
}

class Reader {
 public:
  explicit Reader(const SequenceOptions& options) : options_(options) {}

  Dataset read(const fs::path& path) {
    fs::path sequences = path;
    if (fs::is_directory(path)) {
      read_item_file(path);
      sequences = first_of(path, {"sequential_data.txt", "sequences.txt", "sequences.tsv"});
      if (sequences.empty())
        throw Error(Code::not_found, "'" + path.string() + "' holds no sequential_data.txt, sequences.txt or sequences.tsv (.gz, .zst)");
    }
    read_histories(sequences);
    if (!options_.keep_unseen_items) drop_unseen();
    const Sequence events = histories_.touches.size();
    return Dataset(std::make_shared<const Catalogue>(std::move(items_), std::move(users_)), std::move(histories_), events);
  }

 private:
  std::uint32_t item_id(std::string_view name) {
    if (const auto found = item_ids_.find(name); found != item_ids_.end()) return found->second;
    const auto id = static_cast<std::uint32_t>(items_.size());
    item_ids_.emplace(std::string(name), id);
    items_.push_back({.name = std::string(name)});
    return id;
  }

  void add_item(const fs::path& file, const Lines& lines, std::string_view name, std::string text) {
    if (name.empty()) bad_line(file, lines, "expected an item id first");
    const std::size_t known = items_.size();
    const std::uint32_t id = item_id(name);
    if (id < known) bad_line(file, lines, "item '" + std::string(name) + "' comes twice");
    items_[id].text = std::move(text);
  }

  void read_item_file(const fs::path& folder) {
    if (const fs::path tsv = first_of(folder, {"items.tsv"}); !tsv.empty()) return read_item_table(tsv);
    if (const fs::path dat = first_of(folder, {"movies.dat"}); !dat.empty()) return read_movies(dat);
    if (const fs::path jsonl = first_of(folder, {"items.jsonl"}); !jsonl.empty()) return read_item_objects(jsonl);
  }

  void read_item_table(const fs::path& file) {
    Lines lines(file);
    std::string_view line;
    if (!lines.next(line)) throw Error(Code::bad_data, file.string() + " is empty, expected a header and items");
    const std::string header(line);
    const std::vector<std::string_view> columns = cut(header, "\t");
    while (lines.next(line)) {
      const std::vector<std::string_view> cells = cut(line, "\t");
      if (cells.size() != columns.size())
        bad_line(file, lines, "expected " + std::to_string(columns.size()) + " columns, got " + std::to_string(cells.size()));
      std::string text;
      for (std::size_t c = 1; c + 1 < cells.size(); ++c)
        if (columns[c] == "name" || columns[c] == "title") text += std::string(cells[c]) + ", ";
      add_item(file, lines, cells.front(), text + std::string(cells.back()));
    }
  }

  void read_movies(const fs::path& file) {
    Lines lines(file);
    std::string_view line;
    while (lines.next(line)) {
      const std::vector<std::string_view> cells = cut(line, "::");
      if (cells.size() != 3) bad_line(file, lines, "expected id::title::genres");
      std::string text = utf8_of_latin1(cells[1]);
      for (const std::string_view genre : cut(cells[2], "|")) text += ", " + utf8_of_latin1(genre);
      add_item(file, lines, cells[0], std::move(text));
    }
  }

  void read_item_objects(const fs::path& file) {
    Lines lines(file);
    std::string_view line;
    while (lines.next(line)) {
      const Json item = Json::parse(line, file.string() + " line " + std::to_string(lines.number()));
      const Json& id = item.at("item_id");
      std::string text;
      for (const char* field : {"title", "brand", "description"})
        if (const Json* value = item.find(field); value && value->is_string() && !value->as_string().empty())
          text += (text.empty() ? "" : ". ") + value->as_string();
      add_item(file, lines, id.is_string() ? id.as_string() : std::to_string(id.as_integer()), std::move(text));
    }
  }

  void read_histories(const fs::path& file) {
    Lines lines(file);
    NameMap<UserId> known;
    std::string_view line;
    while (lines.next(line)) {
      if (lines.is_cut()) bad_line(file, lines, "the line is longer than 8 MB");
      const bool has_tabs = line.find('\t') != std::string_view::npos;
      if (lines.number() == 1 && has_tabs && line.substr(0, 7) == "user_id") continue;
      std::string_view rest = line;
      const std::string user(next_word(rest));
      if (user.empty()) continue;
      if (has_tabs) rest = cut(line, "\t").back();
      if (!known.emplace(user, user_at(users_.size())).second) bad_line(file, lines, "user '" + user + "' comes twice");
      users_.push_back(user);
      std::int64_t place = 0;
      for (std::string_view item = next_word(rest); !item.empty(); item = next_word(rest))
        histories_.push_back({.touch = {item_at(item_id(item)), 1, ++place}});
      histories_.end_user();
    }
    if (users_.empty()) throw Error(Code::bad_data, file.string() + " is empty, expected `user item item ...` lines");
  }

  void drop_unseen() {
    std::vector<std::uint8_t> is_taken(items_.size(), 0);
    for (const Touch& touch : histories_.touches) is_taken[to_index(touch.item)] = 1;
    std::vector<std::uint32_t> place(items_.size(), 0);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (!is_taken[i]) continue;
      place[i] = static_cast<std::uint32_t>(kept);
      if (kept != i) items_[kept] = std::move(items_[i]);
      ++kept;
    }
    items_.resize(kept);
    for (Touch& touch : histories_.touches) touch.item = item_at(place[to_index(touch.item)]);
  }

  const SequenceOptions options_;
  std::vector<CatalogueItem> items_;
  std::vector<std::string> users_;
  NameMap<std::uint32_t> item_ids_;
  Histories histories_;
};

}  // namespace

Dataset read_sequences(const fs::path& folder_or_file, const SequenceOptions& options) {
  return Reader(options).read(folder_or_file);
}

}  // namespace attune::data
