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

// Has the attribute values, all of them numbers.
bool is_of_numbers(const rank::World& world, const std::string& name) {
  bool any = false;
  for (std::size_t i = 0; i < world.item_count(); ++i) {
    const Json* value = world.item(item_at(i)).attributes.find(name);
    if (value == nullptr || value->is_null()) continue;
    if (!value->is_number()) return false;
    any = true;
  }
  return any;
}

// "price < abc": letters and numbers have no order that anybody meant.
void ask_numbers(const rank::World& world, const rank::Filter::Node& node, bool zh, std::vector<rank::Note>& notes) {
  for (const rank::Filter::Node& child : node.children) ask_numbers(world, child, zh, notes);
  if (node.attribute.empty() || node.op == rank::Op::contains) return;
  for (const rank::Literal& value : node.values) {
    if (value.number || !is_of_numbers(world, node.attribute)) continue;
    notes.push_back({"filter", zh ? "“" + node.attribute + "”在每件商品中都是数字，而“" + value.text + "”不是：只能逐个字符比较"
                                  : "'" + node.attribute + "' is a number in every item and '" + value.text + "' is none: they are compared letter by letter", 0});
  }
}

}  // namespace

std::vector<rank::Note> unknown_attributes(const rank::World& world, const rank::Request& request) {
  std::vector<rank::Note> notes;
  const bool zh = request.language == "zh";
  const auto ask = [&](const std::string& stage, const std::string& name) {
    if (is_known(world, name)) return;
    const std::vector<std::string> known = known_names(world);
    const std::string near = nearest(name, known);
    std::string text = zh ? "没有商品带有属性“" + name + "”" : "no item has an attribute '" + name + "'";
    if (!near.empty()) text += zh ? "；您是不是指“" + near + "”？" : "; did you mean '" + near + "'?";
    else if (known.empty()) text += zh ? "；这里的商品没有属性" : "; items here have none";
    notes.push_back({stage, std::move(text), 0});
  };
  for (const std::string& name : rank::attributes_of(request.filter)) ask("filter", name);
  for (const auto& [name, most] : request.caps) ask("cap", name);
  if (request.filter.root() != nullptr) ask_numbers(world, *request.filter.root(), zh, notes);
  return notes;
}

}  // namespace attune::engine
