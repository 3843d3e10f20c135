// Filter nodes: comparing one value with what a filter asks for.
#include "attune/rank/filter_node.h"

#include <algorithm>
#include <charconv>

#include "attune/core/ascii.h"

namespace attune::rank {
namespace {

// < 0, 0, > 0. Numbers as numbers when both are, else by bytes.
int order(std::string_view entry, std::optional<double> number, const Literal& value) {
  if (number && value.number) return *number < *value.number ? -1 : *number > *value.number ? 1 : 0;
  return entry.compare(value.text);
}

}  // namespace


std::optional<double> as_number(std::string_view text) {
  double number = 0;
  const char* last = text.data() + text.size();
  if (text.empty()) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data() + (text.front() == '+' ? 1 : 0), last, number);
  if (error != std::errc() || end != last || !(number - number == 0)) return std::nullopt;
  return number;
}

bool matches(const Filter::Node& node, std::string_view entry, std::optional<double> number) {
  const auto same = [&](const Literal& value) { return order(entry, number, value) == 0; };
  switch (node.op) {
    case Op::equal:
    case Op::in: return std::any_of(node.values.begin(), node.values.end(), same);
    case Op::contains: return entry.find(node.values.front().text) != std::string_view::npos;
    case Op::less: return order(entry, number, node.values.front()) < 0;
    case Op::less_equal: return order(entry, number, node.values.front()) <= 0;
    case Op::greater: return order(entry, number, node.values.front()) > 0;
    case Op::greater_equal: return order(entry, number, node.values.front()) >= 0;
    case Op::exists: return true;
    default: return false;
  }
}

bool matches(const Filter::Node& node, const Json& entry) {
  if (entry.is_string()) return matches(node, lowered(entry.as_string()), as_number(entry.as_string()));
  if (entry.is_number()) return matches(node, entry.dump(), entry.as_number());
  if (entry.is_bool()) return matches(node, entry.as_bool() ? "true" : "false", std::nullopt);
  return false;
}

bool compare(const Filter::Node& node, const Json* value) {
  const bool is_there = value != nullptr && !value->is_null() && !(value->is_array() && value->size() == 0);
  if (node.op == Op::exists) return is_there != node.negated;
  if (!is_there) return false;
  bool any = false;
  if (value->is_array()) {
    for (const Json& entry : value->as_array()) any = any || matches(node, entry);
  } else {
    any = matches(node, *value);
  }
  return any != node.negated;
}

std::vector<std::string> attributes_of(const Filter& filter) {
  std::vector<std::string> names;
  std::vector<const Filter::Node*> left;
  if (filter.root() != nullptr) left.push_back(filter.root());
  while (!left.empty()) {
    const Filter::Node* node = left.back();
    left.pop_back();
    for (auto child = node->children.rbegin(); child != node->children.rend(); ++child) left.push_back(&*child);
    const std::string& name = node->attribute;
    if (!name.empty() && name != "name" && name != "text" && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

}  // namespace attune::rank
