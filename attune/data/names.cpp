// Names in order: see the header.
#include "attune/data/names.h"

#include <set>

namespace attune::data {

std::vector<std::string> names_of(const Store& store, Kind kind, std::string_view prefix, std::string_view after, std::size_t most) {
  if (const auto* ordered = dynamic_cast<const OrderedNames*>(&store)) return ordered->names(kind, prefix, after, most);
  std::set<std::string> all;
  const auto take = [&](const std::string& name) {
    if (name > after && name.starts_with(prefix)) all.insert(name);
    if (all.size() > most) all.erase(std::prev(all.end()));
  };
  store.read_records(kind, [&](const Record& record) { take(record.name); });
  store.read_events(0, [&](const StoredEvent& stored) { take(kind == Kind::user ? stored.event.user : stored.event.item); });
  return {all.begin(), all.end()};
}

}  // namespace attune::data
