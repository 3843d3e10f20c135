// Json: a value that keeps the order of its keys; parsing and printing. The library behind it stays in json.cpp.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace attune {

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;  // in the order written; a key appears once

  Json() = default;  // null
  Json(std::nullptr_t) {}
  Json(bool v) : value_(v) {}
  Json(int v) : value_(static_cast<std::int64_t>(v)) {}
  Json(unsigned v) : value_(static_cast<std::int64_t>(v)) {}
  Json(long v) : value_(static_cast<std::int64_t>(v)) {}
  Json(unsigned long v) : value_(static_cast<std::int64_t>(v)) {}
  Json(long long v) : value_(static_cast<std::int64_t>(v)) {}
  Json(unsigned long long v) : value_(static_cast<std::int64_t>(v)) {}
  Json(double v) : value_(v) {}
  Json(float v);  // as short as brings the float back: 0.1f is 0.1
  Json(const char* v) : value_(std::string(v)) {}
  Json(std::string_view v) : value_(std::string(v)) {}
  Json(std::string v) : value_(std::move(v)) {}
  Json(Array v) : value_(std::move(v)) {}
  Json(Object v) : value_(std::move(v)) {}
  static Json array() { return Json(Array{}); }
  static Json object() { return Json(Object{}); }

  bool is_null() const noexcept { return value_.index() == 0; }
  bool is_bool() const noexcept { return value_.index() == 1; }
  bool is_integer() const noexcept { return value_.index() == 2; }
  bool is_number() const noexcept { return value_.index() == 2 || value_.index() == 3; }
  bool is_string() const noexcept { return value_.index() == 4; }
  bool is_array() const noexcept { return value_.index() == 5; }
  bool is_object() const noexcept { return value_.index() == 6; }

  // Each throws Error: bad_data when the value is of another type.
  bool as_bool() const;
  std::int64_t as_integer() const;  // also a double without a fraction
  double as_number() const;
  const std::string& as_string() const;
  const Array& as_array() const;
  const Object& as_object() const;

  const Json* find(std::string_view key) const noexcept;  // nullptr: not an object, or no such key
  const Json& at(std::string_view key) const;             // throws Error: bad_data naming the key
  Json& operator[](std::string_view key);                 // makes the key (and the object, from null)
  void push_back(Json v);                                 // makes the array from null
  std::size_t size() const noexcept;                      // of an array or object, else 0

  std::string dump(int indent = -1) const;  // -1: one line. Not-a-number and infinities become null; bad UTF-8 is replaced.
  // `where` names the source in errors ("settings.json"). Throws Error: bad_data with line and column.
  static Json parse(std::string_view text, std::string_view where = "JSON");

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value_ = nullptr;
};

}  // namespace attune
