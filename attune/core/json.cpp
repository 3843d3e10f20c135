// Json: nlohmann's parser feeds our value through its SAX interface; printing is ours.
#include "attune/core/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "attune/core/error.h"

namespace attune {
namespace {

constexpr int kMaxDepth = 200;  // deeper input is an attack, not data

class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Json root;
  std::string problem;

  bool null() override { return put(Json()); }
  bool boolean(bool v) override { return put(Json(v)); }
  bool number_integer(std::int64_t v) override { return put(Json(static_cast<long long>(v))); }
  bool number_unsigned(std::uint64_t v) override {
    return v <= INT64_MAX ? put(Json(static_cast<long long>(v))) : put(Json(static_cast<double>(v)));
  }
  bool number_float(double v, const std::string&) override { return put(Json(v)); }
  bool string(std::string& v) override { return put(Json(std::move(v))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& k) override {
    keys_.back() = std::move(k);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& e) override {
    problem = e.what();
    position_ = position;
    return false;
  }
  std::size_t position() const { return position_; }

 private:
  bool put(Json v) {
    if (stack_.empty())
      root = std::move(v);
    else if (stack_.back().is_array())
      stack_.back().push_back(std::move(v));
    else
      stack_.back()[keys_.back()] = std::move(v);
    return true;
  }
  bool open(Json v) {
    if (stack_.size() >= kMaxDepth) {
      problem = "nested more than " + std::to_string(kMaxDepth) + " deep";
      return false;
    }
    stack_.push_back(std::move(v));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    Json v = std::move(stack_.back());
    stack_.pop_back();
    keys_.pop_back();
    return put(std::move(v));
  }
  std::vector<Json> stack_;
  std::vector<std::string> keys_;
  std::size_t position_ = 0;
};

[[noreturn]] void wrong_type(const char* wanted) { throw Error(Code::bad_data, std::string("expected ") + wanted + " in JSON"); }

// Also DEL and U+0080..U+009F as escapes: JSON allows them bare, but terminals obey some of them.
void print_string(std::string& out, const std::string& s) {
  const auto stands_for_itself = [](unsigned char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  if (std::all_of(s.begin(), s.end(), stands_for_itself)) {   // nearly all: a tenth of the time
    out += '"';
    out += s;
    out += '"';
    return;
  }
  const std::string quoted = nlohmann::json(s).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    const auto c = static_cast<unsigned char>(quoted[i]);
    const bool is_c1 = c == 0xc2 && static_cast<unsigned char>(quoted[i + 1]) < 0xa0;  // replaced to UTF-8 above: never last
    if (c != 0x7f && !is_c1) {
      out += quoted[i];
      continue;
    }
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", is_c1 ? static_cast<unsigned char>(quoted[++i]) : c);
    out += escape;
  }
}

void print_number(std::string& out, double v) {
  if (!std::isfinite(v)) {
    out += "null";
    return;
  }
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  out.append(buffer, end);
}

void print(std::string& out, const Json& v, int indent, int depth) {
  const auto line = [&](int d) {
    if (indent >= 0) out += '\n' + std::string(static_cast<std::size_t>(indent * d), ' ');
  };
  if (v.is_null()) out += "null";
  else if (v.is_bool()) out += v.as_bool() ? "true" : "false";
  else if (v.is_integer()) out += std::to_string(v.as_integer());
  else if (v.is_number()) print_number(out, v.as_number());
  else if (v.is_string()) print_string(out, v.as_string());
  else if (v.is_array()) {
    out += '[';
    bool first = true;
    for (const Json& x : v.as_array()) {
      if (!std::exchange(first, false)) out += indent >= 0 ? "," : ", ";
      line(depth + 1);
      print(out, x, indent, depth + 1);
    }
    if (!first) line(depth);
    out += ']';
  } else {
    out += '{';
    bool first = true;
    for (const auto& [key, x] : v.as_object()) {
      if (!std::exchange(first, false)) out += indent >= 0 ? "," : ", ";
      line(depth + 1);
      print_string(out, key);
      out += ": ";
      print(out, x, indent, depth + 1);
    }
    if (!first) line(depth);
    out += '}';
  }
}

}  // namespace

Json::Json(float v) : value_(static_cast<double>(v)) {
  if (!std::isfinite(v)) return;
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, v).ptr;
  double shortest = 0;
  std::from_chars(text, end, shortest);
  value_ = shortest;
}
bool Json::as_bool() const {
  if (const auto* v = std::get_if<bool>(&value_)) return *v;
  wrong_type("true or false");
}
std::int64_t Json::as_integer() const {
  if (const auto* v = std::get_if<std::int64_t>(&value_)) return *v;
  if (const auto* v = std::get_if<double>(&value_); v != nullptr && std::abs(*v) < 0x1p53 && *v == std::trunc(*v))
    return static_cast<std::int64_t>(*v);
  wrong_type("a whole number");
}
double Json::as_number() const {
  if (const auto* v = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*v);
  if (const auto* v = std::get_if<double>(&value_)) return *v;
  wrong_type("a number");
}
const std::string& Json::as_string() const {
  if (const auto* v = std::get_if<std::string>(&value_)) return *v;
  wrong_type("a string");
}
const Json::Array& Json::as_array() const {
  if (const auto* v = std::get_if<Array>(&value_)) return *v;
  wrong_type("an array");
}
const Json::Object& Json::as_object() const {
  if (const auto* v = std::get_if<Object>(&value_)) return *v;
  wrong_type("an object");
}
const Json* Json::find(std::string_view key) const noexcept {
  if (const auto* object = std::get_if<Object>(&value_))
    for (const Member& m : *object)
      if (m.first == key) return &m.second;
  return nullptr;
}
const Json& Json::at(std::string_view key) const {
  if (const Json* v = find(key)) return *v;
  throw Error(Code::bad_data, "the JSON object has no \"" + std::string(key) + "\"");
}
Json& Json::operator[](std::string_view key) {
  if (is_null()) value_ = Object{};
  if (!is_object()) wrong_type("an object");
  auto& object = std::get<Object>(value_);
  for (Member& m : object)
    if (m.first == key) return m.second;
  return object.emplace_back(std::string(key), Json()).second;
}
void Json::push_back(Json v) {
  if (is_null()) value_ = Array{};
  if (!is_array()) wrong_type("an array");
  std::get<Array>(value_).push_back(std::move(v));
}
std::size_t Json::size() const noexcept {
  if (const auto* a = std::get_if<Array>(&value_)) return a->size();
  if (const auto* o = std::get_if<Object>(&value_)) return o->size();
  return 0;
}
std::string Json::dump(int indent) const {
  std::string out;
  print(out, *this, indent, 0);
  return out;
}
Json Json::parse(std::string_view text, std::string_view where) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder))
    throw Error(Code::bad_data, std::string(where) + ": not readable as JSON: " +
                                    (builder.problem.empty() ? "unexpected content" : builder.problem));
  return std::move(builder.root);
}

}  // namespace attune
