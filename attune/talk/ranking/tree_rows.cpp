// The rows that trees look at, made of the figures of a question.
#include <limits>
#include <map>

#include "attune/rank/scores.h"
#include "attune/talk/ranking/learn.h"

namespace attune::talk::ranking {

rank::Scale scale_of_row(std::span<const float> figures) { return rank::scale_of(figures); }

std::vector<std::string> tree_columns(const std::vector<std::string>& names) {
  std::vector<std::string> columns;
  for (const std::string& name : names) columns.push_back("z:" + name);
  for (const std::string& name : names) columns.push_back("raw:" + name);
  columns.insert(columns.end(), {"turns", "named"});
  return columns;
}

Matrix tree_rows(const std::vector<std::string>& names, const Matrix& figures, const Heard& heard, std::span<const ItemId> items,
                 const std::vector<std::string>& columns) {
  std::map<std::string, std::size_t, std::less<>> at;
  for (std::size_t f = 0; f < names.size(); ++f) at[names[f]] = f;
  Matrix rows(items.size(), columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::size_t colon = columns[c].find(':');
    const std::string kind = columns[c].substr(0, colon);
    if (kind == "turns" || kind == "named") {
      const auto count = static_cast<float>(kind == "turns" ? heard.turns.size() : heard.named.size());
      for (std::size_t i = 0; i < items.size(); ++i) rows(i, c) = count;
      continue;
    }
    const auto figure = at.find(columns[c].substr(colon + 1));
    const rank::Scale scale = figure == at.end() || kind == "raw" ? rank::Scale{} : scale_of_row(figures.row(figure->second));
    for (std::size_t i = 0; i < items.size(); ++i)
      rows(i, c) = figure == at.end() ? std::numeric_limits<float>::quiet_NaN()
                   : scale.sd == 0    ? 0.0f
                                      : static_cast<float>((figures(figure->second, to_index(items[i])) - scale.mean) / scale.sd);
  }
  return rows;
}

bool is_left_out(const std::string& name, const std::vector<std::string>& without) {
  return std::any_of(without.begin(), without.end(), [&](const std::string& one) {
    return one == name || (one.ends_with('*') && name.starts_with(one.substr(0, one.size() - 1)));
  });
}

}  // namespace attune::talk::ranking
