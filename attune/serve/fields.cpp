// Fields: see the header.
#include "attune/serve/fields.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "attune/core/params.h"
#include "attune/core/printable.h"
#include "attune/serve/refusal.h"

namespace attune::serve {
namespace {

constexpr std::size_t kLongestName = 512;

std::string text_of(double x) {
  if (std::abs(x) >= 1e15) return x > 0 ? "any" : "any";
  std::string text = std::to_string(x);
  text.erase(text.find_last_not_of('0') + 1);
  if (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

[[noreturn]] void refuse(std::string_view field, const std::string& what, const std::string& got, const std::string& fix = "") {
  throw Refusal(400, "bad_field", std::string(field) + " must be " + what + ", not " + printable(got, Lines::escape, 100), std::string(field), fix);
}

std::string range(double least, double most) { return text_of(least) + ".." + text_of(most); }

std::string shown(const Json& value) { return value.dump(); }

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
    if (n == 0 || i + n > text.size()) return false;
    for (std::size_t k = 1; k < n; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    const auto next = n > 1 ? static_cast<unsigned char>(text[i + 1]) : 0u;
    if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f) || (c == 0xf0 && next < 0x90) || (c == 0xf4 && next > 0x8f)) return false;
    i += n;
  }
  return true;
}

const Json* present(const Json& object, std::string_view name) {
  const Json* value = object.find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

}  // namespace

std::int64_t query_integer(const HttpRequest& request, std::string_view name, std::int64_t absent, std::int64_t least, std::int64_t most) {
  const std::string* text = request.query_value(name);
  if (text == nullptr) return absent;
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (problem != std::errc{} || end != text->data() + text->size() || value < least || value > most)
    refuse(name, "a whole number in " + std::to_string(least) + ".." + std::to_string(most), "'" + *text + "'");
  return value;
}

double query_number(const HttpRequest& request, std::string_view name, double absent, double least, double most) {
  const std::string* text = request.query_value(name);
  if (text == nullptr) return absent;
  double value = 0;
  const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (problem != std::errc{} || end != text->data() + text->size() || !(value >= least && value <= most))
    refuse(name, "a number in " + range(least, most), "'" + *text + "'");
  return value;
}

bool query_flag(const HttpRequest& request, std::string_view name, bool absent) {
  const std::string* text = request.query_value(name);
  if (text == nullptr) return absent;
  if (*text == "true" || *text == "1" || *text == "yes" || text->empty()) return true;
  if (*text == "false" || *text == "0" || *text == "no") return false;
  refuse(name, "true or false", "'" + *text + "'");
}

std::string query_text(const HttpRequest& request, std::string_view name, std::string_view absent, std::size_t most_bytes) {
  const std::string* text = request.query_value(name);
  if (text == nullptr) return std::string(absent);
  if (!is_utf8(*text)) refuse(name, "UTF-8", "other bytes");
  if (text->size() > most_bytes) refuse(name, "at most " + std::to_string(most_bytes) + " bytes long", std::to_string(text->size()) + " bytes");
  return *text;
}

std::vector<std::string> query_list(const HttpRequest& request, std::string_view name) {
  std::vector<std::string> parts;
  for (const auto& [key, text] : request.query) {
    if (key != name) continue;
    parts.emplace_back();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size()) parts.back() += text[++i];
      else if (text[i] == ',') parts.emplace_back();
      else parts.back() += text[i];
    }
  }
  std::erase_if(parts, [](const std::string& p) { return p.empty(); });
  return parts;
}

Json body_object(const HttpRequest& request) {
  Json json;
  try {
    json = Json::parse(request.body, "the body");
  } catch (const Error& e) {
    throw Refusal(400, "bad_json", e.what(), "", "send one JSON object as UTF-8");
  }
  if (!json.is_object()) throw Refusal(400, "bad_json", "the body is no JSON object", "", "send one JSON object: {...}");
  return json;
}

void only(const Json& object, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : object.as_object()) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::vector<std::string> names(known.begin(), known.end());
    std::string fix = "it takes:";
    for (const std::string& k : names) fix += " " + k;
    if (const std::string near = nearest(key, names); !near.empty()) fix = "did you mean '" + near + "'?";
    throw Refusal(400, "unknown_field", "there is no field '" + printable(key, Lines::escape, 100) + "' here", key.substr(0, 100), fix);
  }
}

std::int64_t json_integer(const Json& object, std::string_view name, std::int64_t absent, std::int64_t least, std::int64_t most) {
  const Json* value = present(object, name);
  if (value == nullptr) return absent;
  if (!value->is_integer() || value->as_integer() < least || value->as_integer() > most)
    refuse(name, "a whole number in " + std::to_string(least) + ".." + std::to_string(most), shown(*value));
  return value->as_integer();
}

double json_number(const Json& object, std::string_view name, double absent, double least, double most) {
  const Json* value = present(object, name);
  if (value == nullptr) return absent;
  if (!value->is_number() || !(value->as_number() >= least && value->as_number() <= most)) refuse(name, "a number in " + range(least, most), shown(*value));
  return value->as_number();
}

bool json_flag(const Json& object, std::string_view name, bool absent) {
  const Json* value = present(object, name);
  if (value == nullptr) return absent;
  if (!value->is_bool()) refuse(name, "true or false", shown(*value));
  return value->as_bool();
}

std::string json_text(const Json& object, std::string_view name, std::string_view absent, std::size_t most_bytes) {
  const Json* value = present(object, name);
  if (value == nullptr) return std::string(absent);
  if (!value->is_string()) refuse(name, "a text", shown(*value));
  if (value->as_string().size() > most_bytes)
    refuse(name, "at most " + std::to_string(most_bytes) + " bytes long", std::to_string(value->as_string().size()) + " bytes");
  return value->as_string();
}

std::vector<std::string> json_list(const Json& object, std::string_view name, std::size_t most) {
  const Json* value = present(object, name);
  if (value == nullptr) return {};
  if (!value->is_array()) refuse(name, "a list of names", shown(*value));
  if (value->size() > most) refuse(name, "at most " + std::to_string(most) + " names", std::to_string(value->size()));
  std::vector<std::string> list;
  for (std::size_t i = 0; i < value->size(); ++i) {
    const Json& entry = value->as_array()[i];
    if (!entry.is_string()) refuse(std::string(name) + "[" + std::to_string(i) + "]", "a text", shown(entry));
    list.push_back(entry.as_string());
  }
  return list;
}

std::string checked_name(std::string name, std::string_view field) {
  if (name.empty()) refuse(field, "a name", "empty");
  if (name.size() > kLongestName) refuse(field, "at most " + std::to_string(kLongestName) + " bytes long", std::to_string(name.size()) + " bytes");
  if (!is_utf8(name)) refuse(field, "UTF-8", "other bytes");
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) refuse(field, "free of control characters", "'" + name + "'");
  return name;
}

}  // namespace attune::serve
