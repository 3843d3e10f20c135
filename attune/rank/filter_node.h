// Filter nodes: what a filter's text was parsed into, and how one value is compared. For those who look into a filter.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attune/core/json.h"
#include "attune/rank/filter.h"

namespace attune::rank {

enum class Op { all_of, any_of, none_of, equal, less, less_equal, greater, greater_equal, in, contains, exists };

struct Literal {
  std::string text;              // in lower case
  std::optional<double> number;  // when the text is one
};

struct Filter::Node {
  Op op = Op::exists;
  bool negated = false;            // != , not in, not contains: the attribute must be there, but no entry may match
  std::string attribute;           // of comparisons
  std::vector<Literal> values;     // one; several for `in`
  std::vector<Node> children;      // all_of, any_of: two or more; none_of (not): one
};

std::optional<double> as_number(std::string_view text);
// Does one entry match? `entry` is in lower case; `number` is its value when it is one.
bool matches(const Filter::Node& node, std::string_view entry, std::optional<double> number);
// The same for a JSON value that is no list (nested objects match nothing).
bool matches(const Filter::Node& node, const Json& entry);
// The whole comparison for an attribute's value; nullptr = the item has no such attribute.
bool compare(const Filter::Node& node, const Json* value);
// The attributes a filter names, each once, in order; without `name` and `text`, which every item has.
std::vector<std::string> attributes_of(const Filter& filter);

}  // namespace attune::rank
