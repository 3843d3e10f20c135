// MovieLens: ratings and films of the 100K (u.data, u.item, u.user), 1M and 10M (.dat with ::), and later (.csv) releases.
// Many ratings share one second: the order of the file decides, as everywhere.
// Source: GroupLens, the READMEs of the releases.
#include <algorithm>
#include <array>

#include "attune/data/columns.h"
#include "attune/data/formats.h"
#include "attune/data/peek.h"

namespace attune::data {
namespace {

constexpr std::array kGenres = {"unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
                                "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western"};
constexpr const char* kNoGenres = "(no genres listed)";
constexpr const char* kAges[][2] = {{"1", "under 18"}, {"18", "18-24"}, {"25", "25-34"}, {"35", "35-44"}, {"45", "45-49"}, {"50", "50-55"}, {"56", "56+"}};

bool is_whole(std::string_view s) { return !s.empty() && s.find_first_not_of("0123456789") == std::string_view::npos; }
bool is_flag(std::string_view s) { return s == "0" || s == "1"; }
bool ends_with_year(std::string_view title) {
  const std::string_view t = trim(title);
  return t.size() > 6 && t.back() == ')' && t[t.size() - 6] == '(' && is_whole(t.substr(t.size() - 5, 4));
}

Mapping unnamed(std::string separator, std::string kind, std::map<std::string, std::string> columns) {
  Mapping m{.format = "movielens", .kind = std::move(kind), .columns = std::move(columns)};
  m.separator = std::move(separator);
  m.has_header = false;
  m.is_quoted = false;
  if (m.kind == "events") m.event_type = "rating";
  return m;
}

std::optional<Mapping> from_dat(const Peek& peek) {
  if (peek.lines[0].find("::") == std::string_view::npos) return std::nullopt;
  const Table rows = sample(peek, {.separator = "::", .is_quoted = false}, 100);
  const std::size_t n = rows[0].size();
  const auto all = [&](std::size_t column, auto fits) {
    return std::all_of(rows.begin(), rows.end(), [&](const auto& r) { return r.size() == n && fits(r[column]); });
  };
  if (n == 4 && all(0, is_whole) && all(1, is_whole) && all(3, is_whole)) {
    if (all(2, [](std::string_view s) { return !parse_number(s).problem; }))
      return unnamed("::", "events", {{"user", "0"}, {"item", "1"}, {"value", "2"}, {"time", "3"}});
    Mapping tags = unnamed("::", "events", {{"user", "0"}, {"item", "1"}, {"time", "3"}});
    tags.event_type = "tag";
    return tags;
  }
  if (n == 5 && all(1, [](std::string_view s) { return s == "F" || s == "M"; })) {
    Mapping users = unnamed("::", "users", {{"user", "0"}, {"gender", "1"}, {"age", "2"}, {"occupation", "3"}, {"zip", "4"}});
    users.types = {{"age", "text"}, {"occupation", "text"}, {"zip", "text"}};  // codes
    return users;
  }
  if (n != 3 || !all(0, is_whole)) return std::nullopt;
  Mapping films = unnamed("::", "items", {{"item", "0"}, {"text", "1"}, {"genres", "2"}});
  films.types["genres"] = "list";
  return films;
}

std::optional<Mapping> from_100k(const Peek& peek) {
  const Table bars = sample(peek, {.separator = "|", .is_quoted = false}, 50);
  if (!bars.empty() && bars[0].size() == 24 && is_whole(bars[0][0]) && std::all_of(bars[0].begin() + 5, bars[0].end(), is_flag)) {
    Mapping m = unnamed("|", "items", {{"item", "0"}, {"text", "1"}, {"released", "2"}});
    for (std::size_t g = 0; g < kGenres.size(); ++g) m.columns[std::string("genre:") + kGenres[g]] = std::to_string(5 + g);
    m.types["released"] = "text";
    return m;
  }
  if (!bars.empty() && bars[0].size() == 5 && is_whole(bars[0][0]) && is_whole(bars[0][1]) && (bars[0][2] == "M" || bars[0][2] == "F")) {
    Mapping m = unnamed("|", "users", {{"user", "0"}, {"age", "1"}, {"gender", "2"}, {"occupation", "3"}, {"zip", "4"}});
    m.types["zip"] = "text";
    return m;
  }
  const Table tabs = sample(peek, {.separator = "\t", .is_quoted = false}, 100);
  const bool is_ratings = !tabs.empty() && std::all_of(tabs.begin(), tabs.end(), [](const auto& r) {
    return r.size() == 4 && is_whole(r[0]) && is_whole(r[1]) && r[2].size() == 1 && r[2][0] >= '1' && r[2][0] <= '5' && r[3].size() == 9 && is_whole(r[3]);
  });
  if (!is_ratings) return std::nullopt;
  return unnamed("\t", "events", {{"user", "0"}, {"item", "1"}, {"value", "2"}, {"time", "3"}});
}

std::optional<Mapping> from_csv(const Peek& peek) {
  const Table rows = sample(peek, {.separator = ","}, 2);
  if (rows.empty()) return std::nullopt;
  const auto there = [&](const char* column) { return std::find(rows[0].begin(), rows[0].end(), column) != rows[0].end(); };
  if (!there("movieId")) return std::nullopt;
  Mapping m{.format = "movielens"};
  if (there("userId")) {
    m.kind = "events";
    m.event_type = there("tag") ? "tag" : "rating";
  } else {
    m.kind = "items";
    if (there("genres")) m.types["genres"] = "list";
    for (const char* id : {"imdbId", "tmdbId"})
      if (there(id)) m.types[id] = "text";
  }
  return m;
}

// Genre flags become one list; "(no genres listed)" an empty one; codes of the 1M release their meaning.
void finish(Record& record, bool is_item) {
  if (!is_item) {
    Json* age = record.attributes.find("age") ? &record.attributes["age"] : nullptr;
    if (age && age->is_string())
      for (const auto& [code, meaning] : kAges)
        if (age->as_string() == code) *age = meaning;
    return;
  }
  Json kept = Json::object(), genres = Json::array();
  for (const auto& [key, value] : record.attributes.as_object()) {
    if (key.starts_with("genre:")) {
      if (value == Json(1) || value == Json("1")) genres.push_back(key.substr(6));
    } else if (key == "genres" && value.is_array()) {
      for (const Json& g : value.as_array())
        if (!(g == Json(kNoGenres))) genres.push_back(g);
    } else {
      kept[key] = value;
    }
  }
  if (genres.size() > 0) kept["genres"] = std::move(genres);
  const std::string_view title = trim(record.text);
  if (ends_with_year(title)) kept["year"] = Json(std::stoi(std::string(title.substr(title.size() - 5, 4))));
  record.attributes = std::move(kept);
}

}  // namespace

std::optional<Mapping> recognise_movielens(const Peek& peek, const ImportOptions& options) {
  if (peek.is_json) return std::nullopt;
  auto m = from_dat(peek);
  if (!m) m = from_100k(peek);
  if (!m) m = from_csv(peek);
  if (!m || (!options.kind.empty() && options.kind != m->kind)) return std::nullopt;
  return guess_table(peek, std::move(*m), options);
}

Batch read_movielens(const std::filesystem::path& file, const Mapping& mapping, const ImportOptions& options, const Run& run) {
  Batch batch = read_table(file, mapping, options, run);
  for (Record& item : batch.items) finish(item, true);
  for (Record& user : batch.users) finish(user, false);
  return batch;
}

}  // namespace attune::data
