// List JSON: names and numbers of a list shown as the databases keep them, in one column of text. For the stores of this folder only.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attune::data {

std::string json_of(std::span<const float> numbers);
std::string json_of(std::span<const std::string> names);
// What is no number is 0. All throw Error: bad_data for text that is no list, names for what is no text.
std::vector<float> floats_of(std::string_view json);
std::vector<std::string> names_of(std::string_view json);

}  // namespace attune::data
