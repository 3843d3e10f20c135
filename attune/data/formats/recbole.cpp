// RecBole atomic files: .inter, .item and .user, tab-separated, heads of the form name:type. A quote mark is text, lists
// are split by a space.
// Source: RUCAIBox/RecBole, docs/source/user_guide/data/atomic_files.rst.
#include <algorithm>

#include "attune/core/error.h"
#include "attune/data/columns.h"
#include "attune/data/formats.h"
#include "attune/data/peek.h"

namespace attune::data {
namespace {

constexpr std::string_view kTypes[] = {"token", "token_seq", "float", "float_seq"};

std::string_view type_of(std::string_view head) {
  const std::size_t colon = head.rfind(':');
  if (colon == std::string_view::npos) return "";
  const std::string_view type = trim(head.substr(colon + 1));
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes) ? type : "";
}

}  // namespace

std::optional<Mapping> recognise_recbole(const Peek& peek, const ImportOptions& options) {
  if (peek.is_json) return std::nullopt;
  std::string separator = "\t";
  if (peek.lines[0].find('\t') == std::string_view::npos) separator = ",";
  const Table rows = sample(peek, {.separator = separator, .is_quoted = false}, 200);
  if (rows.empty() || rows[0].empty()) return std::nullopt;
  for (const std::string& head : rows[0])
    if (type_of(head).empty()) return std::nullopt;
  Mapping m{.format = "recbole"};
  m.separator = separator;
  m.is_quoted = false;
  m.list_separator = " ";
  bool has_user = false, has_item = false;
  std::string user, item;
  for (const std::string& head : rows[0]) {
    const std::string_view name = std::string_view(head).substr(0, head.rfind(':'));
    const std::string_view field = field_of(name);
    if (name == "user_id" || (field == "user" && !has_user)) has_user = true, user = head;
    if (name == "item_id" || (field == "item" && !has_item)) has_item = true, item = head;
    if (name == "item_id_list")
      throw Error(Code::unsupported, "'" + peek.file.string() + "' holds a whole history in each row (item_id_list); import the .inter file with one event a row");
    if (name == "head_id" || name == "entity_id" || name == "source_id")
      throw Error(Code::unsupported, "'" + peek.file.string() + "' is a graph of RecBole (.kg, .link or .net); events, items and users can be imported");
  }
  m.kind = has_user && has_item ? "events" : has_item ? "items" : has_user ? "users" : "";
  if (m.kind.empty()) return std::nullopt;
  if (!options.kind.empty() && options.kind != m.kind) return std::nullopt;
  if (has_user && m.kind != "items") m.columns["user"] = user;
  if (has_item) m.columns["item"] = item;
  std::string text;
  for (const std::string& head : rows[0]) {
    if (head == user || head == item) continue;
    const std::string name = head.substr(0, head.rfind(':'));
    const std::string_view field = field_of(name), type = type_of(head);
    if (m.kind == "events") {
      if ((field == "time" || field == "value" || field == "type" || field == "session") && !m.columns.count(std::string(field))) m.columns[std::string(field)] = head;
      continue;
    }
    if (field == "text" || field == "description" || name == "movie_title") {
      text += (text.empty() ? "" : "+") + head;
      continue;
    }
    m.columns[name] = head;
    m.types[name] = type == "float" ? "number" : type == "token_seq" || type == "float_seq" ? "list" : "text";
  }
  if (!text.empty()) m.columns["text"] = text;
  m.event_type = options.event_type;
  if (m.event_type.empty() && m.kind == "events" && !m.columns.count("type")) m.event_type = m.columns.count("value") ? "rating" : "event";
  return guess_table(peek, std::move(m), options);
}

Batch read_recbole(const std::filesystem::path& file, const Mapping& mapping, const ImportOptions& options, const Run& run) {
  return read_table(file, mapping, options, run);
}

}  // namespace attune::data
