// JSON tables: which keys are which fields, from the first objects (see json_table.h).
#include <algorithm>
#include <map>

#include "attune/core/error.h"
#include "attune/data/json_table.h"
#include "attune/data/values.h"

namespace attune::data {

Mapping guess_json(const Peek& peek, Mapping m, const ImportOptions& options) {
  m.compression = peek.compression;
  m.encoding = peek.encoding;
  m.time_zone = options.time_zone;
  m.separator.clear();
  m.is_quoted = false;
  if (!m.time_zone.empty()) parse_zone(m.time_zone);
  std::vector<std::string> keys;
  std::string why;
  const std::vector<Json> objects = sample_objects(peek, 200, &why);
  if (objects.empty())
    throw Error(Code::bad_data, "'" + peek.file.string() + "' begins like JSON, but no object can be read in its first rows" +
                                    (why.empty() ? "" : " (" + why + ")") + "; expected one object a line, or an array of objects");
  std::vector<std::string> top;  // keys that are no paths
  for (const Json& o : objects)
    for (const auto& [key, value] : o.as_object()) {
      if (std::find(top.begin(), top.end(), key) == top.end()) top.push_back(key);
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
      if (value.is_object())  // paths may be mapped, though they are not guessed
        for (const auto& [inner, ignored] : value.as_object())
          if (std::string path = key + "." + inner; std::find(keys.begin(), keys.end(), path) == keys.end()) keys.push_back(std::move(path));
    }
  Table rows;
  for (const Json& o : objects) {
    std::vector<std::string>& row = rows.emplace_back();
    for (const std::string& key : keys) {
      const Json* value = o.find(key);
      row.push_back(!value || value->is_null() ? "" : value->is_string() ? value->as_string() : value->dump());
    }
  }
  const bool is_certain = !m.columns.empty();
  if (!is_certain) {
    guess_columns(m, keys, rows, options, peek.file.string());
    for (auto it = m.columns.begin(); it != m.columns.end();) {  // members of an attribute that is kept whole
      const bool is_inner = it->first == it->second && std::find(top.begin(), top.end(), it->second) == top.end();
      it = is_inner && !options.map.count(it->first) ? m.columns.erase(it) : std::next(it);
    }
    if (m.kind == "items" || m.kind == "users") {
      m.columns["*"] = "*";  // keys that come up later in the file
      for (const auto& [field, column] : options.map)
        if (column == "-") m.columns[field] = "-";
    }
  } else {
    guess_columns(m, keys, rows, options, peek.file.string());
  }
  std::map<std::string, std::string> ids;  // JSON has types of its own: only those of ids say anything new
  for (const auto& [field, type] : m.types)
    if (field == "item" || field == "user") ids[field] = type;
  m.types = std::move(ids);
  if (!options.event_type.empty()) m.event_type = options.event_type;
  return m;
}

}  // namespace attune::data
