// Params: settings are a struct with defaults and one `visit`; parsing, help, forms and records all come from that.
//   struct Params {
//     int factors = 64;
//     template <class Visitor> void visit(Visitor& v) { v("factors", factors, "length of the vectors; 1..1024"); }
//   };
// Fields may be bool, int, std::int64_t, float, double or std::string.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "attune/core/error.h"
#include "attune/core/json.h"

namespace attune {

// One documented setting.
struct Setting {
  std::string name;
  std::string type;  // "bool", "int", "float", "string"
  Json standard;     // the default
  std::string help;
};

// The entry of `known` that looks most like `word` (edit distance), or "" when none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

namespace detail {
// Assigns `json` to `field`; throws Error: bad_request naming `name` when the type does not fit.
void assign(std::string_view name, const Json& json, bool& field);
void assign(std::string_view name, const Json& json, int& field);
void assign(std::string_view name, const Json& json, std::int64_t& field);
void assign(std::string_view name, const Json& json, float& field);
void assign(std::string_view name, const Json& json, double& field);
void assign(std::string_view name, const Json& json, std::string& field);
template <class T>
constexpr const char* type_name() {
  if constexpr (std::is_same_v<T, bool>) return "bool";
  else if constexpr (std::is_integral_v<T>) return "int";
  else if constexpr (std::is_floating_point_v<T>) return "float";
  else return "string";
}
[[noreturn]] void unknown_setting(std::string_view name, const std::vector<std::string>& known);
}  // namespace detail

// Every setting of P with its default and help, in the order visited.
template <class P>
std::vector<Setting> settings_of() {
  std::vector<Setting> list;
  P params;
  auto v = [&](std::string_view name, auto& field, std::string_view help) {
    Json standard;
    if constexpr (std::is_same_v<std::decay_t<decltype(field)>, std::int64_t>)
      standard = Json(static_cast<long long>(field));
    else
      standard = Json(field);
    list.push_back({std::string(name), detail::type_name<std::decay_t<decltype(field)>>(), standard, std::string(help)});
  };
  params.visit(v);
  return list;
}

// A P with the members of `json` (an object or null) put over its defaults. Strings are read as numbers or booleans
// where the field is one ("--set ease.lambda=200"). Throws Error: bad_request for an unknown key (naming the nearest)
// or a value of the wrong type.
template <class P>
P params_from(const Json& json) {
  P params;
  if (json.is_null()) return params;
  std::vector<std::string> known;
  auto v = [&](std::string_view name, auto& field, std::string_view) {
    known.emplace_back(name);
    if (const Json* given = json.find(name)) detail::assign(name, *given, field);
  };
  params.visit(v);
  for (const auto& [key, value] : json.as_object()) {
    bool is_known = false;
    for (const std::string& k : known) is_known = is_known || k == key;
    if (!is_known) detail::unknown_setting(key, known);
  }
  return params;
}

template <class P>
Json to_json(P params) {
  Json json = Json::object();
  auto v = [&](std::string_view name, auto& field, std::string_view) {
    if constexpr (std::is_same_v<std::decay_t<decltype(field)>, std::int64_t>)
      json[name] = Json(static_cast<long long>(field));
    else
      json[name] = Json(field);
  };
  params.visit(v);
  return json;
}

}  // namespace attune
