// List JSON: see the header.
#include "attune/data/list_json.h"

#include "attune/core/json.h"

namespace attune::data {
namespace {

template <class T>
std::string dumped(std::span<const T> values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(Json(value));
  return list.dump();
}

}  // namespace

std::string json_of(std::span<const float> numbers) { return dumped(numbers); }
std::string json_of(std::span<const std::string> names) { return dumped(names); }

std::vector<float> floats_of(std::string_view json) {
  std::vector<float> numbers;
  const Json list = Json::parse(json);
  for (const Json& x : list.as_array()) numbers.push_back(x.is_number() ? static_cast<float>(x.as_number()) : 0);
  return numbers;
}

std::vector<std::string> names_of(std::string_view json) {
  std::vector<std::string> names;
  const Json list = Json::parse(json);
  for (const Json& name : list.as_array()) names.push_back(name.as_string());
  return names;
}

}  // namespace attune::data
