// Attribute names: looked for in the catalogue as it is now, items put after the fit included.
#include "attune/engine/attribute_names.h"

#include <set>
#include <string>

#include "attune/core/params.h"
#include "attune/rank/filter_node.h"

namespace attune::engine {
namespace {

bool is_known(const rank::World& world, const std::string& name) {
  for (std::size_t i = 0; i < world.item_count(); ++i)
    if (world.item(item_at(i)).attributes.find(name) != nullptr) return true;
  return false;
}

std::vector<std::string> known_names(const rank::World& world) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < world.item_count(); ++i) {
    const Json& attributes = world.item(item_at(i)).attributes;
    if (!attributes.is_object()) continue;
    for (const auto& [name, value] : attributes.as_object()) names.insert(name);
  }
  return {names.begin(), names.end()};
}

}  // namespace

std::vector<rank::Note> unknown_attributes(const rank::World& world, const rank::Request& request) {
  std::vector<rank::Note> notes;
  const auto ask = [&](const std::string& stage, const std::string& name) {
    if (is_known(world, name)) return;
    const std::vector<std::string> known = known_names(world);
    const std::string near = nearest(name, known);
    std::string text = "no item has an attribute '" + name + "'";
    if (!near.empty()) text += "; did you mean '" + near + "'?";
    else if (known.empty()) text += "; items here have none";
    notes.push_back({stage, std::move(text), 0});
  };
  for (const std::string& name : rank::attributes_of(request.filter)) ask("filter", name);
  for (const auto& [name, most] : request.caps) ask("cap", name);
  return notes;
}

}  // namespace attune::engine
